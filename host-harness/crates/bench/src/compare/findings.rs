//! What a comparison has found, in the shape that `bench compare --json` prints.

use serde::Serialize;

use super::child::ProcessCost;
use crate::{Round, Rounds, Target};

/// First full sync / script, wall time.
const FIRST_WALL: f64 = 0.50;
/// The same where each answer is waited for.
const FIRST_WALL_WITH_LATENCY: f64 = 0.35;
/// First full sync / script, processor time.
const FIRST_PROCESSOR: f64 = 0.55;
/// Full sync without changes / script, wall time.
const UNCHANGED_WALL: f64 = 0.45;
/// Plan / first full sync, processor time.
const PLAN_PROCESSOR: f64 = 1.2;

/// Everything one comparison has found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// People of the directory.
    pub people: u64,
    /// Its seed.
    pub seed: u64,
    /// How long the directory waited before each answer, in milliseconds.
    pub latency_ms: u64,
    /// The version of Node.
    pub node: String,
    /// The rounds.
    pub rounds: Rounds<ComparisonRound>,
    /// The medians of each process over the rounds, each number by itself.
    pub medians: Option<ComparisonRound>,
    /// The medians of the rounds' ratios.
    pub ratios: Option<Ratios>,
    /// What the ratios are to reach, and whether they do.
    pub targets: Vec<Target>,
}

/// The processes of one round.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparisonRound {
    /// Microsoft's client, better-sqlite3 and one flat table.
    pub script: ProcessCost,
    /// `sync --full` where nobody is yet.
    pub first_sync: ProcessCost,
    /// `sync --full` where nothing has changed since.
    pub unchanged_sync: ProcessCost,
    /// `plan` where nobody is yet.
    pub plan: ProcessCost,
}

/// Ratios of the processes of a round.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ratios {
    /// The first full sync / the script, wall time.
    pub first_sync_wall: f64,
    /// The same of processor time.
    pub first_sync_processor: Option<f64>,
    /// The full sync without changes / the script, wall time.
    pub unchanged_sync_wall: f64,
    /// The same of processor time.
    pub unchanged_sync_processor: Option<f64>,
    /// The plan / the first full sync, processor time.
    pub plan_processor: Option<f64>,
}

impl ComparisonRound {
    /// Its ratios.
    #[must_use]
    pub fn ratios(&self) -> Ratios {
        let (script, first) = (self.script.cost, self.first_sync.cost);
        let unchanged = self.unchanged_sync.cost;
        Ratios {
            first_sync_wall: first.wall_ratio(&script),
            first_sync_processor: first.processor_ratio(&script),
            unchanged_sync_wall: unchanged.wall_ratio(&script),
            unchanged_sync_processor: unchanged.processor_ratio(&script),
            plan_processor: self.plan.cost.processor_ratio(&first),
        }
    }

    fn processes(&self) -> [ProcessCost; 4] {
        [self.script, self.first_sync, self.unchanged_sync, self.plan]
    }
}

impl Round for ComparisonRound {
    fn waited_share(&self) -> f64 {
        self.processes()
            .iter()
            .map(|process| process.cost.waited_share())
            .fold(0.0, f64::max)
    }
}

impl Comparison {
    pub(super) fn new(
        people: u64,
        seed: u64,
        latency_ms: u64,
        node: String,
        rounds: Rounds<ComparisonRound>,
    ) -> Self {
        let ratios = ratios(&rounds);
        Self {
            people,
            seed,
            latency_ms,
            node,
            medians: medians(&rounds),
            targets: ratios
                .map(|ratios| targets(&ratios, latency_ms))
                .unwrap_or_default(),
            ratios,
            rounds,
        }
    }
}

fn ratios(rounds: &Rounds<ComparisonRound>) -> Option<Ratios> {
    Some(Ratios {
        first_sync_wall: rounds.median(|round| Some(round.ratios().first_sync_wall))?,
        first_sync_processor: rounds.median(|round| round.ratios().first_sync_processor),
        unchanged_sync_wall: rounds.median(|round| Some(round.ratios().unchanged_sync_wall))?,
        unchanged_sync_processor: rounds.median(|round| round.ratios().unchanged_sync_processor),
        plan_processor: rounds.median(|round| round.ratios().plan_processor),
    })
}

fn medians(rounds: &Rounds<ComparisonRound>) -> Option<ComparisonRound> {
    let of = |process: fn(&ComparisonRound) -> ProcessCost| -> Option<ProcessCost> {
        Some(ProcessCost {
            cost: crate::Cost {
                wall: rounds.median(|round| Some(process(round).cost.wall))?,
                processor: rounds.median(|round| process(round).cost.processor),
                waited: rounds.median(|round| process(round).cost.waited),
                written: rounds.median(|round| process(round).cost.written),
            },
            peak_bytes: rounds.median(|round| process(round).peak_bytes),
            file_bytes: rounds.median(|round| Some(process(round).file_bytes))?,
        })
    };
    Some(ComparisonRound {
        script: of(|round| round.script)?,
        first_sync: of(|round| round.first_sync)?,
        unchanged_sync: of(|round| round.unchanged_sync)?,
        plan: of(|round| round.plan)?,
    })
}

fn targets(ratios: &Ratios, latency_ms: u64) -> Vec<Target> {
    let first_wall = if latency_ms == 0 {
        FIRST_WALL
    } else {
        FIRST_WALL_WITH_LATENCY
    };
    let (wall, processor) = ("wall time", "processor time");
    [
        (
            format!("first full sync / script, {wall}"),
            first_wall,
            Some(ratios.first_sync_wall),
        ),
        (
            format!("first full sync / script, {processor}"),
            FIRST_PROCESSOR,
            ratios.first_sync_processor,
        ),
        (
            format!("full sync without changes / script, {wall}"),
            UNCHANGED_WALL,
            Some(ratios.unchanged_sync_wall),
        ),
        (
            format!("plan / first full sync, {processor}"),
            PLAN_PROCESSOR,
            ratios.plan_processor,
        ),
    ]
    .into_iter()
    .filter_map(|(target, most, found)| Target::at_most(&target, most, "", found))
    .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Cost;

    fn process(wall_ms: u64, processor_ms: u64, waited_ms: u64) -> ProcessCost {
        ProcessCost {
            cost: Cost {
                wall: Duration::from_millis(wall_ms),
                processor: Some(Duration::from_millis(processor_ms)),
                waited: Some(Duration::from_millis(waited_ms)),
                written: Some(1),
            },
            peak_bytes: Some(1),
            file_bytes: 1,
        }
    }

    /// A round in which the script took 2 s and the first sync so long.
    fn round(first_ms: u64) -> ComparisonRound {
        ComparisonRound {
            script: process(2_000, 1_600, 0),
            first_sync: process(first_ms, 800, 0),
            unchanged_sync: process(500, 400, 0),
            plan: process(1_000, 1_000, 0),
        }
    }

    fn compared(latency_ms: u64, rounds: Vec<ComparisonRound>) -> Comparison {
        let rounds = Rounds {
            wanted: 3,
            counted: rounds,
            refused: Vec::new(),
        };
        Comparison::new(100, 1, latency_ms, "v20.0.0".to_owned(), rounds)
    }

    #[test]
    fn the_ratio_is_the_median_of_the_rounds() {
        let found = compared(0, vec![round(1_200), round(800), round(1_000)]);
        let ratios = found.ratios.unwrap();
        assert_eq!(ratios.first_sync_wall, 0.5);
        assert_eq!(ratios.first_sync_processor, Some(0.5));
        assert_eq!(ratios.unchanged_sync_wall, 0.25);
        assert_eq!(ratios.plan_processor, Some(1.25));
        let medians = found.medians.unwrap();
        assert_eq!(medians.first_sync.cost.wall, Duration::from_millis(1_000));
        let missed: Vec<_> = found.targets.iter().filter(|target| !target.met).collect();
        assert_eq!(missed.len(), 1, "{missed:?}");
        assert!(missed[0].target.starts_with("plan"), "{missed:?}");
    }

    #[test]
    fn where_each_answer_is_waited_for_more_is_asked() {
        let met = |latency| compared(latency, vec![round(1_000)]).targets[0].met;
        assert!(met(0));
        assert!(!met(150));
    }

    #[test]
    fn a_comparison_without_rounds_has_no_numbers() {
        let found = compared(0, Vec::new());
        assert_eq!((found.ratios, found.medians), (None, None));
        assert!(found.targets.is_empty());
    }

    #[test]
    fn one_process_that_waited_is_enough_to_refuse_a_round() {
        let mut round = round(1_000);
        assert_eq!(round.waited_share(), 0.0);
        round.plan = process(1_000, 500, 400);
        assert_eq!(round.waited_share(), 0.4);
    }
}
