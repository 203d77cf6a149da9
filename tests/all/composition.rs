//! The contract composes, and does not change under those who were built for it.
//!
//! The destinations that are shipped are plugged into the connector that is shipped, and what each of the artifacts
//! asks of a host is told exactly: a plug that does not fit would leave the import as it is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use composition::Part;
use host_harness::component::{
    DESTINATIONS, component_bytes, destination_bytes, ledger_bytes, plain_host_bytes,
};
use wit_component::semver_check;
use wit_parser::{PackageId, Resolve};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn wit() -> (Resolve, PackageId) {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(here("../wit")).unwrap();
    (resolve, package)
}

/// The names of interfaces: those of the contract without package and version, those of WASI without their patch
/// version, which follows the compiler.
fn names(interfaces: &BTreeSet<String>) -> BTreeSet<&str> {
    interfaces.iter().map(|interface| name(interface)).collect()
}

fn name(interface: &str) -> &str {
    let (name, _) = interface.split_once('@').unwrap();
    name.strip_prefix("contact-sync:connector/").unwrap_or(name)
}

fn connector() -> Part {
    Part::new("the connector", component_bytes().to_vec()).unwrap()
}

fn destination(name: &str) -> Part {
    Part::new(name, destination_bytes(name).unwrap().to_vec()).unwrap()
}

/// What every program of Rust, and every client of HTTP, asks of WASI.
const WASI: [&str; 18] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/random",
];

/// What a program asks for that has a hash map of its language in it, as the connector has.
const HASH_MAP: &str = "wasi:random/insecure-seed";

fn with_wasi<'n>(ours: &[&'n str]) -> BTreeSet<&'n str> {
    ours.iter().copied().chain(WASI).collect()
}

#[test]
fn a_destination_asks_for_secrets_a_ledger_and_its_settings_and_has_a_store() {
    for name in DESTINATIONS {
        let destination = destination(name);
        let asks = ["ledger", "secrets", "target-settings", "types"];
        assert_eq!(names(destination.imports()), with_wasi(&asks), "{name}");
        let has = ["contact-store", "state", "target"];
        assert_eq!(names(destination.exports()), has.into(), "{name}");
    }
}

#[test]
fn a_destination_in_the_connector_is_one_file_that_asks_for_no_store() {
    for name in DESTINATIONS {
        let whole = composition::plugged(&connector(), &[destination(name)]).unwrap();
        let asks = [
            "consent",
            "ledger",
            "notification-target",
            "plan-sink",
            "run-control",
            "secrets",
            "signing",
            "target-settings",
            "token-cache",
            "types",
            HASH_MAP,
        ];
        assert_eq!(names(whole.imports()), with_wasi(&asks), "{name}");
        let has = ["conflicts", "connector", "notify", "target", "trust"];
        assert_eq!(names(whole.exports()), has.into(), "{name}");
    }
}

#[test]
fn the_connector_alone_asks_for_a_store_so_the_plug_has_done_something() {
    let connector = connector();
    let asks = [
        "consent",
        "contact-store",
        "notification-target",
        "plan-sink",
        "run-control",
        "secrets",
        "signing",
        "state",
        "token-cache",
        "types",
        HASH_MAP,
    ];
    assert_eq!(names(connector.imports()), with_wasi(&asks));
}

/// What the ledger in a directory asks for beside what every program does.
const FILES: [&str; 2] = ["wasi:filesystem/preopens", "wasi:filesystem/types"];

pub fn plain(name: &str) -> Part {
    let ledger = Part::new("the ledger", ledger_bytes().to_vec()).unwrap();
    let host = Part::new("the plain host", plain_host_bytes().to_vec()).unwrap();
    composition::plugged(&connector(), &[destination(name), ledger, host]).unwrap()
}

#[test]
fn what_is_plugged_in_for_a_plain_host_asks_for_the_ledger_and_for_wasi() {
    let ledger = Part::new("the ledger", ledger_bytes().to_vec()).unwrap();
    let asked = names(ledger.imports());
    assert!(
        asked.iter().all(|name| name.starts_with("wasi:")),
        "{asked:?}"
    );
    assert!(asked.is_superset(&FILES.into()), "{asked:?}");
    assert_eq!(names(ledger.exports()), ["ledger", "types"].into());
    let host = Part::new("the plain host", plain_host_bytes().to_vec()).unwrap();
    let asked = names(host.imports());
    let ours: Vec<_> = asked
        .iter()
        .filter(|name| !name.starts_with("wasi:"))
        .collect();
    assert_eq!(ours, [&"ledger", &"types"]);
    assert!(!asked.contains("wasi:filesystem/types"), "{asked:?}");
}

#[test]
fn with_everything_plugged_in_it_asks_for_wasi_and_nothing_else() {
    for name in DESTINATIONS {
        let whole = plain(name);
        let asks: BTreeSet<_> = WASI.into_iter().chain(FILES).chain([HASH_MAP]).collect();
        assert_eq!(names(whole.imports()), asks, "{name}");
        let has = [
            "conflicts",
            "connector",
            "notify",
            "target",
            "trust",
            "types",
        ];
        assert_eq!(names(whole.exports()), has.into(), "{name}");
    }
}

/// What a destination may weigh, in bytes; it is carried into every file that it is plugged into.
const LARGEST_DESTINATION: usize = 940_000;

#[test]
fn a_destination_is_small() {
    for name in DESTINATIONS {
        let bytes = destination_bytes(name).unwrap().len();
        assert!(bytes <= LARGEST_DESTINATION, "{name}: {bytes} bytes");
    }
}

/// The contract as it was last given away, in a package beside today's: of a version of its own, which the check passes over.
fn given_away() -> (Resolve, PackageId, PackageId) {
    let (mut resolve, today) = wit();
    let mut text = String::from("package contact-sync:connector@0.2.4242;\n");
    let mut files: Vec<_> = std::fs::read_dir(here("fixtures/wit-0.2.0"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let part = std::fs::read_to_string(file).unwrap();
        text.push_str(&part.replace("package contact-sync:connector@0.2.0;", ""));
    }
    let given = resolve.push_str("given.wit", &text).unwrap();
    (resolve, given, today)
}

/// A component that was built for the contract as it was given away still fits. Where this fails, the change
/// breaks it: it waits for the next minor version, or, as long as nobody has 0.2.0, the copy in
/// `tests/fixtures` is brought up to date and the change stands in CHANGELOG.md.
#[test]
fn what_was_built_for_this_version_still_fits() {
    let (resolve, given, today) = given_away();
    let world = |package| resolve.select_world(&[package], Some("guest")).unwrap();
    let (given, today) = (world(given), world(today));
    semver_check(resolve, given, today).unwrap();
}

#[test]
fn a_field_more_would_break_it_so_the_check_can_fail() {
    let (mut resolve, given, _) = given_away();
    let mut text = String::from("package contact-sync:connector@0.2.4243;\n");
    for file in [
        "types",
        "contact-store",
        "host",
        "connector",
        "trust",
        "worlds",
    ] {
        let part = std::fs::read_to_string(here(&format!("../wit/{file}.wit"))).unwrap();
        let part = part.replace("package contact-sync:connector@0.2.0;", "");
        let part = match file {
            // The worlds with WASI are not part of the check.
            "worlds" => part[part.find("world guest").unwrap()
                ..part.find("/// A store of contacts behind").unwrap()]
                .to_owned(),
            _ => part.replace(
                "record precondition {",
                "record precondition {\n    more: bool,",
            ),
        };
        text.push_str(&part);
    }
    let changed = resolve.push_str("changed.wit", &text).unwrap();
    let world = |package| resolve.select_world(&[package], Some("guest")).unwrap();
    let (given, changed) = (world(given), world(changed));
    assert!(semver_check(resolve, given, changed).is_err());
}
