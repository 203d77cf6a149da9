//! How text of the directory becomes a value.

use std::borrow::Cow;

use contact_identity::text::folded;

/// Without surrounding white space and control characters.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(is_margin)
}

/// The value as a contact holds it: without surrounding white space, and with one space in place of
/// each stretch of white space that has control characters in it.
///
/// Directories hold line breaks and tabs in addresses and titles that were pasted from elsewhere. A
/// contact's field is one line, and a stray control character must not reach a message or an
/// export.
pub(super) fn cleaned(text: &str) -> Cow<'_, str> {
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

/// Whether a value is longer than so many Unicode scalar values.
pub fn exceeds(text: &str, limit: u32) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    // A character takes at least one byte.
    text.len() > limit && text.chars().count() > limit
}

/// Whether there is anything to see.
pub(super) fn is_filled(text: &str) -> bool {
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

fn is_margin(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
        }
        assert!(is_filled("\u{200b}x") && is_filled("。"));
    }

    #[test]
    fn length_is_counted_in_characters_not_in_bytes() {
        assert!(!exceeds("ÄÖÜ", 3));
        assert!(exceeds("ÄÖÜß", 3));
        assert!(!exceeds("", 0));
    }

    proptest! {
        #[test]
        fn a_cleaned_value_stays_as_it_is(text in "\\PC*|[\\x00-\\x40]*") {
            let once = cleaned(&text).into_owned();
            prop_assert_eq!(cleaned(&once), once.as_str());
        }
    }
}
