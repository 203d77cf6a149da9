//! The store as a component sees it: the three interfaces that the contract puts on one database.
//!
//! They are the same for whoever is alone with the store, for the holder of a lease and for somebody
//! who only looks.

use connector_contract::imports::{ContactStore, PlanSink, State, Tell};
use connector_contract::{
    Claim, Commit, Contact, EditsSince, Expected, JournalEntry, Noted, Outcome, PlanEntry, Query,
    RoundInfo, SameContact, StateEntry, Statistics, StoreDescription, StoreError, Tally, Who,
};

use super::access::{self, Access as _, fetch, look_up, write};
use super::leased::LeasedSqliteStore;
use super::lookup::MAX_BATCH;
use super::read_only::ReadOnlySqliteStore;
use super::{
    SqliteStore, edits, fields, history, marks, notes, plan, rounds, rules, state, statistics,
    unlinked, users,
};

/// Refuses what is over the batch limit.
fn bounded(entries: usize) -> Result<(), StoreError> {
    if u32::try_from(entries).is_ok_and(|entries| entries <= MAX_BATCH) {
        Ok(())
    } else {
        Err(StoreError::BatchTooLarge(MAX_BATCH))
    }
}

/// A greater limit counts as the greatest that there is.
fn at_most(limit: u32) -> u32 {
    limit.min(MAX_BATCH)
}

/// A macro, because only a type of this crate can be given a trait of another one; it says each way in
/// the same words.
macro_rules! ports {
    ($($way:ty),+) => {
        $(
            impl ContactStore for $way {
                fn describe(&self) -> Result<StoreDescription, StoreError> {
                    let rules = self.store().rules;
                    Ok(StoreDescription {
                        fields: fields::descriptions(|place| rules.mandatory.contains(place)),
                        custom_fields: rules.custom_fields,
                        atomic: true,
                        max_batch: MAX_BATCH,
                        journal: true,
                        marks: rules.marks,
                        edits: true,
                        unlinked: true,
                        limits: rules::limits(),
                        codes: rules::codes(),
                    })
                }

                fn lookup(&self, query: Query) -> Result<Vec<Contact>, StoreError> {
                    bounded(query.object_ids.len() + query.match_keys.len() + query.contacts.len())?;
                    look_up(self, &users::of_query(query))
                }

                fn same(&self, source: &str, users: Vec<Expected>) -> Result<Vec<SameContact>, StoreError> {
                    bounded(users.len())?;
                    if !self.store().rules.marks {
                        return Ok(Vec::new());
                    }
                    let users = users::of_expected(users);
                    fetch(self, |connection| marks::same(connection, source, &users))
                }

                fn changed_since(
                    &self,
                    source: &str,
                    since: Option<&str>,
                    limit: u32,
                ) -> Result<EditsSince, StoreError> {
                    fetch(self, |connection| {
                        edits::since(connection, source, since, at_most(limit))
                    })
                }

                fn unlinked(
                    &self,
                    source: &str,
                    after: Option<&str>,
                    limit: u32,
                    fields: &[String],
                ) -> Result<Vec<Contact>, StoreError> {
                    fetch(self, |connection| {
                        unlinked::after(connection, source, after, at_most(limit), fields)
                    })
                }

                fn apply(&self, commit: Commit) -> Result<Vec<Outcome>, StoreError> {
                    let mut told = Vec::new();
                    self.apply_early(commit, Box::new(|outcomes| told = outcomes))?;
                    Ok(told)
                }

                fn apply_early(&self, commit: Commit, tell: Tell<'_>) -> Result<(), StoreError> {
                    bounded(commit.changes.len())?;
                    access::commit(self, &users::of_commit(commit), tell)
                }

                fn open_round(&self, source: &str, round: &str, resume: bool) -> Result<RoundInfo, StoreError> {
                    write(self, |connection, context| {
                        rounds::open(connection, context, source, round, resume)
                    })
                }

                fn unseen(
                    &self,
                    source: &str,
                    round: &str,
                    after: Option<&str>,
                    limit: u32,
                    fields: &[String],
                ) -> Result<Vec<Contact>, StoreError> {
                    let after = users::of_place(after);
                    fetch(self, |connection| {
                        rounds::unseen(
                            connection,
                            source,
                            round,
                            after.as_deref(),
                            at_most(limit),
                            fields,
                        )
                    })
                }

                fn close_round(&self, source: &str, round: &str) -> Result<(), StoreError> {
                    write(self, |connection, context| {
                        rounds::close(connection, context, source, round)
                    })
                }

                fn run_journal(
                    &self,
                    source: &str,
                    run: &str,
                    after: Option<&str>,
                    limit: u32,
                ) -> Result<Vec<JournalEntry>, StoreError> {
                    let after = users::of_place(after);
                    fetch(self, |connection| {
                        history::of_run(connection, source, run, after.as_deref(), at_most(limit))
                    })
                }

                fn journal(
                    &self,
                    source: &str,
                    who: &Who,
                    limit: u32,
                ) -> Result<Vec<JournalEntry>, StoreError> {
                    let who = users::of_who(who);
                    fetch(self, |connection| {
                        history::of(connection, source, &who, at_most(limit))
                    })
                }

                fn notes(&self, source: &str, who: &Who) -> Result<Vec<Noted>, StoreError> {
                    let who = users::of_who(who);
                    fetch(self, |connection| notes::about(connection, source, &who))
                }

                fn get_statistics(&self, source: &str, fields: &[String]) -> Result<Statistics, StoreError> {
                    fetch(self, |connection| {
                        statistics::read(connection, source, fields)
                    })
                }

                fn flush(&self) -> Result<(), StoreError> {
                    Ok(self.store().flush_log()?)
                }
            }

            impl State for $way {
                fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
                    fetch(self, |connection| state::get(connection, key))
                }

                fn get_many(&self, keys: &[String]) -> Result<Vec<StateEntry>, StoreError> {
                    bounded(keys.len())?;
                    fetch(self, |connection| state::get_many(connection, keys))
                }

                fn list(
                    &self,
                    prefix: &str,
                    after: Option<&str>,
                    limit: u32,
                ) -> Result<Vec<StateEntry>, StoreError> {
                    fetch(self, |connection| {
                        state::list(connection, prefix, after, at_most(limit))
                    })
                }
            }

            impl PlanSink for $way {
                fn put(&self, entries: Vec<PlanEntry>) -> Result<(), StoreError> {
                    bounded(entries.len())?;
                    let entries = users::of_entries(entries);
                    write(self, |connection, context| {
                        plan::put(connection, context, entries)
                    })
                }

                fn claimed(&self, contacts: &[String]) -> Result<Vec<Claim>, StoreError> {
                    bounded(contacts.len())?;
                    fetch(self, |connection| plan::claimed(connection, contacts))
                }

                fn changes(
                    &self,
                    plan: Option<&str>,
                    after: Option<&str>,
                    limit: u32,
                ) -> Result<Vec<PlanEntry>, StoreError> {
                    let after = users::of_place(after);
                    fetch(self, |connection| {
                        plan::changes(connection, plan, after.as_deref(), at_most(limit))
                    })
                }

                fn entries(&self, plan: Option<&str>, users: &[String]) -> Result<Vec<PlanEntry>, StoreError> {
                    bounded(users.len())?;
                    let users = users::of_all(users);
                    fetch(self, |connection| plan::entries(connection, plan, &users))
                }

                fn count(&self) -> Result<Vec<Tally>, StoreError> {
                    fetch(self, plan::count)
                }
            }
        )+
    };
}

ports!(SqliteStore, LeasedSqliteStore, ReadOnlySqliteStore);
