//! A store of contacts over a service that has contacts and nothing else of what a store promises.
//!
//! `contact-store` and `state` of the contract promise links and bases, versions that never return, a journal,
//! rounds, notes and a state. A product with an interface behind HTTP has none of these. This crate has them,
//! and asks for two things: a [`Destination`](destination::Destination), which reads and writes the records
//! of one service, and a small durable memory.
//!
//! It does no I/O: everything outside is a trait, and all of it is tested natively. What turns a destination into a
//! component is `component`, which exists for WebAssembly only; a destination says as a
//! [`Service`] what it is and how it begins.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod address;
mod apply;
mod canonical;
#[cfg(target_family = "wasm")]
pub mod component;
pub mod contract;
mod decide;
pub mod destination;
pub mod drive;
pub mod exchange;
mod history;
mod keep;
mod keys;
mod known;
pub mod ledger;
mod lists;
mod perform;
mod reading;
mod records;
mod recover;
mod recovery;
mod remembered;
mod reversal;
mod rounds;
mod rules;
pub mod service;
pub mod settings;
mod settle;
mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod turns;
mod unanswered;
mod version;
mod view;
mod width;

pub use address::Address;
pub use drive::together;
pub use exchange::{Exchanges, Repeat};
pub use keep::Retention;
pub use ledger::{Committed, Expectation, Ledger};
pub use service::{Opening, Service};
pub use settings::Members;
pub use store::Store;
pub use turns::{Turn, Turns};
pub use unanswered::Unanswered;
pub use width::MOST_AT_ONCE;
