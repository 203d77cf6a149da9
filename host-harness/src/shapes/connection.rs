//! `connect`: what the configuration and its connection came to.

use serde::Serialize;

use crate::contract::{Check, CheckStatus, ConfigurationReport, MappingRow, Problem};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckShape {
    name: String,
    status: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

/// `connect --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectShape {
    ready: bool,
    tenant_name: Option<String>,
    tenant_id: Option<String>,
    checks: Vec<CheckShape>,
    mappings: Vec<MappingShape>,
    fingerprint: String,
    schedule: Option<String>,
    warnings: Vec<String>,
}

/// `connect --json` where the configuration has problems. Nothing was saved.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefusedShape {
    ready: bool,
    problems: Vec<ProblemShape>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProblemShape {
    pointer: String,
    message: String,
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

pub(crate) fn check_status(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Passed => "passed",
        CheckStatus::Warning => "warning",
        CheckStatus::Failed => "failed",
        CheckStatus::NotTried => "not-tried",
    }
}

impl From<Check> for CheckShape {
    fn from(check: Check) -> Self {
        Self {
            name: check.name,
            status: check_status(check.status),
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MappingShape {
    field: String,
    attribute: String,
    label: String,
    mandatory: bool,
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
