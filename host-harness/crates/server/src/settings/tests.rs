use api_types::views::MappingRowForm;
use serde_json::{Value, json};

use super::*;

fn posted(fields: &[(&str, &str)]) -> SettingsForm {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    SettingsForm::read(&fields)
}

#[test]
fn a_form_is_written_into_the_document_and_what_it_does_not_show_stays() {
    let before = Settings::read(
        r#"{ "tenant": { "id": "t" }, "preset": "mirror",
             "sync": { "limits": { "removals": { "count": 7 } }, "addresses": ["mail"],
                       "mapping": { "city": { "label": "Town", "onlyOnCreate": true } } } }"#,
    )
    .unwrap();
    let form = posted(&[
        ("version", "3"),
        ("preset", "mirror"),
        ("row.0.field", "email"),
        ("row.0.attribute", "mail"),
        ("row.0.mandatory", "on"),
        ("row.1.label", "Town"),
        ("row.1.attribute", "city"),
        ("row.2.label", "Not filled in"),
        ("filter.0.attribute", "department"),
        ("filter.0.operator", "is-not"),
        ("filter.0.values", "Sales, EMEA\r\nSupport"),
        ("filter.1.attribute", "accountEnabled"),
        ("filter.1.operator", "is"),
        ("filter.1.values", "true"),
        ("update", "false"),
        ("list", "one"),
        ("list_name", "Staff"),
        ("schedule", " every 6 h "),
    ]);
    assert_eq!(form.version, 3);
    let after: Value = serde_json::from_str(&before.with_form(&form, None).text()).unwrap();
    assert_eq!(
        after,
        json!({ "tenant": { "id": "t" }, "sync": {
            "preset": "mirror", "limits": { "removals": { "count": 7 } }, "addresses": ["mail"],
            "mapping": {
                "mail": [{ "field": "email", "mandatory": true }],
                "city": [{ "label": "Town", "onlyOnCreate": true }],
            },
            "filters": { "department": { "not": ["Sales, EMEA", "Support"] }, "accountEnabled": [true] },
            "update": false, "list": { "name": "Staff" }, "schedule": "every 6 h",
        } })
    );
    let again = filter_rows(after.pointer("/sync/filters").unwrap());
    assert_eq!(again.len(), 2);
    assert!(
        again
            .iter()
            .any(|row| row.operator == "is-not" && row.values == "Sales, EMEA\nSupport")
    );
}

#[test]
fn what_a_document_cannot_say_is_told_and_what_is_wholly_empty_is_not() {
    let form = posted(&[
        ("row.0.field", "email"),
        ("row.0.attribute", "mail"),
        ("row.1.label", "Town"),
        ("row.2.attribute", "city"),
        ("row.3.field", ""),
        ("filter.0.attribute", "department"),
        ("filter.1.attribute", "department"),
        ("filter.2.values", "Sales"),
        ("filter.3.operator", "is"),
    ]);
    let told: Vec<String> = unsayable(&form).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        told,
        [
            "row.1.attribute",
            "row.2.attribute",
            "filter.1.attribute",
            "filter.2.attribute"
        ]
    );
}

#[test]
fn a_word_that_no_form_has_is_told_and_not_taken_for_another() {
    for (name, value, expected) in [
        ("filter.0.operator", "equals", "filter.0.operator"),
        ("list", "onee", "list"),
    ] {
        let form = posted(&[("filter.0.attribute", "department"), (name, value)]);
        let told: Vec<String> = unsayable(&form).into_iter().map(|(name, _)| name).collect();
        assert_eq!(told, [expected]);
    }
}

#[test]
fn an_empty_schedule_is_none_where_the_preset_would_have_one() {
    let form = posted(&[("preset", "mirror"), ("schedule", "")]);
    let after = Settings::new("mirror").with_form(&form, None);
    assert_eq!(after.in_sync("schedule"), Value::Null);
    assert!(after.text().contains("\"schedule\":null"));
}

#[test]
fn a_row_that_is_demanded_cannot_be_removed_and_another_can() {
    let mut form = posted(&[
        ("row.0.field", "email"),
        ("row.1.field", "company"),
        ("row.1.mandatory", "on"),
    ]);
    form.rows[0].fixed = true;
    assert!(form.press("remove-row.0"));
    assert_eq!(form.rows.len(), 2);
    assert!(form.press("remove-row.1"));
    assert_eq!(form.rows.len(), 1);
    assert!(form.press("remove-row.7"));
    assert!(form.press("add-row"));
    assert!(!form.press("save"));
    assert_eq!(form.rows.len(), 2);
}

#[test]
fn a_form_of_a_million_rows_is_none_of_ours() {
    let form = posted(&[("row.999999999.field", "email"), ("row.x.field", "email")]);
    assert!(form.rows.is_empty());
}

/// A preset as the connector tells it, with one row.
fn preset(name: &str, removed: &str, schedule: &str) -> Preset {
    let in_force = json!({ "sync": {
        "preset": name, "existing": "link", "update": true, "conflict": "merge",
        "removed": removed, "leftScope": "unlink", "disabled": "ignore",
        "list": { "name": "Users", "description": "Synced contacts" }, "schedule": schedule,
        "addresses": ["mail"], "filters": {},
        "mapping": { "mail": [{ "field": "email", "label": "Email", "mandatory": true, "onlyOnCreate": false }] },
    } });
    Preset {
        in_force: Settings::read(&in_force.to_string()).unwrap(),
        rows: vec![MappingRowForm {
            field: "email".to_owned(),
            label: "Email".to_owned(),
            attribute: "mail".to_owned(),
            mandatory: true,
            fixed: true,
            ..MappingRowForm::default()
        }],
        maps: true,
    }
}

/// A preset as a form shows it.
fn shown(preset: &Preset, name: &str) -> SettingsForm {
    let text = |key: &str| match preset.in_force.in_sync(key) {
        Value::String(text) => text,
        other => other.to_string(),
    };
    SettingsForm {
        preset: name.to_owned(),
        filled_from: name.to_owned(),
        rows: preset.rows.clone(),
        policies: POLICIES
            .iter()
            .map(|policy| ((*policy).to_owned(), text(policy)))
            .collect(),
        list: "one".to_owned(),
        list_name: "Users".to_owned(),
        schedule: text("schedule"),
        ..SettingsForm::default()
    }
}

#[test]
fn a_form_says_whether_organisational_contacts_are_read() {
    for word in ["include", "skip"] {
        let form = posted(&[("organizationalContacts", word)]);
        let settings = Settings::new("mirror").with_form(&form, None);
        assert_eq!(settings.in_sync("organizationalContacts"), word);
    }
}

#[test]
fn a_connection_names_what_it_signs_in_with_and_what_stands_in_for_it() {
    let names = |held: Held| {
        let settings = Settings::new("mirror").with_connection("t", "c", "global", held);
        let names = settings.credential_names();
        (names.secrets, names.keys)
    };
    let (secret, certificate) = (true, true);
    let both = names(Held {
        secret,
        certificate,
    });
    assert_eq!(
        both,
        (
            vec![CLIENT_SECRET.to_owned()],
            vec![CERTIFICATE_KEY.to_owned()]
        )
    );
    let one = names(Held {
        secret,
        certificate: false,
    });
    assert_eq!(one, (vec![CLIENT_SECRET.to_owned()], vec![]));
    let other = names(Held {
        secret: false,
        certificate,
    });
    assert_eq!(other, (vec![], vec![CERTIFICATE_KEY.to_owned()]));
}

#[test]
fn what_is_as_the_preset_has_it_is_left_to_the_preset_and_the_rest_is_a_difference() {
    let mirror = preset("mirror", "unlink", "every 1 h");
    let form = shown(&mirror, "mirror");
    let plain = Settings::new("mirror").with_form(&form, Some(&mirror));
    for key in ["removed", "conflict", "update", "list", "schedule"] {
        assert_eq!(plain.in_sync(key), Value::Null, "{key}");
    }
    // What is demanded of a row, its preset demands.
    assert!(!plain.text().contains("mandatory"), "{}", plain.text());

    let mut own = form;
    own.policies
        .insert("removed".to_owned(), "delete".to_owned());
    own.schedule = String::new();
    let custom = Settings::new("mirror").with_form(&own, Some(&mirror));
    assert_eq!(custom.in_sync("removed"), "delete");
    assert!(custom.text().contains("\"schedule\":null"));
    assert_eq!(custom.in_sync("conflict"), Value::Null);
}

#[test]
fn another_preset_takes_the_place_of_all_that_was_drawn_and_of_nothing_that_was_changed_by_hand() {
    let (mirror, additive) = (
        preset("mirror", "unlink", "every 1 h"),
        preset("additive", "keep", "every 6 h"),
    );
    let drawn = shown(&mirror, "mirror");
    let chosen = shown(&additive, "additive");
    let mut form = SettingsForm {
        preset: "additive".to_owned(),
        ..drawn.clone()
    };
    form.refill(&drawn, &chosen);
    let filled = SettingsForm {
        filled_in: true,
        ..chosen.clone()
    };
    assert_eq!(form, filled);

    let mut form = SettingsForm {
        preset: "additive".to_owned(),
        schedule: "every 3 h".to_owned(),
        ..drawn.clone()
    };
    form.policies
        .insert("disabled".to_owned(), "deactivate".to_owned());
    form.refill(&drawn, &chosen);
    assert_eq!(form.schedule, "every 3 h");
    assert_eq!(form.policies["disabled"], "deactivate");
    assert_eq!(form.policies["removed"], "keep");
}

#[test]
fn a_field_that_a_document_lets_people_lack_stays_so_until_somebody_ticks_it() {
    let mirror = preset("mirror", "unlink", "every 1 h");
    let settings = Settings::read(
        r#"{ "sync": { "mapping": { "mail": { "field": "email", "mandatory": false } } } }"#,
    )
    .unwrap();
    let mut form = shown(&mirror, "mirror");
    form.rows[0].mandatory = false;
    settings.mark_demanded(&mut form, &mirror.rows);
    assert!(!form.rows[0].fixed && !form.rows[0].mandatory);
    let saved = settings.clone().with_form(&form, Some(&mirror));
    assert!(
        saved.text().contains("\"mandatory\":false"),
        "{}",
        saved.text()
    );

    form.rows[0].mandatory = true;
    settings.mark_demanded(&mut form, &mirror.rows);
    assert!(form.rows[0].fixed);
    let saved = settings.with_form(&form, Some(&mirror));
    assert!(!saved.text().contains("mandatory"), "{}", saved.text());
}
