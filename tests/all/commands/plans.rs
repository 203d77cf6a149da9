//! `plan` beyond the next sync: with another configuration, and looked back at.

use std::fs;

use serde_json::{Value, json};

use super::desk::{Desk, document};
use super::shapes::has_keys;
use crate::world::{object_id, person, person_with};

async fn connected() -> Desk {
    let desk = Desk::with(vec![
        person(1, "Zoe", "Vance"),
        person_with(2, "Jo", "Berg", json!({ "department": "Support" })),
        person(3, "Ana", "Silva"),
    ])
    .await;
    desk.connect(json!({ "preset": "mirror" }));
    desk
}

/// Writes a configuration that is not the saved one.
fn propose(desk: &Desk, sync: Value) {
    let proposed = document(&desk.emulator.login_url(), &desk.emulator.graph_url(), sync);
    fs::write(desk.path("new.json"), proposed.to_string()).unwrap();
}

fn users(changes: &Value) -> Vec<String> {
    let changes = changes.as_array().unwrap();
    changes
        .iter()
        .map(|change| change["objectId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_configuration_is_tried_without_being_saved() {
    let desk = connected().await;
    desk.run(&["sync"]).with(0);
    // Nothing is left to do, and that is said.
    let nothing = desk.run(&["plan"]).with(0);
    assert!(
        nothing
            .out
            .starts_with("An incremental sync would:\n  do nothing\n"),
        "{nothing:#?}"
    );
    desk.run(&["contacts", "add", "email=new@contoso.example"])
        .with(0);
    desk.emulator
        .control()
        .add_user(person_with(
            4,
            "New",
            "Comer",
            json!({ "mail": "new@contoso.example" }),
        ))
        .unwrap();
    propose(
        &desk,
        json!({ "preset": "mirror", "filters": { "department": "Sales" } }),
    );
    let before = desk.contacts();
    let tried = desk
        .run(&["plan", "--config", "new.json", "--json", "--details"])
        .with(0)
        .json();
    assert_eq!(tried["configuration"], "new.json");
    assert_eq!(tried["mode"], "full");
    assert_eq!(tried["counts"]["link"], 1);
    assert_eq!(tried["counts"]["unlink"], 1);
    assert_eq!(users(&tried["changes"]), [object_id(2), object_id(4)]);
    assert_eq!(tried["changes"][0]["evidence"], "left-scope: department");
    assert_eq!(desk.contacts(), before);

    let said = desk.run(&["plan", "--config", "new.json"]).with(0);
    assert!(
        said.out
            .contains("In all: 0 created, 0 updated, 1 relinked, 1 removed, 0 skipped."),
        "{said:#?}"
    );
    assert!(
        said.out.contains("The saved configuration is as it was"),
        "{said:#?}"
    );
    // One way leads there, and it is told once.
    assert_eq!(said.out.matches("--approve").count(), 1, "{said:#?}");
    // The saved one is as it was: nobody leaves anything.
    let plan = desk.run(&["plan", "--full", "--json"]).with(0).json();
    assert_eq!(plan["counts"]["unlink"], 0);
    assert_eq!(plan.get("configuration"), None);

    let digest = tried["digest"].as_str().unwrap();
    desk.run(&["sync", "--approve", digest])
        .with(2)
        .saying("plan-unknown");
    assert_eq!(desk.contacts(), before);

    // Once it is saved, the plan that was tried can be performed.
    fs::copy(desk.path("new.json"), desk.path("connector.json")).unwrap();
    desk.run(&super::desk::CONNECT).with(0);
    let run = desk
        .run(&["sync", "--approve", digest, "--json"])
        .with(0)
        .json();
    assert_eq!(run["approved"]["performed"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_is_tried_tells_whom_it_leaves_out() {
    let desk = connected().await;
    propose(
        &desk,
        json!({ "preset": "mirror", "filters": { "department": "Support" } }),
    );
    let tried = desk
        .run(&["plan", "--config", "new.json", "--json", "--details"])
        .with(0)
        .json();
    let skipped: Vec<_> = tried["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["change"] == "skip")
        .collect();
    assert_eq!(skipped.len(), 2);
    assert_eq!(skipped[0]["reason"], "out-of-scope");
    desk.run(&["plan", "--config", "nowhere.json"])
        .with(2)
        .saying("nowhere.json");
    fs::write(desk.path("new.json"), "{ \"sync\": 1 }").unwrap();
    desk.run(&["plan", "--config", "new.json"])
        .with(1)
        .saying("/sync");
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_are_listed_and_found_by_the_beginning_of_their_digest() {
    let desk = connected().await;
    desk.run(&["plan", "list"])
        .with(0)
        .saying("No plan is kept");
    desk.run(&["plan", "show"])
        .with(1)
        .saying("no plan is kept");
    assert_eq!(
        desk.run(&["plan", "list", "--json"]).with(0).json(),
        json!([])
    );
    let made = desk.run(&["plan"]).with(0);
    assert!(made.out.contains("The plan is kept."), "{made:#?}");

    let listed = desk.run(&["plan", "list", "--json"]).with(0).json();
    has_keys(
        &listed[0],
        "createdAt digest mode counts skips warnings requests blocks",
    );
    let digest = listed[0]["digest"].as_str().unwrap();
    assert!(made.out.contains(digest), "{made:#?}");
    desk.run(&["plan", "list"]).with(0).saying(digest);

    let shown = desk
        .run(&["plan", "show", &digest[..6], "--json"])
        .with(0)
        .json();
    assert_eq!(shown["digest"], *digest);
    assert_eq!(users(&shown["changes"]).len(), 3);
    desk.run(&["plan", "show", "zz"])
        .with(2)
        .saying("`plan list`");
    let last = desk.run(&["plan", "show"]).with(0);
    assert!(last.out.contains("create  3"), "{last:#?}");
    assert!(last.out.contains("first_name: (empty) -> Zoe"), "{last:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_asked_about_one_effect_and_one_person() {
    let desk = connected().await;
    desk.run(&["plan"]).with(0);
    let about = |person: &str| {
        let shown = desk.run(&["plan", "show", "--person", person, "--json"]);
        users(&shown.with(0).json()["changes"])
    };
    // Nobody has a contact yet: the address stands in the plan alone.
    assert_eq!(about("JO.BERG@contoso.example"), [object_id(2)]);
    assert_eq!(about(&object_id(3)), [object_id(3)]);
    assert!(about("nobody@contoso.example").is_empty());

    desk.run(&["sync"]).with(0);
    desk.emulator
        .control()
        .edit_user(&object_id(1), json!({ "companyName": "Fabrikam" }))
        .unwrap();
    desk.emulator.control().delete_user(&object_id(2)).unwrap();
    desk.run(&["plan", "--full"]).with(0);
    let zoe = desk
        .contacts()
        .into_iter()
        .find(|contact| contact["objectId"] == object_id(1))
        .unwrap();
    assert_eq!(about(zoe["id"].as_str().unwrap()), [object_id(1)]);
    // The address is not what changes.
    assert_eq!(about("zoe.vance@contoso.example"), [object_id(1)]);
    let unlinked = desk
        .run(&["plan", "show", "--change", "unlink", "--json"])
        .with(0)
        .json();
    assert_eq!(users(&unlinked["changes"]), [object_id(2)]);
    let nobody = desk.run(&["plan", "show", "--change", "delete"]).with(0);
    assert!(nobody.out.contains("No entry of this plan"), "{nobody:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_plans_are_compared_field_by_field() {
    let desk = connected().await;
    let plan = || {
        let plan = desk.run(&["plan", "--full", "--json"]).with(0).json();
        plan["digest"].as_str().unwrap().to_owned()
    };
    let first = plan();
    desk.emulator
        .control()
        .edit_user(&object_id(1), json!({ "companyName": "Fabrikam" }))
        .unwrap();
    desk.emulator.control().delete_user(&object_id(2)).unwrap();
    desk.emulator
        .control()
        .add_user(person(4, "New", "Comer"))
        .unwrap();
    let second = plan();

    let compared = desk
        .run(&["plan", "compare", &first, &second, "--json"])
        .with(0)
        .json();
    has_keys(
        &compared,
        "first second onlyInFirst onlyInSecond different same",
    );
    assert_eq!(users(&compared["onlyInFirst"]), [object_id(2)]);
    assert_eq!(users(&compared["onlyInSecond"]), [object_id(4)]);
    assert_eq!(users(&compared["different"]), [object_id(1)]);
    assert_eq!(compared["different"][0]["differs"], json!(["company"]));
    assert_eq!(compared["same"], 1);
    let said = desk.run(&["plan", "compare", &first, &second]).with(0);
    assert!(
        said.out
            .contains("company: (empty) -> Contoso | (empty) -> Fabrikam"),
        "{said:#?}"
    );
    let same = desk
        .run(&["plan", "compare", &first, &first, "--json"])
        .with(0)
        .json();
    assert_eq!(same["same"], 3);
    assert_eq!(same["different"], json!([]));
}
