//! Disconnecting: said in full, and only done by somebody who types it.

use api_types::views::Frame;
use maud::{Markup, html};

use super::forms::{TextInput, hidden};
use super::layout::{NavItem, layout};

/// The page. Posts `confirm` to `{root}/disconnect`.
pub fn disconnect(frame: &Frame, problem: Option<&str>) -> Markup {
    let main = html! {
        section .panel.stack.narrow-panel {
            h1 { "Disconnect the directory" }
            p .lead { "Syncing ends. The contacts stay as they are." }
            ul .consequences {
                li { "The schedule stops." }
                li { "The secret, the place in the directory’s changes, and the subscription are forgotten." }
                li { "Contacts, their fields and their lists are kept." }
                li { "Connecting again later finds the same people by their object ids." }
            }
            form .stack method="post" action={ (frame.root) "/disconnect" } {
                (hidden(frame))
                (TextInput {
                    name: "confirm", label: "Type DISCONNECT to confirm", value: "", kind: "text",
                    hint: None, placeholder: None, required: true, problem,
                }.draw())
                div .form-actions {
                    button .button.danger type="submit" { "Disconnect" }
                    a .button.subtle href=(frame.root) { "Cancel" }
                }
            }
        }
    };
    layout(Some(frame), NavItem::Elsewhere, "Disconnect", main)
}
