//! The findings of first syncs and their floors as tables for people.

use bench::Cost;
use bench::first_sync::{Findings, SyncFinding};

use super::{maybe_mebibytes, maybe_ratio, maybe_time, mebibytes, processor_time, time, verdicts};
use crate::cli::printer;

const HEADER: [&str; 10] = [
    "",
    "people/s",
    "time",
    "processor",
    "waited",
    "written",
    "people",
    "Graph requests",
    "contact writes",
    "guest memory",
];

/// All of it.
pub(super) fn text(findings: &Findings) -> String {
    let two_columns = |rows: Vec<[String; 2]>| {
        let table = printer::table(["", ""], rows);
        table.trim_start_matches('\n').to_owned()
    };
    [
        format!(
            "{} people, seed {}; the directory is emulated by another process of this machine",
            findings.users, findings.seed
        ),
        printer::table(HEADER, findings.syncs.iter().map(sync)),
        printer::table(
            ["", "time", "processor", "waited", "written", ""],
            middle_round(findings),
        ),
        two_columns(ratios(findings)),
        two_columns(rest(findings)),
        verdicts(&findings.targets),
    ]
    .join("\n\n")
}

fn sync(sync: &SyncFinding) -> [String; 10] {
    let [wall, processor, waited, written] = cost(&sync.cost);
    [
        sync.name.to_owned(),
        // A rate of nobody says nothing.
        match sync.processed {
            0 => String::new(),
            _ => format!("{:.0}", sync.users_per_second()),
        },
        wall,
        processor,
        waited,
        written,
        sync.processed.to_string(),
        sync.graph_requests.to_string(),
        sync.contact_writes.to_string(),
        mebibytes(sync.peak_guest_bytes),
    ]
}

fn cost(cost: &Cost) -> [String; 4] {
    [
        time(cost.wall),
        processor_time(cost.processor),
        maybe_time(cost.waited),
        maybe_mebibytes(cost.written),
    ]
}

/// The round in the middle.
fn middle_round(findings: &Findings) -> Vec<[String; 6]> {
    let Some(round) = findings.middle_round() else {
        return Vec::new();
    };
    let line = |name: &str, of: &Cost, remark: String| {
        let [wall, processor, waited, written] = cost(of);
        [name.to_owned(), wall, processor, waited, written, remark]
    };
    let of_file = |bytes: u64| format!("file {}", mebibytes(bytes));
    let fetched = &round.fetch;
    vec![
        line(
            "first full sync, its database closed",
            &round.first_full.cost,
            of_file(round.first_full.file_bytes),
        ),
        line(
            "the same answers, read by a native client",
            &fetched.cost,
            format!("{} answers, {}", fetched.answers, mebibytes(fetched.bytes)),
        ),
        line(
            "the same people, in a flat table",
            &round.flat.cost,
            of_file(round.flat.file_bytes),
        ),
        line(
            "the same people, in sorted tables",
            &round.sorted.cost,
            of_file(round.sorted.file_bytes),
        ),
        line(
            "floor: answers and flat table",
            &round.flat_floor(),
            String::new(),
        ),
        line(
            "floor: answers and sorted tables",
            &round.sorted_floor(),
            String::new(),
        ),
    ]
}

/// The ratios: medians, and those of all rounds.
fn ratios(findings: &Findings) -> Vec<[String; 2]> {
    let taken = findings.rounds.taken().iter();
    let all: Vec<_> = taken
        .map(|round| format!("{:.2}", round.ratio_to_floor()))
        .collect();
    vec![
        [
            "first full sync / floor, median".to_owned(),
            format!(
                "{:.2} (rounds: {}); processor time {}",
                findings.ratio_to_floor,
                all.join(", "),
                maybe_ratio(findings.processor_ratio_to_floor)
            ),
        ],
        [
            "first full sync / floor of sorted tables, median".to_owned(),
            format!(
                "{:.2}; processor time {}",
                findings.ratio_to_sorted_floor,
                maybe_ratio(findings.processor_ratio_to_sorted_floor)
            ),
        ],
        [
            "rounds that waited for a processor and do not count".to_owned(),
            findings.rounds.refused.len().to_string(),
        ],
    ]
}

fn rest(findings: &Findings) -> Vec<[String; 2]> {
    let component = &findings.component;
    let instantiation = findings
        .syncs
        .iter()
        .map(|sync| sync.instantiation)
        .max()
        .unwrap_or_default();
    vec![
        [
            "component".to_owned(),
            format!("{:.0} KiB", component.bytes as f64 / 1024.0),
        ],
        ["compiling it".to_owned(), time(component.compile)],
        ["loading it from the cache".to_owned(), time(component.load)],
        ["instantiating it, longest".to_owned(), time(instantiation)],
        [
            format!("`plan` of {} people, warm", findings.warm_plan.users),
            time(findings.warm_plan.duration),
        ],
        [
            "peak memory of this process, component included".to_owned(),
            maybe_mebibytes(findings.peak_process_bytes),
        ],
    ]
}
