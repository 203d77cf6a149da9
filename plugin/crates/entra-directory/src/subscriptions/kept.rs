//! Which subscriptions there are, as the state keeps it.
//!
//! Of what is to be known to nobody else (the client state, and the address, in which strangers are kept out by a
//! part of the path) the state has the hash alone.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sync_core::engine::checkpoint::{read, write};
use sync_core::engine::run_abort::RunAbort;
use sync_core::ports::{State, StateWrite, Timestamp};

const KEY: &str = "subscriptions";

/// A subscription of this workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// What it is to.
    pub resource: String,
    /// The service's id.
    pub id: String,
    /// Hash of what each notification repeats.
    pub client_state: String,
    /// Hash of who asked for it, and where to, see [`known_by`].
    pub address: String,
    /// When it was made.
    pub since: Timestamp,
    /// When it was made or renewed last.
    pub renewed: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// From when on it is to be renewed.
    pub due: Timestamp,
}

/// Why a subscription could not be made or renewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// What happened, and what helps.
    pub message: String,
    /// When it was tried last.
    pub at: Timestamp,
}

/// Everything that is kept of subscriptions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Those that there are.
    pub subscriptions: Vec<Subscription>,
    /// What stood in the way when something was due last.
    pub trouble: Option<Trouble>,
}

impl Kept {
    /// What is kept.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub fn load(state: &dyn State) -> Result<Self, RunAbort> {
        Ok(read(state, KEY)?.unwrap_or_default())
    }

    /// What keeps it; goes into a commit.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn save(&self) -> Result<StateWrite, RunAbort> {
        if *self == Self::default() {
            return Ok(Self::forget());
        }
        write(KEY, self)
    }

    /// What forgets it.
    #[must_use]
    pub fn forget() -> StateWrite {
        StateWrite {
            key: KEY.to_owned(),
            value: None,
        }
    }
}

/// The hash by which it is known again who asks to be told of changes, and where to: which application of which
/// tenant `asker` names. With either changed, a subscription is somebody else's.
#[must_use]
pub fn known_by(asker: &str, address: &str) -> String {
    hash(&format!("{asker} {address}"))
}

/// The hash by which a text is known again.
#[must_use]
pub fn hash(text: &str) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(text.as_bytes()))
}
