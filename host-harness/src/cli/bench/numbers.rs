//! Numbers in words: times, sizes, ratios, and whether they are as they should be.

use std::time::Duration;

use bench::Target;

use crate::cli::printer::{Colour, coloured};

/// What the system does not tell.
pub(super) const UNKNOWN: &str = "unknown";

/// Targets, a line each.
pub(super) fn verdicts(targets: &[Target]) -> String {
    let lines = targets.iter().map(|target| {
        let verdict = if target.met {
            coloured(Colour::Green, "met   ")
        } else {
            coloured(Colour::Red, "missed")
        };
        format!("{verdict}  {}: {}", target.target, target.found)
    });
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        1.0.. => format!("{seconds:.2} s"),
        0.01.. => format!("{:.0} ms", seconds * 1e3),
        0.001.. => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{:.0} µs", seconds * 1e6),
    }
}

/// Processor time, which comes in steps of 10 ms.
pub(super) fn processor_time(duration: Option<Duration>) -> String {
    match duration {
        None => UNKNOWN.to_owned(),
        Some(Duration::ZERO) => "< 10 ms".to_owned(),
        Some(duration) => time(duration),
    }
}

pub(super) fn maybe_time(duration: Option<Duration>) -> String {
    duration.map_or_else(|| UNKNOWN.to_owned(), time)
}

pub(super) fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

pub(super) fn maybe_mebibytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| UNKNOWN.to_owned(), mebibytes)
}

pub(super) fn maybe_ratio(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| UNKNOWN.to_owned(), |ratio| format!("{ratio:.2}"))
}
