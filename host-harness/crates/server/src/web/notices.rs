//! What is said once, after a form: a closed set, so that an address cannot put words into the page.

use api_types::views::{Notice, Tone};

/// Something to be said once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoticeCode {
    Saved,
    Tested,
    NotReady,
    SyncStarted,
    FullSyncStarted,
    Stopping,
    PlanStarted,
    Approved,
    RetryStarted,
    Disconnecting,
    ConsentGranted,
    ConsentDeclined,
    ConsentFailed,
    NotTested,
    ConsentNotAsked,
    Connected,
    ConsentSpreads,
    OtherTenant,
    NotAdministrator,
    RolesUntold,
    AdministratorNeeded,
    SignInFailed,
    Proposed,
    Discarded,
    UndoPlanned,
    Undoing,
    Works,
    WorksNot,
    Decided,
}

const ALL: [NoticeCode; 29] = [
    NoticeCode::Saved,
    NoticeCode::Tested,
    NoticeCode::NotReady,
    NoticeCode::SyncStarted,
    NoticeCode::FullSyncStarted,
    NoticeCode::Stopping,
    NoticeCode::PlanStarted,
    NoticeCode::Approved,
    NoticeCode::RetryStarted,
    NoticeCode::Disconnecting,
    NoticeCode::ConsentGranted,
    NoticeCode::ConsentDeclined,
    NoticeCode::ConsentFailed,
    NoticeCode::NotTested,
    NoticeCode::ConsentNotAsked,
    NoticeCode::Connected,
    NoticeCode::ConsentSpreads,
    NoticeCode::OtherTenant,
    NoticeCode::NotAdministrator,
    NoticeCode::RolesUntold,
    NoticeCode::AdministratorNeeded,
    NoticeCode::SignInFailed,
    NoticeCode::Proposed,
    NoticeCode::Discarded,
    NoticeCode::UndoPlanned,
    NoticeCode::Undoing,
    NoticeCode::Works,
    NoticeCode::WorksNot,
    NoticeCode::Decided,
];

impl NoticeCode {
    /// In addresses.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Tested => "tested",
            Self::NotReady => "not-ready",
            Self::SyncStarted => "sync-started",
            Self::FullSyncStarted => "full-sync-started",
            Self::Stopping => "stopping",
            Self::PlanStarted => "plan-started",
            Self::Approved => "approved",
            Self::RetryStarted => "retry-started",
            Self::Disconnecting => "disconnecting",
            Self::ConsentGranted => "consent-granted",
            Self::ConsentDeclined => "consent-declined",
            Self::ConsentFailed => "consent-failed",
            Self::NotTested => "not-tested",
            Self::ConsentNotAsked => "consent-not-asked",
            Self::Connected => "connected",
            Self::ConsentSpreads => "consent-spreads",
            Self::OtherTenant => "other-tenant",
            Self::NotAdministrator => "not-administrator",
            Self::RolesUntold => "roles-untold",
            Self::AdministratorNeeded => "administrator-needed",
            Self::SignInFailed => "sign-in-failed",
            Self::Proposed => "proposed",
            Self::Discarded => "discarded",
            Self::UndoPlanned => "undo-planned",
            Self::Undoing => "undoing",
            Self::Works => "works",
            Self::WorksNot => "works-not",
            Self::Decided => "decided",
        }
    }

    fn said(self) -> (Tone, &'static str) {
        match self {
            Self::Saved => (Tone::Good, "Saved."),
            Self::Tested => (Tone::Good, "Saved, and the connection works."),
            Self::NotReady => (
                Tone::Warning,
                "Saved. The connection does not work yet; below is what was found, and what to do.",
            ),
            Self::SyncStarted => (Tone::Good, "Sync started."),
            Self::FullSyncStarted => (Tone::Good, "Full resync started; everybody is read."),
            Self::Stopping => (Tone::Neutral, "It ends after the page that it is at."),
            Self::PlanStarted => (Tone::Neutral, "Finding out what a sync would do."),
            Self::Approved => (Tone::Good, "Approved. Exactly that is done now."),
            Self::RetryStarted => (Tone::Good, "Trying this person again."),
            Self::Disconnecting => (
                Tone::Neutral,
                "Disconnected, as soon as what goes on has ended. The contacts stay.",
            ),
            Self::ConsentGranted => (
                Tone::Good,
                "Consent was given. What a test of the connection finds is below; it can take Microsoft minutes \
                 until all of its servers know of it.",
            ),
            Self::ConsentDeclined => (
                Tone::Warning,
                "Consent was not given. An administrator of the tenant has to accept.",
            ),
            Self::ConsentFailed => (
                Tone::Bad,
                "Microsoft did not take the request for consent. Check tenant, application and redirect \
                 URI, and try again.",
            ),
            Self::NotTested => (
                Tone::Warning,
                "Saved, but not tested: something else goes on here, or the test did not come to its end. \
                 Save again to test.",
            ),
            Self::ConsentNotAsked => (
                Tone::Warning,
                "Saved, but consent could not be asked for. Try again.",
            ),
            Self::Connected => (
                Tone::Good,
                "Connected. The connection was tested, and works.",
            ),
            Self::ConsentSpreads => (
                Tone::Neutral,
                "Consent was given. It takes Microsoft a minute or two until all of its servers know of it; the test \
                 is repeated by itself.",
            ),
            Self::OtherTenant => (
                Tone::Bad,
                "That was another organisation than the one this workspace is connected with. Nothing was changed. \
                 Sign in with an account of that one, or disconnect first.",
            ),
            Self::NotAdministrator => (
                Tone::Warning,
                "You signed in as somebody who may not consent for the organisation. Nothing was changed. Let a Global \
                 Administrator or Privileged Role Administrator connect.",
            ),
            Self::RolesUntold => (
                Tone::Bad,
                "Microsoft did not say whether you are an administrator, because this platform’s application is not \
                 registered so. Nothing was changed; whoever operates this server finds what to set in its log.",
            ),
            Self::AdministratorNeeded => (
                Tone::Warning,
                "Microsoft asks for an administrator. Nothing was changed. Where a request was sent to one, connect \
                 again once it was granted.",
            ),
            Self::SignInFailed => (
                Tone::Bad,
                "The sign-in at Microsoft came to nothing. Nothing was changed. Try again; if it stays so, whoever \
                 operates this server finds the reason in its log.",
            ),
            Self::Proposed => (
                Tone::Neutral,
                "Saved, and not in force yet: this changes whom a sync touches. Below is what it would do; \
                 it comes into force when you approve it.",
            ),
            Self::Discarded => (
                Tone::Neutral,
                "The new settings were given up. Below are those in force.",
            ),
            Self::UndoPlanned => (Tone::Neutral, "Finding out what taking it back would do."),
            Self::Undoing => (Tone::Good, "Approved. The run is being taken back."),
            Self::Works => (
                Tone::Good,
                "The connection works. Sync again from the overview.",
            ),
            Self::Decided => (Tone::Good, "Decided. The next sync does it."),
            Self::WorksNot => (
                Tone::Warning,
                "The connection does not work yet; below is what was found, and what to do.",
            ),
        }
    }
}

/// What an address asks to be said.
pub(crate) fn of_code(code: Option<&str>) -> Option<Notice> {
    let code = code?;
    let notice = ALL.into_iter().find(|notice| notice.code() == code)?;
    let (tone, text) = notice.said();
    Some(Notice {
        tone,
        text: text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_is_found_by_its_code_and_nothing_else_is_said() {
        for notice in ALL {
            assert!(of_code(Some(notice.code())).is_some(), "{notice:?}");
        }
        assert_eq!(of_code(Some("<script>")), None);
        assert_eq!(of_code(None), None);
    }
}
