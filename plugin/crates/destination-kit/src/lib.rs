//! A store of contacts over a service that has contacts and nothing else of what a store promises.
//!
//! `contact-store` and `state` of the contract promise links and bases, versions that never return, a journal,
//! rounds, notes and a state. A product with an interface behind HTTP has none of these. This crate has them,
//! and asks for two things: a [`Destination`](destination::Destination), which reads and writes the records
//! of one service, and a small durable memory.
//!
//! It knows no WASI and does no I/O: everything outside is a trait, and all of it is tested natively.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod contract;
pub mod destination;
pub mod drive;
pub mod exchange;
mod width;

pub use exchange::{Exchanges, Repeat};
pub use width::MOST_AT_ONCE;
