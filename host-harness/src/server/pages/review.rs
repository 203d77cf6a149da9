//! The third step: what a sync would do, with the people behind each number.

use maud::{Markup, html};

use super::layout::{Part, hidden, page};
use super::parts::{icon, moment, number, progress};
use crate::server::views::{Frame, ReviewCount, ReviewView, SetupStep};

/// Where one is in the set-up.
pub(super) fn steps(frame: &Frame, current: SetupStep, is_done: bool) -> Markup {
    let steps = [
        (SetupStep::Connect, "Connect", "/setup/connect"),
        (SetupStep::Map, "Map attributes", "/setup/map"),
        (SetupStep::Review, "Review", "/setup/review"),
        (SetupStep::Done, "Overview", ""),
    ];
    html! {
        nav .stepper aria-label="Set-up" {
            ol {
                @for (at, (step, label, path)) in steps.into_iter().enumerate() {
                    @let done = step < current || (step == current && is_done);
                    li aria-current=[(step == current).then_some("step")] data-done=[done.then_some("yes")] {
                        span .step-number aria-hidden="true" { @if done { (icon("good")) } @else { (at + 1) } }
                        @if step < current { a href={ (frame.root) (path) } { (label) } }
                        @else { span { (label) } }
                        @if done { span .sr { " (done)" } }
                    }
                }
            }
        }
    }
}

/// The third step.
pub(crate) fn review(frame: &Frame, view: &ReviewView) -> Markup {
    page(
        frame,
        Some(Part::Settings),
        "Review",
        &html! {
            div data-events={ (frame.root) "/events" } data-reload {
                @if view.setting_up { (steps(frame, SetupStep::Review, false)) }
                h1 { "Review" }
                p .dim { "What a sync would do now. Nothing is written before you run it, and then exactly this is." }
                (progress(view.progress.as_ref()))
                @if view.progress.is_none() && let Some(failure) = &view.failure {
                    div .banner .bad role="alert" { h2 { "There is no plan" } p { (failure) } }
                }
                @if view.digest.is_some() { (planned(frame, view)) }
                @else if view.progress.is_none() { (ask(frame, "Find out what a sync would do", "primary")) }
            }
        },
    )
}

fn ask(frame: &Frame, label: &str, kind: &str) -> Markup {
    html! {
        form method="post" action={ (frame.root) "/plan" } {
            (hidden(frame))
            button type="submit" class=(kind) { (label) }
        }
    }
}

fn planned(frame: &Frame, view: &ReviewView) -> Markup {
    let digest = view.digest.as_deref().unwrap_or_default();
    html! {
        @if view.stale {
            div .banner .warning { p { "The settings were changed since this plan was made. Plan again before you run it." } }
        }
        section .card aria-labelledby="plan-title" {
            h2 #plan-title { "The plan" }
            p .dim { @if let Some(at) = &view.made_at { "Made " (moment(at)) } " · " code { (digest.get(..12).unwrap_or(digest)) } }
            ul .counts-list { @for count in &view.counts { (count_line(frame, digest, count)) } }
            @if !view.warnings.is_empty() {
                h3 { "Warnings" }
                ul { @for warning in &view.warnings { li { (warning.message) } } }
            }
            @for block in &view.blocks {
                div .banner .warning { h3 { (icon("warning")) "A limit would stop this" } p { (block.message) } p { (block.cause) } }
            }
        }
        @if view.progress.is_none() {
            div .buttons {
                @if !view.stale {
                    form method="post" action={ (frame.root) "/sync" } {
                        (hidden(frame))
                        input type="hidden" name="approve" value=(digest);
                        button .primary type="submit" { "Run sync" }
                    }
                }
                (ask(frame, "Plan again", "quiet"))
                a .button .quiet href={ (frame.root) "/setup/map" } { "Back to the mapping" }
            }
        }
    }
}

fn count_line(frame: &Frame, digest: &str, count: &ReviewCount) -> Markup {
    html! {
        li class=[count.takes_away.then_some("takes-away")] {
            a href={ (frame.root) "/plan/" (digest) "/people?of=" (count.code) } {
                span .count { (number(count.count)) }
                span .count-label { (count.label) }
            }
            p .hint { (count.sentence) }
        }
    }
}
