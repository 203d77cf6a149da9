//! `vault` and `audit`: what an operator does with a server's keys and its log.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use server::{Head, Operator};

use super::failure::Ending;
use super::printer;
use super::serve::ServerArguments;

/// Change the keys of a server's secrets
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness vault rotate

A new key is put in front, every secret is sealed anew, and the former keys are dropped. A server that
runs goes on. Where it is cut off, run it again.")]
pub(super) struct Vault {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Seal every secret with a new key, and drop the former ones
    Rotate,
}

impl Vault {
    pub(super) fn run(self, data: Option<PathBuf>) -> anyhow::Result<Ending> {
        let options = self.server.options(data);
        let operator = Operator::open_existing(&options)?;
        match self.action {
            Action::Rotate => {
                let sealed = operator.rotate_keys()?;
                printer::line(format_args!(
                    "{} sealed with a new key.",
                    printer::counted(sealed, "secret")
                ));
            }
        }
        Ok(Ending::Done)
    }
}

/// Read and check a server's audit log
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness audit > audit.ndjson
  host-harness audit --verify
  host-harness audit --verify --expect 1041:9f2c...

Each entry is sealed with audit.key and the entry before it, so one that was altered or taken out shows. That
the newest were cut off shows only to who noted the log's head elsewhere: --verify prints it, and the
server's log tells it at start, at the end and every hundred entries.")]
pub(super) struct Audit {
    /// Only check that no entry was altered or taken out
    #[arg(long)]
    verify: bool,
    /// And that it has this entry, which was its newest when it was noted
    #[arg(long, value_name = "NUMBER:SEAL", requires = "verify")]
    expect: Option<Head>,
    #[command(flatten)]
    server: ServerArguments,
}

impl Audit {
    pub(super) fn run(self, data: Option<PathBuf>) -> anyhow::Result<Ending> {
        let options = self.server.options(data);
        let operator = Operator::open_existing(&options)?;
        if self.verify {
            let verified = operator.verify_audit(self.expect.as_ref())?;
            printer::line(format_args!(
                "The log is as it was written: {} entries.",
                verified.entries
            ));
            if let Some(head) = verified.head {
                printer::line(format_args!("Its head, to be noted elsewhere: {head}"));
            }
        } else {
            operator.audit(|line| printer::json_line(&line))?;
        }
        Ok(Ending::Done)
    }
}
