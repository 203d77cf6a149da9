//! What `bench` prints for fixed numbers, word for word.

use std::time::Duration;

use bench::compare::{Comparison, ComparisonRound, ProcessCost};
use bench::first_sync::{
    ComponentFinding, Fetched, Findings, FloorRound, PlanFinding, SmallFinding, SyncFinding,
    Synced, Written,
};
use bench::server::{Many, Overview, Unchanged};
use bench::{Cost, Rounds, Target};

use super::{busy, compare, ending, server, table};
use crate::cli::failure::Ending;

macro_rules! snapshot {
    ($name:expr, $output:expr) => {{
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        // On a terminal, verdicts have colours.
        settings.add_filter("\u{1b}\\[\\d+m", "");
        settings.bind(|| insta::assert_snapshot!($name, $output));
    }};
}

fn cost(wall_ms: u64, processor_ms: u64, waited_ms: u64, mebibytes: u64) -> Cost {
    Cost {
        wall: Duration::from_millis(wall_ms),
        processor: Some(Duration::from_millis(processor_ms)),
        waited: Some(Duration::from_millis(waited_ms)),
        written: Some(mebibytes << 20),
    }
}

fn targets() -> Vec<Target> {
    let target = |met| Target {
        target: "first full sync in at most 1.0 times the floor".to_owned(),
        found: "0.80 times".to_owned(),
        met,
    };
    vec![target(true), target(false)]
}

fn floor_round(wall_ms: u64) -> FloorRound {
    let written = |cost, mebibytes: u64| Written {
        cost,
        rows: 100_000,
        transactions: 101,
        file_bytes: mebibytes << 20,
    };
    FloorRound {
        first_full: Synced {
            cost: cost(wall_ms, 1_000, 100, 60),
            file_bytes: 20 << 20,
        },
        fetch: Fetched {
            cost: cost(400, 60, 10, 0),
            answers: 103,
            bytes: 32 << 20,
        },
        flat: written(cost(1_100, 900, 20, 520), 22),
        sorted: written(cost(350, 300, 5, 54), 18),
    }
}

fn findings() -> Findings {
    let sync = |name, cost, processed| SyncFinding {
        name,
        cost,
        processed,
        graph_requests: 104,
        contact_writes: processed,
        peak_guest_bytes: 4 << 20,
        instantiation: Duration::from_micros(150),
    };
    let syncs = vec![
        sync("first full sync", cost(1_200, 1_000, 100, 60), 100_000),
        sync("incremental sync, no change", cost(3, 0, 0, 0), 0),
    ];
    Findings {
        users: 100_000,
        seed: 1,
        small: SmallFinding {
            users: 10_000,
            syncs: syncs.clone(),
        },
        syncs,
        rounds: Rounds {
            wanted: 2,
            counted: vec![floor_round(1_200), floor_round(1_500)],
            refused: vec![floor_round(4_000)],
        },
        ratio_to_floor: 0.8,
        processor_ratio_to_floor: Some(1.04),
        ratio_to_sorted_floor: 1.6,
        processor_ratio_to_sorted_floor: None,
        wall_per_person_to_small: 1.2,
        component: ComponentFinding {
            bytes: 1_200_000,
            compile: Duration::from_millis(700),
            load: Duration::from_millis(9),
        },
        peak_process_bytes: Some(70 << 20),
        warm_plan: PlanFinding {
            users: 500,
            duration: Duration::from_millis(65),
        },
        targets: targets(),
    }
}

fn comparison_round() -> ComparisonRound {
    let process = |cost, mebibytes: u64| ProcessCost {
        cost,
        peak_bytes: Some(mebibytes << 20),
        file_bytes: 20 << 20,
    };
    ComparisonRound {
        script: process(cost(2_000, 1_600, 90, 528), 110),
        first_sync: process(cost(900, 800, 60, 60), 70),
        unchanged_sync: process(cost(600, 500, 40, 12), 68),
        plan: process(cost(1_000, 960, 50, 57), 66),
    }
}

fn comparison() -> Comparison {
    let round = comparison_round();
    Comparison {
        people: 100_000,
        seed: 1,
        latency_ms: 150,
        node: "v20.20.2".to_owned(),
        rounds: Rounds {
            wanted: 1,
            counted: vec![round.clone()],
            refused: vec![round.clone()],
        },
        ratios: Some(round.ratios()),
        medians: Some(round),
        targets: targets(),
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[test]
fn first_syncs_and_their_floors() {
    snapshot!("first_sync", table::text(&findings()));
    snapshot!("first_sync_json", json(&findings()));
}

#[test]
fn the_commands_in_turns_with_a_script() {
    snapshot!("compare", compare::text(&comparison()));
    snapshot!("compare_json", json(&comparison()));
}

#[test]
fn what_a_system_does_not_tell_is_unknown() {
    let unsaid = ProcessCost {
        cost: Cost {
            wall: Duration::from_secs(1),
            ..Cost::default()
        },
        ..ProcessCost::default()
    };
    let round = ComparisonRound {
        script: unsaid,
        first_sync: unsaid,
        unchanged_sync: unsaid,
        plan: unsaid,
    };
    let found = Comparison {
        latency_ms: 0,
        ratios: Some(round.ratios()),
        medians: Some(round),
        ..comparison()
    };
    snapshot!("compare_unknown", compare::text(&found));
}

#[test]
fn a_server_of_many_workspaces_and_a_large_one() {
    let many = Many {
        workspaces: 200,
        people: 500,
        parallel: 4,
        milliseconds: 4_200,
        unchanged: Some(Unchanged {
            runs: 1_000,
            cost: cost(2_500, 3_100, 800, 40),
            processors: 2,
            runs_per_second_and_processor: 200.0,
            disk_flushes_per_run: Some(1.5),
        }),
        peak_memory_bytes: Some(140 << 20),
    };
    let overview = Overview {
        contacts: 100_000,
        requests: 1_000,
        during_sync: 900,
        bytes: 30_000,
        median_ms: 2.0,
        p99_ms: 9.5,
        slowest_ms: 20.0,
    };
    let lines = [server::many(&many), server::overview(&overview)];
    snapshot!("server", lines.join("\n"));
}

fn rounds(counted: Vec<FloorRound>) -> Rounds<FloorRound> {
    Rounds {
        wanted: 2,
        counted,
        refused: vec![floor_round(4_000); 5],
    }
}

#[test]
fn a_busy_machine_is_a_failure_for_whoever_is_strict() {
    let busy = rounds(vec![floor_round(1_200)]);
    assert_eq!(ending(&busy, true), Ending::Failed);
    assert_eq!(ending(&busy, false), Ending::Done);
    let quiet = rounds(vec![floor_round(1_200); 2]);
    assert_eq!(ending(&quiet, true), Ending::Done);
}

#[test]
fn a_busy_machine_is_told_with_what_the_numbers_are_worth() {
    let some = busy(&rounds(vec![floor_round(1_200)]));
    let none = busy(&rounds(Vec::new()));
    snapshot!("busy", [some, none].join("\n"));
}
