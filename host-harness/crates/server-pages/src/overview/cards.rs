//! The four numbers; of which a member sees the one that they may.

use api_types::views::{AdministratorView, Frame, OverviewView, ScheduleView};
use maud::{Markup, html};

use super::super::formatting::{grouped, moment};

pub(super) fn cards(frame: &Frame, view: &OverviewView) -> Markup {
    let updating = view.progress.is_some();
    html! {
        ul .cards data-part="cards" {
            (card("Active records", Some(&format!("{}/contacts", frame.root)), updating,
                html! { (grouped(view.active_records)) },
                html! { "Contacts kept in step" }))
            @if let Some(administrator) = &view.administrator {
                (of_administrator(administrator, updating))
            }
        }
    }
}

fn of_administrator(view: &AdministratorView, updating: bool) -> Markup {
    html! {
        (card("Mapped attributes", Some("#mappings"), updating,
            html! { (view.mapped_attributes) },
            html! { "Attributes that become fields" }))
        (schedule(&view.schedule, updating))
        (card("Data insights", Some("#data-quality"), updating,
            html! { (grouped(view.data_insights)) },
            html! { "Records with a missing field" }))
    }
}

fn schedule(schedule: &ScheduleView, updating: bool) -> Markup {
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
