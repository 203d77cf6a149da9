//! What stands where the numbers will be: before the first sync, and after disconnecting.

use api_types::views::{Frame, OverviewView, Role, SetupStep};
use maud::{Markup, html};

use super::super::formatting::counted;
use super::super::icons::Icon;
use super::header;

/// What a member reads where nothing is set up yet.
const ASK: &str = "Ask your admin to configure it";

/// The four steps, as promises.
const STEPS: [(SetupStep, &str, &str); 4] = [
    (
        SetupStep::Connect,
        "Connect",
        "Tenant, application and secret, or the consent of your tenant’s administrator.",
    ),
    (
        SetupStep::Map,
        "Map attributes",
        "Which attribute of the directory becomes which field of a contact.",
    ),
    (
        SetupStep::Review,
        "Review",
        "How many contacts a sync would create, link and update, and who they are.",
    ),
    (
        SetupStep::Done,
        "Stay in step",
        "A schedule keeps them current; this page tells how it goes.",
    ),
];

/// Before the first sync.
pub(super) fn setting_up(frame: &Frame, view: &OverviewView, at: SetupStep) -> Markup {
    let administrator = frame.role == Role::Administrator;
    html! {
        section .head data-part="head" {
            (header::header(frame, view))
            @if view.progress.is_some() { (header::strip(frame, view)) }
        }
        section .panel.welcome data-part="welcome" aria-labelledby="welcome" {
            @if administrator {
                h2 #welcome { "Connect your directory" }
                p .lead {
                    "Four short steps. Each is saved, so you can stop and come back; nothing is written to "
                    "the contacts before you have seen what would be."
                }
                ol .promises {
                    @for (step, name, sentence) in STEPS {
                        @let done = step < at;
                        li .done[done] .now[step == at] aria-current=[(step == at).then_some("step")] {
                            span .number aria-hidden="true" {
                                @if done { (Icon::Succeeded.draw()) } @else { (step as u8 + 1) }
                            }
                            div {
                                h3 { (name) @if done { span .sr { " (done)" } } }
                                p { (sentence) }
                            }
                        }
                    }
                }
                p {
                    a .button.primary href={ (frame.root) "/setup" } {
                        @if at == SetupStep::Connect { "Get started" } @else { "Continue" }
                    }
                }
            } @else {
                h2 #welcome { "No directory is connected yet" }
                p .lead { (ASK) "." }
            }
        }
    }
}

/// After disconnecting.
pub(super) fn disconnected(frame: &Frame, view: &OverviewView) -> Markup {
    html! {
        section .head data-part="head" {
            (header::header(frame, view))
            (header::strip(frame, view))
        }
        section .panel.welcome data-part="welcome" aria-labelledby="welcome" {
            h2 #welcome { "Disconnected. The contacts are still here." }
            p .lead {
                a href={ (frame.root) "/contacts" } { (counted(view.active_records, "active record", "active records")) }
                " stayed as they were."
                @if frame.role == Role::Administrator { " Schedules have stopped, and the secret was forgotten." }
            }
            @if frame.role == Role::Administrator {
                p .lead { "Connecting again finds the same people by their object ids; nobody is created twice." }
                p { a .button.primary href={ (frame.root) "/setup/connect" } { "Connect again" } }
            } @else {
                p .lead { "An administrator can connect it again." }
            }
        }
    }
}
