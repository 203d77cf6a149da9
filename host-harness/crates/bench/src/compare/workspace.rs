//! Workspaces of the commands, each in a directory of its own, connected with the emulator.
//!
//! One is connected, and the others are its copies: so the component is compiled once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use graph_emulator::{Emulator, TenantOptions};
use serde::Deserialize;
use serde_json::json;

use super::child::{self, ProcessCost};

/// Makes workspaces.
pub(super) struct Workspaces<'a> {
    program: &'a Path,
    place: &'a Path,
    authority: PathBuf,
    connected: PathBuf,
}

impl<'a> Workspaces<'a> {
    /// Connects a first one in `place`, where what all of them share is written, too: document, secret, and
    /// the authority to be trusted.
    pub(super) fn new(
        program: &'a Path,
        emulator: &Emulator,
        place: &'a Path,
    ) -> anyhow::Result<Self> {
        let tenant = TenantOptions::default();
        let document = json!({
            "tenant": { "id": tenant.tenant_id },
            "credentials": { "clientId": tenant.client_id, "secret": "client-secret" },
            "endpoints": { "login": emulator.login_url(), "graph": emulator.graph_url() },
            "sync": { "preset": "mirror" },
        });
        let write = |name: &str, text: &str| {
            let path = place.join(name);
            fs::write(&path, text)
                .with_context(|| format!("{} cannot be written", path.display()))?;
            anyhow::Ok(path)
        };
        let authority = emulator.ca_pem().context("the emulator speaks no TLS")?;
        let authority = write("authority.pem", authority)?;
        let document = write("connector.json", &document.to_string())?;
        let secret = write("secret.txt", &tenant.client_secret)?;
        let connected = place.join("connected");
        let mut connect = Command::new(program);
        connect
            .args(["connect", "--allow-loopback", "--json"])
            .arg(document)
            .arg("--secret")
            .arg(format!("client-secret=@{}", secret.display()))
            .arg("--ca-file")
            .arg(&authority)
            .arg("--data")
            .arg(&connected);
        child::run(&mut connect)?;
        Ok(Self {
            program,
            place,
            authority,
            connected,
        })
    }

    /// Where they are.
    pub(super) fn place(&self) -> &Path {
        self.place
    }

    /// The certificate to be trusted.
    pub(super) fn authority(&self) -> &Path {
        &self.authority
    }

    /// A new one, connected: its component is compiled, and there is nobody in it.
    pub(super) fn make(&self, name: &str) -> anyhow::Result<ConnectedWorkspace<'a>> {
        let data = self.place.join(name);
        copy(&self.connected, &data)
            .with_context(|| format!("{} cannot be made", data.display()))?;
        Ok(ConnectedWorkspace {
            program: self.program,
            data,
        })
    }
}

/// Copies a directory with the rights that it has: compiled components are only taken from one that is
/// nobody else's.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A workspace that is connected.
pub(super) struct ConnectedWorkspace<'a> {
    program: &'a Path,
    data: PathBuf,
}

/// Of what `sync --json` prints.
#[derive(Deserialize)]
struct Run {
    status: String,
    processed: u64,
    created: u64,
    unchanged: u64,
}

impl ConnectedWorkspace<'_> {
    /// `sync --full` where nobody is yet.
    pub(super) fn first_sync(&self, people: u64) -> anyhow::Result<ProcessCost> {
        let (run, cost) = self.sync()?;
        ensure!(
            run.processed == people && run.created > 0 && run.unchanged == 0,
            "the first sync made {} contacts of {} people, not of {people}",
            run.created,
            run.processed
        );
        Ok(cost)
    }

    /// `sync --full` where nothing has changed since.
    pub(super) fn sync_again(&self, people: u64) -> anyhow::Result<ProcessCost> {
        let (run, cost) = self.sync()?;
        ensure!(
            run.processed == people && run.created == 0 && run.unchanged > 0,
            "the second sync made {} contacts, where nothing has changed",
            run.created
        );
        Ok(cost)
    }

    /// `plan`.
    pub(super) fn plan(&self) -> anyhow::Result<ProcessCost> {
        Ok(self.measured(&["plan", "--full", "--json"])?.1)
    }

    /// Takes its files away. What stays behind goes with the temporary directory.
    pub(super) fn remove(self) {
        let _ = fs::remove_dir_all(self.data);
    }

    fn sync(&self) -> anyhow::Result<(Run, ProcessCost)> {
        let (out, cost) = self.measured(&["sync", "--full", "--json"])?;
        let run: Run = serde_json::from_slice(&out).context("`sync` did not say what it did")?;
        ensure!(
            matches!(&*run.status, "succeeded" | "warnings"),
            "the sync ended as {}",
            run.status
        );
        Ok((run, cost))
    }

    fn measured(&self, arguments: &[&str]) -> anyhow::Result<(Vec<u8>, ProcessCost)> {
        let ended = child::run(&mut self.command(arguments))?;
        let cost = ProcessCost {
            cost: ended.cost,
            peak_bytes: ended.peak_bytes,
            file_bytes: fs::metadata(self.data.join(store_sqlite::FILE_NAME))?.len(),
        };
        Ok((ended.out, cost))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command.args(arguments).arg("--data").arg(&self.data);
        command
    }
}
