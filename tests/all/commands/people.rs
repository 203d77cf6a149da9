//! `explain` and `retry`: one person, and the list of those who could not be written.

use serde_json::{Value, json};

use super::desk::Desk;
use super::shapes::{RUN, has_keys};
use crate::world::{object_id, person, person_with};

async fn synced(users: Vec<Value>, sync: Value) -> Desk {
    let desk = Desk::with(users).await;
    desk.connect(sync);
    desk.run(&["sync"]).with(0);
    desk
}

/// Somebody whom the store refuses.
fn too_long() -> Value {
    person_with(2, "Jo", "Berg", json!({ "companyName": "x".repeat(5_000) }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_explained_by_any_of_their_names() {
    let desk = synced(
        vec![person(1, "Zoe", "Vance"), person(2, "Jo", "Berg")],
        json!({ "preset": "mirror", "conflict": "merge" }),
    )
    .await;
    let contact = desk.contacts()[0]["id"].as_str().unwrap().to_owned();
    desk.run(&["contacts", "edit", &contact, "company", "Fabrikam"])
        .with(0);
    let asked = desk.emulator.requests().len();
    let by_address = desk
        .run(&["explain", "ZOE.vance@contoso.example", "--json"])
        .with(0)
        .json();
    assert_eq!(by_address.as_array().unwrap().len(), 1);
    for name in [contact.as_str(), &object_id(1)] {
        let told = desk.run(&["explain", name, "--json"]).with(0).json();
        assert_eq!(told, by_address, "{name}");
    }
    assert_eq!(desk.emulator.requests().len(), asked, "nobody was asked");

    let zoe = &by_address[0];
    has_keys(
        zoe,
        "objectId contactId active lists link fields note ledger history summary",
    );
    assert_eq!(zoe["objectId"], object_id(1));
    has_keys(&zoe["link"], "at run reason");
    assert_eq!(zoe["link"]["reason"], "new-user");
    let fields = zoe["fields"].as_array().unwrap();
    let company = fields
        .iter()
        .find(|field| field["field"] == "company")
        .unwrap();
    has_keys(
        company,
        "field label attribute value base origin keptBy run",
    );
    assert_eq!(company["origin"], "local");
    assert_eq!(company["value"], "Fabrikam");
    assert_eq!(company["base"], "Contoso");
    has_keys(
        &zoe["history"][0],
        "at run objectId contactId change reason fields joins leaves",
    );
    assert_eq!(zoe["history"][0]["change"], "create");

    let said = desk.run(&["explain", &contact]).with(0);
    for words in ["Fabrikam", "local", "history, newest first", "new-user"] {
        assert!(said.out.contains(words), "{words}: {said:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_was_left_out_is_explained_by_their_note() {
    let desk = synced(
        vec![person(1, "Zoe", "Vance")],
        json!({ "preset": "mirror", "filters": { "department": "Support" } }),
    )
    .await;
    let told = desk
        .run(&["explain", "zoe.vance@contoso.example", "--json"])
        .with(0)
        .json();
    has_keys(&told[0]["note"], "reason run since");
    assert_eq!(told[0]["note"]["reason"], "out-of-scope");
    assert_eq!(told[0]["contactId"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_stranger_nothing_is_known_and_that_is_1() {
    let desk = synced(
        vec![person(1, "Zoe", "Vance")],
        json!({ "preset": "mirror" }),
    )
    .await;
    desk.run(&["explain", "stranger@contoso.example"])
        .with(1)
        .saying("Nothing is known");
    let told = desk.run(&["explain", "4711", "--json"]).with(1).json();
    assert_eq!(told, json!([]));
    desk.run(&["retry", "stranger@contoso.example"])
        .with(1)
        .saying("object id");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_could_not_be_written_is_reported_and_tried_again() {
    let desk = synced(
        vec![person(1, "Zoe", "Vance"), too_long()],
        json!({ "preset": "mirror" }),
    )
    .await;
    let report = desk.run(&["report", "--json"]).with(0).json();
    let ledger = &report["ledger"];
    has_keys(ledger, "waiting givenUp entries");
    assert_eq!(ledger["waiting"], 1);
    assert_eq!(ledger["givenUp"], 0);
    has_keys(
        &ledger["entries"][0],
        "objectId code field tries givenUp first last",
    );
    assert_eq!(ledger["entries"][0]["objectId"], object_id(2));
    assert_eq!(ledger["entries"][0]["code"], "too-long");
    let said = desk.run(&["report"]).with(0);
    for words in ["1 will be tried again", &object_id(2), "too-long"] {
        assert!(said.out.contains(words), "{words}: {said:#?}");
    }
    let run = report["history"][0]["runId"].as_str().unwrap();
    assert!(said.out.contains(run), "{said:#?}");

    desk.emulator
        .control()
        .edit_user(&object_id(2), json!({ "companyName": "Contoso" }))
        .unwrap();
    let run = desk.run(&["retry", &object_id(2), "--json"]).with(0).json();
    has_keys(&run, RUN);
    assert_eq!(run["trigger"], "retry");
    assert_eq!(run["created"], 1);
    let report = desk.run(&["report", "--json"]).with(0).json();
    assert_eq!(report["ledger"]["waiting"], 0);
    assert_eq!(desk.contacts().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_and_a_note_lead_to_the_user_who_is_tried() {
    let desk = synced(
        vec![
            person(1, "Zoe", "Vance"),
            person_with(2, "Jo", "Berg", json!({ "department": "Support" })),
        ],
        json!({ "preset": "mirror", "filters": { "department": "Sales" } }),
    )
    .await;
    desk.emulator
        .control()
        .edit_user(&object_id(1), json!({ "companyName": "Fabrikam" }))
        .unwrap();
    let contact = desk.contacts()[0]["id"].as_str().unwrap().to_owned();
    let said = desk.run(&["retry", &contact]).with(0);
    assert!(
        said.out
            .contains("retry succeeded: 1 people; 0 created, 1 updated"),
        "{said:#?}"
    );
    assert_eq!(desk.contacts()[0]["fields"]["company"], "Fabrikam");

    desk.emulator
        .control()
        .edit_user(&object_id(2), json!({ "department": "Sales" }))
        .unwrap();
    let run = desk
        .run(&["retry", "jo.berg@contoso.example", "--json"])
        .with(0)
        .json();
    assert_eq!(run["created"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_named_by_an_object_id_in_any_of_its_spellings() {
    let id = "abcdef00-0000-4000-8000-00000000abcd";
    let zoe = person_with(1, "Zoe", "Vance", json!({ "id": id }));
    let desk = synced(
        vec![zoe, person(2, "Jo", "Berg")],
        json!({ "preset": "mirror" }),
    )
    .await;
    let expected = desk.run(&["explain", id, "--json"]).with(0).json();
    desk.run(&["plan", "--full"]).with(0);
    for spelling in [
        "ABCDEF00-0000-4000-8000-00000000ABCD",
        "{abcdef00-0000-4000-8000-00000000abcd}",
        "abcdef0000004000800000000000abcd",
    ] {
        let told = desk.run(&["explain", spelling, "--json"]).with(0).json();
        assert_eq!(told, expected, "{spelling}");
        let show = ["plan", "show", "--person", spelling, "--json"];
        let shown = desk.run(&show).with(0).json();
        assert_eq!(
            shown["changes"].as_array().map(Vec::len),
            Some(1),
            "{shown}"
        );
        let run = desk.run(&["retry", spelling, "--json"]).with(0).json();
        assert_eq!((&run["created"], &run["unchanged"]), (&json!(0), &json!(1)));
    }
    assert_eq!(desk.contacts().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_an_object_id_is_wrong_usage() {
    let desk = synced(
        vec![person(1, "Zoe", "Vance")],
        json!({ "preset": "mirror" }),
    )
    .await;
    let long = "x".repeat(129);
    for command in [
        vec!["retry", &long],
        vec!["explain", &long],
        vec!["plan", "show", "--person", &long],
        vec!["explain", " "],
        vec!["retry", "zoe"],
        vec!["explain", "00000000-0000-4000"],
    ] {
        desk.run(&command).with(2).saying("object id");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_whom_the_directory_does_not_have_is_1_and_no_success() {
    let desk = synced(
        vec![person(1, "Zoe", "Vance")],
        json!({ "preset": "mirror" }),
    )
    .await;
    let stranger = object_id(99);
    let said = desk.run(&["retry", &stranger]).with(1);
    assert!(said.out.contains("has no user"), "{said:#?}");
    assert!(!said.out.contains("succeeded"), "{said:#?}");
    desk.run(&["explain", &stranger])
        .with(1)
        .saying("Nothing is known");
}
