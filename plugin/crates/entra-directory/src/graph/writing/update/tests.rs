use std::time::Duration;

use contact_identity::form::Form;
use guest_kit::HttpFailure;
use serde_json::{Value, json};
use sync_core::ports::directory_writer::AttributeWrite;

use super::*;
use crate::graph::test_script::{Sent, World, error_body};

const ADA: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const BO: &str = "aaaaaaaa-0000-4000-8000-000000000002";
const SECOND: Duration = Duration::from_secs(1);

/// What is to be written: attribute, what it was decided on, value.
type Wanted<'w> = (&'w str, Option<&'w str>, Option<&'w str>);

fn person(id: &str, writes: &[Wanted<'_>]) -> PersonWrite {
    let writes = writes
        .iter()
        .map(|(attribute, decided_on, value)| AttributeWrite {
            attribute: (*attribute).to_owned(),
            form: match *attribute {
                "mobilePhone" => Form::Telephone,
                _ => Form::Text,
            },
            decided_on: decided_on.map(str::to_owned),
            value: value.map(str::to_owned),
        });
    PersonWrite {
        user: ObjectId::new(id),
        writes: writes.collect(),
    }
}

/// Ada becomes a director.
fn promoted() -> PersonWrite {
    person(ADA, &[("jobTitle", Some("Designer"), Some("Director"))])
}

fn there(position: usize, id: &str, values: Value) -> Value {
    let mut body = values;
    body["id"] = json!(id);
    body["onPremisesSyncEnabled"] = Value::Null;
    json!({"id": position.to_string(), "status": 200, "body": body})
}

fn ada(title: &str) -> Value {
    there(0, ADA, json!({"jobTitle": title}))
}

fn taken(position: usize) -> Value {
    json!({"id": position.to_string(), "status": 204, "headers": {}})
}

fn refused(position: usize, status: u16, code: &str, retry_after: Option<&str>) -> Value {
    let headers = retry_after.map_or(json!({}), |value| json!({"Retry-After": value}));
    json!({"id": position.to_string(), "status": status, "headers": headers, "body": error_body(code)})
}

fn roles(position: usize, number: usize) -> Value {
    let roles = vec![json!({"id": "d12ec702"}); number];
    json!({"id": position.to_string(), "status": 200, "body": {"value": roles}})
}

/// The entries of a batch as it was sent.
fn entries(sent: &Sent) -> Vec<Value> {
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    body["requests"].as_array().unwrap().clone()
}

#[test]
fn a_person_is_read_compared_and_written_with_what_differs_alone() {
    let world = World::signed_in();
    world.expect_batch(200, json!([ada("Designer")]));
    world.expect_batch(200, json!([taken(0)]));
    let outcomes = world.client().update(&[promoted()]).unwrap();
    assert_eq!(outcomes, [[WriteOutcome::Written]]);
    let sent = world.sent();
    let read = &entries(&sent[1])[0];
    assert_eq!(read["method"], "GET");
    assert_eq!(
        read["url"],
        format!("/users/{ADA}?$select=id,jobTitle,onPremisesSyncEnabled")
    );
    let write = &entries(&sent[2])[0];
    assert_eq!(
        *write,
        json!({
            "id": "0", "method": "PATCH", "url": format!("/users/{ADA}"),
            "headers": {"Content-Type": "application/json", "x-ms-throttle-priority": "low"},
            "body": {"jobTitle": "Director"},
        })
    );
}

#[test]
fn nothing_is_sent_that_would_change_nothing_or_has_moved() {
    let world = World::signed_in();
    world.expect_batch(
        200,
        json!([
            there(
                0,
                ADA,
                json!({"jobTitle": "Director", "mobilePhone": "+31 612345678"})
            ),
            there(1, BO, json!({"jobTitle": "Artist", "mobilePhone": null})),
        ]),
    );
    let outcomes = world
        .client()
        .update(&[
            person(
                ADA,
                &[
                    ("jobTitle", Some("Designer"), Some("Director")),
                    ("mobilePhone", Some("+31 612345678"), Some("+31612345678")),
                ],
            ),
            person(BO, &[("jobTitle", Some("Designer"), Some("Director"))]),
        ])
        .unwrap();
    let now = |text: &str| Some(text.to_owned());
    assert_eq!(
        outcomes[0],
        [
            WriteOutcome::InPlace {
                now: now("Director")
            },
            WriteOutcome::InPlace {
                now: now("+31 612345678")
            },
        ]
    );
    assert_eq!(outcomes[1], [WriteOutcome::Moved]);
}

#[test]
fn whoever_is_gone_is_gone_before_the_write_and_during_it() {
    let world = World::signed_in();
    let gone = |position| refused(position, 404, "Request_ResourceNotFound", None);
    world.expect_batch(
        200,
        json!([gone(0), there(1, BO, json!({"jobTitle": null}))]),
    );
    world.expect_batch(200, json!([gone(0)]));
    let outcomes = world
        .client()
        .update(&[
            promoted(),
            person(BO, &[("jobTitle", None, Some("Director"))]),
        ])
        .unwrap();
    assert_eq!(outcomes, [[WriteOutcome::Gone], [WriteOutcome::Gone]]);
}

fn phone_and_title() -> PersonWrite {
    person(
        ADA,
        &[
            ("mobilePhone", None, Some("+1 425 555 0100")),
            ("jobTitle", None, Some("Director")),
        ],
    )
}

fn bare() -> Value {
    there(0, ADA, json!({"jobTitle": null, "mobilePhone": null}))
}

#[test]
fn a_number_goes_by_itself_and_its_refusal_takes_nothing_along() {
    let world = World::signed_in();
    world.expect_batch(200, json!([bare()]));
    world.expect_batch(200, json!([roles(0, 0)]));
    world.expect_batch(200, json!([bare()]));
    world.expect_batch(200, json!([taken(0)]));
    world.expect_batch(
        200,
        json!([refused(0, 403, "Authorization_RequestDenied", None)]),
    );
    let outcomes = world.client().update(&[phone_and_title()]).unwrap();
    // What the token carries cannot be seen here, so it is not known for whose sake.
    let refusal = Refusal::Permission;
    assert_eq!(
        outcomes,
        [[WriteOutcome::Refused(refusal), WriteOutcome::Written]]
    );
    let sent = world.sent();
    let asked = &entries(&sent[2])[0];
    assert_eq!(
        asked["url"],
        format!(
            "/users/{ADA}/transitiveMemberOf/microsoft.graph.directoryRole?$count=true&$select=id&$top=1"
        )
    );
    assert_eq!(asked["headers"], json!({"ConsistencyLevel": "eventual"}));
    assert_eq!(
        entries(&sent[4])[0]["body"],
        json!({"jobTitle": "Director"})
    );
    assert_eq!(
        entries(&sent[5])[0]["body"],
        json!({"mobilePhone": "+1 425 555 0100"})
    );
}

#[test]
fn a_number_of_somebody_with_a_role_is_never_sent() {
    for (answer, outcome) in [
        (roles(0, 1), WriteOutcome::Refused(Refusal::Privileged)),
        (
            refused(0, 403, "Authorization_RequestDenied", None),
            WriteOutcome::Refused(Refusal::RolesUnknown),
        ),
        (
            // An empty page that is not the last one says nothing.
            json!({"id": "0", "status": 200, "body": {
                "value": [], "@odata.nextLink": "https://graph.example/v1.0/x",
            }}),
            WriteOutcome::Later {
                retry_after: None,
                code: "unexpected-shape".to_owned(),
            },
        ),
    ] {
        let world = World::signed_in();
        world.expect_batch(200, json!([bare()]));
        world.expect_batch(200, json!([answer]));
        world.expect_batch(200, json!([bare()]));
        world.expect_batch(200, json!([taken(0)]));
        let outcomes = world.client().update(&[phone_and_title()]).unwrap();
        assert_eq!(outcomes, [[outcome, WriteOutcome::Written]]);
    }
}

#[test]
fn a_throttled_write_is_sent_again_when_the_service_says_and_after_another_look() {
    let world = World::signed_in();
    world.expect_batch(200, json!([ada("Designer")]));
    world.expect_batch(200, json!([refused(0, 429, "TooManyRequests", Some("7"))]));
    world.expect_batch(200, json!([ada("Designer")]));
    world.expect_batch(200, json!([taken(0)]));
    let outcomes = world.client().update(&[promoted()]).unwrap();
    assert_eq!(outcomes, [[WriteOutcome::Written]]);
    let sent = world.sent();
    assert!(sent[3].at - sent[2].at >= SECOND * 7);
}

#[test]
fn what_somebody_else_wrote_meanwhile_is_not_overwritten() {
    let world = World::signed_in();
    world.expect_batch(200, json!([ada("Designer")]));
    world.expect_batch(
        200,
        json!([refused(0, 409, "Directory_ConcurrencyViolation", None)]),
    );
    world.expect_batch(200, json!([ada("Artist")]));
    let outcomes = world.client().update(&[promoted()]).unwrap();
    assert_eq!(outcomes, [[WriteOutcome::Moved]]);
}

#[test]
fn a_write_without_an_answer_is_read_back_and_not_sent_twice() {
    let world = World::signed_in();
    world.expect_batch(200, json!([ada("Designer")]));
    world.expect_batch_failure(HttpFailure::TimedOut);
    world.expect_batch(200, json!([ada("Director")]));
    let outcomes = world.client().update(&[promoted()]).unwrap();
    assert_eq!(outcomes, [[WriteOutcome::Written]]);
}

#[test]
fn what_cannot_be_read_back_is_unknown() {
    let world = World::signed_in();
    world.expect_batch(200, json!([ada("Designer")]));
    world.expect_batch(200, json!([refused(0, 504, "UnknownError", None)]));
    world.expect_batch(
        200,
        json!([refused(0, 403, "Authorization_RequestDenied", None)]),
    );
    let outcomes = world.client().update(&[promoted()]).unwrap();
    let code = "Authorization_RequestDenied".to_owned();
    assert_eq!(outcomes, [[WriteOutcome::Unknown { code }]]);
}

#[test]
fn patience_that_there_is_no_time_for_is_told() {
    let mut world = World::signed_in();
    world.budget.deadline = SECOND * 20;
    world.expect_batch(200, json!([ada("Designer")]));
    world.expect_batch(200, json!([refused(0, 429, "TooManyRequests", Some("60"))]));
    let outcomes = world.client().update(&[promoted()]).unwrap();
    assert_eq!(
        outcomes,
        [[WriteOutcome::Later {
            retry_after: Some(SECOND * 60),
            code: "TooManyRequests".to_owned(),
        }]]
    );
}

#[test]
fn where_nothing_was_sent_that_writes_the_failure_is_the_whole_answer() {
    let world = World::signed_in();
    world.expect_batch(403, json!([]));
    let error = world.client().update(&[promoted()]).unwrap_err();
    assert!(matches!(error, GraphError::Forbidden(_)), "{error:?}");
}

#[test]
fn a_refusal_names_its_property_or_is_everybodys_who_went_along() {
    let both = person(
        ADA,
        &[
            ("jobTitle", None, Some("Director")),
            ("department", None, Some("Sales")),
        ],
    );
    let empty = || there(0, ADA, json!({"jobTitle": null, "department": null}));
    let mut named = refused(0, 400, "Request_BadRequest", None);
    named["body"]["error"]["details"] = json!([{"code": "InvalidLength", "target": "department"}]);
    let world = World::signed_in();
    world.expect_batch(200, json!([empty()]));
    world.expect_batch(200, json!([named]));
    world.expect_batch(200, json!([empty()]));
    world.expect_batch(200, json!([taken(0)]));
    let invalid = |code: &str| {
        WriteOutcome::Refused(Refusal::Value {
            code: code.to_owned(),
        })
    };
    let outcomes = world.client().update(std::slice::from_ref(&both)).unwrap();
    assert_eq!(
        outcomes,
        [[WriteOutcome::Written, invalid("InvalidLength")]]
    );

    let world = World::signed_in();
    world.expect_batch(200, json!([empty()]));
    world.expect_batch(200, json!([refused(0, 400, "Request_BadRequest", None)]));
    let outcomes = world.client().update(&[both]).unwrap();
    let refused = invalid("Request_BadRequest");
    assert_eq!(outcomes, [[refused.clone(), refused]]);
}

#[test]
fn what_exchange_keeps_is_left_out_once_where_a_refusal_names_nothing() {
    let name = "onPremisesExtensionAttributes/extensionAttribute1";
    let both = person(
        ADA,
        &[
            ("jobTitle", None, Some("Director")),
            (name, None, Some("A-1")),
        ],
    );
    let empty = || {
        there(
            0,
            ADA,
            json!({"jobTitle": null, "onPremisesExtensionAttributes": null}),
        )
    };
    let bad = || refused(0, 400, "Request_BadRequest", None);
    let refused_value = WriteOutcome::Refused(Refusal::Value {
        code: "Request_BadRequest".to_owned(),
    });

    let world = World::signed_in();
    world.expect_batch(200, json!([empty()]));
    world.expect_batch(200, json!([bad()]));
    world.expect_batch(200, json!([empty()]));
    world.expect_batch(200, json!([taken(0)]));
    let outcomes = world.client().update(std::slice::from_ref(&both)).unwrap();
    assert_eq!(outcomes, [[WriteOutcome::Written, refused_value.clone()]]);
    let sent = world.sent();
    assert_eq!(
        entries(&sent[4])[0]["body"],
        json!({"jobTitle": "Director"})
    );

    // The rest is refused, too: then it goes by itself, and only then is given up.
    let world = World::signed_in();
    for _ in 0..3 {
        world.expect_batch(200, json!([empty()]));
        world.expect_batch(200, json!([bad()]));
    }
    let outcomes = world.client().update(&[both]).unwrap();
    assert_eq!(outcomes, [[refused_value.clone(), refused_value]]);
}

/// What somebody else changes while the roles are asked for stays: the whole is read again before it is sent.
#[test]
fn a_collection_is_sent_as_it_stands_after_the_roles_were_asked_for() {
    let world = World::signed_in();
    let other = |mails: Value| there(0, ADA, json!({"otherMails": mails}));
    world.expect_batch(200, json!([other(json!(["a@x.example"]))]));
    world.expect_batch(200, json!([roles(0, 0)]));
    world.expect_batch(200, json!([other(json!(["a@x.example", "new@x.example"]))]));
    world.expect_batch(200, json!([taken(0)]));
    let wanted = ("otherMails", Some("a@x.example"), Some("b@x.example"));
    let outcomes = world.client().update(&[person(ADA, &[wanted])]).unwrap();
    assert_eq!(outcomes, [[WriteOutcome::Written]]);
    assert_eq!(
        entries(&world.sent()[4])[0]["body"],
        json!({"otherMails": ["b@x.example", "new@x.example"]})
    );
}

#[test]
fn what_a_contact_holds_with_a_control_character_is_refused_before_any_request() {
    let world = World::signed_in();
    let wanted = ("jobTitle", Some("Designer"), Some("Director\nof it"));
    let outcomes = world.client().update(&[person(ADA, &[wanted])]).unwrap();
    let code = "control-character";
    assert_eq!(outcomes, [[WriteOutcome::Refused(Refusal::Unfit { code })]]);
    assert_eq!(world.sent().len(), 1, "a token");
}

/// Forty people, twenty in each call.
#[test]
fn writes_keep_a_pace() {
    let world = World::signed_in();
    let people = |call: usize| -> Vec<PersonWrite> {
        let ids = (0..20).map(|number| format!("aaaaaaaa-0000-4000-8000-{call:06}{number:06}"));
        ids.map(|id| person(&id, &[("jobTitle", None, Some("Director"))]))
            .collect()
    };
    let client = world.client();
    for call in 0..2 {
        let people = people(call);
        let body = |(position, person): (usize, &PersonWrite)| {
            there(position, person.user.as_str(), json!({"jobTitle": null}))
        };
        let read: Vec<_> = people.iter().enumerate().map(body).collect();
        world.expect_batch(200, json!(read));
        let all: Vec<_> = (0..20).map(taken).collect();
        world.expect_batch(200, json!(all));
        let outcomes = client.update(&people).unwrap();
        assert!(
            outcomes
                .iter()
                .flatten()
                .all(|one| *one == WriteOutcome::Written)
        );
    }
    let sent = world.sent();
    let at: Vec<_> = sent[1..].iter().map(|sent| sent.at).collect();
    // Eighteen a second.
    let paid = Duration::from_millis(1_111);
    assert_eq!(at, [Duration::ZERO, Duration::ZERO, paid, paid]);
    assert_eq!(
        client.usage().throttled,
        Duration::ZERO,
        "nobody asked for it"
    );
}

#[test]
fn nothing_personal_is_logged() {
    let world = World::signed_in();
    world.expect_batch(200, json!([ada("Designer")]));
    world.expect_batch(200, json!([refused(0, 429, "TooManyRequests", Some("1"))]));
    world.expect_batch(200, json!([ada("Artist")]));
    world.client().update(&[promoted()]).unwrap();
    let events = world.events().join("\n");
    assert!(events.contains("users-update"), "{events}");
    for personal in ["Designer", "Director", "Artist", "jane.doe"] {
        assert!(!events.contains(personal), "{events}");
    }
}
