//! Guests of a tenant: who has an address already, and the one request that invites somebody.
//!
//! `accounts` looks for whoever has an address, in every way in which the directory keeps one; `questions` is what it
//! asks, as values. `invitation` is the request, which can express a guest and nothing else, and `answer` says what
//! became of one.

mod accounts;
mod answer;
mod invitation;
mod questions;
