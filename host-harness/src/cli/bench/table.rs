//! The findings as a table for people.

use std::time::Duration;

use super::findings::{Findings, SyncFinding, median};
use crate::cli::printer::{self, Colour, coloured};

const HEADER: [&str; 7] = [
    "",
    "people/s",
    "time",
    "people",
    "Graph requests",
    "contact writes",
    "guest memory",
];

/// Prints everything.
pub(super) fn show(findings: &Findings) {
    printer::line(format_args!(
        "{} people, seed {}; the directory is emulated by another process of this machine",
        findings.users, findings.seed
    ));
    printer::line("");
    let rows = findings.syncs.iter().map(sync);
    printer::line(printer::table(HEADER, rows));
    printer::line("");
    printer::line(printer::table(["", ""], floor(findings)).trim_start_matches('\n'));
    printer::line("");
    printer::line(printer::table(["", ""], rest(findings)).trim_start_matches('\n'));
    printer::line("");
    for target in &findings.targets {
        let verdict = if target.met {
            coloured(Colour::Green, "met   ")
        } else {
            coloured(Colour::Red, "missed")
        };
        printer::line(format_args!(
            "{verdict}  {}: {}",
            target.target, target.found
        ));
    }
}

fn sync(sync: &SyncFinding) -> [String; 7] {
    [
        sync.name.to_owned(),
        // A rate of nobody says nothing.
        match sync.processed {
            0 => String::new(),
            _ => format!("{:.0}", sync.users_per_second()),
        },
        time(sync.duration),
        sync.processed.to_string(),
        sync.graph_requests.to_string(),
        sync.contact_writes.to_string(),
        mebibytes(sync.peak_guest_bytes),
    ]
}

/// The round in the middle, and the ratios of all.
fn floor(findings: &Findings) -> Vec<[String; 2]> {
    let Some(round) = median(&findings.rounds) else {
        return Vec::new();
    };
    let floor = &round.floor;
    let ratios: Vec<_> = findings
        .rounds
        .iter()
        .map(|round| format!("{:.2}", round.ratio))
        .collect();
    vec![
        [
            "floor: the same answers, read by a native client".to_owned(),
            format!(
                "{} ({} answers, {})",
                time(floor.fetch),
                floor.answers,
                mebibytes(floor.bytes)
            ),
        ],
        [
            "floor: the same people, in a flat table".to_owned(),
            format!(
                "{} ({} rows, {} transactions)",
                time(floor.insert),
                floor.rows,
                floor.transactions
            ),
        ],
        ["floor, together".to_owned(), time(floor.duration())],
        [
            "first full sync beside it".to_owned(),
            time(round.first_full),
        ],
        [
            "first full sync / floor, median".to_owned(),
            format!(
                "{:.2} (rounds: {})",
                findings.ratio_to_floor,
                ratios.join(", ")
            ),
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
            findings
                .peak_process_bytes
                .map_or_else(|| "this system does not say".to_owned(), mebibytes),
        ],
    ]
}

fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        1.0.. => format!("{seconds:.2} s"),
        0.01.. => format!("{:.0} ms", seconds * 1e3),
        0.001.. => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{:.0} µs", seconds * 1e6),
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
