//! Where a page ends: a place in time, so that events that arrive meanwhile neither repeat nor hide any.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::event::{Micros, Position};
use crate::views::Key;

/// The place of an entry. Opaque to clients: base64 of a version byte, the moment and the position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// When it happened.
    pub occurred_at: Micros,
    /// Where it stands in the log.
    pub position: Position,
}

const VERSION: u8 = 1;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = Key::new().bytes(&[VERSION]).micros(self.occurred_at).position(self.position).done();
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// The text is no cursor that this store gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "is no cursor of this store; use `pageInfo.endCursor`, `pageInfo.startCursor` or an edge's `cursor` as it was given"
)]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotACursor)?;
        if bytes.len() != 17 || bytes.first() != Some(&VERSION) {
            return Err(NotACursor);
        }
        let occurred_at = Key::micros_at(&bytes, 1).ok_or(NotACursor)?;
        let position = Key::position_at(&bytes, 9).ok_or(NotACursor)?;
        Ok(Self { occurred_at, position })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_goes_there_and_back() {
        let cursor = Cursor { occurred_at: Micros(-5), position: Position(88) };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in ["", "!", "AAAA", "AgAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(text.parse::<Cursor>(), Err(NotACursor), "{text}");
        }
    }
}
