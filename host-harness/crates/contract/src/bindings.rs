//! The host's side of the contract in `wit/`, generated.
//!
//! Imports may trap: the generated methods return `wasmtime::Result` around what the contract says,
//! and only a defect of the host, or a limit, uses the outer error.
//!
//! What a component may export beside the world `guest` has bindings of its own, and shares its types.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    reason = "generated from the contract, which is documented there"
)]

wasmtime::component::bindgen!({
    path: "../../../wit",
    world: "guest",
    imports: { default: async | trappable },
    exports: { default: async },
    additional_derives: [PartialEq, Eq],
    with: {
        "contact-sync:connector/secrets.secret": crate::imports::SecretHandle,
        "contact-sync:connector/signing.signer": crate::imports::SignerHandle,
    },
});

/// The world `notified`.
pub mod notified {
    wasmtime::component::bindgen!({
        path: "../../../wit",
        world: "notified",
        exports: { default: async },
        additional_derives: [PartialEq, Eq],
        with: {
            "contact-sync:connector/types": super::contact_sync::connector::types,
        },
    });
}

/// The world `asking`.
pub mod asking {
    wasmtime::component::bindgen!({
        path: "../../../wit",
        world: "asking",
        exports: { default: async },
        additional_derives: [PartialEq, Eq],
        with: {
            "contact-sync:connector/types": super::contact_sync::connector::types,
        },
    });
}

/// The world `destination-on-host`.
pub mod destination {
    wasmtime::component::bindgen!({
        path: "../../../wit",
        world: "destination-on-host",
        imports: { default: async | trappable },
        exports: { default: async },
        additional_derives: [PartialEq, Eq],
        with: {
            "contact-sync:connector/types": super::contact_sync::connector::types,
        },
    });
}
