//! `configure` on documents with groups: what the test of the connection finds, and what it tells to do.

use host_harness::contract::{Check, CheckStatus, ConfigurationReport};
use host_harness::graph_emulator::{Behaviour, Fault};
use serde_json::{Value, json};

use crate::world::{World, person};

const READS_BOTH: [&str; 2] = ["User.Read.All", "GroupMember.Read.All"];
const NOWHERE: &str = "00000000-0000-4000-8000-0000000000ff";

fn with_groups(groups: Value) -> Value {
    json!({ "preset": "mirror", "scope": "users-and-groups", "groups": groups })
}

/// A directory with a group, whose application has these permissions.
async fn connected(groups: Value, permissions: &[&str]) -> World {
    let people = vec![person(1, "Zoe", "Vance")];
    let world = World::with(people, with_groups(groups)).begin().await;
    let sales = json!({ "displayName": "Sales", "securityEnabled": true });
    world.control().add_group(sales).unwrap();
    grant(&world, permissions);
    world
}

fn grant(world: &World, permissions: &[&str]) {
    let permissions = permissions.iter().map(|name| (*name).to_owned());
    world.control().grant(permissions.collect());
}

#[track_caller]
fn check<'r>(report: &'r ConfigurationReport, name: &str) -> &'r Check {
    let mut checks = report.checks.iter();
    let found = checks.find(|check| check.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {:?}", report.checks))
}

fn advice(check: &Check) -> &str {
    check.advice.as_deref().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_looked_at_only_where_they_are_in_scope() {
    let mut world = connected(json!({}), &READS_BOTH).await;
    let report = world.configure().await.unwrap();
    assert!(report.ready, "{:?}", report.checks);
    let names: Vec<_> = report
        .checks
        .iter()
        .map(|check| check.name.as_str())
        .collect();
    let before = ["token", "organization", "users", "deleted-items"];
    assert_eq!(names, [&before[..], &["groups", "permissions"]].concat());
    let groups = check(&report, "groups");
    assert_eq!(groups.status, CheckStatus::Passed);
    // What a hidden membership needs besides is told, and no fault.
    assert!(groups.message.contains("Member.Read.Hidden"), "{groups:?}");
    grant(
        &world,
        &[
            "User.Read.All",
            "GroupMember.Read.All",
            "Member.Read.Hidden",
        ],
    );
    let report = world.configure().await.unwrap();
    assert_eq!(check(&report, "groups").message, "groups can be read");

    grant(&world, &["User.Read.All"]);
    world.control().clear_requests();
    world.reconfigure(json!({ "preset": "mirror" }));
    let report = world.configure().await.unwrap();
    assert!(report.ready, "{:?}", report.checks);
    assert!(report.checks.iter().all(|check| check.name != "groups"));
    let asked = world.emulator.requests();
    assert!(asked.iter().all(|asked| !asked.target.contains("/groups")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_permission_for_groups_is_told_by_its_name() {
    let world = connected(json!({}), &["User.Read.All"]).await;
    let report = world.configure().await.unwrap();
    assert!(!report.ready);
    assert_eq!(check(&report, "users").status, CheckStatus::Passed);
    for name in ["groups", "permissions"] {
        let check = check(&report, name);
        assert_eq!(check.status, CheckStatus::Failed, "{check:?}");
        assert!(advice(check).contains("GroupMember.Read.All"), "{check:?}");
        assert!(!advice(check).contains("User.Read.All"), "{check:?}");
    }
    let lacking = &check(&report, "permissions").message;
    assert!(lacking.contains("`users-and-groups`"), "{lacking}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_consent_is_missing_both_permissions_are_told_at_once() {
    let world = connected(json!({}), &[]).await;
    let report = world.configure().await.unwrap();
    assert!(!report.ready);
    assert_eq!(check(&report, "groups").status, CheckStatus::Failed);
    let permissions = check(&report, "permissions");
    assert!(permissions.message.contains("consent"), "{permissions:?}");
    for name in READS_BOTH {
        assert!(advice(permissions).contains(name), "{permissions:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_are_shown_without_their_names_may_not_be_read() {
    let world = connected(json!({}), &READS_BOTH).await;
    world.control().set_behaviour(Behaviour {
        nulled_group_properties: vec!["displayName".to_owned()],
        ..Behaviour::default()
    });
    let report = world.configure().await.unwrap();
    assert!(!report.ready);
    let groups = check(&report, "groups");
    assert_eq!(groups.status, CheckStatus::Failed, "{groups:?}");
    assert!(groups.message.contains("without their names"), "{groups:?}");
    // The token carries the permission: it is the consent that has yet to spread.
    assert!(advice(groups).contains("already"), "{groups:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_does_not_exist_is_warned_of_by_its_id() {
    let mut world = connected(json!({ "include": [NOWHERE, "Sales"] }), &READS_BOTH).await;
    let report = world.configure().await.unwrap();
    assert!(report.ready, "{:?}", report.checks);
    let groups = check(&report, "groups");
    assert_eq!(groups.status, CheckStatus::Warning, "{groups:?}");
    assert!(groups.message.contains(NOWHERE), "{groups:?}");
    assert!(advice(groups).contains("`include`"), "{groups:?}");

    let marketing = json!({ "displayName": "Marketing", "securityEnabled": true });
    let id = world.control().add_group(marketing).unwrap();
    world.reconfigure(with_groups(json!({ "include": [id.to_uppercase()] })));
    let report = world.configure().await.unwrap();
    assert_eq!(check(&report, "groups").status, CheckStatus::Passed);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_cannot_be_looked_up_are_no_groups_that_do_not_exist() {
    let world = connected(json!({ "include": [NOWHERE] }), &READS_BOTH).await;
    world.control().inject(Fault {
        path: Some("$batch".to_owned()),
        status: Some(400),
        ..Fault::default()
    });
    let report = world.configure().await.unwrap();
    let groups = check(&report, "groups");
    assert_eq!(groups.status, CheckStatus::Passed, "{groups:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_the_permission_is_told_and_every_step_is_one_that_was_not_tried() {
    let mut world = connected(json!({}), &READS_BOTH).await;
    world.document = json!({ "sync": with_groups(json!({})) }).to_string();
    let report = world.configure().await.unwrap();
    assert_eq!(check(&report, "groups").status, CheckStatus::NotTried);
    assert_eq!(report.checks.len(), 6);
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.contains("GroupMember.Read.All")),
        "{:?}",
        report.warnings
    );
}
