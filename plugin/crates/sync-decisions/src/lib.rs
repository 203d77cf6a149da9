//! What to do about one person, and about a whole run: pure functions of values.
//!
//! A directory's user becomes a person in the words of the store ([`mapping`]); [`reconcile`] compares the
//! person with the contact and decides, by [`settings`] and by evidence. What may not happen cannot be
//! written with the types of [`contact`]: a removal has its evidence. Nothing here knows a port, a clock or
//! a directory.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod contact;
pub mod effects;
pub mod mapping;
pub mod names;
pub mod reconcile;
pub mod settings;
