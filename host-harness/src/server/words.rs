//! Codes in words: what the page says for a status, an act, an effect or a reason.

use super::views::{StatusCode, StatusView};
use crate::schedule::HostPolicy;

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

/// A status of `report` by its name.
pub(crate) fn status_code(name: &str) -> StatusCode {
    match name {
        "syncing" => StatusCode::Syncing,
        "succeeded" => StatusCode::Succeeded,
        "warnings" => StatusCode::Warnings,
        "failed" => StatusCode::Failed,
        "blocked" => StatusCode::Blocked,
        "incomplete" => StatusCode::Incomplete,
        _ => StatusCode::NeverRun,
    }
}

/// An act of the audit log.
pub(crate) fn action(action: &str) -> &str {
    match action {
        "workspace-made" => "Workspace made",
        "invited" => "Sign-in link made",
        "signed-in" => "Signed in",
        "signed-out" => "Signed out",
        "settings-saved" => "Settings saved",
        "connection-saved" => "Connection saved",
        "connection-tested" => "Connection tested",
        "secret-set" => "Secret set",
        "secret-expiry-set" => "Expiry of the secret changed",
        "secret-used" => "Secret used",
        "secrets-sealed-anew" => "Secrets sealed with a new key",
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
        "sync-resumed" => "Sync gone on with after a restart",
        "sync-stopped" => "Asked the sync to stop",
        "sync-ended" => "Sync ended",
        "sync-failed" => "Sync could not run",
        "retry-started" => "One person tried again",
        "retry-ended" => "Try of one person ended",
        "retry-failed" => "Try of one person failed",
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

/// Why somebody is skipped, or changed.
pub(crate) fn reason(reason: &str) -> &str {
    match reason {
        "new-user" => "New in the directory",
        "matched-by-address" => "A contact has this address",
        "matched-by-id" => "A contact was theirs before",
        "directory-changed" => "Changed in the directory",
        "lists-changed" => "Other lists",
        "base-only" => "Nothing visible changes",
        "active-again" => "Active again",
        "undo" => "Taken back",
        "deleted" => "Deleted from the directory",
        "account-disabled" => "The account is disabled",
        "agent" => "An AI agent",
        "out-of-scope" => "Not in the filter",
        "in-step" => "Nothing to do",
        "updates-off" => "Updates are off",
        "already-inactive" => "Inactive already",
        "still-present" => "Still in the directory",
        "address-exists" => "A contact with this address exists",
        "formerly-linked" => "A contact was theirs before",
        "address-ambiguous" => "Several contacts have this address",
        "missing-mandatory" => "A mandatory field is missing",
        "not-linked" => "No contact to update",
        "kept-by-policy" => "Kept, as the settings say",
        "held-by-breaker" => "Held back by a limit",
        "drifted" => "No longer what was approved",
        "edited-since" => "Edited since",
        other => other,
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
