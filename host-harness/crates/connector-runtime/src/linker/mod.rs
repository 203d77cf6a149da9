//! The bindings of the contract's imports to a [`Workspace`](super::Workspace), one module an interface.
//!
//! The methods of a platform's store are ordinary blocking functions. They run on tokio's threads for
//! blocking work, one at a time for a call, and an operation that has begun is never abandoned: a call
//! that runs out of time ends once it has come back.

mod consent;
mod contact_store;
mod ledger;
mod notification_target;
mod plan_sink;
mod run_control;
mod secrets;
mod signing;
mod state;
mod target_settings;
mod token_cache;

use super::call_state::CallState;
use wasmtime::component::Linker;

/// Links all interfaces of the contract.
pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    contact_store::add_to_linker(linker)?;
    state::add_to_linker(linker)?;
    plan_sink::add_to_linker(linker)?;
    secrets::add_to_linker(linker)?;
    signing::add_to_linker(linker)?;
    token_cache::add_to_linker(linker)?;
    run_control::add_to_linker(linker)?;
    consent::add_to_linker(linker)?;
    notification_target::add_to_linker(linker)?;
    ledger::add_to_linker(linker)?;
    target_settings::add_to_linker(linker)
}
