//! `explain`: tells who somebody is, and why they are as they are.

use api_types::shapes::{ExplanationShape, FieldShape, moment};
use clap::Args;
use connector_contract::{Explanation, FieldStory, JournalEntry, Who};
use sync_runner::{DataDirectory, OpenWorkspace};

use super::failure::{self, Ending};
use super::open_workspace::ConnectionArguments;
use super::person::Person;
use super::plan::words::before_and_after;
use super::printer::{self, Colour, coloured};

/// Tell who somebody is, and why they are as they are
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness explain zoe@contoso.example
  host-harness explain 17                                      (the id of a contact)
  host-harness explain 00000000-0000-4000-8000-000000000001    (an object id of the directory)
  host-harness explain zoe@contoso.example --json | jq '.[].summary'

Told from what is stored; the directory is not asked.")]
pub(super) struct Explain {
    #[command(flatten)]
    connection: ConnectionArguments,
    /// Object id, id of a contact, address, or user name of a guest
    person: Person,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub(super) async fn run(self, data: &DataDirectory) -> anyhow::Result<Ending> {
        let (opened, document) = self.connection.open_to_look(data).await?;
        let explanations = known_of(&opened, &document, self.person.0).await?;
        let ending = if explanations.is_empty() {
            Ending::Failed
        } else {
            Ending::Done
        };
        if self.json {
            let shapes = explanations.into_iter().map(ExplanationShape::from);
            printer::json(&shapes.collect::<Vec<_>>())?;
        } else if explanations.is_empty() {
            printer::line(
                "Nothing is known of this person: no contact, no change, and no round that has read \
                 them and left them out. A sync that reads everybody is `sync --full`.",
            );
        } else {
            let mut separator = "";
            for explanation in &explanations {
                printer::line(format_args!("{separator}{}", title(explanation)));
                show(explanation);
                separator = "\n";
            }
        }
        Ok(ending)
    }
}

/// Everything that is stored about somebody.
pub(super) async fn known_of(
    opened: &OpenWorkspace,
    document: &str,
    who: Who,
) -> anyhow::Result<Vec<Explanation>> {
    opened
        .connector
        .explain(&opened.workspace, document, who)
        .await
        .result
        .map_err(failure::explain)
}

fn title(explanation: &Explanation) -> String {
    let user = explanation.object_id.as_deref().map_or_else(
        || "no user of the directory".to_owned(),
        |id| format!("user {id}"),
    );
    let contact = match (&explanation.contact, explanation.active) {
        (Some(id), Some(false)) => format!("contact {id}, inactive"),
        (Some(id), _) => format!("contact {id}"),
        (None, _) => "no contact".to_owned(),
    };
    coloured(Colour::Bold, format_args!("{user}, {contact}"))
}

fn show(explanation: &Explanation) {
    for sentence in &explanation.summary {
        printer::line(format_args!("  {}", printer::plain(sentence)));
    }
    if !explanation.lists.is_empty() {
        let lists = printer::plain(&explanation.lists.join(", "));
        printer::line(format_args!("  On the lists: {lists}."));
    }
    if let Some(entry) = &explanation.ledger {
        printer::line(format_args!(
            "  Not written: {}, tried {}, {}.",
            entry.code,
            printer::counted(entry.tries.into(), "time"),
            if entry.given_up {
                "given up; `retry` tries again"
            } else {
                "and will be tried again"
            }
        ));
    }
    if !explanation.fields.is_empty() {
        let rows = explanation.fields.iter().map(field_row);
        printer::line(format_args!(
            "\n{}",
            printer::table(
                [
                    "field",
                    "value",
                    "from",
                    "directory's value",
                    "run",
                    "kept by"
                ],
                rows
            )
        ));
    }
    if !explanation.journal.is_empty() {
        printer::line("\nhistory, newest first:");
        explanation.journal.iter().for_each(show_entry);
    }
}

fn field_row(story: &FieldStory) -> [String; 6] {
    [
        story.label.clone(),
        story.value.clone().unwrap_or_default(),
        story.origin.name().to_owned(),
        story.directory.clone().unwrap_or_default(),
        story.run.clone().unwrap_or_default(),
        story.kept_by.clone().unwrap_or_default(),
    ]
}

fn show_entry(entry: &JournalEntry) {
    let what = &entry.what;
    let evidence = what
        .evidence
        .as_ref()
        .map(|evidence| format!(", {}", printer::plain(&evidence.text())))
        .unwrap_or_default();
    printer::line(format_args!(
        "  {} {} contact {} ({}{evidence}), run {}",
        moment(entry.at_ms),
        what.effect.name(),
        entry.contact,
        what.reason,
        entry.run.as_deref().unwrap_or("unknown"),
    ));
    for change in &what.fields {
        let change = FieldShape::from(change.clone());
        printer::line(format_args!(
            "    {}: {}",
            change.field,
            before_and_after(&change)
        ));
    }
    for given in &entry.directory {
        let answered = if given.answered {
            ""
        } else {
            " (no answer told whether it arrived)"
        };
        let change = FieldShape {
            field: given.change.attribute.clone(),
            before: given.change.before.clone(),
            after: given.change.after.clone(),
        };
        printer::line(format_args!(
            "    in the directory, {}: {}{answered}",
            change.field,
            before_and_after(&change)
        ));
    }
    for list in &what.joins {
        printer::line(format_args!("    joins {}", printer::plain(list)));
    }
    for list in &what.leaves {
        printer::line(format_args!("    leaves {}", printer::plain(list)));
    }
}
