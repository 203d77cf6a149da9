//! `report`: how the connection stands.

use connector_contract::{LedgerEntry, Overview};
use serde::Serialize;
use utoipa::ToSchema;

use super::connection::MappingShape;
use super::moment;
use super::run::RunShape;

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QualityShape {
    pub attribute: String,
    pub label: String,
    pub missing: u64,
}

/// `report --json`.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportShape {
    pub status: &'static str,
    pub explanation: String,
    pub last_success: Option<String>,
    pub active_records: u64,
    pub mapped_attributes: u32,
    pub schedule: Option<String>,
    pub data_insights: u64,
    pub history: Vec<RunShape>,
    pub data_quality: Vec<QualityShape>,
    pub mappings: Vec<MappingShape>,
    pub ledger: LedgerShape,
    /// What an administrator has to see to, each in a sentence.
    pub warnings: Vec<String>,
}

/// Everybody who could not be written.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerShape {
    pub waiting: u64,
    pub given_up: u64,
    pub entries: Vec<LedgerEntryShape>,
}

/// Somebody who could not be written.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerEntryShape {
    pub object_id: String,
    pub code: String,
    pub field: Option<String>,
    pub tries: u32,
    pub given_up: bool,
    pub first: String,
    pub last: String,
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
            status: overview.status.name(),
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
            warnings: overview.warnings,
        }
    }
}
