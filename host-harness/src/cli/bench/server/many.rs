//! Many small workspaces, all due at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde::Serialize;

use super::super::directory::Directory;
use super::super::memory;
use super::{SetForward, connect, start};
use crate::cli::printer;

/// What was measured.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Many {
    workspaces: u64,
    people: u64,
    parallel: usize,
    /// From the moment at which all were due to the end of the last.
    milliseconds: u64,
    peak_memory_bytes: Option<u64>,
}

/// Lets all of them come due, and waits for the last.
pub(super) async fn measure(workspaces: u64, people: u64, parallel: usize) -> anyhow::Result<Many> {
    let directory = Directory::start(people, 1)?;
    let data = tempfile::tempdir().context("no temporary directory can be made")?;
    let clock = Arc::new(SetForward::default());
    let server = start(data.path(), &directory, parallel, Arc::clone(&clock)).await?;
    for number in 0..workspaces {
        connect(&server, &format!("w{number}"), &directory).await?;
    }
    clock.by(Duration::from_secs(2 * 60 * 60));
    let started = Instant::now();
    // The server's own scheduler may have been faster with some of them.
    server.start_due();
    server.idle().await;
    let took = started.elapsed();
    for number in 0..workspaces {
        let status = server.status(&format!("w{number}"))?;
        ensure!(status.succeeded, "workspace w{number} did not succeed");
    }
    server.stop().await;
    Ok(Many {
        workspaces,
        people,
        parallel,
        milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        peak_memory_bytes: memory::peak_of_this_process(),
    })
}

pub(super) fn show(many: &Many) {
    let memory = many.peak_memory_bytes.map_or_else(
        || "unknown".to_owned(),
        |bytes| format!("{} MiB", bytes >> 20),
    );
    printer::line(format_args!(
        "{} workspaces of {} people, {} at a time: {} ms; memory of this process at most {memory}",
        many.workspaces, many.people, many.parallel, many.milliseconds
    ));
}
