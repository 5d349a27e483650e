//! Keys whose byte order is the order of what they hold.

use crate::event::{Micros, Position, SubjectId};

/// A key under construction. Numbers are laid down big-endian, signed ones with the sign bit turned, so that
/// comparing bytes compares values.
#[derive(Clone, Debug, Default)]
pub struct Key(Vec<u8>);

impl Key {
    /// An empty key.
    #[must_use]
    pub fn new() -> Self {
        Self(Vec::with_capacity(40))
    }

    /// Appends a strand.
    #[must_use]
    pub fn subject(mut self, subject: &SubjectId) -> Self {
        self.0.extend_from_slice(subject.as_bytes());
        self
    }

    /// Appends a moment.
    #[must_use]
    pub fn micros(mut self, at: Micros) -> Self {
        self.0.extend_from_slice(&((at.0 as u64) ^ (1 << 63)).to_be_bytes());
        self
    }

    /// Appends a position.
    #[must_use]
    pub fn position(self, position: Position) -> Self {
        self.number(position.0)
    }

    /// Appends a number.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Appends bytes as they are.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends a text and a zero byte, so that no text's keys lie among those of a longer one.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(0);
        self
    }

    /// The bytes.
    #[must_use]
    pub fn done(self) -> Vec<u8> {
        self.0
    }

    /// Reads a position from the eight bytes at `at`.
    #[must_use]
    pub fn position_at(key: &[u8], at: usize) -> Option<Position> {
        number_at(key, at).map(Position)
    }

    /// Reads a moment from the eight bytes at `at`.
    #[must_use]
    pub fn micros_at(key: &[u8], at: usize) -> Option<Micros> {
        number_at(key, at).map(|n| Micros((n ^ (1 << 63)) as i64))
    }

    /// Reads a strand from the sixteen bytes at `at`.
    #[must_use]
    pub fn subject_at(key: &[u8], at: usize) -> Option<SubjectId> {
        key.get(at..at.checked_add(16)?).and_then(SubjectId::from_slice)
    }

    /// The first key behind all that begin with `prefix`; `None` when there is none.
    #[must_use]
    pub fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
        let mut end = prefix.to_vec();
        while let Some(last) = end.pop() {
            if last < u8::MAX {
                end.push(last + 1);
                return Some(end);
            }
        }
        None
    }
}

/// Reads eight big-endian bytes.
fn number_at(key: &[u8], at: usize) -> Option<u64> {
    let bytes = key.get(at..at.checked_add(8)?)?;
    bytes.try_into().ok().map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_order_as_values_do() {
        let moments = [Micros(i64::MIN), Micros(-1), Micros(0), Micros(1), Micros(i64::MAX)];
        let keys: Vec<_> = moments.iter().map(|at| Key::new().micros(*at).done()).collect();
        assert!(keys.is_sorted());
        for (at, key) in moments.iter().zip(&keys) {
            assert_eq!(Key::micros_at(key, 0), Some(*at));
        }
    }

    #[test]
    fn the_key_behind_a_prefix_is_past_every_key_that_has_it() {
        assert_eq!(Key::behind(&[1, 2]), Some(vec![1, 3]));
        assert_eq!(Key::behind(&[1, 255]), Some(vec![2]));
        assert_eq!(Key::behind(&[255, 255]), None);
    }
}
