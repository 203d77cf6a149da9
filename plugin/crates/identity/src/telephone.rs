//! Telephone numbers.

use std::borrow::Cow;
use std::char;

use crate::characters::{digit, is_invisible, is_margin, trimmed, usual_width};

/// The number that a text holds, in the form in which a contact keeps it. `None` where the text has
/// no digit: `n/a`, `-`, `tbd` and `ext.` are no numbers.
///
/// The grouping stays as it was written, and so do letters (`ext. 12`, `0800 FLOWERS`). What cannot
/// be dialled, or is seen as something else, goes: characters that are not seen (Unicode's category
/// Cf, variation selectors, U+FFFC); digits of other scripts and of full width become ASCII digits;
/// the hyphens and dashes of Unicode become `-`; white space of any kind and length becomes one
/// space.
#[must_use]
pub fn canonical(text: &str) -> Option<Cow<'_, str>> {
    let text = trimmed(text);
    if is_plain(text) {
        return text
            .bytes()
            .any(|byte| byte.is_ascii_digit())
            .then_some(Cow::Borrowed(text));
    }
    let mut number = String::with_capacity(text.len());
    for character in text.chars().filter(|character| !is_invisible(*character)) {
        let character = plain(character);
        if character != ' ' || !number.ends_with(' ') {
            number.push(character);
        }
    }
    let number = number.trim();
    number
        .contains(|character: char| character.is_ascii_digit())
        .then(|| Cow::Owned(number.to_owned()))
}

/// Whether a trimmed text has nothing that would have to be changed.
fn is_plain(text: &str) -> bool {
    // Of a text to be looked for, a table would be made each time.
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && !text.as_bytes().windows(2).any(|pair| pair == b"  ")
}

fn plain(character: char) -> char {
    if let Some(digit) = digit(character) {
        return char::from_digit(digit, 10).unwrap_or(character);
    }
    match usual_width(character) {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        other if is_margin(other) => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_seen_is_no_part_of_a_number() {
        for written in [
            "+44 7700 900123",
            "\u{202a}+44 7700 900123\u{202c}",
            "\u{202a} +44 7700 900123 \u{202c}",
            "\u{2066}+44\u{200b} 7700\u{ad} 900123\u{2069}",
            "\u{feff}+44 7700 900123\u{fe0f}",
            "+44\u{a0}7700\u{202f}900123",
            "+44 7700  900123\u{fffc}",
            "\t+44 7700\r\n900123",
            "＋４４　７７００　９００１２３",
            "+٤٤ ٧٧٠٠ ٩٠٠١٢٣",
            "+۴۴ ۷۷۰۰ ۹۰۰۱۲۳",
        ] {
            assert_eq!(
                canonical(written).as_deref(),
                Some("+44 7700 900123"),
                "{written:?}"
            );
        }
    }

    #[test]
    fn what_people_write_of_a_number_stays() {
        for written in [
            "0800 FLOWERS 1",
            "+1 (425) 555-0100 ext. 12",
            "112",
            "*100#",
        ] {
            assert_eq!(canonical(written).as_deref(), Some(written));
        }
        assert_eq!(
            canonical("425\u{2011}555\u{2013}0100").as_deref(),
            Some("425-555-0100")
        );
    }

    #[test]
    fn a_text_without_a_digit_is_no_number() {
        for written in [
            "", " ", "n/a", "N/A", "-", "–", "tbd", "ext.", "none", "+", "()", "\u{200b}", "keine",
            "无", "\u{fffc}", "?", "①", "Ⅳ",
        ] {
            assert_eq!(canonical(written), None, "{written:?}");
        }
    }

    #[test]
    fn a_plain_number_is_not_copied() {
        assert!(matches!(
            canonical(" +44 7700 900123 "),
            Some(Cow::Borrowed(_))
        ));
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_its_own_and_has_a_digit(text in any::<String>()) {
            if let Some(number) = canonical(&text).map(Cow::into_owned) {
                let again = canonical(&number).map(Cow::into_owned);
                prop_assert_eq!(again.as_deref(), Some(number.as_str()));
                prop_assert!(number.bytes().any(|byte| byte.is_ascii_digit()));
                prop_assert!(!number.contains(is_invisible));
            }
        }

        #[test]
        fn hidden_characters_anywhere_change_nothing(
            parts in prop::collection::vec("[0-9]{1,4}", 1..5),
            hidden in "(\\p{Cf}|\\p{Variation_Selector}|\u{fffc}){0,2}",
        ) {
            let number = parts.join(" ");
            let written = parts.join(&format!("{hidden} "));
            let written = format!("{hidden}{written}{hidden}");
            let canonical = canonical(&written);
            prop_assert_eq!(canonical.as_deref(), Some(number.as_str()));
        }
    }
}
