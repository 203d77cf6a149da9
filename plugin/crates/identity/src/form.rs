//! The forms in which the values of fields are read, compared and handed over.
//!
//! A value is read from a directory, kept in a contact, and may go back. Whoever compares it on the way must come to
//! the same conclusion everywhere, or a value would be given again and again: so there is one form of each kind, and
//! one comparison.

use std::borrow::Cow;

use crate::characters::trimmed;
use crate::nfc::composed;
use crate::text::folded;
use crate::{address, telephone};

/// What a text has to be, to be a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Anything that is not empty.
    Text,
    /// An address, as a contact holds it.
    Address,
    /// A telephone number; what has no digit is none.
    Telephone,
}

impl Form {
    /// The value that a text holds, as a contact's field has it; never empty. The value of a value is itself.
    #[must_use]
    pub fn value(self, text: &str) -> Option<Cow<'_, str>> {
        let value = match self {
            Self::Text => cleaned(text),
            Self::Address => match address::written(text) {
                Cow::Borrowed(address) => cleaned(address),
                Cow::Owned(address) => Cow::Owned(cleaned(&address).into_owned()),
            },
            Self::Telephone => telephone::canonical(text)?,
        };
        is_filled(&value).then_some(value)
    }

    /// What a field's text is to somebody who is given it: its value, which is what is read back. What is no value of
    /// this form is not taken for nothing, or a remark in the place of a number would empty the number elsewhere; and
    /// what has a control character inside stays as it is, so that it can be refused.
    #[must_use]
    pub fn given(self, text: &str) -> Option<Cow<'_, str>> {
        let text = text.trim();
        if text.contains(char::is_control) {
            return is_filled(text).then_some(Cow::Borrowed(text));
        }
        self.read(text)
    }

    fn read(self, text: &str) -> Option<Cow<'_, str>> {
        self.value(text).or_else(|| Self::Text.value(text))
    }

    /// Whether two texts are the same value: telephone numbers by their digits, addresses by their mailbox, every
    /// other text but for how letters with an accent are kept, the case of letters included. What is no value is the
    /// same as nothing.
    #[must_use]
    pub fn is_same(self, one: Option<&str>, other: Option<&str>) -> bool {
        one == other || self.comparable(one) == self.comparable(other)
    }

    fn comparable(self, text: Option<&str>) -> Option<String> {
        let value = self.read(text?)?;
        Some(match self {
            Self::Telephone if has_digit(&value) => digits(&value),
            Self::Address => address::comparable(&value).into_owned(),
            Self::Telephone | Self::Text => composed(&value).into_owned(),
        })
    }
}

fn has_digit(number: &str) -> bool {
    number.bytes().any(|byte| byte.is_ascii_digit())
}

/// What is dialled.
fn digits(number: &str) -> String {
    let digits = number.chars().filter(char::is_ascii_digit);
    digits.collect()
}

/// The value as a contact holds it: without surrounding white space, and with one space in place of
/// each stretch of white space that has control characters in it.
///
/// Directories hold line breaks and tabs in addresses and titles that were pasted from elsewhere. A
/// contact's field is one line, and a stray control character must not reach a message or an
/// export.
fn cleaned(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let text = trimmed(text);
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let parts = text.split(char::is_control).map(trimmed);
    let filled: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    Cow::Owned(filled.join(" "))
}

/// Whether there is anything to see.
#[must_use]
pub fn is_filled(text: &str) -> bool {
    if is_plain(text) {
        return true;
    }
    if text.is_ascii() {
        return !trimmed(text).is_empty();
    }
    !folded(text).is_empty()
}

/// Whether a text begins and ends with what is seen, and has nothing but ASCII between, as nearly every value
/// has: nothing of it is looked at twice.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = bytes.first().zip(bytes.last());
    ends.is_some_and(|(first, last)| *first != b' ' && *last != b' ')
        && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORMS: [Form; 3] = [Form::Text, Form::Address, Form::Telephone];

    #[test]
    fn line_breaks_and_tabs_inside_become_one_space() {
        assert_eq!(
            cleaned("\u{0}\t Main St. 1\r\n12345 \n Town \n"),
            "Main St. 1 12345 Town"
        );
    }

    #[test]
    fn what_nobody_sees_is_no_value() {
        for nothing in ["", "  ", "\u{200b}", "\u{ad}\u{2060} ", "\u{feff}\n"] {
            assert!(!is_filled(nothing), "{nothing:?}");
            for form in FORMS {
                assert_eq!(form.value(nothing), None, "{form:?} {nothing:?}");
                assert!(form.is_same(Some(nothing), None), "{form:?} {nothing:?}");
            }
        }
        assert!(is_filled("\u{200b}x") && is_filled("。"));
    }

    #[test]
    fn the_same_digits_are_the_same_number() {
        let kept = Some("+31 612345678");
        for same in [
            "+31612345678",
            "+31 6 1234 5678",
            "+31 (6) 12345678",
            " +31612345678 ",
            "＋３１ 612345678",
        ] {
            assert!(Form::Telephone.is_same(kept, Some(same)), "{same}");
        }
        for other in [Some("+31 612345679"), Some("0031 612345678"), None] {
            assert!(!Form::Telephone.is_same(kept, other), "{other:?}");
        }
    }

    #[test]
    fn a_remark_in_the_place_of_a_number_is_neither_nothing_nor_another_remark() {
        let is_same = |one, other| Form::Telephone.is_same(Some(one), other);
        assert!(!is_same("n/a", None));
        assert!(!is_same("n/a", Some("ask me")));
        assert!(!is_same("n/a", Some("112")));
        assert!(is_same("n/a", Some(" n/a")));
        assert_eq!(Form::Telephone.value("n/a"), None);
        assert_eq!(Form::Telephone.given("n/a").as_deref(), Some("n/a"));
    }

    #[test]
    fn a_text_is_the_same_with_its_accents_in_two_characters_and_not_in_another_case() {
        assert!(Form::Text.is_same(Some("Chargé"), Some("Charge\u{301}")));
        assert!(Form::Text.is_same(Some("Head"), Some(" Head\n")));
        assert!(!Form::Text.is_same(Some("Head"), Some("head")));
        assert!(Form::Address.is_same(Some("Kim@Fabrikam.com"), Some("kim@fabrikam.com")));
    }

    #[test]
    fn a_control_character_inside_stays_to_be_refused_and_one_around_is_nothing() {
        for form in FORMS {
            assert_eq!(form.given("a 1\u{7}b").as_deref(), Some("a 1\u{7}b"));
        }
        assert_eq!(Form::Text.given(" B\t").as_deref(), Some("B"));
    }

    proptest! {
        #[test]
        fn a_value_is_its_own_value_and_the_same_as_its_text(text in "\\PC*|[\\x00-\\x40]*") {
            for form in FORMS {
                let once = form.value(&text).map(Cow::into_owned);
                if let Some(once) = &once {
                    let again = form.value(once).map(Cow::into_owned);
                    prop_assert_eq!(again.as_ref(), Some(once), "{:?}", form);
                    prop_assert!(form.is_same(Some(once), Some(&text)), "{:?} {:?}", form, once);
                }
                // What is given is what is read back, and nothing is given that would be something else there.
                let given = form.given(&text).map(Cow::into_owned);
                if let Some(given) = given.filter(|given| !given.contains(char::is_control)) {
                    let back = form.value(&given).map(Cow::into_owned);
                    prop_assert!(back.as_ref().is_none_or(|back| *back == given), "{:?} {:?}", form, given);
                }
            }
        }
    }
}
