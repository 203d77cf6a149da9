//! Numbers in E.164, which is all that the service takes: `+`, country code, subscriber, digits only.
//!
//! A number that is written internationally and only grouped for the eye (`+44 7700 900101`) is the same number
//! without its groups. Nothing else is made of a text: without a country code nobody knows whose number it is, a
//! `(0)` is dialled at home and not from abroad, and an extension cannot be sent to.

/// The longest text of a number that is kept as it was written.
pub(crate) const LONGEST_WRITTEN: usize = 64;

/// The number that a text is; `None` where it is none that can be sent to.
pub(crate) fn e164(text: &str) -> Option<String> {
    let digits = text.trim().strip_prefix('+')?;
    if digits.contains("(0)") {
        return None;
    }
    let mut number = String::from("+");
    for character in digits.chars() {
        match character {
            '0'..='9' => number.push(character),
            ' ' | '\u{a0}' | '-' | '.' | '(' | ')' => {}
            _ => return None,
        }
    }
    // The plus and 8 to 15 digits; a country code never begins with 0.
    let has_length = (9..=16).contains(&number.len());
    (has_length && !number.starts_with("+0")).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_for_the_eye() {
        for text in [
            "+447700900101",
            "+44 7700 900101",
            "+44-7700-900101",
            "+44 (7700) 900.101",
            " +44\u{a0}7700 900101 ",
        ] {
            assert_eq!(e164(text).as_deref(), Some("+447700900101"), "{text}");
        }
        assert_eq!(e164("+1 206 555 2000").as_deref(), Some("+12065552000"));
    }

    #[test]
    fn what_could_be_somebody_elses_number_is_none() {
        for text in [
            "",
            "07700 900101",
            "00447700900101",
            "+44 (0)7700 900101",
            "+44 7700 900101 ext. 2",
            "+44 7700 900101 / 102",
            "+44 7700 900101;+44 7700 900102",
            "+0 7700 900101",
            "+44 770",
            "+4477009001010000",
            "++447700900101",
            "call me",
        ] {
            assert_eq!(e164(text), None, "{text}");
        }
    }
}
