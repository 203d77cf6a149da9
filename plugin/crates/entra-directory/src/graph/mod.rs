//! The Microsoft Graph client: everything the connector asks a directory, and everything a
//! directory can answer.
//!
//! [`client::Client`] is the one door. Behind it, each file holds one idea: [`link`] decides which
//! URLs may be followed, [`page`] reads a page without copying it, [`groups`] one of groups with their members,
//! [`lookup`] asks what became of people, [`reports`] who reports to them, [`partitions`] divides the list so that it can
//! be read side by side, [`subscriptions`] asks to be told of changes, [`writing`] changes people, [`inviting`] invites them, [`error`] enumerates what can go wrong, and the private rest is how a request is made
//! and repeated.
//!
//! Three things hold throughout:
//!
//! * The bearer token goes to the configured Graph root and nowhere else; the client secret, or what proves
//!   the application in its place, goes to the configured token endpoint and nowhere else.
//! * Decisions are made on status and error *code*, never on a message: Microsoft forbids it
//!   (<https://learn.microsoft.com/graph/errors>), and messages quote names and addresses. For the
//!   same reason no message is copied into an error.
//! * Time is measured with [`Clock::elapsed`](guest_kit::Clock::elapsed), so that a wall clock
//!   that jumps neither revives a token nor stretches a wait.

pub mod client;
pub mod error;
pub mod groups;
pub mod inviting;
pub mod link;
pub mod lookup;
pub mod organization;
pub mod page;
pub mod partitions;
pub mod reports;
pub mod subscriptions;
pub mod tenant;
pub mod writing;

mod batch;
mod client_assertion;
mod envelope;
mod exchange;
mod group_check;
mod jwt;
mod proof;
mod purpose;
mod refusal;
mod request_id;
mod sign_in;
mod token;
mod token_answer;
mod transient;
mod width;

#[cfg(test)]
mod test_script;

pub use width::MOST_AT_ONCE;

/// Writes a second, where nothing else is said.
pub(crate) const WRITES_A_SECOND: u32 = writing::pace::PER_SECOND;
