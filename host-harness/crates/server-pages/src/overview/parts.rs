//! Data quality, mappings, activity, and who could not be written.

use api_types::views::{AdministratorView, DataQualityView, Frame, NOT_WRITTEN, NotSyncedReason};
use maud::{Markup, html};

use super::super::activity::entries;
use super::super::formatting::{counted, day};
use super::super::forms::in_query;
use super::super::icons::{Icon, arrow, asterisk};

/// How many entries of the audit log are shown; the rest is a link away.
const SHOWN: usize = 10;

/// Attributes with missing values; bars in proportion to the worst.
pub(super) fn quality(frame: &Frame, view: &AdministratorView) -> Markup {
    let ranked = &view.data_quality;
    let worst = ranked
        .iter()
        .map(|row| row.quality.missing)
        .max()
        .unwrap_or(0)
        .max(1);
    html! {
        section .panel #data-quality data-part="quality" aria-labelledby="quality-title" tabindex="-1" {
            div .panel-head { h2 #quality-title { "Data quality" } p .muted { "Missing values of synced contacts" } }
            @if ranked.is_empty() {
                (nothing("No synced contact lacks a value.", "Every active record has a value for every mapped attribute."))
            } @else {
                ol .ranking { @for row in ranked { (missing(frame, row, worst)) } }
            }
        }
    }
}

fn missing(frame: &Frame, row: &DataQualityView, worst: u64) -> Markup {
    let records = counted(row.quality.missing, "record", "records");
    // At least a sliver: a bar that cannot be seen would say that nothing is missing.
    let width = (row.quality.missing.saturating_mul(100) / worst).max(1);
    html! {
        li {
            div .ranking-row {
                span { (row.quality.label) }
                span .ranking-end {
                    @if let Some(at) = &row.reported_at {
                        span .muted.small { span .sr { "reported " } (day(at)) }
                    }
                    a href={ (frame.root) "/people/missing?field=" (in_query(&row.field)) }
                        { (records) span .sr { " without " (row.quality.label) } }
                }
            }
            svg .measure aria-hidden="true" focusable="false" {
                rect .measure-all width="100%" height="100%" rx="3" {}
                rect .measure-part width={ (width) "%" } height="100%" rx="3" {}
            }
        }
    }
}

/// Which attribute becomes which field; read-only.
pub(super) fn mappings(frame: &Frame, view: &AdministratorView) -> Markup {
    html! {
        section .panel #mappings data-part="mappings" aria-labelledby="mappings-title" tabindex="-1" {
            div .panel-head {
                h2 #mappings-title { "Mappings" }
                a .button.small href={ (frame.root) "/setup/map" } { "Edit" span .sr { " mappings" } }
            }
            div .scrolls role="region" aria-label="Mapped fields" tabindex="0" {
                table {
                    thead { tr { th scope="col" { "Contact field" } th scope="col" { "Directory attribute" } } }
                    tbody { @for row in &view.mappings { tr {
                        th scope="row" {
                            (row.label)
                            @if row.mandatory { (asterisk()) }
                        }
                        td { code { (row.attribute) } }
                    } } }
                }
            }
            @if view.mappings.iter().any(|row| row.mandatory) {
                p .muted.small { span .asterisk aria-hidden="true" { "*" } " Somebody without it is skipped." }
            }
        }
    }
}

/// The newest entries of the audit log.
pub(super) fn recent_activity(frame: &Frame, view: &AdministratorView) -> Markup {
    html! {
        section .panel #recent data-part="activity" aria-labelledby="recent-title" {
            div .panel-head {
                h2 #recent-title { "Activity" }
                a .more href={ (frame.root) "/activity" } { "All activity" (arrow()) }
            }
            @if view.activity.is_empty() {
                (nothing("Nothing has happened yet.", "Every sign-in, change and run will stand here."))
            } @else { (entries(view.activity.get(..SHOWN).unwrap_or(&view.activity))) }
        }
    }
}

/// Who of the directory is not synced, by reason.
pub(super) fn not_synced(frame: &Frame, view: &AdministratorView) -> Markup {
    let reasons = &view.not_synced.reasons;
    html! {
        section .panel #not-synced data-part="not-synced" aria-labelledby="not-synced-title" {
            div .panel-head { h2 #not-synced-title { "Not synced" } p .muted { "People of the directory, by reason" } }
            @if reasons.is_empty() {
                (nothing("Nobody who was read is left out.", "Whoever is skipped, or cannot be written, stands here with the reason."))
            } @else {
                ul .ranking { @for reason in reasons { (reason_row(frame, reason)) } }
            }
            @if view.asks { p { a href={ (frame.root) "/conflicts" } { "Changed on both sides" } } }
        }
    }
}

fn reason_row(frame: &Frame, reason: &NotSyncedReason) -> Markup {
    let people = counted(reason.people, "person", "people");
    let address = if reason.code == NOT_WRITTEN {
        format!("{}/ledger", frame.root)
    } else {
        format!(
            "{}/people/not-synced?reason={}",
            frame.root,
            in_query(&reason.code)
        )
    };
    html! {
        li {
            div .ranking-row {
                span { (reason.label) }
                span .ranking-end { a href=(address) { (people) span .sr { ": " (reason.label) } } }
            }
        }
    }
}

fn nothing(title: &str, sentence: &str) -> Markup {
    html! {
        div .nothing.tone-good {
            (Icon::Succeeded.draw())
            div { p { strong { (title) } } p .muted { (sentence) } }
        }
    }
}
