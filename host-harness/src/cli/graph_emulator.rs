//! `graph-emulator`: runs a local Microsoft Graph until it is interrupted.

use clap::Args;

use super::failure::Ending;
use crate::graph_emulator::command::EmulatorCommand;
use crate::graph_emulator::controls_as_text;

const EXAMPLES: &str = "\
Examples:
  host-harness graph-emulator --users 100000 --port 8080
  host-harness graph-emulator --directory users.json --tls --ca-file emulator-ca.pem
  host-harness graph-emulator --certificate application.pem
  curl -X POST http://127.0.0.1:8080/emulator/users/ID/disable

Controls, over HTTP; GET /emulator lists them, too:
";

/// Run a local Microsoft Graph
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}{}", controls_as_text()))]
pub(super) struct GraphEmulatorCommand {
    #[command(flatten)]
    emulator: EmulatorCommand,
}

impl GraphEmulatorCommand {
    pub(super) async fn run(self) -> anyhow::Result<Ending> {
        self.emulator.run(&mut std::io::stdout()).await?;
        Ok(Ending::Done)
    }
}
