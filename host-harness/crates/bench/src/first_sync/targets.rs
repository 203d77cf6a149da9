//! What the numbers of a first sync are to reach.

use super::findings::{Findings, NO_CHANGE_INCREMENTAL, PLAN_USERS, SyncFinding};
use crate::Target;

/// How many times the flat table's floor a first full sync may take: no longer than a program without a
/// connector that reads the same and keeps less.
const LARGEST_RATIO: f64 = 1.0;
/// Wall time a person, as a multiple of that of the small directory.
const LARGEST_WALL_PER_PERSON: f64 = 1.5;
/// Bytes of the database a person.
const MOST_FILE_BYTES: f64 = 220.0;
/// How many times the size of the database may be written; of directories from [`LARGE`] people on.
const MOST_WRITTEN: f64 = 4.0;
const MOST_WRITTEN_LARGE: f64 = 8.0;
const LARGE: u64 = 1_000_000;
/// Requests of an incremental sync that finds nothing.
const MOST_REQUESTS: u64 = 2;
/// By how much the guest's memory may grow from the small directory to the large one.
const LARGEST_GROWTH: f64 = 1.10;
/// Linear memory of the guest, in bytes.
const MOST_GUEST_BYTES: u64 = 32 << 20;
/// Memory of the host, in MiB.
const MOST_HOST_MEBIBYTES: f64 = 100.0;
/// A plan of a small directory, from the start of the command to its end.
const LONGEST_PLAN_SECONDS: f64 = 1.0;

/// Judges the numbers of one run.
pub(super) fn judge(findings: &Findings) -> Vec<Target> {
    let mut targets = vec![Target {
        target: format!("first full sync in at most {LARGEST_RATIO:.1} times the floor"),
        found: format!("{:.2} times", findings.ratio_to_floor),
        met: findings.ratio_to_floor <= LARGEST_RATIO,
    }];
    targets.extend(written(findings));
    targets.extend(Target::at_most(
        &format!(
            "wall time a person / that of {} people",
            findings.small.users
        ),
        LARGEST_WALL_PER_PERSON,
        "",
        Some(findings.wall_per_person_to_small),
    ));
    targets.extend(nothing_to_do(findings));
    targets.extend(guest_memory(findings));
    targets.extend(Target::at_most(
        "memory of this process",
        MOST_HOST_MEBIBYTES,
        " MiB",
        findings.peak_process_bytes.map(mebibytes),
    ));
    let seconds = findings.warm_plan.duration.as_secs_f64();
    targets.push(Target {
        target: format!(
            "warm plan of {PLAN_USERS} people in less than {LONGEST_PLAN_SECONDS:.0} s"
        ),
        found: format!("{:.0} ms", seconds * 1e3),
        met: seconds < LONGEST_PLAN_SECONDS,
    });
    targets
}

/// What the first full sync of the middle round wrote, and what of it stayed.
fn written(findings: &Findings) -> Vec<Target> {
    let Some(round) = findings.middle_round() else {
        return Vec::new();
    };
    let file = round.first_full.file_bytes as f64;
    let most = if findings.users < LARGE {
        MOST_WRITTEN
    } else {
        MOST_WRITTEN_LARGE
    };
    let written = round.first_full.cost.written;
    let times = written.map(|written| written as f64 / file.max(1.0));
    [
        Target::at_most(
            "bytes written / size of the database",
            most,
            " times",
            times,
        ),
        Target::at_most(
            "size of the database a person",
            MOST_FILE_BYTES,
            " bytes",
            Some(file / findings.users as f64),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn nothing_to_do(findings: &Findings) -> Option<Target> {
    let idle = named(&findings.syncs, NO_CHANGE_INCREMENTAL)?;
    let milliseconds = |sync: &SyncFinding| sync.cost.wall.as_secs_f64() * 1e3;
    Some(Target {
        target: format!(
            "incremental sync of nothing: at most {MOST_REQUESTS} requests, no contact written"
        ),
        found: format!(
            "{} requests, {} contacts written, {:.1} ms ({} people: {:.1} ms)",
            idle.graph_requests,
            idle.contact_writes,
            milliseconds(idle),
            findings.small.users,
            named(&findings.small.syncs, NO_CHANGE_INCREMENTAL).map_or(0.0, milliseconds),
        ),
        met: idle.graph_requests <= MOST_REQUESTS && idle.contact_writes == 0,
    })
}

fn guest_memory(findings: &Findings) -> Vec<Target> {
    let (users, small) = (findings.users, &findings.small);
    let (Some(most), Some(least)) = (peak(&findings.syncs), peak(&small.syncs)) else {
        return Vec::new();
    };
    let growth = most as f64 / least as f64;
    vec![
        Target {
            target: format!(
                "guest memory within 10 % of that for {} people",
                small.users
            ),
            found: format!("{:+.1} % for {users} people", (growth - 1.0) * 100.0),
            met: growth <= LARGEST_GROWTH,
        },
        Target {
            target: format!("guest memory at most {} MiB", MOST_GUEST_BYTES >> 20),
            found: format!("{:.1} MiB", mebibytes(most)),
            met: most <= MOST_GUEST_BYTES,
        },
    ]
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn named<'s>(syncs: &'s [SyncFinding], name: &str) -> Option<&'s SyncFinding> {
    syncs.iter().find(|sync| sync.name == name)
}

/// The most guest memory of any of the syncs.
fn peak(syncs: &[SyncFinding]) -> Option<u64> {
    syncs.iter().map(|sync| sync.peak_guest_bytes).max()
}
