//! What a user as read holds of an attribute, and what becomes of its property as a whole where that one thing changes.
//!
//! Graph replaces a collection, and some objects, as a whole
//! (<https://learn.microsoft.com/graph/api/user-update>). So what is sent is the current whole with the one thing
//! changed: whatever mapping does not read stays as it is.

use contact_identity::form::Form;
use entra_users::mapping::catalogue::Kind;
use entra_users::mapping::writing::Writable;
use serde_json::{Map, Value};

/// What the directory holds of an attribute.
#[derive(Debug, PartialEq)]
pub(super) struct Held {
    /// The value that mapping reads.
    pub(super) value: Option<String>,
    /// How many values there are.
    pub(super) values: usize,
}

/// What a user as read holds of an attribute. `None` where the property is not stated, or not in its shape.
pub(super) fn held(writable: Writable, form: Form, body: &Value) -> Option<Held> {
    let attribute = writable.attribute();
    let stated = body.get(attribute.property)?;
    let texts: Vec<&str> = match (attribute.kind, attribute.member, stated) {
        (_, _, Value::Null) => Vec::new(),
        (Kind::Texts, None, Value::Array(elements)) => {
            elements.iter().map(Value::as_str).collect::<Option<_>>()?
        }
        (Kind::Text, None, Value::String(text)) => vec![text],
        (Kind::Text, Some(member), Value::Object(members)) => match members.get(member) {
            None | Some(Value::Null) => Vec::new(),
            Some(text) => vec![text.as_str()?],
        },
        _ => return None,
    };
    let mut values = texts.into_iter().filter_map(|text| form.value(text));
    let value = values.next().map(|value| value.into_owned());
    Some(Held {
        values: usize::from(value.is_some()) + values.count(),
        value,
    })
}

/// The property as it is to be sent: `current` with the value that mapping reads replaced, or taken out.
pub(super) fn changed(
    writable: Writable,
    form: Form,
    value: Option<&str>,
    current: &Value,
) -> Value {
    let attribute = writable.attribute();
    let value = value.map(Value::from);
    match (attribute.member, attribute.kind) {
        (Some(member), _) => {
            let mut members = current.as_object().cloned().unwrap_or_else(Map::new);
            members.insert(member.to_owned(), value.unwrap_or_default());
            Value::Object(members)
        }
        (None, Kind::Texts) => {
            let mut elements = current.as_array().cloned().unwrap_or_default();
            let is_value =
                |text: &Value| text.as_str().is_some_and(|text| form.value(text).is_some());
            match (elements.iter().position(is_value), value) {
                (Some(place), Some(value)) => drop(elements.splice(place..=place, [value])),
                (Some(place), None) => drop(elements.remove(place)),
                (None, Some(value)) => elements.insert(0, value),
                (None, None) => {}
            }
            Value::Array(elements)
        }
        (None, _) => value.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn writable(name: &str) -> Writable {
        Writable::find(name).unwrap()
    }

    #[test]
    fn a_collection_keeps_what_mapping_does_not_read() {
        for (property, form, current, value, expected) in [
            (
                "otherMails",
                Form::Address,
                json!(["", "a@x.example", "b@x.example"]),
                Some("c@x.example"),
                json!(["", "c@x.example", "b@x.example"]),
            ),
            (
                "businessPhones",
                Form::Telephone,
                json!(["reception", "+1 425 555 0100"]),
                None,
                json!(["reception"]),
            ),
            (
                "businessPhones",
                Form::Telephone,
                json!(["reception"]),
                Some("112"),
                json!(["112", "reception"]),
            ),
            (
                "businessPhones",
                Form::Telephone,
                Value::Null,
                Some("112"),
                json!(["112"]),
            ),
            ("otherMails", Form::Address, json!([]), None, json!([])),
        ] {
            let whole = changed(writable(property), form, value, &current);
            assert_eq!(whole, expected, "{current}");
            let body = json!({ property: whole });
            let read = held(writable(property), form, &body).unwrap().value;
            assert_eq!(read.as_deref(), value, "it is read back from {body}");
        }
    }

    #[test]
    fn members_that_are_replaced_together_are_sent_together() {
        let division = writable("employeeOrgData/division");
        let current = json!({"costCenter": "c", "division": "d"});
        assert_eq!(
            changed(division, Form::Text, Some("e"), &current),
            json!({"costCenter": "c", "division": "e"})
        );
        assert_eq!(
            changed(division, Form::Text, None, &Value::Null),
            json!({"division": null})
        );
    }

    #[test]
    fn what_is_not_stated_or_not_in_its_shape_is_not_taken_for_nothing() {
        let title = writable("jobTitle");
        assert_eq!(held(title, Form::Text, &json!({})), None);
        assert_eq!(held(title, Form::Text, &json!({"jobTitle": 7})), None);
        let nothing = Held {
            value: None,
            values: 0,
        };
        assert_eq!(
            held(title, Form::Text, &json!({"jobTitle": null})),
            Some(nothing)
        );
    }
}
