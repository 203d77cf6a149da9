//! What every request shares: the host, and what only HTTP needs.

use std::sync::Arc;

use axum::extract::FromRef;

use super::at_work::FormsAtWork;
use super::rate::{ChangeLimiter, Tries};
use super::saving::Saving;
use crate::host::Host;

/// What the handlers are given. Cloning is cheap, and clones share everything.
#[derive(Clone)]
pub(super) struct WebState {
    pub(super) host: Arc<Host>,
    /// Tries to sign in that failed.
    pub(super) tries: Arc<Tries>,
    /// What the people of each workspace change.
    pub(super) changes: Arc<ChangeLimiter>,
    /// Whether anything can be saved.
    pub(super) saving: Arc<Saving>,
    /// Forms that are being carried out.
    pub(super) forms: Arc<FormsAtWork>,
}

impl WebState {
    pub(super) fn new(host: Arc<Host>) -> Self {
        Self {
            host,
            tries: Arc::new(Tries::new()),
            changes: Arc::new(ChangeLimiter::new()),
            saving: Arc::default(),
            forms: Arc::default(),
        }
    }
}

/// For handlers that need nothing of HTTP.
impl FromRef<WebState> for Arc<Host> {
    fn from_ref(web: &WebState) -> Self {
        Arc::clone(&web.host)
    }
}
