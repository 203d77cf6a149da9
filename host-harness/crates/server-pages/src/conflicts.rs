//! Values that both sides have changed, and the two ways to decide about each.

use api_types::views::{ConflictView, ConflictsView, Frame};
use maud::{Markup, html};

use super::formatting::moment;
use super::forms::{Weight, button, in_query};
use super::layout::{NavItem, layout};

/// The page. A decision posts `user`, `attribute`, `seenAtMs` and `take` to `{root}/conflicts`.
pub fn conflicts(frame: &Frame, view: &ConflictsView) -> Markup {
    let main = html! {
        p .back { a href=(frame.root) { "← Overview" } }
        h1 { "Changed on both sides" }
        p .lead {
            "The directory and the contact have both changed these values since they agreed last, and neither is written "
            "until you decide. What you decide is done by the next sync, and stands in its plan."
        }
        section .panel aria-labelledby="open-title" {
            h2 #open-title { "To be decided" }
            @if view.values.is_empty() { p .muted { "Nothing is to be decided" @if view.next.is_some() { " of these people" } "." } }
            @else { ul .entries { @for value in &view.values { (one(frame, value)) } } }
        }
        @if !view.decided.is_empty() {
            section .panel aria-labelledby="decided-title" {
                h2 #decided-title { "Decided" }
                p .muted { "The next sync does it. Until then you can decide otherwise." }
                ul .entries { @for value in &view.decided { (one(frame, value)) } }
            }
        }
        @if view.is_later || view.next.is_some() {
            div .form-actions {
                @if view.is_later { a .button.subtle href={ (frame.root) "/conflicts" } { "First people" } }
                @if let Some(next) = &view.next {
                    a .button.subtle href={ (frame.root) "/conflicts?after=" (in_query(next)) } { "More people" }
                }
            }
        }
    };
    layout(
        Some(frame),
        NavItem::Elsewhere,
        "Changed on both sides",
        main,
    )
}

fn one(frame: &Frame, conflict: &ConflictView) -> Markup {
    let value = &conflict.value;
    let seen = conflict.seen_at_ms.to_string();
    let decide = |take: &str, label: &str| {
        let values = [
            ("user", value.object_id.as_str()),
            ("attribute", value.attribute.as_str()),
            ("seenAtMs", seen.as_str()),
            ("take", take),
        ];
        let is_possible = take == "directory" || !value.directory_alone;
        let is_open = value.decided != Some(take) && is_possible;
        button(
            frame,
            "/conflicts",
            &values,
            (label, Weight::Plain),
            is_open,
        )
    };
    html! {
        li {
            div {
                p .person-name { (conflict.name) }
                p { strong { (value.label) } " " code { (value.attribute) } }
                p { "In the directory: " (held(value.directory.as_deref())) }
                p { "Here: " (held(value.contact.as_deref())) }
                p .muted { "Agreed on last: " (held(value.base.as_deref())) }
                @if value.directory_alone {
                    p .muted.small {
                        "Synchronised from on-premises, and changed only there: the contact’s value cannot count."
                    }
                }
                p .muted.small { "Seen " (moment(&value.seen_at)) " by the run " code .long { (value.run) } }
            }
            div .entry-end {
                @match value.decided {
                    Some("directory") => span .badge.tone-good { "The directory’s counts" },
                    Some(_) => span .badge.tone-good { "The contact’s counts" },
                    None => span .badge.tone-warning { "Undecided" },
                }
                (decide("directory", "Take the directory’s"))
                (decide("contact", "Take the contact’s"))
            }
        }
    }
}

fn held(value: Option<&str>) -> Markup {
    html! {
        @match value {
            Some(value) => strong { (value) },
            None => span .muted { "nothing" },
        }
    }
}
