//! The stand-in for a platform: everything that hosts the Entra ID contact connector, in one program.
//!
//! The binary and its commands ([`cli`]) are here; the rest are crates of their own, which this one
//! names so that a test, or somebody who tries the connector out, needs to name no other. Whoever
//! embeds the connector in a platform needs [`runtime`], and implements the traits in
//! [`contract::imports`], as [`store`] does.

pub mod cli;

pub use connector_artifacts as component;
pub use connector_contract as contract;
pub use connector_runtime as runtime;
pub use graph_emulator;
pub use messagemedia_emulator;
pub use schedule;
pub use server;
pub use store_api;
pub use store_sqlite as store;
pub use sync_runner::grant;
pub use vault;
