//! `retry`: reads one person of the directory, and does what a sync would do about them.

use api_types::shapes::RunShape;
use clap::Args;
use connector_contract::Who;
use sync_runner::{DataDirectory, OpenWorkspace};

use super::explain::known_of;
use super::failure::Ending;
use super::open_workspace::ConnectionArguments;
use super::person::Person;
use super::printer;
use super::progress::ShownProgress;
use super::run_summary::{ending, show_as};
use super::slices::to_the_end;
use super::wrong_usage::WrongUsage;

/// Why a run did nothing about an id that the directory does not have.
const UNKNOWN_USER: &str = "unknown-user";

/// Try one person again
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness retry 00000000-0000-4000-8000-000000000001
  host-harness retry zoe@contoso.example
  host-harness retry 17 --json                                 (the id of a contact)

Somebody who was given up is tried, too. `report` shows who could not be written.")]
pub(super) struct Retry {
    #[command(flatten)]
    connection: ConnectionArguments,
    /// Object id, id of a contact, or address
    person: Person,
    /// Print every log event of the connector
    #[arg(long, short)]
    verbose: bool,
    /// Print the run as JSON
    #[arg(long)]
    json: bool,
}

impl Retry {
    pub(super) async fn run(self, data: &DataDirectory) -> anyhow::Result<Ending> {
        let _lock = data.lock("retry")?;
        let control = ShownProgress::start(self.verbose);
        let (mut opened, document) = self.connection.open_saved(data, control.clone()).await?;
        opened.hold("retry")?;
        let user = user(&opened, &document, self.person.0).await?;
        let outcome = to_the_end(&opened, async || {
            opened
                .connector
                .retry(&opened.workspace, &document, &user)
                .await
        })
        .await;
        control.finish();
        let (run, _) = outcome?;
        let is_unknown = run.skips.iter().any(|skip| skip.reason == UNKNOWN_USER);
        let ending = match ending(run.status) {
            Ending::Done if is_unknown => Ending::Failed,
            ending => ending,
        };
        if self.json {
            printer::json(&RunShape::from(run))?;
        } else if is_unknown {
            printer::line(format_args!(
                "The directory has no user {user}; nothing was done."
            ));
        } else {
            show_as("retry", &run);
            printer::line(format_args!("  To see what is known now: explain {user}"));
        }
        Ok(ending)
    }
}

/// The directory user who is meant; for a contact or an address, as far as the store knows it.
pub(super) async fn user(
    opened: &OpenWorkspace,
    document: &str,
    who: Who,
) -> anyhow::Result<String> {
    if let Who::User(user) = who {
        return Ok(user);
    }
    let known = known_of(opened, document, who).await?;
    let mut users = known.into_iter().filter_map(|known| known.object_id);
    let Some(user) = users.next() else {
        anyhow::bail!(
            "the contacts know no user of the directory by this; name them by their object id, which \
             the directory's own pages show"
        );
    };
    let others: Vec<_> = users.collect();
    if others.is_empty() {
        Ok(user)
    } else {
        Err(WrongUsage(format!(
            "several users are known by this; name one of them: {user}, {}",
            others.join(", ")
        ))
        .into())
    }
}
