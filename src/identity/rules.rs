//! The rules: which kinds of identifiers there are, and which evidence links.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use super::normal::Form;
use crate::event::{Identifier, IdentifierKind, Invalid, text::folded};

const DEFAULT: &str = include_str!("default-rules.toml");

/// From so many on, one repeated character is no value: 99999999999 is no telephone number, 111 may be a customer's.
/// Two zeroes or two x are enough.
const FEWEST_REPEATED: usize = 6;

/// What holds for the identifiers of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KindRule {
    /// An event is filed under the strongest of its identifiers.
    pub(super) strength: u16,
    /// How many strands of the kind evidence may bring together.
    pub(super) limit: usize,
    /// Several customers may have the same one.
    pub(super) shared: bool,
    /// Its normal form.
    pub(super) form: Form,
}

/// How identifiers are normalised and linked. The default is built in; its file explains every setting:
///
/// ```toml
#[doc = include_str!("default-rules.toml")]
/// ```
#[derive(Clone, Debug)]
pub struct IdentityRules {
    pub(super) region: phonenumber::country::Id,
    pub(super) max_strands: usize,
    junk: HashSet<String>,
    kinds: BTreeMap<String, (KindRule, Option<IdentifierKind>)>,
    other: KindRule,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    default_region: String,
    max_strands: usize,
    #[serde(default)]
    junk: Vec<String>,
    #[serde(default)]
    kinds: BTreeMap<String, FileKind>,
    other: FileKind,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileKind {
    strength: u16,
    limit: usize,
    #[serde(default)]
    shared: bool,
    form: Form,
    implies: Option<String>,
}

impl Default for IdentityRules {
    fn default() -> Self {
        // A test holds that the built-in file is valid; without it every kind would be taken as text.
        Self::from_toml(DEFAULT).unwrap_or_else(|_| Self {
            region: phonenumber::country::Id::BR,
            max_strands: 64,
            junk: HashSet::new(),
            kinds: BTreeMap::new(),
            other: KindRule { strength: 50, limit: 8, shared: false, form: Form::Text },
        })
    }
}

impl IdentityRules {
    /// Reads rules from a TOML file such as the built-in one.
    ///
    /// # Errors
    /// [`Invalid`] names the setting.
    pub fn from_toml(text: &str) -> Result<Self, Invalid> {
        let file: File = toml::from_str(text).map_err(|problem| {
            Invalid::new("identity_rules", problem.to_string(), "compare with the built-in rules")
        })?;
        let region = file.default_region.parse().map_err(|_| {
            let reason = format!("`{}` is no region", file.default_region);
            Invalid::new("default_region", reason, "write the two letters of ISO 3166, such as BR")
        })?;
        if file.max_strands < 2 {
            return Err(Invalid::new("max_strands", "is under 2", "write 2 or more"));
        }
        let kinds = file.kinds.into_iter().map(|(name, kind)| read_kind(name, kind)).collect::<Result<_, _>>()?;
        let junk = file.junk.iter().map(|value| folded(value.trim())).collect();
        Ok(Self { region, max_strands: file.max_strands, junk, kinds, other: rule(&file.other) })
    }

    /// What holds for a kind.
    pub(super) fn kind(&self, kind: &str) -> &KindRule {
        self.kinds.get(kind).map_or(&self.other, |(rule, _)| rule)
    }

    /// The kind of which the same value is an identifier as well.
    pub(super) fn implied(&self, kind: &IdentifierKind) -> Option<&IdentifierKind> {
        self.kinds.get(kind.as_str()).and_then(|(_, implied)| implied.as_ref())
    }

    /// Whether nobody is known by this value.
    pub(super) fn is_junk(&self, value: &str) -> bool {
        let value = value.trim();
        let letters = || value.chars().filter(|c| c.is_alphanumeric());
        let repeated = match letters().next() {
            Some(first) => {
                let enough = if matches!(first, '0' | 'x' | 'X') { 2 } else { FEWEST_REPEATED };
                letters().all(|c| c == first) && letters().count() >= enough
            }
            None => true,
        };
        repeated || self.junk.contains(&folded(value))
    }

    /// The order in which identifiers are taken: the strongest first, and the same order every time.
    pub(super) fn by_strength(&self, a: &Identifier, b: &Identifier) -> std::cmp::Ordering {
        let strength = |identifier: &Identifier| self.kind(identifier.kind().as_str()).strength;
        strength(b).cmp(&strength(a)).then_with(|| a.cmp(b))
    }
}

fn rule(kind: &FileKind) -> KindRule {
    KindRule { strength: kind.strength, limit: kind.limit.max(1), shared: kind.shared, form: kind.form }
}

fn read_kind(name: String, kind: FileKind) -> Result<(String, (KindRule, Option<IdentifierKind>)), Invalid> {
    let word = |text: &str, field: String| {
        IdentifierKind::new(text).map_err(|problem| Invalid::new(field, problem.to_string(), "write a short word"))
    };
    word(&name, format!("kinds.{name}"))?;
    let implied = kind.implies.as_deref().map(|text| word(text, format!("kinds.{name}.implies"))).transpose()?;
    let rule = rule(&kind);
    Ok((name, (rule, implied)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_file_is_valid() {
        let rules = IdentityRules::from_toml(DEFAULT).unwrap();
        assert_eq!(rules.kind("cpf").limit, 1);
        assert!(rules.kind("address").shared);
        assert_eq!(rules.kind("loyalty").strength, 50);
        assert_eq!(rules.implied(&IdentifierKind::WHATSAPP), Some(&IdentifierKind::PHONE));
    }

    #[test]
    fn junk_is_known_whatever_its_case() {
        let rules = IdentityRules::default();
        for junk in
            ["0000000", "NULL", "anonymous", "Não informado", "", " - ", "000.000.000-00", "xxx", "99999999999", "00"]
        {
            assert!(rules.is_junk(junk), "{junk}");
        }
        for fine in ["8812", "ana@example.com", "11", "a", "110", "111", "0", "44444"] {
            assert!(!rules.is_junk(fine), "{fine}");
        }
    }

    #[test]
    fn an_unknown_setting_and_a_wrong_region_are_refused() {
        let unknown = DEFAULT.replace("max_strands", "most_strands");
        assert!(IdentityRules::from_toml(&unknown).unwrap_err().reason.contains("most_strands"));
        let region = DEFAULT.replace("\"BR\"", "\"Brazil\"");
        assert_eq!(IdentityRules::from_toml(&region).unwrap_err().field, "default_region");
    }
}
