//! Many workspaces that are told of a change at the same moment: how long it takes until the contact has changed.
//!
//! One emulator stands for the directories of all of them, so each change is told to all at once: the server has to
//! judge and to sync every workspace. When a contact changed, its store says.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use serde::Serialize;

use super::many::{all_due, name};
use super::options::ServerBench;
use super::set_up::{SetForward, connect, start};
use crate::directory::Directory;

/// Nobody waits longer for a change.
const PATIENCE: Duration = Duration::from_secs(120);

/// Between two looks at the stores.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// From a change in the directory to the contact.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// How many workspaces were told of each change.
    pub workspaces: u64,
    /// People of each.
    pub people: u64,
    /// How many may work at the same time.
    pub parallel: usize,
    /// How many changes.
    pub changes: u32,
    /// Over all changes and workspaces, in milliseconds.
    pub median_ms: u64,
    /// Nineteen of twenty were faster.
    pub p95_ms: u64,
    /// The last one.
    pub slowest_ms: u64,
}

impl Told {
    fn of(wanted: &ServerBench, mut times: Vec<u64>) -> anyhow::Result<Self> {
        times.sort_unstable();
        let at = |share: f64| {
            let place = (times.len() as f64 * share) as usize;
            let found = times.get(place).or(times.last()).copied();
            found.context("nothing was measured")
        };
        Ok(Self {
            workspaces: wanted.workspaces,
            people: wanted.people,
            parallel: wanted.parallel,
            changes: wanted.changes,
            median_ms: at(0.5)?,
            p95_ms: at(0.95)?,
            slowest_ms: at(1.0)?,
        })
    }
}

pub(super) async fn measure(wanted: &ServerBench) -> anyhow::Result<Told> {
    let &ServerBench {
        workspaces,
        people,
        parallel,
        changes,
        ..
    } = wanted;
    let directory = Directory::start(&wanted.program, people, 1)?;
    directory.tell_anybody().await?;
    let data = tempfile::tempdir().context("no temporary directory can be made")?;
    let clock = Arc::new(SetForward::default());
    let server = start(data.path(), &directory, parallel, Arc::clone(&clock), true).await?;
    for number in 0..workspaces {
        connect(&server, &name(number), &directory).await?;
    }
    all_due(&server, &clock, workspaces).await?;
    let mut times = Vec::new();
    for change in 0..changes {
        server.idle().await;
        let at_ms = now_ms()?;
        directory.promote(&format!("Told {change}")).await?;
        let mut waiting: Vec<u64> = (0..workspaces).collect();
        let started = Instant::now();
        while !waiting.is_empty() {
            ensure!(
                started.elapsed() < PATIENCE,
                "{} workspaces were not told of a change",
                waiting.len()
            );
            tokio::time::sleep(LOOK_EVERY).await;
            let mut later = Vec::new();
            for number in waiting {
                let database = database(data.path(), number);
                match changed_ms(&database)?.filter(|changed| *changed >= at_ms) {
                    Some(changed) => times.push(changed - at_ms),
                    None => later.push(number),
                }
            }
            waiting = later;
        }
    }
    server.stop().await;
    Told::of(wanted, times)
}

fn database(data: &Path, number: u64) -> PathBuf {
    data.join("workspaces")
        .join(name(number))
        .join("connector.db")
}

/// When a contact of this store was changed last.
fn changed_ms(database: &Path) -> anyhow::Result<Option<u64>> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    let newest = "SELECT at_ms FROM journal ORDER BY number DESC LIMIT 1";
    let newest: Option<i64> = connection
        .query_row(newest, [], |row| row.get(0))
        .optional()?;
    Ok(newest.map(i64::unsigned_abs))
}

fn now_ms() -> anyhow::Result<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(u64::try_from(since.as_millis())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_the_95th_percentile_and_the_slowest_are_told() {
        let wanted = ServerBench {
            program: PathBuf::new(),
            workspaces: 10,
            people: 5,
            parallel: 2,
            rounds: 0,
            changes: 2,
            contacts: 0,
            requests: 0,
        };
        let told = Told::of(&wanted, (1..=20).rev().collect()).unwrap();
        assert_eq!((told.median_ms, told.p95_ms, told.slowest_ms), (11, 20, 20));
        assert!(Told::of(&wanted, Vec::new()).is_err());
    }
}
