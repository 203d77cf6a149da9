//! What a value must be like: channels in E.164, and the types of custom fields.
//!
//! The documents name the types and say of a number that it is in E.164; how strictly the service looks at the
//! rest is not documented.

use serde::{Deserialize, Serialize};

use crate::moments;

/// The type of a custom field, which is for ever.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum FieldType {
    Date,
    Number,
    Phone,
    Text,
    Url,
    ZipCode,
    Name,
    Email,
}

impl FieldType {
    /// Whether a value, which is not empty, is of this type.
    pub(crate) fn takes(self, value: &str) -> bool {
        match self {
            Self::Text | Self::Name | Self::ZipCode => true,
            Self::Date => moments::is_date(value),
            Self::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
            Self::Phone => is_e164(value),
            Self::Url => value
                .split_once("://")
                .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()),
            Self::Email => is_address(value),
        }
    }
}

/// Whether a text is a number in international format: `+`, and 8 to 15 digits of which the first is not 0.
pub(crate) fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else {
        return false;
    };
    (8..=15).contains(&digits.len())
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && !digits.starts_with('0')
}

fn is_address(text: &str) -> bool {
    let parts: Vec<&str> = text.split('@').collect();
    let [local, domain] = parts.as_slice() else {
        return false;
    };
    !local.is_empty() && domain.contains('.') && !text.chars().any(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_international_or_none() {
        for number in ["+447700900101", "+61491570156", "+12345678"] {
            assert!(is_e164(number), "{number}");
        }
        for text in [
            "",
            "+",
            "07700 900103",
            "+44 7700900101",
            "+0447700900",
            "+1234567",
            "+1234567890123456",
        ] {
            assert!(!is_e164(text), "{text}");
        }
    }

    #[test]
    fn each_type_takes_its_own_values() {
        for (kind, takes, refuses) in [
            (FieldType::Date, "2022-08-18", "18.8.2022"),
            (FieldType::Number, "-1.5", "many"),
            (FieldType::Phone, "+447700900101", "0"),
            (FieldType::Url, "https://contoso.example", "contoso"),
            (
                FieldType::Email,
                "ana@contoso.example",
                "ana at contoso.example",
            ),
        ] {
            assert!(kind.takes(takes), "{kind:?}");
            assert!(!kind.takes(refuses), "{kind:?}");
        }
        for kind in [FieldType::Text, FieldType::Name, FieldType::ZipCode] {
            assert!(kind.takes("anything at all"), "{kind:?}");
        }
    }
}
