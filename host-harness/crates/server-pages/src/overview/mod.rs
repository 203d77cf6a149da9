//! The overview: how the connection stands, at a glance.
//!
//! What changes while a sync runs is inside `#live`, in parts marked `data-part`: the script fetches it
//! anew after each change and replaces the parts that differ. Nothing in it grows or shrinks when a run
//! begins or ends, so that nothing moves under the reader's hand.

mod cards;
mod first_run;
mod header;
mod history;
mod parts;

use api_types::views::{AdministratorView, ConnectionState, Frame, OverviewView};
use maud::{Markup, html};

use self::cards::cards;
use self::header::{header, strip};
use super::formatting::moment;
use super::icons::Icon;
use super::layout::{NavItem, layout};
use super::setup::expiry_warning;

/// The page.
pub fn overview(frame: &Frame, view: &OverviewView) -> Markup {
    layout(
        Some(frame),
        NavItem::Overview,
        &view.workspace,
        html! {
            (overview_live(frame, view))
            p #announcement .sr role="status" {}
        },
    )
}

/// What the page fetches anew by itself.
pub fn overview_live(frame: &Frame, view: &OverviewView) -> Markup {
    html! {
        div #live data-live={ (frame.root) "/live" } data-events=(frame.events(view.changes)) {
            @match view.connection {
                ConnectionState::Connected => (connected(frame, view)),
                ConnectionState::SettingUp(step) => (first_run::setting_up(frame, view, step)),
                ConnectionState::Disconnected => (first_run::disconnected(frame, view)),
            }
        }
    }
}

fn connected(frame: &Frame, view: &OverviewView) -> Markup {
    let administrator = view.administrator.as_ref();
    html! {
        section .head data-part="head" aria-labelledby="workspace" {
            (header(frame, view))
            (strip(frame, view))
            @if let Some(administrator) = administrator { (notes(frame, administrator)) }
        }
        (cards(frame, view))
        @if let Some(administrator) = administrator {
            (history::history(frame, administrator, view.progress.as_ref()))
            div .columns {
                div .column-of-parts {
                    (parts::not_synced(frame, administrator))
                    (parts::quality(frame, administrator))
                }
                div .column-of-parts {
                    (parts::mappings(frame, administrator))
                    (parts::recent_activity(frame, administrator))
                }
            }
        }
    }
}

/// What waits for an administrator: settings to be confirmed, a secret that expires.
fn notes(frame: &Frame, view: &AdministratorView) -> Markup {
    html! {
        @if let Some(proposal) = &view.proposal {
            p .inline-note.tone-warning {
                (Icon::Warnings.draw())
                span {
                    "New settings, saved by " (proposal.by) " " (moment(&proposal.at)) ", are not in force yet. "
                    a href={ (frame.root) "/setup/review" } { "Look at what they would do" } "."
                }
            }
        }
        @if let Some(warning) = view.secret.as_ref().and_then(expiry_warning) {
            p .inline-note.tone-warning {
                (Icon::Warnings.draw())
                span { (warning) " " a href={ (frame.root) "/setup/connect" } { "Enter a new one" } "." }
            }
        }
        @for warning in &view.warnings {
            p .inline-note.tone-warning {
                (Icon::Warnings.draw())
                span { (warning) " " a href={ (frame.root) "/setup/connect" } { "Look at the connection" } "." }
            }
        }
    }
}
