//! Which way rows go, and what is refused.

use serde_json::{Value, json};
use sync_core::mapping::rows::{Direction, Row, Winner};

use super::super::limits;
use super::*;

fn mirror(sync: &[(&str, Value)]) -> Value {
    let mut document =
        json!({ "sync": { "preset": "mirror", "removed": "keep", "leftScope": "keep" } });
    for (key, value) in sync {
        document["sync"][*key] = value.clone();
    }
    document
}

fn row_of(document: &Value, attribute: &str) -> Row {
    let rows = accepted(document).mapping.rows;
    let row = rows.into_iter().find(|row| row.attribute == attribute);
    row.expect("it is mapped")
}

#[test]
fn what_the_directory_takes_goes_both_ways_and_the_rest_stays_and_is_told() {
    let document = mirror(&[("direction", json!("two-way"))]);
    let two_way = Direction::TwoWay(Winner::Directory);
    assert_eq!(row_of(&document, "companyName").direction, two_way);
    assert_eq!(row_of(&document, "givenName").direction, two_way);
    assert_eq!(row_of(&document, "mail").direction, Direction::OneWay);
    assert_eq!(
        row_of(&document, "mobilePhone").direction,
        Direction::OneWay
    );
    let warnings = accepted(&document).warnings.join("\n");
    for told in [
        "`mail` is read only. It belongs to the mailbox",
        "can be what a password is reset with",
        "reads everybody",
    ] {
        assert!(warnings.contains(told), "{told}: {warnings}");
    }
}

#[test]
fn without_a_word_every_row_goes_one_way() {
    let settings = accepted(&mirror(&[]));
    assert!(
        settings
            .mapping
            .rows
            .iter()
            .all(|row| row.direction == Direction::OneWay)
    );
    assert!(
        !settings
            .mapping
            .selection()
            .properties()
            .contains(&"onPremisesSyncEnabled")
    );
}

#[test]
fn sensitive_attributes_are_written_by_a_word_of_their_own_and_the_administrator_is_told() {
    let document = mirror(&[
        ("direction", json!("two-way")),
        ("writes", json!({"sensitive": true})),
    ]);
    assert!(
        row_of(&document, "mobilePhone")
            .direction
            .writes_directory()
    );
    let warnings = accepted(&document).warnings;
    assert!(
        warnings
            .iter()
            .any(|warning| warning.contains("may get into the account")),
        "{warnings:?}"
    );
}

#[test]
fn a_row_says_its_own_way() {
    let mapping = json!({
        "mail": "email",
        "jobTitle": { "field": "job_title", "direction": "reverse" },
        "displayName": { "field": "display_name", "direction": "two-way" },
        "companyName": { "field": "company", "direction": "one-way" },
    });
    let document = mirror(&[("mapping", mapping), ("conflicts", json!("contact-wins"))]);
    assert_eq!(row_of(&document, "jobTitle").direction, Direction::Reverse);
    let name = row_of(&document, "displayName");
    assert_eq!(
        (name.direction, name.always_filled),
        (Direction::TwoWay(Winner::Contact), true)
    );
    assert_eq!(
        row_of(&document, "companyName").direction,
        Direction::OneWay
    );
}

#[test]
fn an_attribute_is_written_from_one_field() {
    let mapping = json!({
        "mail": "email",
        "jobTitle": [{ "field": "job_title", "direction": "two-way" }, { "field": "department", "direction": "reverse" }],
    });
    let document = mirror(&[("mapping", mapping)]);
    one_problem(
        &document,
        &store(),
        "/sync/mapping/jobTitle/1",
        &["/sync/mapping/jobTitle/0", "one field for an attribute"],
    );
}

#[test]
fn a_row_onto_what_cannot_be_written_is_refused_with_the_reason() {
    for (attribute, field, why) in [
        (
            "userPrincipalName",
            "display_name",
            "decides how somebody signs in",
        ),
        ("mailNickname", "company", "belongs to the mailbox"),
        (
            "mobilePhone",
            "mobile_phone",
            "\"writes\": {\"sensitive\": true}",
        ),
    ] {
        let mapping =
            json!({ "mail": "email", attribute: { "field": field, "direction": "two-way" } });
        let document = mirror(&[("mapping", mapping)]);
        one_problem(
            &document,
            &store(),
            &format!("/sync/mapping/{attribute}/direction"),
            &[why],
        );
    }
    let mapping = json!({ "mail": "email",
        "jobTitle": { "field": "job_title", "direction": "two-way", "onlyOnCreate": true } });
    let document = mirror(&[("mapping", mapping)]);
    one_problem(
        &document,
        &store(),
        "/sync/mapping/jobTitle/direction",
        &["not compared afterwards"],
    );
}

#[test]
fn where_the_contacts_lead_none_is_taken_away_for_what_the_directory_says() {
    let mut document = mirror(&[("direction", json!("reverse"))]);
    assert!(
        row_of(&document, "companyName")
            .direction
            .writes_directory()
    );
    document["sync"]["removed"] = json!("delete");
    one_problem(
        &document,
        &store(),
        "/sync/direction",
        &["\"removed\": \"keep\""],
    );
}

#[test]
fn what_is_never_updated_is_never_compared() {
    let document = mirror(&[("direction", json!("two-way")), ("update", json!(false))]);
    one_problem(
        &document,
        &store(),
        "/sync/direction",
        &["\"update\": true"],
    );
}

#[test]
fn a_way_of_another_name_is_known() {
    let document = mirror(&[("direction", json!("host-to-entra"))]);
    one_problem(
        &document,
        &store(),
        "/sync/direction",
        &["Did you mean `reverse`?"],
    );
}

#[test]
fn the_limits_of_the_directory_are_tighter() {
    let settings = accepted(&mirror(&[]));
    for (there, here) in [
        (settings.directory_limit, settings.removal_limit),
        (settings.directory_blank_limit, settings.blank_limit),
    ] {
        assert!(
            there.count < here.count && there.percent < here.percent && there.floor < here.floor
        );
    }
    assert_eq!(settings.directory_limit, limits::DIRECTORY);
}

#[test]
fn another_way_is_another_fingerprint_and_one_way_is_what_it_was() {
    let plain = accepted(&mirror(&[])).fingerprint;
    let of = |sync: &[(&str, Value)]| accepted(&mirror(sync)).fingerprint;
    assert_eq!(
        of(&[
            ("direction", json!("one-way")),
            ("conflicts", json!("contact-wins"))
        ]),
        plain
    );
    let ways = [
        of(&[("direction", json!("two-way"))]),
        of(&[
            ("direction", json!("two-way")),
            ("conflicts", json!("contact-wins")),
        ]),
        of(&[("direction", json!("reverse"))]),
    ];
    for (position, way) in ways.iter().enumerate() {
        assert_ne!(*way, plain);
        assert!(!ways[..position].contains(way));
    }
}
