//! Which rows hold telephone numbers in E.164, and what is refused.

use entra_users::mapping::numbers::IN_E164;
use serde_json::{Value, json};
use sync_core::mapping::rows::Purpose;
use sync_core::ports::StoreDescription;

use super::super::{in_force, read};
use super::*;

/// A document of a preset with one row for a telephone number.
fn document_of(preset: &str, target: Value) -> Value {
    document(
        &json!({ "preset": preset, "removed": "keep", "leftScope": "keep",
        "mapping": { "mail": "email", "mobilePhone": target } }),
    )
}

fn purpose_of(document: &Value, store: &StoreDescription) -> Purpose {
    let settings = read(&document.to_string(), store).expect("valid");
    let mut rows = settings.mapping.rows.into_iter();
    let row = rows.find(|row| row.attribute == "mobilePhone");
    row.expect("it is mapped").purpose
}

/// What the number of a channel is: without the world's numbering plans, a number as any other.
fn channel() -> Purpose {
    if IN_E164 {
        Purpose::Channel
    } else {
        Purpose::Telephone
    }
}

#[test]
fn the_number_that_messages_are_sent_to_is_in_e164_by_itself_and_no_other_one() {
    let plain = json!("phone_number");
    let messaging = document_of("messaging", plain.clone());
    assert_eq!(purpose_of(&messaging, &store()), channel());
    let mirror = document_of("mirror", plain.clone());
    assert_eq!(purpose_of(&mirror, &store()), Purpose::Telephone);
    // A store without whose number there is no contact sends to it, whatever the preset.
    let mut sending = store();
    let number = sending
        .fields
        .iter_mut()
        .find(|field| field.name == "phone_number");
    number.expect("it is described").mandatory = true;
    assert_eq!(purpose_of(&mirror, &sending), channel());
}

#[test]
fn of_several_numbers_the_one_without_which_there_is_no_contact_is_sent_to() {
    let mobile = r#""mobilePhone": "phone_number""#;
    let desk = r#""businessPhones": "mobile_phone""#;
    for (rows, sent_to) in [
        ([mobile, desk], "mobilePhone"),
        ([desk, mobile], "businessPhones"),
    ] {
        let rows = rows.join(",");
        let document = format!(r#"{{"sync": {{"preset": "messaging", "mapping": {{{rows}}}}}}}"#);
        let settings = read(&document, &store()).expect("valid");
        let purpose_of = |settings: &Settings, attribute: &str| {
            let mut rows = settings.mapping.rows.iter();
            rows.find(|row| row.attribute == attribute)
                .map(|row| row.purpose)
        };
        for attribute in ["mobilePhone", "businessPhones"] {
            let expected = if attribute == sent_to {
                channel()
            } else {
                Purpose::Telephone
            };
            assert_eq!(
                purpose_of(&settings, attribute),
                Some(expected),
                "{document}"
            );
        }
        // In the settings in force the rows stand in another order.
        let again = read(&in_force(&settings), &store()).expect("valid");
        assert_eq!(again.fingerprint, settings.fingerprint, "{document}");
    }
}

#[test]
fn a_row_may_say_that_its_numbers_stay_as_they_are_written() {
    let target = json!({ "field": "phone_number", "format": "as-written" });
    let document = document_of("messaging", target);
    assert_eq!(purpose_of(&document, &store()), Purpose::Telephone);
    let selection = accepted(&document).mapping.selection().to_query();
    assert!(!selection.contains("usageLocation"), "{selection}");
}

#[cfg(feature = "e164")]
#[test]
fn a_row_may_say_that_its_numbers_are_in_e164_and_then_countries_are_asked_for() {
    for (preset, field, expected) in [
        ("mirror", "phone_number", Purpose::E164),
        ("mirror", "Desk", Purpose::E164),
        ("messaging", "phone_number", Purpose::Channel),
    ] {
        let target = json!({ "field": field, "format": "e164" });
        let document = document_of(preset, target);
        assert_eq!(
            purpose_of(&document, &store()),
            expected,
            "{preset} {field}"
        );
        let mapping = accepted(&document).mapping;
        assert!(mapping.selection().position("usageLocation").is_some());
    }
}

#[cfg(feature = "e164")]
#[test]
fn the_settings_in_force_say_the_format_and_mean_the_same_when_they_are_read() {
    for (preset, target) in [
        ("messaging", json!("phone_number")),
        (
            "messaging",
            json!({ "field": "phone_number", "format": "as-written" }),
        ),
        (
            "mirror",
            json!({ "field": "phone_number", "format": "e164" }),
        ),
        ("mirror", json!("phone_number")),
    ] {
        let mut document = document_of(preset, target);
        document["sync"]["phoneCountry"] = json!("DE");
        let settings = accepted(&document);
        let again = accepted(&serde_json::from_str(&in_force(&settings)).expect("JSON"));
        let purposes = |settings: &Settings| -> Vec<Purpose> {
            settings
                .mapping
                .rows
                .iter()
                .map(|row| row.purpose)
                .collect()
        };
        assert_eq!(purposes(&again), purposes(&settings), "{document}");
        assert_eq!(again.fingerprint, settings.fingerprint, "{document}");
        assert_eq!(again.mapping.country.as_deref(), Some("DE"));
    }
}

#[cfg(feature = "e164")]
#[test]
fn the_fingerprint_changes_with_the_format_and_with_the_country_where_one_is_needed() {
    let fingerprint = |preset: &str, target: Value, country: Option<&str>| {
        let mut document = document_of(preset, target);
        if let Some(country) = country {
            document["sync"]["phoneCountry"] = json!(country);
        }
        accepted(&document).fingerprint
    };
    let said = |format: &str| json!({ "field": "phone_number", "format": format });
    let written = fingerprint("mirror", json!("phone_number"), None);
    assert_eq!(fingerprint("mirror", said("as-written"), None), written);
    assert_eq!(
        fingerprint("mirror", said("as-written"), Some("DE")),
        written
    );
    let e164 = fingerprint("mirror", said("e164"), None);
    let german = fingerprint("mirror", said("e164"), Some("DE"));
    assert!(e164 != written && german != written && german != e164);
    assert_ne!(german, fingerprint("mirror", said("e164"), Some("AT")));
}

#[cfg(feature = "e164")]
#[test]
fn what_is_no_number_cannot_be_in_e164() {
    use sync_core::ports::{FieldDescription, FieldKind};

    let title = json!({ "preset": "mirror", "mapping": { "mail": "email",
        "jobTitle": { "field": "job_title", "format": "e164" } } });
    let pointer = "/sync/mapping/jobTitle/format";
    one_problem_in_sync(&title, pointer, &["`jobTitle` is no telephone number"]);
    // A store whose contacts are found by a number compares it as it finds them.
    let mut by_number = store();
    for field in &mut by_number.fields {
        if field.name == "email" {
            *field = FieldDescription {
                kind: FieldKind::Phone,
                ..field.clone()
            };
        }
    }
    let key = document(&json!({ "preset": "mirror",
        "mapping": { "mobilePhone": { "field": "email", "format": "e164" } } }));
    let pointer = "/sync/mapping/mobilePhone/format";
    one_problem(&key, &by_number, pointer, &["what contacts are found by"]);
}

#[cfg(feature = "e164")]
#[test]
fn numbers_in_e164_are_not_written_to_the_directory() {
    let sensitive = |mut document: Value| {
        document["sync"]["writes"] = json!({ "sensitive": true });
        document
    };
    // Said of one row, both cannot be.
    let target = json!({ "field": "phone_number", "format": "e164", "direction": "two-way" });
    one_problem(
        &sensitive(document_of("mirror", target)),
        &store(),
        "/sync/mapping/mobilePhone/direction",
        &["not given back", "one-way"],
    );
    // Said of all rows, this one goes one way, and the administrator is told.
    let target = json!({ "field": "phone_number", "format": "e164" });
    let mut all = sensitive(document_of("mirror", target));
    all["sync"]["direction"] = json!("two-way");
    let settings = accepted(&all);
    let row = |settings: &Settings| {
        let mut rows = settings.mapping.rows.iter().cloned();
        rows.find(|row| row.attribute == "mobilePhone")
            .expect("it is mapped")
    };
    assert!(!row(&settings).direction.writes_directory());
    assert!(settings.warnings.join(" ").contains("not given back"));
    // A channel that is written to stays as it is written, and the administrator is told.
    let target = json!({ "field": "phone_number", "direction": "two-way" });
    let settings = accepted(&sensitive(document_of("messaging", target)));
    assert_eq!(row(&settings).purpose, Purpose::Telephone);
    assert!(
        settings
            .warnings
            .join(" ")
            .contains("stay as they are written")
    );
}

#[test]
fn the_country_is_two_capital_letters_of_a_country_with_numbers() {
    for country in ["de", "Germany", "ZZ", "AQ", "+49"] {
        let sync = json!({ "preset": "mirror", "phoneCountry": country });
        let phrase = if IN_E164 {
            "no country with telephone numbers"
        } else {
            "without the world's"
        };
        one_problem_in_sync(&sync, "/sync/phoneCountry", &[phrase]);
    }
}

#[cfg(not(feature = "e164"))]
#[test]
fn without_the_plans_what_needs_them_is_refused_in_a_sentence() {
    let target = json!({ "field": "phone_number", "format": "e164" });
    let pointer = "/sync/mapping/mobilePhone/format";
    one_problem(
        &document_of("mirror", target),
        &store(),
        pointer,
        &["built without"],
    );
    let sync = json!({ "preset": "mirror", "phoneCountry": "DE" });
    one_problem_in_sync(&sync, "/sync/phoneCountry", &["built without"]);
}
