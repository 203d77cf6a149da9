//! What all workspaces of a server share: state, without behaviour of its own.

use std::sync::Arc;

use connector_runtime::{Runtime, RuntimeOptions};
use server_db::{AuditEvent, Records, ServerDb};
use sync_runner::Dispatcher;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::connection_pools::ConnectionPools;
use crate::connector::LoadedConnector;
use crate::destinations::Destinations;
use crate::dispatch::InProcess;
use crate::error::ServerError;
use crate::kept_tokens::KeptTokens;
use crate::metrics::Metrics;
use crate::notifications::Notifications;
use crate::open_files;
use crate::options::ServerOptions;
use crate::secret_keys::SecretKeys;
use crate::services::overview::kept_reports::KeptReports;
use crate::spreading::Spreading;
use crate::stores::OpenStores;
use crate::tasks::TaskRegistry;
use crate::turns::Turns;

/// The state of a server. Services take it, with the id of a workspace where they are about one.
pub(crate) struct App {
    pub(crate) db: Arc<dyn Records>,
    pub(crate) keys: SecretKeys,
    /// The access tokens that outlive a run.
    pub(crate) tokens: KeptTokens,
    pub(crate) connector: LoadedConnector,
    /// The connector with a destination in it.
    pub(crate) destinations: Destinations,
    /// What services were asked about the contacts that they keep.
    pub(crate) reports: KeptReports,
    pub(crate) stores: OpenStores,
    pub(crate) pools: ConnectionPools,
    pub(crate) options: ServerOptions,
    pub(crate) clock: Clock,
    pub(crate) metrics: Metrics,
    /// What directories have told.
    pub(crate) notifications: Notifications,
    /// The workspaces whose consent has yet to spread.
    pub(crate) spreading: Spreading,
    /// Who works next.
    pub(crate) turns: Turns,
    /// What goes on in each workspace.
    pub(crate) tasks: TaskRegistry,
    /// Hears when a workspace's next run has changed.
    pub(crate) dispatcher: Arc<dyn Dispatcher>,
    /// Becomes true when the server is to end.
    pub(crate) closing: watch::Sender<bool>,
}

impl App {
    /// Opens the records and the keys, and loads the connector.
    pub(crate) async fn open(options: ServerOptions) -> Result<Arc<Self>, ServerError> {
        let db: Arc<dyn Records> = Arc::new(ServerDb::open(&options.data)?);
        let keys = SecretKeys::open(&options, &*db)?;
        let notifications = Notifications::open(&options)?;
        let cache = options.compiled.clone();
        let cache = cache.unwrap_or_else(|| options.data.join("compiled"));
        let runtime = Runtime::new(RuntimeOptions {
            cache_directory: Some(cache),
        })?;
        let connector = LoadedConnector::load(&options.component, &runtime).await?;
        let component = options.component.clone();
        let destinations = Destinations::new(runtime, component, &options.destinations);
        let files = open_files::raised();
        Ok(Arc::new(Self {
            db,
            keys,
            tokens: KeptTokens::default(),
            connector,
            destinations,
            reports: KeptReports::default(),
            stores: OpenStores::new(&options.data, files),
            pools: ConnectionPools::default(),
            clock: Clock::new(Arc::clone(&options.clock)),
            metrics: Metrics::new(),
            notifications,
            spreading: Spreading::default(),
            turns: Turns::new(options.parallel, files),
            tasks: TaskRegistry::default(),
            dispatcher: Arc::new(InProcess::default()),
            closing: watch::Sender::new(false),
            options,
        }))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Whether the server is ending.
    pub(crate) fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Something that is done now, for the audit log.
    pub(crate) fn event<'a>(
        &self,
        who: &'a str,
        action: &'a str,
        subject: Option<&'a str>,
    ) -> AuditEvent<'a> {
        AuditEvent {
            at_ms: self.now_ms(),
            who,
            action,
            subject,
        }
    }
}
