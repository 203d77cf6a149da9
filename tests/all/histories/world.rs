//! A tenant and a workspace that a history happens to.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use entra_connector::calls::{explain, plan, plan_undo, retry, sync, undo};
use sync_core::contact::{ObjectId, Who};
use sync_core::engine::call::CallError;
use sync_core::engine::checkpoint::finished_runs;
use sync_core::engine::plan::PlanSummary;

use host_harness::contract::{
    Change, Commit, Evidence, PlanEntry, Precondition, Removal, RemovalKind,
};
use host_harness::graph_emulator::{
    DirectorySource, EmulatorInProcess, EmulatorOptions, TenantOptions,
};
use host_harness::runtime::imports::{ContactStore as _, PlanSink as _};
use host_harness::store::{SqliteStore, StoreOptions};
use host_harness::store_api::{AdminStore, PlanRecord};
use serde_json::{Value, json};
use sync_core::engine::sync::{Approval, SliceEnd, SyncRequest, SyncResult};
use sync_core::engine::undo::UndoRequest;
use sync_core::report::explain::Explanation;
use sync_core::run::{RunMode, RunRecord, RunStatus};
use tempfile::TempDir;

use super::bridge::{Bridge, ManualClock, Pages, Unchanged, emulators_clock};
use super::configuration::Configuration;
use super::directory::{Number, Tenant, administrator, tenant};
use super::snapshot::{ContactSnapshot, Snapshot, put_in_choir, snapshot, source};
use super::step::{Edit, History, Reads, Trouble};
use crate::world::messy::Random;

/// Slices after which a run does not come to an end any more.
const MOST_SLICES: usize = 500;

pub struct World {
    pub emulator: EmulatorInProcess,
    pub clock: Arc<ManualClock>,
    pub store: SqliteStore,
    data: TempDir,
    pub configuration: Configuration,
    pub pages: Pages,
    people: Number,
    secret: String,
    terse_changes: bool,
    seed: Cell<u64>,
    /// The directory as it was at every moment since the last run ended; the last is now.
    pub moments: Vec<Tenant>,
}

/// How a run, of one slice or several, came out.
pub struct Ran {
    pub run: Option<RunRecord>,
    /// Why the call did nothing, or could not record what it did.
    pub refused: Option<String>,
    pub killed: bool,
    pub graph_requests: u32,
    pub log: Vec<String>,
}

impl Ran {
    pub fn status(&self) -> Option<RunStatus> {
        self.run.as_ref().map(|run| run.status)
    }

    /// Everything was done that there was to do.
    pub fn went_well(&self) -> bool {
        matches!(
            self.status(),
            Some(RunStatus::Succeeded | RunStatus::Warnings)
        )
    }
}

/// What a run is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub reads: Reads,
    pub slice: Option<u32>,
    pub approved: Option<Approval>,
}

impl From<Reads> for Asked {
    fn from(reads: Reads) -> Self {
        Self {
            reads,
            slice: None,
            approved: None,
        }
    }
}

impl From<Reads> for RunMode {
    fn from(reads: Reads) -> Self {
        match reads {
            Reads::Changes => Self::Incremental,
            Reads::Everybody => Self::Full,
        }
    }
}

fn open(directory: &Path) -> SqliteStore {
    let options = StoreOptions {
        durable: false,
        ..StoreOptions::default()
    };
    SqliteStore::open(directory, &options).unwrap()
}

fn everybody(history: &History) -> Vec<Value> {
    let mut users = history.users.clone();
    users.push(administrator());
    users
}

impl World {
    pub fn begin(history: &History) -> Self {
        let clock = Arc::new(ManualClock::default());
        let options = EmulatorOptions {
            directory: DirectorySource::Users(everybody(history)),
            delta_page_size: history.changes_a_page,
            behaviour: history.behaviour.clone(),
            clock: emulators_clock(&clock),
            ..EmulatorOptions::default()
        };
        let data = tempfile::tempdir().unwrap();
        let store = open(data.path());
        for contact in &history.contacts {
            store.add_contact(contact).unwrap();
        }
        let mut world = Self {
            emulator: EmulatorInProcess::new(&options, "http://127.0.0.1:1").unwrap(),
            clock,
            store,
            data,
            configuration: history.configuration.clone(),
            pages: history.pages,
            people: history.people,
            secret: options.tenant.client_secret,
            terse_changes: history.terse_changes,
            seed: Cell::new(history.seed),
            moments: Vec::new(),
        };
        world.observe();
        world
    }

    /// Remembers how the directory stands.
    pub fn observe(&mut self) {
        self.moments
            .push(tenant(self.emulator.control(), self.people));
    }

    /// Forgets how it stood before: whatever was read then has been settled.
    pub fn settle(&mut self) {
        let now = self.moments.pop();
        self.moments = now.into_iter().collect();
    }

    pub fn now(&self) -> &Tenant {
        self.moments.last().unwrap()
    }

    fn document(&self, pages: Pages) -> String {
        let tenant = TenantOptions::default();
        let root = self.emulator.url();
        let mut sync = self.configuration.sync();
        sync["direction"] = json!("one-way");
        sync["source"] = json!("entra-id");
        sync["target"] = json!("tests");
        // From ten pages on the list is read in partitions.
        sync["listing"] = json!({ "pageSize": pages.list });
        json!({
            "tenant": { "id": tenant.tenant_id },
            "credentials": { "clientId": tenant.client_id, "secret": "client-secret" },
            "endpoints": { "login": root, "graph": root },
            "sync": sync,
        })
        .to_string()
    }

    fn bridge<'w>(&'w self, store: &'w dyn AdminStore, pages: Pages) -> Bridge<'w> {
        self.seed.set(self.seed.get().wrapping_add(1));
        Bridge {
            emulator: &self.emulator,
            store,
            clock: &self.clock,
            secret: &self.secret,
            pages,
            death: None,
            unchanged: self.unchanged(store),
            stop_at: None,
            meddling: None,
            writes: Cell::new(0),
            reports: Cell::new(0),
            dead: Cell::new(false),
            graph_requests: Cell::new(0),
            log: RefCell::default(),
            random: RefCell::new(Random::new(self.seed.get())),
        }
    }

    /// What is as it was when the last run ended, of people who have contacts.
    fn unchanged(&self, store: &dyn AdminStore) -> Unchanged {
        let Some((first, later)) = self.moments.split_first().filter(|_| self.terse_changes) else {
            return Unchanged::new();
        };
        let users = snapshot(store)
            .into_values()
            .filter_map(|contact| contact.user);
        users
            .filter_map(|id| {
                let mut same: BTreeMap<_, _> = first.get(&id)?.clone().into_iter().collect();
                for moment in later {
                    let user = moment.get(&id)?;
                    same.retain(|name, value| user.get(name) == Some(value));
                }
                Some((id, same.into_keys().collect()))
            })
            .collect()
    }

    /// A whole run, as a host does it: slice after slice.
    pub fn run(&self, asked: &Asked) -> Ran {
        self.run_on(&self.store, asked, None)
    }

    /// A run into trouble.
    pub fn run_into(&self, reads: Reads, trouble: &Trouble) -> Ran {
        self.run_on(&self.store, &reads.into(), Some(trouble))
    }

    fn run_on(&self, store: &dyn AdminStore, asked: &Asked, trouble: Option<&Trouble>) -> Ran {
        let mut bridge = self.bridge(store, self.pages);
        let control = self.emulator.control();
        match trouble {
            Some(Trouble::Kill(death)) => bridge.death = Some(*death),
            Some(Trouble::Stop(report)) => bridge.stop_at = Some(*report),
            Some(Trouble::Meddle(write, place)) => bridge.meddling = Some((*write, *place)),
            Some(Trouble::Faults(faults)) => {
                faults
                    .iter()
                    .for_each(|fault| control.inject(fault.clone()));
            }
            Some(Trouble::ExpireDeltaTokens) => control.expire_delta_tokens(),
            Some(Trouble::ResetDelta) => control.reset_delta(),
            Some(Trouble::RevokeAccessTokens) => control.revoke_access_tokens(),
            None => {}
        }
        let ran = self.slices(&bridge, asked);
        control.clear_faults();
        ran
    }

    fn slices(&self, bridge: &Bridge<'_>, asked: &Asked) -> Ran {
        let document = self.document(self.pages);
        let request = SyncRequest {
            mode: asked.reads.into(),
            trigger: "history".to_owned(),
            max_pages: asked.slice,
            max_time: None,
            approval: asked.approved.clone(),
        };
        self.until_finished(bridge, || sync(bridge.imports(), &document, &request))
    }

    /// Slice after slice, as a host does it.
    fn until_finished(
        &self,
        bridge: &Bridge<'_>,
        slice: impl Fn() -> Result<SyncResult, CallError>,
    ) -> Ran {
        let mut ran = Ran {
            run: None,
            refused: None,
            killed: false,
            graph_requests: 0,
            log: Vec::new(),
        };
        for number in 0.. {
            assert!(number < MOST_SLICES, "the run does not come to an end");
            match slice() {
                Ok(result) => {
                    ran.run = Some(result.run);
                    match result.end {
                        SliceEnd::Finished => break,
                        SliceEnd::More(pause) => self.clock.pass(pause),
                    }
                }
                Err(error) => {
                    ran.refused = Some(format!("{error} {error:?}"));
                    break;
                }
            }
        }
        ran.killed = bridge.dead.get();
        ran.graph_requests = bridge.graph_requests.get();
        ran.log = bridge.log.take();
        ran
    }

    /// Plans; the summary and the changes, ordered by object id.
    pub fn plan(&self, reads: Reads, pages: Pages) -> (PlanSummary, Vec<PlanEntry>) {
        self.store.begin_plan().unwrap();
        let bridge = self.bridge(&self.store, pages);
        let summary = plan(bridge.imports(), &self.document(pages), reads.into()).unwrap();
        (summary, self.store.changes(None, None, 10_000).unwrap())
    }

    /// Keeps the plan that was made last, so that it can be approved.
    pub fn keep(&self, summary: &PlanSummary) {
        let record = PlanRecord {
            digest: summary.digest.clone(),
            mode: "any".to_owned(),
            created_at_ms: 0,
            summary: "{}".to_owned(),
        };
        self.store.keep_plan(&record).unwrap();
    }

    /// Plans to take a run back; the summary and the changes, ordered by object id. `None` where there is
    /// nothing to take back.
    pub fn plan_undo(&self, run: &str) -> Option<(PlanSummary, Vec<PlanEntry>)> {
        self.store.begin_plan().unwrap();
        let bridge = self.bridge(&self.store, self.pages);
        match plan_undo(bridge.imports(), &self.document(self.pages), run) {
            Ok(summary) => Some((summary, self.store.changes(None, None, 10_000).unwrap())),
            Err(CallError::NothingToUndo { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }

    pub fn undo(&self, run: &str, approved: &str, slice: Option<u32>) -> Ran {
        let bridge = self.bridge(&self.store, self.pages);
        let document = self.document(self.pages);
        let request = UndoRequest {
            run: run.to_owned(),
            approved: approved.to_owned(),
            trigger: "history".to_owned(),
            max_pages: slice,
            max_time: None,
        };
        self.until_finished(&bridge, || undo(bridge.imports(), &document, &request))
    }

    pub fn retry(&self, user: &str) -> Ran {
        let bridge = self.bridge(&self.store, self.pages);
        let (document, user) = (self.document(self.pages), ObjectId::new(user));
        self.until_finished(&bridge, || retry(bridge.imports(), &document, &user))
    }

    pub fn explain(&self, who: &Who) -> Vec<Explanation> {
        let bridge = self.bridge(&self.store, self.pages);
        explain(bridge.imports(), &self.document(self.pages), who).unwrap()
    }

    /// The run that ended last, as the history of the report has it.
    pub fn last_run(&self) -> Option<RunRecord> {
        let bridge = self.bridge(&self.store, self.pages);
        finished_runs(&bridge).unwrap().into_iter().next()
    }

    /// What the store would be after these runs in peace, made on a copy of it; `None` where one of
    /// them does not get through.
    pub fn in_another_life(&self, runs: &[Reads]) -> Option<Snapshot> {
        let copy = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(self.data.path()).unwrap() {
            let entry = entry.unwrap();
            // SQLite makes the index of the log anew.
            if !entry.file_name().to_string_lossy().ends_with("-shm") {
                std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
            }
        }
        let store = open(copy.path());
        let got_through = runs
            .iter()
            .all(|reads| self.run_on(&store, &(*reads).into(), None).went_well());
        got_through.then(|| snapshot(&store))
    }

    pub fn snapshot(&self) -> Snapshot {
        snapshot(&self.store)
    }

    /// How many the store's own tally says are linked, and active.
    pub fn tally(&self) -> (u64, u64) {
        let statistics = self.store.get_statistics(&source(), &[]).unwrap();
        (statistics.linked, statistics.active)
    }

    pub fn pass(&self, time: Duration) {
        self.clock.pass(time);
    }

    /// Somebody edits a contact. What the store does not take is not done.
    pub fn edit(&self, edit: &Edit) {
        let snapshot = self.snapshot();
        let chosen = |place: usize| snapshot.iter().nth(place % snapshot.len().max(1));
        match edit {
            Edit::Add(fields) => drop(self.store.add_contact(fields)),
            Edit::Set(place, field, value) => {
                if let Some((id, _)) = chosen(*place) {
                    drop(self.store.edit_field(id, field, value.as_deref()));
                }
            }
            Edit::PutOnList(place) => {
                if let Some((id, _)) = chosen(*place) {
                    put_in_choir(&self.store, id);
                }
            }
            Edit::Delete(place) => {
                if let Some((id, contact)) = chosen(*place) {
                    self.delete(id, contact);
                }
            }
        }
    }

    /// Contacts without a link cannot be deleted by any means that the store offers.
    fn delete(&self, id: &str, contact: &ContactSnapshot) {
        let Some(user) = contact.user.clone() else {
            return;
        };
        let removal = Removal {
            contact: Precondition {
                contact: id.to_owned(),
                version: contact.version,
            },
            object_id: user,
            kind: RemovalKind::Delete,
            evidence: Evidence::Other("somebody wanted it".to_owned()),
            reason: "by-hand".to_owned(),
        };
        let commit = Commit {
            source: source(),
            run: None,
            changes: vec![Change::Remove(removal)],
            otherwise: Vec::new(),
            notes: Vec::new(),
            settled: Vec::new(),
            sightings: None,
            state: Vec::new(),
        };
        self.store.apply(commit).unwrap();
    }
}
