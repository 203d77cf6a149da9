//! The ports behind which the platform in memory keeps contacts, state and plans.

use std::collections::BTreeMap;

use crate::contact::{Contact, ContactId, Effect, ObjectId, Who};
use crate::ports::{
    Commit, ContactStore, EditsSince, Expected, JournalEntry, Note, Noted, Outcome, PlanEntry,
    PlanSink, Query, SameContact, State, StateWrite, Statistics, StoreDescription, StoreError,
    Tally,
};

use super::{Done, Memory, SOURCE, store};

impl ContactStore for Memory {
    fn describe(&self) -> Result<StoreDescription, StoreError> {
        let usual = store();
        Ok(StoreDescription {
            max_batch: self.max_batch.get().unwrap_or(usual.max_batch),
            edits: !self.tells_no_edits.get(),
            ..usual
        })
    }

    fn lookup(&self, query: &Query) -> Result<Vec<Contact>, StoreError> {
        let size = query.object_ids.len() + query.contacts.len() + query.match_keys.len();
        let largest = self.describe()?.max_batch;
        if size > largest as usize {
            return Err(StoreError::BatchTooLarge(largest));
        }
        let wanted = |contact: &&Contact| {
            let address = contact.field("email").unwrap_or_default();
            query.contacts.contains(&contact.id)
                || query
                    .match_keys
                    .iter()
                    .any(|key| key.eq_ignore_ascii_case(address))
                || contact
                    .link
                    .as_ref()
                    .map(|link| &link.object_id)
                    .or(contact.former.as_ref())
                    .is_some_and(|user| query.object_ids.contains(user))
        };
        let asked_for = |contact: &Contact| {
            let mut contact = contact.clone();
            contact
                .fields
                .retain(|field| query.fields.contains(&field.name));
            contact
        };
        let contacts = self.contacts.borrow();
        Ok(contacts.values().filter(wanted).map(asked_for).collect())
    }

    fn same(&self, _: &str, _: Vec<Expected>) -> Result<Vec<SameContact>, StoreError> {
        Ok(Vec::new())
    }

    fn changed_since(
        &self,
        source: &str,
        since: Option<&str>,
        limit: u32,
    ) -> Result<EditsSince, StoreError> {
        assert_eq!(source, SOURCE);
        let edits = self.edits.borrow();
        let told = since.map_or(edits.len(), |token| token.parse().expect("a token"));
        if told < self.edits_begin.get() || told > edits.len() {
            return Ok(EditsSince::TokenLost);
        }
        let part = self.edits_a_part.get().unwrap_or(limit as usize);
        let users: Vec<_> = edits[told..].iter().take(part).cloned().collect();
        let next = (told + users.len()).to_string();
        Ok(EditsSince::Edits { users, next })
    }

    fn unlinked(
        &self,
        source: &str,
        after: Option<&ContactId>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        assert_eq!(source, SOURCE);
        let contacts = self.contacts.borrow();
        let is_nobodys = |contact: &&Contact| {
            contact.active
                && contact.link.is_none()
                && contact.former.is_none()
                && contact.field("email").is_some()
                && after.is_none_or(|after| contact.id > *after)
        };
        let asked_for = |contact: &Contact| {
            let mut contact = contact.clone();
            contact.fields.retain(|field| fields.contains(&field.name));
            contact
        };
        let found = contacts.values().filter(is_nobodys).map(asked_for);
        Ok(found.take(limit as usize).collect())
    }

    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        let dies = self.dies.get();
        if let Some((left, _)) = dies {
            self.dies
                .set(Some((left.saturating_sub(1), dies.unwrap().1)));
        }
        let killed = || Err(StoreError::Unavailable("killed".to_owned()));
        if dies == Some((0, false)) {
            return killed();
        }
        if !commit.changes.is_empty() {
            self.events.borrow_mut().push("apply".to_owned());
        }
        let outcomes = commit
            .changes
            .into_iter()
            .map(|change| self.perform(commit.run.as_deref(), change))
            .collect();
        let mut state = self.state.borrow_mut();
        for StateWrite { key, value } in commit.state {
            match value {
                Some(value) => state.insert(key, value),
                None => state.remove(&key),
            };
        }
        if dies == Some((0, true)) {
            return killed();
        }
        Ok(outcomes)
    }

    fn open_round(&self, _: &str, _: &str, _: bool) -> Result<u64, StoreError> {
        Ok(0)
    }

    fn unseen(
        &self,
        _: &str,
        _: &str,
        _: Option<&ObjectId>,
        _: u32,
        _: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        Ok(Vec::new())
    }

    fn close_round(&self, _: &str, _: &str) -> Result<(), StoreError> {
        Ok(())
    }

    fn run_journal(
        &self,
        source: &str,
        run: &str,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        assert_eq!(source, SOURCE);
        let after = after.filter(|_| !self.stuck.get());
        let mut users: BTreeMap<ObjectId, Vec<JournalEntry>> = BTreeMap::new();
        for done in self.journal.borrow().iter().rev() {
            let entry = &done.entry;
            if entry.run.as_deref() == Some(run)
                && after.is_none_or(|after| entry.object_id > *after)
            {
                let of_user = users.entry(entry.object_id.clone()).or_default();
                of_user.push(entry.clone());
            }
        }
        Ok(users.into_values().take(limit as usize).flatten().collect())
    }

    fn journal(
        &self,
        source: &str,
        who: &Who,
        limit: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        assert_eq!(source, SOURCE);
        let journal = self.journal.borrow();
        let about = |done: &&Done| match who {
            Who::User(user) => done.entry.object_id == *user,
            Who::Contact(contact) => done.entry.contact == *contact,
            Who::Address(address) => done
                .before
                .as_ref()
                .and_then(|contact| contact.field("email"))
                .is_some_and(|email| email.eq_ignore_ascii_case(address)),
        };
        Ok(journal
            .iter()
            .rev()
            .filter(about)
            .take(limit as usize)
            .map(|done| done.entry.clone())
            .collect())
    }

    fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError> {
        assert_eq!(source, SOURCE);
        let about = |(note, noted): &&(Note, Noted)| match who {
            Who::User(user) => noted.object_id == *user,
            Who::Contact(contact) => noted.contact.as_ref() == Some(contact),
            Who::Address(address) => note
                .address
                .as_ref()
                .is_some_and(|noted| noted.eq_ignore_ascii_case(address)),
        };
        let notes = self.notes.borrow();
        Ok(notes
            .iter()
            .filter(about)
            .map(|(_, noted)| noted.clone())
            .collect())
    }

    fn statistics(&self, _: &str, _: &[String]) -> Result<Statistics, StoreError> {
        Ok(Statistics::default())
    }
}

impl State for Memory {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.state.borrow().get(key).cloned())
    }

    fn get_many(&self, keys: Vec<String>) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let state = self.state.borrow();
        let entry = |key: String| state.get(&key).cloned().map(|value| (key, value));
        Ok(keys.into_iter().filter_map(entry).collect())
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let state = self.state.borrow();
        Ok(state
            .iter()
            .filter(|(key, _)| key.starts_with(prefix))
            .filter(|(key, _)| after.is_none_or(|after| key.as_str() > after))
            .take(limit as usize)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }
}

impl PlanSink for Memory {
    fn put(&self, entries: Vec<PlanEntry>) -> Result<(), StoreError> {
        let mut plans = self.plans.borrow_mut();
        let making = plans.entry(String::new()).or_default();
        making.extend(
            entries
                .into_iter()
                .map(|entry| (entry.object_id.clone(), entry)),
        );
        Ok(())
    }

    fn claimed(&self, _: &[ContactId]) -> Result<Vec<(ContactId, ObjectId)>, StoreError> {
        Ok(Vec::new())
    }

    fn changes(
        &self,
        plan: Option<&str>,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<PlanEntry>, StoreError> {
        let plans = self.plans.borrow();
        let changes = plans.get(plan.unwrap_or_default()).into_iter().flatten();
        Ok(changes
            .filter(|(user, entry)| {
                after.is_none_or(|after| **user > *after)
                    && !matches!(entry.effect, Effect::Unchanged | Effect::Skip)
            })
            .take(limit as usize)
            .map(|(_, entry)| entry.clone())
            .collect())
    }

    fn entries(
        &self,
        plan: Option<&str>,
        users: &[ObjectId],
    ) -> Result<Vec<PlanEntry>, StoreError> {
        let changes = self.changes(plan, None, u32::MAX)?;
        Ok(changes
            .into_iter()
            .filter(|entry| users.contains(&entry.object_id))
            .collect())
    }

    fn count(&self) -> Result<Vec<Tally>, StoreError> {
        Ok(Vec::new())
    }
}
