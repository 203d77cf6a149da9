//! A server that runs: it listens, schedules, and ends in peace.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use local_files::{Held, NotHeld, create_directory, hold};
use secrecy::SecretString;
use server_db::Outcome;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::dispatch::start_due;
use crate::error::ServerError;
use crate::operator::Operator;
use crate::options::ServerOptions;
use crate::public_url::public_url;
use crate::services::context::WorkspaceContext;
use crate::services::due::DueSyncs;
use crate::services::jobs::begin::sync;
use crate::services::recovery::{recover, update_all_metrics};
use crate::services::setup::provision::provision;
use crate::{connections, open_files, web};

/// How long the server waits for pages that are being worked on.
const LAST_PAGES: Duration = Duration::from_secs(60);

/// How long the server waits for whoever still looks at a workspace.
const LAST_LOOKS: Duration = Duration::from_secs(5);

/// A server that runs. Dropping it cuts everything off; [`Server::stop`] lets what goes on finish its page.
pub struct Server {
    app: Arc<App>,
    address: SocketAddr,
    serving: JoinHandle<()>,
    scheduling: JoinHandle<()>,
    making_room: JoinHandle<()>,
    sweeping_tokens: JoinHandle<()>,
    /// Of the directory: a second server would take up what this one is doing.
    _held: Held,
}

/// How a workspace stands, for whoever operates the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkspaceStatus {
    /// Something goes on there.
    pub running: bool,
    /// The last run succeeded.
    pub succeeded: bool,
    /// Scheduled runs that failed, one after another.
    pub failures: u32,
    /// When it is due next. Milliseconds since 1970-01-01T00:00:00Z.
    pub next_run_ms: Option<i64>,
}

impl Server {
    /// Starts on an address that was bound already, goes on with what an earlier server had begun, and
    /// starts what is due.
    ///
    /// # Errors
    ///
    /// See [`ServerError`].
    pub async fn start(listener: TcpListener, options: ServerOptions) -> Result<Self, ServerError> {
        let address = listener
            .local_addr()
            .map_err(|source| ServerError::Listen {
                address: SocketAddr::from(([127, 0, 0, 1], 0)),
                source,
            })?;
        let held = alone_in(&options.data)?;
        let public_url = public_url(&options.public_url)?;
        let options = ServerOptions {
            public_url,
            ..options
        };
        let app = App::open(options).await?;
        app.db.set_public_url(&app.options.public_url)?;
        let event = app.event("server", "server-started", None);
        app.db.note(None, event)?;
        log_audit_head(&app);
        recover(&app)?;
        let most = connections::max_connections(open_files::raised());
        let serving = tokio::spawn(connections::serve(
            listener,
            web::router(&app),
            most,
            connections::Times::default(),
            app.closing.subscribe(),
        ));
        let scheduling = tokio::spawn(dispatch(Arc::clone(&app)));
        tokio::spawn(update_all_metrics(Arc::clone(&app)));
        let room = Arc::clone(&app);
        let making_room = tokio::spawn(async move { room.turns.make_room().await });
        let tokens = Arc::clone(&app);
        let sweeping_tokens = tokio::spawn(async move { tokens.tokens.sweep_always().await });
        Ok(Self {
            app,
            address,
            serving,
            scheduling,
            making_room,
            sweeping_tokens,
            _held: held,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its operator can do while it runs.
    #[must_use]
    pub fn operator(&self) -> Operator<'_> {
        Operator::new(Arc::clone(&self.app.db), &self.app.options)
    }

    /// Connects a workspace as its administrator would in the set-up, with a whole configuration document
    /// and the value of its client secret, and schedules it; whether the connection works. The first sync
    /// is still somebody's to start.
    ///
    /// # Errors
    ///
    /// Where there is no such workspace, the document has problems, or something else goes on there.
    pub async fn connect(
        &self,
        workspace: &str,
        document: &str,
        secret: &SecretString,
    ) -> Result<bool, ServerError> {
        let ws = self.workspace(workspace);
        let connected = provision(&ws, document, secret).await;
        connected.map_err(|error| ServerError::WrongUsage(error.to_string()))
    }

    /// How a workspace stands.
    ///
    /// # Errors
    ///
    /// Where there is none, or the records cannot be read.
    pub fn status(&self, workspace: &str) -> Result<WorkspaceStatus, ServerError> {
        let ws = self.workspace(workspace);
        let record = ws
            .record()
            .map_err(|error| ServerError::WrongUsage(error.to_string()))?;
        Ok(WorkspaceStatus {
            running: ws.task.task().is_some(),
            succeeded: record.outcome == Some(Outcome::Succeeded),
            failures: record.failures,
            next_run_ms: record.next_run_ms,
        })
    }

    /// Starts a sync of a connected workspace, incremental or of everybody.
    ///
    /// # Errors
    ///
    /// Where it is not connected, or something goes on there already.
    pub fn sync(&self, workspace: &str, full: bool) -> Result<(), ServerError> {
        let started = sync(&self.workspace(workspace), full, "operator");
        started.map_err(|error| ServerError::WrongUsage(error.to_string()))
    }

    /// Starts what is due now, instead of when the scheduler looks next; how many workspaces were started.
    /// For tests with a clock of their own.
    pub fn start_due(&self) -> u64 {
        start_due(&DueSyncs(Arc::clone(&self.app)))
    }

    fn workspace(&self, id: &str) -> WorkspaceContext {
        WorkspaceContext::new(&self.app, id)
    }

    /// Waits until no workspace is at work.
    pub async fn idle(&self) {
        self.app.tasks.idle().await;
    }

    /// Ends: nothing new begins, and what goes on finishes its page and is resumed by the next
    /// server.
    pub async fn stop(mut self) {
        self.app.closing.send_replace(true);
        self.app.tasks.stop_all();
        let _ = tokio::time::timeout(LAST_PAGES, self.app.tasks.idle()).await;
        let _ = (&mut self.scheduling).await;
        // Whoever still reads an answer is given a moment.
        let _ = tokio::time::timeout(Duration::from_secs(5), &mut self.serving).await;
        log_audit_head(&self.app);
        // Whoever still looks at a workspace lets go of it, so that every file is closed from here on.
        let _ = tokio::time::timeout(LAST_LOOKS, async {
            while Arc::strong_count(&self.app) > 1 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}

/// Starts what is due, until the server ends.
async fn dispatch(app: Arc<App>) {
    let mut closing = app.closing.subscribe();
    let worker = Arc::new(DueSyncs(Arc::clone(&app)));
    tokio::select! {
        () = app.dispatcher.run(worker) => {}
        _ = closing.wait_for(|closing| *closing) => {}
    }
}

/// Tells the operator's log what the audit log is known by now.
fn log_audit_head(app: &App) {
    match app.db.audit_head() {
        Ok(Some(head)) => head.log(),
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "reading the audit log failed"),
    }
}

/// Keeps other servers out of a directory. Whoever operates one, and the commands of its workspaces, may
/// come in all the same.
fn alone_in(data: &Path) -> Result<Held, ServerError> {
    let failed = |source| ServerError::Directory {
        path: data.to_owned(),
        source,
    };
    create_directory(data).map_err(failed)?;
    hold(&data.join("server.lock"), Duration::ZERO).map_err(|error| match error {
        NotHeld::Other { .. } => ServerError::Running {
            data: data.to_owned(),
        },
        NotHeld::Failed { path, source } => ServerError::Directory { path, source },
    })
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
        self.scheduling.abort();
        self.making_room.abort();
        self.sweeping_tokens.abort();
    }
}
