//! The JSON shapes that scripts rely on. Documented in the README; a change here is a change there.

use std::collections::BTreeMap;

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::contract::{
    Check, CheckStatus, ConfigurationReport, Effect, MappingRow, Overview, PlanEntry, PlanSummary,
    Problem, ReportStatus, Run, RunMode, RunStatus, RunWarning,
};
use crate::store::ContactRow;

/// A moment in RFC 3339, UTC.
pub(super) fn moment(milliseconds: u64) -> String {
    let nanoseconds = i128::from(milliseconds) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| milliseconds.to_string())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckShape {
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
pub(super) struct ConnectShape {
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
pub(super) struct RefusedShape {
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

pub(super) fn check_status(status: CheckStatus) -> &'static str {
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
pub(super) struct MappingShape {
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WarningShape {
    field: Option<String>,
    message: String,
    count: u64,
}

impl From<RunWarning> for WarningShape {
    fn from(warning: RunWarning) -> Self {
        Self {
            field: warning.field,
            message: warning.message,
            count: warning.count,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorShape {
    code: String,
    message: String,
    count: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReasonShape {
    reason: String,
    count: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlockShape {
    breaker: String,
    message: String,
    cause: String,
    digest: String,
}

impl From<crate::contract::Block> for BlockShape {
    fn from(block: crate::contract::Block) -> Self {
        Self {
            breaker: block.breaker,
            message: block.message,
            cause: block.cause,
            digest: block.digest,
        }
    }
}

pub(super) fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::Create => "create",
        Effect::Update => "update",
        Effect::Link => "link",
        Effect::Reactivate => "reactivate",
        Effect::Unlink => "unlink",
        Effect::Deactivate => "deactivate",
        Effect::Delete => "delete",
        Effect::Unchanged => "unchanged",
        Effect::Skip => "skip",
    }
}

pub(super) fn mode_name(mode: RunMode) -> &'static str {
    match mode {
        RunMode::Incremental => "incremental",
        RunMode::Full => "full",
    }
}

/// `plan --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlanShape {
    digest: String,
    mode: &'static str,
    counts: BTreeMap<&'static str, u64>,
    skips: Vec<ReasonShape>,
    warnings: Vec<WarningShape>,
    requests: u64,
    blocks: Vec<BlockShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<ChangeShape>>,
}

impl PlanShape {
    /// The summary, with the changes where they were asked for.
    pub(super) fn new(summary: PlanSummary, changes: Option<Vec<ChangeShape>>) -> Self {
        Self {
            digest: summary.digest,
            mode: mode_name(summary.mode),
            counts: summary
                .counts
                .into_iter()
                .map(|entry| (effect_name(entry.effect), entry.count))
                .collect(),
            skips: summary
                .skips
                .into_iter()
                .map(|skip| ReasonShape {
                    reason: skip.reason,
                    count: skip.count,
                })
                .collect(),
            warnings: summary.warnings.into_iter().map(Into::into).collect(),
            requests: summary.requests,
            blocks: summary.blocks.into_iter().map(Into::into).collect(),
            changes,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FieldShape {
    pub(super) field: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// One change of `plan --json --details`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeShape {
    pub(super) object_id: String,
    pub(super) contact_id: Option<String>,
    pub(super) change: &'static str,
    pub(super) reason: String,
    pub(super) fields: Vec<FieldShape>,
    pub(super) joins: Vec<String>,
    pub(super) leaves: Vec<String>,
}

impl From<PlanEntry> for ChangeShape {
    fn from(entry: PlanEntry) -> Self {
        Self {
            object_id: entry.object_id,
            contact_id: entry.contact,
            change: effect_name(entry.effect),
            reason: entry.reason,
            fields: entry
                .fields
                .into_iter()
                .map(|field| FieldShape {
                    field: field.field,
                    before: field.before,
                    after: field.after,
                })
                .collect(),
            joins: entry.joins,
            leaves: entry.leaves,
        }
    }
}

pub(super) fn run_status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "running",
        RunStatus::Succeeded => "succeeded",
        RunStatus::Warnings => "warnings",
        RunStatus::Failed => "failed",
        RunStatus::Blocked => "blocked",
        RunStatus::Stopped => "stopped",
        RunStatus::Incomplete => "incomplete",
    }
}

/// `sync --json`, and one entry of the history in `report --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunShape {
    run_id: String,
    mode: &'static str,
    trigger: String,
    status: &'static str,
    started_at: String,
    finished_at: Option<String>,
    processed: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    skipped: u64,
    removed: u64,
    failed: u64,
    skips: Vec<ReasonShape>,
    requests: u64,
    throttled_ms: u64,
    warnings: Vec<WarningShape>,
    errors: Vec<ErrorShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<BlockShape>,
}

impl From<Run> for RunShape {
    fn from(run: Run) -> Self {
        Self {
            run_id: run.id,
            mode: mode_name(run.mode),
            trigger: run.trigger,
            status: run_status(run.status),
            started_at: moment(run.started_at_ms),
            finished_at: run.finished_at_ms.map(moment),
            processed: run.counts.processed,
            created: run.counts.created,
            updated: run.counts.updated,
            unchanged: run.counts.unchanged,
            skipped: run.counts.skipped,
            removed: run.counts.removed,
            failed: run.counts.failed,
            skips: run
                .skips
                .into_iter()
                .map(|skip| ReasonShape {
                    reason: skip.reason,
                    count: skip.count,
                })
                .collect(),
            requests: run.requests,
            throttled_ms: run.throttled_ms,
            warnings: run.warnings.into_iter().map(Into::into).collect(),
            errors: run
                .errors
                .into_iter()
                .map(|error| ErrorShape {
                    code: error.code,
                    message: error.message,
                    count: error.count,
                })
                .collect(),
            block: run.block.map(Into::into),
        }
    }
}

pub(super) fn report_status(status: ReportStatus) -> &'static str {
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
pub(super) struct QualityShape {
    attribute: String,
    label: String,
    missing: u64,
}

/// `report --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReportShape {
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
        }
    }
}

/// One entry of `contacts --json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContactShape {
    pub(super) id: String,
    pub(super) active: bool,
    pub(super) object_id: Option<String>,
    pub(super) linked: bool,
    pub(super) fields: BTreeMap<String, String>,
    pub(super) lists: Vec<String>,
}

impl From<ContactRow> for ContactShape {
    fn from(row: ContactRow) -> Self {
        Self {
            id: row.id,
            active: row.active,
            object_id: row.object_id,
            linked: row.linked,
            fields: row.fields,
            lists: row.lists,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_rfc_3339_in_utc() {
        assert_eq!(moment(0), "1970-01-01T00:00:00Z");
        assert_eq!(moment(1_795_219_200_250), "2026-11-21T00:00:00.25Z");
    }
}
