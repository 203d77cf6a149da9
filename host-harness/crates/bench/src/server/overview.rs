//! The overview of a large workspace, while everybody is read anew.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use serde::Serialize;

use super::browser::Browser;
use super::options::ServerBench;
use super::set_up::{SetForward, connect, start};
use crate::directory::Directory;

/// Runs in the history.
const RUNS: usize = 30;

/// What was measured.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Contacts of the workspace.
    pub contacts: u64,
    /// How often the page was asked for.
    pub requests: u32,
    /// How many of them were answered while the sync ran.
    pub during_sync: u32,
    /// Size of the page.
    pub bytes: usize,
    /// Until the answer was there: in the middle.
    pub median_ms: f64,
    /// The same at the 99th percentile.
    pub p99_ms: f64,
    /// The same at most.
    pub slowest_ms: f64,
}

/// Syncs once, fills the history, starts a full resync, and asks.
pub(super) async fn measure(wanted: &ServerBench) -> anyhow::Result<Overview> {
    let &ServerBench {
        contacts, requests, ..
    } = wanted;
    let directory = Directory::start(&wanted.program, contacts, 1)?;
    let data = tempfile::tempdir().context("no temporary directory can be made")?;
    let clock = Arc::new(SetForward::default());
    let server = start(data.path(), &directory, wanted.parallel, clock, false).await?;
    connect(&server, "large", &directory).await?;
    for _ in 0..RUNS {
        server.sync("large", false)?;
        server.idle().await;
    }
    let browser = Browser::sign_in(&server, "large").await?;
    server.sync("large", true)?;
    let (mut took, mut during_sync, mut bytes) = (Vec::new(), 0, 0);
    for _ in 0..requests {
        let started = Instant::now();
        let page = browser.get("/w/large").await?;
        took.push(started.elapsed());
        ensure!(page.contains("Sync history"), "this is no overview");
        if page.contains("Updating…") {
            during_sync += 1;
        } else if !server.status("large")?.running {
            // The sync has ended; another one.
            server.sync("large", true)?;
        }
        bytes = page.len();
    }
    server.stop().await;
    took.sort_unstable();
    let at = |share: f64| {
        let place = (took.len() as f64 * share).ceil() as usize;
        took.get(place.saturating_sub(1))
            .map_or(0.0, |took| took.as_secs_f64() * 1000.0)
    };
    Ok(Overview {
        contacts,
        requests,
        during_sync,
        bytes,
        median_ms: at(0.5),
        p99_ms: at(0.99),
        slowest_ms: at(1.0),
    })
}
