//! A wasmtime host for the Entra ID contact connector: the stand-in for a platform.
//!
//! A platform that embeds the connector needs [`runtime`] and an implementation of the traits in
//! [`contract::imports`], of which [`store`] is one. The rest is for tests and local runs: a local
//! Microsoft Graph in [`graph_emulator`], and the commands in [`cli`].

pub mod cli;
pub mod server;

pub use connector_artifacts as component;
pub use connector_contract as contract;
pub use connector_runtime as runtime;
pub use graph_emulator;
pub use schedule;
pub use store_sqlite as store;
pub use sync_runner::grant;
pub use vault;
