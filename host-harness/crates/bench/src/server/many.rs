//! Many small workspaces, all due at once: first with everything to do, then with nothing.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde::Serialize;
use server::{Server, WorkspaceStatus};

use super::disk::Disk;
use super::options::ServerBench;
use super::set_up::{SetForward, connect, start};
use crate::cost::{Cost, Meter};
use crate::directory::Directory;
use crate::proc;

/// By then every workspace is due again: the preset syncs each hour.
const UNTIL_DUE: Duration = Duration::from_secs(2 * 60 * 60);

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Many {
    /// How many workspaces.
    pub workspaces: u64,
    /// People of each.
    pub people: u64,
    /// How many may work at the same time.
    pub parallel: usize,
    /// From the moment at which all were due for the first time to the end of the last.
    pub milliseconds: u64,
    /// All of them again, with nothing to do.
    pub unchanged: Option<Unchanged>,
    /// The most resident memory of this process, which is the server's.
    pub peak_memory_bytes: Option<u64>,
}

/// Runs of workspaces in whose directories nothing has changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unchanged {
    /// How many runs.
    pub runs: u64,
    /// What all of them cost this process. The emulator is another one.
    #[serde(flatten)]
    pub cost: Cost,
    /// Processors that this process may use.
    pub processors: usize,
    /// Runs in a second of wall time, divided by the processors.
    pub runs_per_second_and_processor: f64,
    /// Flushes of the disk a run, as the disk counts them: those of every program on the machine. `None` where
    /// the system does not tell, or the databases are not on a disk.
    pub disk_flushes_per_run: Option<f64>,
}

impl Unchanged {
    fn new(runs: u64, cost: Cost, processors: usize, flushes: Option<u64>) -> Self {
        let seconds = cost.wall.as_secs_f64().max(f64::MIN_POSITIVE);
        Self {
            runs,
            cost,
            processors,
            runs_per_second_and_processor: runs as f64 / seconds / processors.max(1) as f64,
            disk_flushes_per_run: flushes.map(|flushes| flushes as f64 / runs.max(1) as f64),
        }
    }

    /// Processor time a run.
    #[must_use]
    pub fn processor_per_run(&self) -> Option<Duration> {
        Some(self.cost.processor?.div_f64(self.runs.max(1) as f64))
    }
}

/// Lets all of them come due, and waits for the last, again and again.
pub(super) async fn measure(wanted: &ServerBench) -> anyhow::Result<Many> {
    let &ServerBench {
        workspaces,
        people,
        parallel,
        rounds,
        ..
    } = wanted;
    let directory = Directory::start(&wanted.program, people, 1)?;
    let data = tempfile::tempdir().context("no temporary directory can be made")?;
    let clock = Arc::new(SetForward::default());
    let server = start(data.path(), &directory, parallel, Arc::clone(&clock), false).await?;
    for number in 0..workspaces {
        connect(&server, &name(number), &directory).await?;
    }
    let started = Instant::now();
    all_due(&server, &clock, workspaces).await?;
    let first = started.elapsed();
    let unchanged = match rounds {
        0 => None,
        _ => Some(unchanged(&server, &clock, wanted, data.path()).await?),
    };
    server.stop().await;
    Ok(Many {
        workspaces,
        people,
        parallel,
        milliseconds: u64::try_from(first.as_millis()).unwrap_or(u64::MAX),
        unchanged,
        peak_memory_bytes: proc::peak_memory("self"),
    })
}

async fn unchanged(
    server: &Server,
    clock: &SetForward,
    wanted: &ServerBench,
    data: &Path,
) -> anyhow::Result<Unchanged> {
    let disk = Disk::of(data);
    let flushes = || disk.as_ref().and_then(Disk::flushes);
    let before = flushes();
    let meter = Meter::start();
    for _ in 0..wanted.rounds {
        all_due(server, clock, wanted.workspaces).await?;
    }
    let cost = meter.stop();
    Ok(Unchanged::new(
        wanted.workspaces * u64::from(wanted.rounds),
        cost,
        available_parallelism().map_or(1, NonZeroUsize::get),
        flushes()
            .zip(before)
            .map(|(now, before)| now.saturating_sub(before)),
    ))
}

/// Sets the clock forward until all are due, and waits until all have run.
pub(super) async fn all_due(
    server: &Server,
    clock: &SetForward,
    workspaces: u64,
) -> anyhow::Result<()> {
    let next_runs = |failed: &'static str| -> anyhow::Result<Vec<Option<i64>>> {
        (0..workspaces)
            .map(|number| {
                let WorkspaceStatus {
                    succeeded,
                    next_run_ms,
                    ..
                } = server.status(&name(number))?;
                ensure!(
                    succeeded || failed.is_empty(),
                    "workspace w{number} {failed}"
                );
                Ok(next_run_ms)
            })
            .collect()
    };
    let before = next_runs("")?;
    clock.by(UNTIL_DUE);
    // The server's own scheduler may have been faster with some of them.
    server.start_due();
    server.idle().await;
    let after = next_runs("did not succeed")?;
    ensure!(
        after
            .iter()
            .zip(&before)
            .all(|(after, before)| after > before),
        "a workspace that was due did not run"
    );
    Ok(())
}

pub(super) fn name(number: u64) -> String {
    format!("w{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_told_a_second_and_processor_and_flushes_a_run() {
        let cost = Cost {
            wall: Duration::from_secs(2),
            processor: Some(Duration::from_millis(1_500)),
            ..Cost::default()
        };
        let unchanged = Unchanged::new(600, cost, 2, Some(900));
        assert_eq!(unchanged.runs_per_second_and_processor, 150.0);
        assert_eq!(unchanged.disk_flushes_per_run, Some(1.5));
        let each = unchanged.processor_per_run();
        assert_eq!(each, Some(Duration::from_micros(2_500)));
    }
}
