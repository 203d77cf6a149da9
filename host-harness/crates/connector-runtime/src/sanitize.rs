//! Texts of a component, made fit for the operator's terminal and log: one line each, bounded, and
//! without anything that steers a terminal or turns the direction of the text around.

use connector_contract::{Error, Failure, Problem};

/// The longest sentence of an error, in characters.
const LONGEST_SENTENCE: usize = 2_000;

/// The longest code, pointer or id, in characters.
const LONGEST_NAME: usize = 256;

/// Problems of a configuration that are told.
const MOST_PROBLEMS: usize = 200;

/// Where the text was cut off.
const CUT: char = '…';

/// The text as one line of at most so many characters. Whatever would not be seen as itself is written
/// as its escape, white space as a blank.
pub(super) fn sanitized(text: &str, longest: usize) -> String {
    let mut plain = String::with_capacity(text.len().min(longest));
    for (place, c) in text.chars().enumerate() {
        if place == longest {
            plain.push(CUT);
            break;
        }
        match c {
            '\n' | '\r' | '\t' => plain.push(' '),
            c if is_seen(c) => plain.push(c),
            c => plain.extend(c.escape_unicode()),
        }
    }
    plain
}

/// A name in a log event: letters, digits and `-_.`, so that it can forge no other field.
pub(super) fn name(text: &str) -> String {
    text.chars()
        .take(LONGEST_NAME)
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '_'
            }
        })
        .collect()
}

/// Neither a control character (C0, C1) nor one that separates lines, hides, or changes the direction
/// of what follows it (<https://www.unicode.org/reports/tr9/>).
fn is_seen(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// The error as it is passed on.
pub(super) fn error(error: Error) -> Error {
    match error {
        Error::InvalidConfiguration(problems) => Error::InvalidConfiguration(
            problems
                .into_iter()
                .take(MOST_PROBLEMS)
                .map(|problem| Problem {
                    pointer: sanitized(&problem.pointer, LONGEST_NAME),
                    message: sanitized(&problem.message, LONGEST_SENTENCE),
                })
                .collect(),
        ),
        Error::Unauthorized(told) => Error::Unauthorized(failure(&told)),
        Error::Forbidden(told) => Error::Forbidden(failure(&told)),
        Error::Throttled(mut throttled) => {
            throttled.failure = failure(&throttled.failure);
            Error::Throttled(throttled)
        }
        Error::Upstream(told) => Error::Upstream(failure(&told)),
        Error::Network(told) => Error::Network(failure(&told)),
        Error::Store(told) => Error::Store(failure(&told)),
        Error::Secret(told) => Error::Secret(failure(&told)),
        Error::Stopped => Error::Stopped,
        Error::Internal(told) => Error::Internal(failure(&told)),
        Error::Other(told) => Error::Other(failure(&told)),
    }
}

fn failure(told: &Failure) -> Failure {
    Failure {
        code: sanitized(&told.code, LONGEST_NAME),
        message: sanitized(&told.message, LONGEST_SENTENCE),
        advice: sanitized(&told.advice, LONGEST_SENTENCE),
        status: told.status,
        request_id: told
            .request_id
            .as_deref()
            .map(|id| sanitized(id, LONGEST_NAME)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_or_forges_a_line_is_left() {
        for (text, plain) in [
            ("plain – ünïcode 名", "plain – ünïcode 名"),
            ("a\nERROR b\r\nc\td", "a ERROR b  c d"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{7}\u{0}\u{7f}", "\\u{7}\\u{0}\\u{7f}"),
            ("\u{202e}evil", "\\u{202e}evil"),
            ("a\u{2028}b\u{85}c", "a\\u{2028}b\\u{85}c"),
        ] {
            assert_eq!(sanitized(text, 100), plain);
        }
    }

    #[test]
    fn what_is_too_long_is_cut_off_and_shows_it() {
        assert_eq!(sanitized("abcdef", 3), "abc…");
        assert_eq!(sanitized("abc", 3), "abc");
        assert_eq!(name("a b=c\n\u{1b}d"), "a_b_c__d");
        let told = Failure {
            code: "x".repeat(1_000_000),
            message: "y\n".repeat(1_000_000),
            advice: String::new(),
            status: None,
            request_id: Some("z".repeat(1_000_000)),
        };
        assert!(format!("{:?}", error(Error::Other(told))).len() < 4_000);
    }
}
