//! The last runs as bars: colour and mark say how a run ended, height how many people it processed.

use api_types::shapes::{ErrorShape, RunKind, RunShape, RunStatus};
use api_types::views::{AdministratorView, Frame, ProgressView, Task};
use maud::{Markup, html};

use super::super::formatting::{counted, duration, grouped, moment};
use super::super::icons::{Icon, arrow};
use super::super::undo::plan_button;

/// How many runs have a place in the chart.
const PLACES: usize = 30;

pub(super) fn history(
    frame: &Frame,
    view: &AdministratorView,
    progress: Option<&ProgressView>,
) -> Markup {
    let beginning = progress.filter(|progress| is_beginning(view, progress));
    let places = PLACES - usize::from(beginning.is_some());
    let runs = view
        .history
        .get(view.history.len().saturating_sub(places)..);
    let runs = runs.unwrap_or_default();
    let most = runs.iter().map(|run| run.processed).max().unwrap_or(0);
    html! {
        section .panel #history data-part="history" aria-labelledby="history-title" {
            div .panel-head {
                h2 #history-title { "Sync history" }
                p .muted { @if runs.is_empty() { "No run yet" } @else {
                    "The last " (counted(runs.len() as u64, "run", "runs")) ", oldest first"
                } }
                @if runs.iter().any(RunShape::changed_contacts) {
                    a .more href={ (frame.root) "/undo" } { "Undo a run" (arrow()) }
                }
            }
            ol .bars data-roving aria-labelledby="history-title" {
                @for _ in runs.len()..places { li .bar-place aria-hidden="true" { span .bar-empty {} } }
                @for (position, run) in runs.iter().enumerate() { (bar(run, position, most)) }
                @if let Some(progress) = beginning { (beginning_bar(progress, runs.len())) }
            }
            (legend())
            @if !runs.is_empty() {
                details #history-table {
                    summary { "Show as table" }
                    (table(frame, runs))
                }
            }
        }
    }
}

/// How high a bar is, in hundredths. By the logarithm, or every incremental run beside a full one would
/// be a line.
fn height(processed: u64, most: u64) -> u64 {
    let share = (processed as f64).ln_1p() / (most.max(1) as f64).ln_1p();
    // Between 0 and 1, by construction.
    18 + (share * 82.0).round() as u64
}

fn bar(run: &RunShape, position: usize, most: u64) -> Markup {
    let mark = Icon::of_run(run.status);
    let height = height(run.processed, most);
    one_bar(
        mark,
        &run.started_at,
        height,
        position,
        breakdown(run, mark),
    )
}

/// A sync that goes on and is not in the history yet: a run is there from the end of its first slice.
fn is_beginning(view: &AdministratorView, progress: &ProgressView) -> bool {
    let last = view.history.last();
    let is_there = last.is_some_and(|run| run.status == RunStatus::Running);
    progress.task == Task::Sync && !is_there
}

fn beginning_bar(progress: &ProgressView, position: usize) -> Markup {
    let mark = Icon::Running;
    let breakdown = html! {
        p .tip-title.{ "tone-" (mark.tone()) } { (mark.draw()) (mark.words()) }
        p .muted { "Since " (moment(&progress.started_at)) ". How far it is stands above." }
    };
    one_bar(mark, &progress.started_at, 100, position, breakdown)
}

fn one_bar(
    mark: Icon,
    started_at: &str,
    height: u64,
    position: usize,
    breakdown: Markup,
) -> Markup {
    html! {
        li .bar-place.hint {
            button .bar.{ "tone-" (mark.tone()) } type="button" id={ "run-" (position) }
                aria-describedby={ "run-" (position) "-tip" } {
                span .sr { (mark.words()) ", " (moment(started_at)) }
                svg .column aria-hidden="true" focusable="false" {
                    rect x="0" y={ (100 - height) "%" } width="100%" height={ (height) "%" } rx="3" {}
                }
                (mark.draw())
            }
            div .tip.breakdown role="tooltip" id={ "run-" (position) "-tip" } { (breakdown) }
        }
    }
}

fn breakdown(run: &RunShape, mark: Icon) -> Markup {
    html! {
        p .tip-title.{ "tone-" (mark.tone()) } { (mark.draw()) (mark.words()) }
        p .muted {
            (moment(&run.started_at)) " · " (trigger(&run.trigger)) ", " (run.mode.name())
            @if let Some(took) = took(run) { " · " (took) }
        }
        dl {
            @for (label, count) in counts(run) {
                dt { (label) } dd { (grouped(count)) }
            }
            @if run.given > 0 { dt { "In the directory" } dd { (grouped(run.given)) } }
        }
        @if let Some(undone) = &run.undoes { p .muted { "Took back the run " code { (undone) } } }
        @for warning in &run.warnings { p .tone-warning { (warning.message) } }
        @for error in &run.errors { (wrong(error)) }
        @if let Some(block) = &run.block { p .tone-bad { (block.message) } }
    }
}

fn wrong(error: &ErrorShape) -> Markup {
    html! {
        p .tone-bad { (error.message) @if error.count > 1 { " (" (grouped(error.count)) "×)" } }
    }
}

fn took(run: &RunShape) -> Option<String> {
    duration(&run.started_at, run.finished_at.as_deref()?)
}

fn counts(run: &RunShape) -> [(&'static str, u64); 7] {
    [
        ("Processed", run.processed),
        ("Added", run.created),
        ("Updated", run.updated),
        ("Unchanged", run.unchanged),
        ("Skipped", run.skipped),
        ("Removed", run.removed),
        ("Failed", run.failed),
    ]
}

/// What started a run, in a word.
/// What a run was.
fn kind(run: &RunShape) -> &'static str {
    match RunKind::of(&run.trigger) {
        RunKind::Retry => "Retry",
        RunKind::Undo => "Undo",
        RunKind::Sync => "Sync",
    }
}

fn trigger(trigger: &str) -> &str {
    match trigger {
        "retry" => "one person tried again",
        "undo" => "a run taken back",
        "manual" => "on request",
        "schedule" | "scheduled" => "on schedule",
        "notification" => "told by the directory",
        "demo" => "demonstration",
        other => other,
    }
}

fn legend() -> Markup {
    let marks = [
        (Icon::Succeeded, "Succeeded"),
        (Icon::Warnings, "Warnings"),
        (Icon::Failed, "Failed"),
        (Icon::Blocked, "Blocked"),
        (Icon::Stopped, "Stopped"),
        (Icon::Incomplete, "Incomplete"),
        (Icon::Running, "Running"),
    ];
    html! {
        ul .legend aria-hidden="true" {
            @for (mark, word) in marks {
                li.{ "tone-" (mark.tone()) } { (mark.draw()) span { (word) } }
            }
        }
    }
}

/// The same as a table, newest first.
fn table(frame: &Frame, runs: &[RunShape]) -> Markup {
    html! {
        div .scrolls role="region" aria-label="Runs" tabindex="0" {
            table .runs {
                thead { tr {
                    th scope="col" { "Started" } th scope="col" { "Kind" } th scope="col" { "Result" }
                    th scope="col" { "Mode" }
                    @for label in ["Processed", "Added", "Updated", "Unchanged", "Skipped", "Removed", "Failed"] {
                        th scope="col" { (label) }
                    }
                    th scope="col" { "Undo" }
                } }
                tbody { @for run in runs.iter().rev() { tr {
                    th scope="row" { (moment(&run.started_at)) }
                    td { (kind(run)) }
                    td { (Icon::of_run(run.status).words()) }
                    td { (run.mode.name()) }
                    @for (_, count) in counts(run) { td { (grouped(count)) } }
                    td { @if run.changed_contacts() { (plan_button(frame, run)) } @else { "–" } }
                } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_run_beside_a_large_one_can_still_be_seen() {
        assert_eq!(height(0, 0), 18);
        assert_eq!(height(0, 1_000_000), 18);
        assert_eq!(height(1_000_000, 1_000_000), 100);
        assert!(height(3, 1_000_000) > 20);
    }
}
