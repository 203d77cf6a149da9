//! Bindings generated from the contract; WASI comes from a crate of its own.

#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    reason = "generated from wit/, where every item is documented"
)]
#![allow(clippy::allow_attributes_without_reason, reason = "generated code")]

wit_bindgen::generate!({
    path: "../wit",
    world: "notified-guest",
    with: {
        "contact-sync:connector/secrets@0.2.0": guest_kit::wasi::secrets_bindings,
        "contact-sync:connector/signing@0.2.0": guest_kit::wasi::signing_bindings,
        "contact-sync:connector/token-cache@0.2.0": guest_kit::wasi::token_cache_bindings,
        "contact-sync:connector/run-control@0.2.0": guest_kit::wasi::run_control_bindings,
    },
});

pub(super) use contact_sync::connector as imports;
pub(super) use exports::contact_sync::connector::{
    conflicts, connector as exported, notify, trust,
};

export!(Component with_types_in self);

/// The component. It keeps nothing between calls.
pub(super) struct Component;
