//! The one place that writes results: tables for people, JSON for scripts, colours on a terminal only.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Context as _;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// Prints a value as one JSON document.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value).context("the result cannot be written")?;
    writeln!(out).context("the result cannot be written")
}

/// Prints a line on standard output.
pub(super) fn line(text: impl Display) {
    // A reader that has gone away is no failure of ours.
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Prints a line about the course of things on standard error, where results do not go.
pub(super) fn notice(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints an error, with everything it says about its causes.
pub(super) fn error(error: &anyhow::Error) {
    let label = paint(Colour::Red, "error", io::stderr().is_terminal());
    let _ = writeln!(io::stderr().lock(), "{label}: {error:#}");
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
        table.add_row(row);
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
