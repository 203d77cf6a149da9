//! What is measured, in the shape that `bench --json` prints.

use std::time::Duration;

use serde::Serialize;

use crate::cost::seconds;
use crate::{Cost, Round, Rounds, Target};

/// The sync that has the floors under it.
pub(super) const FIRST_FULL: &str = "first full sync";
/// The sync that has nothing to do.
pub(super) const NO_CHANGE_INCREMENTAL: &str = "incremental sync, no change";
/// People of the directory that is planned.
pub(super) const PLAN_USERS: u64 = 500;

/// Everything one run has found.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// People of the directory.
    pub users: u64,
    /// Seed of the directory.
    pub seed: u64,
    /// In the order in which they ran, on one database.
    pub syncs: Vec<SyncFinding>,
    /// First full syncs into new databases, each with its floors.
    pub rounds: Rounds<FloorRound>,
    /// The first full sync as a multiple of the flat table's floor: the median of the rounds.
    pub ratio_to_floor: f64,
    /// The same of processor time.
    pub processor_ratio_to_floor: Option<f64>,
    /// The first full sync as a multiple of the sorted tables' floor: the median of the rounds.
    pub ratio_to_sorted_floor: f64,
    /// The same of processor time.
    pub processor_ratio_to_sorted_floor: Option<f64>,
    /// Wall time a person of the first full sync, as a multiple of that of the small directory.
    pub wall_per_person_to_small: f64,
    /// The same measurements on the small directory, for comparison.
    pub small: SmallFinding,
    /// The component.
    pub component: ComponentFinding,
    /// The most resident memory of this process during all syncs: the host with its database, and the
    /// component in it. The emulator is another process, and compiling comes later.
    pub peak_process_bytes: Option<u64>,
    /// A plan as a command, from start to end.
    pub warm_plan: PlanFinding,
    /// What the numbers are to reach, and whether they do.
    pub targets: Vec<Target>,
}

impl Findings {
    /// The round whose ratio to the flat table's floor is the median.
    #[must_use]
    pub fn middle_round(&self) -> Option<&FloorRound> {
        let mut rounds: Vec<_> = self.rounds.taken().iter().collect();
        rounds.sort_by(|one, other| one.ratio_to_floor().total_cmp(&other.ratio_to_floor()));
        rounds.get(rounds.len() / 2).copied()
    }
}

/// One sync.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncFinding {
    /// Which one.
    pub name: &'static str,
    /// From the call to its answer.
    #[serde(flatten)]
    pub cost: Cost,
    /// Users that the run counts as processed.
    pub processed: u64,
    /// Requests to Graph that the emulator answered, those for a token aside.
    pub graph_requests: u64,
    /// Writes to contacts, counted by the versions in the database.
    pub contact_writes: u64,
    /// The most linear memory the component had.
    pub peak_guest_bytes: u64,
    /// The longest instantiation.
    #[serde(rename = "instantiationSeconds", serialize_with = "seconds")]
    pub instantiation: Duration,
}

impl SyncFinding {
    /// Users processed in a second.
    #[must_use]
    pub fn users_per_second(&self) -> f64 {
        self.processed as f64 / self.cost.wall.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

/// One first full sync into a new database, and the floors right after it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FloorRound {
    /// The sync.
    pub first_full: Synced,
    /// The answers that it read, by a native client.
    pub fetch: Fetched,
    /// The people that it left, in one flat table.
    pub flat: Written,
    /// The same people, in the cheapest tables that keep what a sync must keep.
    pub sorted: Written,
}

impl FloorRound {
    /// The sync as a multiple of fetching and the flat table.
    #[must_use]
    pub fn ratio_to_floor(&self) -> f64 {
        self.first_full.cost.wall_ratio(&self.flat_floor())
    }

    /// Fetching, then the flat table.
    #[must_use]
    pub fn flat_floor(&self) -> Cost {
        self.fetch.cost + self.flat.cost
    }

    /// Fetching, then the sorted tables.
    #[must_use]
    pub fn sorted_floor(&self) -> Cost {
        self.fetch.cost + self.sorted.cost
    }
}

impl Round for FloorRound {
    fn waited_share(&self) -> f64 {
        let sides = [self.first_full.cost, self.flat_floor(), self.sorted_floor()];
        sides.iter().map(Cost::waited_share).fold(0.0, f64::max)
    }
}

/// A sync, from the call until the database is closed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Synced {
    /// What it cost.
    #[serde(flatten)]
    pub cost: Cost,
    /// The size of its database.
    pub file_bytes: u64,
}

/// The answers that a sync read, read again.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fetched {
    /// What it cost.
    #[serde(flatten)]
    pub cost: Cost,
    /// Answers read.
    pub answers: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
}

/// The people that a sync left, written into other tables.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    /// What it cost.
    #[serde(flatten)]
    pub cost: Cost,
    /// People written.
    pub rows: u64,
    /// Transactions they were written in.
    pub transactions: u64,
    /// The size of the database.
    pub file_bytes: u64,
}

/// A directory to compare with.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SmallFinding {
    /// People of it.
    pub users: u64,
    /// As above.
    pub syncs: Vec<SyncFinding>,
}

/// The component, apart from what it does.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentFinding {
    /// Its size as a file.
    pub bytes: u64,
    /// Compiling it, with nothing cached.
    #[serde(rename = "compileSeconds", serialize_with = "seconds")]
    pub compile: Duration,
    /// Loading it, compiled before, from the cache.
    #[serde(rename = "loadSeconds", serialize_with = "seconds")]
    pub load: Duration,
}

/// A plan as a command.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanFinding {
    /// People of the directory.
    pub users: u64,
    /// The process, from its start to its end.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub duration: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(wall_ms: u64, processor_ms: u64, waited_ms: u64) -> Cost {
        Cost {
            wall: Duration::from_millis(wall_ms),
            processor: Some(Duration::from_millis(processor_ms)),
            waited: Some(Duration::from_millis(waited_ms)),
            written: Some(0),
        }
    }

    fn round(first_full: Cost, fetch: Cost, flat: Cost, sorted: Cost) -> FloorRound {
        let written = |cost| Written {
            cost,
            rows: 0,
            transactions: 0,
            file_bytes: 0,
        };
        FloorRound {
            first_full: Synced {
                cost: first_full,
                file_bytes: 0,
            },
            fetch: Fetched {
                cost: fetch,
                answers: 0,
                bytes: 0,
            },
            flat: written(flat),
            sorted: written(sorted),
        }
    }

    #[test]
    fn a_floor_is_fetching_and_then_writing() {
        let round = round(
            cost(3_000, 2_000, 0),
            cost(500, 125, 0),
            cost(1_500, 875, 0),
            cost(500, 125, 0),
        );
        assert_eq!(round.ratio_to_floor(), 1.5);
        let sync = round.first_full.cost;
        assert_eq!(sync.processor_ratio(&round.flat_floor()), Some(2.0));
        assert_eq!(sync.wall_ratio(&round.sorted_floor()), 3.0);
    }

    #[test]
    fn a_round_waited_as_long_as_the_side_that_waited_longest() {
        let quiet = cost(1_000, 800, 0);
        let busy = cost(1_000, 800, 250);
        assert_eq!(round(quiet, quiet, quiet, quiet).waited_share(), 0.0);
        assert_eq!(round(busy, quiet, quiet, quiet).waited_share(), 0.25);
        // Half of the time of that floor.
        assert_eq!(round(quiet, quiet, quiet, busy).waited_share(), 0.125);
        assert_eq!(round(quiet, busy, quiet, busy).waited_share(), 0.25);
    }
}
