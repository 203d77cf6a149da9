//! The one place that writes results: tables for people, JSON for scripts, colours on a terminal only.
//!
//! What a directory says of its people is not to steer a terminal: control characters in a table or
//! a [`plain`] text are shown as what they are, not obeyed.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal as _, Write as _};

use anyhow::Context as _;
use api_types::spreadsheet;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// Prints a value as one JSON document.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = serde_json::to_writer_pretty(&mut out, value)
        .map_err(io::Error::from)
        .and_then(|()| writeln!(out))
        .and_then(|()| out.flush());
    unless_nobody_reads(written)
}

/// Prints a value as JSON in one line, which a script reads before the process ends.
pub(super) fn json_line(value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string(value).context("the result cannot be written")?;
    line(text);
    Ok(())
}

/// Prints a JSON array, an element at a time, so that a million of them need no memory.
pub(super) fn json_array<T: Serialize>(
    elements: impl Iterator<Item = anyhow::Result<T>>,
) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut separator: &[u8] = b"[\n";
    for element in elements {
        let element = serde_json::to_vec(&element?).context("the result cannot be written")?;
        let written = out
            .write_all(separator)
            .and_then(|()| out.write_all(&element));
        if written.is_err() {
            return unless_nobody_reads(written);
        }
        separator = b",\n";
    }
    let end: &[u8] = if separator == b"[\n" {
        b"[]\n"
    } else {
        b"\n]\n"
    };
    unless_nobody_reads(out.write_all(end).and_then(|()| out.flush()))
}

/// Prints CSV (RFC 4180), a record at a time, of which no cell is a formula.
pub(super) fn csv(
    header: &[&str],
    records: impl Iterator<Item = anyhow::Result<Vec<String>>>,
) -> anyhow::Result<()> {
    let mut out = csv::Writer::from_writer(io::stdout().lock());
    let safe = |text: &str| spreadsheet::cell(text).into_owned();
    let mut written = out.write_record(header.iter().copied().map(safe));
    for record in records {
        let record = record?;
        let cells = record.iter().map(|text| safe(text));
        written = written.and_then(|()| out.write_record(cells));
        if written.is_err() {
            break;
        }
    }
    let written = written
        .map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            _ => io::ErrorKind::InvalidData.into(),
        })
        .and_then(|()| out.flush());
    unless_nobody_reads(written)
}

/// A reader that has gone away, as `head` does, is no failure of ours.
fn unless_nobody_reads(written: io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("the result cannot be written"),
    }
}

/// Prints a line on standard output.
pub(super) fn line(text: impl Display) {
    // As above; and there is nobody left to tell of anything else.
    let _ = writeln!(io::stdout().lock(), "{}", tame(&text.to_string()));
}

/// Prints a line about the course of things on standard error, where results do not go.
pub(super) fn notice(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{}", tame(&text.to_string()));
}

/// Prints an error, with everything it says about its causes.
pub(super) fn error(error: &anyhow::Error) {
    let label = paint(Colour::Red, "error", io::stderr().is_terminal());
    let text = said_once(error);
    let text = tame(&text);
    let _ = writeln!(io::stderr().lock(), "{label}: {text}");
}

/// An error with its causes, without those that the sentence before has in it already.
fn said_once(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// A text with lines and colours, as they come from [`paint`], and nothing else that steers a terminal.
fn tame(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && c != '\n';
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut tamed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let colour = COLOURS.iter().find(|code| rest.starts_with(**code));
        let (taken, shown) = match colour {
            Some(code) => (code.len(), Some(*code)),
            None => (c.len_utf8(), None),
        };
        match shown {
            Some(code) => tamed.push_str(code),
            None if steers(c) => tamed.push('\u{fffd}'),
            None => tamed.push(c),
        }
        rest = &rest[taken..];
    }
    Cow::Owned(tamed)
}

/// What [`paint`] writes around a text.
const COLOURS: [&str; 5] = [
    "\u{1b}[0m",
    "\u{1b}[1m",
    "\u{1b}[31m",
    "\u{1b}[32m",
    "\u{1b}[33m",
];

/// A text from elsewhere as one line that does nothing to a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// A number of things: `1 contact`, `2 contacts`.
pub(super) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// So many people.
pub(super) fn people(number: u64) -> String {
    match number {
        1 => "1 person".to_owned(),
        _ => format!("{number} people"),
    }
}

/// A table without lines, for a terminal or a mail.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    for row in rows {
        table.add_row(row.map(|cell| plain(&cell)));
    }
    table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Colours that mean something.
#[derive(Clone, Copy)]
pub(super) enum Colour {
    Green,
    Yellow,
    Red,
    Bold,
}

/// Colours a text on standard output, where that is a terminal and nobody asked for none
/// (<https://no-color.org>).
pub(super) fn coloured(colour: Colour, text: impl Display) -> String {
    paint(colour, text, io::stdout().is_terminal())
}

fn paint(colour: Colour, text: impl Display, terminal: bool) -> String {
    let wanted = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let code = match colour {
        Colour::Green => 32,
        Colour::Yellow => 33,
        Colour::Red => 31,
        Colour::Bold => 1,
    };
    if wanted {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_directory_says_of_its_people_does_not_steer_the_terminal() {
        let table = table(["name"], [["\u{1b}[2JZoë\nBerg\u{9b}31m".to_owned()]]);
        assert!(!table.contains(['\u{1b}', '\u{9b}']), "{table:?}");
        assert!(table.contains("Zoë\u{fffd}Berg"), "{table:?}");
    }

    #[test]
    fn a_line_keeps_its_colours_and_nothing_else_that_steers_the_terminal() {
        assert_eq!(tame("a\nb"), "a\nb");
        assert_eq!(
            tame("\u{1b}[31mred\u{1b}[0m \u{1b}[2J\u{1b}]0;title\u{7}\r\u{9b}K"),
            "\u{1b}[31mred\u{1b}[0m \u{fffd}[2J\u{fffd}]0;title\u{fffd}\u{fffd}\u{fffd}K"
        );
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!(counted(1, "contact"), "1 contact");
        assert_eq!(counted(0, "contact"), "0 contacts");
    }

    #[test]
    fn a_cause_that_is_part_of_the_sentence_is_not_said_again() {
        let full = || anyhow::anyhow!("the disk is full");
        assert_eq!(
            said_once(&full().context("nothing was kept")),
            "nothing was kept: the disk is full"
        );
        let told = full().context("nothing was kept: the disk is full; make room");
        assert_eq!(
            said_once(&told),
            "nothing was kept: the disk is full; make room"
        );
    }
}
