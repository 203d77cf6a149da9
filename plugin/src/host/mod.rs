//! The component's side of the contract: adapters from WIT imports to the ports, and from the core's
//! answers to WIT exports. Compiled for WebAssembly only; nothing here decides anything.

mod bindings;
mod clock;
mod consent;
mod contact_store;
mod convert;
mod exchange;
mod exports;
mod failure;
mod http;
mod plan_sink;
mod run_control;
mod secrets;
mod trust;

use bindings::imports as contract;

use crate as connector;
use crate::ports::Ports;

/// Runs a call with the component's imports as its ports.
fn with_ports<T>(call: impl FnOnce(Ports<'_>) -> T) -> T {
    let clock = clock::HostClock::start();
    call(Ports {
        http: &http::HostHttp,
        store: &contact_store::HostStore,
        state: &contact_store::HostState,
        plan: &plan_sink::HostPlan,
        secrets: &secrets::HostSecrets,
        clock: &clock,
        entropy: &clock::HostEntropy,
        control: &run_control::HostControl,
        consent: &consent::HostConsent,
    })
}
