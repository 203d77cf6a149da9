//! Why a card is not written, in codes.

use destination_kit::contract::{CodeDescription, CodeKind, Refusal};

/// A value has characters that no card can carry.
pub(crate) const INVALID_CHARACTERS: &str = "invalid-characters";
/// The card that is there is none that can be edited.
pub(crate) const CARD_UNREADABLE: &str = "card-unreadable";
/// The server does not take the card.
pub(crate) const CARD_REFUSED: &str = "card-refused";
/// The contract's code for a value, or here a card, that is too long.
pub(crate) const TOO_LONG: &str = "too-long";
/// The contract's code for one that is there already.
pub(crate) const DUPLICATE: &str = "duplicate";

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
            INVALID_CHARACTERS,
            "Has characters that no vCard can carry",
            "Remove control characters from the value in the directory, or from the name of the custom field.",
        ),
        describe(
            CARD_UNREADABLE,
            "Is no vCard of version 3.0 or 4.0",
            "Save the contact once in a program that writes vCard 3.0 or 4.0, or delete it.",
        ),
        describe(
            CARD_REFUSED,
            "Is not taken by the CardDAV server",
            "Look into the log of the server for what it finds wrong with the card.",
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

/// A refusal of a whole card.
pub(crate) fn of_card(code: &str) -> Refusal {
    Refusal {
        field: None,
        code: code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_kebab_case_and_has_advice() {
        for code in codes() {
            let is_kebab = code
                .code
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            assert!(is_kebab && code.advice.is_some(), "{}", code.code);
        }
    }
}
