//! What of a person is sent, and what became of it.

use contact_identity::form::Form;
use entra_users::mapping::catalogue::Kind;
use proptest::prelude::*;
use serde_json::json;
use sync_core::contact::{AttributeChange, Contact, ContactId, Field, Link};
use sync_core::mapping::person::Stated;
use sync_core::mapping::rows::{Direction, Purpose, Row, Winner};
use sync_core::reconcile::merge::{Occasion, merge};
use sync_core::settings::Conflict;

use super::*;

fn write(attribute: &str, decided_on: Option<&str>, value: Option<&str>) -> AttributeWrite {
    let form = match attribute {
        "mobilePhone" => Form::Telephone,
        "otherMails" => Form::Address,
        _ => Form::Text,
    };
    AttributeWrite {
        attribute: attribute.to_owned(),
        form,
        decided_on: decided_on.map(str::to_owned),
        value: value.map(str::to_owned),
    }
}

fn of(writes: Vec<AttributeWrite>) -> PersonWrite {
    PersonWrite {
        user: ObjectId::new("aaaaaaaa-0000-4000-8000-000000000001"),
        writes,
    }
}

/// What becomes of one write when the person is as stated; `None` where it is sent.
fn compared(one: AttributeWrite, body: &Value) -> Option<WriteOutcome> {
    let wanted = of(vec![one]);
    let mut person = Person::new(&wanted, &|_| true);
    let standing = person.compare(body);
    let is_sent = !(standing.plain.update.is_empty() && standing.sensitive.update.is_empty());
    assert_eq!(is_sent, person.is_open());
    (!is_sent).then(|| person.into_outcomes().remove(0))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn a_write_stands_where_the_directory_holds_what_it_was_decided_on() {
    let body = json!({"jobTitle": "Designer ", "city": null});
    assert_eq!(
        compared(write("jobTitle", Some("Designer"), Some("Director")), &body),
        None
    );
    assert_eq!(compared(write("city", None, Some("Oslo")), &body), None);
    assert_eq!(
        compared(write("jobTitle", Some("Artist"), Some("Director")), &body),
        Some(WriteOutcome::Moved)
    );
    assert_eq!(
        compared(write("jobTitle", Some("Artist"), Some("Designer")), &body),
        Some(WriteOutcome::InPlace {
            now: some("Designer")
        })
    );
}

#[test]
fn a_number_of_the_same_digits_is_in_place() {
    let body = json!({"mobilePhone": "+31 612345678"});
    assert_eq!(
        compared(
            write(
                "mobilePhone",
                Some("+31 612345678"),
                Some("+31 6 1234 5678")
            ),
            &body
        ),
        Some(WriteOutcome::InPlace {
            now: some("+31 612345678")
        })
    );
}

#[test]
fn whoever_is_mastered_elsewhere_is_not_written() {
    let title = || write("jobTitle", None, Some("Director"));
    let name = "onPremisesExtensionAttributes/extensionAttribute1";
    let extension = || write(name, None, Some("x"));
    let refused = Some(WriteOutcome::Refused(Refusal::MasteredElsewhere));
    for (synced, of_title, of_extension) in [
        (json!(true), refused.clone(), refused.clone()),
        (json!(false), None, refused.clone()),
        (Value::Null, None, None),
    ] {
        let body = json!({
            "onPremisesSyncEnabled": synced, "jobTitle": null, "onPremisesExtensionAttributes": null,
        });
        assert_eq!(compared(title(), &body), of_title, "{synced}");
        assert_eq!(compared(extension(), &body), of_extension, "{synced}");
    }
}

#[test]
fn what_is_not_stated_is_not_written() {
    let unexpected = Some(WriteOutcome::Refused(other("unexpected-shape")));
    let title = || write("jobTitle", None, Some("Director"));
    assert_eq!(compared(title(), &json!({})), unexpected);
}

#[test]
fn emptying_takes_no_more_than_the_value_that_is_known() {
    let several = json!({"otherMails": ["a@x.example", "b@x.example"]});
    let empty = || write("otherMails", Some("a@x.example"), None);
    assert_eq!(
        compared(empty(), &several),
        Some(WriteOutcome::Refused(Refusal::SeveralValues))
    );
    assert_eq!(
        compared(empty(), &json!({"otherMails": ["a@x.example"]})),
        None
    );
}

#[test]
fn what_needs_no_look_at_the_person_is_settled_at_once() {
    let wanted = of(vec![
        write("userPrincipalName", None, Some("x")),
        write("shoeSize", None, Some("x")),
        write("displayName", Some("Ada"), None),
        write("mobilePhone", None, Some("1")),
    ]);
    let granted = |writable: Writable| !writable.rules().is_sensitive;
    let outcomes = Person::new(&wanted, &granted).into_outcomes();
    let refusals: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| match outcome {
            WriteOutcome::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        refusals,
        [
            Refusal::ReadOnly,
            other("unknown-attribute"),
            Refusal::Unfit {
                code: "cannot-be-empty"
            },
            Refusal::Permission,
        ]
    );
}

#[test]
fn what_may_lead_into_an_account_is_sent_by_itself() {
    let wanted = of(vec![
        write("jobTitle", None, Some("Director")),
        write("mobilePhone", None, Some("+1 425 555 0100")),
    ]);
    let mut person = Person::new(&wanted, &|_| true);
    let standing = person.compare(&json!({"jobTitle": null, "mobilePhone": null}));
    assert_eq!(standing.plain.places, [0]);
    assert_eq!(standing.sensitive.places, [1]);
    let properties = standing.sensitive.update.properties();
    assert_eq!(properties.keys().collect::<Vec<_>>(), ["mobilePhone"]);
}

fn three() -> PersonWrite {
    of(vec![
        write("jobTitle", None, Some("Director")),
        write("department", None, Some("Sales")),
        write(
            "onPremisesExtensionAttributes/extensionAttribute1",
            None,
            Some("x"),
        ),
    ])
}

fn body() -> Value {
    json!({"jobTitle": null, "department": null, "onPremisesExtensionAttributes": null})
}

#[test]
fn a_refusal_that_names_a_property_does_not_take_the_others_along() {
    let wanted = three();
    let mut person = Person::new(&wanted, &|_| true);
    let places = person.compare(&body()).plain.places;
    person.invalid(&places, Some("department"), "InvalidLength");
    assert_eq!(person.compare(&body()).plain.places, [0, 2]);
    assert_eq!(
        person.into_outcomes()[1],
        WriteOutcome::Refused(Refusal::Value {
            code: "InvalidLength".to_owned()
        })
    );
}

#[test]
fn a_refusal_that_names_nothing_is_tried_once_without_what_exchange_may_keep() {
    let wanted = three();
    let mut person = Person::new(&wanted, &|_| true);
    let places = person.compare(&body()).plain.places;
    person.invalid(&places, None, "Request_BadRequest");
    person.take_in();
    let places = person.compare(&body()).plain.places;
    assert_eq!(places, [0, 1], "the others first");
    // Refused again, it was not that.
    person.invalid(&places, None, "Request_BadRequest");
    assert!(person.compare(&body()).plain.update.is_empty());
    person.take_in();
    let places = person.compare(&body()).plain.places;
    assert_eq!(places, [2]);
    person.invalid(&places, None, "Request_BadRequest");
    assert!(!person.is_open());
    let all = person.into_outcomes();
    assert!(all.iter().all(|one| *one == bad_request()), "{all:?}");
}

fn bad_request() -> WriteOutcome {
    WriteOutcome::Refused(Refusal::Value {
        code: "Request_BadRequest".to_owned(),
    })
}

#[test]
fn what_was_left_out_of_an_update_that_is_then_taken_is_what_graph_refused_in_its_words() {
    let wanted = three();
    let mut person = Person::new(&wanted, &|_| true);
    let places = person.compare(&body()).plain.places;
    person.invalid(&places, None, "Request_BadRequest");
    let places = person.compare(&body()).plain.places;
    person.done(&places);
    assert_eq!(
        person.into_outcomes(),
        [WriteOutcome::Written, WriteOutcome::Written, bad_request()]
    );
}

#[test]
fn what_may_have_been_taken_is_read_back_before_it_is_sent_again() {
    let wanted = of(vec![write("jobTitle", Some("Designer"), Some("Director"))]);
    let sent = || {
        let mut person = Person::new(&wanted, &|_| true);
        let places = person
            .compare(&json!({"jobTitle": " Designer"}))
            .plain
            .places;
        person.may_be_done(&places);
        person
    };
    let mut taken = sent();
    taken.compare(&json!({"jobTitle": "Director"}));
    assert_eq!(taken.into_outcomes(), [WriteOutcome::Written]);
    let mut not_taken = sent();
    let standing = not_taken.compare(&json!({"jobTitle": "Designer"}));
    assert_eq!(standing.plain.places, [0]);
    let mut moved = sent();
    moved.compare(&json!({"jobTitle": "Artist"}));
    assert_eq!(moved.into_outcomes(), [WriteOutcome::Moved]);
    let code = "not-sent".to_owned();
    assert_eq!(sent().into_outcomes(), [WriteOutcome::Unknown { code }]);
}

/// A row of `jobTitle`, of a telephone number, and of an address.
fn rows() -> [(Row, Kind); 3] {
    let row = |attribute, purpose| Row {
        attribute,
        field: "field".to_owned(),
        label: String::new(),
        purpose,
        mandatory: false,
        only_on_create: false,
        max_length: None,
        direction: Direction::TwoWay(Winner::Contact),
        always_filled: false,
    };
    [
        (row("jobTitle", Purpose::Plain), Kind::Text),
        (row("faxNumber", Purpose::Plain), Kind::Text),
        (row("otherMails", Purpose::Address), Kind::Texts),
    ]
}

/// What mapping reads of a text, as the other side of the comparison.
fn given(row: &Row, stated: Option<&str>, contact: Option<&str>) -> Option<AttributeChange> {
    let fields = contact.map(|value| Field {
        name: "field".to_owned(),
        value: value.to_owned(),
    });
    let contact = Contact {
        id: ContactId::new("1"),
        version: 1,
        active: true,
        fields: fields.into_iter().collect(),
        link: Some(Link {
            object_id: ObjectId::new("u"),
            base: Vec::new(),
        }),
        former: None,
        lists: Vec::new(),
    };
    let stated = stated.and_then(|text| row.form().value(text));
    let stated = stated.map_or(Stated::Empty, |value| Stated::Value(value.into_owned()));
    let rows = std::slice::from_ref(row);
    let linked = Occasion::Linked { reconciled: &[] };
    let merged = merge(rows, &[stated], &contact, Conflict::Merge, linked);
    merged.gives.into_iter().next()
}

proptest! {
    /// Whoever decides and whoever writes compare alike: what is to be given has not moved, and once the directory
    /// holds it nothing is to be given any more. Else it would be given, or have moved, for ever.
    #[test]
    fn what_is_decided_to_be_given_is_sent_and_then_in_place(
        there in prop::option::of("[ \\t\\u{200b}\\u{a0}aAé+0-9@.()-]{0,8}|\\PC{0,6}"),
        here in prop::option::of("[ \\u{200b}\\u{a0}aAé+0-9@.()-]{0,8}|\\PC{0,6}"),
    ) {
        for (row, kind) in rows() {
            let Some(change) = given(&row, there.as_deref(), here.as_deref()) else {
                continue;
            };
            let holds = |text: Option<&str>| match kind {
                Kind::Texts => json!({row.attribute: Vec::from_iter(text)}),
                _ => json!({row.attribute: text}),
            };
            let wanted = of(vec![AttributeWrite {
                attribute: change.attribute.clone(),
                form: row.form(),
                decided_on: change.before.clone(),
                value: change.after.clone(),
            }]);
            let mut person = Person::new(&wanted, &|_| true);
            if !person.is_open() {
                // It is none that the directory is given, and that is told.
                continue;
            }
            let standing = person.compare(&holds(there.as_deref()));
            let is_sent = !(standing.plain.update.is_empty() && standing.sensitive.update.is_empty());
            prop_assert!(is_sent, "{:?}", change);
            let sent = change.after.as_deref();
            prop_assert_eq!(given(&row, sent, here.as_deref()), None);
            let now = Person::new(&wanted, &|_| true).compare(&holds(sent));
            prop_assert!(now.plain.update.is_empty() && now.sensitive.update.is_empty());
        }
    }
}
