//! The commands of this host, in turns with the script that one would write instead of a connector.
//!
//! The script ([`script`]) is JavaScript: Microsoft's own client, better-sqlite3 and one flat table. It and the
//! commands are processes, which read the same emulated directory over TLS, and what is measured is the whole
//! process, from its start to its end ([`child`]). The commands do the real thing: a store that has flushed what
//! it has taken, with links, lists, journal and state.
//!
//! The emulator runs in this process. It waits before each answer as long as one says: a real directory is
//! somewhere else.

mod child;
mod findings;
mod script;
mod workspace;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use graph_emulator::{DirectorySource, Emulator, EmulatorOptions, Fault};

pub use self::child::ProcessCost;
pub use self::findings::{Comparison, ComparisonRound, Ratios};
use self::script::Script;
pub use self::script::ScriptError;
use self::workspace::Workspaces;
use crate::{Rounds, Tell};

/// What is to be compared.
#[derive(Clone, Debug)]
pub struct Compare {
    /// The program that has the commands `connect`, `plan` and `sync`.
    pub program: PathBuf,
    /// People of the synthetic company.
    pub people: u64,
    /// Its seed.
    pub seed: u64,
    /// How many rounds are to count.
    pub rounds: u32,
    /// How long the directory waits before each answer.
    pub latency: Duration,
    /// Where the script and its packages are kept; `None`: in a temporary directory, installed anew.
    pub scripts: Option<PathBuf>,
}

impl Compare {
    /// Measures, and tells on the way what.
    ///
    /// # Errors
    ///
    /// [`ScriptError`] where Node or npm are not there, or the script's packages cannot be installed. Any other
    /// error where a process does not start, or does not do what it should.
    pub async fn measure(self, tell: Tell<'_>) -> anyhow::Result<Comparison> {
        let script = Script::prepare(self.scripts.as_deref(), tell)?;
        let emulator = Emulator::start(EmulatorOptions {
            tls: true,
            directory: DirectorySource::Synthetic {
                users: self.people,
                seed: self.seed,
            },
            ..EmulatorOptions::default()
        })
        .await?;
        let place = tempfile::tempdir().context("no temporary directory can be made")?;
        let workspaces = Workspaces::new(&self.program, &emulator, place.path())?;
        let rounds = Rounds::measure(self.rounds, tell, async |number| {
            tell(&format!("comparing: round {number}"));
            // The processes of a round follow each other; meanwhile the emulator has the other threads.
            tokio::task::block_in_place(|| self.round(&script, &workspaces, &emulator, number))
        })
        .await?;
        emulator.stop().await;
        let latency_ms = u64::try_from(self.latency.as_millis()).unwrap_or(u64::MAX);
        Ok(Comparison::new(
            self.people,
            self.seed,
            latency_ms,
            script.node_version(),
            rounds,
        ))
    }

    fn round(
        &self,
        script: &Script,
        workspaces: &Workspaces<'_>,
        emulator: &Emulator,
        number: u32,
    ) -> anyhow::Result<ComparisonRound> {
        let planned = workspaces.make(&format!("plan-{number}"))?;
        let synced = workspaces.make(&format!("sync-{number}"))?;
        let database = workspaces.place().join(format!("script-{number}.db"));
        emulator.control().inject(Fault {
            delay_ms: u64::try_from(self.latency.as_millis()).unwrap_or(u64::MAX),
            ..Fault::default()
        });
        // Whoever comes first finds the machine as the round before has left it.
        let script_cost = || script.run(emulator, workspaces.authority(), &database, self.people);
        let ours = || {
            anyhow::Ok((
                synced.first_sync(self.people)?,
                synced.sync_again(self.people)?,
            ))
        };
        let (script, (first, unchanged)) = if number % 2 == 1 {
            let script = script_cost()?;
            (script, ours()?)
        } else {
            let ours = ours()?;
            (script_cost()?, ours)
        };
        let plan = planned.plan()?;
        emulator.control().clear_faults();
        planned.remove();
        synced.remove();
        // What stays behind goes with the temporary directory.
        let _ = std::fs::remove_file(database);
        Ok(ComparisonRound {
            script,
            first_sync: first,
            unchanged_sync: unchanged,
            plan,
        })
    }
}
