//! What a platform gives to a connector: one trait for each interface that a component imports.
//!
//! The methods of [`ContactStore`], [`State`], [`PlanSink`] and [`Ledger`] are ordinary blocking functions, as
//! database clients are. A runtime calls them where they may block, one at a time for a call, and never
//! abandons one that has begun.

mod connector_store;
mod contact_store;
mod ledger;
mod plan_sink;
mod run_control;
mod secrets;
mod signing;
mod state;
mod token_cache;

pub use connector_store::ConnectorStore;
pub use contact_store::{ContactStore, Tell};
pub use ledger::{Ledger, NoLedger};
pub use plan_sink::PlanSink;
pub use run_control::{RunControl, Silent};
pub use secrets::{NoSecrets, Secret, SecretHandle, Secrets, SecretsInMemory};
pub use signing::{NoSigning, Signer, SignerHandle, Signing};
pub use state::State;
pub use token_cache::{KeptToken, NoTokens, TokenCache};
