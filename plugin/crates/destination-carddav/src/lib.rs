//! An address book behind CardDAV (RFC 6352) as a destination.
//!
//! A contact is a vCard of version 3.0 or 4.0 (RFC 2426, RFC 6350). **A card belongs to everybody who writes to it.**
//! So it is edited line by line: a line that a change does not name is written back as it was read, folds and
//! order included, and of one that it names nothing changes but the value. What each field is there, the README of
//! this crate says.
//!
//! **Every write has a condition.** A new card has a name that follows from what is to be made and is written only
//! where there is none of that name; one that is there is written and deleted only where its `ETag` is the one that
//! was read. So a request whose answer was lost is sent again without harm, and no change of somebody else is
//! overwritten.
//!
//! **What was written is read back.** Servers keep another text than the one that was sent, and some give an `ETag`
//! as if they had not.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod card;
mod carddav;
mod categories;
mod client;
#[cfg(target_family = "wasm")]
mod component;
mod discovery;
mod fields;
mod href;
mod line;
mod lists;
mod met;
mod multistatus;
mod reading;
mod record;
mod refusal;
mod target;
mod text;
mod values;
mod writing;

pub use carddav::CardDav;
pub use target::{Settings, describe};
