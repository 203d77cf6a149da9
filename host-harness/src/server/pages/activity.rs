//! The audit log, and who could not be written.

use maud::{Markup, html};

use super::layout::{Part, hidden, page};
use super::parts::moment;
use crate::server::views::{ActivityView, AuditEntryView, Frame};
use crate::shapes::LedgerShape;

/// A page of the audit log.
pub(crate) fn activity(frame: &Frame, view: &ActivityView) -> Markup {
    page(
        frame,
        Some(Part::Activity),
        "Activity",
        &html! {
            div .head {
                div .head-name {
                    h1 { "Activity" }
                    p .dim { "Who did what, newest first. Nothing here can be edited." }
                }
                div .actions {
                    a .button .quiet href={ (frame.root) "/export/activity.csv" } download { "Export CSV" }
                    a .button .quiet href={ (frame.root) "/export/activity.ndjson" } download { "Export JSON" }
                }
            }
            section .card aria-label="Entries" {
                @if view.entries.is_empty() { p .empty { "Nothing has happened yet." } }
                (entries(&view.entries))
            }
            @if let Some(next) = view.next {
                p { a .button .quiet href={ (frame.root) "/activity?before=" (next) } { "Older entries" } }
            }
        },
    )
}

/// The newest entries, on the overview.
pub(super) fn recent(frame: &Frame, newest: &[AuditEntryView]) -> Markup {
    html! {
        section .card #activity aria-labelledby="activity-title" {
            div .card-head {
                h2 #activity-title { "Activity" }
                a .button .quiet href={ (frame.root) "/activity" } { "See all" span .sr { " activity" } }
            }
            (entries(newest))
        }
    }
}

fn entries(entries: &[AuditEntryView]) -> Markup {
    html! {
        ol .log {
            @for entry in entries {
                li {
                    span .log-what {
                        (entry.words)
                        @if let Some(subject) = &entry.subject { " " span .dim .subject { (subject) } }
                    }
                    span .dim { (entry.who) }
                    span .dim { (moment(&entry.at)) }
                }
            }
        }
    }
}

/// Who could not be written.
pub(crate) fn ledger(frame: &Frame, ledger: &LedgerShape) -> Markup {
    let all = ledger.waiting + ledger.given_up;
    let shown = ledger.entries.len() as u64;
    page(
        frame,
        Some(Part::Overview),
        "Not written",
        &html! {
            p .back { a href=(frame.root) { "← Overview" } }
            h1 { "Not written" }
            p .dim {
                "People whose record the contact store did not take. The next syncs try again, a few times; \
                 each can be tried now."
            }
            section .card aria-label="People" {
                @if all == 0 { p .empty { "Everybody could be written." } }
                ul .people {
                    @for entry in &ledger.entries {
                        li .person .row {
                            div {
                                p { code { (entry.object_id) } }
                                p .why {
                                    code { (entry.code) }
                                    @if let Some(field) = &entry.field { " in " (field) }
                                    ", tried " (entry.tries) @if entry.tries == 1 { " time" } @else { " times" }
                                    ", last " (moment(&entry.last))
                                    @if entry.given_up { span .tag { "Given up" } }
                                }
                            }
                            form method="post" action={ (frame.root) "/retry" } {
                                (hidden(frame))
                                input type="hidden" name="user" value=(entry.object_id);
                                button .quiet type="submit" { "Try again" span .sr { " " (entry.object_id) } }
                            }
                        }
                    }
                }
                @if shown < all { p .dim { "and " (all - shown) " more" } }
            }
        },
    )
}
