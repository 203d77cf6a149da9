//! A workspace that is connected to the emulated directory, and one measured sync of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use connector_contract::imports::SecretsInMemory;
use connector_contract::{RunMode, RunStatus, Slice, SyncRequest};
use connector_runtime::{Connector, HttpAccess, HttpOptions, Workspace};
use sync_runner::grant::grant;
use sync_runner::{DataDirectory, OpenWorkspace};

use super::database::Database;
use super::directory::Directory;
use super::findings::SyncFinding;
use crate::cli::sync;

/// A workspace in a directory of its own.
pub(super) struct MeasuredWorkspace<'d> {
    opened: OpenWorkspace,
    document: String,
    directory: &'d Directory,
    data: PathBuf,
}

impl<'d> MeasuredWorkspace<'d> {
    /// Makes an empty one.
    pub(super) fn connect(
        data: &Path,
        connector: &Connector,
        directory: &'d Directory,
    ) -> anyhow::Result<Self> {
        let document = directory.document();
        let store = DataDirectory::new(Some(data.to_owned())).store()?;
        store.save_document(&document)?;
        let mut workspace = Workspace::new(store.clone());
        let secret = directory.secret();
        workspace.secrets = Arc::new(SecretsInMemory::new([("client-secret", secret)]));
        workspace.http = HttpAccess::new(grant(&document, &[], true)?, &HttpOptions::default())?;
        Ok(Self {
            opened: OpenWorkspace {
                store,
                connector: connector.clone(),
                workspace,
            },
            document,
            directory,
            data: data.to_owned(),
        })
    }

    /// Runs a sync to its end, in one call, and says what it took.
    pub(super) async fn sync(
        &self,
        name: &'static str,
        mode: RunMode,
    ) -> anyhow::Result<SyncFinding> {
        let request = SyncRequest {
            mode,
            trigger: "bench".to_owned(),
            slice: Slice {
                max_pages: None,
                max_ms: None,
            },
            approval: None,
        };
        let database = Database::open(&self.data)?;
        let writes_before = database.contact_writes()?;
        let requests_before = self.directory.graph_requests().await?;
        let started = Instant::now();
        let (run, stats) = sync::execute(&self.opened, &self.document, &request).await?;
        let duration = started.elapsed();
        ensure!(
            matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings),
            "the {name} did not succeed: {:?}",
            run.errors
        );
        ensure!(run.mode == mode, "the {name} ran in another mode");
        Ok(SyncFinding {
            name,
            duration,
            processed: run.counts.processed,
            graph_requests: self.directory.graph_requests().await? - requests_before,
            contact_writes: database.contact_writes()? - writes_before,
            peak_guest_bytes: stats.peak_memory_bytes as u64,
            instantiation: stats.instantiation,
        })
    }
}
