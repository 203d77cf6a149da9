//! Bindings generated from the contract; WASI comes from a crate of its own.

#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    reason = "generated from wit/, where every item is documented"
)]
#![allow(clippy::allow_attributes_without_reason, reason = "generated code")]

wit_bindgen::generate!({
    path: "../../../wit",
    world: "guest",
    additional_derives: [PartialEq],
});

pub(crate) use contact_sync::connector as imports;
pub(crate) use exports::contact_sync::connector::{connector as exported, trust};

// Native code has no such exports (https://github.com/bytecodealliance/wit-bindgen/issues/1020).
#[cfg(target_family = "wasm")]
export!(Component with_types_in self);

/// The component. It keeps nothing between calls.
pub struct Component;
