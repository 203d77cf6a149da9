//! A run that a limit stopped: what it would take away, why it was stopped, and the two ways out.

use maud::{Markup, html};

use super::super::views::{BlockedView, Frame, PeopleView};
use super::figures::{counted, moment};
use super::forms::{Weight, button};
use super::layout::{Place, layout};
use super::marks::Mark;
use super::people::list;

/// The page.
pub(crate) fn blocked(frame: &Frame, blocked: &BlockedView, people: &PeopleView) -> Markup {
    let digest = &blocked.block.digest;
    let main = html! {
        p .back { a href=(frame.root) { "← Overview" } }
        h1 { "A sync was stopped before harm" }
        p .lead { "It would have taken something away from more people than the limit allows. Nothing was taken away." }
        section .panel.stack aria-labelledby="why" {
            h2 #why { "Why it stopped" }
            p .inline-note.tone-bad { (Mark::Blocked.draw()) span { strong { (blocked.block.message) } } }
            p { (blocked.block.cause) }
            p .muted.small { "Stopped " (moment(&blocked.at)) " · " (blocked.mode) " sync · limit " code { (blocked.block.breaker) } }
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
                div .way {
                    (button(frame, "/sync", &[("approve", digest), ("mode", blocked.mode)],
                        ("Approve and run sync", Weight::Danger), true))
                }
            }
        }
        h2 { (people.title) }
        p .lead {
            (people.explanation)
            @if let Some(total) = people.total { " " strong { (counted(total, "person", "people")) "." } }
        }
        (list(&people.people))
        @if people.next.is_some() {
            p .muted { "These are the first " (people.people.len()) "." }
        }
    };
    layout(Some(frame), Place::Elsewhere, "A sync was stopped", main)
}
