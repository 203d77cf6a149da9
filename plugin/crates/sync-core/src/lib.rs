//! Keeps the contacts of a host platform in step with a directory.
//!
//! The crate has the order in which things happen, what they decide is `sync-decisions`'s. It reaches the outside through the traits of [`ports`] alone: the contacts of one
//! workspace, and the directory as a source of pages, of changes, and of answers about single people. It
//! knows neither the directory's service nor WASI, so all of it is tested natively.
//!
//! Data flows one way: pages -> [`mapping`]'s values -> [`reconcile`] -> store, with [`engine`] as the
//! pipeline that `plan` and `sync` share. What runs leave behind is in [`run`], and told in [`report`].

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod engine;
pub mod ports;
pub mod report;
pub mod run;

pub use sync_decisions::{contact, mapping, reconcile, settings};
