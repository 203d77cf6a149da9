//! What the numbers are to reach.

use super::findings::{
    NO_CHANGE_INCREMENTAL, PLAN_USERS, PlanFinding, SmallFinding, SyncFinding, Target,
};

/// How many times the floor a first full sync may take.
const LARGEST_RATIO: f64 = 2.0;
/// Requests of an incremental sync that finds nothing.
const MOST_REQUESTS: u64 = 2;
/// By how much the guest's memory may grow from the small directory to the large one.
const LARGEST_GROWTH: f64 = 1.10;
/// Linear memory of the guest, in bytes.
const MOST_GUEST_BYTES: u64 = 32 << 20;
/// A plan of a small directory, from the start of the command to its end.
const LONGEST_PLAN_SECONDS: f64 = 1.0;

/// Judges the numbers of one run.
pub(super) fn judge(
    users: u64,
    syncs: &[SyncFinding],
    ratio_to_floor: f64,
    small: &SmallFinding,
    plan: &PlanFinding,
) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut judge = |target: String, found: String, met: bool| {
        targets.push(Target { target, found, met });
    };
    judge(
        format!("first full sync in at most {LARGEST_RATIO:.1} times the floor"),
        format!("{ratio_to_floor:.2} times"),
        ratio_to_floor <= LARGEST_RATIO,
    );
    if let Some(idle) = named(syncs, NO_CHANGE_INCREMENTAL) {
        judge(
            format!(
                "incremental sync of nothing: at most {MOST_REQUESTS} requests, no contact written"
            ),
            format!(
                "{} requests, {} contacts written, {:.1} ms ({} people: {:.1} ms)",
                idle.graph_requests,
                idle.contact_writes,
                idle.duration.as_secs_f64() * 1e3,
                small.users,
                named(&small.syncs, NO_CHANGE_INCREMENTAL)
                    .map_or(0.0, |sync| sync.duration.as_secs_f64() * 1e3),
            ),
            idle.graph_requests <= MOST_REQUESTS && idle.contact_writes == 0,
        );
    }
    if let (Some(most), Some(least)) = (peak(syncs), peak(&small.syncs)) {
        let growth = most as f64 / least as f64;
        judge(
            format!(
                "guest memory within 10 % of that for {} people",
                small.users
            ),
            format!("{:+.1} % for {users} people", (growth - 1.0) * 100.0),
            growth <= LARGEST_GROWTH,
        );
        judge(
            format!("guest memory at most {} MiB", MOST_GUEST_BYTES >> 20),
            format!("{:.1} MiB", most as f64 / f64::from(1 << 20)),
            most <= MOST_GUEST_BYTES,
        );
    }
    let seconds = plan.duration.as_secs_f64();
    judge(
        format!("warm plan of {PLAN_USERS} people in less than {LONGEST_PLAN_SECONDS:.0} s"),
        format!("{:.0} ms", seconds * 1e3),
        seconds < LONGEST_PLAN_SECONDS,
    );
    targets
}

fn named<'s>(syncs: &'s [SyncFinding], name: &str) -> Option<&'s SyncFinding> {
    syncs.iter().find(|sync| sync.name == name)
}

/// The most guest memory of any of the syncs.
fn peak(syncs: &[SyncFinding]) -> Option<u64> {
    syncs.iter().map(|sync| sync.peak_guest_bytes).max()
}
