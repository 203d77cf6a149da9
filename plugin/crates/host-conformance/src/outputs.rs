//! What was found, as the outputs that the contract has: whoever shows those of a connector shows these.

use crate::bindings::exported::{
    Check, CheckStatus, ConfigurationReport, Counts, EffectCount, Ledger, Overview, PlanSummary,
    ReasonCount, ReportStatus, Run, RunError, RunMode, RunStatus, RunWarning, SliceEnd,
    SyncRequest, SyncResult,
};
use crate::bindings::imports::types::Effect;
use host_promises::report::Report;
use host_promises::verdict::{Ending, Verdict};

/// Every effect of the contract.
const EFFECTS: [Effect; 10] = [
    Effect::Create,
    Effect::Update,
    Effect::Link,
    Effect::Reactivate,
    Effect::Unlink,
    Effect::Deactivate,
    Effect::Delete,
    Effect::Invite,
    Effect::Unchanged,
    Effect::Skip,
];

/// Of `configure`: a check for each promise.
pub(crate) fn configured(document: &str, verdicts: &[Verdict]) -> ConfigurationReport {
    let report = Report::of(verdicts, 0, 0, true);
    let checks = report.checks.iter().map(|check| Check {
        name: check.name.clone(),
        status: match check.ending {
            Ending::Passed => CheckStatus::Passed,
            Ending::Failed => CheckStatus::Failed,
            Ending::NotTried => CheckStatus::NotTried,
            Ending::Waived => CheckStatus::Warning,
        },
        message: check.sentence(),
        advice: (check.ending == Ending::Failed).then(|| format!("Read {} in wit/.", check.item)),
        code: (check.ending == Ending::Failed).then(|| check.name.clone()),
    });
    ConfigurationReport {
        ready: report.failed == 0,
        tenant_name: None,
        tenant_id: None,
        checks: checks.collect(),
        mappings: Vec::new(),
        fingerprint: "host-conformance".to_owned(),
        schedule: None,
        warnings: Vec::new(),
        in_force: document.to_owned(),
        samples: Vec::new(),
        hosts: Vec::new(),
    }
}

/// Of `plan`: a warning for each promise that is not kept; the verdicts are the plan's entries.
pub(crate) fn planned(digest: String, mode: RunMode, verdicts: &[Verdict]) -> PlanSummary {
    let report = Report::of(verdicts, 0, 0, true);
    let count = |effect: Effect| match effect {
        Effect::Update => verdicts.len() as u64,
        // Those that the checks put, and took out again.
        Effect::Unchanged => (verdicts.len() * crate::bench::PEOPLE) as u64,
        _ => 0,
    };
    PlanSummary {
        digest,
        mode,
        counts: EFFECTS
            .into_iter()
            .map(|effect| EffectCount {
                effect,
                count: count(effect),
            })
            .collect(),
        skips: Vec::new(),
        warnings: warnings(&report, |ending| ending == Ending::Failed),
        requests: 0,
        blocks: Vec::new(),
        given: 0,
    }
}

fn warnings(report: &Report, wanted: impl Fn(Ending) -> bool) -> Vec<RunWarning> {
    let checks = report.checks.iter().filter(|check| wanted(check.ending));
    checks
        .map(|check| RunWarning {
            field: Some(check.name.clone()),
            message: format!("{}: {}", check.name, check.sentence()),
            count: 1,
        })
        .collect()
}

/// Of `sync`: an error for each promise that is not kept, and a warning for each that is waived.
pub(crate) fn synced(
    request: SyncRequest,
    run: String,
    report: &Report,
    end: SliceEnd,
) -> SyncResult {
    let finished = matches!(end, SliceEnd::Finished);
    SyncResult {
        end,
        run: as_run(request.mode, request.trigger, run, report, finished),
    }
}

fn as_run(mode: RunMode, trigger: String, id: String, report: &Report, finished: bool) -> Run {
    let skipped = (report.not_tried + report.waived) as u64;
    let skip = |reason: &str, count: usize| ReasonCount {
        reason: reason.to_owned(),
        count: count as u64,
    };
    let skips = [
        skip("not-tried", report.not_tried),
        skip("waived", report.waived),
    ];
    Run {
        id,
        mode,
        trigger,
        status: match (finished, report.failed) {
            (false, _) => RunStatus::Running,
            (true, 0) => RunStatus::Succeeded,
            (true, _) => RunStatus::Failed,
        },
        started_at_ms: report.started_at_ms,
        finished_at_ms: finished.then(|| report.started_at_ms + report.took_ms),
        counts: Counts {
            processed: report.checks.len() as u64,
            created: 0,
            updated: 0,
            unchanged: report.passed as u64,
            skipped,
            removed: 0,
            failed: report.failed as u64,
        },
        skips: skips.into_iter().filter(|skip| skip.count > 0).collect(),
        requests: 0,
        throttled_ms: 0,
        warnings: warnings(report, |ending| ending == Ending::Waived),
        errors: report
            .failures()
            .map(|check| RunError {
                code: check.name.clone(),
                message: check.sentence(),
                count: 1,
            })
            .collect(),
        block: None,
        approved: None,
        given: 0,
        undoes: None,
    }
}

/// Of `report`: the whole report as JSON in the place of the explanation.
pub(crate) fn overview(report: Option<&Report>) -> Overview {
    let status = match report {
        None => ReportStatus::NeverRun,
        Some(report) if !report.finished => ReportStatus::Syncing,
        Some(report) if report.failed == 0 => ReportStatus::Succeeded,
        Some(_) => ReportStatus::Failed,
    };
    let explanation = report.and_then(|report| serde_json::to_string(report).ok());
    let sentences = report.into_iter().flat_map(Report::failures);
    let history = report.map(|report| {
        let id = "host-conformance".to_owned();
        as_run(
            RunMode::Full,
            "manual".to_owned(),
            id,
            report,
            report.finished,
        )
    });
    Overview {
        status,
        explanation: explanation.unwrap_or_else(|| "Nothing has been tried yet.".to_owned()),
        last_success_ms: None,
        active_records: 0,
        mapped_attributes: 0,
        schedule: None,
        data_insights: 0,
        warnings: sentences
            .map(|check| format!("{}: {}", check.name, check.sentence()))
            .collect(),
        history: history.into_iter().collect(),
        data_quality: Vec::new(),
        mappings: Vec::new(),
        ledger: Ledger {
            waiting: 0,
            given_up: 0,
            entries: Vec::new(),
        },
    }
}

/// Of a scenario: the one promise that it is about.
pub(crate) fn scenario(
    name: &str,
    outcome: host_promises::verdict::Outcome,
    started_at_ms: u64,
) -> Report {
    Report::of(
        &[Verdict::of(name, outcome)],
        started_at_ms,
        crate::run::now_ms(),
        true,
    )
}
