//! The four numbers.

use maud::{Markup, html};

use super::super::super::views::{Frame, OverviewView, Role};
use super::super::figures::{grouped, moment};

/// What a member reads where the settings would be.
pub(super) const ASK: &str = "Ask your admin to configure it";

pub(super) fn cards(frame: &Frame, view: &OverviewView) -> Markup {
    let updating = view.progress.is_some();
    let administrator = frame.role == Role::Administrator;
    html! {
        ul .cards data-part="cards" {
            (card("Active records", Some(&format!("{}/contacts", frame.root)), updating,
                html! { (grouped(view.active_records)) },
                html! { "Contacts kept in step" }))
            @if administrator {
                (card("Mapped attributes", Some("#mappings"), updating,
                    html! { (view.mapped_attributes) },
                    html! { "Attributes that become fields" }))
                (schedule(view, updating))
            } @else {
                (card("Mapped attributes", None, false, html! { "–" }, html! { (ASK) }))
                (card("Schedule", None, false, html! { "–" }, html! { (ASK) }))
            }
            (card("Data insights", Some("#data-quality"), updating,
                html! { (grouped(view.data_insights)) },
                html! { "Records with a missing field" }))
        }
    }
}

fn schedule(view: &OverviewView, updating: bool) -> Markup {
    let Some(schedule) = &view.schedule else {
        return card(
            "Schedule",
            None,
            updating,
            html! { "–" },
            html! { "On request only" },
        );
    };
    let below = html! {
        @match (&schedule.note, &schedule.next_run) {
            (Some(note), _) => span .tone-warning { (note) },
            (None, Some(at)) => { "Next: " (moment(at)) },
            (None, None) => "Nothing is due",
        }
    };
    card(
        "Schedule",
        None,
        updating,
        html! { span .wordy { (schedule.words) } },
        below,
    )
}

fn card(
    label: &str,
    leads_to: Option<&str>,
    updating: bool,
    value: Markup,
    below: Markup,
) -> Markup {
    html! {
        li .card {
            h2 .card-label {
                @if let Some(address) = leads_to { a href=(address) { (label) } } @else { (label) }
            }
            p .card-value {
                @if updating { span .updating { "Updating…" } } @else { (value) }
            }
            p .card-below { (below) }
        }
    }
}
