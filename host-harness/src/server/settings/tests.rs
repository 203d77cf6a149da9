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
    let after: Value = serde_json::from_str(&before.with_form(&form).text()).unwrap();
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
fn an_empty_schedule_is_none_where_the_preset_would_have_one() {
    let form = posted(&[("preset", "mirror"), ("schedule", "")]);
    let after = Settings::new("mirror").with_form(&form);
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
