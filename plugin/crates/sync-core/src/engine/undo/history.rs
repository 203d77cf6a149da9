//! The users whom a run changed, page by page, with what takes the changes back.

use crate::contact::{Contact, ContactId, Effect, ObjectId, Who};
use crate::ports::{ContactStore, JournalEntry, Query, StoreError};
use crate::reconcile::account::moved_since;
use crate::reconcile::correlate::{Candidates, Correlation};
use crate::reconcile::invert::{Now, Undoing, invert_user};
use guest_kit::ordered::{Map, Set};

use super::super::run_abort::RunAbort;
use super::there::{Reach, Side};

/// Users of one page, at most.
pub(super) const BATCH: u32 = 500;
/// Later changes of one contact that are read to find out whether its lists are as they were left.
const LATER: u32 = 10_000;

/// Where the journal and the contacts are.
#[derive(Clone, Copy)]
pub(super) struct Archive<'a> {
    pub(super) store: &'a dyn ContactStore,
    pub(super) source: &'a str,
    pub(super) max_batch: u32,
    /// The store's field that holds the address.
    pub(super) match_field: &'a str,
}

/// Reads the journal of one run.
pub(super) struct History<'r, 'a> {
    archive: Archive<'r>,
    reach: &'r Reach<'a>,
    run: &'r str,
    after: Option<ObjectId>,
    users: u32,
}

impl<'r, 'a> History<'r, 'a> {
    /// `users`: those of one page, at most.
    pub(super) fn new(
        archive: Archive<'r>,
        reach: &'r Reach<'a>,
        run: &'r str,
        after: Option<ObjectId>,
        users: u32,
    ) -> Self {
        Self {
            archive,
            reach,
            run,
            after,
            users,
        }
    }

    /// The next users in order of their object ids; `None` at the end.
    pub(super) fn next_page(&mut self) -> Result<Option<Vec<Undoing>>, RunAbort> {
        let archive = self.archive;
        // Users and contacts of a page are looked up together.
        let limit = (archive.max_batch / 2).clamp(1, self.users);
        let after = self.after.as_ref();
        let entries = archive
            .store
            .run_journal(archive.source, self.run, after, limit)?;
        let Some(last) = entries.last() else {
            return Ok(None);
        };
        let last = last.object_id.clone();
        let in_order = entries.is_sorted_by_key(|entry| &entry.object_id);
        let goes_on = self
            .after
            .as_ref()
            .is_none_or(|after| entries.iter().all(|entry| entry.object_id > *after));
        if !(in_order && goes_on) {
            let message = "its journal of a run is not ordered by object id";
            return Err(StoreError::Damaged(message.to_owned()).into());
        }
        let contacts = archive.look_up(&entries)?;
        let side = self.reach.side(&entries)?;
        let present = Present::new(&contacts, archive, &entries, &side)?;
        self.after = Some(last);
        Ok(Some(
            entries
                .chunk_by(|left, right| left.object_id == right.object_id)
                .filter_map(|of_user| invert_user(self.run, of_user, |newest| present.now(newest)))
                .collect(),
        ))
    }
}

impl Archive<'_> {
    /// The contacts that the entries are about, those of their users, and those with the address of
    /// one that was deleted.
    fn look_up(&self, entries: &[JournalEntry]) -> Result<Vec<Contact>, RunAbort> {
        let users = Set::from_iter(entries.iter().map(|entry| &entry.object_id));
        let contacts = Set::from_iter(entries.iter().map(|entry| &entry.contact));
        let keys = entries
            .iter()
            .filter_map(|entry| lost_address(entry, self.match_field));
        let keys = Set::from_iter(keys);
        let changes = entries.iter().flat_map(|entry| &entry.fields);
        let mut fields = Set::from_iter(changes.map(|change| change.field.as_str()));
        let given = entries.iter().flat_map(|entry| &entry.directory);
        fields.extend(given.map(|given| given.field.as_str()));
        fields.insert(self.match_field);
        let fields: Vec<String> = fields.into_iter().map(str::to_owned).collect();
        let contacts: Vec<ContactId> = contacts.into_iter().cloned().collect();
        let mut users: Vec<ObjectId> = users.into_iter().cloned().collect();
        let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
        let query = Query {
            source: self.source.to_owned(),
            fields,
            ..Query::default()
        };
        let mut found: Map<ContactId, Contact> = Map::new();
        let mut add = |query: Query| -> Result<(), RunAbort> {
            let contacts = self.store.lookup(&query)?.into_iter();
            found.extend(contacts.map(|contact| (contact.id.clone(), contact)));
            Ok(())
        };
        // One call, unless the run changed several contacts of the same users.
        for contacts in contacts.chunks((self.max_batch as usize / 2).max(1)) {
            add(Query {
                object_ids: std::mem::take(&mut users),
                contacts: contacts.to_vec(),
                ..query.clone()
            })?;
        }
        // And one more for contacts that the run deleted.
        for keys in keys.chunks((self.max_batch as usize).max(1)) {
            add(Query {
                match_keys: keys.to_vec(),
                ..query.clone()
            })?;
        }
        Ok(found.into_iter().map(|(_, contact)| contact).collect())
    }

    /// Whether later changes have moved a contact to other lists. Only a contact that was written
    /// since is looked at.
    fn lists_moved(&self, newest: &JournalEntry, contact: &Contact) -> Result<bool, RunAbort> {
        if contact.version == newest.version {
            return Ok(false);
        }
        let who = Who::Contact(contact.id.clone());
        let journal = self.store.journal(self.source, &who, LATER)?;
        let later = journal
            .iter()
            .take_while(|entry| entry.number > newest.number);
        Ok(moved_since(later, &contact.lists))
    }
}

/// The address of a contact that the change deleted.
fn lost_address<'e>(entry: &'e JournalEntry, match_field: &str) -> Option<&'e str> {
    let lost = entry.fields.iter();
    let mut lost = lost.filter(|lost| lost.field == match_field);
    lost.find(|_| entry.effect == Effect::Delete)?
        .before
        .as_deref()
}

/// The contacts of a page as they are now.
struct Present<'a> {
    contacts: Map<&'a ContactId, &'a Contact>,
    candidates: Candidates<'a>,
    match_field: &'a str,
    /// The newest entry of each contact that is on other lists than it was left on.
    moved: Set<u64>,
    side: &'a Side<'a>,
}

impl<'a> Present<'a> {
    fn new(
        contacts: &'a [Contact],
        archive: Archive<'a>,
        entries: &[JournalEntry],
        side: &'a Side<'a>,
    ) -> Result<Self, RunAbort> {
        let by_id: Map<_, _> = contacts
            .iter()
            .map(|contact| (&contact.id, contact))
            .collect();
        let mut moved = Set::new();
        let mut seen = Set::new();
        let moves = |entry: &JournalEntry| !(entry.joins.is_empty() && entry.leaves.is_empty());
        for newest in entries {
            let of_both = (&newest.object_id, &newest.contact);
            let Some(contact) = by_id.get(&newest.contact).filter(|_| seen.insert(of_both)) else {
                continue;
            };
            let is_about_lists = entries
                .iter()
                .any(|entry| (&entry.object_id, &entry.contact) == of_both && moves(entry));
            if is_about_lists && archive.lists_moved(newest, contact)? {
                moved.insert(newest.number);
            }
        }
        Ok(Self {
            contacts: by_id,
            candidates: Candidates::new(contacts, archive.match_field),
            match_field: archive.match_field,
            moved,
            side,
        })
    }

    fn now(&self, newest: &JournalEntry) -> Now<'_> {
        let address = lost_address(newest, self.match_field);
        Now {
            contact: self.contacts.get(&newest.contact).copied(),
            has_another: match self.candidates.find(&newest.object_id, address) {
                Correlation::Linked(other)
                | Correlation::Former(other)
                | Correlation::Matching(other) => other.id != newest.contact,
                Correlation::Ambiguous => true,
                Correlation::Nobody => false,
            },
            moved_since: self.moved.contains(&newest.number),
            there: self.side.of(&newest.object_id),
        }
    }
}
