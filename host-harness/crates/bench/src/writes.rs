//! Contacts that were edited, given to the directory: beside the bare requests of the same number.
//!
//! The floor is what the same exchange costs without a connector: a native client sends, in the same run and to the same
//! directory, as many batches that read and as many batches that write, of the same people twenty at a time, and looks
//! into no answer. The pace at which Microsoft Graph takes writes is switched off on both sides (`writes.perSecond`), or
//! both would measure the waiting alone; how long it is with the pace is told beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, ensure};
use connector_artifacts::component_bytes;
use connector_contract::imports::SecretsInMemory;
use connector_contract::{Run, RunMode, RunStatus, Slice, SyncRequest};
use connector_runtime::{Connector, HttpAccess, HttpOptions, Runtime, RuntimeOptions, Workspace};
use serde::Serialize;
use serde_json::{Value, json};
use store_api::{AdminStore, ContactFilter};
use sync_runner::grant::grant;
use sync_runner::{DataDirectory, Step, in_words, step};

use crate::cost::{Cost, Meter};
use crate::directory::Directory;
use crate::rounds::{Round, Rounds};
use crate::targets::Target;
use crate::tell::Tell;

/// People of one batch, as Microsoft Graph limits it.
const PEOPLE_A_BATCH: usize = 20;
/// Faster than anything answers.
const UNPACED: u32 = 100_000;
/// Writes a second that a document without a word of it leads to.
const PACED: u64 = 18;
/// How many times the bare requests it may take.
const LARGEST_RATIO: f64 = 1.2;

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct Writes {
    /// The program that has the command `graph-emulator`.
    pub program: PathBuf,
    /// People whose contacts are edited.
    pub people: u64,
    /// Seed of the synthetic company.
    pub seed: u64,
    /// Rounds to measure.
    pub rounds: u32,
}

/// One round: everybody's contact edited and given, and the bare requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WritesRound {
    /// The sync that gives the directory everything.
    pub sync: Cost,
    /// Its requests to Graph.
    pub requests: u64,
    /// The same people, read in batches by a native client.
    pub bare_reads: Cost,
    /// The same values, written in batches by a native client.
    pub bare_writes: Cost,
}

impl WritesRound {
    /// How many times the bare requests, reading and writing, the sync takes.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.sync.wall_ratio(&(self.bare_reads + self.bare_writes))
    }
}

impl Round for WritesRound {
    fn waited_share(&self) -> f64 {
        let bare = self.bare_reads + self.bare_writes;
        self.sync.waited_share().max(bare.waited_share())
    }
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WritesFindings {
    /// People whose contacts were edited.
    pub people: u64,
    /// The rounds.
    pub rounds: Rounds<WritesRound>,
    /// Median of the sync's time in bare requests.
    pub ratio: f64,
    /// How long the same takes at the pace at which the service takes writes, in seconds.
    pub paced_seconds: u64,
    /// What is to be reached.
    pub targets: Vec<Target>,
}

impl Writes {
    /// Measures, and tells on the way what.
    ///
    /// # Errors
    ///
    /// Where something cannot be measured: no directory for the databases, a process that does not start, a sync that
    /// does not succeed or gives less than everything.
    pub async fn measure(self, tell: Tell<'_>) -> anyhow::Result<WritesFindings> {
        let place = tempfile::tempdir().context("no temporary directory can be made")?;
        let runtime = Runtime::new(RuntimeOptions {
            cache_directory: None,
        })?;
        let connector = tokio::task::block_in_place(|| runtime.load(component_bytes()))?;
        let directory = Directory::start(&self.program, self.people, self.seed)?;
        directory
            .permit(&["User.Read.All", "User.ReadWrite.All"])
            .await?;
        tell(&format!("measuring: first sync of {} people", self.people));
        let workspace = Edited::connect(place.path(), &connector, &directory)?;
        workspace.sync(RunMode::Full).await?;
        let users = workspace.users()?;
        ensure!(!users.is_empty(), "nobody is linked");
        let rounds = Rounds::measure(self.rounds, tell, async |number| {
            tell(&format!(
                "measuring: {} edits given, round {number}",
                users.len()
            ));
            workspace.edit_all(&format!("Edited in round {number}"))?;
            let before = directory.graph_requests().await?;
            let meter = Meter::start();
            let run = workspace.sync(RunMode::Incremental).await?;
            let sync = meter.stop();
            ensure!(
                run.given == users.len() as u64,
                "the directory was given {} of {} values",
                run.given,
                users.len()
            );
            let requests = directory.graph_requests().await? - before;
            let (bare_reads, bare_writes) = bare(&directory, &users, number).await?;
            // What the floor wrote comes back like anybody's change.
            workspace.sync(RunMode::Incremental).await?;
            Ok(WritesRound {
                sync,
                requests,
                bare_reads,
                bare_writes,
            })
        })
        .await?;
        let ratio = rounds.median(|round| Some(round.ratio()));
        let ratio = ratio.context("no round was measured")?;
        Ok(WritesFindings {
            people: users.len() as u64,
            rounds,
            ratio,
            paced_seconds: Duration::from_millis(users.len() as u64 * 1_000 / PACED).as_secs(),
            targets: Target::at_most(
                "edits given / bare requests",
                LARGEST_RATIO,
                " times",
                Some(ratio),
            )
            .into_iter()
            .collect(),
        })
    }
}

/// As many batches as the connector sends, of the same people: first those that read, then those that write.
async fn bare(
    directory: &Directory,
    users: &[String],
    number: u32,
) -> anyhow::Result<(Cost, Cost)> {
    let reads = batches(
        users,
        |user| json!({ "method": "GET", "url": format!("/users/{user}?$select=id,jobTitle,onPremisesSyncEnabled") }),
    );
    let writes = batches(users, |user| {
        json!({
            "method": "PATCH", "url": format!("/users/{user}"),
            "headers": { "Content-Type": "application/json" },
            "body": { "jobTitle": format!("Bare round {number}") },
        })
    });
    let client = directory.reader().await?;
    let mut costs = [Cost::default(); 2];
    for (cost, bodies) in costs.iter_mut().zip([reads, writes]) {
        let meter = Meter::start();
        for body in bodies {
            client.batch(directory.graph(), body).await?;
        }
        *cost = meter.stop();
    }
    let [reads, writes] = costs;
    Ok((reads, writes))
}

/// The bodies of batches of one request for each user.
fn batches(users: &[String], request: impl Fn(&str) -> Value) -> Vec<String> {
    let numbered = |(number, user): (usize, &String)| {
        let mut one = request(user);
        one["id"] = json!(number.to_string());
        one
    };
    users
        .chunks(PEOPLE_A_BATCH)
        .map(|users| {
            let requests: Vec<Value> = users.iter().enumerate().map(numbered).collect();
            json!({ "requests": requests }).to_string()
        })
        .collect()
}

/// A workspace whose contacts change the directory's job titles.
struct Edited {
    store: Arc<dyn AdminStore>,
    connector: Connector,
    workspace: Workspace,
    document: String,
}

impl Edited {
    fn connect(data: &Path, connector: &Connector, directory: &Directory) -> anyhow::Result<Self> {
        let mut document: Value = serde_json::from_str(&directory.document())?;
        let sync = &mut document["sync"];
        sync["mapping"]["jobTitle"] = json!({ "field": "job_title", "direction": "two-way" });
        sync["conflicts"] = json!("contact-wins");
        sync["writes"] = json!({ "perSecond": UNPACED });
        let all = json!({ "count": 1_000_000, "percent": 100, "floor": 1_000_000 });
        sync["limits"] = json!({ "directory": all });
        let document = document.to_string();
        let store = DataDirectory::new(Some(data.to_owned())).store()?;
        store.save_document(&document)?;
        let mut workspace = Workspace::new(store.clone());
        let secret = directory.secret();
        workspace.secrets = Arc::new(SecretsInMemory::new([("client-secret", secret)]));
        workspace.http = HttpAccess::new(grant(&document, &[], true)?, &HttpOptions::default())?;
        Ok(Self {
            store,
            connector: connector.clone(),
            workspace,
            document,
        })
    }

    /// The users that contacts are linked to.
    fn users(&self) -> anyhow::Result<Vec<String>> {
        let contacts = self.store.contacts(ContactFilter::default());
        let mut users = Vec::new();
        for contact in contacts {
            users.extend(contact?.object_id);
        }
        Ok(users)
    }

    /// Gives every contact another job title, as somebody here does.
    fn edit_all(&self, title: &str) -> anyhow::Result<()> {
        let mut contacts = Vec::new();
        for contact in self.store.contacts(ContactFilter::default()) {
            contacts.push(contact?.id);
        }
        for (number, contact) in contacts.iter().enumerate() {
            let title = format!("{title}, {number}");
            self.store
                .edit_field(contact, "job_title", Some(&title))
                .map_err(|error| anyhow!("a contact cannot be edited: {error}"))?;
        }
        Ok(())
    }

    /// Runs a sync to its end, slice by slice.
    async fn sync(&self, mode: RunMode) -> anyhow::Result<Run> {
        loop {
            let request = SyncRequest {
                mode,
                trigger: "bench".to_owned(),
                slice: Slice {
                    max_pages: None,
                    max_ms: None,
                },
                approval: None,
            };
            let call = self
                .connector
                .sync(&self.workspace, &self.document, request);
            let (came, _) = step(call)
                .await
                .map_err(|error| anyhow!("a sync failed: {}", in_words(&error)))?;
            let Step::Finished(run) = came else {
                continue;
            };
            ensure!(
                matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings),
                "a sync did not succeed: {:?} {:?}",
                run.errors,
                run.block
            );
            return Ok(run);
        }
    }
}
