//! A contact of the service in the contract's words.

use destination_kit::destination::{Record, Tie};

use crate::field_book::FieldBook;
use crate::fields::{LINK, PHONE_NUMBER, PROPERTIES, WRITTEN_NUMBER};
use crate::number::e164;
use crate::wire::ContactData;

/// A contact as a record: its fields in the order of their names.
pub(crate) fn record(contact: &ContactData, book: &FieldBook) -> Record {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: &str| fields.push((name.to_owned(), value.to_owned()));
    for property in PROPERTIES {
        if let Some(value) = contact.property(property.name) {
            add(property.field, value);
        }
    }
    for (id, value) in contact.values() {
        let field = book.by_id(id);
        if let Some(name) = field.and_then(|field| field.name.as_deref()) {
            add(name, value);
        }
    }
    if let Some(number) = number(contact, book) {
        add(PHONE_NUMBER, number);
    }
    fields.sort();
    let lists = contact.lists.iter().flatten();
    Record {
        id: contact.id.clone(),
        fields,
        active: None,
        lists: Some(lists.map(|list| list.id.clone()).collect()),
        tie: needed_value(contact, book, LINK.merge_tag).and_then(read_tie),
        guard: None,
        native: Vec::new(),
    }
}

/// The number as it was written, for as long as the channel has it.
fn number<'c>(contact: &'c ContactData, book: &FieldBook) -> Option<&'c str> {
    let channel = &*contact.number()?.channel_id;
    let written = needed_value(contact, book, WRITTEN_NUMBER.merge_tag);
    let written = written.filter(|written| e164(written).as_deref() == Some(channel));
    Some(written.unwrap_or(channel))
}

fn needed_value<'c>(contact: &'c ContactData, book: &FieldBook, tag: &str) -> Option<&'c str> {
    contact.value(&book.by_tag(tag)?.id)
}

/// The text that a tie is kept as.
pub(crate) fn written_tie(tie: &Tie) -> String {
    format!("{} {}", tie.object_id, tie.source)
}

/// The tie that a text is; `None` where somebody else has written it.
fn read_tie(text: &str) -> Option<Tie> {
    let (object_id, source) = text.rsplit_once(' ')?;
    let is_whole = !object_id.is_empty() && !source.is_empty();
    is_whole.then(|| Tie {
        source: source.to_owned(),
        object_id: object_id.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::CustomFieldData;

    fn book() -> FieldBook {
        let field = |tag: &str, label: &str| CustomFieldData {
            id: tag.to_owned(),
            label: label.to_owned(),
            merge_tag: tag.to_owned(),
            max_length: 255,
            field_type: "TEXT".to_owned(),
        };
        FieldBook::of(vec![
            field("email", "Email"),
            field("entra_object_id", "Link"),
            field("phone_number_as_written", "Number"),
            field("cc", "Cost centre"),
        ])
    }

    fn read(contact: serde_json::Value) -> Record {
        let contact = serde_json::from_value(contact).unwrap();
        record(&contact, &book())
    }

    fn field<'r>(record: &'r Record, name: &str) -> Option<&'r str> {
        let mut fields = record.fields.iter();
        fields
            .find(|(field, _)| field == name)
            .map(|(_, value)| &**value)
    }

    #[test]
    fn nothing_has_three_forms() {
        for nothing in [
            json!({"id": "1"}),
            json!({"id": "1", "firstName": "", "note": null}),
            json!({
                "id": "1", "customFields": [{"id": "email", "value": ""}, {"id": "cc", "value": null}, {"id": "cc"}],
                "channels": [], "lists": null,
            }),
        ] {
            let record = read(nothing);
            assert_eq!(
                (record.fields, record.lists, record.tie),
                (vec![], Some(vec![]), None)
            );
        }
    }

    #[test]
    fn the_number_is_the_first_channel_for_texts_as_it_was_written() {
        let contact = |channels: serde_json::Value, written: &str| {
            json!({
                "id": "1", "channels": channels,
                "customFields": [{"id": "phone_number_as_written", "value": written}],
            })
        };
        let channel = |id: &str, kind: &str| json!({"channelId": id, "type": kind});
        let channels = json!([
            channel("+447700900109", "WHATSAPP"),
            channel("+447700900101", "SMS"),
            channel("+447700900102", "SMS"),
        ]);
        let written = read(contact(channels.clone(), "+44 7700 900101"));
        assert_eq!(field(&written, "phone_number"), Some("+44 7700 900101"));
        let edited = read(contact(channels, "+44 7700 900100"));
        assert_eq!(field(&edited, "phone_number"), Some("+447700900101"));
        let without = read(contact(
            json!([channel("ana@contoso.example", "EMAIL")]),
            "",
        ));
        assert_eq!(field(&without, "phone_number"), None);
    }

    #[test]
    fn a_link_is_read_as_it_was_written_and_another_text_is_none() {
        let tie = Tie {
            source: "entra:84841066-274d-4ec0-a5c1-276be684bdd3".to_owned(),
            object_id: "0a0a0a0a-1111-4222-8333-444444444401".to_owned(),
        };
        assert_eq!(read_tie(&written_tie(&tie)), Some(tie));
        for text in ["", "0a0a0a0a-1111-4222-8333-444444444401", " x", "x "] {
            assert_eq!(read_tie(text), None, "{text}");
        }
    }

    #[test]
    fn a_custom_field_is_told_by_its_label_and_what_is_no_field_is_not() {
        let record = read(json!({"id": "1", "customFields": [
            {"id": "cc", "value": "17"}, {"id": "entra_object_id", "value": "o s"}, {"id": "new", "value": "?"},
        ]}));
        assert_eq!(record.fields, [("Cost centre".to_owned(), "17".to_owned())]);
        assert!(record.tie.is_some());
    }
}
