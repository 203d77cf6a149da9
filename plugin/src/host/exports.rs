//! The exports: contract types in, core called, contract types out.

use std::time::Duration;

use sync_core::engine::{plan, sync};
use sync_core::mapping::rows::Row;
use sync_core::report::overview::ReportStatus;
use sync_core::run::ledger::LedgerEntry;
use sync_core::run::{Block, RunError, RunMode, RunRecord, RunStatus, RunWarning};

use crate::calls;
use crate::codes::{Code, CodeKind};
use crate::configure::{self, Check, CheckStatus};
use crate::describe::Endpoint;

use super::bindings::Component;
use super::bindings::exported as wit;
use super::bindings::imports::types;
use super::{convert, with_imports};

impl wit::Guest for Component {
    fn describe() -> wit::Description {
        let description = crate::describe::describe();
        wit::Description {
            name: description.name.to_owned(),
            version: description.version.to_owned(),
            configuration_schema: description.configuration_schema.to_owned(),
            attributes: description
                .attributes
                .into_iter()
                .map(|attribute| wit::Attribute {
                    name: attribute.name,
                    label: attribute.label,
                    kind: attribute.kind,
                    refused: attribute.refused,
                })
                .collect(),
            permissions: description
                .permissions
                .into_iter()
                .map(|permission| wit::Permission {
                    name: permission.name.to_owned(),
                    why: permission.why.to_owned(),
                    optional: permission.optional,
                })
                .collect(),
            endpoints: description.endpoints.into_iter().map(endpoint).collect(),
            codes: description.codes.iter().map(code).collect(),
        }
    }

    fn configure(document: String) -> Result<wit::ConfigurationReport, types::Error> {
        let report = with_imports(|imports| configure::configure(imports, &document))?;
        Ok(wit::ConfigurationReport {
            ready: report.ready,
            tenant_name: report.tenant_name,
            tenant_id: report.tenant_id,
            checks: report.checks.into_iter().map(check).collect(),
            mappings: report.mappings.into_iter().map(mapping_row).collect(),
            fingerprint: report.fingerprint,
            schedule: report.schedule,
            warnings: report.warnings,
            in_force: report.in_force,
            samples: report
                .samples
                .into_iter()
                .map(|(attribute, value)| wit::Sample {
                    attribute: attribute.to_owned(),
                    value,
                })
                .collect(),
            hosts: report.hosts.into_iter().map(endpoint).collect(),
        })
    }

    fn plan(document: String, mode: wit::RunMode) -> Result<wit::PlanSummary, types::Error> {
        let summary = with_imports(|imports| calls::plan(imports, &document, run_mode(mode)))?;
        Ok(plan_summary(summary))
    }

    fn sync(document: String, request: wit::SyncRequest) -> Result<wit::SyncResult, types::Error> {
        let request = sync::SyncRequest {
            mode: run_mode(request.mode),
            trigger: request.trigger,
            max_pages: request.slice.max_pages,
            max_time: request.slice.max_ms.map(Duration::from_millis),
            approval: request.approval.map(|approval| match approval {
                wit::Approval::Plan(digest) => sync::Approval::Plan(digest),
                wit::Approval::Block(digest) => sync::Approval::Block(digest),
            }),
        };
        let result = with_imports(|imports| calls::sync(imports, &document, &request))?;
        Ok(sync_result(result))
    }

    fn report(
        document: String,
        request: wit::ReportRequest,
    ) -> Result<wit::Overview, types::Error> {
        let overview = with_imports(|imports| calls::report(imports, &document, request.running))?;
        Ok(wit::Overview {
            status: match overview.status {
                ReportStatus::NeverRun => wit::ReportStatus::NeverRun,
                ReportStatus::Syncing => wit::ReportStatus::Syncing,
                ReportStatus::Succeeded => wit::ReportStatus::Succeeded,
                ReportStatus::Warnings => wit::ReportStatus::Warnings,
                ReportStatus::Failed => wit::ReportStatus::Failed,
                ReportStatus::Blocked => wit::ReportStatus::Blocked,
                ReportStatus::Incomplete => wit::ReportStatus::Incomplete,
            },
            explanation: overview.explanation,
            last_success_ms: overview.last_success.map(|time| time.0),
            active_records: overview.active_records,
            mapped_attributes: overview.mapped_attributes as u32,
            schedule: overview.schedule,
            data_insights: overview.data_insights,
            history: overview.history.into_iter().map(run).collect(),
            data_quality: overview
                .data_quality
                .into_iter()
                .map(|quality| wit::DataQuality {
                    attribute: quality.attribute.to_owned(),
                    label: quality.label,
                    missing: quality.missing,
                })
                .collect(),
            mappings: overview.mappings.into_iter().map(mapping_row).collect(),
            ledger: wit::Ledger {
                waiting: overview.ledger.waiting,
                given_up: overview.ledger.given_up,
                entries: overview
                    .ledger
                    .entries
                    .into_iter()
                    .map(ledger_entry)
                    .collect(),
            },
            warnings: overview.warnings,
        })
    }

    fn disconnect(document: String) -> Result<(), types::Error> {
        Ok(with_imports(|imports| {
            calls::disconnect(imports, &document)
        })?)
    }
}

pub(super) fn ledger_entry(entry: LedgerEntry) -> wit::LedgerEntry {
    wit::LedgerEntry {
        given_up: entry.failing.is_given_up(),
        object_id: entry.object_id.into_string(),
        code: entry.failing.code,
        field: entry.failing.field,
        tries: entry.failing.tries,
        first_ms: entry.failing.first.0,
        last_ms: entry.failing.last.0,
    }
}

pub(super) fn plan_summary(summary: plan::PlanSummary) -> wit::PlanSummary {
    wit::PlanSummary {
        digest: summary.digest,
        mode: run_mode_back(summary.mode),
        counts: summary
            .counts
            .into_iter()
            .map(|(effect, count)| wit::EffectCount {
                effect: convert::effect(effect),
                count,
            })
            .collect(),
        skips: reason_counts(summary.skips),
        warnings: summary.warnings.into_iter().map(warning).collect(),
        requests: summary.requests,
        blocks: summary.blocks.into_iter().map(block).collect(),
        given: summary.given,
    }
}

pub(super) fn sync_result(result: sync::SyncResult) -> wit::SyncResult {
    wit::SyncResult {
        end: match result.end {
            sync::SliceEnd::Finished => wit::SliceEnd::Finished,
            sync::SliceEnd::More(after) => wit::SliceEnd::More(milliseconds(after)),
        },
        run: run(result.run),
    }
}

fn endpoint(endpoint: Endpoint) -> wit::Endpoint {
    wit::Endpoint {
        cloud: endpoint.cloud.to_owned(),
        host: endpoint.host,
        why: endpoint.why.to_owned(),
    }
}

fn code(code: &Code) -> types::CodeDescription {
    types::CodeDescription {
        code: code.code.to_owned(),
        kind: match code.kind {
            CodeKind::Change => types::CodeKind::Change,
            CodeKind::Unchanged => types::CodeKind::Unchanged,
            CodeKind::Skip => types::CodeKind::Skip,
            CodeKind::Refusal => types::CodeKind::Refusal,
        },
        label: code.label.to_owned(),
        advice: code.advice.map(str::to_owned),
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn run_mode(mode: wit::RunMode) -> RunMode {
    match mode {
        wit::RunMode::Incremental => RunMode::Incremental,
        wit::RunMode::Full => RunMode::Full,
    }
}

fn run_mode_back(mode: RunMode) -> wit::RunMode {
    match mode {
        RunMode::Incremental => wit::RunMode::Incremental,
        RunMode::Full => wit::RunMode::Full,
    }
}

fn check(check: Check) -> wit::Check {
    wit::Check {
        name: check.name.to_owned(),
        status: match check.status {
            CheckStatus::Passed => wit::CheckStatus::Passed,
            CheckStatus::Warning => wit::CheckStatus::Warning,
            CheckStatus::Failed => wit::CheckStatus::Failed,
            CheckStatus::NotTried => wit::CheckStatus::NotTried,
        },
        message: check.message,
        advice: check.advice,
        code: check.code,
    }
}

fn mapping_row(row: Row) -> wit::MappingRow {
    wit::MappingRow {
        attribute: row.attribute.to_owned(),
        field: row.field,
        label: row.label,
        mandatory: row.mandatory,
    }
}

fn warning(warning: RunWarning) -> wit::RunWarning {
    wit::RunWarning {
        field: warning.field,
        message: warning.message,
        count: warning.count,
    }
}

fn block(block: Block) -> wit::Block {
    wit::Block {
        breaker: block.breaker,
        message: block.message,
        cause: block.cause,
        digest: block.digest,
    }
}

fn reason_counts(counts: impl IntoIterator<Item = (String, u64)>) -> Vec<wit::ReasonCount> {
    counts
        .into_iter()
        .map(|(reason, count)| wit::ReasonCount { reason, count })
        .collect()
}

fn run(run: RunRecord) -> wit::Run {
    let warnings = run.warnings().into_iter().map(warning).collect();
    wit::Run {
        id: run.id,
        mode: run_mode_back(run.mode),
        trigger: run.trigger,
        status: match run.status {
            RunStatus::Running => wit::RunStatus::Running,
            RunStatus::Succeeded => wit::RunStatus::Succeeded,
            RunStatus::Warnings => wit::RunStatus::Warnings,
            RunStatus::Failed => wit::RunStatus::Failed,
            RunStatus::Blocked => wit::RunStatus::Blocked,
            RunStatus::Stopped => wit::RunStatus::Stopped,
            RunStatus::Incomplete => wit::RunStatus::Incomplete,
        },
        started_at_ms: run.started_at.0,
        finished_at_ms: run.finished_at.map(|time| time.0),
        counts: wit::Counts {
            processed: run.counts.processed,
            created: run.counts.created,
            updated: run.counts.updated,
            unchanged: run.counts.unchanged,
            skipped: run.counts.skipped,
            removed: run.counts.removed,
            failed: run.counts.failed,
        },
        skips: reason_counts(run.skips),
        requests: run.requests,
        throttled_ms: run.throttled_ms,
        warnings,
        errors: run
            .errors
            .into_iter()
            .map(
                |RunError {
                     code,
                     message,
                     count,
                 }| wit::RunError {
                    code,
                    message,
                    count,
                },
            )
            .collect(),
        block: run.block.map(block),
        approved: run.approved.map(|approved| wit::ApprovedOutcome {
            digest: approved.digest,
            changes: approved.changes,
            performed: approved.performed,
        }),
        given: run.given,
        undoes: run.undoes,
    }
}
