//! `report`: how the connection stands.

use serde::Serialize;

use super::connection::MappingShape;
use super::moment;
use super::run::RunShape;
use crate::contract::{LedgerEntry, Overview, ReportStatus};

pub(crate) fn report_status(status: ReportStatus) -> &'static str {
    match status {
        ReportStatus::NeverRun => "never-run",
        ReportStatus::Syncing => "syncing",
        ReportStatus::Succeeded => "succeeded",
        ReportStatus::Warnings => "warnings",
        ReportStatus::Failed => "failed",
        ReportStatus::Blocked => "blocked",
        ReportStatus::Incomplete => "incomplete",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QualityShape {
    attribute: String,
    label: String,
    missing: u64,
}

/// `report --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReportShape {
    status: &'static str,
    explanation: String,
    last_success: Option<String>,
    active_records: u64,
    mapped_attributes: u32,
    schedule: Option<String>,
    data_insights: u64,
    history: Vec<RunShape>,
    data_quality: Vec<QualityShape>,
    mappings: Vec<MappingShape>,
    ledger: LedgerShape,
}

/// Everybody who could not be written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LedgerShape {
    waiting: u64,
    given_up: u64,
    entries: Vec<LedgerEntryShape>,
}

/// Somebody who could not be written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LedgerEntryShape {
    object_id: String,
    code: String,
    field: Option<String>,
    tries: u32,
    given_up: bool,
    first: String,
    last: String,
}

impl From<LedgerEntry> for LedgerEntryShape {
    fn from(entry: LedgerEntry) -> Self {
        Self {
            object_id: entry.object_id,
            code: entry.code,
            field: entry.field,
            tries: entry.tries,
            given_up: entry.given_up,
            first: moment(entry.first_ms),
            last: moment(entry.last_ms),
        }
    }
}

impl From<Overview> for ReportShape {
    fn from(overview: Overview) -> Self {
        Self {
            status: report_status(overview.status),
            explanation: overview.explanation,
            last_success: overview.last_success_ms.map(moment),
            active_records: overview.active_records,
            mapped_attributes: overview.mapped_attributes,
            schedule: overview.schedule,
            data_insights: overview.data_insights,
            history: overview.history.into_iter().map(Into::into).collect(),
            data_quality: overview
                .data_quality
                .into_iter()
                .map(|quality| QualityShape {
                    attribute: quality.attribute,
                    label: quality.label,
                    missing: quality.missing,
                })
                .collect(),
            mappings: overview.mappings.into_iter().map(Into::into).collect(),
            ledger: LedgerShape {
                waiting: overview.ledger.waiting,
                given_up: overview.ledger.given_up,
                entries: overview
                    .ledger
                    .entries
                    .into_iter()
                    .map(Into::into)
                    .collect(),
            },
        }
    }
}
