//! Notifications of directories that wait to be judged, and syncs that are to be repeated.
//!
//! Notifications are a hint, so they are kept in memory alone, and no more of them than somebody will look at: a
//! server that starts has none, and what is left out the schedule finds.
//!
//! Where a workspace is told of changes is an address with a part that nobody can guess: a keyed hash of the
//! workspace's id. So a stranger's request is known by its address, without a look at anything. Whoever loses the
//! key's file has other addresses, and the connector subscribes with those.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use secrecy::{ExposeSecret as _, SecretString};

use crate::error::ServerError;
use crate::options::ServerOptions;
use crate::token;

/// The file in the server's directory.
const FILE: &str = "notify.key";

/// Bodies that wait in one workspace, and bytes of them in all workspaces together.
const MOST_WAITING: usize = 16;
const MOST_BYTES: usize = 64 << 20;

/// A notification may come before the directory shows the change
/// (<https://learn.microsoft.com/graph/delta-query-overview>): so long after a sync that found nothing it is done
/// once more.
const REPEAT_AFTER_MS: i64 = 3 * 60 * 1_000;

/// What waits in one workspace.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Bodies as they came.
    pub(crate) bodies: Vec<Bytes>,
    /// A sync is to be repeated.
    pub(crate) repeat: bool,
}

#[derive(Default)]
struct Waiting {
    bodies: BTreeMap<String, VecDeque<Bytes>>,
    bytes: usize,
    /// When a sync is to be repeated. Milliseconds since 1970-01-01T00:00:00Z.
    repeats: BTreeMap<String, i64>,
}

/// What waits, and where it comes from.
pub(crate) struct Notifications {
    /// What addresses begin with; none where no notifications are taken.
    root: Option<String>,
    key: SecretString,
    waiting: Mutex<Waiting>,
}

impl Notifications {
    /// Reads the key of the addresses, and makes one where there is none.
    ///
    /// # Errors
    ///
    /// Where it cannot be read or made.
    pub(crate) fn open(options: &ServerOptions) -> Result<Self, ServerError> {
        let path = options.data.join(FILE);
        let key =
            key(&options.data, &path).map_err(|source| ServerError::Directory { path, source })?;
        let root = options.notifications.then(|| options.public_url.clone());
        Ok(Self {
            root,
            key,
            waiting: Mutex::default(),
        })
    }

    /// Where a workspace is told of changes; `None` where it is not.
    pub(crate) fn address(&self, workspace: &str) -> Option<String> {
        let root = self.root.as_ref()?;
        Some(format!(
            "{root}/notify/{workspace}/{}",
            self.token(workspace)
        ))
    }

    /// Whether an address is one of ours. It takes the same time however much of it is right.
    pub(crate) fn is_ours(&self, workspace: &str, told: &str) -> bool {
        self.root.is_some() && token::constant_time_eq(&self.token(workspace), told)
    }

    fn token(&self, workspace: &str) -> String {
        let key = token::key(self.key.expose_secret(), "notifications");
        token::idempotency_key(&key, [workspace])
    }

    /// Keeps a body until it is judged. Where too much waits already it is left out: whoever judges what waits syncs
    /// after it.
    pub(crate) fn put(&self, workspace: &str, body: Bytes) {
        let mut waiting = self.waiting();
        let bytes = waiting.bytes.saturating_add(body.len());
        let bodies = waiting.bodies.entry(workspace.to_owned()).or_default();
        if bodies.len() < MOST_WAITING && bytes <= MOST_BYTES {
            bodies.push_back(body);
            waiting.bytes = bytes;
        } else if bodies.is_empty() {
            waiting.bodies.remove(workspace);
        }
    }

    /// Has a sync of a workspace done once more in a while.
    pub(crate) fn repeat(&self, workspace: &str, now_ms: i64) {
        let at_ms = now_ms.saturating_add(REPEAT_AFTER_MS);
        self.waiting().repeats.insert(workspace.to_owned(), at_ms);
    }

    /// Takes what waits in a workspace now.
    pub(crate) fn take(&self, workspace: &str, now_ms: i64) -> Taken {
        let mut waiting = self.waiting();
        let bodies: Vec<Bytes> = waiting
            .bodies
            .remove(workspace)
            .into_iter()
            .flatten()
            .collect();
        let bytes: usize = bodies.iter().map(Bytes::len).sum();
        waiting.bytes = waiting.bytes.saturating_sub(bytes);
        let repeat = waiting
            .repeats
            .get(workspace)
            .is_some_and(|at_ms| *at_ms <= now_ms);
        if repeat {
            waiting.repeats.remove(workspace);
        }
        Taken { bodies, repeat }
    }

    /// Forgets everything that waits in a workspace.
    pub(crate) fn forget(&self, workspace: &str) {
        let _ = self.take(workspace, i64::MAX);
    }

    /// The workspaces in which something waits now.
    pub(crate) fn due(&self, now_ms: i64) -> BTreeSet<String> {
        let waiting = self.waiting();
        let repeats = waiting.repeats.iter();
        let repeats = repeats
            .filter(|(_, at_ms)| **at_ms <= now_ms)
            .map(|(id, _)| id);
        waiting.bodies.keys().chain(repeats).cloned().collect()
    }

    /// How long it is until something is due.
    pub(crate) fn next_due_in(&self, now_ms: i64) -> Option<Duration> {
        let waiting = self.waiting();
        if !waiting.bodies.is_empty() {
            return Some(Duration::ZERO);
        }
        let at_ms = waiting.repeats.values().min()?;
        let left = at_ms.saturating_sub(now_ms);
        Some(Duration::from_millis(u64::try_from(left).unwrap_or(0)))
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(directory: &Path, path: &Path) -> io::Result<SecretString> {
    match std::fs::read_to_string(path) {
        Ok(text) if text.trim().len() >= 43 => Ok(SecretString::from(text.trim())),
        Ok(_) => {
            let told = "it holds no key; take it away, and another is made";
            Err(io::Error::new(io::ErrorKind::InvalidData, told))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = token::new().map_err(io::Error::other)?;
            let mut file = tempfile::NamedTempFile::new_in(directory)?;
            writeln!(file, "{key}")?;
            file.as_file().sync_all()?;
            file.persist_noclobber(path)?;
            Ok(SecretString::from(key))
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notifications(root: Option<&str>) -> Notifications {
        Notifications {
            root: root.map(str::to_owned),
            key: SecretString::from("a key that nobody knows"),
            waiting: Mutex::default(),
        }
    }

    #[test]
    fn each_workspace_has_an_address_that_is_known_again_and_no_other_is() {
        let ours = notifications(Some("https://sync.example"));
        let address = ours.address("acme").unwrap();
        let (beginning, token) = address.rsplit_once('/').unwrap();
        assert_eq!(beginning, "https://sync.example/notify/acme");
        assert!(ours.is_ours("acme", token));
        assert!(!ours.is_ours("other", token));
        assert!(!ours.is_ours("acme", ""));
        assert!(!ours.is_ours("acme", &token[1..]));
        let without = notifications(None);
        assert_eq!(without.address("acme"), None);
        assert!(!without.is_ours("acme", token));
    }

    #[test]
    fn the_key_is_made_once_and_read_again_and_one_that_is_none_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(FILE);
        let read = || key(directory.path(), &path);
        let made = read().unwrap();
        assert_eq!(read().unwrap().expose_secret(), made.expose_secret());
        std::fs::write(&path, "short").unwrap();
        assert!(read().unwrap_err().to_string().contains("take it away"));
    }

    #[test]
    fn what_waits_is_taken_once_and_no_more_waits_than_is_looked_at() {
        let ours = notifications(None);
        for _ in 0..1_000 {
            ours.put("acme", Bytes::from_static(b"{}"));
        }
        assert_eq!(ours.due(0), BTreeSet::from(["acme".to_owned()]));
        assert_eq!(ours.next_due_in(0), Some(Duration::ZERO));
        assert_eq!(ours.take("acme", 0).bodies.len(), MOST_WAITING);
        assert!(ours.take("acme", 0).bodies.is_empty());
        assert_eq!(ours.next_due_in(0), None);
        assert_eq!(ours.waiting().bytes, 0);
    }

    #[test]
    fn the_bytes_that_wait_in_all_workspaces_are_bounded() {
        let ours = notifications(None);
        let body = Bytes::from(vec![b' '; MOST_BYTES / 32]);
        for number in 0..100 {
            ours.put(&format!("w{number}"), body.clone());
        }
        assert_eq!(ours.due(0).len(), 32);
    }

    #[test]
    fn a_sync_is_repeated_once_after_a_while() {
        let ours = notifications(None);
        ours.repeat("acme", 1_000);
        let at = 1_000 + REPEAT_AFTER_MS;
        assert!(ours.due(at - 1).is_empty());
        assert_eq!(ours.next_due_in(at - 1), Some(Duration::from_millis(1)));
        assert!(!ours.take("acme", at - 1).repeat);
        assert!(ours.due(at).contains("acme"));
        assert!(ours.take("acme", at).repeat);
        assert!(ours.due(i64::MAX).is_empty());
        ours.repeat("acme", 1_000);
        ours.forget("acme");
        assert!(ours.due(i64::MAX).is_empty());
    }
}
