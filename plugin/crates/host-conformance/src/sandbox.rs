//! What the host says beside the store: consent, the address for notifications, the time.

use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::bindings::imports::{consent, notification_target};
use crate::document::Document;
use host_promises::verdict::{Outcome, differs, holds, not_tried, same};

/// A server that no document names, and nobody allows.
pub(crate) const FOREIGN: &str = "https://host-conformance.invalid";

pub(crate) fn consent_given(document: &Document) -> Outcome {
    let Some(server) = &document.server else {
        return not_tried("the document names no server in /endpoints/graph");
    };
    same(
        &format!("whether {server} may be used"),
        consent::endpoint(server),
        true,
    )
}

/// Whether all of a machine is allowed, or one server on it, is the host's to say.
pub(crate) fn consent_foreign() -> Outcome {
    same(
        &format!("whether {FOREIGN} may be used"),
        consent::endpoint(FOREIGN),
        false,
    )
}

pub(crate) fn notification_address() -> Outcome {
    let Some(address) = notification_target::address() else {
        return Ok(());
    };
    // The directory takes no other, but for an emulator on the same machine.
    let is_right = address
        .strip_prefix("https://")
        .is_some_and(|rest| !rest.is_empty())
        || ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"]
            .iter()
            .any(|here| address.starts_with(here));
    holds("an absolute address with https", is_right, "another one")
}

/// 2025-01-01T00:00:00Z, in seconds.
const RECENT: u64 = 1_735_689_600;

pub(crate) fn clock() -> Outcome {
    let now = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
    };
    let before = now();
    holds(
        "a day after 2025-01-01",
        before.as_secs() > RECENT,
        before.as_secs(),
    )?;
    sleep(Duration::from_millis(20));
    let after = now();
    if after > before {
        return Ok(());
    }
    differs("a clock that goes on", "one that stands still")
}
