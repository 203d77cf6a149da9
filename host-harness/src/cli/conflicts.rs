//! `conflicts`: values that both sides have changed, and whose counts.

use api_types::shapes::ConflictShape;
use clap::Args;
use connector_contract::{ContestedValue, Side};
use sync_runner::{DataDirectory, OpenWorkspace, conflicts};

use super::failure::{self, Ending};
use super::open_workspace::ConnectionArguments;
use super::person::Person;
use super::printer::{self, Colour, coloured};
use super::retry::user;
use super::wrong_usage::WrongUsage;

/// Show what both sides have changed, and decide whose value counts
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness conflicts                                       (all of them, with both values)
  host-harness conflicts zoe@contoso.example --take contact    (of all fields of hers, the contact's)
  host-harness conflicts 17 --attribute jobTitle --take directory

There are some where the configuration says \"conflicts\": \"ask\". What is decided is done by the next sync, and
stands in its plan; it is about nothing any more once one of the two values has changed.")]
pub(super) struct Conflicts {
    #[command(flatten)]
    connection: ConnectionArguments,
    /// Object id, id of a contact, or address: of this person alone
    person: Option<Person>,
    /// Of this attribute of the directory alone
    #[arg(long, value_name = "ATTRIBUTE")]
    attribute: Option<String>,
    /// Decide: the value of this side counts
    #[arg(long, value_name = "SIDE", requires = "person", value_parser = side)]
    take: Option<Side>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

fn side(word: &str) -> Result<Side, String> {
    let sides = || Side::ALL.iter().map(|side| side.name());
    let known = sides().collect::<Vec<_>>().join(" or ");
    Side::named(word).ok_or(known)
}

impl Conflicts {
    pub(super) async fn run(self, data: &DataDirectory) -> anyhow::Result<Ending> {
        // What is decided is written.
        let _lock = match self.take {
            Some(_) => Some(data.lock("conflicts")?),
            None => None,
        };
        let (mut opened, document) = self.connection.open_to_look(data).await?;
        if self.take.is_some() {
            opened.hold("conflicts")?;
        }
        let mut values = self.wanted(&opened, &document).await?;
        if let Some(side) = self.take {
            if values.is_empty() {
                return Err(WrongUsage(
                    "both sides have changed nothing of that; `conflicts` shows what is to be decided"
                        .to_owned(),
                )
                .into());
            }
            for value in &mut values {
                let decided = conflicts::decide(&opened, &document, value, side).await;
                decided.map_err(failure::explain)?;
                value.decided = Some(side);
            }
        }
        if self.json {
            let shapes = values.into_iter().map(ConflictShape::from);
            printer::json(&shapes.collect::<Vec<_>>())?;
        } else if values.is_empty() {
            printer::line("Nothing is to be decided.");
        } else {
            values.iter().for_each(show);
            printer::line(match self.take {
                Some(_) => "The next sync does it; `plan` shows it beforehand.",
                None => "`conflicts PERSON --take directory` or `--take contact` decides.",
            });
        }
        Ok(Ending::Done)
    }

    async fn wanted(
        &self,
        opened: &OpenWorkspace,
        document: &str,
    ) -> anyhow::Result<Vec<ContestedValue>> {
        let person = match &self.person {
            Some(person) => Some(user(opened, document, person.0.clone()).await?),
            None => None,
        };
        let mut values = conflicts::all(opened, document)
            .await
            .map_err(failure::explain)?;
        values.retain(|value| {
            let is_theirs = person.as_ref().is_none_or(|user| *user == value.object_id);
            let is_meant = |name: &String| *name == value.attribute || *name == value.field;
            is_theirs && self.attribute.as_ref().is_none_or(is_meant)
        });
        Ok(values)
    }
}

fn show(value: &ContestedValue) {
    let text = |value: &Option<String>| {
        let text = value.as_deref();
        text.map_or_else(|| "(empty)".to_owned(), printer::plain)
    };
    printer::line(coloured(
        Colour::Bold,
        format_args!(
            "{} {} ({})",
            value.object_id,
            printer::plain(&value.label),
            value.attribute
        ),
    ));
    for (what, held) in [
        ("in the directory", &value.directory),
        ("here", &value.contact),
        ("agreed on last", &value.base),
    ] {
        printer::line(format_args!("  {what}: {}", text(held)));
    }
    printer::line(format_args!(
        "  seen {} by the run {}",
        api_types::shapes::moment(value.seen_at_ms),
        value.run
    ));
    if value.directory_alone {
        printer::line(
            "  the contact's value cannot count: the person is synchronised from on-premises, and changed only there",
        );
    }
    if let Some(side) = value.decided {
        printer::line(format_args!("  decided: {}", side.name()));
    }
}
