//! What Unicode says about single characters: which are not seen, which are digits, which differ in
//! width alone.

use std::borrow::Cow;

/// Characters that are not seen: those of the general category Cf and those that Unicode calls
/// default ignorable (variation selectors, joiners, marks of direction, fillers, tags), and the
/// object replacement character, which a picture leaves behind. In order, without overlap.
const INVISIBLE: &[(u32, u32)] = &[
    (0xad, 0xad),
    (0x34f, 0x34f),
    (0x600, 0x605),
    (0x61c, 0x61c),
    (0x6dd, 0x6dd),
    (0x70f, 0x70f),
    (0x890, 0x891),
    (0x8e2, 0x8e2),
    (0x115f, 0x1160),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x200b, 0x200f),
    (0x202a, 0x202e),
    (0x2060, 0x206f),
    (0x3164, 0x3164),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfffc),
    (0x110bd, 0x110bd),
    (0x110cd, 0x110cd),
    (0x13430, 0x1343f),
    (0x1bca0, 0x1bca3),
    (0x1d173, 0x1d17a),
    (0xe0000, 0xe0fff),
];

/// The zeros of all decimal digits (general category Nd) beyond ASCII, in order; the other nine of a
/// script follow its zero.
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0,
    0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50,
    0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8,
    0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

/// Whether a character is not seen.
pub(crate) fn is_invisible(character: char) -> bool {
    let code = u32::from(character);
    if code < 0xad {
        return false;
    }
    let after = INVISIBLE.partition_point(|(first, _)| *first <= code);
    let before = after.checked_sub(1).and_then(|place| INVISIBLE.get(place));
    before.is_some_and(|(_, last)| code <= *last)
}

/// The value of a decimal digit of any script.
pub(crate) fn digit(character: char) -> Option<u32> {
    if character.is_ascii() {
        return character.to_digit(10);
    }
    let code = u32::from(character);
    let after = ZEROS.partition_point(|zero| *zero <= code);
    let zero = after.checked_sub(1).and_then(|place| ZEROS.get(place))?;
    Some(code - zero).filter(|value| *value < 10)
}

/// A character of the block of half-width and full-width forms that has the same shape in the usual
/// width in ASCII: what an input method for Chinese, Japanese or Korean writes for it. The
/// ideographic space is among them.
pub(crate) fn usual_width(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        '\u{3000}' => ' ',
        other => other,
    }
}

/// Without the characters that are not seen.
pub(crate) fn without_invisible(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| !is_invisible(*c)).collect())
}

/// Without white space and control characters around it.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(is_margin)
}

/// White space and control characters.
pub(crate) fn is_margin(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}

#[cfg(test)]
mod tests {
    use regex_syntax::hir::{Class, HirKind};

    use super::*;
    use crate::case::folded;
    use crate::nfc::composed;

    /// The characters of a Unicode class, as another implementation of the standard has them.
    fn class(pattern: &str) -> Vec<char> {
        let parsed = regex_syntax::parse(pattern).unwrap();
        let HirKind::Class(Class::Unicode(class)) = parsed.kind() else {
            panic!("{pattern} is no class");
        };
        class
            .ranges()
            .iter()
            .flat_map(|range| range.start()..=range.end())
            .collect()
    }

    fn all(is: impl Fn(char) -> bool) -> Vec<char> {
        (char::MIN..=char::MAX).filter(|c| is(*c)).collect()
    }

    #[test]
    fn the_table_of_invisible_characters_is_unicodes() {
        let unicode =
            class(r"[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\x{FFFC}]");
        assert_eq!(all(is_invisible), unicode);
    }

    #[test]
    fn the_table_of_digits_is_unicodes() {
        assert_eq!(all(|c| digit(c).is_some()), class(r"\p{Nd}"));
        assert_eq!(digit('٣'), Some(3));
        assert_eq!(digit('９'), Some(9));
    }

    #[test]
    fn letters_that_unicode_folds_to_one_are_one() {
        // Every character that is the same as another without regard to case, as a regular
        // expression has it: simple case folding.
        for character in all(|c| c.is_alphabetic() && !c.is_ascii()) {
            let pattern = format!("(?i){character}");
            let HirKind::Class(Class::Unicode(same)) =
                regex_syntax::parse(&pattern).unwrap().kind().clone()
            else {
                continue;
            };
            for other in same
                .ranges()
                .iter()
                .flat_map(|range| range.start()..=range.end())
            {
                // Two that are canonically equivalent are one before they are folded.
                let form = |c: char| composed(&folded(c).to_string()).into_owned();
                assert_eq!(form(other), form(character), "{character} {other}");
            }
        }
    }

    #[test]
    fn letters_of_different_length_or_language_stay_apart() {
        assert_eq!(folded('ß'), 'ß');
        assert_eq!(folded('ẞ'), 'ß');
        assert_ne!(folded('ı'), folded('i'));
        assert_ne!(folded('İ'), folded('i'));
        assert_eq!(folded('ς'), folded('Σ'));
    }

    #[test]
    fn folding_is_done_once_and_for_all() {
        for character in char::MIN..=char::MAX {
            assert_eq!(folded(folded(character)), folded(character));
        }
    }
}
