//! `plan show`: a kept plan, all of it or what concerns one effect, one person or one run.

use std::collections::HashSet;

use api_types::shapes::ChangeShape;
use clap::{Args, ValueEnum};
use connector_contract::{Effect, Who};
use contact_identity::address::{comparable, is_same};
use store_api::{AdminStore, ContactFilter, PlanFilter};
use sync_runner::plans;

use super::super::failure::Ending;
use super::super::person::Person;
use super::super::printer;
use super::super::wrong_usage::WrongUsage;
use super::{kept, words};

/// Show a plan that is kept, change by change
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  host-harness plan show                              (the last one)
  host-harness plan show 3f2a --change delete
  host-harness plan show --person zoe@contoso.example
  host-harness plan show 3f2a --outcome RUN           (what was approved and not performed)")]
pub(super) struct Show {
    /// The plan's digest, or how it begins; the last plan otherwise
    digest: Option<String>,
    /// Only entries with this effect
    #[arg(long, value_enum, value_name = "EFFECT")]
    change: Option<ChangeArgument>,
    /// Only what concerns this person: object id, id of a contact, or address
    #[arg(long, value_name = "PERSON")]
    person: Option<Person>,
    /// Only changes that the run of this id, which was to perform the plan, left out
    #[arg(long, value_name = "RUN")]
    outcome: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// An effect, as the command line names it.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ChangeArgument {
    Create,
    Update,
    Link,
    Reactivate,
    Unlink,
    Deactivate,
    Delete,
    Invite,
    Unchanged,
    Skip,
}

impl From<ChangeArgument> for Effect {
    fn from(change: ChangeArgument) -> Self {
        match change {
            ChangeArgument::Create => Self::Create,
            ChangeArgument::Update => Self::Update,
            ChangeArgument::Link => Self::Link,
            ChangeArgument::Reactivate => Self::Reactivate,
            ChangeArgument::Unlink => Self::Unlink,
            ChangeArgument::Deactivate => Self::Deactivate,
            ChangeArgument::Delete => Self::Delete,
            ChangeArgument::Invite => Self::Invite,
            ChangeArgument::Unchanged => Self::Unchanged,
            ChangeArgument::Skip => Self::Skip,
        }
    }
}

impl Show {
    pub(super) fn run(&self, store: &dyn AdminStore) -> anyhow::Result<Ending> {
        let mut plan = kept::find(store, self.digest.as_deref())?.summary;
        let digest = plan.digest.clone();
        let wanted = self.wanted(store)?;
        let concerned = Concerned::of(store, self.person.as_ref())?;
        let changes = plans::changes(store, &digest, &wanted).filter(|change| match change {
            Ok(change) => concerned.includes(change),
            Err(_) => true,
        });
        if self.json {
            plan.changes = Some(changes.collect::<Result<_, _>>()?);
            printer::json(&plan)?;
            return Ok(Ending::Done);
        }
        words::show(&plan);
        let mut shown = 0;
        for change in changes {
            words::show_change(store, &change?);
            shown += 1;
        }
        if let Some(run) = &self.outcome {
            let left = printer::counted(shown, "approved change");
            printer::line(format_args!("{left} not performed by the run {run}."));
        } else if shown == 0 {
            printer::line("No entry of this plan is like that.");
        }
        Ok(Ending::Done)
    }

    fn wanted(&self, store: &dyn AdminStore) -> anyhow::Result<PlanFilter> {
        if let Some(run) = &self.outcome
            && store.runs_named(run, 1)?.first() != Some(run)
        {
            return Err(WrongUsage(
                "no run of this id has written anything here; `report` shows the ids of the last \
                 runs"
                    .to_owned(),
            )
            .into());
        }
        // Whoever asks for somebody wants to hear that they are skipped, too.
        let effects = match (self.change, &self.person, &self.outcome) {
            (Some(change), ..) => vec![change.into()],
            (None, Some(_), None) => Vec::new(),
            (None, ..) => words::CHANGING.to_vec(),
        };
        let user = match &self.person {
            Some(Person(Who::User(user))) => Some(user.clone()),
            _ => None,
        };
        Ok(PlanFilter {
            effects,
            user,
            left_out_by: self.outcome.clone(),
        })
    }
}

/// Whom the entries that are shown are about.
enum Concerned {
    /// As the store has chosen.
    Everybody,
    /// Entries of one of these contacts, or that write or take away this address.
    Some {
        contacts: HashSet<String>,
        users: HashSet<String>,
        address: Option<String>,
    },
}

impl Concerned {
    fn of(store: &dyn AdminStore, person: Option<&Person>) -> anyhow::Result<Self> {
        match person.map(|Person(who)| who) {
            None | Some(Who::User(_)) => Ok(Self::Everybody),
            Some(Who::Contact(contact)) => Ok(Self::Some {
                contacts: [contact.clone()].into(),
                users: HashSet::new(),
                address: None,
            }),
            Some(Who::Address(address)) => {
                // A domain in other letters than ASCII is spelt in ways that share no text.
                let sought = comparable(address);
                let filter = ContactFilter {
                    text: sought.is_ascii().then(|| sought.into_owned()),
                    ..ContactFilter::default()
                };
                let (mut contacts, mut users) = (HashSet::new(), HashSet::new());
                for contact in store.contacts(filter) {
                    let contact = contact?;
                    if contact.fields.values().any(|value| is_same(value, address)) {
                        contacts.insert(contact.id);
                        users.extend(contact.object_id);
                    }
                }
                Ok(Self::Some {
                    contacts,
                    users,
                    address: Some(address.clone()),
                })
            }
        }
    }

    fn includes(&self, change: &ChangeShape) -> bool {
        let Self::Some {
            contacts,
            users,
            address,
        } = self
        else {
            return true;
        };
        let mut values = change
            .fields
            .iter()
            .flat_map(|field| [&field.before, &field.after])
            .flatten();
        users.contains(&change.object_id)
            || change
                .contact_id
                .as_ref()
                .is_some_and(|id| contacts.contains(id))
            || address
                .as_ref()
                .is_some_and(|address| values.any(|value| is_same(value, address)))
    }
}
