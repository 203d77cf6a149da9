//! A directory of data that commit 044fdb7 wrote: read, gone on with, and taken back by today's commands.

use serde_json::{Value, json};

use super::desk::{CONNECT, Desk};
use crate::world::older_data::{copy, of_the_future, told, written};

/// The tenant as that version left it: one person with another company, one deleted, one promoted since.
async fn desk() -> Desk {
    let people = told("people.json")["value"].as_array().unwrap().clone();
    let desk = Desk::with(people).await;
    let control = desk.emulator.control();
    let id = |number: u32| format!("00000000-0000-4000-8000-{number:012x}");
    let company = json!({ "companyName": "Fabrikam" });
    control.edit_user(&id(1), company).unwrap();
    control.delete_user(&id(3)).unwrap();
    let promoted = json!({ "jobTitle": "Director" });
    control.edit_user(&id(5), promoted).unwrap();
    copy(&written("command/data"), &desk.path("data"));
    desk
}

/// The same document, for the place where the tenant is now.
fn connect(desk: &Desk) {
    desk.configure(told("command/connector.json")["sync"].clone());
    desk.run(&CONNECT).with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_history_and_plans_are_told_as_that_version_told_them() {
    let desk = desk().await;
    for (name, command) in [
        ("contacts", &["contacts", "--json"][..]),
        ("report", &["report", "--json"]),
        ("plans", &["plan", "list", "--json"]),
        ("undo", &["undo", "--json"]),
    ] {
        let mut now = desk.run(command).with(0).json();
        // Told since: that nobody has to see to anything.
        let warnings = now.as_object_mut().and_then(|told| told.remove("warnings"));
        assert!(
            warnings.is_none_or(|warnings| warnings == json!([])),
            "{name}"
        );
        assert_eq!(now, told(&format!("command/{name}.json")), "{name}");
    }
    for (name, number) in [("explain", 1), ("explain_deleted", 3)] {
        let id = format!("00000000-0000-4000-8000-{number:012x}");
        let now = desk.run(&["explain", &id, "--json"]).with(0).json();
        let then = told(&format!("command/{name}.json"));
        for key in [
            "objectId",
            "contactId",
            "active",
            "lists",
            "link",
            "fields",
            "note",
        ] {
            assert_eq!(now[0][key], then[0][key], "{name}: {key}");
        }
        let effects = |told: &Value| -> Vec<Value> {
            let history = told[0]["history"].as_array().unwrap();
            history
                .iter()
                .map(|entry| entry["change"].clone())
                .collect()
        };
        assert_eq!(effects(&now), effects(&then), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_goes_on_where_that_version_stopped_and_a_second_one_writes_nothing() {
    let desk = desk().await;
    connect(&desk);
    let run = desk.run(&["sync", "--json"]).with(0).json();
    let written = ["created", "updated", "removed", "failed"].map(|key| run[key].clone());
    // Who was promoted since, and whose first name was edited by hand: with this preset the directory
    // wins. The tenant is at another address, so that everybody is read.
    assert_eq!(run["mode"], "full");
    assert_eq!(written, [0, 2, 0, 0], "{run:#}");
    let contacts = desk.contacts();
    let of = |field: &str| -> Vec<Value> {
        let value = |contact: &Value| contact["fields"][field].clone();
        contacts.iter().map(value).collect()
    };
    assert!(of("Job title").contains(&json!("Director")));
    assert!(
        !of("first_name").contains(&json!("Joanna")),
        "{contacts:#?}"
    );
    let again = desk.run(&["sync", "--json"]).with(0).json();
    assert_eq!(again["updated"], 0, "{again:#}");
    assert_eq!(desk.contacts(), contacts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_that_version_is_taken_back() {
    let desk = desk().await;
    connect(&desk);
    let run = told("command/undo.json")[0]["runId"]
        .as_str()
        .unwrap()
        .to_owned();
    let plan = desk.run(&["undo", &run, "--json"]).with(0).json();
    assert_eq!(plan["counts"]["update"], 1, "{plan:#}");
    assert_eq!(
        plan["counts"]["create"], 1,
        "who was deleted comes back: {plan:#}"
    );
    let digest = plan["digest"].as_str().unwrap();
    desk.run(&["undo", &run, "--approve", digest]).with(0);
    let contacts = desk.contacts();
    assert_eq!(contacts.len(), 5);
    assert_eq!(contacts[0]["fields"]["company"], "Contoso");
    let deleted = "00000000-0000-4000-8000-000000000003";
    assert!(
        contacts
            .iter()
            .any(|contact| contact["objectId"] == deleted)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_later_version_is_refused_in_a_sentence_and_left_as_it_is() {
    let desk = desk().await;
    let database = desk.path("data/connector.db");
    of_the_future(&database);
    let before = std::fs::read(&database).unwrap();
    for command in [&["contacts"][..], &["report"], &["sync"]] {
        let told = desk.run(command).with(1);
        assert!(told.err.contains("newer"), "{told:#?}");
    }
    assert_eq!(std::fs::read(&database).unwrap(), before);
}
