//! The laws, as far as they can be seen from outside: each a checker that says what broke it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sync_core::run::{RunRecord, RunStatus};

use super::configuration::{Configuration, Row};
use super::directory::Tenant;
use super::oracle::{Truth, is_enabled};
use super::snapshot::{ContactSnapshot, Snapshot};
use super::world::Ran;

/// A law that does not hold.
#[derive(Clone, Debug)]
pub struct Violation {
    pub law: &'static str,
    pub what: String,
}

/// A list that only people put contacts on.
pub const FOREIGN_LIST: &str = "Choir";

/// Whether a law holds.
pub type LawResult = Result<(), Violation>;

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.law, self.what)
    }
}

pub fn breach(law: &'static str, what: impl fmt::Display) -> LawResult {
    Err(Violation {
        law,
        what: what.to_string(),
    })
}

/// One run, and the contacts before and after it.
pub struct RunUnderTest<'a> {
    pub configuration: &'a Configuration,
    /// The directory at every moment that the run can have heard of.
    pub moments: &'a [Tenant],
    pub before: &'a Snapshot,
    pub after: &'a Snapshot,
    pub ran: &'a Ran,
    pub approved: bool,
    /// Fields of which every base speaks: the last complete round over everybody settled them.
    pub reconciled: &'a [&'static str],
}

/// What was taken from a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Delete,
    Unlink,
    Deactivate,
}

fn taken(before: &ContactSnapshot, after: Option<&ContactSnapshot>) -> Option<Taken> {
    match after {
        None => Some(Taken::Delete),
        Some(after) if before.user.is_some() && after.user.is_none() => Some(Taken::Unlink),
        Some(after) if before.active && !after.active => Some(Taken::Deactivate),
        Some(_) => None,
    }
}

impl RunUnderTest<'_> {
    /// The laws that hold for every run, whatever happens to it.
    pub fn always(&self) -> LawResult {
        self.identity()?;
        self.removals_have_evidence()?;
        self.breakers_stop_before_harm()?;
        self.absent_is_not_null()?;
        self.own_fields()?;
        self.counts_add_up()?;
        self.nothing_personal_leaks()
    }

    /// Contacts that are there before and after.
    fn lasting(
        &self,
    ) -> impl Iterator<Item = (&String, &ContactSnapshot, &ContactSnapshot)> + Clone {
        self.before
            .iter()
            .filter_map(|(id, before)| Some((id, before, self.after.get(id)?)))
    }

    pub fn identity(&self) -> LawResult {
        let law = "law 1, identity is the object id";
        let mut owners = BTreeMap::new();
        for (id, contact) in self.after {
            let Some(user) = &contact.user else { continue };
            if let Some(other) = owners.insert(user, id) {
                return breach(
                    law,
                    format_args!("{user} has two contacts, {other} and {id}"),
                );
            }
        }
        for (id, before, after) in self.lasting() {
            if let (Some(was), Some(is)) = (&before.user, &after.user)
                && was != is
            {
                return breach(law, format_args!("contact {id} went from {was} to {is}"));
            }
        }
        Ok(())
    }

    fn removals_have_evidence(&self) -> LawResult {
        for (id, before) in self.before {
            let Some(taken) = taken(before, self.after.get(id)) else {
                continue;
            };
            let right = before.user.as_ref().is_some_and(|user| {
                let mut moments = self.moments.iter();
                moments.any(|moment| self.justifies(moment, user, taken))
            });
            if !right {
                return breach(
                    "laws 4 and 5, no removal without evidence",
                    format_args!("{taken:?} of contact {id}, {before:?}"),
                );
            }
        }
        Ok(())
    }

    fn justifies(&self, moment: &Tenant, user: &str, taken: Taken) -> bool {
        let configuration = self.configuration;
        let word = match taken {
            Taken::Delete => "delete",
            Taken::Unlink => "unlink",
            Taken::Deactivate => "deactivate",
        };
        match moment.get(user) {
            None => configuration.removed == word,
            Some(user) if !configuration.is_in_scope(user) => configuration.left_scope == word,
            Some(user) => configuration.disabled == word && !is_enabled(user),
        }
    }

    fn breakers_stop_before_harm(&self) -> LawResult {
        let law = "law 6, breakers stop before harm";
        let removals = self
            .before
            .iter()
            .filter(|(id, before)| taken(before, self.after.get(*id)).is_some())
            .count() as u64;
        let mut blanks: BTreeMap<&str, u64> = BTreeMap::new();
        for (_, before, after) in self.lasting() {
            for row in emptied(self.configuration, before, after) {
                *blanks.entry(row.field).or_default() += 1;
            }
        }
        if self.ran.status() == Some(RunStatus::Blocked) && (removals > 0 || !blanks.is_empty()) {
            return breach(
                law,
                format_args!("a blocked run removed {removals} and emptied {blanks:?}"),
            );
        }
        if self.approved {
            return Ok(());
        }
        let linked: BTreeSet<_> = [self.before, self.after]
            .into_iter()
            .flat_map(|snapshot| {
                snapshot
                    .values()
                    .filter_map(|contact| contact.user.as_ref())
            })
            .collect();
        let linked = linked.len() as u64;
        let allowed = self.configuration.removals.allows(linked);
        if removals > allowed {
            return breach(
                law,
                format_args!("{removals} removed of {linked}, {allowed} allowed"),
            );
        }
        let allowed = self.configuration.blanks.allows(linked);
        match blanks.iter().find(|(_, count)| **count > allowed) {
            Some(blank) => breach(law, format_args!("emptied {blank:?}, {allowed} allowed")),
            None => Ok(()),
        }
    }
    fn absent_is_not_null(&self) -> LawResult {
        for (id, before, after) in self.lasting() {
            for row in emptied(self.configuration, before, after) {
                let was_filled_by_directory = before.base.contains_key(row.field);
                let is_empty_there = self.moments.iter().any(|moment| {
                    let user = before.user.as_ref().and_then(|user| moment.get(user));
                    user.is_some_and(|user| self.configuration.truth(user, row) == Truth::Nothing)
                });
                if !was_filled_by_directory || !is_empty_there {
                    return breach(
                        "law 9, absent is not null",
                        format_args!("{} of contact {id} was emptied, {before:?}", row.field),
                    );
                }
            }
        }
        Ok(())
    }

    fn own_fields(&self) -> LawResult {
        let law = "law 10, local edits survive as the policy says";
        for (id, before, after) in self.lasting() {
            if before.user.is_none() && after.user.is_none() && before != after {
                return breach(
                    law,
                    format_args!("unlinked contact {id}: {before:?} became {after:?}"),
                );
            }
            if before.lists.iter().any(|list| list == FOREIGN_LIST)
                && !after.lists.iter().any(|list| list == FOREIGN_LIST)
            {
                return breach(
                    law,
                    format_args!("contact {id} was taken off a list of its own"),
                );
            }
            let names: BTreeSet<_> = before.fields.keys().chain(after.fields.keys()).collect();
            for name in names {
                if before.fields.get(name) != after.fields.get(name)
                    && !self.may_write(name, before)
                {
                    return breach(
                        law,
                        format_args!("{name} of contact {id}: {before:?} became {after:?}"),
                    );
                }
            }
        }
        Ok(())
    }

    /// Whether policy lets the directory write a field of a contact.
    fn may_write(&self, name: &str, before: &ContactSnapshot) -> bool {
        let Some(row) = self.configuration.rows.iter().find(|row| row.field == name) else {
            return false;
        };
        let linked = before.user.is_some();
        let local = before.fields.get(name);
        let base = before.base.get(name);
        if row.only_on_create || (linked && !self.configuration.update) {
            return false;
        }
        let was_compared = self.reconciled.contains(&row.field);
        match self.configuration.conflict {
            "keep-local" => local.is_none(),
            "merge" if local.is_none() && base.is_none() => true,
            // Whoever had it before had it from the directory.
            "merge" if !linked => before.former.is_some(),
            "merge" if base.is_none() => was_compared,
            "merge" if local != base => !self.directory_says_only(row, before),
            _ => true,
        }
    }

    /// Whether the directory has said nothing but what the base says.
    fn directory_says_only(&self, row: &Row, before: &ContactSnapshot) -> bool {
        self.moments.iter().all(|moment| {
            let user = before.user.as_ref().and_then(|user| moment.get(user));
            let truth = user.map(|user| self.configuration.truth(user, row));
            let base = before.base.get(row.field);
            matches!((truth, base), (Some(Truth::Value(value)), Some(base)) if value == *base)
        })
    }

    pub fn counts_add_up(&self) -> LawResult {
        let Some(run) = &self.ran.run else {
            return Ok(());
        };
        let counts = run.counts;
        let sum = counts.created
            + counts.updated
            + counts.unchanged
            + counts.skipped
            + counts.removed
            + counts.failed;
        if counts.processed == sum {
            return Ok(());
        }
        breach("law 12, counts add up", format_args!("{counts:?}"))
    }

    /// What a run that began and ended here says it did is what the store shows.
    pub fn counts_are_what_the_store_says(&self, run: &RunRecord) -> LawResult {
        let created = self
            .after
            .keys()
            .filter(|id| !self.before.contains_key(*id))
            .count();
        let removed = self
            .before
            .iter()
            .filter(|(id, before)| taken(before, self.after.get(*id)).is_some())
            .count();
        let written = |(_, before, after): &(&String, &ContactSnapshot, &ContactSnapshot)| {
            before.version != after.version && taken(before, Some(after)).is_none()
        };
        let updated = self.lasting().filter(written);
        let surely_updated = updated.clone().filter(|(_, before, _)| {
            let user = before.user.as_ref();
            !user.is_some_and(|user| self.may_be_refused(user))
        });
        let most = updated.count();
        let updated = surely_updated.count() as u64..=most as u64;
        let (created, removed) = (created as u64, removed as u64);
        let counts = run.counts;
        if (counts.created, counts.removed) == (created, removed)
            && updated.contains(&counts.updated)
        {
            return Ok(());
        }
        breach(
            "law 12, counts are what the store says",
            format_args!("{created} created, {updated:?} updated, {removed} removed: {counts:?}"),
        )
    }

    /// Whether the store may refuse what was planned for a person: a plan cannot foresee everything
    /// that a store does not take.
    pub fn may_be_refused(&self, user: &str) -> bool {
        let now = self.moments.last();
        let user = now.and_then(|now| now.get(user));
        user.is_some_and(|user| self.configuration.is_poisoned(user))
    }

    pub fn nothing_personal_leaks(&self) -> LawResult {
        let mut told = self.ran.log.join("\n");
        told.extend(self.ran.refused.iter().map(String::as_str));
        told.push_str(&format!("{:?}", self.ran.run));
        let people = self.moments.last().into_iter().flat_map(Tenant::values);
        let values = people
            .flat_map(|user| user.iter())
            .filter(|(name, _)| !["id", "userType", "accountEnabled"].contains(&name.as_str()))
            .filter_map(|(_, value)| value.as_str());
        let local = self
            .before
            .values()
            .flat_map(|contact| contact.fields.values());
        let leaked = values
            .chain(local.map(String::as_str))
            .map(str::trim)
            .find(|value| value.len() > 7 && told.contains(value));
        match leaked {
            Some(value) => breach(
                "law 15, nothing personal leaks",
                format_args!("{value:?} in {told}"),
            ),
            None => Ok(()),
        }
    }
}

/// Rows whose field of a linked contact went from filled to empty.
fn emptied<'c>(
    configuration: &'c Configuration,
    before: &ContactSnapshot,
    after: &ContactSnapshot,
) -> Vec<&'c Row> {
    let rows = configuration.rows.iter();
    rows.filter(|row| {
        before.fields.contains_key(row.field) && !after.fields.contains_key(row.field)
    })
    .collect()
}
