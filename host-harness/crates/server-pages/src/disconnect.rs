//! Disconnecting: said in full, and only done by somebody who types it.

use api_types::views::{DisconnectView, Frame};
use maud::{Markup, html};

use super::forms::{TextInput, hidden};
use super::layout::{NavItem, layout};

/// Where an administrator finds the applications that their tenant has let in.
pub(super) const ENTERPRISE_APPLICATIONS: &str = "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/StartboardApplicationsMenuBlade/~/AppAppsPreview";

/// The page. Posts `confirm` to `{root}/disconnect`.
pub fn disconnect(frame: &Frame, view: &DisconnectView, problem: Option<&str>) -> Markup {
    let main = html! {
        section .panel.stack.narrow-panel {
            h1 { "Disconnect the directory" }
            p .lead { "Syncing ends. The contacts stay as they are." }
            ul .consequences {
                li { "The schedule stops." }
                li { "The secret, the place in the directory’s changes, and the subscription are forgotten." }
                li { "Contacts, their fields and their lists are kept." }
                li { "Connecting again later finds the same people by their object ids." }
                (in_the_tenant(view))
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

/// What nobody here can take away.
fn in_the_tenant(view: &DisconnectView) -> Markup {
    html! {
        @if let Some(application) = &view.application {
            li {
                "In your tenant, the application and what it may read stay, under "
                @if view.in_global_cloud {
                    a href=(ENTERPRISE_APPLICATIONS) rel="external noreferrer" { "Enterprise applications" }
                } @else { "Enterprise applications" }
                ". Delete it there to take its permissions back; its application id is "
                code .long { (application) } "."
            }
        }
    }
}
