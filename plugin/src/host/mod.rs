//! The component's side of the contract: adapters from WIT imports to the ports, and from the core's
//! answers to WIT exports. Compiled for WebAssembly only; nothing here decides anything.

mod bindings;
mod conflicts;
mod consent;
mod contact_store;
mod convert;
mod exports;
mod failure;
mod notify;
mod plan_sink;
mod trust;

use bindings::imports as contract;

use guest_kit::wasi::{
    HostClock, HostControl, HostEntropy, HostHttp, HostSecrets, HostSigning, HostTokens,
};
use sync_core as connector;

use crate::imports::Imports;

/// Runs a call with the component's imports.
fn with_imports<T>(call: impl FnOnce(Imports<'_>) -> T) -> T {
    let clock = HostClock::start();
    call(Imports {
        http: &HostHttp,
        store: &contact_store::HostStore,
        state: &contact_store::HostState,
        plan: &plan_sink::HostPlan,
        secrets: &HostSecrets,
        signing: &HostSigning,
        tokens: &HostTokens,
        clock: &clock,
        entropy: &HostEntropy,
        control: &HostControl,
        consent: &consent::HostConsent,
        notifications: &notify::HostTarget,
    })
}
