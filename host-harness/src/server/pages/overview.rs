//! The overview.

use maud::{Markup, html};

use super::history::history;
use super::layout::{Part, hidden, page};
use super::parts::{icon, moment, number, people, progress, status_pill};
use crate::server::views::{
    BlockedView, ConnectionState, DataQualityView, Frame, OverviewView, Role, ScheduleView,
    SetupStep,
};
use crate::shapes::{LedgerShape, MappingShape};

/// The overview of a workspace.
pub(crate) fn overview(frame: &Frame, view: &OverviewView) -> Markup {
    page(
        frame,
        Some(Part::Overview),
        "Overview",
        &html! {
            div #live data-live={ (frame.root) "/live" } data-events={ (frame.root) "/events" } {
                (overview_live(frame, view))
            }
        },
    )
}

/// The part of the overview that changes by itself.
pub(crate) fn overview_live(frame: &Frame, view: &OverviewView) -> Markup {
    let is_administrator = frame.role == Role::Administrator;
    html! {
        (head(frame, view, is_administrator))
        @if is_administrator && let Some(blocked) = &view.blocked && view.progress.is_none() {
            (block_banner(frame, blocked))
        }
        @match view.connection {
            ConnectionState::SettingUp(step) => (first_run(frame, step, is_administrator)),
            ConnectionState::Disconnected => (disconnected(frame, is_administrator)),
            ConnectionState::Connected => {},
        }
        (cards(view, is_administrator))
        @if is_administrator && view.connection == ConnectionState::Connected {
            (history(&view.history))
            (data_quality(frame, &view.data_quality))
            (not_written(frame, &view.ledger))
            (mappings(frame, &view.mappings))
        }
        @if is_administrator { (super::activity::recent(frame, &view.activity)) }
    }
}

fn head(frame: &Frame, view: &OverviewView, is_administrator: bool) -> Markup {
    let running = view.progress.is_some();
    html! {
        div .head {
            div .head-name {
                h1 { (view.workspace) }
                (status_pill(&view.status))
                p .dim {
                    @if let Some(tenant) = &view.tenant { (tenant) " · " }
                    @match &view.last_success {
                        Some(at) => { "Last successful sync " (moment(at)) },
                        None => "No successful sync yet",
                    }
                }
            }
            @if is_administrator && view.connection == ConnectionState::Connected {
                div .actions {
                    @if running {
                        (action(frame, "/stop", "Stop", "quiet", &[]))
                    } @else {
                        a .button .quiet href={ (frame.root) "/disconnect" } { "Disconnect" }
                        (action(frame, "/sync", "Full resync", "quiet", &[("mode", "full")]))
                        (action(frame, "/sync", "Sync now", "primary", &[("mode", "incremental")]))
                    }
                }
            }
        }
        (progress(view.progress.as_ref()))
    }
}

/// A button that does something.
fn action(frame: &Frame, path: &str, label: &str, kind: &str, fields: &[(&str, &str)]) -> Markup {
    html! {
        form method="post" action={ (frame.root) (path) } {
            (hidden(frame))
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button type="submit" class=(kind) { (label) }
        }
    }
}

fn block_banner(frame: &Frame, blocked: &BlockedView) -> Markup {
    html! {
        section .banner .bad aria-labelledby="blocked-title" {
            h2 #blocked-title { (icon("bad")) "A limit stopped the last sync" }
            p { (blocked.block.message) }
            p .dim { "Nothing was taken away." }
            a .button .primary href={ (frame.root) "/blocked" } { "See who is concerned" }
        }
    }
}

fn first_run(frame: &Frame, step: SetupStep, is_administrator: bool) -> Markup {
    let steps = [
        (
            SetupStep::Connect,
            "Connect",
            "Tenant, application and secret, then a test in words.",
        ),
        (
            SetupStep::Map,
            "Map attributes",
            "Which attribute of the directory fills which field.",
        ),
        (
            SetupStep::Review,
            "Review",
            "Who would be created, linked or skipped, before anything is.",
        ),
        (
            SetupStep::Done,
            "Overview",
            "How the connection stands, at a glance.",
        ),
    ];
    html! {
        section .card .first-run aria-labelledby="first-title" {
            h2 #first-title { "Connect your directory" }
            @if is_administrator {
                ol .steps-list {
                    @for (own, label, sentence) in steps {
                        li data-done=[(own < step).then_some("yes")] {
                            strong { (label) @if own < step { span .sr { " (done)" } } }
                            span { (sentence) }
                        }
                    }
                }
                a .button .primary href={ (frame.root) "/setup" } {
                    @if step == SetupStep::Connect { "Begin" } @else { "Continue" }
                }
            } @else {
                p { "Ask your admin to configure it." }
            }
        }
    }
}

fn disconnected(frame: &Frame, is_administrator: bool) -> Markup {
    html! {
        section .card .first-run aria-labelledby="gone-title" {
            h2 #gone-title { "Disconnected" }
            p { "The contacts are still here, and nothing is synced. Connecting again finds them by their link." }
            @if is_administrator {
                a .button .primary href={ (frame.root) "/setup/connect" } { "Connect again" }
            } @else {
                p { "Ask your admin to configure it." }
            }
        }
    }
}

fn cards(view: &OverviewView, is_administrator: bool) -> Markup {
    let updating = view
        .progress
        .as_ref()
        .is_some_and(|progress| progress.task == "sync");
    let value = |value: String| {
        html! { span .value { @if updating { "Updating…" } @else { (value) } } }
    };
    html! {
        div .cards {
            div .card .stat {
                span .label { "Active records" }
                (value(number(view.active_records)))
                span .dim { "Linked to the directory" }
            }
            @if is_administrator {
                a .card .stat href="#mappings" {
                    span .label { "Mapped attributes" }
                    (value(number(view.mapped_attributes.into())))
                    span .dim { "See the mapping" }
                }
                @if let Some(schedule) = &view.schedule { (schedule_card(schedule, updating)) }
                a .card .stat href="#data-quality" {
                    span .label { "Data insights" }
                    (value(number(view.data_insights)))
                    span .dim { "Records with a missing field" }
                }
            } @else {
                div .card .stat {
                    span .label { "Mapping and schedule" }
                    span .value .small { "Ask your admin to configure it" }
                }
            }
        }
    }
}

fn schedule_card(schedule: &ScheduleView, updating: bool) -> Markup {
    html! {
        div .card .stat {
            span .label { "Schedule" }
            span .value .small { @if updating { "Updating…" } @else { (schedule.words) } }
            span .dim {
                @match &schedule.next_run {
                    Some(at) => { "Next " (moment(at)) },
                    None => "Nothing is scheduled",
                }
            }
            @if let Some(note) = &schedule.note { span .note { (note) } }
        }
    }
}

/// Bars are as long as their share of the worst.
fn data_quality(frame: &Frame, rows: &[DataQualityView]) -> Markup {
    let worst = rows
        .iter()
        .map(|row| row.quality.missing)
        .max()
        .unwrap_or(1)
        .max(1);
    html! {
        section .card #data-quality aria-labelledby="quality-title" {
            h2 #quality-title { "Data quality" }
            @if rows.is_empty() {
                p .empty { "No mapped attribute is missing on any record." }
            } @else {
                table .quality {
                    thead { tr {
                        th scope="col" { "Attribute" } th scope="col" { "Records missing it" }
                        th scope="col" .num { "Count" } th scope="col" { "Reported" }
                    } }
                    tbody {
                        @for row in rows {
                            tr {
                                th scope="row" {
                                    a href={ (frame.root) "/people/missing?field=" (row.field) } { (row.quality.label) }
                                }
                                td .bar-cell {
                                    svg .hbar viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                                        rect .track x="0" y="0" width="100" height="8" rx="2" {}
                                        rect .fill x="0" y="0" height="8" rx="2" width=(row.quality.missing * 100 / worst) {}
                                    }
                                }
                                td .num { (number(row.quality.missing)) }
                                td .dim { @if let Some(at) = &row.reported_at { (moment(at)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn not_written(frame: &Frame, ledger: &LedgerShape) -> Markup {
    let all = ledger.waiting + ledger.given_up;
    html! {
        @if all > 0 {
            section .card aria-labelledby="ledger-title" {
                h2 #ledger-title { "Not written" }
                p {
                    (people(ledger.waiting)) " will be tried again by the next sync, "
                    (people(ledger.given_up)) " given up. "
                    a href={ (frame.root) "/ledger" } { "See who and why" }
                }
            }
        }
    }
}

fn mappings(frame: &Frame, rows: &[MappingShape]) -> Markup {
    html! {
        section .card #mappings aria-labelledby="mappings-title" {
            div .card-head {
                h2 #mappings-title { "Mappings" }
                a .button .quiet href={ (frame.root) "/setup/map" } { "Edit" span .sr { " the mappings" } }
            }
            table {
                thead { tr { th scope="col" { "Directory attribute" } th scope="col" { "Contact field" } } }
                tbody {
                    @for row in rows {
                        tr {
                            td { code { (row.attribute) } }
                            td { (row.label) @if row.mandatory { (mandatory()) } }
                        }
                    }
                }
            }
        }
    }
}

/// The mark of a field that must not be empty.
pub(super) fn mandatory() -> Markup {
    html! { span .mandatory aria-hidden="true" { " *" } span .sr { " (mandatory)" } }
}
