//! The contacts, the state and the plan of the outside in memory.

use super::*;

impl ContactStore for Outside {
    fn describe(&self) -> Result<StoreDescription, StoreError> {
        self.called()?;
        Ok(self
            .oddities
            .description
            .clone()
            .unwrap_or_else(description))
    }

    fn lookup(&self, query: &Query) -> Result<Vec<Contact>, StoreError> {
        self.called()?;
        if let Some(contacts) = &self.oddities.contacts {
            return Ok(contacts.clone());
        }
        let wanted = |contact: &&Contact| {
            let user = contact.link.as_ref().map(|link| &link.object_id);
            let email = contact.field("email").unwrap_or_default().to_lowercase();
            user.is_some_and(|user| query.object_ids.contains(user))
                || query.contacts.contains(&contact.id)
                || query
                    .match_keys
                    .iter()
                    .any(|key| key.to_lowercase() == email)
        };
        Ok(self
            .contacts
            .borrow()
            .values()
            .filter(wanted)
            .cloned()
            .collect())
    }

    fn same(&self, _: &str, _: Vec<Expected>) -> Result<Vec<SameContact>, StoreError> {
        self.called()?;
        Ok(self.oddities.same.clone())
    }

    fn changed_since(
        &self,
        _: &str,
        since: Option<&str>,
        _: u32,
    ) -> Result<EditsSince, StoreError> {
        self.called()?;
        // A token says how many parts were told.
        let told = since
            .and_then(|token| token.parse().ok())
            .unwrap_or(0_usize);
        let nothing = EditsSince::Edits {
            users: Vec::new(),
            next: told.to_string(),
        };
        Ok(match (since, self.oddities.edits.get(told)) {
            (Some(_), Some(EditsSince::Edits { users, .. })) => EditsSince::Edits {
                users: users.clone(),
                next: (told + 1).to_string(),
            },
            (Some(_), Some(EditsSince::TokenLost)) => EditsSince::TokenLost,
            _ => nothing,
        })
    }

    fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError> {
        self.called()?;
        for write in commit.state {
            match write.value {
                Some(value) => drop(self.state.borrow_mut().insert(write.key, value)),
                None => drop(self.state.borrow_mut().remove(&write.key)),
            }
        }
        if let Some(outcomes) = &self.oddities.outcomes {
            return Ok(outcomes.clone());
        }
        let users: Vec<_> = commit
            .changes
            .iter()
            .map(|reasoned| reasoned.change.object_id().clone())
            .collect();
        let outcomes: Vec<_> = commit
            .changes
            .into_iter()
            .map(|reasoned| self.perform(reasoned.change))
            .collect();
        for contingency in commit.otherwise {
            for (user, outcome) in users.iter().zip(&outcomes) {
                if matches!(outcome, Outcome::Refused { .. }) {
                    let key = format!("{}{user}", contingency.key_prefix);
                    let mut state = self.state.borrow_mut();
                    state.insert(key, contingency.value.clone());
                }
            }
        }
        Ok(outcomes)
    }

    fn open_round(&self, _: &str, _: &str, _: bool) -> Result<u64, StoreError> {
        self.called()?;
        Ok(self.oddities.known_links.max(3))
    }

    fn unseen(
        &self,
        _: &str,
        _: &str,
        after: Option<&ObjectId>,
        _: u32,
        _: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        self.called()?;
        if let Some(contacts) = &self.oddities.contacts {
            // A store that says the same for ever is left after a while.
            return Ok(if self.store_calls.get() > ENOUGH {
                Vec::new()
            } else {
                contacts.clone()
            });
        }
        let unseen = |contact: &&Contact| {
            let user = contact.link.as_ref().map(|link| &link.object_id);
            user.is_some_and(|user| user.as_str() >= "user-7" && Some(user) > after)
        };
        Ok(self
            .contacts
            .borrow()
            .values()
            .filter(unseen)
            .cloned()
            .collect())
    }

    fn close_round(&self, _: &str, _: &str) -> Result<(), StoreError> {
        self.called()
    }

    fn run_journal(
        &self,
        _: &str,
        _: &str,
        _: Option<&ObjectId>,
        _: u32,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.called()?;
        // A journal that says the same for ever is left after a while.
        Ok(if self.store_calls.get() > ENOUGH {
            Vec::new()
        } else {
            self.oddities.journal.clone()
        })
    }

    fn journal(&self, _: &str, _: &Who, _: u32) -> Result<Vec<JournalEntry>, StoreError> {
        self.called()?;
        Ok(self.oddities.journal.clone())
    }

    fn notes(&self, _: &str, _: &Who) -> Result<Vec<Noted>, StoreError> {
        self.called()?;
        Ok(self.oddities.notes.clone())
    }

    fn statistics(&self, _: &str, _: &[String]) -> Result<Statistics, StoreError> {
        self.called()?;
        let linked = self.contacts.borrow().len() as u64;
        Ok(self.oddities.statistics.clone().unwrap_or(Statistics {
            linked,
            ..Statistics::default()
        }))
    }
}

impl State for Outside {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.called()?;
        Ok(self.state.borrow().get(key).cloned())
    }

    fn get_many(&self, keys: Vec<String>) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.called()?;
        let state = self.state.borrow();
        let found = keys.into_iter().filter_map(|key| {
            let value = state.get(&key)?.clone();
            Some((key, value))
        });
        Ok(found.collect())
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.called()?;
        let state = self.state.borrow();
        let entries = state.iter().filter(|(key, _)| {
            key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after)
        });
        let entries = entries.take(limit as usize);
        Ok(entries
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }
}

impl PlanSink for Outside {
    fn put(&self, entries: Vec<PlanEntry>) -> Result<(), StoreError> {
        self.called()?;
        let entries = entries
            .into_iter()
            .map(|entry| (entry.object_id.to_string(), entry));
        self.plan.borrow_mut().extend(entries);
        Ok(())
    }

    fn claimed(&self, _: &[ContactId]) -> Result<Vec<(ContactId, ObjectId)>, StoreError> {
        self.called()?;
        Ok(vec![(ContactId::new("2"), ObjectId::new("user-9"))])
    }

    fn changes(
        &self,
        _: Option<&str>,
        after: Option<&ObjectId>,
        limit: u32,
    ) -> Result<Vec<PlanEntry>, StoreError> {
        self.called()?;
        let plan = self.plan.borrow();
        let later = plan
            .values()
            .filter(|entry| after.is_none_or(|after| entry.object_id > *after));
        Ok(later.take(limit as usize).cloned().collect())
    }

    fn entries(&self, _: Option<&str>, users: &[ObjectId]) -> Result<Vec<PlanEntry>, StoreError> {
        self.called()?;
        let plan = self.plan.borrow();
        let asked = plan
            .values()
            .filter(|entry| users.contains(&entry.object_id));
        Ok(asked.cloned().collect())
    }

    fn count(&self) -> Result<Vec<Tally>, StoreError> {
        self.called()?;
        let plan = self.plan.borrow();
        let one = |entry: &PlanEntry| Tally {
            effect: entry.effect,
            reason: entry.reason.clone(),
            entries: 1,
        };
        Ok(plan.values().map(one).collect())
    }
}
