//! What is shown instead of a page that cannot be.

use api_types::views::Frame;
use maud::{Markup, html};

use super::layout::{NavItem, layout};

/// What happened, and what to do.
pub fn failure(
    frame: Option<&Frame>,
    status_code: u16,
    title: &str,
    what_happened: &str,
    what_to_do: &str,
) -> Markup {
    let main = html! {
        section .panel.stack.failure {
            p .muted { "Error " (status_code) }
            h1 { (title) }
            p .lead { (what_happened) }
            p { (what_to_do) }
            div .form-actions {
                @match frame {
                    Some(frame) => a .button.primary href=(frame.root) { "Back to the overview" },
                    None => a .button.primary href="/" { "To the start" },
                }
            }
        }
    };
    layout(frame, NavItem::Elsewhere, title, main)
}
