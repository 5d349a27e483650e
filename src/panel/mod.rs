//! Floor 5. The pages, as bytes: the panel of an agent's desktop, the tour, those of supervisors and analysts, and the operations
//! that they send.
//!
//! | path | what it is |
//! |---|---|
//! | `/panel` | the customer's context as a page; in an `iframe` as well |
//! | `/panel/novelo-context.js` | the element `<novelo-context>`, for pages of others |
//! | `/panel/operations/NAME.graphql` | what the panel asks: the files of `graphql/operations` |
//! | `/tour` | the customers of the demonstration, and what each of them shows |
//! | `/journey` | the journey of all customers as a picture, and the figures of the day |
//! | `/analyses` | analyses: written, watched while they are built, seen as table and chart |
//!
//! The files stand in `web/` as the browser gets them: there is no build step. Nothing in them names an outside address,
//! and there is no script and no style inside a page, so that the pages can forbid both.

mod assets;
mod operations;
#[cfg(test)]
mod tests;

pub use assets::{Asset, MediaType, asset};
