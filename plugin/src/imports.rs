//! What the platform gives to one call.

use guest_kit::{Clock, Entropy, Http, Outside, RunControl, Secrets, Signing, TokenCache};
use sync_core::ports::{ContactStore, PlanSink, Ports, State};

/// The host's consent, asked for in each call.
pub trait Consent {
    /// Whether this root, which the document names in the place of Microsoft's, may be used now.
    fn endpoint(&self, root: &str) -> bool;
}

/// Where the host can be told of changes, asked for in each call that sees to it.
pub trait NotificationTarget {
    /// The address; `None` where the host takes no notifications.
    fn address(&self) -> Option<String>;
}

/// Takes no notifications.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNotifications;

impl NotificationTarget for NoNotifications {
    fn address(&self) -> Option<String> {
        None
    }
}

/// Everything one call of the connector works with.
#[derive(Clone, Copy)]
pub struct Imports<'a> {
    /// The way out.
    pub http: &'a dyn Http,
    /// The contacts.
    pub store: &'a dyn ContactStore,
    /// The connector's own durable state.
    pub state: &'a dyn State,
    /// Where a plan goes.
    pub plan: &'a dyn PlanSink,
    /// Secrets by name.
    pub secrets: &'a dyn Secrets,
    /// Keys by name.
    pub signing: &'a dyn Signing,
    /// Tokens that outlive the call.
    pub tokens: &'a dyn TokenCache,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness, for request ids and jitter.
    pub entropy: &'a dyn Entropy,
    /// Progress, log, stop.
    pub control: &'a dyn RunControl,
    /// What the host allows.
    pub consent: &'a dyn Consent,
    /// Where the host can be told of changes.
    pub notifications: &'a dyn NotificationTarget,
}

impl<'a> Imports<'a> {
    /// What the client of the directory works with.
    #[must_use]
    pub fn outside(self) -> Outside<'a> {
        Outside {
            http: self.http,
            secrets: self.secrets,
            signing: self.signing,
            tokens: self.tokens,
            clock: self.clock,
            entropy: self.entropy,
            control: self.control,
        }
    }

    /// What a sync works with, beside the directory.
    #[must_use]
    pub fn ports(self) -> Ports<'a> {
        Ports {
            store: self.store,
            state: self.state,
            plan: self.plan,
            clock: self.clock,
            entropy: self.entropy,
            control: self.control,
        }
    }
}
