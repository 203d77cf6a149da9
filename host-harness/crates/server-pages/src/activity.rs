//! The audit log.

use api_types::views::{ActivityView, AuditEntryView, Frame};
use maud::{Markup, html};

use super::formatting::moment;
use super::layout::{NavItem, layout};
use super::people::further;

/// A page of it, newest first.
pub fn activity(frame: &Frame, view: &ActivityView) -> Markup {
    let root = &frame.root;
    let more = view
        .next
        .map(|before| format!("{root}/activity?before={before}"));
    let main = html! {
        div .page-head {
            div {
                h1 { "Activity" }
                p .lead { "Who did what. It can be read and exported, and not edited." }
            }
            div .actions {
                a .button href={ (root) "/activity.csv" } download { "Export CSV" }
                a .button href={ (root) "/activity.json" } download { "Export JSON" }
            }
        }
        section .panel {
            @if view.entries.is_empty() { p .muted { "Nothing is here." } }
            @else { (entries(&view.entries)) }
        }
        (further(more.as_deref(), "Older entries"))
    };
    layout(Some(frame), NavItem::Activity, "Activity", main)
}

/// Entries as a list: what was done, by whom, to what, when.
pub(super) fn entries(entries: &[AuditEntryView]) -> Markup {
    html! {
        ol .entries {
            @for entry in entries {
                li {
                    div {
                        p { (entry.words) }
                        @if let Some(subject) = &entry.subject { p .subject { code .long { (subject) } } }
                    }
                    p .muted.small { (entry.who) " · " (moment(&entry.at)) }
                }
            }
        }
    }
}
