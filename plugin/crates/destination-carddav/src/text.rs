//! Values as they stand in a card, and as people mean them (RFC 6350, section 3.4; RFC 2426, section 4).

/// The text of a value: escapes are what they stand for. A backslash before anything else stays, but for a colon,
/// which programs of version 3.0 escape without need.
pub(crate) fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('n' | 'N') => text.push('\n'),
            Some(plain @ ('\\' | ',' | ';' | ':')) => text.push(plain),
            Some(other) => text.extend(['\\', other]),
            None => text.push('\\'),
        }
    }
    text
}

/// The value for a text.
pub(crate) fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ',' | ';' => value.extend(['\\', character]),
            '\n' => value.push_str("\\n"),
            '\r' => {}
            other => value.push(other),
        }
    }
    value
}

/// The parts of a value between separators that are not escaped, as they are written.
pub(crate) fn parts(value: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut is_escaped = false;
    for (place, character) in value.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if character == '\\' {
            is_escaped = true;
        } else if character == separator {
            parts.push(value.get(begin..place).unwrap_or_default());
            begin = place + separator.len_utf8();
        }
    }
    parts.push(value.get(begin..).unwrap_or_default());
    parts
}

/// Whether a text can stand in a card and in XML (XML 1.0, section 2.2).
pub(crate) fn can_be_written(text: &str) -> bool {
    text.chars().all(|character| match character {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        other => !other.is_control(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_reads_as_it_was_written() {
        for text in [
            "",
            "plain",
            "a\\b",
            "a,b;c:d",
            "one\ntwo",
            "\\n",
            "\\,",
            "ends in \\",
        ] {
            assert_eq!(unescaped(&escaped(text)), text, "{text}");
        }
        assert_eq!(unescaped("a\\:b\\N\\x\\"), "a:b\n\\x\\");
    }

    #[test]
    fn an_escaped_separator_separates_nothing() {
        assert_eq!(
            parts("a;b\\;c;;\\\\;d", ';'),
            ["a", "b\\;c", "", "\\\\", "d"]
        );
        assert_eq!(parts("", ';'), [""]);
    }

    #[test]
    fn what_xml_cannot_carry_is_not_written() {
        assert!(can_be_written("Ana\tRöa\n𝄞"));
        for text in ["\u{0}", "a\u{b}", "\u{7f}", "\u{ffff}"] {
            assert!(!can_be_written(text), "{text:?}");
        }
    }
}
