//! The built components against the contract in `wit/`.
//!
//! Loading checks every function's type: the host's bindings are generated from `wit/`, and the
//! engine compares the component with them in both directions. What loading cannot see is that a
//! component asks for *less* than the host would give, and offers no more than the contract has; that
//! is what this file adds. Both sides are read: the contract from its text, the component from its
//! bytes.

use std::collections::BTreeSet;
use std::path::Path;

use host_harness::component::{component_bytes, conformance_bytes};
use host_harness::runtime::{Runtime, RuntimeOptions};
use wasmparser::{Parser, Payload};
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{PackageId, Resolve, Type, TypeDefKind, WorldId, WorldItem};

/// What Rust's standard library imports in every program, whether it is used or not. It is named here
/// because the contract does not: a component in another language brings others.
const LANGUAGE_RUNTIME: &[&str] = &[
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

/// A world: what is imported and exported, by interface and function.
struct World {
    imports: BTreeSet<String>,
    exports: BTreeSet<String>,
}

impl World {
    fn of(resolve: &Resolve, world: WorldId) -> Self {
        let world = &resolve.worlds[world];
        Self {
            imports: functions(resolve, world.imports.iter()),
            exports: functions(resolve, world.exports.iter()),
        }
    }

    /// The interfaces among the imports.
    fn imported(&self) -> BTreeSet<&str> {
        let interface = |function: &'_ String| function.find('#').unwrap_or(function.len());
        self.imports
            .iter()
            .map(|function| &function[..interface(function)])
            .collect()
    }
}

/// `interface#function`, and `interface` alone for one that has types only.
fn functions<'w>(
    resolve: &Resolve,
    items: impl Iterator<Item = (&'w wit_parser::WorldKey, &'w WorldItem)>,
) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (key, item) in items {
        let name = resolve.name_world_key(key);
        let name = without_wasi_patch(&name);
        if let WorldItem::Interface { id, .. } = item {
            let functions = resolve.interfaces[*id].functions.keys();
            all.extend(functions.map(|function| format!("{name}#{function}")));
        }
        all.insert(name.to_owned());
    }
    all
}

fn wit() -> (Resolve, PackageId) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(&directory).unwrap();
    (resolve, package)
}

fn world(name: &str) -> World {
    let (resolve, package) = wit();
    let world = resolve.select_world(&[package], Some(name));
    World::of(&resolve, world.unwrap())
}

/// What every connector has.
fn contract() -> World {
    world("contact-connector")
}

fn component(bytes: &[u8]) -> World {
    match decode(bytes).unwrap() {
        DecodedWasm::Component(resolve, world) => World::of(&resolve, world),
        DecodedWasm::WitPackage(..) => panic!("this is no component"),
    }
}

/// What a component wants beyond the contract and its language's runtime.
fn unexpected_imports(component: &World) -> BTreeSet<String> {
    let contract = contract();
    let given = |interface: &&str| {
        contract.imports.contains(*interface) || LANGUAGE_RUNTIME.contains(interface)
    };
    let of_others = component
        .imported()
        .into_iter()
        .filter(|interface| !given(interface))
        .map(str::to_owned);
    // Of our own interfaces, every function has to be one of the contract.
    let of_ours = component
        .imports
        .iter()
        .filter(|function| function.starts_with("contact-sync:"))
        .filter(|function| !contract.imports.contains(*function))
        .cloned();
    of_others.chain(of_ours).collect()
}

/// What the shipped component may weigh, in bytes. What weighs, and how it is kept small, is in
/// `findings/decisions/0021-a-component-of-at-most-1-2-megabytes.md`; a quarter of it are the world's numbering plans
/// (`0042-a-telephone-number-passes-a-gate.md`).
const LARGEST_COMPONENT: usize = 1_970_000;

#[test]
fn the_component_is_no_larger_than_its_record_says() {
    let bytes = component_bytes().len();
    assert!(bytes <= LARGEST_COMPONENT, "{bytes} bytes");
}

#[test]
fn no_function_of_a_component_is_there_twice() {
    let guest = std::fs::read(env!("MISBEHAVING_GUEST_WASM")).unwrap();
    for component in [component_bytes(), &guest] {
        let (mut types, mut functions) = (Vec::new(), BTreeSet::new());
        for payload in Parser::new(0).parse_all(component) {
            match payload.unwrap() {
                Payload::FunctionSection(section) => {
                    types = section.into_iter().map(Result::unwrap).collect();
                    functions.clear();
                }
                Payload::CodeSectionEntry(body) => {
                    let does = (types[functions.len()], body.as_bytes());
                    assert!(functions.insert(does), "function {}", functions.len());
                }
                _ => {}
            }
        }
    }
}

#[test]
fn the_contract_parses_and_has_its_worlds() {
    let (resolve, package) = wit();
    let package = &resolve.packages[package];
    assert_eq!(package.name.to_string(), "contact-sync:connector@0.2.0");
    let worlds: BTreeSet<_> = package.worlds.keys().map(String::as_str).collect();
    let expected = [
        "asking",
        "contact-connector",
        "destination",
        "destination-on-host",
        "guest",
        "ledger-provider",
        "notified",
        "notified-guest",
        "wasi-imports",
    ];
    assert_eq!(worlds, expected.into());
}

#[test]
fn everything_of_the_contract_is_documented() {
    let (resolve, package) = wit();
    let mut undocumented = Vec::new();
    for (name, interface) in &resolve.packages[package].interfaces {
        let interface = &resolve.interfaces[*interface];
        if interface.docs.contents.is_none() {
            undocumented.push(name.clone());
        }
        for (function, definition) in &interface.functions {
            if definition.docs.contents.is_none() {
                undocumented.push(format!("{name}#{function}"));
            }
        }
        for (kind, definition) in &interface.types {
            let definition = &resolve.types[*definition];
            // What an interface uses of another is documented there.
            let is_used = matches!(
                definition.kind,
                TypeDefKind::Type(Type::Id(used)) if resolve.types[used].name.is_some()
            );
            if definition.docs.contents.is_none() && !is_used {
                undocumented.push(format!("{name}.{kind}"));
            }
        }
    }
    assert_eq!(undocumented, Vec::<String>::new());
}

#[test]
fn the_connector_exports_exactly_what_the_contract_says() {
    let exports = component(component_bytes()).exports;
    // It can be told of changes, which a connector need not.
    assert_eq!(exports, world("notified-guest").exports);
    assert!(exports.is_superset(&contract().exports));
    for function in [
        "describe",
        "configure",
        "plan",
        "sync",
        "report",
        "disconnect",
    ] {
        let export = format!("contact-sync:connector/connector@0.2.0#{function}");
        assert!(exports.contains(&export), "{export}");
    }
}

#[test]
fn the_connector_imports_nothing_beyond_the_contract() {
    let component = component(component_bytes());
    assert_eq!(unexpected_imports(&component), BTreeSet::new());
    // The runtime, which decides what is let in, sees the same.
    let connector = Runtime::new(RuntimeOptions::default())
        .unwrap()
        .load(component_bytes())
        .unwrap();
    let seen: BTreeSet<_> = connector
        .imports()
        .iter()
        .map(|import| without_wasi_patch(import))
        .collect();
    assert_eq!(seen, component.imported());
}

#[test]
fn what_tries_a_host_asks_for_all_that_a_connector_may_and_for_nothing_else() {
    let component = component(conformance_bytes());
    assert_eq!(component.exports, contract().exports);
    assert_eq!(unexpected_imports(&component), BTreeSet::new());
    let of_ours = |world: &World| -> BTreeSet<String> {
        let ours = world.imports.iter();
        ours.filter(|function| function.starts_with("contact-sync:"))
            .filter(|function| !function.contains("[resource-drop]"))
            .cloned()
            .collect()
    };
    assert_eq!(of_ours(&component), of_ours(&contract()));
}

#[test]
fn a_component_that_wants_files_and_sockets_is_told_from_one_that_does_not() {
    let guest = component(&std::fs::read(env!("MISBEHAVING_GUEST_WASM")).unwrap());
    assert_eq!(guest.exports, contract().exports);
    let unexpected = unexpected_imports(&guest);
    for interface in ["wasi:filesystem/types@0.2", "wasi:sockets/tcp@0.2"] {
        assert!(unexpected.contains(interface), "{unexpected:?}");
    }
}
