//! What a call is given: one workspace's side of every import.

use super::http::HttpAccess;
use super::limits::Limits;
use super::turn::Turns;
use connector_contract::WallClock;
use connector_contract::imports::{
    ConnectorStore, ContactStore, Ledger, NoSecrets, NoSigning, NoTokens, PlanSink, RunControl,
    Secrets, Signing, Silent, State, TokenCache,
};
use std::fmt;
use std::sync::Arc;

/// What one workspace gives to the connector during a call.
///
/// [`Workspace::new`] gives the store and nothing else: no network, no secret, no key, nobody who listens.
/// The rest is put into the fields. Cloning is cheap, and clones share everything.
#[derive(Clone)]
pub struct Workspace {
    /// The contacts.
    pub store: Arc<dyn ContactStore>,
    /// The connector's state, which lives with the contacts.
    pub state: Arc<dyn State>,
    /// Where a plan goes; an empty one for each call of `plan`.
    pub plan: Arc<dyn PlanSink>,
    /// The secrets that the configuration may name.
    pub secrets: Arc<dyn Secrets>,
    /// The keys that the configuration may name.
    pub signing: Arc<dyn Signing>,
    /// The access tokens that outlive a call.
    pub tokens: Arc<dyn TokenCache>,
    /// Who hears of progress and log events, and may stop the call.
    pub control: Arc<dyn RunControl>,
    /// The hosts that can be reached, and the connections to them. Shared by the calls of one
    /// workspace and by nobody else: connections are authenticated.
    pub http: HttpAccess,
    /// The public address at which this workspace's notifications are taken, see `notification-target` in
    /// `wit/host.wit`; `None`: nowhere.
    pub notified_at: Option<String>,
    /// What a destination in the component is given; `None` where there is none.
    pub target: Option<Target>,
    /// What one call may use.
    pub limits: Limits,
    /// The time of day that the component sees; `None` is the machine's.
    pub clock: Option<Arc<dyn WallClock>>,
    /// Who says when the component may compute, where many calls go on at once; `None`: always.
    pub turns: Option<Arc<dyn Turns>>,
}

/// What a destination in the component is given.
#[derive(Clone)]
pub struct Target {
    /// The object at `/sync/target` of the configuration document, as JSON text.
    pub settings: String,
    /// The account that they mean, as the destination tells it: whose ledger this is. Empty until it has told.
    pub account: String,
    /// Its memory.
    pub ledger: Arc<dyn Ledger>,
}

impl Workspace {
    /// A workspace that has its contacts, state and plans in `store`, and nothing else.
    pub fn new(store: Arc<dyn ConnectorStore>) -> Self {
        Self {
            store: store.clone(),
            state: store.clone(),
            plan: store,
            secrets: Arc::new(NoSecrets),
            signing: Arc::new(NoSigning),
            tokens: Arc::new(NoTokens),
            control: Arc::new(Silent),
            http: HttpAccess::denied(),
            notified_at: None,
            target: None,
            limits: Limits::default(),
            clock: None,
            turns: None,
        }
    }
}

impl fmt::Debug for Workspace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Workspace")
            .field("http", &self.http)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
