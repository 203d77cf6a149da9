//! Why syncs fail, as far as that decides what helps.

use api_types::views::RemedyView;
use connector_contract::{Error as GuestError, Failure};
use connector_runtime::CallError;
use sign_in_codes::Remedy;
use sync_runner::is_network_failure;

use crate::destinations::NoDestination;
use crate::services::error::ServiceError;

/// Why syncs fail, as far as that decides what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The client secret is missing, expired or another one.
    Secret,
    /// The certificate, or the token of another issuer, is missing, expired or another one.
    Certificate,
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

const CAUSES: [Cause; 15] = [
    Cause::Secret,
    Cause::Certificate,
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

impl Cause {
    /// In the API and in the records.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Certificate => "certificate",
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

    pub(crate) fn named(name: &str) -> Self {
        let mut causes = CAUSES.into_iter();
        causes
            .find(|cause| cause.name() == name)
            .unwrap_or(Self::Other)
    }

    /// Of a job that came to nothing.
    pub(crate) fn of(error: &ServiceError) -> Self {
        match error {
            ServiceError::Call(CallError::Guest { error, .. }) => Self::of_guest(error),
            ServiceError::Call(_) => Self::Defect,
            ServiceError::Malformed(_) | ServiceError::Destination(NoDestination::Unknown(_)) => {
                Self::Settings
            }
            ServiceError::Destination(_) => Self::Defect,
            ServiceError::Records(_) | ServiceError::Store(_) | ServiceError::Closed(_) => {
                Self::Store
            }
            ServiceError::Busy(_) | ServiceError::Unsaved(_) => Self::Other,
            ServiceError::NotNow(_)
            | ServiceError::Unknown(_)
            | ServiceError::Unconfirmed { .. } => Self::Other,
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
            GuestError::Secret(failure) => known(failure, Self::Secret),
            GuestError::Stopped => Self::Stopped,
            GuestError::Internal(_) => Self::Defect,
        }
    }

    /// Of the code of an error, where the code alone says it: the contract gives the errors of a run no
    /// other kind.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        if let Some(number) = code.strip_prefix("AADSTS") {
            let known = sign_in_codes::known(number.parse().ok()?);
            return Some(match known.map(|known| known.remedy) {
                Some(Remedy::Secret) => Self::Secret,
                Some(Remedy::Certificate) => Self::Certificate,
                Some(Remedy::Consent) => Self::Consent,
                Some(Remedy::Patience) => Self::Throttled,
                Some(Remedy::Connection) | None => Self::Connection,
            });
        }
        Some(match code {
            _ if code.starts_with("secret-") => Self::Secret,
            _ if ["key-", "certificate-", "federated-"]
                .iter()
                .any(|kind| code.starts_with(kind)) =>
            {
                Self::Certificate
            }
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
            "destination-denied" => Self::Network,
            _ if is_network_failure(code) => Self::Network,
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
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Secret => "The sync failed: the client secret does not work",
            Self::Certificate => "The sync failed: the application’s certificate does not work",
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
    pub(crate) fn remedy(self) -> RemedyView {
        let (code, label, path, posts) = match self {
            Self::Secret => (
                "enter-secret",
                "Enter a new secret",
                "/setup/connect",
                false,
            ),
            Self::Certificate => (
                "enter-certificate",
                "Look at the certificate",
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

#[cfg(test)]
mod tests {
    use connector_contract::Throttled;
    use connector_runtime::Call;
    use sign_in_codes::{KNOWN, Kind};

    use super::*;

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
        Cause::of(&ServiceError::Call(CallError::Guest { call, error }))
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

    #[test]
    fn what_passes_by_itself_is_not_told_as_a_wrong_connection_and_a_refused_client_is() {
        let passing = KNOWN.iter().filter(|known| known.kind == Kind::Passes);
        for code in passing.flat_map(|known| known.codes).chain(&[50_196]) {
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
}
