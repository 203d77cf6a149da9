//! The JSON Schema of the document, without the blanks that are for its authors.

const WRITTEN: &str = include_str!("schema.json");
const LENGTH: usize = compact::<0>(WRITTEN.as_bytes()).1;
const COMPACT: &[u8] = &compact::<LENGTH>(WRITTEN.as_bytes()).0;

/// The schema as a text on one line.
pub(super) const TEXT: &str = match std::str::from_utf8(COMPACT) {
    Ok(text) => text,
    Err(_) => WRITTEN,
};

/// As much as there is room for of a JSON text without the blanks between its tokens, and how long all of it
/// is. A string must not end in a backslash.
#[expect(
    clippy::indexing_slicing,
    reason = "worked out while it is compiled, where a wrong index is an error of the build"
)]
const fn compact<const ROOM: usize>(text: &[u8]) -> ([u8; ROOM], usize) {
    let mut compact = [0; ROOM];
    let mut length = 0;
    let mut is_text = false;
    let mut place = 0;
    while place < text.len() {
        let byte = text[place];
        let is_escaped = place > 0 && text[place - 1] == b'\\';
        if byte == b'"' && !is_escaped {
            is_text = !is_text;
        }
        if is_text || !byte.is_ascii_whitespace() {
            if length < ROOM {
                compact[length] = byte;
            }
            length += 1;
        }
        place += 1;
    }
    (compact, length)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn it_says_what_is_written_and_has_no_line_breaks() {
        let [written, text] =
            [WRITTEN, TEXT].map(|text| serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(text, written);
        assert!(!TEXT.contains('\n'));
        assert!(TEXT.len() < WRITTEN.len());
    }
}
