//! A workspace that is connected to the emulated directory, and one measured sync of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{anyhow, ensure};
use connector_contract::imports::SecretsInMemory;
use connector_contract::{Run, RunMode, RunStatus, Slice, SyncRequest};
use connector_runtime::{CallStats, Connector, HttpAccess, HttpOptions, Workspace};
use sync_runner::grant::grant;
use sync_runner::{DataDirectory, OpenWorkspace, Step, in_words, step};

use super::findings::{FIRST_FULL, SyncFinding, Synced};
use super::people::Database;
use crate::cost::Meter;
use crate::directory::Directory;

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
        let database = Database::open(&self.data)?;
        let writes_before = database.contact_writes()?;
        let requests_before = self.directory.graph_requests().await?;
        let meter = Meter::start();
        let (run, stats) = self.execute(name, mode).await?;
        let cost = meter.stop();
        Ok(SyncFinding {
            name,
            cost,
            processed: run.counts.processed,
            graph_requests: self.directory.graph_requests().await? - requests_before,
            contact_writes: database.contact_writes()? - writes_before,
            peak_guest_bytes: stats.peak_memory_bytes as u64,
            instantiation: stats.instantiation,
        })
    }

    /// Runs a first full sync and closes the database: then all that there is to write is written.
    pub(super) async fn first_full_to_the_end(self) -> anyhow::Result<Synced> {
        let file = self.data.join(store_sqlite::FILE_NAME);
        let meter = Meter::start();
        self.execute(FIRST_FULL, RunMode::Full).await?;
        drop(self);
        let cost = meter.stop();
        Ok(Synced {
            cost,
            file_bytes: std::fs::metadata(file)?.len(),
        })
    }

    async fn execute(&self, name: &str, mode: RunMode) -> anyhow::Result<(Run, CallStats)> {
        let request = SyncRequest {
            mode,
            trigger: "bench".to_owned(),
            slice: Slice {
                max_pages: None,
                max_ms: None,
            },
            approval: None,
        };
        let OpenWorkspace {
            connector,
            workspace,
            ..
        } = &self.opened;
        let call = connector.sync(workspace, &self.document, request);
        let (came, stats) = step(call)
            .await
            .map_err(|error| anyhow!("the {name} failed: {}", in_words(&error)))?;
        let Step::Finished(run) = came else {
            // The emulator asks nobody to wait, and a slice without bounds has no other end.
            return Err(anyhow!("the {name} did not come to its end in one call"));
        };
        ensure!(
            matches!(run.status, RunStatus::Succeeded | RunStatus::Warnings),
            "the {name} did not succeed: {:?}",
            run.errors
        );
        ensure!(run.mode == mode, "the {name} ran in another mode");
        Ok((run, stats))
    }
}
