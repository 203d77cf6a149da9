//! What all workspaces of a server share: the connector, the records, the keys, and how many of them may
//! work at once.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use connector_contract::Description;
use connector_runtime::{Connector, Runtime, RuntimeOptions, WallClock, Workspace};
use local_files::{Held, NotHeld, hold};
use secrecy::SecretString;
use server_db::{Records, Secrets, ServerDb, run_blocking};
use store_sqlite::SqliteStore;
use sync_runner::{DataDirectory, in_words};
use tokio::sync::watch;
use vault::{KeyRing, MalformedSealed, OpenError, Place, SealError, Sealed};

use super::choices::Choices;
use super::desk::Desk;
use super::metrics::Metrics;
use super::open_files;
use super::turns::Turns;
use super::{ServerError, ServerOptions};

/// Stores that stay open after they were used: looking at one workspace again needs no opening, and two
/// hundred that were synced at night hold no memory in the morning.
const STORES_KEPT_OPEN: usize = 16;

/// Files that this process may have, for each of them.
const FILES_PER_STORE: u64 = 64;

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
    pub(crate) db: Arc<dyn Records>,
    pub(crate) connector: Connector,
    pub(crate) description: Description,
    pub(crate) choices: Choices,
    pub(crate) metrics: Metrics,
    pub(crate) options: ServerOptions,
    /// Who works next.
    pub(crate) turns: Turns,
    /// Becomes true when the server is to end.
    pub(crate) closing: watch::Sender<bool>,
    /// Wakes the scheduler when a workspace's next run has changed.
    pub(crate) rescheduled: tokio::sync::Notify,
    /// When the scheduler looked last, by the clock as it was then.
    pub(super) looked_at_ms: AtomicI64,
    keys: RwLock<KeyRing>,
    desks: Mutex<BTreeMap<String, Arc<Desk>>>,
    recent: Mutex<VecDeque<(String, Arc<SqliteStore>)>>,
    stores_kept_open: usize,
}

impl Host {
    /// Opens the records and the keys, and loads the connector.
    pub(super) async fn open(options: ServerOptions) -> Result<Arc<Self>, ServerError> {
        let db: Arc<dyn Records> = Arc::new(ServerDb::open(&options.data)?);
        remove_unfinished_keys(&options);
        let keys = first_keys(&options.keys, &*db)?;
        let runtime = Runtime::new(RuntimeOptions {
            cache_directory: options
                .compiled
                .clone()
                .or_else(|| Some(options.data.join("compiled"))),
        })?;
        let connector = runtime.load(&options.component)?;
        let description = describe(&connector).await?;
        let files = open_files::raised();
        Ok(Arc::new(Self {
            db,
            connector,
            choices: Choices::new(&description.configuration_schema),
            metrics: Metrics::new(),
            turns: Turns::new(options.parallel, files),
            closing: watch::Sender::new(false),
            rescheduled: tokio::sync::Notify::new(),
            looked_at_ms: AtomicI64::new(i64::MIN),
            keys: RwLock::new(keys),
            desks: Mutex::default(),
            recent: Mutex::default(),
            stores_kept_open: usize::try_from(files / FILES_PER_STORE)
                .map_or(STORES_KEPT_OPEN, |stores| stores.min(STORES_KEPT_OPEN)),
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
        recent.truncate(self.stores_kept_open);
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

    /// The right to seal secrets, with the keys that are in force now. Nobody can change the keys until it
    /// is dropped: hold it until what it sealed is stored. Waits where they are being changed.
    pub(crate) fn sealer(&self) -> Result<Sealer, NotSealed> {
        let held = match &self.options.keys {
            KeySource::File(_) => Some(run_blocking(|| hold_keys(&self.options.data))?),
            // They are what they were when the server started.
            KeySource::Text(_) => None,
        };
        let keys = read_keys(&self.options.keys).map_err(|error| {
            tracing::error!(%error, "no secret can be sealed");
            NotSealed::Keys
        })?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.clone();
        Ok(Sealer { keys, _held: held })
    }

    /// Opens a sealed secret. Where its key is not known, the key file is read again: keys are changed
    /// while the server runs.
    pub(crate) fn unseal(
        &self,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<SecretString, NotOpened> {
        let sealed = Sealed::from_bytes(sealed)?;
        let opened = {
            let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
            keys.open(place, &sealed)
        };
        match opened {
            Err(OpenError::UnknownKey { .. }) => {
                let anew = read_keys(&self.options.keys)?;
                let opened = anew.open(place, &sealed);
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = anew;
                Ok(opened?)
            }
            opened => Ok(opened?),
        }
    }
}

/// Seals secrets, and keeps the keys from being changed meanwhile.
#[must_use = "what it sealed may be lost unless it is held until that is stored"]
pub(crate) struct Sealer {
    keys: KeyRing,
    _held: Option<Held>,
}

impl Sealer {
    /// Seals a secret for its place.
    pub(crate) fn seal(
        &self,
        place: Place<'_>,
        secret: &SecretString,
    ) -> Result<Vec<u8>, NotSealed> {
        Ok(self.keys.seal(place, secret)?.to_bytes())
    }
}

/// Why a secret was not sealed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSealed {
    /// The keys are being changed.
    #[error(
        "the server's keys are being changed, so the secret was not kept; try again in a moment"
    )]
    Changing,
    /// They cannot be read; where they are is the operator's business.
    #[error(
        "the server's keys cannot be used, so the secret was not kept; whoever operates the server finds \
         the reason in its log"
    )]
    Keys,
    /// It cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl From<NotHeld> for NotSealed {
    fn from(error: NotHeld) -> Self {
        tracing::error!(%error, "no secret can be sealed");
        match error {
            NotHeld::Other { .. } => Self::Changing,
            NotHeld::Failed { .. } => Self::Keys,
        }
    }
}

/// Why a secret was not opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotOpened {
    /// No vault has written it.
    #[error(transparent)]
    Malformed(#[from] MalformedSealed),
    /// The keys that there are do not open it.
    #[error(transparent)]
    Closed(#[from] OpenError),
    /// The keys cannot be read.
    #[error(transparent)]
    Keys(#[from] ServerError),
}

/// How long one who needs the keys waits for another to be done with them.
const PATIENCE: Duration = Duration::from_secs(5);

/// The right to change the keys of a server, or to store what was sealed with them.
pub(super) fn hold_keys(data: &Path) -> Result<Held, NotHeld> {
    hold(&data.join("vault.lock"), PATIENCE)
}

/// Reads the keys; makes a key file where there is none and nothing was ever sealed. Where something was,
/// a missing file is an error: a new key would open none of it.
pub(super) fn first_keys(source: &KeySource, db: &dyn Secrets) -> Result<KeyRing, ServerError> {
    match source {
        KeySource::File(path) if !db.has_secrets()? => Ok(KeyRing::open_or_create(path)?),
        source => read_keys(source),
    }
}

/// Removes what a process that was killed while it changed the keys has left: copies of keys that nobody
/// would look for. Where somebody changes them now, what is there is theirs.
fn remove_unfinished_keys(options: &ServerOptions) {
    let KeySource::File(path) = &options.keys else {
        return;
    };
    let Ok(_held) = hold(&options.data.join("vault.lock"), Duration::ZERO) else {
        return;
    };
    match KeyRing::remove_unfinished(path) {
        Ok(0) => {}
        Ok(removed) => tracing::warn!(removed, "unfinished key files were removed"),
        Err(error) => tracing::warn!(%error, "unfinished key files cannot be removed"),
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
    let options = store_sqlite::StoreOptions {
        durable: false,
        ..store_sqlite::StoreOptions::default()
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
