//! The connector's component, as the build script made it.
//!
//! A crate of its own, so that the component is built once, and what does not need it does not wait for it.

use std::path::Path;

/// The component itself. It is a part of this binary, which is therefore one file to deploy.
pub fn component_bytes() -> &'static [u8] {
    // Bytes that stand in the function are copied into every crate that it is inlined in.
    static COMPONENT: &[u8] = include_bytes!(env!("ENTRA_CONNECTOR_WASM"));
    COMPONENT
}

/// Where the build left the component; meaningful only on the machine that built it.
pub fn component_path() -> &'static Path {
    Path::new(env!("ENTRA_CONNECTOR_WASM"))
}
