//! Taking changes back: the journal's entries of one contact, newest first, undone together. Pure functions of
//! those entries and of the contact as it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::{Conflict, Effect, Evidence, Field, GivenValue, Reversal};
use crate::decide::{Decided, Lists, Not, Scene, conflict, refused, written};
use crate::destination::RemoteListId;
use crate::known::{Known, as_fields};
use crate::records::{ContactRecord, JournalRecord, Request, StoredEvidence, Values};
use crate::rules;

/// What a reversal is decided on, beside the contact.
pub(crate) struct Facts {
    /// The entries that it names, newest first, as far as the journal has them.
    pub(crate) entries: Vec<JournalRecord>,
    /// How many entries the run of the newest has of the contact.
    pub(crate) entries_of_run: usize,
    /// The user has another contact: linked to them, or formerly theirs.
    pub(crate) has_another: bool,
    /// A user of another source, to whom a deleted contact was linked, has another one by now.
    pub(crate) others_have_another: bool,
    /// Of the users to whom the contact might go back as their former one, by source: those who have another.
    pub(crate) former_has_another: BTreeSet<(String, String)>,
    /// The writes of a contact that is gone.
    pub(crate) writes_when_gone: u64,
}

/// The contact on its way back.
struct Target {
    exists: bool,
    active: bool,
    link: Option<Values>,
    former: Option<String>,
}

impl Target {
    /// Goes back behind one change. The base goes back for the restored fields, or as a whole where nothing was
    /// written since.
    fn go_behind(&mut self, entry: &JournalRecord, restored: Option<&[String]>) {
        let base = base_before(entry);
        let former = former_before(entry);
        match (entry.effect(), &mut self.link) {
            (Effect::Create, _) => self.exists = false,
            (Effect::Link, _) => {
                self.link = None;
                self.former = former;
            }
            (Effect::Unlink, _) => self.link = Some(base.unwrap_or_default()),
            // A reversal that found no link, and left none.
            (_, None) => self.former = former,
            (_, Some(link)) => match (base, restored) {
                (Some(base), Some(restored)) => put_back(link, &base, restored),
                (Some(base), None) => *link = base,
                (None, _) => {}
            },
        }
    }
}

/// Also where this change wrote none of the restored fields: an earlier or a later one of the same run did, and
/// what they all make of the base is taken back together.
fn put_back(link: &mut Values, former: &Values, restored: &[String]) {
    for name in restored {
        match former.get(name) {
            Some(value) => link.insert(name.clone(), value.clone()),
            None => link.remove(name),
        };
    }
}

fn base_before(entry: &JournalRecord) -> Option<Values> {
    let before = entry.before.as_ref()?;
    before
        .links
        .get(&entry.source)
        .map(|link| link.base.clone())
}

fn former_before(entry: &JournalRecord) -> Option<String> {
    entry.before.as_ref()?.formers.get(&entry.source).cloned()
}

/// Whether the contact was active, where the change altered that.
fn active_before(entry: &JournalRecord) -> Option<bool> {
    let (before, after) = (entry.before.as_ref()?, entry.after.as_ref()?);
    (before.active != after.active).then_some(before.active)
}

fn leaves_unlinked(entry: &JournalRecord) -> bool {
    let after = entry.after.as_ref();
    after.is_some_and(|after| after.user(&entry.source).is_none())
}

/// Whether the contact is to be active, given whether it is: it goes back where it is as the changes left it.
fn activity(entries: &[JournalRecord], now: bool) -> bool {
    let mut touched = entries.iter().filter_map(active_before);
    let Some(newest) = touched.next() else {
        return now;
    };
    let before = touched.next_back().unwrap_or(newest);
    if now == newest { now } else { before }
}

/// Each list that the changes moved: whether the contact was on it before them, and after them.
fn moved(entries: &[JournalRecord]) -> BTreeMap<RemoteListId, (bool, bool)> {
    let mut moved: BTreeMap<RemoteListId, (bool, bool)> = BTreeMap::new();
    for entry in entries.iter().rev() {
        let (joins, leaves) = entry.moves();
        let left = leaves.into_iter().map(|list| (list, false));
        let joined = joins.into_iter().map(|list| (list, true));
        for (list, on) in left.chain(joined) {
            moved.entry(list).or_insert((!on, on)).1 = on;
        }
    }
    moved
}

impl Scene<'_> {
    pub(crate) fn revert(
        &self,
        reversal: &Reversal,
        known: Option<&Known>,
        facts: &Facts,
    ) -> Result<Decided, Not> {
        if !matches!(reversal.evidence, Evidence::Undone(_)) {
            return Err(refused(rules::refusal(None, "needs-undone")));
        }
        let newest = self.accept_entries(reversal, facts)?;
        if !writes_only_what_was_written(reversal, &facts.entries) {
            return Err(refused(rules::refusal(None, "not-journaled")));
        }
        let is_deletion = newest.effect() == Effect::Delete;
        match known {
            Some(_) if is_deletion => Err(conflict(Conflict::Version)),
            None if !is_deletion => Err(conflict(Conflict::Gone)),
            None if newest.version != reversal.contact.version => Err(conflict(Conflict::Version)),
            None => self.make_again(reversal, newest, facts),
            Some(known) if known.version() != reversal.contact.version => {
                Err(conflict(Conflict::Version))
            }
            Some(known) => self.put_back(reversal, newest, known, facts),
        }
    }

    /// The newest of the entries, where they are what the reversal says they are.
    fn accept_entries<'f>(
        &self,
        reversal: &Reversal,
        facts: &'f Facts,
    ) -> Result<&'f JournalRecord, Not> {
        let unknown = || refused(rules::refusal(None, "unknown-entry"));
        let fits = |record: &JournalRecord| {
            record.source == self.source
                && record.user == reversal.object_id
                && record.contact == reversal.contact.contact
        };
        let numbers = reversal.entries.iter().map(|entry| entry.number);
        let is_theirs = facts.entries.iter().map(|entry| entry.number).eq(numbers)
            && facts.entries.iter().all(fits);
        let newest_first = facts
            .entries
            .windows(2)
            .all(|pair| matches!(pair, [later, earlier] if later.number > earlier.number));
        // Part of what a run did to a contact cannot be taken back: what it did builds on itself.
        if !is_theirs || !newest_first || facts.entries_of_run != facts.entries.len() {
            return Err(unknown());
        }
        facts.entries.first().ok_or_else(unknown)
    }

    fn put_back(
        &self,
        reversal: &Reversal,
        newest: &JournalRecord,
        known: &Known,
        facts: &Facts,
    ) -> Result<Decided, Not> {
        let now = &known.record;
        let linked = now.user(self.source);
        if linked.is_some_and(|user| user != reversal.object_id) {
            return Err(conflict(Conflict::Linked));
        }
        let was_linked = linked.is_some();
        let untouched = newest.version == known.version();
        // Where somebody took the link away since, the contact is not this user's any more. Linked again since it
        // was unlinked, it is as before.
        let link_fits =
            newest.effect() == Effect::Unlink || untouched || was_linked != leaves_unlinked(newest);
        if !link_fits {
            return Err(conflict(Conflict::Linked));
        }
        let mut target = Target {
            exists: true,
            active: activity(&facts.entries, now.active),
            link: now.links.get(self.source).map(|link| link.base.clone()),
            former: now.formers.get(self.source).cloned(),
        };
        let restored: Vec<_> = reversal.writes.iter().map(|w| w.name.clone()).collect();
        let restored = (!untouched).then_some(restored.as_slice());
        for entry in &facts.entries {
            target.go_behind(entry, restored);
        }
        if let Some(link) = &mut target.link {
            agree(link, &reversal.directory);
        }
        if !target.exists {
            let what = (Effect::Delete, &*reversal.object_id, &*reversal.reason);
            return Ok(with_evidence(self.deleted(what, known), reversal));
        }
        let to_be_linked = target.link.is_some();
        if to_be_linked && !was_linked && facts.has_another {
            return Err(conflict(Conflict::Linked));
        }
        rules::accept_writes(self.capabilities, &reversal.writes).map_err(refused)?;
        if now.active && !target.active {
            self.may_be_inactive()?;
        }
        let lists = self.lists_back(newest, known, facts, &target, untouched);
        let mut after = written(known, &reversal.writes);
        after.active = target.active;
        match (target.link, was_linked) {
            (Some(base), true) => {
                if let Some(link) = after.links.get_mut(self.source) {
                    link.base = base;
                }
            }
            (Some(base), false) => self.link_up(&mut after, &reversal.object_id, base),
            (None, _) => {
                after.links.remove(self.source);
                self.give_back(&mut after, target.former, facts);
            }
        }
        let effect = match (to_be_linked, was_linked) {
            (false, true) => Effect::Unlink,
            (true, false) => Effect::Link,
            _ if now.active && !after.active => Effect::Deactivate,
            _ if !now.active && after.active => Effect::Reactivate,
            _ => Effect::Update,
        };
        let what = (effect, &*reversal.object_id, &*reversal.reason);
        let decided = self.of_contact(what, known, after, Lists::Exactly(lists));
        Ok(with_evidence(decided, reversal))
    }

    /// The lists that the contact is to be on. They go back together, and only where they are as the changes left
    /// them; whoever loses the link or becomes inactive leaves all of them, and who lost it since joins none.
    fn lists_back(
        &self,
        newest: &JournalRecord,
        known: &Known,
        facts: &Facts,
        target: &Target,
        untouched: bool,
    ) -> BTreeSet<RemoteListId> {
        let record = &known.record;
        let to_be_linked = target.link.is_some();
        let was_linked = record.user(self.source).is_some();
        if (record.active && !target.active) || (was_linked && !to_be_linked) {
            return BTreeSet::new();
        }
        let now = record.lists_of(self.source);
        let left = newest
            .after
            .as_ref()
            .map(|after| after.lists_of(self.source));
        if left.as_ref() != Some(&now) {
            return now;
        }
        let mut lists = now.clone();
        for (list, (before, _)) in moved(&facts.entries) {
            if before {
                lists.insert(list);
            } else {
                lists.remove(&list);
            }
        }
        let may_join = untouched || (target.active && to_be_linked);
        if may_join || lists.is_subset(&now) {
            lists
        } else {
            now
        }
    }

    /// Makes what the changes deleted: a new record of the service, under the old id of the contact.
    fn make_again(
        &self,
        reversal: &Reversal,
        newest: &JournalRecord,
        facts: &Facts,
    ) -> Result<Decided, Not> {
        let unknown = || refused(rules::refusal(None, "unknown-entry"));
        let whole = newest.before.as_ref().ok_or_else(unknown)?;
        let (_, older) = facts.entries.split_first().ok_or_else(unknown)?;
        let mut target = Target {
            exists: true,
            active: activity(older, whole.active),
            link: whole.links.get(self.source).map(|link| link.base.clone()),
            former: whole.formers.get(self.source).cloned(),
        };
        for entry in older {
            target.go_behind(entry, None);
        }
        if !target.exists {
            // Made and deleted by the same run: nothing is to be there, and nothing is.
            return Err(conflict(Conflict::Gone));
        }
        if facts.has_another || facts.others_have_another {
            return Err(conflict(Conflict::Linked));
        }
        if !target.active {
            self.may_be_inactive()?;
        }
        let mut after = ContactRecord {
            remote: String::new(),
            writes: facts.writes_when_gone.max(whole.writes) + 1,
            active: target.active,
            deleted: false,
            ..whole.clone()
        };
        for write in &reversal.writes {
            match &write.value {
                Some(value) => after.fields.insert(write.name.clone(), value.clone()),
                None => after.fields.remove(&write.name),
            };
        }
        let fields: Vec<Field> = as_fields(&after.fields);
        rules::accept_new(self.capabilities, &fields).map_err(refused)?;
        after.links.remove(self.source);
        match target.link {
            Some(base) => self.link_up(&mut after, &reversal.object_id, base),
            None => self.give_back(&mut after, target.former, facts),
        }
        // Links of other sources are made anew, too.
        for (number, link) in (self.link_number + 1..).zip(after.links.values_mut()) {
            if link.number < self.link_number {
                link.number = number;
            }
        }
        after.formers.retain(|source, user| {
            let former = (source.clone(), user.clone());
            !facts.former_has_another.contains(&former)
        });
        let moved = moved(&facts.entries).into_iter();
        let lists = moved
            .filter(|(_, (before, _))| *before)
            .map(|(list, _)| list)
            .collect();
        after.set_lists(self.source, BTreeSet::new());
        let what = (Effect::Create, &*reversal.object_id, &*reversal.reason);
        let mut operation = self.operation(what, None, Some(after));
        operation.contact = Some(reversal.contact.contact.clone());
        operation.request = Request::Create;
        operation.given = reversal.directory.iter().map(Into::into).collect();
        Ok(Decided {
            operation,
            lists: Lists::Exactly(lists),
        })
    }

    /// Makes a contact without a link nobody's again, or that of the user whose it was, unless they have another
    /// by now.
    fn give_back(&self, contact: &mut ContactRecord, former: Option<String>, facts: &Facts) {
        contact.formers.remove(self.source);
        let former = former.map(|user| (self.source.to_owned(), user));
        if let Some((source, user)) =
            former.filter(|former| !facts.former_has_another.contains(former))
        {
            contact.formers.insert(source, user);
        }
    }
}

/// Of what the directory was given back, the base is what both sides hold.
fn agree(link: &mut Values, directory: &[GivenValue]) {
    for given in directory.iter().filter(|given| given.answered) {
        match &given.change.after {
            Some(value) => link.insert(given.field.clone(), value.clone()),
            None => link.remove(&given.field),
        };
    }
}

/// A reversal that takes something away says why. What the directory was given is kept with it.
fn with_evidence(mut decided: Decided, reversal: &Reversal) -> Decided {
    decided.operation.given = reversal.directory.iter().map(Into::into).collect();
    let effect = crate::records::effect_named(&decided.operation.effect);
    if matches!(effect, Effect::Unlink | Effect::Deactivate | Effect::Delete) {
        decided.operation.evidence = Some(StoredEvidence::from(&reversal.evidence));
    }
    decided
}

/// Whether the fields to be put back are among those that the changes wrote, or that a deleted contact held, or of
/// which the directory was given something.
fn writes_only_what_was_written(reversal: &Reversal, entries: &[JournalRecord]) -> bool {
    let written = entries.iter().flat_map(JournalRecord::fields);
    let given = entries.iter().flat_map(|entry| &entry.given);
    let altered: BTreeSet<String> = written
        .map(|field| field.field)
        .chain(given.map(|given| given.field.clone()))
        .collect();
    reversal
        .writes
        .iter()
        .all(|write| altered.contains(&write.name))
}
