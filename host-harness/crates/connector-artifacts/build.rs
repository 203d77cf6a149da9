//! Builds the connector's component, so that `cargo run` and `cargo test` need no step before them.
//!
//! `ENTRA_CONNECTOR_WASM=/path/to/entra_connector.wasm` uses that file and builds nothing.

#[path = "build/component.rs"]
mod component;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    component::build("../../..", "entra-connector", "ENTRA_CONNECTOR_WASM");
}
