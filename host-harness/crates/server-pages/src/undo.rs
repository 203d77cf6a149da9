//! Taking a run back: the runs that can be, and what taking one back would do.

use api_types::shapes::RunShape;
use api_types::views::{Frame, RemovalsView, UndoView, UndoableView};
use maud::{Markup, html};

use super::formatting::{counted, moment};
use super::forms::{Weight, button};
use super::icons::Icon;
use super::layout::{NavItem, layout};
use super::progress::progress_lines;
use super::removals::Approval;
use super::setup::{one_count, remarks};

/// The runs that changed contacts, newest first.
pub fn undoable(frame: &Frame, view: &UndoableView) -> Markup {
    let main = html! {
        p .back { a href=(frame.root) { "← Overview" } }
        h1 { "Take a run back" }
        p .lead {
            "What a run did is kept for 90 days. Taking it back is planned first: you see who is concerned, and "
            "approve it. What was edited since stays."
        }
        section .panel {
            @if view.runs.is_empty() { p .muted { "None of the last runs has changed a contact." } }
            @else {
                ul .entries { @for run in &view.runs { li {
                    div {
                        p { strong { (moment(&run.started_at)) } }
                        p .muted { (changed(run)) }
                    }
                    div .entry-end { (plan_button(frame, run)) }
                } } }
            }
        }
    };
    layout(Some(frame), NavItem::Elsewhere, "Take a run back", main)
}

/// What a run did, in numbers.
fn changed(run: &RunShape) -> String {
    let parts = [
        (run.created, "added"),
        (run.updated, "updated"),
        (run.removed, "removed"),
    ];
    let in_directory = (run.given > 0).then(|| {
        format!(
            "{} changed in the directory",
            counted(run.given, "person", "people")
        )
    });
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts
        .enumerate()
        .map(|(at, (number, what))| match at {
            0 => format!("{} {what}", counted(number, "contact", "contacts")),
            _ => format!("{} {what}", super::formatting::grouped(number)),
        })
        .chain(in_directory)
        .collect();
    parts.join(", ")
}

/// Plans to take a run back.
pub(super) fn plan_button(frame: &Frame, run: &RunShape) -> Markup {
    let started = run.started_at.as_str();
    html! {
        form .inline method="post" action={ (frame.root) "/undo/plan" } {
            (super::forms::hidden(frame))
            input type="hidden" name="run" value=(run.run_id);
            button .button.small type="submit" { "Undo" span .sr { " the run of " (moment(started)) } }
        }
    }
}

/// What taking a run back would do; updates by itself while that is being found out.
pub fn undo(frame: &Frame, view: &UndoView, problem: Option<&str>) -> Markup {
    let here = format!(
        "{}/undo/{}",
        frame.root,
        super::forms::in_query(&view.run_id)
    );
    let main = html! {
        p .back { a href={ (frame.root) "/undo" } { "← Take a run back" } }
        h1 { "Undo a run" }
        @if let Some(run) = &view.run {
            p .lead { "The run of " strong { (moment(&run.started_at)) } ": " (changed(run)) "." }
        } @else {
            p .lead { "The run " code .long { (view.run_id) } "." }
        }
        div #live data-live=(here) data-events=(frame.events(view.changes)) {
            div data-part="undo" {
                @if let Some(progress) = &view.progress {
                    section .panel.waiting aria-labelledby="progress-phase" {
                        (progress_lines(progress))
                        p .muted { "What taking it back would do is being found out." }
                        noscript { p { a href=(here) { "Look again" } } }
                    }
                } @else {
                    @if let Some(failure) = &view.failure {
                        div .notice.tone-bad role="alert" {
                            (Icon::Failed.draw())
                            p { strong { "It was not done. " } (failure) }
                        }
                    }
                    @match (&view.digest, &view.done_at) {
                        (Some(digest), None) => (plan(frame, view, digest, problem)),
                        (Some(_), Some(at)) => {
                            div .notice.tone-good role="status" {
                                (Icon::Succeeded.draw())
                                p { "Taken back " (moment(at)) "." }
                            }
                            (again(frame, view, "Plan again"))
                        }
                        (None, _) => (again(frame, view, "Plan the undo")),
                    }
                }
            }
        }
        p #announcement .sr role="status" {}
    };
    layout(Some(frame), NavItem::Elsewhere, "Undo a run", main)
}

fn again(frame: &Frame, view: &UndoView, label: &str) -> Markup {
    html! {
        div .form-actions {
            (button(frame, "/undo/plan", &[("run", &view.run_id)], (label, Weight::Plain), true))
        }
    }
}

fn plan(frame: &Frame, view: &UndoView, digest: &str, problem: Option<&str>) -> Markup {
    let changes: u64 = view
        .counts
        .iter()
        .filter(|count| count.code != "other")
        .map(|count| count.count)
        .sum();
    let approval = Approval {
        action: "/undo",
        values: &[("run", &view.run_id), ("approve", digest)],
        removals: view.removals,
        deed: "undo the run",
        enabled: changes > 0,
        plain: true,
        problem,
    };
    html! {
        @if view.counts.is_empty() { section .panel { p { "There is nothing left to take back." } } }
        ul .counts { @for count in &view.counts { (one_count(frame, digest, count)) } }
        (remarks(&view.warnings))
        @if view.given > 0 {
            div .notice.tone-warning {
                (Icon::Warnings.draw())
                div {
                    p {
                        strong { "The directory is changed, too. " }
                        "It is given back what the run gave it of " (counted(view.given, "person", "people"))
                        ", and the contacts hold that again."
                    }
                    @for limit in &view.limits { p { (limit) ". Whoever approves lets exactly this pass." } }
                }
            }
        }
        div .notice.tone-warning {
            (Icon::Warnings.draw())
            p {
                "It changes contacts and not the settings: the next sync does again what they say. So scheduled "
                "syncs wait after it until somebody has synced. If the settings were the cause, "
                a href={ (frame.root) "/setup/map" } { "change them" } " before that."
            }
        }
        div .form-actions.bar-of-actions {
            (approval.draw(frame))
            (again(frame, view, "Plan again"))
            a .button.subtle href={ (frame.root) "/undo" } { "Cancel" }
        }
        p .muted.small {
            "Exactly this is done, and what has changed since is left out. "
            @if let Some(at) = &view.made_at { "Planned " (moment(at)) ". " }
            "Digest " code { (digest.get(..12).unwrap_or(digest)) }
            @if view.removals == RemovalsView::default() { " Nothing is taken away." }
        }
    }
}
