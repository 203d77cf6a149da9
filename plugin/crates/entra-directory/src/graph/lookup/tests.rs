use serde_json::json;
use sync_core::mapping::person::PersonKind;

use super::*;
use crate::graph::test_script::{World, error_body};

const GUID: &str = "86462606-fde0-4fc4-9e0c-a20eb73e54c6";

fn ids(ids: &[&str]) -> Vec<ObjectId> {
    ids.iter().copied().map(ObjectId::new).collect()
}

fn user(position: usize, id: &str) -> Value {
    json!({"id": position.to_string(), "status": 200, "body": {"id": id, "accountEnabled": true}})
}

fn not_found(position: usize) -> Value {
    let body = error_body("Request_ResourceNotFound");
    json!({"id": position.to_string(), "status": 404, "body": body})
}

fn refused(position: usize, status: u16, code: &str, retry_after: Option<&str>) -> Value {
    let headers = retry_after.map_or(json!({}), |value| json!({"Retry-After": value}));
    let body = error_body(code);
    json!({"id": position.to_string(), "status": status, "headers": headers, "body": body})
}

fn present(id: &str) -> Whereabouts {
    Whereabouts::Present(json!({"id": id, "accountEnabled": true}).to_string())
}

fn selection() -> Selection {
    Selection::new(["accountEnabled"])
}

fn unknown(code: &str) -> Whereabouts {
    Whereabouts::Unknown(code.to_owned())
}

#[test]
fn whoever_is_no_user_is_asked_for_among_the_organisational_contacts_where_those_are_people() {
    let world = World::signed_in();
    world.expect_batch(
        200,
        json!([user(0, "a"), not_found(1), not_found(2), not_found(3)]),
    );
    let partner = json!({"id": "b", "mail": "b@fabrikam.example"});
    world.expect_batch(
        200,
        json!([
            {"id": "0", "status": 200, "body": &partner},
            not_found(1),
            refused(2, 403, "Authorization_RequestDenied", None),
        ]),
    );
    world.expect_batch(200, json!([not_found(0)]));
    let contacts = Selection::of(PersonKind::OrgContact, ["mail"]);
    let found = world
        .client()
        .whereabouts_of_people(&ids(&["a", "b", "c", "d"]), &selection(), Some(&contacts))
        .unwrap();
    assert_eq!(
        found,
        [
            present("a"),
            Whereabouts::OrgContact(partner.to_string()),
            Whereabouts::NotFound,
            unknown("Authorization_RequestDenied"),
        ]
    );
    let asked = &world.sent()[2].body;
    assert!(
        asked.contains(r#""url":"/contacts/b?$select=id,mail""#),
        "{asked}"
    );
}

#[test]
fn the_four_answers_are_told_apart() {
    let world = World::signed_in();
    let disabled = json!({"id": "b", "accountEnabled": false});
    world.expect_batch(
        200,
        json!([
            not_found(3),
            refused(4, 403, "Authorization_RequestDenied", None),
            {"id": "1", "status": 200, "body": &disabled},
            user(0, "a"),
            not_found(2),
        ]),
    );
    world.expect_batch(
        200,
        json!([
            not_found(1),
            {"id": "0", "status": 200, "body": {"@odata.type": "#microsoft.graph.user", "id": "c"}},
        ]),
    );
    let found = world
        .client()
        .whereabouts(&ids(&["a", "b", "c", "d", "e"]), &selection())
        .unwrap();
    assert_eq!(
        found,
        [
            present("a"),
            Whereabouts::Present(disabled.to_string()),
            Whereabouts::SoftDeleted,
            Whereabouts::NotFound,
            unknown("Authorization_RequestDenied"),
        ]
    );
    let sent = world.sent();
    assert!(
        sent[1]
            .body
            .contains(r#""url":"/users/a?$select=id,accountEnabled""#)
    );
    assert!(
        sent[2]
            .body
            .contains(r#""url":"/directory/deletedItems/c?$select=id""#)
    );
    assert_eq!(sent[1].header("content-type"), Some("application/json"));
}

#[test]
fn nobody_is_asked_for_nobody() {
    let world = World::new();
    assert_eq!(
        world.client().whereabouts(&[], &selection()),
        Ok(Vec::new())
    );
}

#[test]
fn everybody_present_takes_one_request_for_twenty() {
    let world = World::signed_in();
    let names: Vec<_> = (0..21).map(|number| format!("user-{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    world.expect_batch(200, (0..20).rev().map(|n| user(n, names[n])).collect());
    world.expect_batch(200, json!([user(0, "user-20")]));
    let found = world
        .client()
        .whereabouts(&ids(&names), &selection())
        .unwrap();
    let expected: Vec<_> = names.iter().map(|name| present(name)).collect();
    assert_eq!(found, expected);
}

#[test]
fn only_the_documented_not_found_is_one() {
    let world = World::signed_in();
    world.expect_batch(
        200,
        json!([
            {"id": "0", "status": 404, "body": "<html>"},
            refused(1, 404, "ResourceNotFoundSomewhere", None),
            {"id": "2", "status": 204},
            refused(3, 410, "", None),
        ]),
    );
    let found = world
        .client()
        .whereabouts(&ids(&["a", "b", "c", "d"]), &selection())
        .unwrap();
    let expected = [
        "http-404",
        "ResourceNotFoundSomewhere",
        "http-204",
        "http-410",
    ];
    assert_eq!(found, expected.map(unknown));
}

#[test]
fn an_answer_about_somebody_else_or_none_is_no_answer() {
    let world = World::signed_in();
    world.expect_batch(
        200,
        json!([
            user(0, "somebody-else"),
            {"id": "1", "status": 200, "body": {"value": []}},
            user(2, &GUID.to_uppercase()),
        ]),
    );
    let found = world
        .client()
        .whereabouts(&ids(&["a", "delta", GUID, "d"]), &selection())
        .unwrap();
    let another = unknown("answer-about-another");
    assert_eq!(
        found,
        [
            another.clone(),
            another,
            present(&GUID.to_uppercase()),
            unknown("no-answer")
        ]
    );
}

#[test]
fn throttled_answers_are_asked_for_again_after_the_longest_wait() {
    let world = World::signed_in();
    world.expect_batch(
        200,
        json!([
            refused(0, 429, "TooManyRequests", Some("3")),
            user(1, "b"),
            refused(2, 429, "TooManyRequests", Some("7.5")),
            refused(3, 503, "ServiceUnavailable", None),
        ]),
    );
    world.expect_batch(200, json!([user(2, "d"), user(1, "c"), user(0, "a")]));
    let client = world.client();
    let found = client
        .whereabouts(&ids(&["a", "b", "c", "d"]), &selection())
        .unwrap();
    assert_eq!(found, ["a", "b", "c", "d"].map(present));
    let sent = world.sent();
    assert_eq!(sent[2].at - sent[1].at, Duration::from_millis(7_500));
    assert!(!sent[2].body.contains("/users/b"));
    assert_eq!(client.usage().throttled, Duration::from_millis(7_500));
}

#[test]
fn an_answer_that_stays_throttled_is_unknown() {
    let mut world = World::signed_in();
    world.budget.attempts = 2;
    for _ in 0..2 {
        world.expect_batch(200, json!([refused(0, 429, "TooManyRequests", Some("1"))]));
    }
    let found = world
        .client()
        .whereabouts(&ids(&["a"]), &selection())
        .unwrap();
    assert_eq!(found, [unknown("TooManyRequests")]);
}

#[test]
fn a_wait_that_does_not_fit_the_budget_is_handed_on_and_nobody_is_unknown_for_it() {
    let mut world = World::signed_in();
    world.budget.deadline = Duration::from_secs(10);
    world.expect_batch(
        200,
        json!([refused(0, 429, "TooManyRequests", Some("11")), user(1, "b")]),
    );
    let error = world
        .client()
        .whereabouts(&ids(&["a", "b"]), &selection())
        .unwrap_err();
    let eleven = Duration::from_secs(11);
    assert!(
        matches!(&error, GraphError::Throttled { retry_after, .. } if *retry_after == eleven),
        "{error:?}"
    );
    assert_eq!(error.code(), "TooManyRequests");
    assert_eq!(world.passed(), Duration::ZERO);
}

#[test]
fn a_failed_dependency_as_a_whole_is_read_like_success() {
    let world = World::signed_in();
    world.expect_batch(424, json!([user(0, "a")]));
    assert_eq!(
        world
            .client()
            .whereabouts(&ids(&["a"]), &selection())
            .unwrap(),
        [present("a")]
    );
}

#[test]
fn a_batch_that_fails_as_a_whole_is_an_error() {
    for (status, code) in [(400, "http-400"), (403, "forbidden")] {
        let world = World::signed_in();
        world.expect_batch(status, json!([]));
        let error = world
            .client()
            .whereabouts(&ids(&["a"]), &selection())
            .unwrap_err();
        assert_eq!(error.code(), code);
    }
    let world = World::signed_in();
    world.expect_batch(200, json!("no list"));
    let error = world
        .client()
        .whereabouts(&ids(&["a"]), &selection())
        .unwrap_err();
    assert_eq!(error.code(), "unexpected-shape");
}

#[test]
fn an_id_cannot_reach_another_resource() {
    let world = World::signed_in();
    let long = "x".repeat(LONGEST_OBJECT_ID + 1);
    let hostile = ids(&["", "..", ".", &long, r#"a/../../me?x="#]);
    world.expect_batch(200, json!([not_found(0)]));
    world.expect_batch(200, json!([not_found(0)]));
    let found = world.client().whereabouts(&hostile, &selection()).unwrap();
    assert_eq!(found[..4], vec![unknown("invalid-id"); 4]);
    assert_eq!(found[4], Whereabouts::NotFound);
    assert!(
        world.sent()[1]
            .body
            .contains("/users/a%2F..%2F..%2Fme%3Fx%3D?$select")
    );
}

#[test]
fn whoever_was_asked_for_is_read_like_an_element_of_a_page() {
    let world = World::signed_in();
    world.expect_batch(200, json!([user(0, "a")]));
    let client = world.client();
    let found = client.whereabouts(&ids(&["a"]), &selection()).unwrap();
    let Whereabouts::Present(answer) = &found[0] else {
        panic!("{found:?}")
    };
    let read = client.found_user(answer, &selection()).unwrap();
    assert_eq!(read.id.as_deref(), Some("a"));
    assert_eq!(read.values, [entra_users::user::Value::Bool(true)]);
}
