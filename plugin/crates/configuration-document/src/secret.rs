//! What of a pasted or piped text is the value of a client secret.
//!
//! A value comes with what was around it: a byte order mark and CR LF from Notepad, a blank from a
//! selection made with the mouse. Entra's own values hold none of that
//! (<https://learn.microsoft.com/entra/identity-platform/quickstart-register-app>), so it is no part of
//! the value. What cannot be a value is told before anybody is asked with it. No error repeats any of it.

use thiserror::Error;

use crate::names::is_guid;

/// Why a text is no value of a client secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Flaw {
    /// Nothing but what is around a value.
    #[error("the secret is empty: give the value that Entra showed when the secret was made")]
    Empty,
    /// A GUID: the column beside the value.
    #[error(
        "this is the secret's id and not its value: Entra shows the value only once, when the secret is made; \
         where it is lost, make a new secret"
    )]
    Identifier,
    /// White space, control characters or characters without a shape inside.
    #[error(
        "the secret holds white space, a line break or a character that nobody sees, and no secret of Entra \
         does: copy its value alone"
    )]
    WhiteSpace,
    /// As a shell script or an environment file keeps it.
    #[error(
        "the secret stands in quotation marks, which are no part of it: give its value without them"
    )]
    Quoted,
    /// Nothing at all, where some service has given the secret out.
    #[error("the secret is empty")]
    Nothing,
    /// A line break or another control character, which no password has.
    #[error("the secret holds a line break or another control character: give the value alone")]
    Control,
}

impl Flaw {
    /// A stable code, for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty | Self::Nothing => "secret-empty",
            Self::Identifier => "secret-is-an-id",
            Self::WhiteSpace => "secret-with-white-space",
            Self::Quoted => "secret-in-quotation-marks",
            Self::Control => "secret-with-control-character",
        }
    }
}

/// The value in a text.
///
/// # Errors
///
/// Where it cannot be the value of a client secret.
pub fn value(text: &str) -> Result<&str, Flaw> {
    let value = text.trim_matches(is_around);
    if value.is_empty() {
        return Err(Flaw::Empty);
    }
    if is_quoted(value) {
        return Err(Flaw::Quoted);
    }
    if value.contains(is_around) {
        return Err(Flaw::WhiteSpace);
    }
    if is_identifier(value) {
        return Err(Flaw::Identifier);
    }
    Ok(value)
}

/// The value in a text, of a secret that some service has given out or somebody has thought of: a password may hold
/// blanks, stand in quotation marks or look like an id.
///
/// # Errors
///
/// Where nothing is left without what is around it, or it holds a line break or another control character.
pub fn of_a_service(text: &str) -> Result<&str, Flaw> {
    let value = text.trim_matches(is_around);
    if value.is_empty() {
        return Err(Flaw::Nothing);
    }
    if value.contains(char::is_control) {
        return Err(Flaw::Control);
    }
    Ok(value)
}

/// White space, control characters, and format characters, the byte order mark among them.
fn is_around(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn is_quoted(value: &str) -> bool {
    const PAIRS: [(char, char); 5] = [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('\u{201c}', '\u{201d}'),
        ('\u{201e}', '\u{201c}'),
    ];
    let mut characters = value.chars();
    let ends = characters.next().zip(characters.next_back());
    ends.is_some_and(|ends| PAIRS.contains(&ends))
}

/// A GUID, in braces or not.
fn is_identifier(value: &str) -> bool {
    let bare = value
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(value);
    is_guid(bare)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VALUE: &str = "aB3~Q.x_y-zAbCdEfGhIjKlMnOpQrStUvWxYz012";

    #[test]
    fn what_surrounds_a_value_is_no_part_of_it() {
        for (before, after) in [
            ("", ""),
            ("\u{feff}", "\r\n"),
            ("\u{feff}  ", "\n\n"),
            (" \t", " "),
            ("\u{a0}\u{200b}", "\u{2028}\u{a0}"),
            ("\r\n", "\u{0}"),
        ] {
            let text = format!("{before}{VALUE}{after}");
            assert_eq!(value(&text), Ok(VALUE), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_value_is_told_by_what_it_is() {
        for (text, flaw) in [
            ("", Flaw::Empty),
            (" \r\n\u{feff}", Flaw::Empty),
            ("aB3~Q xyz", Flaw::WhiteSpace),
            ("aB3~Q\nxyz", Flaw::WhiteSpace),
            ("aB3~Q\u{a0}xyz", Flaw::WhiteSpace),
            ("aB3~Q\u{200b}xyz", Flaw::WhiteSpace),
            ("aB3~Q\u{0}xyz", Flaw::WhiteSpace),
            ("\"aB3~Qxyz\"", Flaw::Quoted),
            ("'aB3~Qxyz'\r\n", Flaw::Quoted),
            ("\u{201c}aB3~Qxyz\u{201d}", Flaw::Quoted),
            ("8c8e2c4f-0f2e-4ee8-b1b5-6f0a0c6a1f11", Flaw::Identifier),
            ("8C8E2C4F-0F2E-4EE8-B1B5-6F0A0C6A1F11\r\n", Flaw::Identifier),
            ("{8c8e2c4f-0f2e-4ee8-b1b5-6f0a0c6a1f11}", Flaw::Identifier),
        ] {
            assert_eq!(value(text), Err(flaw), "{text:?}");
        }
    }

    #[test]
    fn a_secret_of_a_service_may_be_what_none_of_entra_is() {
        for (text, password) in [
            ("open sesame\r\n", "open sesame"),
            (
                "\u{feff}8c8e2c4f-0f2e-4ee8-b1b5-6f0a0c6a1f11",
                "8c8e2c4f-0f2e-4ee8-b1b5-6f0a0c6a1f11",
            ),
            ("\"quoted\"", "\"quoted\""),
        ] {
            assert_eq!(of_a_service(text), Ok(password), "{text:?}");
        }
        assert_eq!(of_a_service(" \n"), Err(Flaw::Nothing));
        assert_eq!(of_a_service("two\nlines"), Err(Flaw::Control));
    }

    #[test]
    fn every_flaw_has_a_code_of_its_own() {
        let codes = [
            Flaw::Empty,
            Flaw::Identifier,
            Flaw::WhiteSpace,
            Flaw::Quoted,
        ]
        .map(Flaw::code);
        let distinct: std::collections::HashSet<_> = codes.into_iter().collect();
        assert_eq!(distinct.len(), codes.len());
    }

    proptest! {
        #[test]
        fn a_value_of_entras_alphabet_is_itself_and_no_message_repeats_it(value in "[A-Za-z0-9~_.-]{37,40}") {
            prop_assert_eq!(super::value(&value), Ok(value.as_str()));
            for flaw in [Flaw::Empty, Flaw::Identifier, Flaw::WhiteSpace, Flaw::Quoted] {
                prop_assert!(!flaw.to_string().contains(&value));
            }
        }
    }
}
