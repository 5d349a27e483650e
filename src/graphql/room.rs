//! How many bytes of texts and events answers hold: each one, and all that are being made at once. Fields are counted before a
//! request is carried out; how long what they give is shows only then.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use async_graphql::{Context, Result};

use super::errors::{Code, error};
use super::query::RequestPicture;

/// Most bytes of one answer: a page of a thousand entries of 32 KB each.
const MOST_OF_ONE: usize = 32 << 20;
/// Most bytes of all answers that are being made.
const MOST_OF_ALL: usize = 256 << 20;

/// What all answers of a server hold together.
#[derive(Debug, Default)]
pub(super) struct Room(AtomicUsize);

/// What one answer holds. It is given back when nobody keeps it any more.
#[derive(Clone, Debug, Default)]
pub struct Shown(Arc<Share>);

#[derive(Debug, Default)]
struct Share {
    bytes: AtomicUsize,
    of: OnceLock<Arc<Room>>,
}

impl Drop for Share {
    fn drop(&mut self) {
        if let Some(room) = self.of.get() {
            room.0.fetch_sub(*self.bytes.get_mut(), Ordering::Relaxed);
        }
    }
}

impl Shown {
    /// Adds bytes, and says why they do not fit when they do not.
    fn add(&self, bytes: usize, room: Option<&Arc<Room>>) -> Result<()> {
        if let Some(room) = room
            && bytes > 0
        {
            self.0.of.get_or_init(|| room.clone());
        }
        let own = self.0.bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        let all = self.0.of.get().map_or(0, |room| room.0.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes));
        if own > MOST_OF_ONE {
            let reason = format!("the answer has more than {} MB of texts and events", MOST_OF_ONE >> 20);
            return Err(error(Code::TooComplex, reason, "ask for fewer entries at once, and for each text once"));
        }
        if all > MOST_OF_ALL {
            let reason = format!("the answers being made have more than {} MB of texts and events", MOST_OF_ALL >> 20);
            return Err(error(Code::Unavailable, reason, "ask again in a moment, or for less at once"));
        }
        Ok(())
    }
}

/// Notes that so many bytes of texts or events go into the answer. What goes on has many answers: there `own` has what
/// the one that is being made holds.
///
/// # Errors
/// `TOO_COMPLEX` when it holds more than an answer may, `UNAVAILABLE` when all answers together do.
pub(super) fn note_shown(ctx: &Context<'_>, own: &OnceLock<Shown>, bytes: usize) -> Result<()> {
    let shown = ctx.data_opt::<RequestPicture>().map_or_else(|| own.get_or_init(Shown::default), RequestPicture::shown);
    shown.add(bytes, ctx.data_opt::<Arc<Room>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<()>) -> String {
        result.unwrap_err().extensions.unwrap().get("code").unwrap().to_string()
    }

    #[test]
    fn an_answer_and_all_of_them_hold_no_more_than_they_may_and_give_it_back() {
        let room = Arc::new(Room::default());
        let answers: Vec<Shown> = (0..MOST_OF_ALL / MOST_OF_ONE).map(|_| Shown::default()).collect();
        for answer in &answers {
            answer.add(MOST_OF_ONE, Some(&room)).unwrap();
        }
        assert_eq!(code(answers[0].add(1, Some(&room))), "\"TOO_COMPLEX\"");
        let one_more = Shown::default();
        assert_eq!(code(one_more.clone().add(1, Some(&room))), "\"UNAVAILABLE\"");
        drop(answers);
        one_more.add(1, Some(&room)).unwrap();
        drop(one_more);
        assert_eq!(room.0.load(Ordering::Relaxed), 0);
    }
}
