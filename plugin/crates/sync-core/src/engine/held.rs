//! What a limit held back: kept for each of the people concerned until a run settles them, so that it can
//! be explained.
//!
//! What is staged is void once a limit has stopped a run. That it was held back stays: a note, and here
//! what would have been done, in the name of which run, and what the limit said.

use serde::{Deserialize, Serialize};

use crate::contact::{Evidence, ObjectId, RemovalKind};
use crate::ports::{Commit, Note, Ports, State, StateWrite};
use crate::reconcile::reason::Reason;
use crate::run::{Block, RunRecord};

use super::checkpoint::{delete, read, write};
use super::format;
use super::run_abort::RunAbort;
use super::session::Session;
use super::staged::Staged;

const HELD: &str = "held/";
/// What goes into one commit.
const BATCH: u32 = 500;

/// What was held back from one user's contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The run that was stopped last.
    pub run: String,
    /// What the limit said.
    pub limit: String,
    /// What would have been done.
    pub what: HeldBack,
}

/// What would have been done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeldBack {
    /// The contact would have been removed.
    Removal {
        /// How.
        kind: RemovalKind,
        /// Why.
        evidence: Evidence,
    },
    /// Fields would have been emptied, because the directory has no value any more, and the directory would have
    /// been given what the contact holds.
    #[serde(rename = "blanking")]
    Update {
        /// Names of the fields that would have been emptied.
        fields: Vec<String>,
        /// Attributes that the directory would have been given.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attributes: Vec<String>,
    },
    /// The person would have been invited as a guest.
    Invitation,
}

impl Held {
    fn key(user: &ObjectId) -> String {
        format!("{HELD}{user}")
    }

    /// What was held back from a user's contact.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub fn load(state: &dyn State, user: &ObjectId) -> Result<Option<Self>, RunAbort> {
        read(state, &Self::key(user))
    }

    /// The user was settled.
    pub(super) fn forget(user: &ObjectId) -> StateWrite {
        delete(Self::key(user))
    }

    /// Whether anything is held back.
    pub(super) fn is_in_use(state: &dyn State) -> Result<bool, RunAbort> {
        Ok(!state.list(HELD, None, 1)?.is_empty())
    }
}

/// Keeps for everybody who is staged that the limit held it back.
pub(super) fn keep(session: &Session<'_>, run: &RunRecord, block: &Block) -> Result<(), RunAbort> {
    keep_from(session, run, &run.id, &block.message)
}

/// The same, of what the limit has held back since an earlier run.
pub(super) fn keep_from(
    session: &Session<'_>,
    run: &RunRecord,
    since: &str,
    limit: &str,
) -> Result<(), RunAbort> {
    let ports = session.ports;
    let mut after: Option<ObjectId> = None;
    loop {
        let page = Staged::page(ports.state, after.as_ref(), BATCH)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.object_id().clone());
        let mut commit = session.commit_of(run);
        for staged in page {
            let user = staged.object_id().clone();
            commit.notes.push(Note {
                object_id: user.clone(),
                address: None,
                contact: Some(staged.contact().clone()),
                reason: Reason::HeldByBreaker.code().to_owned(),
            });
            let held = Held {
                run: since.to_owned(),
                limit: limit.to_owned(),
                what: staged.into(),
            };
            commit.state.push(write(&Held::key(&user), &held)?);
        }
        format::commit(ports, commit)?;
    }
}

/// Forgets all that was held back, with the notes that say so: a run came to its end, and a limit holds
/// nothing back any more.
pub(super) fn discard(ports: Ports<'_>, source: &str) -> Result<(), RunAbort> {
    loop {
        let held = ports.state.list(HELD, None, BATCH)?;
        if held.is_empty() {
            return Ok(());
        }
        let mut commit = Commit {
            source: source.to_owned(),
            ..Commit::default()
        };
        for (key, _) in held {
            let user = key.strip_prefix(HELD).map(ObjectId::new);
            commit.settled.extend(user);
            commit.state.push(delete(key));
        }
        format::commit(ports, commit)?;
    }
}

impl From<Staged> for HeldBack {
    fn from(staged: Staged) -> Self {
        match staged {
            Staged::Removal { removal, .. } => Self::Removal {
                kind: removal.kind,
                evidence: removal.evidence,
            },
            Staged::Invitation { .. } => Self::Invitation,
            Staged::Update { update, .. } => Self::Update {
                fields: update.fields.into_iter().map(|field| field.name).collect(),
                attributes: update
                    .directory
                    .into_iter()
                    .map(|change| change.attribute)
                    .collect(),
            },
        }
    }
}
