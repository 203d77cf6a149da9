//! What is measured, in which order, and why in that order.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use connector_artifacts::component_bytes;
use connector_contract::RunMode;
use connector_runtime::{Connector, Runtime, RuntimeOptions};
use tempfile::TempDir;

use sync_runner::DataDirectory;

use super::directory::Directory;
use super::findings::{
    ComponentFinding, Findings, NO_CHANGE_INCREMENTAL, PLAN_USERS, PlanFinding, Round,
    SmallFinding, SyncFinding, median,
};
use super::workspace::MeasuredWorkspace;
use super::{floor, memory, targets};
use crate::cli::printer;

/// The sync that is compared with the floor.
pub(super) const FIRST_FULL: &str = "first full sync";

/// People of the directory that memory is compared with.
const SMALL_USERS: u64 = 10_000;
/// One in so many is edited before the incremental sync of changes.
const EDITED: u64 = 100;

/// One run of `bench`.
pub(super) struct Course {
    users: u64,
    seed: u64,
    rounds: u32,
    place: TempDir,
}

impl Course {
    pub(super) fn new(users: u64, seed: u64, rounds: u32) -> anyhow::Result<Self> {
        let place = tempfile::tempdir().context("no temporary directory can be made")?;
        Ok(Self {
            users,
            seed,
            rounds,
            place,
        })
    }

    /// Compiling comes last: the compiler takes far more memory than the connector, and the highest
    /// mark of a process never sinks.
    pub(super) async fn run(&self) -> anyhow::Result<Findings> {
        say(format_args!("plan of {PLAN_USERS} people"));
        let warm_plan = self.warm_plan()?;
        let (connector, load) = self.load(Some(self.compiled()))?;

        say(format_args!("syncs of {SMALL_USERS} people"));
        let directory = Directory::start(SMALL_USERS, self.seed)?;
        let small = SmallFinding {
            users: SMALL_USERS,
            syncs: self
                .syncs("small", &connector, &directory, SMALL_USERS)
                .await?
                .0,
        };

        say(format_args!("syncs of {} people", self.users));
        let directory = Directory::start(self.users, self.seed)?;
        let (syncs, urls) = self
            .syncs("large", &connector, &directory, self.users)
            .await?;
        let peak_process_bytes = memory::peak_of_this_process();

        let rounds = self.rounds(&connector, &directory, &syncs, &urls).await?;
        let (_, compile) = self.load(None)?;
        let ratio_to_floor = median(&rounds).context("no round was measured")?.ratio;
        let targets = targets::judge(self.users, &syncs, ratio_to_floor, &small, &warm_plan);
        Ok(Findings {
            users: self.users,
            seed: self.seed,
            syncs,
            rounds,
            ratio_to_floor,
            small,
            component: ComponentFinding {
                bytes: component_bytes().len() as u64,
                compile,
                load,
            },
            peak_process_bytes,
            warm_plan,
            targets,
        })
    }

    /// First full syncs and their floors, in turn. The first sync was measured before.
    async fn rounds(
        &self,
        connector: &Connector,
        directory: &Directory,
        syncs: &[SyncFinding],
        urls: &[String],
    ) -> anyhow::Result<Vec<Round>> {
        let first = syncs.first().context("no sync was measured")?;
        let mut rounds = Vec::new();
        for number in 1..=self.rounds {
            say(format_args!("floor, round {number} of {}", self.rounds));
            let (synced, first_full) = if number == 1 {
                (self.data("large")?, first.duration)
            } else {
                let synced = self.data(&format!("large-{number}"))?;
                let workspace = MeasuredWorkspace::connect(&synced, connector, directory)?;
                let again = workspace.sync(FIRST_FULL, RunMode::Full).await?;
                (synced, again.duration)
            };
            let empty = self.data(&format!("floor-{number}"))?;
            let floor = floor::measure(directory, urls, &synced, &empty).await?;
            for measured in [synced, empty] {
                // What stays behind goes with the temporary directory.
                let _ = std::fs::remove_dir_all(measured);
            }
            rounds.push(Round::new(first_full, floor));
        }
        Ok(rounds)
    }

    /// The syncs of one directory, and the URLs that the first of them has read.
    async fn syncs(
        &self,
        name: &str,
        connector: &Connector,
        directory: &Directory,
        users: u64,
    ) -> anyhow::Result<(Vec<SyncFinding>, Vec<String>)> {
        let workspace = MeasuredWorkspace::connect(&self.data(name)?, connector, directory)?;
        let first = workspace.sync(FIRST_FULL, RunMode::Full).await?;
        let urls = directory.urls_read().await?;
        let mut syncs = vec![first];
        let idle = workspace
            .sync(NO_CHANGE_INCREMENTAL, RunMode::Incremental)
            .await?;
        syncs.push(idle);
        let full = workspace.sync("full sync, no change", RunMode::Full);
        syncs.push(full.await?);
        directory.edit(users.div_ceil(EDITED)).await?;
        let changed = workspace.sync("incremental sync, 1 % changed", RunMode::Incremental);
        syncs.push(changed.await?);
        Ok((syncs, urls))
    }

    /// Plans as a command, twice: the first time fills the cache of compiled components.
    fn warm_plan(&self) -> anyhow::Result<PlanFinding> {
        let directory = Directory::start(PLAN_USERS, self.seed)?;
        let data = self.data("plan")?;
        let store = DataDirectory::new(Some(data.clone())).store()?;
        store.save_document(&directory.document())?;
        drop(store);
        let secret = data.join("secret.txt");
        std::fs::write(&secret, directory.secret())?;
        plan(&data, &secret)?;
        Ok(PlanFinding {
            users: PLAN_USERS,
            duration: plan(&data, &secret)?,
        })
    }

    /// Where the measured `plan` keeps compiled components.
    fn compiled(&self) -> PathBuf {
        self.place.path().join("plan").join("compiled")
    }

    fn load(&self, cache: Option<PathBuf>) -> anyhow::Result<(Connector, Duration)> {
        let runtime = Runtime::new(RuntimeOptions {
            cache_directory: cache,
        })?;
        let started = Instant::now();
        let connector = tokio::task::block_in_place(|| runtime.load(component_bytes()))?;
        Ok((connector, started.elapsed()))
    }

    fn data(&self, name: &str) -> anyhow::Result<PathBuf> {
        let data = self.place.path().join(name);
        std::fs::create_dir_all(&data)
            .with_context(|| format!("{} cannot be made", data.display()))?;
        Ok(data)
    }
}

/// Runs `plan` in a process of its own; how long that took.
fn plan(data: &Path, secret: &Path) -> anyhow::Result<Duration> {
    let program = std::env::current_exe().context("this program cannot be found")?;
    let started = Instant::now();
    let output = Command::new(program)
        .args(["plan", "--json", "--allow-loopback", "--data"])
        .arg(data)
        .arg("--secret")
        .arg(format!("client-secret=@{}", secret.display()))
        .stdin(Stdio::null())
        .output()
        .context("`plan` cannot be started")?;
    let duration = started.elapsed();
    ensure!(
        output.status.success(),
        "`plan` failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(duration)
}

fn say(what: std::fmt::Arguments<'_>) {
    printer::notice(format_args!("measuring: {what}"));
}
