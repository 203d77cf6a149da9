//! Object ids.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

use crate::characters;

/// The longest object id of the contract, in bytes.
pub const LONGEST_OBJECT_ID: usize = 128;

/// Where the canonical text of a UUID has its hyphens.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The whole of that text: `-` for a hyphen, `x` for a digit.
const TEMPLATE: &[u8; 36] = b"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

/// The prefix of a UUID as a URN, whose letters may stand in either case (RFC 8141, section 3.1).
const URN: &str = "urn:uuid:";

/// The immutable identifier that the directory gave to a user, in its canonical form. Never an
/// address.
///
/// An Entra object id is a UUID, which may be written in either case (RFC 9562, section 4) and is
/// also seen in braces, as a URN, without hyphens, or with white space around it. Its canonical form
/// is the one of RFC 9562: small letters, with hyphens. Any other identifier is opaque and stays
/// exactly as it is.
///
/// Every way to make one gives the canonical form, reading it from stored state included, so two of
/// them are the same user exactly where they are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ObjectId(String);

/// Why a text is no object id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ObjectIdError {
    /// There is nothing but white space.
    #[error("an object id cannot be empty; write the one that the directory shows")]
    Empty,
    /// More bytes than the contract takes.
    #[error(
        "an object id has at most {LONGEST_OBJECT_ID} bytes, and this one has {0}; write the one \
         that the directory shows"
    )]
    TooLong(usize),
}

impl ObjectId {
    /// Takes an id from whoever is trusted to give one: the directory, the store, the state.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        let id = id.into();
        Self(match canonical(&id) {
            Cow::Borrowed(same) if same.len() == id.len() => id,
            Cow::Borrowed(part) => part.to_owned(),
            Cow::Owned(canonical) => canonical,
        })
    }

    /// Takes an id as a person or a program outside wrote it; white space around it is left out.
    ///
    /// # Errors
    ///
    /// Where nothing is left, or more than [`LONGEST_OBJECT_ID`] bytes.
    pub fn parse(text: &str) -> Result<Self, ObjectIdError> {
        let text = characters::trimmed(text);
        match text.len() {
            0 => Err(ObjectIdError::Empty),
            length if length > LONGEST_OBJECT_ID => Err(ObjectIdError::TooLong(length)),
            _ => Ok(Self::new(text)),
        }
    }

    /// The canonical form of an id, without a copy where it is canonical already.
    #[must_use]
    pub fn canonical(id: &str) -> Cow<'_, str> {
        canonical(id)
    }

    /// Whether a text is a UUID, in any of its spellings.
    #[must_use]
    pub fn is_uuid(text: &str) -> bool {
        is_canonical_uuid(text) || digits_of(text).is_some()
    }

    /// The sixteen bytes of a UUID; `None` of an id that is none.
    #[must_use]
    pub fn uuid(&self) -> Option<[u8; 16]> {
        if !is_canonical_uuid(&self.0) {
            return None;
        }
        let mut bytes = [0; 16];
        let mut digits = self.0.bytes().filter(|byte| *byte != b'-');
        let mut digit = || match digits.next() {
            Some(digit @ b'0'..=b'9') => digit - b'0',
            Some(letter) => letter.wrapping_sub(b'a').wrapping_add(10),
            None => 0,
        };
        for byte in &mut bytes {
            *byte = (digit() << 4) | (digit() & 0xf);
        }
        Some(bytes)
    }

    /// The id that is a UUID of these bytes.
    #[must_use]
    pub fn of_uuid(bytes: [u8; 16]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(36);
        for (place, byte) in bytes.into_iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            for half in [byte >> 4, byte & 0xf] {
                let digit = DIGITS.get(usize::from(half)).copied().unwrap_or(b'0');
                text.push(char::from(digit));
            }
        }
        Self(text)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for ObjectId {
    type Err = ObjectIdError;

    fn from_str(text: &str) -> Result<Self, ObjectIdError> {
        Self::parse(text)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

fn canonical(id: &str) -> Cow<'_, str> {
    if is_canonical_uuid(id) {
        return Cow::Borrowed(id);
    }
    match digits_of(id) {
        Some(digits) => Cow::Owned(hyphenated(&digits)),
        None => Cow::Borrowed(id),
    }
}

fn is_canonical_uuid(id: &str) -> bool {
    id.len() == TEMPLATE.len()
        && id.bytes().zip(TEMPLATE).all(|(byte, template)| {
            if *template == b'-' {
                byte == b'-'
            } else {
                matches!(byte, b'0'..=b'9' | b'a'..=b'f')
            }
        })
}

/// The hexadecimal digits of a UUID in any of its spellings.
fn digits_of(id: &str) -> Option<String> {
    let visible = characters::without_invisible(id);
    let mut text = characters::trimmed(&visible);
    if let Some((prefix, rest)) = text.split_at_checked(URN.len())
        && prefix.eq_ignore_ascii_case(URN)
    {
        text = rest;
    }
    for (open, close) in [('{', '}'), ('(', ')')] {
        if let Some(inner) = text.strip_prefix(open) {
            text = characters::trimmed(inner.strip_suffix(close)?);
        }
    }
    let hyphens = text.bytes().enumerate().filter(|(_, byte)| *byte == b'-');
    let places: Vec<_> = hyphens.map(|(place, _)| place).collect();
    if !places.is_empty() && places != HYPHENS {
        return None;
    }
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let are_digits = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    are_digits.then(|| digits.to_ascii_lowercase())
}

fn hyphenated(digits: &str) -> String {
    let mut text = String::with_capacity(36);
    for digit in digits.chars() {
        if HYPHENS.contains(&text.len()) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CANONICAL: &str = "abcdef00-0000-4000-8000-00000000abcd";

    proptest! {
        #[test]
        fn a_uuid_is_its_sixteen_bytes_and_is_in_their_order(one: [u8; 16], other: [u8; 16]) {
            let [one_id, other_id] = [one, other].map(ObjectId::of_uuid);
            prop_assert_eq!(one_id.uuid(), Some(one));
            prop_assert_eq!(ObjectId::new(one_id.as_str()), one_id.clone());
            prop_assert_eq!(one_id.cmp(&other_id), one.cmp(&other));
        }
    }

    #[test]
    fn what_is_no_uuid_has_no_sixteen_bytes() {
        assert_eq!(ObjectId::new("user-1").uuid(), None);
        assert_eq!(
            ObjectId::new(CANONICAL).uuid().unwrap()[..3],
            [0xab, 0xcd, 0xef]
        );
    }

    #[test]
    fn every_spelling_of_a_uuid_is_one_id() {
        for spelling in [
            CANONICAL,
            "ABCDEF00-0000-4000-8000-00000000ABCD",
            "AbCdEf00-0000-4000-8000-00000000aBcD",
            " abcdef00-0000-4000-8000-00000000abcd\r\n",
            "{abcdef00-0000-4000-8000-00000000abcd}",
            "(ABCDEF00-0000-4000-8000-00000000ABCD)",
            "urn:uuid:abcdef00-0000-4000-8000-00000000abcd",
            "URN:UUID:ABCDEF00-0000-4000-8000-00000000ABCD",
            "abcdef0000004000800000000000abcd",
            "{ABCDEF0000004000800000000000ABCD}",
            "\u{feff}abcdef00-0000-4000-8000-00000000abcd\u{200b}",
            "\u{a0}abcdef00-0000-4000-8000-00000000abcd\u{a0}",
        ] {
            assert_eq!(ObjectId::new(spelling).as_str(), CANONICAL, "{spelling:?}");
            assert_eq!(ObjectId::parse(spelling).unwrap().as_str(), CANONICAL);
            let json = serde_json::to_string(spelling).unwrap();
            let stored: ObjectId = serde_json::from_str(&json).unwrap();
            assert_eq!(stored.as_str(), CANONICAL);
        }
    }

    #[test]
    fn what_is_no_uuid_is_opaque_and_stays_as_it_is() {
        for opaque in [
            "u1",
            "U1",
            "Kim",
            "abcdef00-0000-4000-8000-00000000abc",
            "abcdef00-0000-4000-8000-00000000abcg",
            "abcdef000-000-4000-8000-00000000abcd",
            "{abcdef00-0000-4000-8000-00000000abcd",
            "urn:uuid:x",
            "",
            "é",
        ] {
            assert_eq!(ObjectId::new(opaque).as_str(), opaque);
            assert!(!ObjectId::is_uuid(opaque), "{opaque:?}");
        }
    }

    #[test]
    fn an_id_from_outside_has_between_one_and_128_bytes() {
        assert_eq!(ObjectId::parse(" \t"), Err(ObjectIdError::Empty));
        assert!(ObjectId::parse(&"x".repeat(128)).is_ok());
        let long = "é".repeat(65);
        assert_eq!(ObjectId::parse(&long), Err(ObjectIdError::TooLong(130)));
    }

    #[test]
    fn what_is_canonical_already_is_not_copied() {
        assert!(matches!(ObjectId::canonical(CANONICAL), Cow::Borrowed(_)));
        assert!(matches!(ObjectId::canonical("u1"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn case_braces_and_hyphens_never_make_another_id(
            digits in "[0-9a-f]{32}",
            capital in prop::collection::vec(any::<bool>(), 32),
            with_hyphens in any::<bool>(),
            (before, after) in prop_oneof![
                Just(("", "")), Just((" {", "}\n")), Just(("(", ")")), Just(("Urn:Uuid:", "\t")),
            ],
        ) {
            let mixed: String = digits
                .chars()
                .zip(capital)
                .map(|(digit, capital)| if capital { digit.to_ascii_uppercase() } else { digit })
                .collect();
            let body = if with_hyphens { hyphenated(&mixed) } else { mixed };
            let id = ObjectId::new(format!("{before}{body}{after}"));
            prop_assert_eq!(id.as_str(), hyphenated(&digits));
        }

        #[test]
        fn the_canonical_form_of_any_text_is_canonical(text in "\\PC*|[-{}0-9a-fA-F ]{30,40}") {
            let once = canonical(&text).into_owned();
            prop_assert_eq!(canonical(&once), once.as_str());
        }
    }
}
