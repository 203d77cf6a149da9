//! A run that a limit stopped: what it would take away, why it was stopped, and the two ways out.

use api_types::views::{BlockView, ConcernedView, Frame, PeopleView};
use maud::{Markup, html};

use super::formatting::{counted, moment};
use super::forms::{Weight, button};
use super::icons::Icon;
use super::layout::{NavItem, layout};
use super::people::{further, list};
use super::progress::progress_lines;
use super::removals::Approval;

/// The page.
pub fn blocked(frame: &Frame, view: &BlockView, problem: Option<&str>) -> Markup {
    let blocked = &view.blocked;
    let digest = &blocked.block.digest;
    let approval = Approval {
        action: "/sync",
        values: &[
            ("approve", digest),
            ("mode", blocked.mode.name()),
            ("of", "block"),
        ],
        removals: view.removals.unwrap_or_default(),
        deed: if view.removals.is_some_and(|removals| removals.total() > 0) {
            "run sync"
        } else {
            "approve and run sync"
        },
        enabled: true,
        plain: false,
        problem,
    };
    let main = html! {
        p .back { a href=(frame.root) { "← Overview" } }
        h1 { "A sync was stopped before harm" }
        p .lead { "It would have taken something away from more people than the limit allows. Nothing was taken away." }
        section .panel.stack aria-labelledby="why" {
            h2 #why { "Why it stopped" }
            p .inline-note.tone-bad { (Icon::Blocked.draw()) span { strong { (blocked.block.message) } } }
            p { (blocked.block.cause) }
            p .muted.small { "Stopped " (moment(&blocked.at)) " · " (blocked.mode.name()) " sync · limit " code { (blocked.block.breaker) } }
        }
        section .ways aria-label="Two ways out" {
            div .panel.stack {
                h2 { "Leave it" }
                p { "If people are missing by mistake, correct the directory or the settings. The next sync looks again." }
                p .way { a .button href={ (frame.root) "/setup/map" } { "Leave it and edit the settings" } }
            }
            div .panel.stack {
                h2 { "Approve exactly this" }
                p { "If it is meant, approve it. Only these changes pass; the limit stays for every other." }
                @if view.removals.is_none() && problem.is_none() {
                    p .muted { "How many contacts it takes away is told below, once that is found out." }
                }
                div .way { (approval.draw(frame)) }
            }
        }
        (concerned(frame, &view.concerned))
    };
    layout(Some(frame), NavItem::Elsewhere, "A sync was stopped", main)
}

/// Who they are; updates by itself while that is being found out.
fn concerned(frame: &Frame, concerned: &ConcernedView) -> Markup {
    let here = format!("{}/blocked", frame.root);
    let events = match concerned {
        ConcernedView::Awaited { changes, .. } => Some(frame.events(*changes)),
        ConcernedView::Named { .. } | ConcernedView::Unnamed { .. } => None,
    };
    html! {
        h2 { "Who is concerned" }
        div #live data-live=[events.as_ref().map(|_| &here)] data-events=[&events] {
            div data-part="people" {
                @match concerned {
                    ConcernedView::Named { people, .. } => (named(&here, people)),
                    ConcernedView::Awaited { progress, .. } => {
                        section .panel.waiting aria-labelledby="progress-phase" {
                            (progress_lines(progress))
                            p .muted { "The people are being looked up; this takes as long as a plan." }
                            noscript { p { a href=(here) { "Look again" } } }
                        }
                    }
                    ConcernedView::Unnamed { why } => {
                        div .notice.tone-warning role="status" {
                            (Icon::Warnings.draw())
                            div {
                                p { (why) }
                                div .form-actions {
                                    (button(frame, "/plan", &[("of", "block")], ("Plan again", Weight::Plain), true))
                                }
                            }
                        }
                    }
                }
            }
        }
        p #announcement .sr role="status" {}
    }
}

fn named(here: &str, people: &PeopleView) -> Markup {
    let more = people.next.as_ref().map(|next| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("after", next);
        format!("{here}?{}", query.finish())
    });
    html! {
        p .lead {
            (people.explanation)
            @if let Some(total) = people.total { " " strong { (counted(total, "person", "people")) "." } }
        }
        (list(&people.people))
        (further(more.as_deref(), "More people"))
    }
}
