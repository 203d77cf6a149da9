//! Which workspaces have their connection tested again by itself, while Microsoft's servers hear of a consent.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The workspaces whose test is being repeated.
#[derive(Clone, Default)]
pub(crate) struct Spreading(Arc<Mutex<BTreeSet<String>>>);

/// A workspace whose test is being repeated, until this is dropped.
pub(crate) struct Repeating {
    spreading: Spreading,
    workspace: String,
}

impl Spreading {
    fn workspaces(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the test of that workspace is being repeated.
    pub(crate) fn is_in(&self, workspace: &str) -> bool {
        self.workspaces().contains(workspace)
    }

    /// Nothing where it is being repeated already.
    pub(crate) fn begin(&self, workspace: &str) -> Option<Repeating> {
        let is_new = self.workspaces().insert(workspace.to_owned());
        is_new.then(|| Repeating {
            spreading: self.clone(),
            workspace: workspace.to_owned(),
        })
    }
}

impl Drop for Repeating {
    fn drop(&mut self) {
        self.spreading.workspaces().remove(&self.workspace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_is_repeated_once_at_a_time() {
        let spreading = Spreading::default();
        let first = spreading.begin("acme");
        assert!(first.is_some() && spreading.is_in("acme"));
        assert!(spreading.begin("acme").is_none());
        assert!(spreading.begin("contoso").is_some());
        drop(first);
        assert!(!spreading.is_in("acme"));
    }
}
