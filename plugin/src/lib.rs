//! Keeps a host platform's contacts in step with a Microsoft Entra ID directory.
//!
//! The crate is a pure core in a thin shell. The core decides: it compiles and is tested natively,
//! and reaches the outside through the traits of [`ports`] alone. The shell (`host`, for WebAssembly
//! only) turns the imports of `wit/` into those ports, and the core's answers into its exports.
//!
//! Data flows one way: [`graph`] pages -> [`mapping`] -> [`reconcile`] -> store, with [`engine`] as
//! the pipeline that `plan` and `sync` share.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod codes;
pub mod config;
pub mod contact;
pub mod describe;
pub mod engine;
pub mod graph;
mod json;
pub mod mapping;
mod ordered;
pub mod ports;
pub mod reconcile;
pub mod report;
pub mod run;
pub mod settings;

#[cfg(target_family = "wasm")]
mod host;
