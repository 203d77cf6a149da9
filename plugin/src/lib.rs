//! Keeps a host platform's contacts in step with a Microsoft Entra ID directory.
//!
//! What is decided is decided elsewhere: [`sync_core`] keeps contacts in step with any directory, and
//! [`entra_directory`] is the one of Microsoft, whose users [`entra_users`] reads. Here is what belongs to this connector: its configuration
//! document ([`config`]), what it says of itself ([`describe`]), the entry points ([`calls`],
//! [`configure`]), and the shell (`host`, for WebAssembly only), which turns the imports of `wit/` into
//! the traits that all of this is written against, and its answers into the exports.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod calls;
pub mod codes;
pub mod config;
pub mod configure;
mod connection_test;
pub mod describe;
pub mod imports;
mod prepared;

#[cfg(target_family = "wasm")]
mod host;

#[cfg(test)]
mod calls_tests;
#[cfg(test)]
mod mapping_tests;
#[cfg(test)]
mod page_tests;
#[cfg(test)]
mod partitions_tests;
#[cfg(test)]
mod reading_ahead_tests;
#[cfg(test)]
mod test_host;
