//! Step 3: what a sync would do, and who is behind each number.

use api_types::shapes::WarningShape;
use api_types::views::{Frame, ReviewCount, ReviewView, SetupStep};
use maud::{Markup, html};

use super::super::formatting::{grouped, moment};
use super::super::forms::{Weight, button};
use super::super::icons::{Icon, arrow};
use super::super::layout::{NavItem, layout};
use super::super::progress::progress_lines;
use super::super::removals::Approval;
use super::{caveats, sections, steps};

/// The page; updates by itself while the plan is being made.
pub fn review(frame: &Frame, view: &ReviewView, problem: Option<&str>) -> Markup {
    let main = html! {
        @if view.setting_up { (steps(frame, SetupStep::Review)) } @else { (sections(frame, SetupStep::Review)) }
        div #live data-live={ (frame.root) "/setup/review" } data-events=(frame.events(view.changes)) {
            div data-part="review" {
                h1 { "Review" }
                @if view.proposal.is_some() {
                    p .lead { "What a sync would do with the new settings. Nothing has been written." }
                } @else {
                    p .lead { "What a sync would do now. Nothing has been written." }
                }
                (proposed(frame, view))
                (caveats(view.kept_by.as_deref(), &view.caveats))
                @if let Some(progress) = &view.progress {
                    section .panel.waiting aria-labelledby="progress-phase" {
                        (progress_lines(progress))
                        p .muted { "The directory is being read. The numbers appear here when it is done." }
                        noscript { p { a href={ (frame.root) "/setup/review" } { "Look again" } } }
                    }
                } @else {
                    (failure(frame, view))
                    @if let Some(digest) = &view.digest { (plan(frame, view, digest, problem)) }
                    @else if view.failure.is_none() { (no_plan(frame)) }
                }
            }
        }
        p #announcement .sr role="status" {}
    };
    layout(Some(frame), NavItem::Settings, "Review", main)
}

/// That the settings are not in force, and how that can be given up.
fn proposed(frame: &Frame, view: &ReviewView) -> Markup {
    html! {
        @if let Some(proposal) = &view.proposal {
            div .notice.tone-warning role="status" {
                (Icon::Warnings.draw())
                div {
                    p {
                        strong { "These settings are not in force yet. " }
                        (proposal.by) " saved them " (moment(&proposal.at))
                        ". They come into force when you approve what is below; until then it is synced as before."
                    }
                    div .form-actions {
                        (button(frame, "/setup/discard", &[], ("Give up the new settings", Weight::Plain), true))
                    }
                }
            }
        }
    }
}

fn no_plan(frame: &Frame) -> Markup {
    html! {
        section .panel {
            p { "There is no plan yet." }
            (button(frame, "/plan", &[], ("Plan", Weight::Primary), true))
        }
    }
}

fn failure(frame: &Frame, view: &ReviewView) -> Markup {
    html! {
        @if let Some(failure) = &view.failure {
            div .notice.tone-bad role="alert" {
                (Icon::Failed.draw())
                div {
                    p { strong { "No plan could be made. " } (failure) }
                    @if view.digest.is_none() {
                        div .form-actions {
                            (button(frame, "/plan", &[], ("Plan again", Weight::Plain), true))
                            a .button.subtle href={ (frame.root) "/setup/connect" } { "Look at the connection" }
                        }
                    }
                }
            }
        }
    }
}

fn plan(frame: &Frame, view: &ReviewView, digest: &str, problem: Option<&str>) -> Markup {
    let approval = Approval {
        action: "/sync",
        values: &[("approve", digest)],
        removals: view.removals,
        deed: if view.proposal.is_some() {
            "confirm the settings and run sync"
        } else {
            "run sync"
        },
        enabled: !view.stale,
        plain: view.blocks.is_empty(),
        problem,
    };
    html! {
        @if view.stale {
            div .notice.tone-warning role="status" {
                (Icon::Warnings.draw())
                p { "The settings were changed since this plan was made. Plan again to run it." }
            }
        }
        @for block in &view.blocks {
            div .notice.tone-bad role="status" {
                (Icon::Blocked.draw())
                div { p { strong { "This is over a limit. " } (block.message) } p { (block.cause) } }
            }
        }
        ul .counts {
            @for count in &view.counts { (one_count(frame, digest, count)) }
        }
        (remarks(&view.warnings))
        @if view.deletes_by_itself {
            p .inline-note.tone-warning {
                (Icon::Warnings.draw())
                span {
                    "With these settings, each later sync deletes contacts by itself, also one that the schedule "
                    "starts, as far as the limits allow. Over a limit it stops and asks."
                }
            }
        }
        div .form-actions.bar-of-actions {
            (approval.draw(frame))
            (button(frame, "/plan", &[], ("Plan again", Weight::Plain), true))
            a .button.subtle href={ (frame.root) "/setup/map" } { "Edit the settings" }
        }
        p .muted.small {
            "Exactly this is done. "
            @if let Some(at) = &view.made_at { "Planned " (moment(at)) ". " }
            "Digest " code { (digest.get(..12).unwrap_or(digest)) }
        }
    }
}

/// What is worth a remark; nothing where nothing is.
pub(in super::super) fn remarks(warnings: &[WarningShape]) -> Markup {
    html! {
        @if !warnings.is_empty() {
            section .panel aria-labelledby="warnings" {
                h2 #warnings { "Warnings" }
                ul .plain {
                    @for warning in warnings { li .inline-note.tone-warning { (Icon::Warnings.draw()) span { (warning.message) } } }
                }
            }
        }
    }
}

/// A number, which leads to the people behind it.
pub(in super::super) fn one_count(frame: &Frame, digest: &str, count: &ReviewCount) -> Markup {
    html! {
        li .count-row .takes-away[count.takes_away && count.count > 0] {
            span .count { (grouped(count.count)) }
            div {
                p .count-label {
                    @if count.count > 0 {
                        a href={ (frame.root) "/plan/" (digest) "/people?of=" (count.code) } { (count.label) }
                    } @else { (count.label) }
                }
                p .muted { (count.sentence) }
            }
            @if count.count > 0 { (arrow()) }
        }
    }
}
