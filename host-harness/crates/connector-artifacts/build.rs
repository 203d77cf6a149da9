//! Builds the components that a host is given, so that `cargo run` and `cargo test` need no step before them: the
//! connector, the destinations, what stands in for a host that has WASI alone, and the one that tries a host.
//!
//! `ENTRA_CONNECTOR_WASM=/path/to/entra_connector.wasm` uses that file and builds nothing, and so do
//! `DESTINATION_CARDDAV_WASM`, `DESTINATION_MESSAGEMEDIA_WASM`, `DESTINATION_SCIM_WASM`, `LEDGER_FS_WASM`,
//! `PLAIN_HOST_WASM` and `HOST_CONFORMANCE_WASM` for the others. Beside the connector lies the list of what is linked
//! into it.

#[path = "build/component.rs"]
mod component;
#[path = "build/linked.rs"]
mod linked;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    component::build("../../..", "entra-connector", "ENTRA_CONNECTOR_WASM");
    component::build(
        "../../..",
        "destination-carddav",
        "DESTINATION_CARDDAV_WASM",
    );
    component::build(
        "../../..",
        "destination-messagemedia",
        "DESTINATION_MESSAGEMEDIA_WASM",
    );
    component::build("../../..", "destination-scim", "DESTINATION_SCIM_WASM");
    component::build("../../..", "ledger-fs", "LEDGER_FS_WASM");
    component::build("../../..", "plain-host", "PLAIN_HOST_WASM");
    component::build("../../..", "host-conformance", "HOST_CONFORMANCE_WASM");
    linked::list(
        "../../..",
        "entra-connector",
        "ENTRA_CONNECTOR_WASM",
        "ENTRA_CONNECTOR_LINKED",
    );
}
