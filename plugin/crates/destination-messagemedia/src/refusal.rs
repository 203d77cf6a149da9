//! What the service says of values, in the contract's codes. Only its codes and the places of values are read,
//! never its sentences, which may repeat a value.

use destination_kit::contract::{CodeDescription, CodeKind, Refusal};

use crate::fields::{FieldType, PHONE_NUMBER, PROPERTIES};
use crate::wire::{ApiError, InvalidField};

/// A value has a form that its field does not take.
pub(crate) const INVALID_FORMAT: &str = "invalid-format";
/// A value cannot be emptied.
pub(crate) const CANNOT_CLEAR: &str = "cannot-clear";
/// A number cannot be replaced.
pub(crate) const NUMBER_KEPT: &str = "number-kept";

/// A number cannot be changed without losing what else the contact has.
pub(crate) const OTHER_CHANNELS: &str = "other-channels";

/// The codes that are this destination's own, for people.
pub(crate) fn codes() -> Vec<CodeDescription> {
    let describe = |code: &str, label: &str, advice: &str| CodeDescription {
        code: code.to_owned(),
        kind: CodeKind::Refusal,
        label: label.to_owned(),
        advice: Some(advice.to_owned()),
    };
    vec![
        describe(
            INVALID_FORMAT,
            "Not of the type of its custom field",
            "Correct the value in the directory, or map it to a custom field of type TEXT; the type of one that is \
             there cannot be changed.",
        ),
        describe(
            CANNOT_CLEAR,
            "Cannot be emptied by its interface",
            "Empty the value of this contact in MessageMedia itself.",
        ),
        describe(
            NUMBER_KEPT,
            "Former number cannot be taken away by its interface",
            "Remove the contact's former number in MessageMedia itself; the next sync finds the new one.",
        ),
        describe(
            OTHER_CHANNELS,
            "Has channels that its interface cannot write",
            "Change the number of this contact in MessageMedia itself: a change from here could take its other \
             channels away.",
        ),
    ]
}

/// A refusal of a field's value.
pub(crate) fn of_field(field: &str, code: &str) -> Refusal {
    Refusal {
        field: Some(field.to_owned()),
        code: code.to_owned(),
    }
}

/// A custom field as it stands in a request: by the field's name, where it is a field.
pub(crate) struct Sent {
    pub(crate) field: Option<String>,
    pub(crate) field_type: Option<FieldType>,
}

/// Whether an error says that something that the request refers to is not there: what was known of the account
/// has changed meanwhile.
pub(crate) fn names_missing(error: &ApiError, array: &str) -> bool {
    let mut named = error.invalid_fields.iter().flatten();
    named.any(|invalid| invalid.code == "invalid_reference" && invalid.name.starts_with(array))
}

/// The ids that an error names as those of nobody.
pub(crate) fn unknown_ids(error: &ApiError) -> Vec<&str> {
    let named = error.invalid_fields.iter().flatten();
    let references = named.filter(|invalid| invalid.code == "invalid_reference");
    let ids = references.flat_map(|invalid| invalid.invalid_ids.iter().flatten());
    ids.map(String::as_str).collect()
}

/// The refusal that an error is. `sent` are the custom fields of the request, in their order there.
pub(crate) fn refusal(error: &ApiError, sent: &[Sent]) -> Refusal {
    let named = error.invalid_fields.iter().flatten();
    let mut refusals = named.map(|invalid| of_invalid(invalid, sent));
    refusals.next().unwrap_or(Refusal {
        field: None,
        code: INVALID_FORMAT.to_owned(),
    })
}

fn of_invalid(invalid: &InvalidField, sent: &[Sent]) -> Refusal {
    let (array, place) = placed(&invalid.name);
    let mut field_type = None;
    let field = match array {
        "channels" => {
            field_type = Some(FieldType::Phone);
            Some(PHONE_NUMBER.to_owned())
        }
        "customFields" => place.and_then(|place| sent.get(place)).and_then(|sent| {
            field_type = sent.field_type;
            sent.field.clone()
        }),
        name => {
            let mut properties = PROPERTIES.iter();
            let property = properties.find(|property| property.name == name);
            property.map(|property| property.field.to_owned())
        }
    };
    let code = match (&*invalid.code, field_type) {
        ("invalid_format" | "no_such_pattern", Some(FieldType::Phone)) => "invalid-phone",
        ("invalid_format" | "no_such_pattern", Some(FieldType::Email)) => "invalid-email",
        ("invalid_length", _) => "too-long",
        ("must_not_be_empty" | "must_not_be_null" | "missing_parameter", _) => "missing-mandatory",
        ("duplicated_value", _) => "duplicate",
        _ => INVALID_FORMAT,
    };
    Refusal {
        field,
        code: code.to_owned(),
    }
}

/// `customFields[2].value` is the value at place 2 of `customFields`.
fn placed(name: &str) -> (&str, Option<usize>) {
    let Some((array, rest)) = name.split_once('[') else {
        return (name, None);
    };
    let place = rest
        .split_once(']')
        .and_then(|(place, _)| place.parse().ok());
    (array, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(name: &str, code: &str) -> ApiError {
        ApiError {
            invalid_fields: Some(vec![InvalidField {
                name: name.to_owned(),
                code: code.to_owned(),
                invalid_ids: Some(vec!["x".to_owned()]),
            }]),
        }
    }

    fn told(name: &str, code: &str) -> (Option<String>, String) {
        let sent = [
            Sent {
                field: None,
                field_type: Some(FieldType::Text),
            },
            Sent {
                field: Some("email".to_owned()),
                field_type: Some(FieldType::Email),
            },
        ];
        let refusal = refusal(&error(name, code), &sent);
        (refusal.field, refusal.code)
    }

    #[test]
    fn each_code_is_one_of_the_contract_at_the_field_that_was_meant() {
        for (name, code, field, expected) in [
            (
                "channels[0].channelId",
                "invalid_format",
                Some("phone_number"),
                "invalid-phone",
            ),
            (
                "channels",
                "must_not_be_empty",
                Some("phone_number"),
                "missing-mandatory",
            ),
            (
                "customFields[1].value",
                "invalid_format",
                Some("email"),
                "invalid-email",
            ),
            (
                "customFields[1].value",
                "invalid_length",
                Some("email"),
                "too-long",
            ),
            (
                "customFields[0].value",
                "invalid_format",
                None,
                INVALID_FORMAT,
            ),
            ("customFields[7].value", "invalid_length", None, "too-long"),
            (
                "firstName",
                "invalid_length",
                Some("first_name"),
                "too-long",
            ),
            (
                "dateOfBirth",
                "invalid_format",
                Some("date_of_birth"),
                INVALID_FORMAT,
            ),
            (
                "channels[1].channelId",
                "duplicated_value",
                Some("phone_number"),
                "duplicate",
            ),
            ("nobody knows", "something new", None, INVALID_FORMAT),
        ] {
            let expected = (field.map(str::to_owned), expected.to_owned());
            assert_eq!(told(name, code), expected, "{name} {code}");
        }
    }

    #[test]
    fn what_is_not_there_any_more_is_told_apart() {
        let error = error("customFields[0].id", "invalid_reference");
        assert!(names_missing(&error, "customFields"));
        assert!(!names_missing(&error, "lists"));
        assert_eq!(unknown_ids(&error), ["x"]);
        assert!(!names_missing(
            &super::tests::error("customFields[0].id", "invalid_format"),
            "customFields"
        ));
    }

    #[test]
    fn an_error_without_places_is_a_refusal_all_the_same() {
        assert_eq!(refusal(&ApiError::default(), &[]).code, INVALID_FORMAT);
    }
}
