//! The people behind a number.

use std::collections::BTreeMap;
use std::sync::Arc;

use api_types::shapes::{BlockShape, PlanShape};
use api_types::views::{
    BlockView, ConcernedView, ContactsView, PeopleView, PersonView, RemovalsView, ValueView,
};
use connector_contract::{Effect, FieldChange, PlanEntry, RunMode};
use store_sqlite::{ContactFilter, ContactRow, DatabaseError, PlanFilter, SqliteStore};

use super::not_synced::Skip;
use super::{Desk, DeskError, Job, Planned, Scene};
use crate::words;

/// People of a page.
pub(super) const PAGE: u32 = 50;

/// Entries of a plan that are read at most for one page, where a reason is looked for.
const MOST_READ: usize = 5_000;

/// A number of the review: which entries of a plan it counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    /// In addresses.
    pub(crate) code: &'static str,
    pub(crate) label: &'static str,
    pub(crate) sentence: &'static str,
    /// The label and the sentence where a run is taken back.
    pub(crate) undoing: (&'static str, &'static str),
    pub(crate) entries: Entries,
    pub(crate) takes_away: bool,
}

/// Which entries of a plan a number counts. Every skip is counted by exactly one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entries {
    /// Those with one of these effects.
    With(&'static [Effect]),
    /// Skips of whoever has a contact's address.
    AddressTaken,
    /// Skips of whoever lacks a mandatory value.
    Lacking,
    /// Every other skip.
    OtherSkips,
}

impl Counted {
    /// What it is called, and what it means, in a plan of a sync or of an undo.
    pub(super) fn words(&self, undoes: bool) -> (&'static str, &'static str) {
        if undoes {
            self.undoing
        } else {
            (self.label, self.sentence)
        }
    }
}

impl Entries {
    /// The effects of the entries.
    pub(super) fn effects(self) -> &'static [Effect] {
        match self {
            Self::With(effects) => effects,
            Self::AddressTaken | Self::Lacking | Self::OtherSkips => &[Effect::Skip],
        }
    }

    /// Whether it counts an entry of its effects with this reason.
    pub(super) fn counts(self, reason: &str) -> bool {
        let skips = match Skip::of(reason) {
            Skip::AddressExists | Skip::AddressAmbiguous => Self::AddressTaken,
            Skip::MissingMandatory => Self::Lacking,
            _ => Self::OtherSkips,
        };
        match self {
            Self::With(_) => true,
            Self::AddressTaken => matches!(skips, Self::AddressTaken),
            Self::Lacking => matches!(skips, Self::Lacking),
            Self::OtherSkips => matches!(skips, Self::OtherSkips),
        }
    }
}

/// Every number of the review, in the order in which they are shown.
pub(crate) const COUNTED: &[Counted] = &[
    Counted {
        code: "create",
        label: "Will be created",
        sentence: "People of the directory who have no contact yet.",
        undoing: ("Will be made again", "Contacts that the run has deleted."),
        entries: Entries::With(&[Effect::Create]),
        takes_away: false,
    },
    Counted {
        code: "link",
        label: "Will be linked",
        sentence: "Contacts that are there already, found by their address.",
        undoing: (
            "Will be linked again",
            "Contacts that the run has unlinked.",
        ),
        entries: Entries::With(&[Effect::Link]),
        takes_away: false,
    },
    Counted {
        code: "update",
        label: "Will be updated",
        sentence: "Linked contacts that get new values, or become active again.",
        undoing: (
            "Will be as before",
            "Contacts that get back their values, lists or activity.",
        ),
        entries: Entries::With(&[Effect::Update, Effect::Reactivate]),
        takes_away: false,
    },
    Counted {
        code: "delete",
        label: "Will be deleted",
        sentence: "Contacts that will be gone, with every value they have.",
        undoing: ("Will be deleted", "Contacts that the run has made."),
        entries: Entries::With(&[Effect::Delete]),
        takes_away: true,
    },
    Counted {
        code: "deactivate",
        label: "Will be deactivated",
        sentence: "Contacts that stay, become inactive and leave the connector’s lists.",
        undoing: (
            "Will be deactivated",
            "Contacts that the run has made active.",
        ),
        entries: Entries::With(&[Effect::Deactivate]),
        takes_away: true,
    },
    Counted {
        code: "unlink",
        label: "Will be unlinked",
        sentence: "Contacts that stay, leave the connector’s lists and are kept in step no longer.",
        undoing: (
            "Will be unlinked",
            "Contacts that the run has linked; they stay as they were before.",
        ),
        entries: Entries::With(&[Effect::Unlink]),
        takes_away: true,
    },
    Counted {
        code: "unchanged",
        label: "In step",
        sentence: "Linked contacts to which nothing happens.",
        undoing: ("In step", "Contacts to which nothing happens."),
        entries: Entries::With(&[Effect::Unchanged]),
        takes_away: false,
    },
    Counted {
        code: "exists",
        label: "Not synced: contact exists",
        sentence: "A contact with this address is there, and is left alone.",
        undoing: ("Left alone: contact exists", "A contact has the address."),
        entries: Entries::AddressTaken,
        takes_away: false,
    },
    Counted {
        code: "missing",
        label: "Not synced: mandatory field missing",
        sentence: "The directory has no value for a field that must not be empty.",
        undoing: (
            "Left alone: mandatory field missing",
            "A field that must not be empty has no value.",
        ),
        entries: Entries::Lacking,
        takes_away: false,
    },
    Counted {
        code: "other",
        label: "Not synced: for other reasons",
        sentence: "Not in the filter, disabled, with a value that no contact can hold, or left as they are \
                   by the settings.",
        undoing: (
            "Left alone",
            "Contacts that were edited since, or of which nothing is left to take back.",
        ),
        entries: Entries::OtherSkips,
        takes_away: false,
    },
];

/// All kinds of removal together, for whoever asks for all who lose something.
const REMOVED: Counted = Counted {
    code: "remove",
    label: "Will be removed",
    sentence: "Contacts that are deleted, deactivated or unlinked.",
    undoing: (
        "Will be removed",
        "Contacts that are deleted, deactivated or unlinked.",
    ),
    entries: Entries::With(&[Effect::Unlink, Effect::Deactivate, Effect::Delete]),
    takes_away: true,
};

/// A number of the review by its code; also `remove`, for all kinds of removal together.
pub(crate) fn counted(code: &str) -> Option<&'static Counted> {
    let mut all = COUNTED.iter().chain([&REMOVED]);
    all.find(|counted| counted.code == code)
}

impl Desk {
    /// The people behind a number of a plan that is kept.
    pub(crate) async fn planned_people(
        &self,
        digest: String,
        counted: &'static Counted,
        after: Option<String>,
    ) -> Result<PeopleView, DeskError> {
        let undoes = self.kept_plan(&digest).await?;
        let undoes = undoes.is_some_and(|plan| plan.summary.undoes.is_some());
        let (label, sentence) = counted.words(undoes);
        self.look(move |store| {
            let is_counted = |entry: &PlanEntry| counted.entries.counts(&entry.reason);
            let effects = counted.entries.effects();
            let (entries, next) = entries_of(store, &digest, effects, is_counted, after)?;
            let contacts = contacts_of(store, &entries)?;
            let people = entries
                .into_iter()
                .map(|entry| person_of_entry(entry, &contacts))
                .collect();
            Ok(PeopleView {
                title: label.to_owned(),
                explanation: sentence.to_owned(),
                total: None,
                people,
                next,
            })
        })
        .await
    }

    /// The block that stands, with a page of the people whom it is about: from the plan that was made when
    /// it was met, or since.
    pub(crate) async fn block(
        &self,
        after: Option<String>,
    ) -> Result<Option<BlockView>, DeskError> {
        // First: a plan that ends meanwhile is there, or is shown as being made.
        let scene = self.live.scene();
        let Some(blocked) = self.blocked().await? else {
            return Ok(None);
        };
        let block = blocked.block.clone();
        let removals = self.removals_of(&block).await?;
        let named = self.look(move |store| {
            let Some(plan) = plan_naming(store, &block)? else {
                return Ok(None);
            };
            let people = held_people(store, &plan, &block, after)?;
            Ok(Some(ConcernedView::Named { plan, people }))
        });
        let concerned = match named.await? {
            Some(named) => named,
            None => self.not_named(scene)?,
        };
        Ok(Some(BlockView {
            blocked,
            removals,
            concerned,
        }))
    }

    fn not_named(&self, scene: Scene) -> Result<ConcernedView, DeskError> {
        // A test of the connection is over in a moment, and leads to no plan.
        let progress = scene.progress.filter(|progress| progress.task != "test");
        if let Some(progress) = progress {
            return Ok(ConcernedView::Awaited {
                progress,
                changes: scene.changes,
            });
        }
        Ok(ConcernedView::Unnamed {
            why: match self.record()?.plan_failure {
                Some(failure) => format!("The plan that tells who they are failed: {failure}"),
                None => {
                    "No plan that is kept tells who they are: none was finished, or what a sync \
                         would do is no longer the same."
                        .to_owned()
                }
            },
        })
    }

    /// Plans again what a limit has stopped, to tell who is concerned.
    pub(crate) async fn plan_block(self: &Arc<Self>, who: &str) -> Result<(), DeskError> {
        let blocked = self.blocked().await?.ok_or_else(|| {
            DeskError::NotNow("no sync stands stopped by a limit any more".to_owned())
        })?;
        let full = blocked.mode == RunMode::Full.name();
        let of = Planned::InForce;
        self.begin(Job::Plan { full, of }, who)
    }

    /// What approving a block takes away, where a plan that is kept tells it.
    pub(super) async fn removals_of(
        &self,
        block: &BlockShape,
    ) -> Result<Option<RemovalsView>, DeskError> {
        let block = block.clone();
        let naming = self.look(move |store| plan_naming(store, &block)).await?;
        let Some(digest) = naming else {
            return Ok(None);
        };
        let plan = self.kept_plan(&digest).await?;
        Ok(plan.map(|plan| removals(&plan.summary)))
    }

    /// Active linked contacts without a value in a field.
    pub(crate) async fn missing_people(
        &self,
        field: String,
        label: String,
        after: Option<String>,
    ) -> Result<PeopleView, DeskError> {
        self.look(move |store| {
            let page = store.missing(None, &field, after.as_deref(), PAGE)?;
            Ok(PeopleView {
                title: format!("{label} is missing"),
                explanation: format!(
                    "The directory has no value for {label} of these people. It is filled there, and \
                     arrives with the next sync."
                ),
                total: None,
                people: page.contacts.into_iter().map(person_of_contact).collect(),
                next: page.next,
            })
        })
        .await
    }

    /// A page of the contacts, or those with an address.
    pub(crate) async fn contacts(
        &self,
        address: Option<String>,
        after: Option<String>,
    ) -> Result<ContactsView, DeskError> {
        self.look(move |store| {
            let (rows, next) = match &address {
                Some(address) => (store.by_address(address)?, None),
                None => {
                    let page = store.page(&ContactFilter::default(), after.as_deref(), PAGE)?;
                    (page.contacts, page.next)
                }
            };
            Ok(ContactsView {
                address,
                people: rows.into_iter().map(person_of_contact).collect(),
                next,
            })
        })
        .await
    }
}

/// What a plan takes away.
pub(super) fn removals(plan: &PlanShape) -> RemovalsView {
    let of = |effect: Effect| plan.count(&[effect.name()]);
    RemovalsView {
        deleted: of(Effect::Delete),
        deactivated: of(Effect::Deactivate),
        unlinked: of(Effect::Unlink),
    }
}

/// The plan that names the people of a block, where one is kept.
fn plan_naming(store: &SqliteStore, block: &BlockShape) -> Result<Option<String>, DatabaseError> {
    let names_it = |plan: &PlanShape| plan.blocks.iter().any(|one| one.digest == block.digest);
    let mut kept = store.kept_plans()?.into_iter();
    // A summary that cannot be read names nobody.
    Ok(kept
        .find(|plan| serde_json::from_str(&plan.summary).is_ok_and(|plan| names_it(&plan)))
        .map(|plan| plan.digest))
}

/// People of a plan whom a block is about.
fn held_people(
    store: &SqliteStore,
    plan: &str,
    block: &BlockShape,
    after: Option<String>,
) -> Result<PeopleView, DatabaseError> {
    let blanked = block.breaker.strip_prefix("blanked:");
    let concerned = |entry: &PlanEntry| {
        blanked.is_none_or(|field| {
            let mut fields = entry.fields.iter();
            fields.any(|change| change.field == field && change.after.is_none())
        })
    };
    let effects: &[Effect] = if blanked.is_some() {
        &[Effect::Update]
    } else {
        &[Effect::Unlink, Effect::Deactivate, Effect::Delete]
    };
    let (entries, next) = entries_of(store, plan, effects, concerned, after)?;
    let contacts = contacts_of(store, &entries)?;
    Ok(PeopleView {
        title: "Who is concerned".to_owned(),
        explanation: "Exactly this is done when you approve it, and nothing else of its kind."
            .to_owned(),
        total: None,
        people: entries
            .into_iter()
            .map(|entry| person_of_entry(entry, &contacts))
            .collect(),
        next,
    })
}

/// Entries behind a number, and where the next page begins.
fn entries_of(
    store: &SqliteStore,
    digest: &str,
    effects: &[Effect],
    is_meant: impl Fn(&PlanEntry) -> bool,
    mut after: Option<String>,
) -> Result<(Vec<PlanEntry>, Option<String>), DatabaseError> {
    let filter = PlanFilter {
        effects: effects.to_vec(),
        ..PlanFilter::default()
    };
    let wanted = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let (mut found, mut read) = (Vec::new(), 0);
    loop {
        let page = store.planned(digest, &filter, after.as_deref(), 500)?;
        if page.is_empty() {
            return Ok((found, None));
        }
        for entry in page {
            // One more than is shown: whether there is a next page.
            if found.len() == wanted && is_meant(&entry) {
                return Ok((found, after));
            }
            read += 1;
            after = Some(entry.object_id.clone());
            if is_meant(&entry) {
                found.push(entry);
            }
            if read == MOST_READ {
                return Ok((found, after));
            }
        }
    }
}

/// The contacts that entries are about, by id.
fn contacts_of(
    store: &SqliteStore,
    entries: &[PlanEntry],
) -> Result<BTreeMap<String, ContactRow>, DatabaseError> {
    let ids: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry.contact.as_deref())
        .collect();
    let contacts = store.by_ids(&ids)?.into_iter();
    Ok(contacts
        .map(|contact| (contact.id.clone(), contact))
        .collect())
}

fn person_of_entry(entry: PlanEntry, contacts: &BTreeMap<String, ContactRow>) -> PersonView {
    let contact = entry.contact.as_ref().and_then(|id| contacts.get(id));
    let value = |field: &str| {
        let planned = entry
            .fields
            .iter()
            .find(|change| change.field == field)
            .and_then(|change| change.after.clone().or_else(|| change.before.clone()));
        planned.or_else(|| contact.and_then(|contact| contact.fields.get(field).cloned()))
    };
    let address = value("email");
    let name = name_of(&value).or_else(|| address.clone());
    let mut why = words::reason(&entry.reason).to_owned();
    if let Some(evidence) = &entry.evidence {
        why = format!("{why} ({})", evidence.text());
    }
    PersonView {
        name: name.unwrap_or_else(|| entry.object_id.clone()),
        address,
        contact_id: entry.contact,
        change: Some(entry.effect.name().to_owned()),
        why: Some(why),
        active: contact.is_none_or(|contact| contact.active),
        lists: entry.joins,
        leaves: entry.leaves,
        values: entry.fields.into_iter().map(value_view).collect(),
        object_id: Some(entry.object_id),
    }
}

/// Somebody of whom no more is known than values that the directory gave.
pub(super) fn named_by_values(object_id: String, fields: Vec<FieldChange>) -> PersonView {
    let value = |field: &str| {
        let mut fields = fields.iter();
        let known = fields.find(|change| change.field == field)?;
        known.after.clone().or_else(|| known.before.clone())
    };
    let address = value("email");
    let name = name_of(&value).or_else(|| address.clone());
    PersonView {
        name: name.unwrap_or_else(|| object_id.clone()),
        address,
        contact_id: None,
        change: None,
        why: None,
        active: true,
        lists: Vec::new(),
        leaves: Vec::new(),
        values: fields.into_iter().map(value_view).collect(),
        object_id: Some(object_id),
    }
}

fn value_view(change: FieldChange) -> ValueView {
    ValueView {
        label: words::field(&change.field),
        before: change.before,
        after: change.after,
    }
}

pub(super) fn person_of_contact(contact: ContactRow) -> PersonView {
    let value = |field: &str| contact.fields.get(field).cloned();
    let address = value("email");
    let name = name_of(&value).or_else(|| address.clone());
    PersonView {
        name: name.unwrap_or_else(|| format!("Contact {}", contact.id)),
        address,
        object_id: contact.object_id,
        change: None,
        why: None,
        active: contact.active,
        lists: contact.lists,
        leaves: Vec::new(),
        values: contact
            .fields
            .into_iter()
            .map(|(field, value)| ValueView {
                label: words::field(&field),
                before: None,
                after: Some(value),
            })
            .collect(),
        contact_id: Some(contact.id),
    }
}

/// What somebody is called, by the fields that hold names.
fn name_of(value: &impl Fn(&str) -> Option<String>) -> Option<String> {
    if let Some(name) = value("display_name").or_else(|| value("contact_name")) {
        return Some(name);
    }
    let parts: Vec<String> = [value("first_name"), value("last_name")]
        .into_iter()
        .flatten()
        .collect();
    Some(parts.join(" ")).filter(|name| !name.is_empty())
}
