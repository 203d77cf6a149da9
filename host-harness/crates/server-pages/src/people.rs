//! The people behind a number.

use api_types::shapes::Effect;
use api_types::views::{Frame, PeopleView, PersonView, ValueView};
use maud::{Markup, html};

use super::formatting::counted;
use super::icons::arrow;
use super::layout::{NavItem, layout};

/// A page of them. `back` is where the number was: its address, and what to call it. `more` is the
/// address of the next page.
pub fn people(frame: &Frame, view: &PeopleView, back: (&str, &str), more: Option<&str>) -> Markup {
    let main = html! {
        p .back { a href=(back.0) { "← " (back.1) } }
        h1 { (view.title) }
        p .lead {
            (view.explanation)
            @if let Some(total) = view.total { " " strong { (counted(total, "person", "people")) "." } }
        }
        (list(&view.people))
        (further(more, "More people"))
    };
    layout(Some(frame), NavItem::Elsewhere, &view.title, main)
}

/// People as a list.
pub(super) fn list(people: &[PersonView]) -> Markup {
    html! {
        @if people.is_empty() {
            section .panel { p .muted { "Nobody." } }
        } @else {
            ul .people.panel { @for person in people { (one(person)) } }
        }
    }
}

fn one(person: &PersonView) -> Markup {
    html! {
        li {
            div .person {
                span .initial aria-hidden="true" { (initial(&person.name)) }
                div .grow {
                    p .person-name {
                        (person.name)
                        @if !person.active { " " span .badge { "Inactive" } }
                        @if let Some(change) = &person.change { " " span .badge.accent { (change_label(*change)) } }
                        @for list in &person.lists { " " span .badge { (list) } }
                        @for list in &person.leaves { " " span .badge { "leaves " (list) } }
                    }
                    @if let Some(address) = person.address.as_ref().filter(|address| **address != person.name) {
                        p .muted.long { (address) }
                    }
                    @if let Some(why) = &person.why { p { (why) } }
                    (more_of(person))
                }
            }
        }
    }
}

fn more_of(person: &PersonView) -> Markup {
    let known = person.object_id.is_some() || person.contact_id.is_some();
    html! {
        @if known || !person.values.is_empty() {
            details {
                summary { "Details" span .sr { " of " (person.name) } }
                dl .told {
                    @for value in &person.values {
                        div { dt { (value.label) } dd { (becomes(value)) } }
                    }
                    @if let Some(id) = &person.object_id { div { dt { "Object id" } dd { code .long { (id) } } } }
                    @if let Some(id) = &person.contact_id { div { dt { "Contact" } dd { code .long { (id) } } } }
                }
            }
        }
    }
}

/// A value, or what becomes of it.
fn becomes(value: &ValueView) -> Markup {
    html! {
        @match (&value.before, &value.after) {
            (None, None) => span .muted { "empty" },
            (None, Some(after)) => (after),
            (Some(before), None) => { del { (before) } " " span .muted { "becomes empty" } },
            (Some(before), Some(after)) if before == after => (after),
            (Some(before), Some(after)) => { del { (before) } span .sr { " becomes" } " " ins { (after) } },
        }
    }
}

fn initial(name: &str) -> String {
    name.chars()
        .next()
        .map(|first| first.to_uppercase().collect())
        .unwrap_or_default()
}

/// A change as a badge: for what was done and for what would be.
fn change_label(change: Effect) -> &'static str {
    match change {
        Effect::Create => "New",
        Effect::Update => "Update",
        Effect::Link => "Link",
        Effect::Reactivate => "Reactivate",
        Effect::Unlink => "Unlink",
        Effect::Deactivate => "Deactivate",
        Effect::Delete => "Delete",
        Effect::Invite => "Invite",
        Effect::Unchanged => "Unchanged",
        Effect::Skip => "Skip",
    }
}

/// The way to the next page.
pub(super) fn further(address: Option<&str>, words: &str) -> Markup {
    html! {
        @if let Some(address) = address {
            p .further { a .button href=(address) rel="next" { (words) (arrow()) } }
        }
    }
}
