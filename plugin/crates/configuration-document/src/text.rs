//! Bytes of a file that a person gives, as text.
//!
//! UTF-8, with or without a byte order mark, is read. What Windows saves in its place is told by its
//! name: a sentence about line 1, column 1 helps nobody whose editor shows a perfect document there.

use std::str;

use thiserror::Error;

/// What editors put in front of a text to say how it is encoded.
pub const BYTE_ORDER_MARK: char = '\u{feff}';

/// Why bytes are not read. The messages continue a sentence that names the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotText {
    /// Windows' other encodings of Unicode.
    #[error(
        "it is saved as {0}, and only UTF-8 is read: save it as UTF-8 (Notepad: Save as, Encoding UTF-8; \
         Windows PowerShell writes UTF-16 with `>`: write `… | Out-File -Encoding utf8 FILE` in its place)"
    )]
    Utf16(&'static str),
    /// An older encoding, or no text at all.
    #[error(
        "line {line}, byte {byte} is no UTF-8: save it as UTF-8 (it may be in an older encoding, such as \
         Windows-1252)"
    )]
    Invalid {
        /// From 1.
        line: usize,
        /// From 1, in bytes of that line.
        byte: usize,
    },
}

/// The text, without its byte order mark.
///
/// # Errors
///
/// Where it is no UTF-8; the error's message says what it is and what to do.
pub fn decode(bytes: &[u8]) -> Result<&str, NotText> {
    if let Some(name) = other_unicode(bytes) {
        return Err(NotText::Utf16(name));
    }
    let text = str::from_utf8(bytes).map_err(|error| invalid(bytes, error.valid_up_to()))?;
    Ok(without_mark(text))
}

/// The text without the byte order mark that may stand in front of it.
#[must_use]
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

fn invalid(bytes: &[u8], at: usize) -> NotText {
    let before = bytes.get(..at).unwrap_or_default();
    let mut lines = before.split(|byte| *byte == b'\n');
    NotText::Invalid {
        line: lines.clone().count(),
        byte: lines.next_back().map_or(0, <[u8]>::len) + 1,
    }
}

/// The name of the encoding, where the bytes are of one of wider units: by its mark, or by the zeros
/// that every second byte of mostly Latin text is.
fn other_unicode(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Some("UTF-32"),
        [0xff, 0xfe, ..] => return Some("UTF-16 (little endian)"),
        [0xfe, 0xff, ..] => return Some("UTF-16 (big endian)"),
        _ => {}
    }
    let zeros = |odd: usize| {
        let half = bytes.iter().skip(odd).step_by(2);
        half.filter(|byte| **byte == 0).count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let many = bytes.len() / 4;
    match (even, odd) {
        (0, 0) => None,
        (0, odd) if odd >= many => Some("UTF-16 (little endian)"),
        (even, 0) if even >= many => Some("UTF-16 (big endian)"),
        (even, odd) if even + odd > bytes.len() / 2 => Some("UTF-32"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        let bytes = |unit: u16| match little {
            true => unit.to_le_bytes(),
            false => unit.to_be_bytes(),
        };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(decode(b"\xEF\xBB\xBF{}"), Ok("{}"));
        assert_eq!(decode(b"{}\r\n"), Ok("{}\r\n"));
        assert_eq!(decode(b""), Ok(""));
        assert_eq!(decode(b"\xEF\xBB\xBF"), Ok(""));
    }

    #[test]
    fn utf_16_is_told_by_its_name_with_and_without_a_mark() {
        for text in [
            "{ \"sync\": {} }",
            "\u{feff}{}",
            "abc",
            "{\"a\": \"Łódź, 東\"}\r\n",
        ] {
            for little in [true, false] {
                let told = decode(&utf16(text, little)).unwrap_err().to_string();
                assert!(
                    told.contains("UTF-16") && told.contains("as UTF-8"),
                    "{text}: {told}"
                );
                let order = if little { "little" } else { "big" };
                assert!(told.contains(order), "{text}: {told}");
            }
        }
        let wide: Vec<u8> = "{}"
            .chars()
            .flat_map(|c| u32::from(c).to_le_bytes())
            .collect();
        assert_eq!(decode(&wide), Err(NotText::Utf16("UTF-32")));
    }

    #[test]
    fn what_is_no_utf_8_is_told_by_its_place() {
        // "Müller" as Windows-1252 writes it.
        let told = decode(b"{\n  \"a\": \"M\xFCller\"\n}").unwrap_err();
        assert_eq!(told, NotText::Invalid { line: 2, byte: 10 });
        assert_eq!(decode(b"\xFC"), Err(NotText::Invalid { line: 1, byte: 1 }));
        assert!(told.to_string().contains("line 2, byte 10"));
    }

    proptest! {
        #[test]
        fn any_utf_8_without_zeros_is_read_as_it_is(text in "[^\\x00\u{feff}]{0,60}") {
            prop_assert_eq!(decode(text.as_bytes()), Ok(text.as_str()));
        }

        #[test]
        fn any_bytes_are_read_or_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = decode(&bytes);
        }
    }
}
