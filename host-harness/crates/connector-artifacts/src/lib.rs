//! The components that a host is given, as the build script made them.
//!
//! A crate of its own, so that each is built once, and what does not need them does not wait for them.

use std::path::Path;

/// The connector. It is a part of this binary, which is therefore one file to deploy.
pub fn component_bytes() -> &'static [u8] {
    // Bytes that stand in the function are copied into every crate that it is inlined in.
    static COMPONENT: &[u8] = include_bytes!(env!("ENTRA_CONNECTOR_WASM"));
    COMPONENT
}

/// Where the build left the connector; meaningful only on the machine that built it.
pub fn component_path() -> &'static Path {
    Path::new(env!("ENTRA_CONNECTOR_WASM"))
}

/// The destinations that there are, each by the name with which a configuration chooses it.
pub const DESTINATIONS: [&str; 3] = ["carddav", "messagemedia", "scim"];

/// The destination of a name: a component that is plugged into the connector.
pub fn destination_bytes(name: &str) -> Option<&'static [u8]> {
    static CARDDAV: &[u8] = include_bytes!(env!("DESTINATION_CARDDAV_WASM"));
    static MESSAGEMEDIA: &[u8] = include_bytes!(env!("DESTINATION_MESSAGEMEDIA_WASM"));
    static SCIM: &[u8] = include_bytes!(env!("DESTINATION_SCIM_WASM"));
    match name {
        "carddav" => Some(CARDDAV),
        "messagemedia" => Some(MESSAGEMEDIA),
        "scim" => Some(SCIM),
        _ => None,
    }
}

/// What gives the ledger to a destination over a directory, where a host has none: it is plugged into both.
pub fn ledger_bytes() -> &'static [u8] {
    static COMPONENT: &[u8] = include_bytes!(env!("LEDGER_FS_WASM"));
    COMPONENT
}

/// What else the contract asks of a host, for one that has WASI alone: it is plugged in beside the ledger.
pub fn plain_host_bytes() -> &'static [u8] {
    static COMPONENT: &[u8] = include_bytes!(env!("PLAIN_HOST_WASM"));
    COMPONENT
}

/// What is linked into the connector: a line for each crate, with its name, version, licences, repository and checksum
/// between tabs. Empty where the build was given a component that nothing was listed of.
pub fn linked_list() -> &'static str {
    include_str!(env!("ENTRA_CONNECTOR_LINKED"))
}

/// The component that a host loads in the connector's place, to find out whether the host is right.
pub fn conformance_bytes() -> &'static [u8] {
    static COMPONENT: &[u8] = include_bytes!(env!("HOST_CONFORMANCE_WASM"));
    COMPONENT
}

/// Where the build left it, as [`component_path`] says.
pub fn conformance_path() -> &'static Path {
    Path::new(env!("HOST_CONFORMANCE_WASM"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_destination_that_is_named_is_there() {
        for name in DESTINATIONS {
            assert!(destination_bytes(name).is_some(), "{name}");
        }
        assert!(destination_bytes("Messagemedia").is_none());
    }
}
