//! What `inspect` tells of a destination that is plugged into a component.

use std::path::Path;

use connector_contract::TargetDescription;
use serde::Serialize;
use sync_runner::ChosenDestination;

use super::component_file::read_bounded;
use super::printer;
use super::wrong_usage::WrongUsage;

/// The most bytes that a configuration may have.
const LARGEST_CONFIGURATION: u64 = 1 << 20;

/// A destination, as it describes itself.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InspectedDestination {
    name: String,
    version: String,
    #[serde(skip)]
    label: String,
    /// Absent where no settings were given, without which it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    servers: Option<Vec<Server>>,
    /// What is wrong with the settings that were given.
    problems: Vec<String>,
    caveats: Vec<Caveat>,
}

#[derive(Serialize)]
struct Server {
    root: String,
    why: String,
}

#[derive(Serialize)]
struct Caveat {
    code: String,
    meaning: String,
}

impl InspectedDestination {
    /// What was described, with settings or without.
    pub(super) fn of(described: TargetDescription, with_settings: bool) -> Self {
        let problems = described.problems.into_iter().filter(|_| with_settings);
        let problems: Vec<_> = problems
            .map(|problem| format!("{}: {}", problem.pointer, problem.message))
            .collect();
        let servers = described.servers.into_iter().map(|server| Server {
            root: server.root,
            why: server.why,
        });
        let caveats = described.caveats.into_iter().map(|caveat| Caveat {
            code: caveat.code,
            meaning: caveat.meaning,
        });
        Self {
            name: described.name,
            version: described.version,
            label: described.label,
            servers: (with_settings && problems.is_empty()).then(|| servers.collect()),
            problems,
            caveats: caveats.collect(),
        }
    }

    pub(super) fn show(&self) {
        let [name, label, version] =
            [&self.name, &self.label, &self.version].map(|text| printer::plain(text));
        printer::line(format_args!("destination  {label} ({name} {version})"));
        match &self.servers {
            Some(servers) => {
                for server in servers {
                    let (root, why) = (printer::plain(&server.root), printer::plain(&server.why));
                    printer::line(format_args!("  reaches    {root}: {why}"));
                }
            }
            None if self.problems.is_empty() => printer::line(
                "  reaches    the servers that its settings mean; --config CONFIG tells which",
            ),
            None => {
                for problem in &self.problems {
                    printer::line(format_args!("  settings   {}", printer::plain(problem)));
                }
            }
        }
        for caveat in &self.caveats {
            printer::line(format_args!(
                "  caveat     {}",
                printer::plain(&caveat.meaning)
            ));
        }
    }
}

/// The destination that the configuration in a file chooses.
pub(super) fn chosen_in(path: &Path) -> Result<ChosenDestination, WrongUsage> {
    let bytes = read_bounded(path, LARGEST_CONFIGURATION)?;
    let text = String::from_utf8_lossy(&bytes);
    ChosenDestination::of(&text).ok_or_else(|| {
        WrongUsage(format!(
            "--config {}: it chooses no destination (`sync.target` is no object)",
            path.display()
        ))
    })
}
