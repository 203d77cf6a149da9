//! A connector that was loaded and checked, ready to be called.

use super::admission::has_target;
use super::call::{Answer, run};
use super::decision::Decision;
use super::error::Call;
use super::guest::GuestPre;
use super::workspace::Workspace;
use connector_contract::{
    ConfigurationReport, ContestedValue, Description, Explanation, NotificationStanding,
    NotificationVerdict, Overview, PlanSummary, ReportRequest, RunMode, SyncRequest, SyncResult,
    TargetDescription, UndoRequest, Who,
};
use std::fmt;

/// A component that fits the contract.
///
/// Each method makes a fresh instance, calls the export of its name and drops the instance: nothing
/// a call leaves behind in the component can reach the next one, and a crash costs one call. The
/// exports are documented in `wit/connector.wit`. At most one call of a workspace may run at a time.
///
/// Needs a tokio runtime with time enabled. Dropping the future of a call ends the call; an
/// operation of the store that has begun is still carried out.
#[derive(Clone)]
pub struct Connector {
    instance: GuestPre,
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Connector {
    pub(super) fn new(instance: GuestPre, imports: Vec<String>, exports: Vec<String>) -> Self {
        Self {
            instance,
            imports,
            exports,
        }
    }

    /// The interfaces that the component imports: all that it can do outside of its memory. An
    /// interface that the component was built with and does not use is not among them.
    pub fn imports(&self) -> &[String] {
        &self.imports
    }

    /// The interfaces that the component exports.
    pub fn exports(&self) -> &[String] {
        &self.exports
    }

    /// What this connector is, and the schema of its configuration.
    pub async fn describe(&self, workspace: &Workspace) -> Answer<Description> {
        run(&self.instance, workspace, Call::Describe, |guest, store| {
            Box::pin(async { guest.describe(store).await.map(Ok) })
        })
        .await
    }

    /// Checks a configuration document and tries the connection.
    pub async fn configure(
        &self,
        workspace: &Workspace,
        document: &str,
    ) -> Answer<ConfigurationReport> {
        let document = document.to_owned();
        run(
            &self.instance,
            workspace,
            Call::Configure,
            move |guest, store| Box::pin(async move { guest.configure(store, &document).await }),
        )
        .await
    }

    /// Finds out what a sync would do, and puts it into the workspace's plan sink.
    pub async fn plan(
        &self,
        workspace: &Workspace,
        document: &str,
        mode: RunMode,
    ) -> Answer<PlanSummary> {
        let document = document.to_owned();
        run(
            &self.instance,
            workspace,
            Call::Plan,
            move |guest, store| Box::pin(async move { guest.plan(store, &document, mode).await }),
        )
        .await
    }

    /// Does it, one slice of it.
    pub async fn sync(
        &self,
        workspace: &Workspace,
        document: &str,
        request: SyncRequest,
    ) -> Answer<SyncResult> {
        let document = document.to_owned();
        run(
            &self.instance,
            workspace,
            Call::Sync,
            move |guest, store| {
                Box::pin(async move { guest.sync(store, &document, request).await })
            },
        )
        .await
    }

    /// Tells from stored facts who somebody is and why they are as they are.
    pub async fn explain(
        &self,
        workspace: &Workspace,
        document: &str,
        who: Who,
    ) -> Answer<Vec<Explanation>> {
        let document = document.to_owned();
        run(
            &self.instance,
            workspace,
            Call::Explain,
            move |guest, store| Box::pin(async move { guest.explain(store, &document, who).await }),
        )
        .await
    }

    /// Reads one user and does what a sync would do about them.
    pub async fn retry(
        &self,
        workspace: &Workspace,
        document: &str,
        user: &str,
    ) -> Answer<SyncResult> {
        let (document, user) = (document.to_owned(), user.to_owned());
        run(
            &self.instance,
            workspace,
            Call::Retry,
            move |guest, store| Box::pin(async move { guest.retry(store, &document, &user).await }),
        )
        .await
    }

    /// Plans the inverse of a run, into the workspace's plan sink.
    pub async fn plan_undo(
        &self,
        workspace: &Workspace,
        document: &str,
        undone: &str,
    ) -> Answer<PlanSummary> {
        let (document, undone) = (document.to_owned(), undone.to_owned());
        run(
            &self.instance,
            workspace,
            Call::PlanUndo,
            move |guest, store| {
                Box::pin(async move { guest.plan_undo(store, &document, &undone).await })
            },
        )
        .await
    }

    /// Performs an approved undo, one slice of it.
    pub async fn undo(
        &self,
        workspace: &Workspace,
        document: &str,
        request: UndoRequest,
    ) -> Answer<SyncResult> {
        let document = document.to_owned();
        run(
            &self.instance,
            workspace,
            Call::Undo,
            move |guest, store| {
                Box::pin(async move { guest.undo(store, &document, request).await })
            },
        )
        .await
    }

    /// The overview.
    pub async fn report(
        &self,
        workspace: &Workspace,
        document: &str,
        request: ReportRequest,
    ) -> Answer<Overview> {
        let document = document.to_owned();
        run(
            &self.instance,
            workspace,
            Call::Report,
            move |guest, store| {
                Box::pin(async move { guest.report(store, &document, request).await })
            },
        )
        .await
    }

    /// Judges what arrived at [`Workspace::notified_at`]. A component that cannot be told of changes answers
    /// [`Error::Other`](connector_contract::Error::Other), `no-notifications`.
    pub async fn receive(
        &self,
        workspace: &Workspace,
        document: &str,
        body: &[u8],
    ) -> Answer<NotificationVerdict> {
        let (document, body) = (document.to_owned(), body.to_owned());
        run(
            &self.instance,
            workspace,
            Call::Receive,
            move |guest, store| {
                Box::pin(async move { guest.receive(store, &document, &body).await })
            },
        )
        .await
    }

    /// How it stands with being told of changes. A component that cannot be answers as [`Self::receive`] says.
    pub async fn notification_status(
        &self,
        workspace: &Workspace,
        document: &str,
    ) -> Answer<NotificationStanding> {
        let document = document.to_owned();
        run(
            &self.instance,
            workspace,
            Call::NotificationStatus,
            move |guest, store| {
                Box::pin(async move { guest.notification_status(store, &document).await })
            },
        )
        .await
    }

    /// Values that both sides have changed, of at most `limit` people behind `after`. A component that asks nobody has
    /// none.
    pub async fn undecided(
        &self,
        workspace: &Workspace,
        document: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Answer<Vec<ContestedValue>> {
        let (document, after) = (document.to_owned(), after.map(str::to_owned));
        run(
            &self.instance,
            workspace,
            Call::Undecided,
            move |guest, store| {
                Box::pin(async move {
                    guest
                        .undecided(store, &document, after.as_ref(), limit)
                        .await
                })
            },
        )
        .await
    }

    /// Whether a destination is in the component: contacts and state are kept there, and not in the workspace's
    /// store.
    pub fn has_destination(&self) -> bool {
        has_target(&self.exports)
    }

    /// What the destination in the component is, with the settings of [`Workspace::target`]. A component without
    /// one answers [`Error::Other`](connector_contract::Error::Other), `no-destination`.
    pub async fn describe_target(&self, workspace: &Workspace) -> Answer<TargetDescription> {
        run(
            &self.instance,
            workspace,
            Call::DescribeTarget,
            |guest, store| Box::pin(async { guest.describe_target(store).await }),
        )
        .await
    }

    /// Keeps what somebody decided about a value that both sides have changed; the next run does it. A component that
    /// asks nobody answers [`Error::Other`](connector_contract::Error::Other), `no-conflicts`.
    pub async fn decide(
        &self,
        workspace: &Workspace,
        document: &str,
        decision: &Decision,
    ) -> Answer<()> {
        let (document, decision) = (document.to_owned(), decision.clone());
        run(
            &self.instance,
            workspace,
            Call::Decide,
            move |guest, store| {
                Box::pin(async move { guest.decide(store, &document, &decision).await })
            },
        )
        .await
    }

    /// Tries the service of the destination: what was found, in a sentence. A component without one answers as
    /// [`Self::describe_target`] says.
    pub async fn check_target(&self, workspace: &Workspace) -> Answer<String> {
        run(
            &self.instance,
            workspace,
            Call::CheckTarget,
            |guest, store| Box::pin(async { guest.check_target(store).await }),
        )
        .await
    }

    /// Forgets where the connection stands; writes no contact.
    pub async fn disconnect(&self, workspace: &Workspace, document: &str) -> Answer<()> {
        let document = document.to_owned();
        run(
            &self.instance,
            workspace,
            Call::Disconnect,
            move |guest, store| Box::pin(async move { guest.disconnect(store, &document).await }),
        )
        .await
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Connector")
            .field("imports", &self.imports)
            .field("exports", &self.exports)
            .finish_non_exhaustive()
    }
}
