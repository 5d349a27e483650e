//! What a definition has to keep that takes the place of one of the store: the pages read its groups, figures and bucket.

use super::Definition;
use crate::written::{Mistake, Mistakes};

impl Definition {
    /// Whether everything that is read of another definition is read of this one as well, so that it can take its place.
    ///
    /// # Errors
    /// [`Mistakes`] names what is missing.
    pub fn can_replace(&self, other: &Self) -> Result<(), Mistakes> {
        let mut mistakes = Vec::new();
        let mut lacks = |part: &str, missing: Vec<&str>| {
            if !missing.is_empty() {
                let named: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
                let reason = format!(
                    "lacks {}: this takes the place of the store's `{}`, of which pages read that",
                    named.join(", "),
                    other.name
                );
                mistakes.push(Mistake::outside(
                    part,
                    reason,
                    "keep what the store's own has, or give yours another name",
                ));
            }
        };
        lacks("group_by", other.groups().filter(|name| !self.groups().any(|own| own == *name)).collect());
        lacks("[measures]", other.figures().filter(|name| !self.figures().any(|own| own == *name)).collect());
        if let Some(wanted) = other.bucket
            && !self.bucket.is_some_and(|own| wanted.holds(own))
        {
            lacks("bucket", vec![wanted.word()]);
        }
        if mistakes.is_empty() { Ok(()) } else { Err(Mistakes(mistakes)) }
    }
}
