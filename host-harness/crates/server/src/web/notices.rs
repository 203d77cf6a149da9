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
    Proposed,
    Discarded,
    UndoPlanned,
    Undoing,
    Works,
    WorksNot,
}

const ALL: [NoticeCode; 21] = [
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
    NoticeCode::Proposed,
    NoticeCode::Discarded,
    NoticeCode::UndoPlanned,
    NoticeCode::Undoing,
    NoticeCode::Works,
    NoticeCode::WorksNot,
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
            Self::Proposed => "proposed",
            Self::Discarded => "discarded",
            Self::UndoPlanned => "undo-planned",
            Self::Undoing => "undoing",
            Self::Works => "works",
            Self::WorksNot => "works-not",
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
