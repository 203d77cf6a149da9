//! What somebody typed, before anybody asks which number it is.

use contact_identity::telephone;

/// As many digits as a number has at least that is not dialled within a house or a network.
pub(crate) const SHORTEST: usize = 7;

/// Words between two numbers, in English, German and French.
const BETWEEN: [&str; 6] = ["or", "oder", "ou", "und", "and", "bzw."];

/// What stands before an extension, as every reader of numbers knows it.
const EXTENSION_LABELS: [&str; 9] = [
    "x",
    "ext",
    "extn",
    "extension",
    "int",
    "anexo",
    "доб",
    "Доб",
    "ДОБ",
];

/// The piece of a text that has its first number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// On one line; in the form in which contacts keep numbers.
    pub(crate) text: String,
    /// Other pieces with digits follow.
    pub(crate) is_first_of_several: bool,
}

impl Piece {
    /// `None` where the text has no digit.
    pub(crate) fn first_of(typed: &str) -> Option<Self> {
        let lines = typed.split(is_line_break);
        let mut pieces = Vec::new();
        for line in lines.filter_map(telephone::canonical) {
            split(without_scheme(&line), &mut pieces);
        }
        pieces.retain(|piece| digits(piece) > 0);
        let is_first_of_several = pieces.len() > 1;
        let text = pieces.into_iter().next()?;
        Some(Self {
            text,
            is_first_of_several,
        })
    }

    /// Whether the end of the number is written a second time, as in `23125-123/124`.
    pub(crate) fn has_two_ends(&self) -> bool {
        let Some((before, after)) = self.text.rsplit_once('/') else {
            return false;
        };
        let after = after.trim_start_matches([' ', '-']);
        let is_end = (1..=4).contains(&after.len()) && after.bytes().all(|b| b.is_ascii_digit());
        is_end && digits(before) + 1 >= SHORTEST
    }
}

/// How many digits a text has.
pub(crate) fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Whether there is nothing but digits and what groups them.
pub(crate) fn is_plain(text: &str) -> bool {
    let groups = |byte: u8| matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/' | b'+');
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || groups(byte))
}

/// Whether there are letters beside the number, its extension excepted.
pub(crate) fn is_labelled(text: &str) -> bool {
    without_extension(text).contains(is_letter)
}

/// Marks and signs of other scripts count, too: whatever they are, they are not dialled.
fn is_letter(character: char) -> bool {
    character.is_ascii_alphabetic() || !character.is_ascii()
}

fn is_line_break(character: char) -> bool {
    matches!(
        character,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// `tel:` in front is no label, and `;ext=` no second number (RFC 3966).
fn without_scheme(line: &str) -> String {
    let has_scheme = line
        .get(..4)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"));
    let number = line.get(4..).filter(|_| has_scheme).unwrap_or(line);
    let mut text = String::with_capacity(number.len());
    let mut rest = number;
    while let Some(place) = rest.find(';') {
        let (before, parameter) = rest.split_at(place);
        text.push_str(before);
        let is_extension = parameter
            .get(..5)
            .is_some_and(|name| name.eq_ignore_ascii_case(";ext="));
        let length = if is_extension { 5 } else { 1 };
        text.push_str(if is_extension { " ext " } else { ";" });
        rest = parameter.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

fn split(line: String, pieces: &mut Vec<String>) {
    for part in line.split([';', '|']) {
        let mut piece = String::new();
        for word in part.split(' ').filter(|word| !word.is_empty()) {
            if is_between(word, &piece) {
                pieces.push(std::mem::take(&mut piece));
                continue;
            }
            if !piece.is_empty() {
                piece.push(' ');
            }
            piece.push_str(word);
        }
        pieces.push(piece);
    }
}

/// Whether a word stands between two numbers. A slash behind fewer digits than a number has stands behind an area code.
fn is_between(word: &str, piece: &str) -> bool {
    if word == "/" {
        return digits(piece) >= SHORTEST;
    }
    BETWEEN
        .iter()
        .any(|between| word.eq_ignore_ascii_case(between))
}

/// The text without the extension at its end, where it has one that every reader knows.
fn without_extension(text: &str) -> &str {
    let end = text.trim_end_matches(['#', ' ']);
    let label = end.trim_end_matches(|character: char| character.is_ascii_digit());
    if !(1..=9).contains(&(end.len() - label.len())) {
        return text;
    }
    let label = label.trim_end_matches([' ', ':', '.', '=']);
    let number = label.trim_end_matches(is_letter);
    let label = label.strip_prefix(number).unwrap_or_default();
    let is_known = EXTENSION_LABELS
        .iter()
        .any(|known| label.eq_ignore_ascii_case(known));
    if is_known { number } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(typed: &str) -> (String, bool) {
        let piece = Piece::first_of(typed).unwrap();
        (piece.text, piece.is_first_of_several)
    }

    #[test]
    fn of_several_numbers_that_are_set_apart_the_first_is_taken() {
        for typed in [
            "030 23125123 / 030 23125124",
            "030 23125123;030 23125124",
            "030 23125123|030 23125124",
            "030 23125123\r\n030 23125124",
            "030 23125123 oder 030 23125124",
            "030 23125123 OR -124",
        ] {
            assert_eq!(first(typed), ("030 23125123".to_owned(), true), "{typed:?}");
        }
    }

    #[test]
    fn what_only_looks_like_a_second_number_is_not_cut_off() {
        for (typed, text) in [
            ("+49 (0) 30 / 23125123", "+49 (0) 30 / 23125123"),
            ("030/23125123", "030/23125123"),
            ("tel:+12025550143;ext=204", "+12025550143 ext 204"),
            (
                "\u{202a}+44 20 7946 0958\u{202c}; office",
                "+44 20 7946 0958",
            ),
        ] {
            assert_eq!(first(typed), (text.to_owned(), false), "{typed:?}");
        }
        assert_eq!(Piece::first_of("none\n"), None);
    }

    #[test]
    fn an_end_that_is_written_twice_is_noticed_and_an_area_code_is_none() {
        let has_two_ends = |typed: &str| Piece::first_of(typed).unwrap().has_two_ends();
        for typed in ["030 23125-123/124", "030 23125-123/-124", "23125123/4"] {
            assert!(has_two_ends(typed), "{typed}");
        }
        for typed in [
            "030/23125123",
            "0049/30/23125123",
            "06-20/555-0123",
            "0470/55.01.23",
        ] {
            assert!(!has_two_ends(typed), "{typed}");
        }
    }

    #[test]
    fn a_known_extension_is_no_label_and_any_other_word_is_one() {
        for plain in [
            "020 7946 0958",
            "020 7946 0958 x12",
            "020 7946 0958 ext. 12#",
            "555 доб. 12",
        ] {
            assert!(!is_labelled(plain), "{plain}");
        }
        for labelled in [
            "020 7946 0958 Fax",
            "555 Durchwahl 12",
            "x4711 x12",
            "555-CAKE",
            "555 转 12",
        ] {
            assert!(is_labelled(labelled), "{labelled}");
        }
    }
}
