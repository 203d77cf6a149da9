//! `connect`: what the configuration and its connection came to.

use connector_contract::{Check, CheckStatus, ConfigurationReport, MappingRow, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::by_name;

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckShape {
    pub name: String,
    #[serde(with = "by_name::check_status")]
    #[schema(value_type = String)]
    pub status: CheckStatus,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl CheckShape {
    /// A check that failed for a reason that is told.
    pub fn failed(name: &str, reason: &str) -> Self {
        Self {
            name: name.to_owned(),
            status: CheckStatus::Failed,
            message: reason.to_owned(),
            advice: None,
            code: None,
        }
    }
}

/// `connect --json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectShape {
    pub ready: bool,
    /// Whether the configuration was saved: one that does not connect replaces none.
    pub saved: bool,
    pub tenant_name: Option<String>,
    pub tenant_id: Option<String>,
    pub checks: Vec<CheckShape>,
    pub mappings: Vec<MappingShape>,
    pub fingerprint: String,
    pub schedule: Option<String>,
    pub warnings: Vec<String>,
}

/// `connect --json` where the configuration has problems. Nothing was saved.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefusedShape {
    pub ready: bool,
    pub problems: Vec<ProblemShape>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemShape {
    pub pointer: String,
    pub message: String,
}

impl From<Vec<Problem>> for RefusedShape {
    fn from(problems: Vec<Problem>) -> Self {
        let problems = problems.into_iter().map(|problem| ProblemShape {
            pointer: problem.pointer,
            message: problem.message,
        });
        Self {
            ready: false,
            problems: problems.collect(),
        }
    }
}

impl From<Check> for CheckShape {
    fn from(check: Check) -> Self {
        Self {
            name: check.name,
            status: check.status,
            message: check.message,
            advice: check.advice,
            code: check.code,
        }
    }
}

impl From<ConfigurationReport> for ConnectShape {
    fn from(report: ConfigurationReport) -> Self {
        Self {
            ready: report.ready,
            saved: report.ready,
            tenant_name: report.tenant_name,
            tenant_id: report.tenant_id,
            checks: report.checks.into_iter().map(Into::into).collect(),
            mappings: report.mappings.into_iter().map(Into::into).collect(),
            fingerprint: report.fingerprint,
            schedule: report.schedule,
            warnings: report.warnings,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MappingShape {
    pub field: String,
    pub attribute: String,
    pub label: String,
    pub mandatory: bool,
}

impl From<MappingRow> for MappingShape {
    fn from(row: MappingRow) -> Self {
        Self {
            field: row.field,
            attribute: row.attribute,
            label: row.label,
            mandatory: row.mandatory,
        }
    }
}
