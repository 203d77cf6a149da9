//! The command line of the emulator, for its own binary and for programs that have it as a subcommand.

use std::io::{self, Write};
use std::net::SocketAddr;

use clap::Args;
use emulator_controls::command::{ServingError, until_interrupted};
use serde_json::json;

use crate::{Credentials, Emulator, EmulatorError, EmulatorOptions};

/// What the emulator is started with.
#[derive(Debug, Args)]
pub struct EmulatorCommand {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The API key that is accepted
    #[arg(long, default_value = "demo-key")]
    accept_key: String,
    /// The API secret that is accepted (a made-up one: the emulator guards nothing)
    #[arg(long, default_value = "demo-secret")]
    accept_secret: String,
    /// Print where it listens as JSON, in one line
    #[arg(long)]
    json: bool,
}

/// Why the command ended otherwise than by being interrupted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The emulator did not start.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// It could not serve to its end.
    #[error(transparent)]
    Serving(#[from] ServingError),
}

impl EmulatorCommand {
    /// Starts the emulator, says on `out` where it listens, and serves until Ctrl-C.
    ///
    /// # Errors
    /// [`CommandError`], before anything is served or when the process cannot hear of its end.
    pub async fn run(self, out: &mut (dyn Write + Send)) -> Result<(), CommandError> {
        let credentials = Credentials {
            key: self.accept_key,
            secret: self.accept_secret,
        };
        let emulator = Emulator::start(EmulatorOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], self.port)),
            credentials: credentials.clone(),
            ..EmulatorOptions::default()
        })
        .await?;
        let told = |out: &mut (dyn Write + Send)| {
            if self.json {
                let told = json!({"url": emulator.url(), "key": credentials.key});
                writeln!(out, "{told}")
            } else {
                tell_person(&emulator, &credentials, out)
            }
        };
        until_interrupted(out, told).await?;
        emulator.stop().await;
        Ok(())
    }
}

fn tell_person(
    emulator: &Emulator,
    credentials: &Credentials,
    out: &mut (dyn Write + Send),
) -> io::Result<()> {
    let url = emulator.url();
    writeln!(out, "MessageMedia's Contacts API at {url}/api/v1/contacts")?;
    writeln!(
        out,
        "key {}, with the secret that was given",
        credentials.key
    )?;
    writeln!(
        out,
        "What changes the account, and makes things go wrong: {url}/emulator lists it"
    )?;
    writeln!(out, "Press Ctrl-C to end.")
}
