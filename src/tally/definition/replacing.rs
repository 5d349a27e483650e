//! What a definition has to keep that takes the place of one of the store: the pages read its groups, figures and bucket.

use super::Definition;
use crate::written::{Mistake, Mistakes};

impl Definition {
    /// Whether everything that is read of another definition is read of this one as well, so that it can take its place.
    ///
    /// # Errors
    /// [`Mistakes`] names what is missing.
    pub fn can_replace(&self, other: &Self) -> Result<(), Mistakes> {
        let mut lacks = Vec::new();
        let mut note = |part: &str, missing: Vec<&str>| {
            let missing: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
            if !missing.is_empty() {
                lacks.push(format!("{part} {}", missing.join(", ")));
            }
        };
        note("group_by", other.groups().filter(|name| !self.groups().any(|own| own == *name)).collect());
        let (numbers, own_numbers) = (other.numbers(), self.numbers());
        let is_kept = |name: &str| match numbers.contains(&name) {
            true => own_numbers.contains(&name),
            false => self.figures().any(|own| own == name),
        };
        note("[measures]", other.figures().filter(|name| !is_kept(name)).collect());
        if let Some(wanted) = other.bucket
            && !self.bucket.is_some_and(|own| wanted.holds(own))
        {
            note("bucket", vec![wanted.word()]);
        }
        if lacks.is_empty() {
            return Ok(());
        }
        let reason = format!(
            "this takes the place of the store's `{}`, of which pages read what it lacks (a number has to stay one): {}",
            other.name,
            lacks.join("; ")
        );
        let help = "keep what the store's own has (novelo analysis show), or give yours another name";
        Err(Mistakes(vec![Mistake::outside("replacing", reason, help)]))
    }

    /// The names of the figures that are numbers.
    fn numbers(&self) -> Vec<&str> {
        let numbers = self.figures.iter().filter(|(_, formula)| formula.is_number(&self.measures));
        numbers.map(|(name, _)| name.as_str()).collect()
    }
}
