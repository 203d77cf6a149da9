//! Who could not be written, and why.

use std::collections::BTreeMap;

use api_types::shapes::{LedgerEntryShape, LedgerShape};
use api_types::views::{Frame, PersonView};
use maud::{Markup, html};

use super::formatting::{counted, grouped, moment};
use super::forms::{Weight, button};
use super::layout::{NavItem, layout};

/// The page. Trying again posts `user` to `{root}/retry`.
pub fn ledger(
    frame: &Frame,
    ledger: &LedgerShape,
    people: &BTreeMap<String, PersonView>,
) -> Markup {
    let main = html! {
        p .back { a href=(frame.root) { "← Overview" } }
        h1 { "Not written" }
        p .lead {
            (counted(ledger.waiting, "person waits", "people wait")) " for the next run, and "
            (counted(ledger.given_up, "person was", "people were")) " given up after several tries."
        }
        section .panel {
            @if ledger.entries.is_empty() { p .muted { "Everybody could be written." } }
            @else {
                ul .entries.ledger {
                    @for entry in &ledger.entries {
                        (one(frame, entry, people.get(&entry.object_id)))
                    }
                }
                @let shown = ledger.entries.len() as u64;
                @if shown < ledger.waiting + ledger.given_up {
                    p .muted { "The first " (grouped(shown)) " are shown." }
                }
            }
        }
    };
    layout(Some(frame), NavItem::Elsewhere, "Not written", main)
}

fn one(frame: &Frame, entry: &LedgerEntryShape, person: Option<&PersonView>) -> Markup {
    html! {
                        li {
                            div {
                                @if let Some(person) = person.filter(|person| person.name != entry.object_id) {
                                    p .person-name { (person.name) }
                                    @if let Some(address) = person.address.as_ref().filter(|address| **address != person.name) {
                                        p .muted.long { (address) }
                                    }
                                }
                                @if let Some(why) = person.and_then(|person| person.why.as_ref()).filter(|why| **why != entry.code) {
                                    p { (why) }
                                }
                                p { code .long { (entry.object_id) } }
                                p { code { (entry.code) } @if let Some(field) = &entry.field { " in " strong { (field) } } }
                                p .muted.small {
                                    (counted(u64::from(entry.tries), "try", "tries")) ", first " (moment(&entry.first)) ", last " (moment(&entry.last))
                                }
                            }
                            div .entry-end {
                                @if entry.given_up { span .badge.tone-bad { "Given up" } }
                                @else { span .badge.tone-warning { "Waiting" } }
                                (button(frame, "/retry", &[("user", &entry.object_id)], ("Try again", Weight::Plain), true))
                            }
                        }
    }
}
