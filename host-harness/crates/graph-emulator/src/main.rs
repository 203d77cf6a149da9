//! A local Microsoft Graph, by itself: see [`graph_emulator`].

use std::process::ExitCode;

use clap::Parser;
use emulator_controls::command::exit_code;
use graph_emulator::command::EmulatorCommand;
use graph_emulator::controls_as_text;

const EXAMPLES: &str = "\
Examples:
  graph-emulator --users 100000 --port 8080
  graph-emulator --directory users.json --tls --ca-file emulator-ca.pem
  graph-emulator --certificate application.pem
  curl -X POST http://127.0.0.1:8080/emulator/users/ID/disable

Controls, over HTTP; GET /emulator lists them, too:
";

/// A local Microsoft Graph and Microsoft identity platform: one tenant on 127.0.0.1
#[derive(Debug, Parser)]
#[command(version, after_help = format!("{EXAMPLES}{}", controls_as_text()))]
struct Arguments {
    #[command(flatten)]
    emulator: EmulatorCommand,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit_code(arguments.emulator.run(&mut std::io::stdout()).await)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use graph_emulator::CONTROLS;

    use super::*;

    #[test]
    fn the_help_shows_every_control_and_its_body_as_they_are() {
        Arguments::command().debug_assert();
        let help = Arguments::command().render_long_help().to_string();
        for control in CONTROLS {
            assert!(help.contains(control.path), "{}", control.path);
            assert!(help.contains(control.body), "{}", control.body);
        }
    }
}
