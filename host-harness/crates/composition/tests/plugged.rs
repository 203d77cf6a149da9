//! Components of the contract's worlds, with the right types and no life, put together.

use std::collections::BTreeSet;
use std::path::Path;

use composition::{CompositionError, Part, plugged};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

/// Worlds beside those of the contract.
const OTHERS: &str = "
    package test:parts@1.0.0;

    world secret-keeper { export contact-sync:connector/secrets@0.2.0; }
    world ledger-and-more { import contact-sync:connector/secrets@0.2.0; export contact-sync:connector/ledger@0.2.0; }
    world one-way-round { import contact-sync:connector/ledger@0.2.0; export contact-sync:connector/state@0.2.0; }
    world other-way-round { import contact-sync:connector/state@0.2.0; export contact-sync:connector/ledger@0.2.0; }
    world ledger-with-types { export contact-sync:connector/types@0.2.0; export contact-sync:connector/ledger@0.2.0; }
    world everything-else {
        import contact-sync:connector/ledger@0.2.0;
        export contact-sync:connector/secrets@0.2.0;
        export contact-sync:connector/signing@0.2.0;
        export contact-sync:connector/token-cache@0.2.0;
        export contact-sync:connector/run-control@0.2.0;
        export contact-sync:connector/plan-sink@0.2.0;
        export contact-sync:connector/consent@0.2.0;
        export contact-sync:connector/notification-target@0.2.0;
        export contact-sync:connector/target-settings@0.2.0;
    }
    world of-no-use { export nothing; }
    interface nothing { do: func(); }
";

fn part_of(world: &str, resolve: Resolve, world_id: wit_parser::WorldId) -> Part {
    let mut module = dummy_module(&resolve, world_id, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world_id, StringEncoding::UTF8).unwrap();
    let encoder = ComponentEncoder::default().module(&module).unwrap();
    let bytes = encoder.validate(true).encode().unwrap();
    Part::new(world, bytes).unwrap()
}

fn resolve() -> (Resolve, wit_parser::PackageId) {
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../wit");
    let (package, _) = resolve.push_dir(wit).unwrap();
    (resolve, package)
}

/// A component of a world of the contract, whose functions trap.
fn part(world: &str) -> Part {
    let (resolve, package) = resolve();
    let id = resolve.select_world(&[package], Some(world)).unwrap();
    part_of(world, resolve, id)
}

/// The same of a world of this test.
fn other(world: &str) -> Part {
    let (mut resolve, _) = resolve();
    let package = resolve.push_str("others.wit", OTHERS).unwrap();
    let id = resolve.select_world(&[package], Some(world)).unwrap();
    part_of(world, resolve, id)
}

/// The interfaces of the contract among the names.
fn ours(names: &BTreeSet<String>) -> BTreeSet<&str> {
    names
        .iter()
        .filter_map(|name| {
            name.strip_prefix("contact-sync:connector/")?
                .strip_suffix("@0.2.0")
        })
        .collect()
}

#[test]
fn a_destination_in_the_connector_leaves_its_own_imports_and_the_ledger() {
    let whole = plugged(&part("contact-connector"), &[part("destination")]).unwrap();
    let left = [
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
    ];
    assert_eq!(ours(whole.imports()), left.into());
    let told = ["connector", "target", "trust"];
    assert_eq!(
        ours(whole.exports()),
        told.into(),
        "what nobody imports is passed on"
    );
}

#[test]
fn a_plug_that_another_plug_needs_goes_into_that_one_in_whatever_order_they_are_named() {
    for turned in [false, true] {
        let mut plugs = vec![part("destination"), part("ledger-provider")];
        if turned {
            plugs.reverse();
        }
        let whole = plugged(&part("contact-connector"), &plugs).unwrap();
        let imports = ours(whole.imports());
        assert!(
            !imports.contains("ledger") && !imports.contains("contact-store"),
            "{imports:?}"
        );
        assert!(!imports.contains("state") && imports.contains("secrets"));
    }
}

#[test]
fn what_both_halves_import_can_be_given_to_both() {
    let plugs = [
        part("destination"),
        other("ledger-and-more"),
        other("secret-keeper"),
    ];
    let whole = plugged(&part("contact-connector"), &plugs).unwrap();
    assert!(!ours(whole.imports()).contains("secrets"));
}

/// One instance: what it holds is the same for all, and its code is there once.
#[test]
fn a_plug_that_two_parts_need_is_in_the_whole_once() {
    let plugs = [part("destination"), other("secret-keeper")];
    let whole = plugged(&part("contact-connector"), &plugs).unwrap();
    let keeper = other("secret-keeper");
    let pieces = whole.bytes().windows(keeper.bytes().len());
    let times = pieces.filter(|piece| *piece == keeper.bytes()).count();
    assert_eq!(times, 1);
}

/// Also not the interface that has nothing but types, where a plug exports it.
#[test]
fn with_everything_plugged_in_nothing_of_ours_is_asked_for() {
    let plugs = [
        part("destination"),
        other("ledger-with-types"),
        other("everything-else"),
    ];
    let whole = plugged(&part("contact-connector"), &plugs).unwrap();
    assert!(ours(whole.imports()).is_empty(), "{:?}", whole.imports());
    let told = ["connector", "target", "trust", "types"];
    assert_eq!(ours(whole.exports()), told.into());
}

#[test]
fn plugs_that_need_each_other_are_told() {
    let plugs = [other("one-way-round"), other("other-way-round")];
    let told = plugged(&part("contact-connector"), &plugs);
    assert!(matches!(told, Err(CompositionError::Circle(_))), "{told:?}");
}

#[test]
fn a_plug_of_no_use_is_told() {
    let useless = [part("destination"), other("of-no-use")];
    let told = plugged(&part("contact-connector"), &useless);
    assert!(matches!(told, Err(CompositionError::Superfluous(name)) if name == "of-no-use"));
}

#[test]
fn two_plugs_for_one_import_are_told() {
    let told = plugged(
        &part("contact-connector"),
        &[part("destination"), part("destination")],
    );
    assert!(matches!(told, Err(CompositionError::Twice { .. })));
}

#[test]
fn an_interface_that_is_another_one_under_the_same_name_is_told_and_not_passed_over() {
    let mut resolve = Resolve::default();
    let text = "
        package contact-sync:connector@0.2.0;
        interface state { get: func(key: string) -> string; }
        world stranger { export state; }
    ";
    let package = resolve.push_str("stranger.wit", text).unwrap();
    let world = resolve.select_world(&[package], Some("stranger")).unwrap();
    let stranger = part_of("stranger", resolve, world);
    let told = plugged(&part("contact-connector"), &[stranger]);
    let told = told.unwrap_err().to_string();
    let expected = "stranger exports contact-sync:connector/state@0.2.0, and not as contact-connector imports it (";
    assert!(told.starts_with(expected), "{told}");
}

#[test]
fn what_is_no_component_is_told_by_its_name() {
    let told = Part::new("sheet", b"no component".to_vec());
    assert!(matches!(told, Err(CompositionError::NotAComponent { name, .. }) if name == "sheet"));
}
