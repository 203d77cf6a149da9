//! What is written to a tenant: values of people who are there, and invitations of guests.
//!
//! `request` can express these two and nothing else. `person` decides what of a write still stands, by comparing
//! with the person as read a moment ago; `answer` says what an answer to a write means, and `pace` how fast
//! they may follow each other. Those are pure; `update` and `invite` bring them together.
//!
//! Graph gives no version of a user that a write could be guarded by
//! (<https://learn.microsoft.com/graph/api/user-update>), takes an update as a whole or refuses it as a whole
//! without naming what it is about, and promises nothing about when a read shows it
//! (<https://devblogs.microsoft.com/identity/designing-for-eventual-consistency-for-microsoft-entra/>).

mod answer;
mod invite;
pub(super) mod pace;
mod person;
mod request;
mod update;

pub use invite::Inviting;
pub use pace::{DEFAULT_PACE, Pace};
