//! The built components against the contract in `wit/`.
//!
//! Loading checks every function's type: the host's bindings are generated from `wit/`, and the
//! engine compares the component with them in both directions. What loading cannot see is that a
//! component asks for *less* than the host would give, and that is what this file adds. It would
//! pass by accident if the lists named too much, so they name what is used.

use host_harness::component::component_bytes;
use host_harness::runtime::{Connector, Runtime, RuntimeOptions};

const EXPORTS: &[&str] = &["contact-sync:connector/connector@0.1.0"];

/// World `contact-connector`, and what it brings along; then what Rust's standard library imports
/// in every program.
const IMPORTS: &[&str] = &[
    "contact-sync:connector/contact-store@0.1.0",
    "contact-sync:connector/plan-sink@0.1.0",
    "contact-sync:connector/run-control@0.1.0",
    "contact-sync:connector/secrets@0.1.0",
    "contact-sync:connector/state@0.1.0",
    "contact-sync:connector/types@0.1.0",
    "wasi:clocks/monotonic-clock@0.2",
    "wasi:clocks/wall-clock@0.2",
    "wasi:http/outgoing-handler@0.2",
    "wasi:http/types@0.2",
    "wasi:io/error@0.2",
    "wasi:io/poll@0.2",
    "wasi:io/streams@0.2",
    "wasi:random/random@0.2",
    "wasi:cli/environment@0.2",
    "wasi:cli/exit@0.2",
    "wasi:cli/stderr@0.2",
    "wasi:cli/stdin@0.2",
    "wasi:cli/stdout@0.2",
    "wasi:cli/terminal-input@0.2",
    "wasi:cli/terminal-output@0.2",
    "wasi:cli/terminal-stderr@0.2",
    "wasi:cli/terminal-stdin@0.2",
    "wasi:cli/terminal-stdout@0.2",
    "wasi:random/insecure-seed@0.2",
];

/// The patch version of a WASI interface follows the compiler and says nothing about us.
fn without_wasi_patch(interface: &str) -> &str {
    match interface.rsplit_once('.') {
        Some((line, _)) if interface.starts_with("wasi:") => line,
        _ => interface,
    }
}

fn load(component: &[u8]) -> Connector {
    Runtime::new(RuntimeOptions::default())
        .unwrap()
        .load(component)
        .unwrap()
}

fn unexpected_imports(connector: &Connector) -> Vec<&str> {
    let imports = connector
        .imports()
        .iter()
        .map(|import| without_wasi_patch(import));
    imports.filter(|import| !IMPORTS.contains(import)).collect()
}

#[test]
fn the_connector_imports_and_exports_what_the_contract_says_and_nothing_else() {
    let connector = load(component_bytes());
    assert_eq!(connector.exports(), EXPORTS);
    assert_eq!(unexpected_imports(&connector), Vec::<&str>::new());
}

#[test]
fn a_component_that_wants_files_and_sockets_is_told_from_one_that_does_not() {
    let guest = load(&std::fs::read(env!("MISBEHAVING_GUEST_WASM")).unwrap());
    assert_eq!(guest.exports(), EXPORTS);
    let unexpected = unexpected_imports(&guest);
    assert!(
        unexpected.contains(&"wasi:filesystem/types@0.2"),
        "{unexpected:?}"
    );
    assert!(
        unexpected.contains(&"wasi:sockets/tcp@0.2"),
        "{unexpected:?}"
    );
}
