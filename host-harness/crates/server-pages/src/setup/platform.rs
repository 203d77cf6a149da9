//! The one button: connecting with the platform's own application.

use api_types::views::{ConnectView, Frame, PlatformView, Tone};
use maud::{Markup, html};

use super::super::forms::{Weight, button};
use super::super::icons::Icon;

/// What the button does, or has done.
pub(super) fn panel(frame: &Frame, view: &ConnectView, platform: &PlatformView) -> Markup {
    let (label, weight) = match platform.in_use {
        true => ("Ask for consent again", Weight::Plain),
        false => ("Connect with Microsoft", Weight::Primary),
    };
    html! {
        section .panel.stack aria-labelledby="platform" {
            h2 #platform { "Connect with Microsoft" }
            @if platform.in_use {
                p {
                    "Connected with this platform’s application"
                    @if let Some(tenant) = &view.tenant_name { ", in " strong { (tenant) } }
                    "."
                }
                p .muted {
                    "Where a permission is missing, or was taken back, an administrator agrees again. In your tenant "
                    "the application has the id " code .long { (platform.client_id) } "."
                }
            } @else {
                p .muted {
                    "Sign in at Microsoft as a Global Administrator or Privileged Role Administrator, and agree to "
                    "what the application may read. You come back connected; nothing has to be registered."
                }
            }
            @if platform.spreading {
                p .inline-note role="status" {
                    (Icon::from(Tone::Neutral).draw())
                    span {
                        "Microsoft’s servers have yet to hear of the consent. The test is repeated, and this page looks "
                        "again, by itself."
                    }
                }
            }
            div .form-actions {
                (button(frame, "/setup/microsoft", &[], (label, weight), true))
                @if platform.in_use {
                    (button(frame, "/test", &[], ("Test the connection", Weight::Plain), true))
                }
            }
        }
    }
}
