//! People behind a number, and the contacts.

use maud::{Markup, html};

use super::layout::{Part, page};
use super::parts::person_list;
use crate::server::views::{ContactsView, Frame, PeopleView};

/// People behind a number, a page of them.
pub(crate) fn people(
    frame: &Frame,
    view: &PeopleView,
    (back, label): (&str, &str),
    more: Option<&str>,
) -> Markup {
    page(
        frame,
        Some(Part::Overview),
        &view.title,
        &html! {
            p .back { a href=(back) { "← " (label) } }
            h1 { (view.title) }
            p .dim { (view.explanation) }
            section .card aria-label=(view.title) {
                @if view.people.is_empty() {
                    p .empty { @if more.is_some() { "Nobody on this page." } @else { "Nobody." } }
                }
                (person_list(&view.people))
            }
            @if let Some(more) = more { p { a .button .quiet href=(more) { "More people" } } }
        },
    )
}

/// A page of the contacts.
pub(crate) fn contacts(frame: &Frame, view: &ContactsView) -> Markup {
    page(
        frame,
        Some(Part::Contacts),
        "Contacts",
        &html! {
            h1 { "Contacts" }
            form .search method="get" action={ (frame.root) "/contacts" } role="search" {
                label for="address" { "Find by address" }
                input #address type="email" name="address" value=[view.address.as_deref()] placeholder="name@example.com";
                button .quiet type="submit" { "Find" }
                @if view.address.is_some() { a .button .quiet href={ (frame.root) "/contacts" } { "Show all" } }
            }
            section .card aria-label="Contacts" {
                @if view.people.is_empty() {
                    p .empty {
                        @if view.address.is_some() { "No contact has this address." }
                        @else { "There are no contacts yet." }
                    }
                }
                (person_list(&view.people))
            }
            @if let Some(next) = &view.next {
                p { a .button .quiet href={ (frame.root) "/contacts?after=" (next) } { "More contacts" } }
            }
        },
    )
}
