//! A local MessageMedia Contacts API, by itself: see [`messagemedia_emulator`].

use std::process::ExitCode;

use clap::Parser;
use emulator_controls::command::exit_code;
use messagemedia_emulator::command::EmulatorCommand;
use messagemedia_emulator::controls_as_text;

const EXAMPLES: &str = "\
Examples:
  messagemedia-emulator --port 8090
  curl -u demo-key:demo-secret http://127.0.0.1:8090/api/v1/contacts/lists
  curl -X POST http://127.0.0.1:8090/emulator/opt-outs -d '\"+447700900101\"'

Controls, over HTTP; GET /emulator lists them, too:
";

/// A local MessageMedia (Sinch Engage) Contacts API: one account on 127.0.0.1
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
    use messagemedia_emulator::CONTROLS;

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
