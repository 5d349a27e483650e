//! The groups that rows are in: a text for each thing that they are grouped by, or none where a row says nothing.

use compact_str::CompactString;

use super::value::Value;

/// The values of a group, laid down: as a key they are told apart by their bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group(Vec<u8>);

/// Most bytes of one value that are kept apart.
const LONGEST_BYTES: usize = 255;

impl Group {
    /// No group at all: that of an analysis that groups by nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds what a row says.
    pub fn push(&mut self, value: &Value<'_>) {
        match value {
            Value::Absent | Value::List(_) => self.0.push(0),
            Value::Truth(truth) => self.push_text(if *truth { "true" } else { "false" }),
            Value::Number(number) => self.push_text(&number.to_string()),
            Value::Moment(at) => self.push_text(&at.to_string()),
            Value::Text(text) => self.push_text(text),
        }
    }

    /// Adds a value, or none.
    pub fn push_kept(&mut self, value: Option<&str>) {
        match value {
            Some(text) => self.push_text(text),
            None => self.0.push(0),
        }
    }

    fn push_text(&mut self, text: &str) {
        let mut end = text.len().min(LONGEST_BYTES - 1);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text.get(..end).unwrap_or_default();
        self.0.push(text.len() as u8 + 1);
        self.0.extend_from_slice(text.as_bytes());
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A group of its bytes; `None` when they are none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let group = Self(bytes.to_vec());
        group.read().map(|_| group)
    }

    /// The values, in the order in which they were added.
    #[must_use]
    pub fn values(&self) -> Vec<Option<CompactString>> {
        self.read().unwrap_or_default()
    }

    fn read(&self) -> Option<Vec<Option<CompactString>>> {
        let (mut rest, mut values) = (self.0.as_slice(), Vec::new());
        while let Some((length, behind)) = rest.split_first() {
            let Some(length) = usize::from(*length).checked_sub(1) else {
                values.push(None);
                rest = behind;
                continue;
            };
            let (text, behind) = behind.split_at_checked(length)?;
            values.push(Some(std::str::from_utf8(text).ok()?.into()));
            rest = behind;
        }
        Some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_said_is_told_from_an_empty_text() {
        let mut group = Group::none();
        [Value::text(""), Value::Absent, Value::Number(7.0), Value::Truth(true)].iter().for_each(|it| group.push(it));
        let read = Group::from_bytes(group.as_bytes()).unwrap();
        assert_eq!(read.values(), [Some("".into()), None, Some("7".into()), Some("true".into())]);
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        let mut group = Group::none();
        group.push(&Value::text(&"é".repeat(200)));
        assert_eq!(group.values(), [Some("é".repeat(127).into())]);
    }
}
