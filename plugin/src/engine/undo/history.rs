//! The users whom a run changed, page by page, with what takes the changes back.

use std::collections::{BTreeSet, HashMap};

use crate::contact::{Contact, ContactId, ObjectId};
use crate::ports::{ContactStore, JournalEntry, Query, StoreError};
use crate::reconcile::invert::{Now, Undoing, invert_user};

use super::super::halt::Halt;

/// Users of one page, at most.
const BATCH: u32 = 500;

/// Reads the journal of one run.
pub(super) struct History<'a> {
    store: &'a dyn ContactStore,
    source: &'a str,
    run: &'a str,
    max_batch: u32,
    after: Option<ObjectId>,
}

impl<'a> History<'a> {
    pub(super) fn new(
        store: &'a dyn ContactStore,
        source: &'a str,
        run: &'a str,
        max_batch: u32,
        after: Option<ObjectId>,
    ) -> Self {
        Self {
            store,
            source,
            run,
            max_batch,
            after,
        }
    }

    /// The next users in order of their object ids; `None` at the end.
    pub(super) fn next_page(&mut self) -> Result<Option<Vec<Undoing>>, Halt> {
        // Users and contacts of a page are looked up together.
        let limit = (self.max_batch / 2).clamp(1, BATCH);
        let entries = self
            .store
            .run_journal(self.source, self.run, self.after.as_ref(), limit)?;
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
        let contacts = Contacts::look_up(self.store, self.source, self.max_batch, &entries)?;
        self.after = Some(last);
        Ok(Some(
            entries
                .chunk_by(|left, right| left.object_id == right.object_id)
                .filter_map(|of_user| invert_user(self.run, of_user, |newest| contacts.now(newest)))
                .collect(),
        ))
    }
}

/// The contacts of a page as they are now.
struct Contacts {
    contacts: HashMap<ContactId, Contact>,
    linked: HashMap<ObjectId, ContactId>,
}

impl Contacts {
    fn look_up(
        store: &dyn ContactStore,
        source: &str,
        max_batch: u32,
        entries: &[JournalEntry],
    ) -> Result<Self, Halt> {
        let users: BTreeSet<_> = entries.iter().map(|entry| &entry.object_id).collect();
        let contacts: BTreeSet<_> = entries.iter().map(|entry| &entry.contact).collect();
        let fields: BTreeSet<_> = entries
            .iter()
            .flat_map(|entry| &entry.fields)
            .map(|change| &change.field)
            .collect();
        let fields: Vec<String> = fields.into_iter().cloned().collect();
        let contacts: Vec<ContactId> = contacts.into_iter().cloned().collect();
        let mut users: Vec<ObjectId> = users.into_iter().cloned().collect();
        let mut found = Self {
            contacts: HashMap::new(),
            linked: HashMap::new(),
        };
        // One call, unless the run changed several contacts of the same users.
        for ids in contacts.chunks((max_batch as usize / 2).max(1)) {
            let contacts = store.lookup(&Query {
                source: source.to_owned(),
                object_ids: std::mem::take(&mut users),
                contacts: ids.to_vec(),
                fields: fields.clone(),
                ..Query::default()
            })?;
            for contact in contacts {
                if let Some(link) = &contact.link {
                    let linked = &mut found.linked;
                    linked.insert(link.object_id.clone(), contact.id.clone());
                }
                found.contacts.insert(contact.id.clone(), contact);
            }
        }
        Ok(found)
    }

    fn now(&self, entry: &JournalEntry) -> Now<'_> {
        Now {
            contact: self.contacts.get(&entry.contact),
            linked_elsewhere: self
                .linked
                .get(&entry.object_id)
                .is_some_and(|contact| *contact != entry.contact),
        }
    }
}
