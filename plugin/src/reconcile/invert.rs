//! What takes back one run's changes to one user, given the contact as it is now.
//!
//! Nothing that came after the run is thrown away. A field goes back only where it still holds what
//! the run wrote; a contact that the run made is deleted only where nobody touched it since; a link
//! comes back only where user and contact are free. What cannot go back is left alone and named.
//!
//! What is as it was before the run already, perhaps because it was taken back before, is left
//! unchanged, so that taking a run back twice does nothing the second time.

use std::collections::BTreeSet;

use crate::contact::{Contact, Effect, Evidence, FieldWrite, ObjectId, Precondition, Reversal};
use crate::ports::{FieldChange, JournalEntry, PlanEntry};

use super::reason::Reason;

/// What is to be done about one user whom the run changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undoing {
    /// As a plan tells it.
    pub entry: PlanEntry,
    /// As the store does it; `None` where nothing is to be done.
    pub reversal: Option<Reversal>,
    /// Fields that the run wrote and that were edited since, ordered. They stay as they are.
    pub left_alone: Vec<String>,
}

/// The contacts as they are now, as far as they concern one user.
#[derive(Clone, Copy, Debug)]
pub struct Now<'a> {
    /// The contact that the run changed; `None` where it is gone.
    pub contact: Option<&'a Contact>,
    /// The user is linked to another contact.
    pub linked_elsewhere: bool,
}

/// What a contact is to a user.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// There is no contact.
    Absent,
    Unlinked,
    /// Linked to the user.
    Linked,
    /// Linked to somebody else.
    Foreign,
}

/// Decides about a user: `entries` is all that the run did to the user, newest first, and `now` tells
/// how a contact stands. `None` where there are no entries.
///
/// A run that changed several contacts of one user is taken back contact by contact, the one that it
/// changed last first: the earlier ones come when it is undone again.
#[must_use]
pub fn invert_user<'a>(
    run: &str,
    entries: &[JournalEntry],
    now: impl Fn(&JournalEntry) -> Now<'a>,
) -> Option<Undoing> {
    let mut contacts: Vec<&JournalEntry> = Vec::new();
    for entry in entries {
        if !contacts.iter().any(|known| known.contact == entry.contact) {
            contacts.push(entry);
        }
    }
    let mut decided = contacts.into_iter().filter_map(|newest| {
        let of_contact: Vec<_> = entries
            .iter()
            .filter(|entry| entry.contact == newest.contact)
            .collect();
        invert(run, &of_contact, now(newest))
    });
    let first = decided.next()?;
    if first.reversal.is_some() {
        return Some(first);
    }
    Some(
        decided
            .find(|undoing| undoing.reversal.is_some())
            .unwrap_or(first),
    )
}

/// Decides about one contact: `entries` is all that the run did to it for one user, newest first.
fn invert(run: &str, entries: &[&JournalEntry], now: Now<'_>) -> Option<Undoing> {
    let (newest, oldest) = (*entries.first()?, *entries.last()?);
    let before = match oldest.effect {
        Effect::Create => Standing::Absent,
        Effect::Link => Standing::Unlinked,
        _ => Standing::Linked,
    };
    let afterwards = match newest.effect {
        Effect::Delete => Standing::Absent,
        Effect::Unlink => Standing::Unlinked,
        _ => Standing::Linked,
    };
    let back = Back {
        run,
        entries,
        newest,
    };
    let standing = standing(now.contact, &newest.object_id);
    Some(match (before, afterwards, standing, now.contact) {
        (Standing::Absent, _, Standing::Absent, _) => back.unchanged(),
        (Standing::Absent, _, _, Some(contact)) if contact.version == newest.version => {
            back.delete(contact)
        }
        (_, Standing::Absent, Standing::Absent, _) if !now.linked_elsewhere => back.make_again(),
        (Standing::Linked, Standing::Absent, Standing::Linked, _) => back.unchanged(),
        (Standing::Unlinked, Standing::Linked, Standing::Linked, Some(contact)) => {
            back.alter(contact, Some(Effect::Unlink))
        }
        (Standing::Linked, Standing::Unlinked, Standing::Unlinked, Some(contact))
            if !now.linked_elsewhere =>
        {
            back.alter(contact, Some(Effect::Link))
        }
        (
            Standing::Linked,
            Standing::Linked | Standing::Unlinked,
            Standing::Linked,
            Some(contact),
        )
        | (Standing::Unlinked, Standing::Unlinked, Standing::Unlinked, Some(contact)) => {
            back.alter(contact, None)
        }
        // Somebody took the link away since. Without one the connector writes no field.
        (Standing::Unlinked, _, Standing::Unlinked, Some(contact)) => {
            let altered = back.alter(contact, None);
            if altered.reversal.is_some() {
                back.edited_since(altered.left_alone)
            } else {
                altered
            }
        }
        _ => back.edited_since(Vec::new()),
    })
}

fn standing(contact: Option<&Contact>, user: &ObjectId) -> Standing {
    match contact.map(|contact| contact.link.as_ref()) {
        None => Standing::Absent,
        Some(None) => Standing::Unlinked,
        Some(Some(link)) if link.object_id == *user => Standing::Linked,
        Some(Some(_)) => Standing::Foreign,
    }
}

/// The changes of one run to one contact, on their way back.
struct Back<'a> {
    run: &'a str,
    entries: &'a [&'a JournalEntry],
    newest: &'a JournalEntry,
}

impl Back<'_> {
    fn unchanged(&self) -> Undoing {
        self.nothing(Effect::Unchanged, Reason::Undo, Vec::new())
    }

    fn edited_since(&self, left_alone: Vec<String>) -> Undoing {
        self.nothing(Effect::Skip, Reason::EditedSince, left_alone)
    }

    fn nothing(&self, effect: Effect, reason: Reason, left_alone: Vec<String>) -> Undoing {
        Undoing {
            entry: PlanEntry {
                object_id: self.newest.object_id.clone(),
                contact: Some(self.newest.contact.clone()),
                effect,
                reason: reason.code().to_owned(),
                fields: Vec::new(),
                joins: Vec::new(),
                leaves: Vec::new(),
                evidence: None,
                version: None,
            },
            reversal: None,
            left_alone,
        }
    }

    /// The run made the contact, and it is as the run left it.
    fn delete(&self, contact: &Contact) -> Undoing {
        self.something(Effect::Delete, contact.precondition(), Moves::default())
    }

    /// The run deleted the contact. Nobody can have edited it since, so all that the run wrote before
    /// goes back.
    fn make_again(&self) -> Undoing {
        let fields = self.fields(None);
        let (joins, leaves) = self.lists(&[]);
        let precondition = Precondition {
            contact: self.newest.contact.clone(),
            version: self.newest.version,
        };
        let moves = Moves {
            fields: fields.put_back,
            joins,
            leaves,
            left_alone: fields.left_alone,
        };
        self.something(Effect::Create, precondition, moves)
    }

    /// The contact is there and stays: link, activity, fields and lists go back.
    fn alter(&self, contact: &Contact, link: Option<Effect>) -> Undoing {
        let fields = self.fields(Some(contact));
        let (joins, leaves) = self.lists(&contact.lists);
        let altered = !(fields.put_back.is_empty() && joins.is_empty() && leaves.is_empty());
        let effect = link
            .or_else(|| self.activity(contact))
            .or(altered.then_some(Effect::Update));
        let moves = Moves {
            fields: fields.put_back,
            joins,
            leaves,
            left_alone: fields.left_alone,
        };
        match effect {
            Some(effect) => self.something(effect, contact.precondition(), moves),
            None if moves.left_alone.is_empty() => self.unchanged(),
            None => self.edited_since(moves.left_alone),
        }
    }

    fn something(&self, effect: Effect, contact: Precondition, moves: Moves) -> Undoing {
        let removes = matches!(effect, Effect::Unlink | Effect::Deactivate | Effect::Delete);
        let evidence = Evidence::Undone(self.run.to_owned());
        let writes = moves.fields.iter().map(|change| FieldWrite {
            name: change.field.clone(),
            value: change.after.clone(),
        });
        Undoing {
            reversal: Some(Reversal {
                contact: contact.clone(),
                object_id: self.newest.object_id.clone(),
                entries: self.entries.iter().map(|entry| entry.number).collect(),
                writes: writes.collect(),
                evidence: evidence.clone(),
            }),
            entry: PlanEntry {
                object_id: self.newest.object_id.clone(),
                contact: Some(contact.contact),
                effect,
                reason: Reason::Undo.code().to_owned(),
                fields: moves.fields,
                joins: moves.joins,
                leaves: moves.leaves,
                evidence: removes.then_some(evidence),
                version: Some(contact.version),
            },
            left_alone: moves.left_alone,
        }
    }

    /// What the contact's activity has to become, if it has to.
    fn activity(&self, contact: &Contact) -> Option<Effect> {
        let first = self
            .entries
            .iter()
            .rev()
            .find(|entry| matches!(entry.effect, Effect::Deactivate | Effect::Reactivate))?;
        match (first.effect, contact.active) {
            (Effect::Deactivate, false) => Some(Effect::Reactivate),
            (Effect::Reactivate, true) => Some(Effect::Deactivate),
            _ => None,
        }
    }

    /// Each field that the run wrote, from what it holds now back to what it held before. Without a
    /// contact it holds what the run left.
    fn fields(&self, contact: Option<&Contact>) -> Fields {
        let written = self.entries.iter().flat_map(|entry| &entry.fields);
        let names: BTreeSet<&str> = written.map(|change| change.field.as_str()).collect();
        let mut fields = Fields::default();
        for name in names {
            // Newest first.
            let chain = || {
                let changes = self.entries.iter().flat_map(|entry| &entry.fields);
                changes.filter(|change| change.field == name)
            };
            let left = chain().next().and_then(|change| change.after.as_deref());
            let held = contact.map_or(left, |contact| contact.field(name));
            match walk_back(chain(), held) {
                Walk::Nowhere => {}
                Walk::Edited => fields.left_alone.push(name.to_owned()),
                Walk::To(value) => fields.put_back.push(FieldChange {
                    field: name.to_owned(),
                    before: contact.and(held).map(str::to_owned),
                    after: value.map(str::to_owned),
                }),
            }
        }
        fields
    }

    /// Lists to join and to leave, given those the contact is on.
    fn lists(&self, on: &[String]) -> (Vec<String>, Vec<String>) {
        let moved = |entry: &&&JournalEntry| !(entry.joins.is_empty() && entry.leaves.is_empty());
        let (mut joins, mut leaves) = (BTreeSet::new(), BTreeSet::new());
        // Oldest first: the first move of a list tells whether the contact was on it before.
        for entry in self.entries.iter().rev().filter(moved) {
            for list in &entry.leaves {
                if !leaves.contains(list) {
                    joins.insert(list.clone());
                }
            }
            for list in &entry.joins {
                if !joins.contains(list) {
                    leaves.insert(list.clone());
                }
            }
        }
        joins.retain(|list| !on.contains(list));
        leaves.retain(|list| on.contains(list));
        (joins.into_iter().collect(), leaves.into_iter().collect())
    }
}

/// What goes back beside link and activity.
#[derive(Default)]
struct Moves {
    fields: Vec<FieldChange>,
    joins: Vec<String>,
    leaves: Vec<String>,
    left_alone: Vec<String>,
}

#[derive(Default)]
struct Fields {
    put_back: Vec<FieldChange>,
    left_alone: Vec<String>,
}

enum Walk<'a> {
    /// It holds what it held before the run.
    Nowhere,
    /// It holds what somebody wrote since.
    Edited,
    To(Option<&'a str>),
}

/// Goes back over the changes of one field, newest first, as long as each left what the next one
/// found. Where somebody edited between two of them, it goes back to that edit.
fn walk_back<'a>(
    changes: impl Iterator<Item = &'a FieldChange>,
    held: Option<&'a str>,
) -> Walk<'a> {
    let mut value = held;
    let mut moved = false;
    let mut first = None;
    let mut broken = false;
    for change in changes {
        first = Some(change.before.as_deref());
        broken |= change.after.as_deref() != value;
        if !broken {
            value = change.before.as_deref();
            moved = true;
        }
    }
    if value != held {
        Walk::To(value)
    } else if moved || first == Some(held) {
        Walk::Nowhere
    } else {
        Walk::Edited
    }
}

#[cfg(test)]
#[path = "invert_tests.rs"]
mod tests;
