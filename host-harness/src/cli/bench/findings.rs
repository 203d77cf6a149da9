//! What is measured, in the shape that `--json` prints.

use std::time::Duration;

use serde::{Serialize, Serializer};

/// The sync that has nothing to do.
pub(super) const NO_CHANGE_INCREMENTAL: &str = "incremental sync, no change";
/// People of the directory that is planned.
pub(super) const PLAN_USERS: u64 = 500;

/// Everything one run of `bench` has found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Findings {
    /// People of the directory.
    pub(super) users: u64,
    /// Seed of the directory.
    pub(super) seed: u64,
    /// In the order in which they ran, on one database.
    pub(super) syncs: Vec<SyncFinding>,
    /// First full syncs into new databases, each with its floor; the first is the one above.
    pub(super) rounds: Vec<Round>,
    /// The median of the rounds' ratios.
    pub(super) ratio_to_floor: f64,
    /// The same measurements on the small directory, for comparison.
    pub(super) small: SmallFinding,
    /// The component.
    pub(super) component: ComponentFinding,
    /// The most resident memory of this process during all syncs: the host with its database, and the
    /// component in it. The emulator is another process, and compiling comes later.
    pub(super) peak_process_bytes: Option<u64>,
    /// A plan as a command, from start to end.
    pub(super) warm_plan: PlanFinding,
    /// What the numbers are to reach, and whether they do.
    pub(super) targets: Vec<Target>,
}

/// One sync.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SyncFinding {
    /// Which one.
    pub(super) name: &'static str,
    /// From the call to its answer.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub(super) duration: Duration,
    /// Users that the run counts as processed.
    pub(super) processed: u64,
    /// Requests to Graph that the emulator answered, those for a token aside.
    pub(super) graph_requests: u64,
    /// Writes to contacts, counted by the versions in the database.
    pub(super) contact_writes: u64,
    /// The most linear memory the component had.
    pub(super) peak_guest_bytes: u64,
    /// The longest instantiation.
    #[serde(rename = "instantiationSeconds", serialize_with = "seconds")]
    pub(super) instantiation: Duration,
}

impl SyncFinding {
    /// Users processed in a second.
    pub(super) fn users_per_second(&self) -> f64 {
        per_second(self.processed, self.duration)
    }
}

/// One first full sync, and the floor right after it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Round {
    /// The sync, from the call to its answer.
    #[serde(rename = "firstFullSeconds", serialize_with = "seconds")]
    pub(super) first_full: Duration,
    /// The same pages and rows without a connector.
    pub(super) floor: Floor,
    /// The sync as a multiple of the floor.
    pub(super) ratio: f64,
}

impl Round {
    pub(super) fn new(first_full: Duration, floor: Floor) -> Self {
        Self {
            first_full,
            ratio: first_full.as_secs_f64() / floor.duration().as_secs_f64(),
            floor,
        }
    }
}

/// The round whose ratio is the median; the higher one of two.
pub(super) fn median(rounds: &[Round]) -> Option<&Round> {
    let mut by_ratio: Vec<_> = rounds.iter().collect();
    by_ratio.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    by_ratio.get(rounds.len() / 2).copied()
}

/// What the first full sync costs without a connector.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Floor {
    /// Reading every answer that the first sync read.
    #[serde(rename = "fetchSeconds", serialize_with = "seconds")]
    pub(super) fetch: Duration,
    /// Answers read.
    pub(super) answers: u64,
    /// Bytes of their bodies.
    pub(super) bytes: u64,
    /// Inserting every row that the first sync left.
    #[serde(rename = "insertSeconds", serialize_with = "seconds")]
    pub(super) insert: Duration,
    /// Rows inserted.
    pub(super) rows: u64,
    /// Transactions they were inserted in.
    pub(super) transactions: u64,
}

impl Floor {
    /// Reading, then inserting.
    pub(super) fn duration(&self) -> Duration {
        self.fetch + self.insert
    }
}

/// A directory to compare with.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SmallFinding {
    /// People of it.
    pub(super) users: u64,
    /// As above.
    pub(super) syncs: Vec<SyncFinding>,
}

/// The component, apart from what it does.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ComponentFinding {
    /// Its size as a file.
    pub(super) bytes: u64,
    /// Compiling it, with nothing cached.
    #[serde(rename = "compileSeconds", serialize_with = "seconds")]
    pub(super) compile: Duration,
    /// Loading it, compiled before, from the cache.
    #[serde(rename = "loadSeconds", serialize_with = "seconds")]
    pub(super) load: Duration,
}

/// A plan as a command.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlanFinding {
    /// People of the directory.
    pub(super) users: u64,
    /// The process, from its start to its end.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub(super) duration: Duration,
}

/// How many in a second.
pub(super) fn per_second(count: u64, duration: Duration) -> f64 {
    count as f64 / duration.as_secs_f64().max(f64::MIN_POSITIVE)
}

fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}

/// One target.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Target {
    /// What is to be reached.
    pub(super) target: String,
    /// What was found.
    pub(super) found: String,
    /// Whether it is reached.
    pub(super) met: bool,
}
