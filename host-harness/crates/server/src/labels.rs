//! What pages and API say for the server's own codes: a status, an event of the audit log, a schedule.

use api_types::views::{StatusCode, StatusView};
use schedule::HostPolicy;

/// A status with its label.
pub(crate) fn status(code: StatusCode, explanation: String) -> StatusView {
    let label = match code {
        StatusCode::NeverRun => "Never run",
        StatusCode::Syncing => "Syncing now",
        StatusCode::Succeeded => "Synced successfully",
        StatusCode::Warnings => "Synced with warnings",
        StatusCode::Failed => "Failed",
        StatusCode::Blocked => "Blocked",
        StatusCode::Incomplete => "Incomplete",
        StatusCode::Disconnected => "Disconnected",
    };
    StatusView {
        code,
        label: label.to_owned(),
        explanation,
    }
}

/// A status as a member is told it: why something fails, and what to do, is an administrator's business.
pub(crate) fn status_of_member(code: StatusCode) -> StatusView {
    let explanation = match code {
        StatusCode::NeverRun => "No sync has been run yet.",
        StatusCode::Syncing => "A sync is being run now.",
        StatusCode::Succeeded | StatusCode::Warnings => "The contacts are kept in step.",
        StatusCode::Failed | StatusCode::Blocked | StatusCode::Incomplete => {
            "The last sync did not do everything. The contacts are as the last successful one left them, or \
             newer; an administrator sees why, and what to do."
        }
        StatusCode::Disconnected => "No directory is connected. The contacts are still here.",
    };
    status(code, explanation.to_owned())
}

/// Said beside a schedule where the directory tells of changes.
pub(crate) const TOLD: &str = "Changes are synced as soon as Microsoft tells of them, too.";

/// A schedule that waits because a run was taken back.
pub(crate) const HELD: &str = "Scheduled syncs wait, because a run was taken back: the next sync does again \
                               what the settings say. They go on once somebody has synced.";

/// An event of the audit log.
pub(crate) fn action(action: &str) -> &str {
    match action {
        "workspace-made" => "Workspace made",
        "invited" => "Sign-in link made",
        "signed-in" => "Signed in",
        "signed-out" => "Signed out",
        "settings-saved" => "Settings saved",
        "settings-proposed" => "New settings saved, not in force yet",
        "settings-confirmed" => "New settings put into force",
        "settings-discarded" => "New settings given up",
        "connection-saved" => "Connection saved",
        "destination-saved" => "Place of the contacts saved",
        "connection-tested" => "Connection tested",
        "secret-set" => "Secret set",
        "secret-expiry-set" => "Expiry of the secret changed",
        "secret-used" => "Secret used",
        "secret-forgotten" => "Secret removed",
        "key-used" => "Signed in with the certificate",
        "secrets-sealed-anew" => "Secrets sealed with a new key",
        "sign-in-asked" => "Sent to Microsoft to sign in",
        "consent-asked" => "Sent to Microsoft for consent",
        "consent-granted" => "Consent given",
        "consent-refused" => "Consent not given",
        "plan-started" => "Plan started",
        "planned" => "Plan made",
        "plan-failed" => "Plan failed",
        "connected" => "Connected",
        "sync-started" => "Sync started",
        "full-sync-started" => "Full resync started",
        "sync-approved" => "Approved, and sync started",
        "sync-resumed" => "Sync resumed after a restart",
        "sync-stopped" => "Asked the sync to stop",
        "sync-ended" => "Sync ended",
        "sync-failed" => "Sync could not run",
        "retry-started" => "One person tried again",
        "retry-ended" => "Try of one person ended",
        "retry-failed" => "Try of one person failed",
        "undo-plan-started" => "Plan to take a run back started",
        "undo-planned" => "Plan to take a run back made",
        "undo-plan-failed" => "Plan to take a run back failed",
        "undo-approved" => "Approved to take a run back, and started",
        "undo-resumed" => "Taking a run back resumed after a restart",
        "undo-ended" => "Taking a run back ended",
        "undo-failed" => "A run could not be taken back",
        "disconnecting" => "Disconnecting",
        "disconnected" => "Disconnected",
        "server-started" => "Server started",
        other => other,
    }
}

/// The host's least interval.
pub(crate) fn least_interval(policy: &HostPolicy) -> String {
    let minutes = policy.least_interval.as_secs() / 60;
    format!("Your plan allows a scheduled sync every {minutes} minutes at most.")
}

/// A schedule that waits because it fails.
pub(crate) fn backing_off(failures: u32) -> String {
    match failures {
        1 => "The last scheduled sync failed; waiting a little longer.".to_owned(),
        _ => format!("The last {failures} scheduled syncs failed; waiting longer each time."),
    }
}

/// A field's name for people: `first_name` is "First name". A custom field is its own label.
pub(crate) fn field(name: &str) -> String {
    let is_plain = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !is_plain {
        return name.to_owned();
    }
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}
