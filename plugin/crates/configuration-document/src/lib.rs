//! What component and host both read is read here, once.
//!
//! The component validates a configuration document; its host reads three things of the same text
//! before that: which hosts it may grant, whether the document names endpoints of its own, and when to
//! sync. Two readers of one text disagree sooner or later, and then the host refuses what the component
//! finds right. So both take the text, the JSON, the endpoints, the schedule and the value of a secret
//! from this crate, which knows neither of them: it is pure, and has no error that says more than its
//! reader may know.
//!
//! ```
//! use configuration_document::{Outline, text};
//!
//! let bytes = b"\xEF\xBB\xBF{ \"tenant\": { \"cloud\": \"china\" } }";
//! let outline = Outline::read(text::decode(bytes)?)?;
//! assert_eq!(outline.cloud(), Some("china"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod cron;
pub mod endpoint;
pub mod names;
mod node;
mod outline;
mod schedule;
pub mod secret;
pub mod text;

pub use node::{Malformed, Node, Repeated, member, object};
pub use outline::{Outline, Target};
pub use schedule::{Schedule, ScheduleError};
