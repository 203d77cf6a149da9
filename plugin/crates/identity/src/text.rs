//! Texts compared as people read them: values of a filter, and what addresses and names of lists are
//! made of.

use std::borrow::Cow;

use crate::case::folded as folded_character;
use crate::characters::{self, is_invisible, usual_width};
use crate::nfc::composed;

/// A text without the characters that are not seen: those of Unicode's category Cf, variation
/// selectors and other default ignorable characters, and U+FFFC. Not for names, where joiners decide
/// how letters are written.
#[must_use]
pub fn without_invisible(text: &str) -> Cow<'_, str> {
    characters::without_invisible(text)
}

/// A text without white space and control characters around it.
#[must_use]
pub fn trimmed(text: &str) -> &str {
    characters::trimmed(text)
}

/// The form in which two texts are compared: equal where people read the same.
///
/// Case does not count, in any script, by Unicode's simple case folding, which is how the directory
/// compares, too. White space and control characters around the text do not count, nor do characters
/// that are not seen, nor whether a letter with an accent is one character or two (NFC), nor the
/// full width of ASCII characters (RFC 8265 prepares user names so).
#[must_use]
pub fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return without_case(text);
    }
    let seen: String = text
        .chars()
        .filter(|character| !is_invisible(*character))
        .map(usual_width)
        .collect();
    let letters: String = composed(trimmed(&seen))
        .chars()
        .map(folded_character)
        .collect();
    Cow::Owned(composed(&letters).into_owned())
}

/// A text whose letters have no case, by Unicode's simple case folding, and that is otherwise as it is.
#[must_use]
pub fn case_folded(text: &str) -> String {
    text.chars().map(folded_character).collect()
}

/// The part of [`folded`] that leaves every character but its case as it is: without regard to case, to
/// margins and to what is not seen.
pub(crate) fn without_case(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
        return Cow::Owned(trimmed(&seen).chars().map(folded_character).collect());
    }
    let text = trimmed(text);
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether two texts are the same to a reader; see [`folded`].
#[must_use]
pub fn reads_the_same(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    if one.is_ascii() && other.is_ascii() {
        return trimmed(one).eq_ignore_ascii_case(trimmed(other));
    }
    folded(one) == folded(other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_read_as_one_text_is_one() {
        for (one, other) in [
            ("Sales", " SALES\n"),
            ("études", "ÉTUDES"),
            ("études", "e\u{301}tudes"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("продажи", "ПРОДАЖИ"),
            ("Ｓａｌｅｓ　１", "sales 1"),
            ("Sa\u{ad}les", "Sales"),
            ("\u{feff}Sales\u{fe0f}", "sales"),
            ("STRAẞE", "straße"),
            ("\u{212a}raft", "kraft"),
        ] {
            assert_eq!(folded(one), folded(other), "{one:?} {other:?}");
            assert!(reads_the_same(one, other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn what_people_read_as_two_texts_is_two() {
        for (one, other) in [
            ("Sales", "Sales 2"),
            ("Straße", "STRASSE"),
            ("Etudes", "Études"),
            ("R2", "R²"),
            ("ılk", "ilk"),
        ] {
            assert!(!reads_the_same(one, other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_folded_ascii_text_is_not_copied() {
        assert!(matches!(folded("sales"), Cow::Borrowed("sales")));
        assert!(matches!(folded(" sales "), Cow::Borrowed("sales")));
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in any::<String>()) {
            let once = folded(&text).into_owned();
            prop_assert_eq!(folded(&once), once.as_str());
        }

        #[test]
        fn case_margins_and_invisible_characters_never_matter(
            text in "[a-zàéîõüßα-ωа-я0-9 ]{1,12}",
            capital in prop::collection::vec(any::<bool>(), 12),
            hidden in "\\p{Cf}|\\p{Variation_Selector}|\u{fffc}",
            (left, right) in ("[ \\t\u{a0}]{0,2}", "[ \\n\u{3000}]{0,2}"),
        ) {
            let other: String = text
                .chars()
                .zip(capital)
                .map(|(c, capital)| {
                    let upper = c.to_uppercase();
                    if capital && upper.len() == 1 { upper.to_string() } else { c.to_string() }
                })
                .collect();
            let other = format!("{left}{hidden}{other}{hidden}{right}");
            prop_assert!(reads_the_same(&text, &other), "{:?} {:?}", text, other);
        }
    }
}
