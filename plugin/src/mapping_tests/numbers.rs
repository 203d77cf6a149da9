//! Telephone numbers in E.164: by which country they are read, and what is said of those that are none.

use super::*;

/// A channel, with the country of people who have none of their own.
fn channel(country: Option<&str>) -> Settings {
    let mut sync = json!({ "preset": "messaging", "filters": {}, "list": "none",
        "mapping": { "displayName": "contact_name", "mobilePhone": "phone_number" } });
    if let Some(country) = country {
        sync["phoneCountry"] = json!(country);
    }
    settings(&sync)
}

/// The field for numbers of a mirror, and the attribute that fills it.
fn desk(attribute: &str) -> Settings {
    mirror(&json!({ attribute: { "field": "phone_number", "format": "e164" } }))
}

/// What a user in full says of a number; the last field.
fn number(settings: &Settings, typed: Value<'static>, home: Value<'static>) -> Person {
    let attribute = settings.mapping.rows.last().expect("a row").attribute;
    let mut values = vec![(attribute, typed), ("usageLocation", home)];
    for (property, value) in [
        ("accountEnabled", Value::Bool(true)),
        ("displayName", text("Jo")),
        ("userPrincipalName", text("jo@contoso.example")),
    ] {
        if settings.mapping.selection().position(property).is_some() {
            values.push((property, value));
        }
    }
    person(settings, &values)
}

fn last(person: &Person) -> &Stated {
    person.fields.last().expect("a field")
}

fn refused(person: &Person) -> Option<&'static str> {
    person.invalid.as_ref().map(|invalid| invalid.code)
}

#[test]
fn a_number_is_read_by_the_persons_country_and_else_by_the_configured_one() {
    for (country, typed, home, expected) in [
        (None, "0176 04069012", text("DE"), "+4917604069012"),
        (Some("GB"), "0176 04069012", text("DE"), "+4917604069012"),
        (Some("DE"), "0176 04069012", Value::Null, "+4917604069012"),
        (Some("DE"), "(202) 555-0143", text("US"), "+12025550143"),
        (None, "+1 (202) 555-0143", Value::Null, "+12025550143"),
        (
            None,
            "Mobil: +49 176 04069012",
            text("US"),
            "+4917604069012",
        ),
    ] {
        let person = number(&channel(country), text(typed), home);
        assert_eq!(last(&person), &stated(expected), "{typed}");
        assert_eq!(person.invalid, None);
        assert!(!person.number_is_open);
    }
}

#[test]
fn a_number_that_is_refused_is_no_value_and_says_why() {
    for (typed, home, code) in [
        ("0176 04069012", Value::Null, "phone-no-country"),
        ("0176 04069012 4", text("US"), "phone-unassigned"),
        ("030 23125-123/124", text("DE"), "phone-several"),
        ("+225 07 55 01 23", Value::Null, "phone-renumbered-2021"),
        ("4711", text("DE"), "phone-short"),
        ("030 23125123", text("DE"), "phone-fixed-line"),
        ("0176 04069012 x12", text("DE"), "phone-extension"),
        ("+1 800 555 0143", Value::Null, "phone-service"),
    ] {
        let person = number(&channel(None), text(typed), home);
        assert_eq!(last(&person), &Stated::Unstated, "{typed}");
        assert_eq!(
            person.invalid,
            Some(Invalid {
                field: Some("phone_number".to_owned()),
                code
            }),
            "{typed}"
        );
    }
}

#[test]
fn whoever_is_in_a_country_without_a_numbering_plan_is_read_by_no_other() {
    for home in ["PN", "ZZ"] {
        let person = number(&channel(Some("DE")), text("0176 04069012"), text(home));
        assert_eq!(last(&person), &Stated::Unstated, "{home}");
        assert_eq!(refused(&person), Some("phone-no-country"), "{home}");
    }
}

#[test]
fn what_has_no_digit_is_empty_and_not_refused() {
    for typed in [text("n/a"), text(" "), Value::Null] {
        let person = number(&channel(None), typed, text("DE"));
        assert_eq!(last(&person), &Stated::Empty);
        assert_eq!(person.invalid, None);
    }
}

#[test]
fn a_field_to_which_nothing_is_sent_takes_fixed_lines_and_keeps_an_extension_as_it_is_written() {
    let desk = desk("mobilePhone");
    for (typed, expected) in [
        ("030 23125-123", "+493023125123"),
        ("030 23125123 App. 45", "030 23125123 App. 45"),
        ("+1 800 555 0143", "+18005550143"),
    ] {
        let person = number(&desk, text(typed), text("DE"));
        assert_eq!(last(&person), &stated(expected), "{typed}");
    }
    let nobodys = number(&desk, text("020 7946 0958"), text("DE"));
    assert_eq!(refused(&nobodys), Some("phone-unassigned"));
}

#[test]
fn of_several_numbers_the_first_that_the_field_takes_counts() {
    let desk = desk("businessPhones");
    let several = texts(&["4711", "n/a", "030 23125123", "030 23125124"]);
    let person = number(&desk, several, text("DE"));
    assert_eq!(last(&person), &stated("+493023125123"));
    let none = texts(&["4711", "030 23125-123/124"]);
    assert_eq!(
        refused(&number(&desk, none, text("DE"))),
        Some("phone-short")
    );
}

#[test]
fn a_page_of_changes_that_leaves_out_the_country_leaves_open_what_hangs_on_it() {
    let changes = |settings: &Settings, values: &[(&str, Value<'static>)]| person(settings, values);
    let settings = channel(None);
    // The number says its country itself.
    let person = changes(&settings, &[("mobilePhone", text("+49 176 04069012"))]);
    assert_eq!(last(&person), &stated("+4917604069012"));
    assert!(!person.number_is_open);
    // It does not, and nobody knows it.
    let person = changes(&settings, &[("mobilePhone", text("0176 04069012"))]);
    assert_eq!(refused(&person), Some("phone-no-country"));
    assert!(person.number_is_open);
    // It is assumed that nobody has set the person's, and that the configured one holds.
    let german = channel(Some("DE"));
    let person = changes(&german, &[("mobilePhone", text("0176 04069012"))]);
    assert_eq!(last(&person), &Stated::Assumed("+4917604069012".to_owned()));
    // The country is another one, and the number may be.
    let person = changes(&settings, &[("usageLocation", text("AT"))]);
    assert_eq!(last(&person), &Stated::Unstated);
    assert!(person.number_is_open);
    // Neither is told: nothing has changed.
    assert!(!changes(&settings, &[]).number_is_open);
}

#[test]
fn a_page_without_the_country_still_says_all_there_is_to_know_of_a_person() {
    let settings = channel(None);
    let whole = settings.mapping.selection().properties();
    let values: Vec<_> = whole
        .iter()
        .filter(|property| **property != "usageLocation")
        .map(|property| (*property, Value::Null))
        .collect();
    assert!(person(&settings, &values).is_whole);
}
