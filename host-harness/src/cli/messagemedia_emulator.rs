//! `messagemedia-emulator`: runs a local MessageMedia Contacts API until it is interrupted.

use clap::Args;

use super::failure::Ending;
use crate::messagemedia_emulator::command::EmulatorCommand;
use crate::messagemedia_emulator::controls_as_text;

const EXAMPLES: &str = "\
Examples:
  host-harness messagemedia-emulator --port 8090
  curl -u demo-key:demo-secret http://127.0.0.1:8090/api/v1/contacts/lists
  curl -X POST http://127.0.0.1:8090/emulator/opt-outs -d '\"+447700900101\"'

Controls, over HTTP; GET /emulator lists them, too:
";

/// Run a local MessageMedia Contacts API
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}{}", controls_as_text()))]
pub(super) struct MessagemediaEmulatorCommand {
    #[command(flatten)]
    emulator: EmulatorCommand,
}

impl MessagemediaEmulatorCommand {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        self.emulator.run(&mut std::io::stdout()).await?;
        Ok(Ending::Done)
    }
}
