use super::*;
use crate::wire::CustomFieldData;

fn book() -> FieldBook {
    let fields = [
        "email",
        "group",
        "phone_number_as_written",
        "entra_object_id",
        "theirs",
    ];
    let data = fields.map(|tag| CustomFieldData {
        id: format!("id-{tag}"),
        label: tag.to_owned(),
        merge_tag: tag.to_owned(),
        max_length: 255,
        field_type: "TEXT".to_owned(),
    });
    FieldBook::of(data.to_vec())
}

fn contact(value: Value) -> ContactData {
    serde_json::from_value(value).unwrap()
}

fn writes(fields: &[(&str, Option<&str>)]) -> Vec<FieldWrite> {
    let write = |(name, value): &(&str, Option<&str>)| FieldWrite {
        name: (*name).to_owned(),
        value: value.map(str::to_owned),
    };
    fields.iter().map(write).collect()
}

fn target(fields: &[(&str, Option<&str>)]) -> Target {
    Target::of(&writes(fields), None, &book()).unwrap()
}

const FIRST: (ClearProperty, ClearValue) = (ClearProperty::Text, ClearValue::LeftOut);

#[test]
fn the_array_of_custom_fields_is_stated_whole_and_what_others_wrote_stays() {
    let contact = contact(json!({"id": "1", "customFields": [
        {"id": "id-theirs", "value": "x"}, {"id": "id-email", "value": "old"}, {"id": "unknown", "value": "y"},
    ]}));
    let body = update(
        &target(&[("email", Some("new")), ("group", None)]),
        &contact,
        &book(),
        FIRST,
    )
    .body;
    assert_eq!(
        body,
        json!({"customFields": [
            {"id": "id-theirs", "value": "x"}, {"id": "unknown", "value": "y"}, {"id": "id-email", "value": "new"},
        ]})
    );
}

#[test]
fn each_way_to_empty_something_is_a_body_of_its_own() {
    let contact = contact(
        json!({"id": "1", "note": "n", "customFields": [{"id": "id-email", "value": "old"}]}),
    );
    let target = target(&[("email", None), ("note", None)]);
    for (way, note, values) in [
        (
            (ClearProperty::Text, ClearValue::LeftOut),
            json!(""),
            json!([]),
        ),
        (
            (ClearProperty::Null, ClearValue::Text),
            json!(null),
            json!([{"id": "id-email", "value": ""}]),
        ),
        (
            (ClearProperty::Null, ClearValue::Null),
            json!(null),
            json!([{"id": "id-email", "value": null}]),
        ),
    ] {
        let body = update(&target, &contact, &book(), way).body;
        assert_eq!(body, json!({"note": note, "customFields": values}));
    }
}

#[test]
fn a_new_number_takes_the_place_of_the_first_and_an_opt_out_goes_with_the_person() {
    let contact = contact(json!({"id": "1", "channels": [
        {"channelId": "+447700900109", "type": "WHATSAPP", "subscriptionState": "SUBSCRIBED"},
        {"channelId": "+447700900101", "type": "SMS", "subscriptionState": "UNSUBSCRIBED"},
        {"channelId": "+447700900103", "type": "SMS", "subscriptionState": "UNSUBSCRIBED"},
    ]}));
    let target = target(&[("phone_number", Some("+447700900102"))]);
    let body = update(&target, &contact, &book(), FIRST).body;
    assert_eq!(
        body["channels"],
        json!([
            {"channelId": "+447700900102", "type": "SMS", "subscriptionState": "UNSUBSCRIBED"},
            {"channelId": "+447700900109", "type": "WHATSAPP"},
            {"channelId": "+447700900103", "type": "SMS", "subscriptionState": "UNSUBSCRIBED"},
        ])
    );
    assert!(!body.to_string().contains("\"SUBSCRIBED\""));
}

#[test]
fn the_second_number_of_a_contact_becomes_its_first_only_once() {
    let contact = contact(json!({"id": "1", "channels": [
        {"channelId": "+447700900101", "type": "SMS"}, {"channelId": "+447700900102", "type": "SMS"},
    ]}));
    let body = update(
        &target(&[("phone_number", Some("+447700900102"))]),
        &contact,
        &book(),
        FIRST,
    )
    .body;
    assert_eq!(
        body["channels"],
        json!([{"channelId": "+447700900102", "type": "SMS"}])
    );
}

#[test]
fn a_number_is_kept_as_it_was_written_where_that_is_another_text() {
    let grouped = target(&[("phone_number", Some("+44 7700 900101"))]);
    assert_eq!(grouped.number.as_deref(), Some("+447700900101"));
    assert_eq!(
        grouped.values["phone_number_as_written"].as_deref(),
        Some("+44 7700 900101")
    );
    let plain = target(&[("phone_number", Some("+447700900101"))]);
    assert_eq!(plain.values["phone_number_as_written"], None);
}

#[test]
fn what_the_service_would_refuse_is_refused_before() {
    let long = "x".repeat(256);
    for (name, value, code) in [
        ("phone_number", Some("07700 900101"), "invalid-phone"),
        ("phone_number", None, "missing-mandatory"),
        ("email", Some(&*long), "too-long"),
        ("contact_name", Some(&*"x".repeat(257)), "too-long"),
        ("nothing", Some("x"), "unknown-field"),
    ] {
        let refused = Target::of(&writes(&[(name, value)]), None, &book()).unwrap_err();
        assert_eq!(
            (refused.field.as_deref(), &*refused.code),
            (Some(name), code)
        );
    }
}

#[test]
fn what_a_contact_has_already_is_not_left_to_do() {
    let contact = contact(json!({
        "id": "1", "firstName": "Ana", "channels": [{"channelId": "+447700900101", "type": "SMS"}],
        "customFields": [{"id": "id-email", "value": "a@contoso.example"}],
    }));
    let target = target(&[
        ("first_name", Some("Ana")),
        ("last_name", None),
        ("note", Some("new")),
        ("phone_number", Some("+447700900101")),
        ("email", Some("a@contoso.example")),
        ("group", None),
    ]);
    let left = target.left(&contact, &book());
    assert_eq!(left, self::target(&[("note", Some("new"))]));
}

#[test]
fn a_contact_is_made_with_all_that_it_has_and_without_a_subscription() {
    let target = target(&[
        ("first_name", Some("Ana")),
        ("phone_number", Some("+447700900101")),
        ("email", Some("a@b.c")),
    ]);
    let body = creation(&target, &["l1".to_owned()], &book()).body;
    assert_eq!(
        body,
        json!({
            "firstName": "Ana", "channels": [{"channelId": "+447700900101", "type": "SMS"}],
            "customFields": [{"id": "id-email", "value": "a@b.c"}], "lists": [{"id": "l1"}],
        })
    );
}
