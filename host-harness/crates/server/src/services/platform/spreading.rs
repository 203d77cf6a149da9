//! After consent, it takes a while until all of Microsoft's servers know of it: until then an application is unknown
//! in the tenant, or its tokens lack what was consented to. The test is repeated by itself meanwhile.

use std::time::Duration;

use api_types::shapes::{CheckShape, CheckStatus};

use crate::services::context::WorkspaceContext;
use crate::services::error::ServiceError;
use crate::services::overview::cause::Cause;
use crate::services::setup::connection_test::test;
use crate::services::setup::tested::Tested;

/// How long is waited before each further test: three minutes in all, where a minute has been seen to be enough.
const PAUSES: [Duration; 7] = [
    Duration::from_secs(2),
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(60),
    Duration::from_secs(60),
];

/// Who repeats tests, in the audit log.
const SERVER: &str = "server";

/// Whether a test failed as it does while consent spreads.
pub(crate) fn may_be_spreading(checks: &[CheckShape]) -> bool {
    let failed = checks
        .iter()
        .filter(|check| check.status == CheckStatus::Failed);
    let mut codes = failed.filter_map(|check| check.code.as_deref());
    codes.any(|code| {
        // The application is not known in the tenant yet.
        matches!(code, "AADSTS700016" | "AADSTS700011")
            || Cause::of_code(code) == Some(Cause::Consent)
    })
}

/// Repeats the test of a connection, until it says something else, the connection is another one, the server ends, or
/// enough was waited.
pub(crate) fn repeat_test(ws: &WorkspaceContext) {
    let Some(repeating) = ws.app.spreading.begin(&ws.id) else {
        return;
    };
    let ws = ws.clone();
    tokio::spawn(async move {
        let mut closing = ws.app.closing.subscribe();
        tokio::select! {
            () = repeat(&ws) => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
        drop(repeating);
        ws.task.changed();
    });
}

async fn repeat(ws: &WorkspaceContext) {
    for pause in PAUSES {
        tokio::time::sleep(pause).await;
        let Ok(record) = ws.record() else { return };
        if !may_be_spreading(&Tested::of(&record).checks) {
            return;
        }
        match test(ws, SERVER).await {
            Ok(tested) if !may_be_spreading(&tested.checks) => return,
            // Somebody else may be testing it.
            Ok(_) | Err(ServiceError::Busy(_)) => {}
            Err(error) => {
                tracing::info!(workspace = ws.id, %error, "repeating a connection test failed");
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: CheckStatus, code: &str) -> CheckShape {
        CheckShape {
            status,
            code: Some(code.to_owned()),
            ..CheckShape::failed("read-users", "It does not work")
        }
    }

    #[test]
    fn what_waiting_cures_is_waited_for_and_nothing_else() {
        for code in [
            "Authorization_RequestDenied",
            "AADSTS700016",
            "AADSTS7000229",
        ] {
            assert!(
                may_be_spreading(&[check(CheckStatus::Failed, code)]),
                "{code}"
            );
            assert!(
                !may_be_spreading(&[check(CheckStatus::Warning, code)]),
                "{code}"
            );
        }
        for code in ["AADSTS7000215", "timed-out", "AADSTS50011"] {
            assert!(
                !may_be_spreading(&[check(CheckStatus::Failed, code)]),
                "{code}"
            );
        }
        assert!(!may_be_spreading(&[]));
    }
}
