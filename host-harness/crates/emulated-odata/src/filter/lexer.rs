//! The words of a filter.

use crate::failure::Failure;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, path, number, moment or keyword.
    Word(String),
    /// A string literal, unquoted.
    Text(String),
    Open,
    Close,
    Comma,
    Colon,
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Failure> {
    let mut tokens = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (Token::Open, rest.get(1..)),
            ')' => (Token::Close, rest.get(1..)),
            ',' => (Token::Comma, rest.get(1..)),
            ':' => (Token::Colon, rest.get(1..)),
            '\'' => {
                let (literal, after) = string(rest).ok_or_else(|| unterminated(text))?;
                (Token::Text(literal), Some(after))
            }
            _ => {
                let (word, after) = word(rest, first.is_ascii_digit());
                if word.is_empty() {
                    return Err(syntax(text, first));
                }
                (Token::Word(word.to_owned()), Some(after))
            }
        };
        tokens.push(token);
        rest = after.unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

/// A quoted string; a quote inside is doubled.
fn string(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut literal = String::new();
    loop {
        let (part, after) = rest.split_once('\'')?;
        literal.push_str(part);
        match after.strip_prefix('\'') {
            Some(after) => {
                literal.push('\'');
                rest = after;
            }
            None => return Some((literal, after)),
        }
    }
}

/// A run of word characters. A colon belongs to a moment, which begins with a digit, and ends the
/// variable of a lambda otherwise.
fn word(text: &str, moment: bool) -> (&str, &str) {
    let end = text
        .find(|c: char| {
            !(c.is_alphanumeric()
                || matches!(c, '_' | '.' | '$' | '/' | '-' | '+')
                || (c == ':' && moment))
        })
        .unwrap_or(text.len());
    text.split_at(end)
}

pub(super) fn invalid(reason: &str) -> Failure {
    Failure::invalid(format!("Invalid filter clause: {reason}"))
}

fn unterminated(text: &str) -> Failure {
    invalid(&format!(
        "There is an unterminated string literal in '{text}'."
    ))
}

fn syntax(text: &str, found: char) -> Failure {
    invalid(&format!(
        "Syntax error: character '{found}' is not valid in '{text}'."
    ))
}
