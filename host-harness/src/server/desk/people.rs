//! The people behind a number.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Desk, DeskError, Job, Scene};
use crate::contract::{Effect, PlanEntry};
use crate::server::views::{
    BlockView, ConcernedView, ContactsView, PeopleView, PersonView, ValueView,
};
use crate::server::words;
use crate::shapes::{BlockShape, effect_name, evidence_text};
use crate::store::{ContactFilter, ContactRow, DatabaseError, PlanFilter, SqliteStore};

/// People of a page.
const PAGE: u32 = 50;

/// Entries of a plan that are read at most for one page, where a reason is looked for.
const MOST_READ: usize = 5_000;

/// A number of the review: which entries of a plan it counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    /// In addresses.
    pub(crate) code: &'static str,
    pub(crate) label: &'static str,
    pub(crate) sentence: &'static str,
    pub(crate) effects: &'static [Effect],
    /// Only entries with one of these reasons; none: with any.
    pub(crate) reasons: &'static [&'static str],
    pub(crate) takes_away: bool,
}

/// Every number of the review, in the order in which they are shown. A skip that none of the others
/// counts is in the last.
pub(crate) const COUNTED: &[Counted] = &[
    Counted {
        code: "create",
        label: "Will be created",
        sentence: "People of the directory who have no contact yet.",
        effects: &[Effect::Create],
        reasons: &[],
        takes_away: false,
    },
    Counted {
        code: "link",
        label: "Will be linked",
        sentence: "Contacts that are there already, found by their address.",
        effects: &[Effect::Link],
        reasons: &[],
        takes_away: false,
    },
    Counted {
        code: "update",
        label: "Will be updated",
        sentence: "Linked contacts that get new values, or become active again.",
        effects: &[Effect::Update, Effect::Reactivate],
        reasons: &[],
        takes_away: false,
    },
    Counted {
        code: "remove",
        label: "Will be removed",
        sentence: "Contacts that are unlinked, deactivated or deleted.",
        effects: &[Effect::Unlink, Effect::Deactivate, Effect::Delete],
        reasons: &[],
        takes_away: true,
    },
    Counted {
        code: "unchanged",
        label: "In step",
        sentence: "Linked contacts to which nothing happens.",
        effects: &[Effect::Unchanged],
        reasons: &[],
        takes_away: false,
    },
    Counted {
        code: "exists",
        label: "Skipped: contact exists",
        sentence: "A contact with this address is there, and is left alone.",
        effects: &[Effect::Skip],
        reasons: &["address-exists", "address-ambiguous"],
        takes_away: false,
    },
    Counted {
        code: "missing",
        label: "Skipped: mandatory field missing",
        sentence: "The directory has no value for a field that must not be empty.",
        effects: &[Effect::Skip],
        reasons: &["missing-mandatory"],
        takes_away: false,
    },
    Counted {
        code: "other",
        label: "Skipped: for other reasons",
        sentence: "Not in the filter, disabled, or left as they are by the settings.",
        effects: &[Effect::Skip],
        reasons: OTHER,
        takes_away: false,
    },
];

/// The reasons of a skip that have no number of their own.
pub(super) const OTHER: &[&str] = &[
    "out-of-scope",
    "account-disabled",
    "agent",
    "not-linked",
    "kept-by-policy",
    "held-by-breaker",
    "drifted",
    "edited-since",
];

/// A number of the review by its code.
pub(crate) fn counted(code: &str) -> Option<&'static Counted> {
    COUNTED.iter().find(|counted| counted.code == code)
}

impl Desk {
    /// The people behind a number of a plan that is kept.
    pub(crate) async fn planned_people(
        &self,
        digest: String,
        counted: &'static Counted,
        after: Option<String>,
    ) -> Result<PeopleView, DeskError> {
        self.look(move |store| {
            let with_reason = |entry: &PlanEntry| {
                counted.reasons.is_empty() || counted.reasons.contains(&entry.reason.as_str())
            };
            let (entries, next) = entries_of(store, &digest, counted.effects, with_reason, after)?;
            let contacts = contacts_of(store, &entries)?;
            let people = entries
                .into_iter()
                .map(|entry| person_of_entry(entry, &contacts))
                .collect();
            Ok(PeopleView {
                title: counted.label.to_owned(),
                explanation: counted.sentence.to_owned(),
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
        Ok(Some(BlockView { blocked, concerned }))
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
        let full = blocked.mode == "full";
        self.begin(Job::Plan { full }, who)
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

/// The plan that names the people of a block, where one is kept.
fn plan_naming(store: &SqliteStore, block: &BlockShape) -> Result<Option<String>, DatabaseError> {
    let mut kept = store.kept_plans()?.into_iter();
    Ok(kept
        .find(|plan| plan.summary.contains(&block.digest))
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
        why = format!("{why} ({})", evidence_text(evidence));
    }
    PersonView {
        name: name.unwrap_or_else(|| entry.object_id.clone()),
        address,
        contact_id: entry.contact,
        change: Some(effect_name(entry.effect).to_owned()),
        why: Some(why),
        active: contact.is_none_or(|contact| contact.active),
        lists: entry.joins,
        values: entry
            .fields
            .into_iter()
            .map(|change| ValueView {
                label: words::field(&change.field),
                before: change.before,
                after: change.after,
            })
            .collect(),
        object_id: Some(entry.object_id),
    }
}

fn person_of_contact(contact: ContactRow) -> PersonView {
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
