//! Floor 2. Rows of events in time order, paging and filters; and what all events together amount to.
//!
//! Every event is a row under its strand, in the order of `occurred_at` and then of position, so that a late event takes
//! its place. A customer's timeline is the merge of their strands' rows. The row holds the event as it was stored, sealed
//! part and all: one range of rows is all that a context or a page needs.

mod blocks;
mod cursor;
mod entry;
mod filter;
mod merge;
mod page;
mod rows;
mod since;

pub use blocks::{BLOCK_EVENTS, BlockCount, Blocks, Totals, block_of, block_rows};
pub use cursor::Cursor;
pub use entry::{Entry, Stored};
pub use filter::{EventFilter, TimelineFilter};
pub use merge::{Merged, Span};
pub use page::{Page, PageArgs, count, groups, page};
pub use rows::Timeline;
pub use since::{Earliest, Place};
