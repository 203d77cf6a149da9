//! What is measured, in which order, and why in that order.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use connector_artifacts::component_bytes;
use connector_contract::RunMode;
use connector_runtime::{Connector, Runtime, RuntimeOptions};
use sync_runner::DataDirectory;
use tempfile::TempDir;

use super::findings::{
    ComponentFinding, FIRST_FULL, Findings, FloorRound, NO_CHANGE_INCREMENTAL, PLAN_USERS,
    PlanFinding, SmallFinding, SyncFinding,
};
use super::workspace::MeasuredWorkspace;
use super::{FirstSync, floor, targets};
use crate::directory::Directory;
use crate::{Rounds, Tell, proc};

/// People of the directory that memory and time a person are compared with.
const SMALL_USERS: u64 = 10_000;
/// One in so many is edited before the incremental sync of changes.
const EDITED: u64 = 100;

/// One run of the measurement.
pub(super) struct Course<'t> {
    wanted: FirstSync,
    tell: Tell<'t>,
    place: TempDir,
}

impl<'t> Course<'t> {
    pub(super) fn new(wanted: FirstSync, tell: Tell<'t>) -> anyhow::Result<Self> {
        let place = tempfile::tempdir().context("no temporary directory can be made")?;
        Ok(Self {
            wanted,
            tell,
            place,
        })
    }

    /// Compiling comes last: the compiler takes far more memory than the connector, and the highest
    /// mark of a process never sinks.
    pub(super) async fn run(&self) -> anyhow::Result<Findings> {
        let FirstSync { users, seed, .. } = self.wanted;
        (self.tell)(&format!("measuring: plan of {PLAN_USERS} people"));
        let warm_plan = self.warm_plan()?;
        let (connector, load) = self.load(Some(self.compiled()))?;

        (self.tell)(&format!("measuring: syncs of {SMALL_USERS} people"));
        let directory = self.directory(SMALL_USERS)?;
        let small = SmallFinding {
            users: SMALL_USERS,
            syncs: self
                .syncs("small", &connector, &directory, SMALL_USERS)
                .await?
                .0,
        };

        (self.tell)(&format!("measuring: syncs of {users} people"));
        let directory = self.directory(users)?;
        let (syncs, urls) = self.syncs("large", &connector, &directory, users).await?;
        let peak_process_bytes = proc::peak_memory("self");

        let rounds = self.rounds(&connector, &directory, &urls).await?;
        let (_, compile) = self.load(None)?;
        let not_measured = "no round was measured";
        let mut findings = Findings {
            users,
            seed,
            ratio_to_floor: rounds
                .median(|round| Some(round.ratio_to_floor()))
                .context(not_measured)?,
            processor_ratio_to_floor: rounds
                .median(|round| round.first_full.cost.processor_ratio(&round.flat_floor())),
            ratio_to_sorted_floor: rounds
                .median(|round| Some(round.first_full.cost.wall_ratio(&round.sorted_floor())))
                .context(not_measured)?,
            processor_ratio_to_sorted_floor: rounds
                .median(|round| round.first_full.cost.processor_ratio(&round.sorted_floor())),
            wall_per_person_to_small: wall_per_person(&syncs)? / wall_per_person(&small.syncs)?,
            syncs,
            rounds,
            small,
            component: ComponentFinding {
                bytes: component_bytes().len() as u64,
                compile,
                load,
            },
            peak_process_bytes,
            warm_plan,
            targets: Vec::new(),
        };
        findings.targets = targets::judge(&findings);
        Ok(findings)
    }

    /// First full syncs and their floors, in turn.
    async fn rounds(
        &self,
        connector: &Connector,
        directory: &Directory,
        urls: &[String],
    ) -> anyhow::Result<Rounds<FloorRound>> {
        Rounds::measure(self.wanted.rounds, self.tell, async |number| {
            (self.tell)(&format!(
                "measuring: first full sync and floors, round {number}"
            ));
            let synced = self.data(&format!("round-{number}"))?;
            let empty = self.data(&format!("floors-{number}"))?;
            let workspace = MeasuredWorkspace::connect(&synced, connector, directory)?;
            let first_full = workspace.first_full_to_the_end().await?;
            let fetch = floor::fetch(directory, urls).await?;
            let round = tokio::task::block_in_place(|| {
                anyhow::Ok(FloorRound {
                    first_full,
                    fetch,
                    flat: floor::flat(&synced, &empty)?,
                    sorted: floor::sorted(&synced, &empty)?,
                })
            })?;
            for measured in [synced, empty] {
                // What stays behind goes with the temporary directory.
                let _ = std::fs::remove_dir_all(measured);
            }
            Ok(round)
        })
        .await
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
        let directory = self.directory(PLAN_USERS)?;
        let data = self.data("plan")?;
        let store = DataDirectory::new(Some(data.clone())).store()?;
        store.save_document(&directory.document())?;
        drop(store);
        let secret = data.join("secret.txt");
        std::fs::write(&secret, directory.secret())?;
        self.plan(&data, &secret)?;
        Ok(PlanFinding {
            users: PLAN_USERS,
            duration: self.plan(&data, &secret)?,
        })
    }

    /// Runs `plan` in a process of its own; how long that took.
    fn plan(&self, data: &Path, secret: &Path) -> anyhow::Result<Duration> {
        let started = Instant::now();
        let output = Command::new(&self.wanted.program)
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

    fn directory(&self, users: u64) -> anyhow::Result<Directory> {
        Directory::start(&self.wanted.program, users, self.wanted.seed)
    }

    fn data(&self, name: &str) -> anyhow::Result<PathBuf> {
        let data = self.place.path().join(name);
        std::fs::create_dir_all(&data)
            .with_context(|| format!("{} cannot be made", data.display()))?;
        Ok(data)
    }
}

/// Seconds a person of a first full sync.
fn wall_per_person(syncs: &[SyncFinding]) -> anyhow::Result<f64> {
    let first = syncs.first().context("no sync was measured")?;
    Ok(1.0 / first.users_per_second().max(f64::MIN_POSITIVE))
}
