//! Groups in the settings: chosen in the form and in the API, and never lost by an edit of something else.

use http::StatusCode;
use serde_json::{Value, json};

use super::presets::document;
use super::setup::map;
use super::visit::{Answer, Place, Visit};

/// A workspace that is being set up, and its administrator.
async fn beginning() -> (Place, Visit) {
    let place = Place::with_people(1).await;
    place.add("acme", "mirror");
    let ada = place.administrator("acme").await;
    (place, ada)
}

/// A workspace that is connected with a document that has groups.
async fn connected(groups: Value) -> (Place, Visit) {
    let place = Place::with_people(1).await;
    place.add("acme", "mirror");
    let permissions = ["User.Read.All", "GroupMember.Read.All"];
    place.control().grant(permissions.map(str::to_owned).into());
    let sync = json!({ "preset": "mirror", "scope": "users-and-groups", "groups": groups });
    place.connect("acme", sync).await;
    let ada = place.administrator("acme").await;
    (place, ada)
}

#[track_caller]
fn saved(answer: &Answer) {
    let done = [StatusCode::OK, StatusCode::SEE_OTHER];
    assert!(done.contains(&answer.status), "{}", answer.body);
}

/// What the document says of groups.
fn said(place: &Place) -> (Value, Value) {
    let document = document(place, "acme");
    let sync = &document["sync"];
    (sync["scope"].clone(), sync["groups"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_chosen_in_the_form_and_shown_in_it_again() {
    let (place, mut ada) = beginning().await;
    assert_eq!(ada.api("/settings").await["groups"]["scope"], "users");
    let answer = map(
        &mut ada,
        &[
            ("scope", "users-and-groups"),
            ("groups.include", "Sales\r\n\r\n Region * \r\n"),
            ("groups.kinds.security", "on"),
            ("groups.members", "transitive"),
            ("groups.people", "members"),
        ],
    )
    .await;
    saved(&answer);
    let groups = json!({ "include": ["Sales", "Region *"], "kinds": ["security"],
        "members": "transitive", "people": "members" });
    assert_eq!(said(&place), (json!("users-and-groups"), groups));

    let told = &ada.api("/settings").await["groups"];
    assert_eq!(told["include"], json!(["Sales", "Region *"]));
    assert_eq!(
        (&told["members"], &told["people"]),
        (&json!("transitive"), &json!("members"))
    );
    // The words are the connector's own.
    let kinds = told["choices"]["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), 3, "{kinds:?}");
    let page = ada.get("/setup/map").await.body;
    for part in [
        "Sales\nRegion *</textarea>",
        "name=\"groups.kinds.security\" value=\"on\" checked",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_need_not_be_said_is_not_and_users_alone_leave_nothing_of_groups() {
    let (place, mut ada) = beginning().await;
    let usual = [
        ("scope", "users-and-groups"),
        ("groups.include", ""),
        ("groups.members", "direct"),
        ("groups.people", "all"),
    ];
    saved(&map(&mut ada, &usual).await);
    assert_eq!(said(&place), (json!("users-and-groups"), Value::Null));
    let users = [("scope", "users"), ("groups.include", "")];
    saved(&map(&mut ada, &users).await);
    assert_eq!(said(&place), (Value::Null, Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_with_groups_survives_every_edit_that_is_not_of_groups() {
    let groups = json!({ "include": ["Region *", "sales"], "kinds": ["mail-enabled"], "people": "members",
        "list": { "name": "Entra {group}", "description": "From {group}" } });
    let (place, mut ada) = connected(groups.clone()).await;
    let expected = (json!("users-and-groups"), groups);

    // A form that does not speak of groups, as one from before there were any.
    saved(&map(&mut ada, &[("schedule", "every 3 h")]).await);
    assert_eq!(said(&place), expected);
    // The form as a browser posts it.
    let as_shown = [
        ("scope", "users-and-groups"),
        ("groups.include", "Region *\r\nsales"),
        ("groups.kinds.mail-enabled", "on"),
        ("groups.members", "direct"),
        ("groups.people", "members"),
        ("schedule", "every 4 h"),
    ];
    saved(&map(&mut ada, &as_shown).await);
    assert_eq!(said(&place), expected);
    // The API, with what it told, and without a word of groups.
    let mut settings = ada.api("/settings").await;
    settings["schedule"] = json!("every 5 h");
    saved(&ada.put_api("/settings", &settings).await);
    assert_eq!(said(&place), expected);
    let mut settings = ada.api("/settings").await;
    settings.as_object_mut().unwrap().remove("groups");
    saved(&ada.put_api("/settings", &settings).await);
    assert_eq!(said(&place), expected);
    // Another preset: who is read stays.
    saved(&map(&mut ada, &[("preset", "additive")]).await);
    assert_eq!(said(&place), expected);
    let page = ada.get("/setup/map").await;
    let filled = [
        ("preset", "lifecycle"),
        ("action", "preset"),
        ("scope", "users-and-groups"),
        ("groups.include", "Region *\nsales"),
        ("groups.people", "members"),
    ];
    let drawn = ada.post_from(&page, "/setup/map", &filled).await.body;
    assert!(drawn.contains("Region *\nsales</textarea>"), "{drawn}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_groups_are_in_force_when_a_plan_of_them_was_approved_and_not_before() {
    let (place, mut ada) = connected(json!({ "include": ["Sales"] })).await;
    place.sync("acme", false).await;
    let mut settings = ada.api("/settings").await;
    settings["groups"]["include"] = json!(["SALES"]);
    saved(&ada.put_api("/settings", &settings).await);
    // The same group, spelt otherwise, is no other group.
    let mut settings = ada.api("/settings").await;
    assert_eq!(settings["proposal"], Value::Null);
    settings["groups"]["include"] = json!(["SALES", "Marketing"]);
    saved(&ada.put_api("/settings", &settings).await);
    assert_ne!(ada.api("/settings").await["proposal"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_groups_is_told_beside_its_input_and_nothing_is_saved() {
    let (place, mut ada) = beginning().await;
    for (fields, told, id) in [
        (
            vec![("groups.include", "Sales\nSALES")],
            "SALES: This stands earlier in the list",
            "groups-include-problem",
        ),
        (
            vec![("groups.include", "*")],
            "Leave `include` out",
            "groups-include-problem",
        ),
        (
            vec![("groups.members", "nested")],
            "`direct` or `transitive`",
            "groups-members-problem",
        ),
        (
            vec![("groups.people", "some")],
            "`all` or `members`",
            "groups-people-problem",
        ),
        (
            vec![("groups.kinds.dynamic", "on")],
            "`mail-enabled`",
            "groups-kinds-problem",
        ),
        (
            vec![("scope", "users"), ("groups.include", "Sales")],
            "where users and groups are read",
            "groups-include-problem",
        ),
        (
            vec![("scope", "everything")],
            "`users-and-groups`",
            "scope-problem",
        ),
    ] {
        let mut fields = fields;
        if fields.iter().all(|(name, _)| *name != "scope") {
            fields.push(("scope", "users-and-groups"));
        }
        let answer = map(&mut ada, &fields).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{fields:?}"
        );
        assert!(answer.body.contains(told), "{fields:?}: {}", answer.body);
        assert!(
            answer.body.contains(&format!("id=\"{id}\"")),
            "{fields:?}: {}",
            answer.body
        );
    }
    assert_eq!(said(&place), (Value::Null, Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_tells_what_is_wrong_with_groups_by_its_key() {
    let (_place, mut ada) = beginning().await;
    let settings = ada.api("/settings").await;
    for (groups, key) in [
        (
            json!({ "scope": "users-and-groups", "include": ["Sales", "sales"] }),
            "groups.include",
        ),
        (
            json!({ "scope": "users-and-groups", "members": "nested" }),
            "groups.members",
        ),
        (json!({ "scope": "everything" }), "groups.scope"),
        (
            json!({ "scope": "users", "include": ["Sales"] }),
            "groups.include",
        ),
        (
            json!({ "scope": "users-and-groups", "includes": ["Sales"] }),
            "groups.includes",
        ),
        (json!({ "include": ["Sales"] }), "groups.scope"),
        (
            json!({ "scope": "users-and-groups", "kinds": "security" }),
            "groups.kinds",
        ),
    ] {
        let mut body = settings.clone();
        body["groups"] = groups.clone();
        let answer = ada.put_api("/settings", &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{groups}");
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        let keys: Vec<_> = told["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|problem| problem["pointer"].as_str().unwrap())
            .collect();
        assert_eq!(keys, [key], "{groups}: {told}");
    }
}
