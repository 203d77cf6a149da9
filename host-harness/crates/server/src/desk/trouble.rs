//! What is wrong with a workspace now: what failed, since when, why, and the one thing that helps.

use api_types::shapes::is_sync;
use api_types::shapes::moment;
use api_types::views::{RemedyView, TroubleView};
use connector_contract::{Error as GuestError, Failure, Run, RunStatus};
use connector_runtime::CallError;
use server_db::WorkspaceRecord;

use super::DeskError;

/// Why syncs fail, as far as that decides what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The client secret is missing, expired or another one.
    Secret,
    /// The application may not read the directory.
    Consent,
    /// Tenant, application or cloud are not accepted.
    Connection,
    /// The directory asks for patience.
    Throttled,
    /// The directory cannot be reached.
    Network,
    /// The directory's answers cannot be used.
    Directory,
    /// The directory did not show everybody.
    Incomplete,
    /// A limit stopped it.
    Blocked,
    /// Contacts or state cannot be read or written.
    Store,
    /// The connector does not take the settings.
    Settings,
    /// A person stopped it.
    Stopped,
    /// It ended in the middle.
    Interrupted,
    /// A defect of the connector or of the host.
    Defect,
    /// Something that this version does not name.
    Other,
}

const CAUSES: [Cause; 14] = [
    Cause::Secret,
    Cause::Consent,
    Cause::Connection,
    Cause::Throttled,
    Cause::Network,
    Cause::Directory,
    Cause::Incomplete,
    Cause::Blocked,
    Cause::Store,
    Cause::Settings,
    Cause::Stopped,
    Cause::Interrupted,
    Cause::Defect,
    Cause::Other,
];

/// Errors of the sign-in service that speak of the credentials
/// (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).
const CREDENTIALS: [u32; 12] = [
    7_000_215, 7_000_222, 7_000_216, 7_000_218, 50_012, 50_013, 70_002, 500_133, 700_024, 700_027,
    700_030, 700_025,
];

/// Consent was not given, or the application has no entry in the tenant.
const CONSENT: [u32; 9] = [
    65_001, 65_002, 65_004, 65_005, 650_056, 90_008, 90_094, 90_095, 7_000_229,
];

/// The sign-in service's own troubles, which pass, and that it asks for patience.
const PASSES: [u32; 14] = [
    50_000, 50_033, 50_086, 50_196, 90_006, 90_012, 90_024, 90_033, 90_036, 90_055, 90_090, 90_091,
    90_092, 90_093,
];

impl Cause {
    /// In the API and in the records.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Consent => "consent",
            Self::Connection => "connection",
            Self::Throttled => "throttled",
            Self::Network => "network",
            Self::Directory => "directory",
            Self::Incomplete => "incomplete",
            Self::Blocked => "blocked",
            Self::Store => "store",
            Self::Settings => "settings",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Defect => "defect",
            Self::Other => "other",
        }
    }

    fn named(name: &str) -> Self {
        let mut causes = CAUSES.into_iter();
        causes
            .find(|cause| cause.name() == name)
            .unwrap_or(Self::Other)
    }

    /// Of a job that came to nothing.
    pub(crate) fn of(error: &DeskError) -> Self {
        match error {
            DeskError::Call(CallError::Guest { error, .. }) => Self::of_guest(error),
            DeskError::Call(_) => Self::Defect,
            DeskError::Malformed(_) => Self::Settings,
            DeskError::Database(_) | DeskError::Closed(_) => Self::Store,
            DeskError::Busy(_) | DeskError::Unsaved(_) => Self::Other,
            DeskError::NotNow(_) | DeskError::Unknown(_) | DeskError::Unconfirmed { .. } => {
                Self::Other
            }
        }
    }

    fn of_guest(error: &GuestError) -> Self {
        let known =
            |failure: &Failure, otherwise: Self| Self::of_code(&failure.code).unwrap_or(otherwise);
        match error {
            GuestError::InvalidConfiguration(_) => Self::Settings,
            GuestError::Unauthorized(failure) => known(failure, Self::Connection),
            GuestError::Forbidden(failure) => known(failure, Self::Consent),
            GuestError::Upstream(failure) => known(failure, Self::Directory),
            GuestError::Other(failure) => known(failure, Self::Other),
            GuestError::Throttled(_) => Self::Throttled,
            GuestError::Network(_) => Self::Network,
            GuestError::Store(_) => Self::Store,
            GuestError::Secret(_) => Self::Secret,
            GuestError::Stopped => Self::Stopped,
            GuestError::Internal(_) => Self::Defect,
        }
    }

    /// Of the code of an error, where the code alone says it: the contract gives the errors of a run no
    /// other kind.
    fn of_code(code: &str) -> Option<Self> {
        if let Some(number) = code.strip_prefix("AADSTS") {
            let number: u32 = number.parse().ok()?;
            return Some(if CREDENTIALS.contains(&number) {
                Self::Secret
            } else if CONSENT.contains(&number) {
                Self::Consent
            } else if PASSES.contains(&number) {
                Self::Throttled
            } else {
                Self::Connection
            });
        }
        Some(match code {
            _ if code.starts_with("secret-") => Self::Secret,
            "Authorization_RequestDenied" | "Authorization_IdentityNotFound" | "forbidden" => {
                Self::Consent
            }
            "Authorization_IdentityDisabled" | "InvalidAuthenticationToken" | "unauthorized" => {
                Self::Connection
            }
            // Names of OAuth (RFC 6749, section 5.2), where no code says more.
            "invalid_client" => Self::Secret,
            "unauthorized_client" | "invalid_resource" => Self::Connection,
            "throttled" | "TooManyRequests" | "activityLimitReached" => Self::Throttled,
            "destination-denied"
            | "name-not-resolved"
            | "no-connection"
            | "tls-failed"
            | "timed-out"
            | "connection-interrupted"
            | "exchange-failed" => Self::Network,
            "list-truncated" | "empty-directory" | "links-repeat" | "endless-round"
            | "no-delta-link" => Self::Incomplete,
            "interrupted" => Self::Interrupted,
            "stopped" => Self::Stopped,
            "round-open" | "state-unreadable" | "state-newer" | "lease-lost" => Self::Store,
            _ if code.starts_with("store-") => Self::Store,
            _ if code.starts_with("http-") || code.starts_with("Service") => Self::Directory,
            "not-json"
            | "unexpected-shape"
            | "unexpected-redirect"
            | "foreign-link"
            | "answer-too-large" => Self::Directory,
            _ => return None,
        })
    }

    /// What failed.
    fn title(self) -> &'static str {
        match self {
            Self::Secret => "The sync failed: the client secret does not work",
            Self::Consent => "The sync failed: the application may not read the directory",
            Self::Connection => "The sync failed: tenant or application are not accepted",
            Self::Throttled => "The sync failed: the directory asked to wait",
            Self::Network => "The sync failed: the directory could not be reached",
            Self::Directory => "The sync failed: the directory gave no usable answer",
            Self::Incomplete => "The sync is incomplete: the directory did not show everybody",
            Self::Blocked => "A limit stopped the sync",
            Self::Store => "The sync failed: the contacts could not be read or written",
            Self::Settings => "Nothing is synced: the settings are not accepted",
            Self::Stopped => "The sync was stopped before its end",
            Self::Interrupted => "The sync was interrupted",
            Self::Defect => "The sync failed: the connector broke down",
            Self::Other => "The sync failed",
        }
    }

    /// The one thing that helps.
    fn remedy(self) -> RemedyView {
        let (code, label, path, posts) = match self {
            Self::Secret => (
                "enter-secret",
                "Enter a new secret",
                "/setup/connect",
                false,
            ),
            Self::Consent => (
                "ask-for-consent",
                "Ask for consent",
                "/setup/connect",
                false,
            ),
            Self::Connection => (
                "check-connection",
                "Check the connection",
                "/setup/connect",
                false,
            ),
            Self::Network => ("test-again", "Test the connection again", "/test", true),
            Self::Blocked => ("review-block", "Review", "/blocked", false),
            Self::Settings => ("edit-settings", "Look at the settings", "/setup/map", false),
            Self::Throttled
            | Self::Directory
            | Self::Incomplete
            | Self::Store
            | Self::Stopped
            | Self::Interrupted
            | Self::Defect
            | Self::Other => ("sync-again", "Try again", "/sync", true),
        };
        RemedyView {
            code,
            label: label.to_owned(),
            path,
            posts,
        }
    }
}

/// What is wrong now; nothing where the last sync did what it should, or there was none. The history is newest
/// first; that one person was tried again or a run taken back tells nothing of the syncs.
pub(super) fn trouble(record: &WorkspaceRecord, history: &[Run]) -> Option<TroubleView> {
    let recorded = record.failing_since_ms.map(i64::unsigned_abs);
    if let Some(failure) = &record.failure {
        // It could not even begin, or the host knows more of the reason than the history does.
        let cause = Cause::named(record.failure_kind.as_deref().unwrap_or_default());
        return Some(view(cause, recorded, failure.clone()));
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
    Some(view(cause, since, reason))
}

/// The connector does not take the settings in force.
pub(super) fn refused_settings(record: &WorkspaceRecord) -> TroubleView {
    let reason = "The connector does not take the settings as they are. Save them again: what is wrong is \
                  told there.";
    let since = record.changed_at_ms.unsigned_abs();
    view(Cause::Settings, Some(since), reason.to_owned())
}

fn view(cause: Cause, since_ms: Option<u64>, reason: String) -> TroubleView {
    TroubleView {
        cause: cause.name(),
        title: cause.title().to_owned(),
        since: since_ms.map(moment),
        reason,
        remedy: cause.remedy(),
    }
}

/// When the first of the runs ended that failed up to the last one.
fn first_failure(history: &[Run]) -> u64 {
    let failed = |run: &&Run| matches!(run.status, RunStatus::Failed | RunStatus::Incomplete);
    let syncs = history.iter().filter(|run| is_sync(&run.trigger));
    let first = syncs.take_while(failed).last();
    first.map_or(0, |run| run.finished_at_ms.unwrap_or(run.started_at_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_contract::{Counts, RunError, RunMode, Throttled};
    use connector_runtime::Call;
    use server_db::{Records, ServerDb};

    fn failure(code: &str) -> Failure {
        Failure {
            code: code.to_owned(),
            message: "what happened".to_owned(),
            advice: "what to do".to_owned(),
            status: None,
            request_id: None,
        }
    }

    fn cause(error: GuestError) -> Cause {
        let call = Call::Sync;
        Cause::of(&DeskError::Call(CallError::Guest { call, error }))
    }

    #[test]
    fn every_error_of_the_contract_has_a_cause_and_one_thing_that_helps() {
        let throttled = Throttled {
            failure: failure("TooManyRequests"),
            retry_after_ms: 1,
        };
        for (error, expected, remedy) in [
            (
                GuestError::InvalidConfiguration(Vec::new()),
                Cause::Settings,
                "edit-settings",
            ),
            (
                GuestError::Unauthorized(failure("AADSTS7000215")),
                Cause::Secret,
                "enter-secret",
            ),
            (
                GuestError::Unauthorized(failure("AADSTS700016")),
                Cause::Connection,
                "check-connection",
            ),
            (
                GuestError::Unauthorized(failure("of-another-version")),
                Cause::Connection,
                "check-connection",
            ),
            (
                GuestError::Forbidden(failure("Authorization_RequestDenied")),
                Cause::Consent,
                "ask-for-consent",
            ),
            (
                GuestError::Throttled(throttled),
                Cause::Throttled,
                "sync-again",
            ),
            (
                GuestError::Upstream(failure("ServiceUnavailable")),
                Cause::Directory,
                "sync-again",
            ),
            (
                GuestError::Upstream(failure("list-truncated")),
                Cause::Incomplete,
                "sync-again",
            ),
            (
                GuestError::Network(failure("timed-out")),
                Cause::Network,
                "test-again",
            ),
            (
                GuestError::Store(failure("store-unavailable")),
                Cause::Store,
                "sync-again",
            ),
            (
                GuestError::Secret(failure("secret-not-found")),
                Cause::Secret,
                "enter-secret",
            ),
            (GuestError::Stopped, Cause::Stopped, "sync-again"),
            (
                GuestError::Internal(failure("defect")),
                Cause::Defect,
                "sync-again",
            ),
            (
                GuestError::Other(failure("plan-unknown")),
                Cause::Other,
                "sync-again",
            ),
        ] {
            let found = cause(error.clone());
            assert_eq!(found, expected, "{error:?}");
            assert_eq!(found.remedy().code, remedy, "{error:?}");
        }
    }

    #[test]
    fn what_the_records_keep_of_a_cause_leads_back_to_it() {
        for cause in CAUSES {
            assert_eq!(Cause::named(cause.name()), cause);
        }
        assert_eq!(Cause::named("of another version"), Cause::Other);
    }

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
        }
    }

    fn record() -> WorkspaceRecord {
        let directory = tempfile::tempdir().unwrap();
        let db: Box<dyn Records> = Box::new(ServerDb::open(directory.path()).unwrap());
        let workspace = server_db::NewWorkspace {
            id: "acme".to_owned(),
            name: "Acme".to_owned(),
            tier: schedule::Tier::Standard,
            settings: "{}".to_owned(),
            time_zone: "UTC".to_owned(),
        };
        let event = server_db::AuditEvent {
            at_ms: 1,
            who: "Ada",
            action: "workspace-made",
            subject: None,
        };
        db.add_workspace(&workspace, event).unwrap();
        db.workspace("acme").unwrap().unwrap()
    }

    #[test]
    fn what_passes_by_itself_is_not_told_as_a_wrong_connection_and_a_refused_client_is() {
        for code in PASSES {
            let cause = Cause::of_code(&format!("AADSTS{code}"));
            assert_eq!(cause, Some(Cause::Throttled), "{code}");
        }
        for (code, cause) in [
            ("AADSTS700016", Cause::Connection),
            ("invalid_client", Cause::Secret),
            ("unauthorized_client", Cause::Connection),
            ("state-newer", Cause::Store),
        ] {
            assert_eq!(Cause::of_code(code), Some(cause), "{code}");
        }
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
