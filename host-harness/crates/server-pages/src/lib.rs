//! The pages: what the server tells, drawn as HTML.
//!
//! Every page is a pure function from the values in [`views`](api_types::views) to [`maud::Markup`]: no
//! clock, no store, no request. What a page shows is therefore what the API tells, and every state of
//! it can be drawn in a test.
//!
//! * Text is escaped by maud; nothing here marks text as trusted.
//! * A document holds no inline script, no inline style and no event handler, so that the strictest
//!   content security policy can stand. Sizes that depend on data are SVG attributes.
//! * Everything works without the script: forms post, details open, tables say what charts draw. The
//!   script adds updates by themselves, the viewer's time zone, arrow keys and Escape.
//! * Whatever is told by a colour is also told by a mark and a word.

mod access;
mod activity;
pub mod assets;
mod blocked;
mod conflicts;
mod contacts;
mod disconnect;
mod failure;
mod formatting;
mod forms;
mod icons;
mod layout;
mod ledger;
mod overview;
mod people;
mod progress;
mod removals;
mod setup;
#[cfg(test)]
mod tests;
mod undo;

pub use self::access::{sign_in, sign_in_confirm};
pub use self::activity::activity;
pub use self::blocked::blocked;
pub use self::conflicts::conflicts;
pub use self::contacts::contacts;
pub use self::disconnect::disconnect;
pub use self::failure::failure;
pub use self::forms::in_query;
pub use self::ledger::ledger;
pub use self::overview::{overview, overview_live};
pub use self::people::people;
pub use self::setup::{connect, consent, destination, mapping, review};
pub use self::undo::{undo, undoable};
