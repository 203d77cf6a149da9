//! The contract composes, and does not change under those who were built for it.
//!
//! A destination that exports `contact-store` and `state` is plugged into the connector that is shipped. The
//! destination here has the right types and no life: that the two fit is what is tested.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use host_harness::component::component_bytes;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, plug};
use wit_component::{
    ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata, semver_check,
};
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{ManglingAndAbi, PackageId, Resolve};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn wit() -> (Resolve, PackageId) {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(here("../wit")).unwrap();
    (resolve, package)
}

/// A component of a world of the contract, whose functions trap.
fn dummy(world: &str) -> Vec<u8> {
    let (resolve, package) = wit();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let mut encoder = ComponentEncoder::default().module(&module).unwrap();
    encoder = encoder.validate(true);
    encoder.encode().unwrap()
}

fn plugged(destination: Vec<u8>) -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    let mut package = |name: &str, bytes: Vec<u8>| {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut()).unwrap();
        graph.register_package(package).unwrap()
    };
    let destination = package("test:destination", destination);
    let connector = package("test:connector", component_bytes().to_vec());
    plug(&mut graph, vec![destination], connector).unwrap();
    graph.encode(EncodeOptions::default()).unwrap()
}

/// The interfaces that a component imports and exports, those of the contract and, without their patch
/// version, those of WASI.
fn interfaces(component: &[u8]) -> (BTreeSet<String>, BTreeSet<String>) {
    let DecodedWasm::Component(resolve, world) = decode(component).unwrap() else {
        panic!("this is no component")
    };
    let world = &resolve.worlds[world];
    let names = |keys: Vec<&wit_parser::WorldKey>| {
        keys.into_iter()
            .map(|key| resolve.name_world_key(key))
            .collect()
    };
    (
        names(world.imports.keys().collect()),
        names(world.exports.keys().collect()),
    )
}

fn of_the_contract(names: &BTreeSet<String>) -> BTreeSet<&str> {
    names
        .iter()
        .filter_map(|name| name.strip_prefix("contact-sync:connector/"))
        .filter_map(|name| name.strip_suffix("@0.2.0"))
        .collect()
}

#[test]
fn a_destination_plugged_into_the_connector_is_one_file_that_asks_for_no_store() {
    let (imports, exports) = interfaces(&plugged(dummy("destination")));
    assert_eq!(
        of_the_contract(&imports),
        [
            "consent",
            "notification-target",
            "plan-sink",
            "run-control",
            "secrets",
            "signing",
            "token-cache",
            "types"
        ]
        .into()
    );
    assert_eq!(
        of_the_contract(&exports),
        ["conflicts", "connector", "notify", "trust"].into()
    );
    let foreign: Vec<_> = imports
        .iter()
        .filter(|name| !name.starts_with("contact-sync:") && !name.starts_with("wasi:"))
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[test]
fn the_connector_alone_asks_for_a_store_so_the_plug_has_done_something() {
    let (imports, _) = interfaces(component_bytes());
    let imports = of_the_contract(&imports);
    assert!(imports.contains("contact-store") && imports.contains("state"));
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
