//! What all workspaces of a server share: the connector, the records, the keys, and how many of them may
//! work at once.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::{Semaphore, watch};

use super::books::Books;
use super::choices::Choices;
use super::desk::Desk;
use super::metrics::Metrics;
use super::web::{FormsAtWork, Tries};
use super::{ServerError, ServerOptions};
use crate::component::component_bytes;
use crate::connection::{DataDirectory, in_words};
use crate::contract::Description;
use crate::runtime::{Connector, Runtime, RuntimeOptions, WallClock, Workspace};
use crate::store::SqliteStore;
use crate::vault::{KeyRing, OpenError, Place, Sealed};

/// Stores that stay open after they were used: looking at one workspace again needs no opening, and two
/// hundred that were synced at night hold no memory in the morning.
const STORES_KEPT_OPEN: usize = 16;

/// Where the vault's keys come from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A file that its owner alone can read; made where it is missing.
    File(PathBuf),
    /// The text of such a file, from the environment.
    Text(SecretString),
}

/// What all workspaces share.
pub(crate) struct Host {
    pub(crate) books: Books,
    pub(crate) connector: Connector,
    pub(crate) description: Description,
    pub(crate) choices: Choices,
    pub(crate) metrics: Metrics,
    /// Tries to sign in that failed.
    pub(crate) tries: Tries,
    /// Forms that are being carried out.
    pub(crate) forms: FormsAtWork,
    pub(crate) options: ServerOptions,
    /// One for each workspace that may work at the same time; given out in the order in which they were
    /// asked for.
    pub(crate) permits: Semaphore,
    /// Becomes true when the server is to end.
    pub(crate) closing: watch::Sender<bool>,
    /// Wakes the scheduler when a workspace's next run has changed.
    pub(crate) rescheduled: tokio::sync::Notify,
    keys: RwLock<KeyRing>,
    desks: Mutex<BTreeMap<String, Arc<Desk>>>,
    recent: Mutex<VecDeque<(String, Arc<SqliteStore>)>>,
}

impl Host {
    /// Opens the records and the keys, and loads the connector.
    pub(super) async fn open(options: ServerOptions) -> Result<Arc<Self>, ServerError> {
        let books = Books::open(&options.data)?;
        let keys = first_keys(&options.keys, &books)?;
        let runtime = Runtime::new(RuntimeOptions {
            cache_directory: options
                .compiled
                .clone()
                .or_else(|| Some(options.data.join("compiled"))),
        })?;
        let connector = runtime.load(component_bytes())?;
        let description = describe(&connector).await?;
        Ok(Arc::new(Self {
            books,
            connector,
            choices: Choices::new(&description.configuration_schema),
            metrics: Metrics::new(),
            tries: Tries::new(),
            forms: FormsAtWork::default(),
            permits: Semaphore::new(options.parallel.max(1)),
            closing: watch::Sender::new(false),
            rescheduled: tokio::sync::Notify::new(),
            keys: RwLock::new(keys),
            desks: Mutex::default(),
            recent: Mutex::default(),
            options,
            description,
        }))
    }

    /// Now. Milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn now_ms(&self) -> i64 {
        let since_epoch = self.options.clock.since_epoch().as_millis();
        i64::try_from(since_epoch).unwrap_or(i64::MAX)
    }

    /// The desk of a workspace that there is.
    pub(crate) fn desk(self: &Arc<Self>, id: &str) -> Arc<Desk> {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        let desk = desks
            .entry(id.to_owned())
            .or_insert_with(|| Arc::new(Desk::new(Arc::downgrade(self), id)));
        Arc::clone(desk)
    }

    /// Whether the server is ending.
    pub(crate) fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Where Microsoft's consent page leads back to.
    pub(crate) fn redirect_uri(&self) -> String {
        format!("{}/consent", self.options.public_url)
    }

    /// Asks everything that goes on to end after its page.
    pub(super) fn stop_all(&self) {
        let desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        for desk in desks.values() {
            desk.live.stop();
        }
    }

    /// Waits until no workspace is at work.
    pub(super) async fn idle(&self) {
        loop {
            let busy = {
                let desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
                desks.values().find(|desk| desk.task().is_some()).cloned()
            };
            let Some(desk) = busy else {
                return;
            };
            let mut watching = desk.live.watch();
            if desk.task().is_some() {
                let _ = watching.wait_for(|scene| scene.progress.is_none()).await;
                tokio::task::yield_now().await;
            }
        }
    }

    /// The folder of a workspace.
    pub(crate) fn directory(&self, id: &str) -> DataDirectory {
        DataDirectory::new(Some(self.options.data.join("workspaces").join(id)))
    }

    /// The contacts of a workspace, opened where they are not. Blocks, and keeps no other workspace
    /// waiting while it does.
    pub(crate) fn store(&self, id: &str) -> anyhow::Result<Arc<SqliteStore>> {
        if let Some(open) = self.recent_store(id) {
            return Ok(open);
        }
        let store = self.directory(id).store()?;
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|(open, _)| open != id);
        recent.push_front((id.to_owned(), Arc::clone(&store)));
        recent.truncate(STORES_KEPT_OPEN);
        Ok(store)
    }

    /// One that is open, which is now the one that was used last.
    fn recent_store(&self, id: &str) -> Option<Arc<SqliteStore>> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let at = recent.iter().position(|(open, _)| open == id)?;
        let entry = recent.remove(at)?;
        let store = Arc::clone(&entry.1);
        recent.push_front(entry);
        Some(store)
    }

    /// Seals a secret for its place.
    pub(crate) fn seal(
        &self,
        place: Place<'_>,
        secret: &SecretString,
    ) -> Result<Vec<u8>, crate::vault::SealError> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.seal(place, secret).map(|sealed| sealed.to_bytes())
    }

    /// Opens a sealed secret. Where its key is not known, the key file is read again: keys are changed
    /// while the server runs.
    pub(crate) fn unseal(&self, place: Place<'_>, sealed: &[u8]) -> Result<SecretString, String> {
        let sealed = Sealed::from_bytes(sealed).map_err(|error| error.to_string())?;
        let opened = {
            let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
            keys.open(place, &sealed)
        };
        match opened {
            Err(OpenError::UnknownKey { .. }) => {
                let anew = read_keys(&self.options.keys).map_err(|error| error.to_string())?;
                let opened = anew.open(place, &sealed).map_err(|error| error.to_string());
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = anew;
                opened
            }
            opened => opened.map_err(|error| error.to_string()),
        }
    }
}

/// Reads the keys; makes a key file where there is none and nothing was ever sealed. Where something was,
/// a missing file is an error: a new key would open none of it.
pub(super) fn first_keys(source: &KeySource, books: &Books) -> Result<KeyRing, ServerError> {
    match source {
        KeySource::File(path) if !books.has_secrets()? => Ok(KeyRing::open_or_create(path)?),
        source => read_keys(source),
    }
}

/// Reads the keys.
pub(crate) fn read_keys(source: &KeySource) -> Result<KeyRing, ServerError> {
    Ok(match source {
        KeySource::File(path) => KeyRing::from_file(path)?,
        KeySource::Text(text) => {
            use secrecy::ExposeSecret as _;
            KeyRing::from_text(text.expose_secret())?
        }
    })
}

async fn describe(connector: &Connector) -> Result<Description, ServerError> {
    let directory = tempfile::tempdir().map_err(ServerError::Temporary)?;
    let store = open_aside(directory.path())?;
    let described = connector.describe(&Workspace::new(store)).await.result;
    described.map_err(|error| ServerError::Connector(in_words(&error)))
}

/// `describe` needs no store, but a call needs a workspace.
fn open_aside(directory: &Path) -> Result<Arc<SqliteStore>, ServerError> {
    let options = crate::store::StoreOptions {
        durable: false,
        ..crate::store::StoreOptions::default()
    };
    Ok(Arc::new(SqliteStore::open(directory, &options)?))
}

/// How long a slice of a sync is: after each, whoever waits longest works next.
pub(crate) const SLICE: Duration = Duration::from_secs(10);

/// The machine's time of day.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTime;

impl WallClock for SystemTime {
    fn since_epoch(&self) -> Duration {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default()
    }
}
