//! `report`: how the connection stands.

use connector_contract::{LedgerEntry, Overview, ReportStatus};
use serde::Serialize;
use utoipa::ToSchema;

use super::connection::MappingShape;
use super::moment;
use super::run::RunShape;

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

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QualityShape {
    pub(crate) attribute: String,
    pub(crate) label: String,
    pub(crate) missing: u64,
}

/// `report --json`.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReportShape {
    pub(crate) status: &'static str,
    pub(crate) explanation: String,
    pub(crate) last_success: Option<String>,
    pub(crate) active_records: u64,
    pub(crate) mapped_attributes: u32,
    pub(crate) schedule: Option<String>,
    pub(crate) data_insights: u64,
    pub(crate) history: Vec<RunShape>,
    pub(crate) data_quality: Vec<QualityShape>,
    pub(crate) mappings: Vec<MappingShape>,
    pub(crate) ledger: LedgerShape,
}

/// Everybody who could not be written.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LedgerShape {
    pub(crate) waiting: u64,
    pub(crate) given_up: u64,
    pub(crate) entries: Vec<LedgerEntryShape>,
}

/// Somebody who could not be written.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LedgerEntryShape {
    pub(crate) object_id: String,
    pub(crate) code: String,
    pub(crate) field: Option<String>,
    pub(crate) tries: u32,
    pub(crate) given_up: bool,
    pub(crate) first: String,
    pub(crate) last: String,
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
