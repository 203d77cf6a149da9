//! What is wrong with a workspace now: what failed, since when, why, and the one thing that helps.

use api_types::shapes::{is_sync, moment};
use api_types::views::TroubleView;
use connector_contract::{Run, RunStatus};
use server_db::WorkspaceRecord;

use super::cause::Cause;
use crate::settings::Settings;

/// What is wrong now; nothing where the last sync did what it should, or there was none. The history is newest
/// first; that one person was tried again or a run taken back tells nothing of the syncs.
pub(crate) fn trouble(record: &WorkspaceRecord, history: &[Run]) -> Option<TroubleView> {
    let recorded = record.failing_since_ms.map(i64::unsigned_abs);
    if let Some(failure) = &record.failure {
        // It could not even begin, or the host knows more of the reason than the history does.
        let cause = Cause::named(record.failure_kind.as_deref().unwrap_or_default());
        return Some(view(record, cause, recorded, failure.clone()));
    }
    let mut syncs = history.iter().filter(|run| is_sync(&run.trigger));
    let last = syncs.next()?;
    let ended = last.finished_at_ms.unwrap_or(last.started_at_ms);
    let said = || last.errors.last().map(|error| error.message.clone());
    let (cause, since, reason) = match last.status {
        RunStatus::Succeeded | RunStatus::Warnings => return None,
        RunStatus::Blocked => (
            Cause::Blocked,
            Some(ended),
            last.block.as_ref().map(|block| block.message.clone()),
        ),
        RunStatus::Stopped => (Cause::Stopped, Some(ended), None),
        RunStatus::Running => (Cause::Interrupted, Some(last.started_at_ms), None),
        RunStatus::Incomplete => {
            let since = recorded.unwrap_or_else(|| first_failure(history));
            (Cause::Incomplete, Some(since), said())
        }
        RunStatus::Failed => {
            let code = last.errors.last().map(|error| error.code.as_str());
            let cause = code.and_then(Cause::of_code).unwrap_or(Cause::Other);
            let since = recorded.unwrap_or_else(|| first_failure(history));
            (cause, Some(since), said())
        }
    };
    let reason = reason.unwrap_or_else(|| {
        "What was done up to then stands, and the next sync goes on where it was.".to_owned()
    });
    Some(view(record, cause, since, reason))
}

/// The connector does not take the settings in force.
pub(crate) fn refused_settings(record: &WorkspaceRecord) -> TroubleView {
    let reason = "The connector does not take the settings as they are. Save them again: what is wrong is \
                  told there.";
    let since = record.changed_at_ms.unsigned_abs();
    view(record, Cause::Settings, Some(since), reason.to_owned())
}

fn view(
    record: &WorkspaceRecord,
    cause: Cause,
    since_ms: Option<u64>,
    reason: String,
) -> TroubleView {
    // A secret that is the platform's, nobody in the workspace can enter.
    let is_platforms = matches!(cause, Cause::Secret | Cause::Certificate)
        && Settings::read(&record.settings).is_ok_and(|settings| settings.is_of_platform());
    let (title, remedy) = match is_platforms {
        true => (PLATFORMS_CREDENTIAL, Cause::Network.remedy()),
        false => (cause.title(), cause.remedy()),
    };
    TroubleView {
        cause: cause.name(),
        title: title.to_owned(),
        since: since_ms.map(moment),
        reason,
        remedy,
    }
}

/// What fails where the platform's application cannot sign in.
const PLATFORMS_CREDENTIAL: &str = "The sync failed: the platform’s application cannot sign in; whoever operates this \
                                    server has to look";

/// When the first of the runs ended that failed up to the last one.
fn first_failure(history: &[Run]) -> u64 {
    let failed = |run: &&Run| matches!(run.status, RunStatus::Failed | RunStatus::Incomplete);
    let syncs = history.iter().filter(|run| is_sync(&run.trigger));
    let first = syncs.take_while(failed).last();
    first.map_or(0, |run| run.finished_at_ms.unwrap_or(run.started_at_ms))
}

#[cfg(test)]
mod tests {
    use connector_contract::{Counts, RunError, RunMode};
    use server_db::{AuditEvent, NewWorkspace, Records, ServerDb};

    use super::*;

    fn run(status: RunStatus, at_ms: u64, code: Option<&str>) -> Run {
        Run {
            id: String::new(),
            mode: RunMode::Full,
            trigger: String::new(),
            status,
            started_at_ms: at_ms,
            finished_at_ms: (status != RunStatus::Running).then_some(at_ms + 500),
            counts: Counts {
                processed: 0,
                created: 0,
                updated: 0,
                unchanged: 0,
                skipped: 0,
                removed: 0,
                failed: 0,
            },
            skips: Vec::new(),
            requests: 0,
            throttled_ms: 0,
            warnings: Vec::new(),
            errors: code
                .map(|code| RunError {
                    code: code.to_owned(),
                    message: "what the run says".to_owned(),
                    count: 1,
                })
                .into_iter()
                .collect(),
            block: None,
            approved: None,
            given: 0,
            undoes: None,
        }
    }

    fn record() -> WorkspaceRecord {
        let directory = tempfile::tempdir().unwrap();
        let db: Box<dyn Records> = Box::new(ServerDb::open(directory.path()).unwrap());
        let workspace = NewWorkspace {
            id: "acme".to_owned(),
            name: "Acme".to_owned(),
            tier: schedule::Tier::Standard,
            settings: "{}".to_owned(),
            time_zone: "UTC".to_owned(),
        };
        let event = AuditEvent {
            at_ms: 1,
            who: "Ada",
            action: "workspace-made",
            subject: None,
        };
        db.add_workspace(&workspace, event).unwrap();
        db.workspace("acme").unwrap().unwrap()
    }

    #[test]
    fn every_status_of_a_run_that_did_not_do_what_it_should_is_told_with_its_reason() {
        let record = record();
        for (status, code, cause) in [
            (RunStatus::Failed, Some("AADSTS7000222"), Some("secret")),
            (
                RunStatus::Failed,
                Some("name-not-resolved"),
                Some("network"),
            ),
            (RunStatus::Failed, Some("of-another-version"), Some("other")),
            (
                RunStatus::Incomplete,
                Some("empty-directory"),
                Some("incomplete"),
            ),
            (RunStatus::Blocked, None, Some("blocked")),
            (RunStatus::Stopped, None, Some("stopped")),
            (RunStatus::Running, None, Some("interrupted")),
            (RunStatus::Succeeded, None, None),
            (RunStatus::Warnings, Some("too-long"), None),
        ] {
            let told = trouble(&record, &[run(status, 1_000, code)]);
            let told_cause = told.as_ref().map(|trouble| trouble.cause);
            assert_eq!(told_cause, cause, "{status:?} {code:?}");
            if let (Some(told), Some(_)) = (told, code) {
                assert_eq!(told.reason, "what the run says");
            }
        }
        assert_eq!(trouble(&record, &[]), None, "there was no run");
    }

    #[test]
    fn nobody_is_sent_to_enter_a_secret_that_is_the_platforms() {
        let history = [run(RunStatus::Failed, 1_000, Some("AADSTS7000222"))];
        let own = trouble(&record(), &history).unwrap();
        assert_eq!(own.remedy.code, "enter-secret");
        let settings = Settings::new("mirror").with_platform("tenant").text();
        let of_platform = WorkspaceRecord {
            settings,
            ..record()
        };
        let told = trouble(&of_platform, &history).unwrap();
        assert_eq!((told.cause, told.remedy.code), ("secret", "test-again"));
        assert!(told.title.contains("whoever operates"), "{}", told.title);
    }

    #[test]
    fn runs_that_failed_one_after_another_failed_since_the_first_of_them() {
        let history = [
            run(RunStatus::Failed, 4_000, Some("timed-out")),
            run(RunStatus::Incomplete, 3_000, Some("empty-directory")),
            run(RunStatus::Succeeded, 2_000, None),
            run(RunStatus::Failed, 1_000, Some("timed-out")),
        ];
        let told = trouble(&record(), &history).unwrap();
        assert_eq!(told.since, Some(moment(3_500)));
        let failing = WorkspaceRecord {
            failing_since_ms: Some(7),
            ..record()
        };
        assert_eq!(trouble(&failing, &history).unwrap().since, Some(moment(7)));
    }

    #[test]
    fn a_run_that_could_not_even_begin_is_told_in_place_of_the_last_one() {
        let failing = WorkspaceRecord {
            failure: Some("why".to_owned()),
            failure_kind: Some("store".to_owned()),
            ..record()
        };
        let told = trouble(&failing, &[run(RunStatus::Succeeded, 1, None)]).unwrap();
        assert_eq!((told.cause, told.reason.as_str()), ("store", "why"));
    }
}
