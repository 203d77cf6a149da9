//! Taking changes back: the journal's entries of one contact, newest first, undone together.
//!
//! What the contact is to be afterwards (`target.rs`) is worked out before the first write, so that a
//! reversal that is refused or in conflict has had no effect.

use std::collections::BTreeSet;

use super::apply::{Done, Page, accepted};
use super::errors::DatabaseError;
use super::lists::Spelling;
use super::parts::{Parts, Undone};
use super::replaced::{DeletedContact, Moved, Replaced};
use super::rules::Values;
use super::target::{Target, link_fits};
use super::write_tx::{ContactState, NewContact, NewLink};
use super::{base, history, identity};
use connector_contract::{Conflict, Effect, Evidence, Field, JournalNumber, Refusal, Reversal};

impl Page<'_, '_, '_> {
    pub(super) fn revert(&mut self, reversal: &Reversal) -> Result<Done, DatabaseError> {
        if !matches!(reversal.evidence, Evidence::Undone(_)) {
            return Ok(Done::Refused(refusal("needs-undone")));
        }
        let undone = accepted!(self.undone(reversal)?);
        if !writes_only_what_was_written(reversal, &undone) {
            return Ok(Done::Refused(refusal("not-journaled")));
        }
        let (Some(newest), Some(contact)) = (
            undone.first(),
            identity::from_text(&reversal.contact.contact),
        ) else {
            return Ok(Done::Refused(unknown_entry()));
        };
        let existing = self.tx.contact_state(contact)?;
        match (&existing, newest.effect) {
            (Some(_), Effect::Delete) => return Ok(Done::Conflict(Conflict::Version)),
            (None, Effect::Delete)
                if identity::to_version(newest.version) != reversal.contact.version =>
            {
                return Ok(Done::Conflict(Conflict::Version));
            }
            (None, Effect::Delete) => {}
            (None, _) => return Ok(Done::Conflict(Conflict::Gone)),
            (Some(current), _)
                if identity::to_version(current.version) != reversal.contact.version =>
            {
                return Ok(Done::Conflict(Conflict::Version));
            }
            (Some(_), _) => {}
        }
        match existing {
            Some(current) => self.put_back(reversal, &undone, newest, current),
            None => self.make_again(reversal, &undone, contact),
        }
    }

    /// The entries, where they are what the reversal says they are.
    fn undone(&self, reversal: &Reversal) -> Result<Result<Vec<Undone>, Refusal>, DatabaseError> {
        let mut undone: Vec<Undone> = Vec::with_capacity(reversal.entries.len());
        let mut spelling = Spelling::default();
        let mut later = u64::MAX;
        for JournalNumber { number } in &reversal.entries {
            let found = history::numbered(self.tx.connection(), number.cast_signed())?;
            let found = found.filter(|record| {
                record.source_id == self.source_id && record.object_id == reversal.object_id
            });
            let Some(record) = found else {
                return Ok(Err(unknown_entry()));
            };
            let of_this_contact = identity::to_text(record.contact) == reversal.contact.contact;
            if !of_this_contact || *number >= later {
                return Ok(Err(unknown_entry()));
            }
            later = *number;
            let before = Replaced::read(record.before.as_deref())?
                .spelt(self.tx.connection(), &mut spelling)?;
            undone.push(Undone {
                number: number.cast_signed(),
                effect: record.effect,
                version: record.version,
                moves: before.moves(self.tx.connection(), self.source_id)?,
                before,
            });
        }
        Ok(if self.is_all_of_a_run(reversal)? {
            Ok(undone)
        } else {
            Err(unknown_entry())
        })
    }

    /// Part of what a run did to a contact cannot be taken back: what it did builds on itself.
    fn is_all_of_a_run(&self, reversal: &Reversal) -> Result<bool, DatabaseError> {
        let (Some(newest), Some(contact)) = (
            reversal.entries.first(),
            identity::from_text(&reversal.contact.contact),
        ) else {
            return Ok(false);
        };
        let entries = history::entries_beside(
            self.tx.connection(),
            self.source_id,
            contact,
            newest.number.cast_signed(),
        )?;
        Ok(entries.unsigned_abs() == reversal.entries.len() as u64)
    }

    fn put_back(
        &mut self,
        reversal: &Reversal,
        undone: &[Undone],
        newest: &Undone,
        before: ContactState,
    ) -> Result<Done, DatabaseError> {
        let former_base = self.preimages.base(before.id)?;
        let linked = before.object_id(self.source_id);
        if linked.is_some_and(|user| user != reversal.object_id) {
            return Ok(Done::Conflict(Conflict::Linked));
        }
        let was_linked = linked.is_some();
        let untouched = newest.version == before.version;
        // Where somebody took the link away since, the contact is not this user's any more.
        if !link_fits(newest, was_linked, untouched) {
            return Ok(Done::Conflict(Conflict::Linked));
        }
        let former = self.preimages.former(before.id);
        let lists = self.preimages.lists(before.id);
        let mut target = Target {
            exists: true,
            active: Parts::activity(undone, before.active),
            link: former_base.as_deref().map(base::from_text).transpose()?,
            former: former.clone(),
            lists: BTreeSet::new(),
        };
        let restored: Vec<_> = reversal.writes.iter().map(|w| w.name.clone()).collect();
        let restored = (!untouched).then_some(restored.as_slice());
        for entry in undone {
            target.go_behind(entry, restored)?;
        }
        target.agree(&reversal.directory);
        if !target.exists {
            return self.unmake(reversal, before);
        }
        if target.link.is_some() && !was_linked && self.has_another(reversal)? {
            return Ok(Done::Conflict(Conflict::Linked));
        }
        target.lists = Parts {
            undone,
            untouched,
            was_active: before.active,
            was_linked,
            active: target.active,
            linked: target.link.is_some(),
        }
        .lists(self, before.id, &lists)?;
        let writes = reversal.writes.iter().map(super::apply::as_write);
        let values = accepted!(self.tx.rules.accept(writes, &self.tx.custom));
        let replaced = Replaced {
            fields: self.fields_before(reversal, before.id),
            joins: missing_in(&lists, &target.lists),
            leaves: lists
                .iter()
                .filter(|name| !target.lists.contains(*name))
                .cloned()
                .collect(),
            active: (target.active != before.active).then_some(before.active),
            base: former_base,
            former,
            leaves_unlinked: target.link.is_none() && !was_linked,
            whole: None,
            given: reversal.directory.iter().map(Into::into).collect(),
        };
        let base = target.link.as_deref().filter(|_| was_linked);
        let after = self.tx.update_contact(
            &before,
            target.active,
            &values,
            base.map(|base| (self.source_id, base)),
        )?;
        let effect = match (&target.link, was_linked) {
            (None, true) => {
                self.tx.delete_link(self.source_id, &after)?;
                let former = target.former.as_deref();
                self.tx.restore_former(self.source_id, after.id, former)?;
                Effect::Unlink
            }
            (Some(base), false) => {
                self.tx.insert_link(self.own_link(reversal, base), &after)?;
                Effect::Link
            }
            (None, false) => {
                let former = target.former.as_deref();
                self.tx.restore_former(self.source_id, after.id, former)?;
                by_activity(before.active, after.active)
            }
            (Some(_), true) => by_activity(before.active, after.active),
        };
        let naming = self.naming(&reversal.object_id);
        self.tx
            .rejoin_lists(after.id, self.source_id, &replaced.joins, naming)?;
        self.tx
            .leave_lists(after.id, self.source_id, &replaced.leaves)?;
        self.enter(reversal, &after, effect, Some(&replaced))?;
        Ok(Done::applied(&after))
    }

    /// Deletes what the changes made.
    fn unmake(&mut self, reversal: &Reversal, before: ContactState) -> Result<Done, DatabaseError> {
        let replaced = Replaced {
            whole: Some(self.tx.whole(&before)?),
            given: reversal.directory.iter().map(Into::into).collect(),
            ..Replaced::default()
        };
        self.tx.delete_contact(&before)?;
        let after = ContactState {
            version: before.version + 1,
            ..before
        };
        self.enter(reversal, &after, Effect::Delete, Some(&replaced))?;
        Ok(Done::applied(&after))
    }

    /// Makes what the changes deleted, under its old id and with a version that it never had.
    fn make_again(
        &mut self,
        reversal: &Reversal,
        undone: &[Undone],
        contact: i64,
    ) -> Result<Done, DatabaseError> {
        let Some((newest, older)) = undone.split_first() else {
            return Ok(Done::Refused(unknown_entry()));
        };
        let Some(whole) = &newest.before.whole else {
            return Ok(Done::Refused(unknown_entry()));
        };
        let own = whole
            .links
            .iter()
            .find(|(source, ..)| *source == self.source_id);
        let mut target = Target {
            exists: true,
            active: Parts::activity(older, whole.active),
            link: own.map(|(_, _, text)| base::from_text(text)).transpose()?,
            former: whole.former(self.source_id).map(str::to_owned),
            lists: Parts::before(undone),
        };
        for entry in older {
            target.go_behind(entry, None)?;
        }
        if !target.exists {
            // Made and deleted by the same run: nothing is to be there, and nothing is.
            return Ok(Done::Conflict(Conflict::Gone));
        }
        if self.has_another(reversal)? || self.others_have_another(whole)? {
            return Ok(Done::Conflict(Conflict::Linked));
        }
        let values = accepted!(self.values_of(whole, reversal));
        let new = NewContact {
            id: Some(contact),
            version: newest.version + 1,
            active: target.active,
        };
        let mut after = self.tx.insert_contact(new, &values)?;
        for (source, object_id, base) in &whole.links {
            if *source != self.source_id {
                let other = NewLink {
                    source_id: *source,
                    object_id,
                    base: &base::from_text(base)?,
                };
                after = self.tx.insert_link(other, &after)?;
            }
        }
        match &target.link {
            Some(base) => {
                let own = self.own_link(reversal, base);
                after = self.tx.insert_link(own, &after)?;
            }
            None => {
                let former = target.former.as_deref();
                self.tx.restore_former(self.source_id, after.id, former)?;
            }
        }
        self.tx.restore_formers(&after, whole, self.source_id)?;
        self.tx.restore_memberships(&after, whole, self.source_id)?;
        let lists: Vec<_> = target.lists.into_iter().collect();
        let naming = self.naming(&reversal.object_id);
        self.tx
            .rejoin_lists(after.id, self.source_id, &lists, naming)?;
        let replaced = Replaced {
            fields: self.fields_made(&after)?,
            joins: lists,
            leaves_unlinked: target.link.is_none(),
            given: reversal.directory.iter().map(Into::into).collect(),
            ..Replaced::default()
        };
        self.enter(reversal, &after, Effect::Create, Some(&replaced))?;
        Ok(Done::applied(&after))
    }

    /// The link between the contact and the user of a reversal.
    fn own_link<'r>(&self, reversal: &'r Reversal, base: &'r [Field]) -> NewLink<'r> {
        NewLink {
            source_id: self.source_id,
            object_id: &reversal.object_id,
            base,
        }
    }

    /// All fields of a deleted contact, those of the reversal in their place.
    fn values_of<'v>(
        &self,
        whole: &'v DeletedContact,
        reversal: &'v Reversal,
    ) -> Result<Values<'v>, Refusal> {
        let is_rewritten = |name: &str| reversal.writes.iter().any(|write| write.name == name);
        let kept = whole
            .fields
            .iter()
            .filter(|(name, _)| !is_rewritten(name))
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let rewritten = reversal
            .writes
            .iter()
            .filter_map(|write| Some((write.name.as_str(), write.value.as_deref()?)));
        self.tx
            .rules
            .accept_new(kept.chain(rewritten), &self.tx.custom)
    }

    fn fields_before(&self, reversal: &Reversal, contact: i64) -> Vec<Moved> {
        let mut fields: Vec<_> = reversal
            .writes
            .iter()
            .map(|write| {
                let former = self.preimages.field(contact, &write.name);
                (write.name.clone(), former, write.value.clone())
            })
            .collect();
        fields.sort_unstable();
        fields
    }

    /// What a contact that was made again holds, as a change from nothing.
    fn fields_made(&self, after: &ContactState) -> Result<Vec<Moved>, DatabaseError> {
        let made = self.tx.whole(after)?.fields.into_iter();
        let mut fields: Vec<_> = made
            .map(|(name, value)| (name, None, Some(value)))
            .collect();
        fields.sort_unstable();
        Ok(fields)
    }

    /// Whether the user has another contact: one that is linked to them, or was until the link was
    /// taken away.
    fn has_another(&self, reversal: &Reversal) -> Result<bool, DatabaseError> {
        let contact = identity::from_text(&reversal.contact.contact);
        self.tx
            .has_another(self.source_id, &reversal.object_id, contact)
    }

    /// The same of the users that other connections had linked to a contact that was deleted.
    fn others_have_another(&self, whole: &DeletedContact) -> Result<bool, DatabaseError> {
        for (source, object_id, _) in &whole.links {
            if *source != self.source_id && self.tx.has_another(*source, object_id, None)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn enter(
        &mut self,
        reversal: &Reversal,
        after: &ContactState,
        effect: Effect,
        before: Option<&Replaced>,
    ) -> Result<(), DatabaseError> {
        let removes = matches!(effect, Effect::Unlink | Effect::Deactivate | Effect::Delete);
        let evidence: Option<&Evidence> = removes.then_some(&reversal.evidence);
        let (user, reason) = (&reversal.object_id, &reversal.reason);
        self.note(user, after, effect, reason, evidence, before)
    }
}

fn by_activity(before: bool, after: bool) -> Effect {
    match (before, after) {
        (true, false) => Effect::Deactivate,
        (false, true) => Effect::Reactivate,
        _ => Effect::Update,
    }
}

fn missing_in(lists: &[String], wanted: &BTreeSet<String>) -> Vec<String> {
    wanted
        .iter()
        .filter(|name| !lists.contains(name))
        .cloned()
        .collect()
}

/// Whether the fields to be put back are among those that the changes wrote, or that a deleted contact
/// held, or of which the directory was given something.
fn writes_only_what_was_written(reversal: &Reversal, undone: &[Undone]) -> bool {
    let was_written = |name: &str| {
        undone.iter().any(|entry| {
            let before = &entry.before;
            let held = before.whole.as_ref().map(|whole| whole.fields.as_slice());
            before.fields.iter().any(|(field, ..)| field == name)
                || before.given.iter().any(|given| given.field == name)
                || held
                    .unwrap_or_default()
                    .iter()
                    .any(|(field, _)| field == name)
        })
    };
    reversal.writes.iter().all(|write| was_written(&write.name))
}

fn unknown_entry() -> Refusal {
    refusal("unknown-entry")
}

fn refusal(code: &str) -> Refusal {
    Refusal {
        field: None,
        code: code.to_owned(),
    }
}
