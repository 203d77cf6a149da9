//! The last thirty runs as bars, oldest left.
//!
//! A bar is a link to its breakdown, which stands below the chart; hovering, focusing or tapping it shows
//! that. The colour says how the run ended, and a sign above the bar says the same.

use maud::{Markup, html};

use super::parts::{icon, moment, number};
use crate::shapes::RunShape;

/// How many runs the chart has room for.
const BARS: usize = 30;

/// Height of the tallest bar, and of the shortest, in units of the drawing.
const TALLEST: u64 = 64;
const SHORTEST: u64 = 10;

pub(super) fn history(runs: &[RunShape]) -> Markup {
    let most = runs.iter().map(|run| run.processed).max().unwrap_or(0);
    html! {
        section .card #history aria-labelledby="history-title" {
            h2 #history-title { "Sync history" }
            @if runs.is_empty() {
                p .empty { "No sync has run yet. The last 30 will be shown here, the oldest on the left." }
            } @else {
                ol .bars aria-label="The last runs, oldest first" {
                    @for _ in runs.len()..BARS { li .slot aria-hidden="true" {} }
                    @for (at, run) in runs.iter().enumerate() {
                        (bar(at, run, most, at + 1 == runs.len()))
                    }
                }
                p .legend aria-hidden="true" {
                    span .good { (icon("good")) "Succeeded" }
                    span .warning { (icon("warning")) "Warnings" }
                    span .bad { (icon("bad")) "Failed or blocked" }
                    span .running { (icon("running")) "Running" }
                }
                div .breakdowns {
                    @for (at, run) in runs.iter().enumerate() {
                        (breakdown(at, run, at + 1 == runs.len()))
                    }
                }
            }
        }
    }
}

fn bar(at: usize, run: &RunShape, most: u64, is_last: bool) -> Markup {
    let kind = kind(run);
    let height = match most {
        0 => SHORTEST,
        most => SHORTEST + run.processed * (TALLEST - SHORTEST) / most,
    };
    let label = format!(
        "{}, {} sync, {}: {} people",
        run.started_at
            .get(..16)
            .unwrap_or_default()
            .replace('T', " "),
        run.mode,
        ending(run),
        number(run.processed)
    );
    html! {
        li {
            a class={ "bar " (kind) } href={ "#run-" (at) } data-run=(at) aria-label=(label)
                tabindex=[(!is_last).then_some("-1")] aria-current=[is_last.then_some("true")] {
                (icon(kind))
                svg viewBox={ "0 0 10 " (TALLEST) } preserveAspectRatio="none" aria-hidden="true"
                    focusable="false" {
                    rect x="0" y=(TALLEST - height) width="10" height=(height) rx="2" {}
                }
            }
        }
    }
}

/// How a run ended, as a colour.
fn kind(run: &RunShape) -> &'static str {
    match run.status {
        "succeeded" => "good",
        "warnings" | "stopped" | "incomplete" => "warning",
        "running" => "running",
        _ => "bad",
    }
}

/// How a run ended, in words.
fn ending(run: &RunShape) -> &'static str {
    match run.status {
        "succeeded" => "succeeded",
        "warnings" => "succeeded with warnings",
        "stopped" => "stopped",
        "incomplete" => "incomplete",
        "running" => "running",
        "blocked" => "blocked",
        _ => "failed",
    }
}

fn breakdown(at: usize, run: &RunShape, is_last: bool) -> Markup {
    let counts = [
        ("Processed", run.processed),
        ("Added", run.created),
        ("Updated", run.updated),
        ("Unchanged", run.unchanged),
        ("Skipped", run.skipped),
        ("Removed", run.removed),
        ("Failed", run.failed),
    ];
    html! {
        div .breakdown #{ "run-" (at) } data-shown=[is_last.then_some("yes")] {
            h3 { (icon(kind(run))) (moment(&run.started_at)) }
            p .dim {
                @if run.mode == "full" { "Everybody was read" } @else { "Changes were read" }
                ", " (trigger(&run.trigger)) ", " (ending(run)) "."
            }
            dl .counts {
                @for (label, count) in counts { div { dt { (label) } dd { (number(count)) } } }
            }
            @if !run.warnings.is_empty() {
                h4 { "Warnings" }
                ul { @for warning in &run.warnings { li { (warning.message) } } }
            }
            @if !run.errors.is_empty() {
                h4 { "Errors" }
                ul {
                    @for error in &run.errors {
                        li { code { (error.code) } " " (error.message) @if error.count > 1 { " (" (number(error.count)) " times)" } }
                    }
                }
            }
            @if let Some(block) = &run.block { p .bad-text { (block.message) } }
        }
    }
}

fn trigger(trigger: &str) -> &str {
    match trigger {
        "manual" => "asked for by a person",
        "schedule" => "by its schedule",
        "notification" => "by a change notification",
        other => other,
    }
}
