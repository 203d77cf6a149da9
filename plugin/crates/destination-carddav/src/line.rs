//! One content line of a card: as it came, and what it says (RFC 6350, section 3.3; RFC 2426, section 4).
//!
//! A line that nobody edits is written back as it was read, folds included. An edited one is folded anew.

use std::borrow::Cow;

/// Most octets of a physical line, without its end (RFC 6350, section 3.2).
const WIDTH: usize = 75;

/// A content line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its physical lines, with a line end between two of them and none after the last.
    raw: String,
    /// Without folds.
    text: String,
    group: Option<String>,
    /// In upper case, as names are compared. Empty where the line is none that can be understood.
    name: String,
    parameters: Vec<Parameter>,
    /// Where the value begins in `text`.
    value_at: usize,
}

/// A parameter: its name in upper case, its values without quotes and escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parameter {
    name: String,
    values: Vec<String>,
}

impl Line {
    /// Understands the physical lines of one content line. One without a colon is kept and has no name.
    pub(crate) fn read(raw: String) -> Self {
        let text = unfolded(&raw);
        let head = head(&text).unwrap_or_default();
        Self {
            raw,
            text,
            group: head.group,
            name: head.name,
            parameters: head.parameters,
            value_at: head.value_at,
        }
    }

    /// A new line: what stands before the colon, and the value as it is to be written.
    pub(crate) fn new(head: &str, value: &str) -> Self {
        Self::read(folded(&format!("{head}:{value}")))
    }

    /// The physical lines.
    pub(crate) fn raw(&self) -> &str {
        &self.raw
    }

    /// The name of the property, in upper case.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// `item1` of `item1.EMAIL`, as it is spelt.
    pub(crate) fn group(&self) -> Option<&str> {
        self.group.as_deref()
    }

    /// The value as it is written, escapes included.
    pub(crate) fn value(&self) -> &str {
        self.text.get(self.value_at..).unwrap_or_default()
    }

    /// The first value of a parameter, by its name in upper case.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut values = self.values_of(name);
        values.next()
    }

    /// Whether the types of the line have this one, in whichever case (`TYPE=work,pref`, `TYPE=work;TYPE=pref`).
    pub(crate) fn is_of_type(&self, wanted: &str) -> bool {
        // Both standards let a list stand in one pair of quotes, too.
        let mut types = self
            .values_of("TYPE")
            .flat_map(|value| value.split(','))
            .map(str::trim);
        types.any(|value| value.eq_ignore_ascii_case(wanted))
    }

    fn values_of<'l>(&'l self, name: &str) -> impl Iterator<Item = &'l str> {
        let named = self.parameters.iter().filter(|named| named.name == name);
        let values = named.flat_map(|parameter| parameter.values.iter().map(String::as_str));
        values.collect::<Vec<_>>().into_iter()
    }

    /// The same line with another value, as it is to be written. Nothing before the colon changes.
    pub(crate) fn with_value(&self, value: &str) -> Self {
        let head = self.text.get(..self.value_at).unwrap_or_default();
        Self::read(folded(&format!("{head}{value}")))
    }

    /// The same line without a parameter that has no quotes in it, such as `VALUE=uri`.
    pub(crate) fn without_plain_parameter(&self, name: &str) -> Self {
        let head = self.text.get(..self.value_at).unwrap_or_default();
        let mut left = String::with_capacity(self.text.len());
        for (place, part) in
            split_outside_quotes(head.strip_suffix(':').unwrap_or(head), ';').enumerate()
        {
            let is_it = place > 0
                && part
                    .split_once('=')
                    .is_some_and(|(n, _)| n.eq_ignore_ascii_case(name));
            if is_it {
                continue;
            }
            if place > 0 {
                left.push(';');
            }
            left.push_str(part);
        }
        Self::read(folded(&format!("{left}:{}", self.value())))
    }
}

/// What stands before the value.
#[derive(Default)]
struct Head {
    group: Option<String>,
    name: String,
    parameters: Vec<Parameter>,
    value_at: usize,
}

/// `[group "."] name *(";" parameter) ":"`; `None` where it is something else.
fn head(text: &str) -> Option<Head> {
    let colon = outside_quotes(text, ':')?;
    let mut parts = split_outside_quotes(text.get(..colon)?, ';');
    let name = parts.next()?;
    let (group, name) = match name.rsplit_once('.') {
        Some((group, name)) => (Some(group.to_owned()), name),
        None => (None, name),
    };
    if name.is_empty() || !name.bytes().all(is_of_name) {
        return None;
    }
    Some(Head {
        group,
        name: name.to_ascii_uppercase(),
        parameters: parts.map(parameter).collect(),
        value_at: colon + 1,
    })
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// A parameter; one without a name, as version 2.1 had them, is a type (`TEL;CELL:`).
fn parameter(part: &str) -> Parameter {
    let (name, values) = part.split_once('=').unwrap_or(("TYPE", part));
    let values = split_outside_quotes(values, ',');
    Parameter {
        name: name.to_ascii_uppercase(),
        values: values
            .map(|value| parameter_text(value.trim_matches('"')).into_owned())
            .collect(),
    }
}

/// The place of the first such character that is not in quotes.
fn outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let mut is_quoted = false;
    for (place, character) in text.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            _ if character == wanted && !is_quoted => return Some(place),
            _ => {}
        }
    }
    None
}

fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let now = rest?;
        let Some(place) = outside_quotes(now, separator) else {
            rest = None;
            return Some(now);
        };
        let (part, after) = now.split_at(place);
        rest = after.strip_prefix(separator);
        Some(part)
    })
}

/// The text of a parameter's value (RFC 6868: `^n`, `^^`, `^'`).
fn parameter_text(value: &str) -> Cow<'_, str> {
    if !value.contains('^') {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        if character != '^' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => text.push('\n'),
            Some('^') => text.push('^'),
            Some('\'') => text.push('"'),
            Some(other) => text.extend(['^', other]),
            None => text.push('^'),
        }
    }
    Cow::Owned(text)
}

/// The value of a parameter for a text, in quotes.
pub(crate) fn parameter_value(text: &str) -> String {
    let escaped = text
        .replace('^', "^^")
        .replace('"', "^'")
        .replace('\n', "^n");
    format!("\"{escaped}\"")
}

/// Without folds: a line end and the space or tab after it are nothing (RFC 6350, section 3.2).
fn unfolded(raw: &str) -> String {
    let mut lines = raw.split("\r\n");
    let mut text = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        text.push_str(line.get(1..).unwrap_or_default());
    }
    text
}

/// Folds a line so that no physical one is longer than it may be, and no character is cut in two.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + text.len() / 36);
    let mut octets = 0;
    for character in text.chars() {
        if octets + character.len_utf8() > WIDTH {
            folded.push_str("\r\n ");
            octets = 1;
        }
        folded.push(character);
        octets += character.len_utf8();
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(raw: &str) -> Line {
        Line::read(raw.to_owned())
    }

    #[test]
    fn a_line_is_group_name_parameters_and_value() {
        let read = line(
            "item1.email;type=\"work,pref\";X-A=\"a;b:c\",d;TYPE=INTERNET:ana@contoso.example",
        );
        assert_eq!((read.group(), read.name()), (Some("item1"), "EMAIL"));
        assert_eq!(read.value(), "ana@contoso.example");
        assert!(
            ["WORK", "pref", "internet"]
                .iter()
                .all(|kind| read.is_of_type(kind))
        );
        assert!(!read.is_of_type("home"));
        assert_eq!(read.parameter("X-A"), Some("a;b:c"));
        assert_eq!(line("TEL;CELL;VOICE:1").name(), "TEL");
        assert!(line("TEL;CELL;VOICE:1").is_of_type("cell"));
    }

    #[test]
    fn a_line_that_is_none_is_kept_and_has_no_name() {
        for raw in [
            "",
            "no colon",
            ":value",
            "N AME:x",
            "X;P=\"never closed:x",
            "é:x",
        ] {
            assert_eq!(line(raw).name(), "", "{raw}");
            assert_eq!(line(raw).raw(), raw);
        }
    }

    #[test]
    fn folds_are_nothing_whether_they_are_spaces_or_tabs() {
        let read = line("NOTE:one \r\n  two\r\n\tthree");
        assert_eq!(read.value(), "one  twothree");
        assert_eq!(read.raw(), "NOTE:one \r\n  two\r\n\tthree");
    }

    #[test]
    fn a_new_value_leaves_everything_before_the_colon_and_is_folded_at_75_octets() {
        let before = line("item1.X-Note;X-P=\"a:b\":old");
        let after = before.with_value(&"ö€𝄞".repeat(40));
        assert_eq!(after.group(), Some("item1"));
        assert!(after.raw().starts_with("item1.X-Note;X-P=\"a:b\":ö"));
        assert_eq!(after.value(), "ö€𝄞".repeat(40));
        let physical: Vec<_> = after.raw().split("\r\n").collect();
        assert!(physical.len() > 4);
        assert!(
            physical
                .iter()
                .all(|line| (2..=WIDTH).contains(&line.len()))
        );
    }

    #[test]
    fn a_parameter_is_taken_away_and_the_others_stay_as_they_are_spelt() {
        let read = line("TEL;Value=uri;type=\"cell;x\":tel:+1");
        let without = read.without_plain_parameter("VALUE");
        assert_eq!(without.raw(), "TEL;type=\"cell;x\":tel:+1");
    }

    #[test]
    fn a_text_in_a_parameter_reads_as_it_was_written() {
        for text in ["Cost centre", "a\"b^c\nd", "a,b;c:d", "^n"] {
            let head = format!("X-A;X-LABEL={}", parameter_value(text));
            assert_eq!(
                Line::new(&head, "1").parameter("X-LABEL"),
                Some(text),
                "{text}"
            );
        }
    }
}
