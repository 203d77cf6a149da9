//! What is written to a tenant: values of people who are there.
//!
//! `request` can express that and nothing else. `person` decides what of a write still stands, by comparing
//! with the person as read a moment ago; `held` is what that person holds, and what becomes of it as a whole where one
//! thing of it changes; `answer` says what an answer to a write means, and `pace` how fast
//! they may follow each other. Those are pure; `update` brings them together.
//!
//! Graph gives no version of a user that a write could be guarded by
//! (<https://learn.microsoft.com/graph/api/user-update>), takes an update as a whole or refuses it as a whole
//! without naming what it is about, and promises nothing about when a read shows it
//! (<https://devblogs.microsoft.com/identity/designing-for-eventual-consistency-for-microsoft-entra/>).

pub(super) mod answer;
mod held;
pub(super) mod pace;
mod person;
mod request;
mod update;
