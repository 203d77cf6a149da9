//! The contacts, which every role may see.

use api_types::views::{ContactsView, Frame};
use maud::{Markup, html};

use super::layout::{NavItem, layout};
use super::people::{further, list};

/// A page of them, or who has an address.
pub fn contacts(frame: &Frame, view: &ContactsView) -> Markup {
    let root = &frame.root;
    let address = view.address.as_deref().unwrap_or_default();
    let more = view.next.as_deref().map(|after| {
        // What `after` holds was made by the server from a contact's id; encoded all the same.
        format!("{root}/contacts?after={}", super::forms::in_query(after))
    });
    let main = html! {
        div .page-head {
            div {
                h1 { "Contacts" }
                p .lead { "Everybody in this workspace, whether from the directory or not." }
            }
            form .search role="search" method="get" action={ (root) "/contacts" } {
                label .sr for="address" { "Find by exact address" }
                input #address name="address" type="search" value=(address) autocomplete="off"
                    spellcheck="false" placeholder="adele@contoso.example";
                button .button type="submit" { "Find" }
            }
        }
        @if view.people.is_empty() {
            section .panel {
                @if let Some(label) = &view.kept_by {
                    p { "The contacts of this workspace are kept by " strong { (label) } ": look at them there." }
                } @else if view.address.is_some() {
                    p { "No contact has exactly the address " strong .long { (address) } "." }
                    p { a href={ (root) "/contacts" } { "All contacts" } }
                } @else {
                    p .muted { "No contacts yet. They appear with the first sync." }
                }
            }
        } @else {
            @if view.address.is_some() { p { a href={ (root) "/contacts" } { "← All contacts" } } }
            (list(&view.people))
        }
        (further(more.as_deref(), "More contacts"))
    };
    layout(Some(frame), NavItem::Contacts, "Contacts", main)
}
