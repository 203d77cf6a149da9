//! What is kept in the ledger, as values. All of it stays readable: a new field gets a default.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::contract::{AttributeChange, Effect, Evidence, FieldChange, GivenValue};
use crate::destination::{RemoteId, RemoteListId};

/// Names and values.
pub(crate) type Values = BTreeMap<String, String>;

/// A contact, as far as a service cannot tell, and its fields as they were seen last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ContactRecord {
    /// The record of the service. Another one than at first, where the contact was deleted and made again; empty
    /// while it is deleted.
    pub(crate) remote: RemoteId,
    /// How often this store has written it: never less than before.
    pub(crate) writes: u64,
    #[serde(default)]
    pub(crate) fields: Values,
    pub(crate) active: bool,
    /// By source.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) links: BTreeMap<String, LinkRecord>,
    /// The user of each source from whom it was unlinked last, while it has no link.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) formers: BTreeMap<String, String>,
    /// Lists that it was put on here, by source.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) lists: BTreeMap<String, BTreeSet<RemoteListId>>,
    /// Lists that others put it on, as far as the service tells.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) others: BTreeSet<RemoteListId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) deleted: bool,
}

impl ContactRecord {
    /// The user of a source to whom it is linked.
    pub(crate) fn user(&self, source: &str) -> Option<&str> {
        self.links.get(source).map(|link| link.user.as_str())
    }

    /// The lists that a source put it on.
    pub(crate) fn lists_of(&self, source: &str) -> BTreeSet<RemoteListId> {
        self.lists.get(source).cloned().unwrap_or_default()
    }

    pub(crate) fn set_lists(&mut self, source: &str, lists: BTreeSet<RemoteListId>) {
        if lists.is_empty() {
            self.lists.remove(source);
        } else {
            self.lists.insert(source.to_owned(), lists);
        }
    }

    /// Whether a source other than this one put it on a list.
    pub(crate) fn is_on_for_another(&self, source: &str, list: &str) -> bool {
        let mut others = self.lists.iter().filter(|(other, _)| *other != source);
        others.any(|(_, lists)| lists.contains(list))
    }

    /// What is left of it once it is deleted: that it was there.
    pub(crate) fn gone(&self) -> Self {
        Self {
            writes: self.writes,
            deleted: true,
            ..Self::default()
        }
    }
}

/// What ties a contact to a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LinkRecord {
    pub(crate) user: String,
    pub(crate) base: Values,
    /// Never that of another link.
    pub(crate) number: u64,
}

/// By which a linked contact is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LinkIndex {
    pub(crate) contact: String,
    pub(crate) number: u64,
}

/// What was counted so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counters {
    pub(crate) link: u64,
    pub(crate) journal: u64,
    pub(crate) intent: u64,
    pub(crate) run: u64,
    /// Keys and values of the state together.
    pub(crate) state_bytes: u64,
}

/// A list that contacts were put on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListRecord {
    pub(crate) name: String,
    /// The user for whom it was made, and the run; where it was made here.
    #[serde(default)]
    pub(crate) named_by: Option<String>,
    #[serde(default)]
    pub(crate) named_in: Option<String>,
}

/// Something that is done to one contact: decided, perhaps asked of the service, and then kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Operation {
    pub(crate) source: String,
    pub(crate) run: Option<String>,
    pub(crate) user: String,
    pub(crate) effect: String,
    pub(crate) reason: String,
    pub(crate) evidence: Option<StoredEvidence>,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) at_ms: u64,
    /// `None`: a new contact, whose id will be that of its record.
    pub(crate) contact: Option<String>,
    pub(crate) before: Option<ContactRecord>,
    /// `None`: it is deleted.
    pub(crate) after: Option<ContactRecord>,
    pub(crate) request: Request,
    /// What the directory was given of it before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) given: Vec<GivenRecord>,
    /// Lists to put the record on, and to take it off.
    #[serde(default)]
    pub(crate) add: BTreeSet<RemoteListId>,
    #[serde(default)]
    pub(crate) remove: BTreeSet<RemoteListId>,
}

/// A value that the directory was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GivenRecord {
    pub(crate) attribute: String,
    pub(crate) field: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    pub(crate) answered: bool,
}

impl From<&GivenValue> for GivenRecord {
    fn from(given: &GivenValue) -> Self {
        Self {
            attribute: given.change.attribute.clone(),
            field: given.field.clone(),
            before: given.change.before.clone(),
            after: given.change.after.clone(),
            answered: given.answered,
        }
    }
}

impl From<GivenRecord> for GivenValue {
    fn from(given: GivenRecord) -> Self {
        Self {
            change: AttributeChange {
                attribute: given.attribute,
                before: given.before,
                after: given.after,
            },
            field: given.field,
            answered: given.answered,
        }
    }
}

/// A record that is still to be taken off a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owed {
    pub(crate) list: RemoteListId,
    pub(crate) remote: RemoteId,
}

/// What is asked of the service beside lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Request {
    Nothing,
    Create,
    Write {
        writes: Vec<(String, Option<String>)>,
        active: Option<bool>,
        /// Source and user; the inner `None` takes it away.
        tie: Option<Option<(String, String)>>,
    },
    Delete,
}

/// Evidence: its kind, and what it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredEvidence(String, String);

impl From<&Evidence> for StoredEvidence {
    fn from(evidence: &Evidence) -> Self {
        let (kind, names) = match evidence {
            Evidence::DeletedSoft => ("deleted-soft", ""),
            Evidence::DeletedPermanently => ("deleted-permanently", ""),
            Evidence::FoundInDeletedItems => ("found-in-deleted-items", ""),
            Evidence::NotFoundAnywhere => ("not-found-anywhere", ""),
            Evidence::AccountDisabled => ("account-disabled", ""),
            Evidence::LeftScope(clause) => ("left-scope", clause.as_str()),
            Evidence::Undone(run) => ("undone", run.as_str()),
            Evidence::Other(kind) => ("other", kind.as_str()),
        };
        Self(kind.to_owned(), names.to_owned())
    }
}

impl From<StoredEvidence> for Evidence {
    fn from(StoredEvidence(kind, names): StoredEvidence) -> Self {
        match kind.as_str() {
            "deleted-soft" => Self::DeletedSoft,
            "deleted-permanently" => Self::DeletedPermanently,
            "found-in-deleted-items" => Self::FoundInDeletedItems,
            "not-found-anywhere" => Self::NotFoundAnywhere,
            "account-disabled" => Self::AccountDisabled,
            "left-scope" => Self::LeftScope(names),
            "undone" => Self::Undone(names),
            _ => Self::Other(names),
        }
    }
}

const EFFECTS: [(Effect, &str); 10] = [
    (Effect::Create, "create"),
    (Effect::Update, "update"),
    (Effect::Link, "link"),
    (Effect::Reactivate, "reactivate"),
    (Effect::Unlink, "unlink"),
    (Effect::Deactivate, "deactivate"),
    (Effect::Delete, "delete"),
    (Effect::Invite, "invite"),
    (Effect::Unchanged, "unchanged"),
    (Effect::Skip, "skip"),
];

/// The name of an effect, as it is kept.
pub(crate) fn effect_name(effect: Effect) -> String {
    let named = EFFECTS.iter().find(|(known, _)| *known == effect);
    named.map_or("update", |(_, name)| name).to_owned()
}

/// The effect of a name.
pub(crate) fn effect_named(name: &str) -> Effect {
    let known = EFFECTS.iter().find(|(_, known)| *known == name);
    known.map_or(Effect::Update, |(effect, _)| *effect)
}

/// An entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JournalRecord {
    pub(crate) number: u64,
    pub(crate) run: Option<String>,
    pub(crate) at_ms: u64,
    pub(crate) source: String,
    pub(crate) user: String,
    pub(crate) contact: String,
    pub(crate) version: u64,
    pub(crate) effect: String,
    pub(crate) reason: String,
    pub(crate) evidence: Option<StoredEvidence>,
    /// `None`: the contact was made.
    pub(crate) before: Option<ContactRecord>,
    /// `None`: the contact was deleted.
    pub(crate) after: Option<ContactRecord>,
    /// What the directory was given with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) given: Vec<GivenRecord>,
}

impl JournalRecord {
    pub(crate) fn effect(&self) -> Effect {
        effect_named(&self.effect)
    }

    /// Fields that the change altered, ordered by name.
    pub(crate) fn fields(&self) -> Vec<FieldChange> {
        let nothing = Values::new();
        let values = |side: &Option<ContactRecord>| match side {
            Some(contact) => contact.fields.clone(),
            None => nothing.clone(),
        };
        let (before, after) = (values(&self.before), values(&self.after));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        names
            .into_iter()
            .filter(|name| before.get(*name) != after.get(*name))
            .map(|name| FieldChange {
                field: name.clone(),
                before: before.get(name).cloned(),
                after: after.get(name).cloned(),
            })
            .collect()
    }

    /// Lists of its source that the change had the contact join, and leave.
    pub(crate) fn moves(&self) -> (BTreeSet<RemoteListId>, BTreeSet<RemoteListId>) {
        let lists = |side: &Option<ContactRecord>| {
            side.as_ref()
                .map(|contact| contact.lists_of(&self.source))
                .unwrap_or_default()
        };
        let (before, after) = (lists(&self.before), lists(&self.after));
        (&after - &before, &before - &after)
    }
}

/// A run that the journal knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunRecord {
    pub(crate) run: String,
    pub(crate) at_ms: u64,
}

/// Why somebody led to no change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NoteRecord {
    pub(crate) user: String,
    pub(crate) contact: Option<String>,
    pub(crate) reason: String,
    pub(crate) run: Option<String>,
    pub(crate) since_ms: u64,
    /// The hash of the address by which it is found.
    pub(crate) address: Option<String>,
}

/// An open round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RoundRecord {
    /// The number of the youngest link that it is about.
    pub(crate) youngest: u64,
    pub(crate) known_links: u64,
}
