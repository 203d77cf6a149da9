//! What every request shares: the application's state, and what only HTTP needs.

use std::sync::Arc;

use axum::extract::FromRef;

use super::in_flight::InFlight;
use super::rate_limit::{ChangeLimiter, NotificationLimiter, SignInLimiter};
use super::readiness::Readiness;
use crate::app::App;

/// What the handlers are given. Cloning is cheap, and clones share everything.
#[derive(Clone)]
pub(super) struct WebState {
    pub(super) app: Arc<App>,
    /// Tries to sign in that failed.
    pub(super) sign_ins: Arc<SignInLimiter>,
    /// What the people of each workspace change.
    pub(super) changes: Arc<ChangeLimiter>,
    /// What directories tell of each workspace.
    pub(super) notified: Arc<NotificationLimiter>,
    /// Whether anything can be saved.
    pub(super) readiness: Arc<Readiness>,
    /// Forms that are being carried out.
    pub(super) in_flight: Arc<InFlight>,
}

impl WebState {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self {
            app,
            sign_ins: Arc::new(SignInLimiter::new()),
            changes: Arc::new(ChangeLimiter::new()),
            notified: Arc::new(NotificationLimiter::new()),
            readiness: Arc::default(),
            in_flight: Arc::default(),
        }
    }
}

/// For handlers that need nothing of HTTP.
impl FromRef<WebState> for Arc<App> {
    fn from_ref(web: &WebState) -> Self {
        Arc::clone(&web.app)
    }
}
