//! A small vocabulary for whole-system tests: a tenant that changes, a workspace that follows.
//!
//! Everything is real: the component in its sandbox, HTTP over a socket, SQLite in a file. Only
//! Microsoft's side is the emulator's.

#![allow(
    dead_code,
    reason = "a vocabulary is larger than what any one test says with it"
)]

pub mod clock;
pub mod crashing_store;
pub mod listener;
pub mod messy;
pub mod older_data;
pub mod rejecting_store;
pub mod snapshot;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use host_harness::component::component_bytes;
use host_harness::contract::{
    ConfigurationReport, Effect, Overview, PlanEntry, PlanSummary, ReportRequest, Run, RunMode,
    Slice, SliceEnd, SyncRequest, SyncResult,
};
use host_harness::grant::grant;
use host_harness::graph_emulator::{
    Control, DirectorySource, Emulator, EmulatorOptions, Fault, TenantOptions,
};
use host_harness::runtime::imports::SecretsInMemory;
use host_harness::runtime::{
    CallError, Connector, HttpAccess, HttpOptions, Runtime, RuntimeOptions, Workspace,
};
use host_harness::store::{SqliteStore, StoreOptions};
use host_harness::store_api::{AdminStore, ContactFilter, ContactRow};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The component, compiled once for all tests; every call is a fresh instance all the same.
pub fn connector() -> &'static Connector {
    static CONNECTOR: LazyLock<Connector> = LazyLock::new(|| {
        Runtime::new(RuntimeOptions::default())
            .unwrap()
            .load(component_bytes())
            .unwrap()
    });
    &CONNECTOR
}

/// A tenant and a workspace that is connected to it.
pub struct World {
    pub emulator: Emulator,
    pub store: Arc<dyn AdminStore>,
    pub workspace: Workspace,
    pub document: String,
    pub data: TempDir,
}

/// What a world starts with.
pub struct Beginning {
    users: Vec<Value>,
    sync: Value,
    secret: String,
    store: StoreOptions,
    emulator: EmulatorOptions,
}

/// A person as `GET /users` shows one, enabled, in Sales, with everything filled.
pub fn person(id: u32, given_name: &str, surname: &str) -> Value {
    let name = format!("{given_name}.{surname}").to_lowercase();
    json!({
        "id": object_id(id),
        "displayName": format!("{given_name} {surname}"),
        "givenName": given_name,
        "surname": surname,
        "mail": format!("{name}@contoso.example"),
        "userPrincipalName": format!("{name}@contoso.example"),
        "mobilePhone": format!("+1 206 555 {:04}", id % 10_000),
        "companyName": "Contoso",
        "department": "Sales",
        "jobTitle": "Account Executive",
        "accountEnabled": true,
        "userType": "Member",
    })
}

/// A person with some properties otherwise.
pub fn person_with(id: u32, given_name: &str, surname: &str, otherwise: Value) -> Value {
    let mut person = person(id, given_name, surname);
    if let (Some(person), Value::Object(otherwise)) = (person.as_object_mut(), otherwise) {
        person.extend(otherwise);
    }
    person
}

/// So many people, numbered from 1, all of them in Sales.
pub fn people(count: u32) -> Vec<Value> {
    (1..=count)
        .map(|id| person(id, "Given", &format!("Number{id}")))
        .collect()
}

/// So many people who came over nine years; of every eleventh it is not known when.
pub fn people_over_years(count: u32) -> Vec<Value> {
    let dated = |mut person: Value, id: u32| {
        if !id.is_multiple_of(11) {
            let (year, month) = (2017 + id % 9, 1 + id % 12);
            person["createdDateTime"] = json!(format!("{year}-{month:02}-01T09:00:00Z"));
        }
        person
    };
    people(count)
        .into_iter()
        .zip(1..)
        .map(|(person, id)| dated(person, id))
        .collect()
}

/// The object id of a numbered person.
pub fn object_id(id: u32) -> String {
    format!("00000000-0000-4000-8000-{id:012}")
}

impl World {
    /// A world with these people and this `sync` part of a configuration.
    pub fn with(users: Vec<Value>, sync: Value) -> Beginning {
        Beginning {
            users,
            sync,
            secret: TenantOptions::default().client_secret,
            store: StoreOptions::default(),
            emulator: EmulatorOptions::default(),
        }
    }

    pub fn control(&self) -> &Control {
        self.emulator.control()
    }

    /// Replaces the `sync` part of the configuration.
    pub fn reconfigure(&mut self, sync: Value) {
        self.document = document(&self.emulator, sync);
    }

    pub async fn configure(&self) -> Result<ConfigurationReport, CallError> {
        connector()
            .configure(&self.workspace, &self.document)
            .await
            .result
    }

    /// One slice of a sync without bounds.
    pub async fn try_sync(&self, request: SyncRequest) -> Result<SyncResult, CallError> {
        connector()
            .sync(&self.workspace, &self.document, request)
            .await
            .result
    }

    /// A whole run, as a host does it: slice after slice.
    pub async fn run(&self, request: SyncRequest) -> Run {
        for _ in 0..10_000 {
            let result = self.try_sync(request.clone()).await.unwrap();
            match result.end {
                SliceEnd::Finished => return result.run,
                SliceEnd::More(_) => {}
            }
        }
        panic!("the run does not come to an end");
    }

    /// A whole run that waits for nothing: a request that fails is given up at once, and every page
    /// is a slice of its own.
    pub async fn impatient_run(&self, mode: RunMode) -> Run {
        let mut request = request(mode);
        request.slice.max_ms = Some(1);
        self.run(request).await
    }

    pub async fn sync(&self) -> Run {
        self.run(request(RunMode::Incremental)).await
    }

    pub async fn full_sync(&self) -> Run {
        self.run(request(RunMode::Full)).await
    }

    pub async fn plan(&self, mode: RunMode) -> PlanSummary {
        self.store.begin_plan().unwrap();
        connector()
            .plan(&self.workspace, &self.document, mode)
            .await
            .result
            .unwrap()
    }

    /// The changes of the plan that was made last, ordered by object id.
    pub fn planned(&self) -> Vec<PlanEntry> {
        self.store.changes(None, None, 10_000).unwrap()
    }

    /// The changes of a plan that is kept, ordered by object id.
    pub fn planned_under(&self, digest: &str) -> Vec<PlanEntry> {
        self.store.changes(Some(digest), None, 10_000).unwrap()
    }

    pub fn tenant_id(&self) -> String {
        TenantOptions::default().tenant_id
    }

    pub async fn report(&self) -> Overview {
        connector()
            .report(
                &self.workspace,
                &self.document,
                ReportRequest { running: false },
            )
            .await
            .result
            .unwrap()
    }

    pub fn contacts(&self) -> Vec<ContactRow> {
        self.store
            .contacts(ContactFilter::default())
            .collect::<Result<_, _>>()
            .unwrap()
    }

    /// The contact linked to a numbered person.
    pub fn contact_of(&self, id: u32) -> Option<ContactRow> {
        let user = object_id(id);
        self.contacts()
            .into_iter()
            .find(|contact| contact.object_id.as_deref() == Some(&user))
    }

    /// A field of the contact linked to a numbered person.
    pub fn field_of(&self, id: u32, field: &str) -> Option<String> {
        self.contact_of(id)?.fields.remove(field)
    }

    /// The numbered people who have a linked contact, of so many.
    pub fn linked(&self, people: u32) -> Vec<u32> {
        let linked: BTreeSet<_> = self
            .contacts()
            .into_iter()
            .filter_map(|contact| contact.object_id)
            .collect();
        (1..=people)
            .filter(|id| linked.contains(&object_id(*id)))
            .collect()
    }

    /// Lets the list of users be one page with these people, whoever there is.
    pub fn list_shows(&self, people: &[Value]) {
        self.control().inject(Fault {
            path: Some("/v1.0/users?".to_owned()),
            body: Some(json!({ "value": people }).to_string()),
            ..Fault::default()
        });
    }

    /// Lets the next page of changes be this one, whatever has changed, and the round end there.
    pub fn changes_show(&self, items: &[Value]) {
        let link = format!(
            "{}/v1.0/users/delta?$deltatoken=latest",
            self.emulator.graph_url()
        );
        self.control().inject(Fault {
            path: Some("/v1.0/users/delta".to_owned()),
            times: Some(1),
            body: Some(json!({ "value": items, "@odata.deltaLink": link }).to_string()),
            ..Fault::default()
        });
    }

    /// Adds a contact by hand; its id.
    pub fn add_contact(&self, fields: &[(&str, &str)]) -> String {
        let fields: BTreeMap<_, _> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        self.store.add_contact(&fields).unwrap()
    }

    /// Edits a field of the contact linked to a numbered person, by hand.
    pub fn edit_here(&self, id: u32, field: &str, value: Option<&str>) {
        let contact = self.contact_of(id).unwrap();
        self.store.edit_field(&contact.id, field, value).unwrap();
    }
}

impl Beginning {
    /// The host gives this secret instead of the right one.
    pub fn secret(mut self, secret: &str) -> Self {
        self.secret = secret.to_owned();
        self
    }

    pub fn store(mut self, store: StoreOptions) -> Self {
        self.store = store;
        self
    }

    pub fn emulator(mut self, change: impl FnOnce(&mut EmulatorOptions)) -> Self {
        change(&mut self.emulator);
        self
    }

    pub async fn begin(self) -> World {
        let mut options = self.emulator;
        if !self.users.is_empty() {
            options.directory = DirectorySource::Users(self.users);
        }
        let emulator = Emulator::start(options).await.unwrap();
        let document = document(&emulator, self.sync);
        let data = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(data.path(), &self.store).unwrap());
        let mut workspace = Workspace::new(store.clone());
        workspace.secrets = Arc::new(SecretsInMemory::new([("client-secret", self.secret)]));
        let policy = grant(&document, &[], true).unwrap();
        workspace.http = HttpAccess::new(policy, &HttpOptions::default()).unwrap();
        World {
            emulator,
            store,
            workspace,
            document,
            data,
        }
    }
}

/// A request for a whole run.
pub fn request(mode: RunMode) -> SyncRequest {
    SyncRequest {
        mode,
        trigger: "test".to_owned(),
        slice: Slice {
            max_pages: None,
            max_ms: None,
        },
        approval: None,
    }
}

/// How many entries of an effect a plan has.
pub fn planned_count(summary: &PlanSummary, effect: Effect) -> u64 {
    summary
        .counts
        .iter()
        .find(|entry| entry.effect == effect)
        .map_or(0, |entry| entry.count)
}

fn document(emulator: &Emulator, mut sync: Value) -> String {
    let tenant = TenantOptions::default();
    if let Some(sync) = sync.as_object_mut() {
        for (key, value) in [
            ("direction", "one-way"),
            ("source", "entra-id"),
            ("target", "tests"),
        ] {
            sync.entry(key).or_insert_with(|| json!(value));
        }
    }
    json!({
        "tenant": { "id": tenant.tenant_id },
        "credentials": { "clientId": tenant.client_id, "secret": "client-secret" },
        "endpoints": { "login": emulator.login_url(), "graph": emulator.graph_url() },
        "sync": sync,
    })
    .to_string()
}
