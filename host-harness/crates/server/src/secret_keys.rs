//! The vault's keys: read where they are, changed by one at a time, and used to seal and to open secrets.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use local_files::{Held, NotHeld, hold};
use secrecy::{ExposeSecret as _, SecretString};
use server_db::{Secrets, run_blocking};
use vault::{KeyRing, MalformedSealed, OpenError, SealError, Sealed, SecretScope};

use crate::error::ServerError;
use crate::options::{KeySource, ServerOptions};

/// How long one who needs the keys waits for another to be done with them.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// The keys of a server that runs.
pub(crate) struct SecretKeys {
    source: KeySource,
    lock: PathBuf,
    ring: RwLock<KeyRing>,
}

impl SecretKeys {
    /// Reads the keys, and clears away what a process left that was killed while it changed them.
    pub(crate) fn open(options: &ServerOptions, db: &dyn Secrets) -> Result<Self, ServerError> {
        remove_unfinished_keys(options);
        Ok(Self {
            source: options.keys.clone(),
            lock: lock_of(&options.data),
            ring: RwLock::new(first_keys(&options.keys, db)?),
        })
    }

    /// The right to seal secrets, with the keys that are in force now. Nobody can change the keys until it
    /// is dropped: hold it until what it sealed is stored. Waits where they are being changed.
    pub(crate) fn sealer(&self) -> Result<Sealer, SealingError> {
        let held = match &self.source {
            KeySource::File(_) => Some(run_blocking(|| hold(&self.lock, LOCK_TIMEOUT))?),
            // They are what they were when the server started.
            KeySource::Text(_) => None,
        };
        let keys = read_keys(&self.source).map_err(|error| {
            tracing::error!(%error, "sealing a secret failed");
            SealingError::Keys
        })?;
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = keys.clone();
        Ok(Sealer { keys, _held: held })
    }

    /// Opens a sealed secret. Where its key is not known, the key file is read again: keys are changed
    /// while the server runs.
    pub(crate) fn unseal(
        &self,
        place: SecretScope<'_>,
        sealed: &[u8],
    ) -> Result<SecretString, UnsealError> {
        let sealed = Sealed::from_bytes(sealed)?;
        let opened = {
            let keys = self.ring.read().unwrap_or_else(PoisonError::into_inner);
            keys.open(place, &sealed)
        };
        match opened {
            Err(OpenError::UnknownKey { .. }) => {
                let anew = read_keys(&self.source)?;
                let opened = anew.open(place, &sealed);
                *self.ring.write().unwrap_or_else(PoisonError::into_inner) = anew;
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
        place: SecretScope<'_>,
        secret: &SecretString,
    ) -> Result<Vec<u8>, SealingError> {
        Ok(self.keys.seal(place, secret)?.to_bytes())
    }
}

/// Why a secret was not sealed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealingError {
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

impl From<NotHeld> for SealingError {
    fn from(error: NotHeld) -> Self {
        tracing::error!(%error, "sealing a secret failed");
        match error {
            NotHeld::Other { .. } => Self::Changing,
            NotHeld::Failed { .. } => Self::Keys,
        }
    }
}

/// Why a secret was not opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnsealError {
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

fn lock_of(data: &Path) -> PathBuf {
    data.join("vault.lock")
}

/// The right to change the keys of a server, or to store what was sealed with them.
pub(crate) fn hold_keys(data: &Path) -> Result<Held, NotHeld> {
    hold(&lock_of(data), LOCK_TIMEOUT)
}

/// Reads the keys; makes a key file where there is none and nothing was ever sealed. Where something was,
/// a missing file is an error: a new key would open none of it.
pub(crate) fn first_keys(source: &KeySource, db: &dyn Secrets) -> Result<KeyRing, ServerError> {
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
    let Ok(_held) = hold(&lock_of(&options.data), Duration::ZERO) else {
        return;
    };
    match KeyRing::remove_unfinished(path) {
        Ok(0) => {}
        Ok(removed) => tracing::warn!(removed, "unfinished key files were removed"),
        Err(error) => tracing::warn!(%error, "unfinished key files cannot be removed"),
    }
}

/// Reads the keys.
fn read_keys(source: &KeySource) -> Result<KeyRing, ServerError> {
    Ok(match source {
        KeySource::File(path) => KeyRing::from_file(path)?,
        KeySource::Text(text) => KeyRing::from_text(text.expose_secret())?,
    })
}
