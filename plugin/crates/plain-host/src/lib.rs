//! What a host that knows WASI alone lacks of the contract, as one component that is plugged into a connector: together
//! with a destination and `ledger-fs` the connector then asks for nothing but WASI.
//!
//! | interface | what it is here |
//! |---|---|
//! | `secrets` | environment variables: the secret `client-secret` is `SECRET_CLIENT_SECRET` |
//! | `target-settings` | the environment variable `TARGET_SETTINGS`: the object at `/sync/target`, as JSON |
//! | `run-control` | a JSON object a line on standard error; a call is never stopped |
//! | `plan-sink` | in the ledger, the last plan |
//! | `consent` | the roots in the environment variable `ALLOWED_ENDPOINTS`, with spaces in between |
//! | `signing`, `token-cache`, `notification-target` | none |
//!
//! **What such a host gives up:** nobody audits the use of secrets, no certificate signs in, nobody tells of changes, and of
//! plans the last one alone can be approved. Each instance is for one call, as the contract has it: a plan begins with the
//! first thing that an instance asks about it.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

#[cfg(any(test, target_family = "wasm"))]
mod bindings;
#[cfg(target_family = "wasm")]
mod component;
mod environment;
#[cfg(any(test, target_family = "wasm"))]
mod log_line;
#[cfg(any(test, target_family = "wasm"))]
mod plans;
#[cfg(test)]
mod tests;

pub use environment::{ALLOWED_ENDPOINTS, TARGET_SETTINGS, allows, secret_variable};
