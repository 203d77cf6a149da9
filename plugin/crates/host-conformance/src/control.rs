//! How a host ends a call, or takes its lease: what needs somebody outside of the component.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::bench::{SOURCE, empty_commit};
use crate::bindings::imports::contact_store::{Commit, Query, StateWrite, apply, lookup};
use crate::bindings::imports::run_control::{Directive, Phase, Progress, report_progress};
use crate::bindings::imports::state;
use crate::bindings::imports::types::StoreError;
use host_promises::verdict::{Outcome, differs, same, shown};

/// How long somebody has to do what the scenario is about.
const PATIENCE: Duration = Duration::from_secs(4);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// What is written until the lease is lost.
const KEY: &str = "host-conformance/lease";

fn told(done: u64) -> Directive {
    report_progress(Progress {
        phase: Phase::Finishing,
        done,
        total: None,
        remaining_ms: None,
    })
}

/// Nobody wants the call to end.
pub(crate) fn goes_on() -> Outcome {
    for done in 0..3 {
        let directive = report_progress(Progress {
            phase: Phase::Connecting,
            done,
            total: Some(3),
            remaining_ms: None,
        });
        same(
            "the answer to a report of progress",
            directive,
            Directive::GoOn,
        )?;
    }
    Ok(())
}

/// Reports progress until the host says `stop`.
pub(crate) fn stop() -> Outcome {
    let until = Instant::now() + PATIENCE;
    let mut done = 0;
    while Instant::now() < until {
        if told(done) == Directive::Stop {
            return Ok(());
        }
        done += 1;
        sleep(PAUSE);
    }
    differs("`stop`", format!("`go-on`, {done} times"))
}

fn write(value: Option<Vec<u8>>) -> Result<(), StoreError> {
    let commit = Commit {
        state: vec![StateWrite {
            key: KEY.to_owned(),
            value,
        }],
        ..empty_commit()
    };
    apply(&commit).map(drop)
}

/// Writes until the lease is lost; then nothing is written any more, and everything is read.
pub(crate) fn lease_lost() -> Outcome {
    let until = Instant::now() + PATIENCE;
    let mut written = 0_u64;
    while Instant::now() < until {
        told(written);
        match write(Some(written.to_string().into_bytes())) {
            Ok(()) => written += 1,
            Err(StoreError::LeaseLost(_)) => return after(written),
            Err(error) => return differs("`lease-lost`", shown(&error)),
        }
        sleep(PAUSE);
    }
    write(None)?;
    differs("`lease-lost`", format!("{written} writes that were done"))
}

fn after(written: u64) -> Outcome {
    match write(Some(b"too late".to_vec())) {
        Err(StoreError::LeaseLost(_)) => {}
        told => return differs("`lease-lost` of a second write", shown(&told)),
    }
    let last = written
        .checked_sub(1)
        .map(|last| last.to_string().into_bytes());
    let found = match state::get(KEY)? {
        state::Found::Value(value) => Some(value),
        state::Found::Absent => None,
    };
    same(
        "the last value that was written under the lease",
        found,
        last,
    )?;
    let nobody = Query {
        source: SOURCE.to_owned(),
        object_ids: Vec::new(),
        match_keys: Vec::new(),
        contacts: Vec::new(),
        fields: Vec::new(),
    };
    same("contacts that meet no criterion", lookup(&nobody)?.len(), 0)
}
