//! Builds the misbehaving guest, against which the host is tested.
//!
//! `MISBEHAVING_GUEST_WASM=/path/to/misbehaving_guest.wasm` uses that file and builds nothing.

#[path = "../host-harness/crates/connector-artifacts/build/component.rs"]
mod component;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../host-harness/crates/connector-artifacts/build");
    component::build("..", "misbehaving-guest", "MISBEHAVING_GUEST_WASM");
}
