//! One commit: changes in order, sightings and state, in one transaction.
//!
//! The transaction holds the write lock from its begin, so what a change reads stays true until the
//! commit: a change is checked whole, version included, before its first write. One that is refused
//! or in conflict has had no effect, and no savepoint is needed.
//! New contacts are written last, all together, unless something else of the commit may look at them: by then
//! all outcomes are certain.
//! Where several conflicts hold, `gone` is told before `linked`, and `linked` before `version`: the
//! first says most about what the connector has to look at again.

use connector_contract::{
    Applied, Change, Commit, Conflict, Effect, Evidence, Field, FieldWrite, LinkContact, Mark,
    Membership, Outcome, Precondition, Refusal, Removal, RemovalKind, Update,
};
use contact_identity::list::is_same;
use rusqlite::Connection;

use super::errors::DatabaseError;
use super::journal::{Entry, JournalContext};
use super::lists::Naming;
use super::marks::{self, Markings};
use super::preimage::Preimages;
use super::presence::Presence;
use super::replaced::Replaced;
use super::rules;
use super::write_tx::{ContactState, NewContacts, NewLink, TxContext, WriteTx};
use super::{contingency, identity, notes, rounds, state};

/// Performs a commit. `tell` gets one outcome per change, in order, when they are certain but for the whole
/// commit's failure.
pub(super) fn apply(
    connection: &mut Connection,
    presence: &mut Presence,
    context: TxContext<'_>,
    commit: &Commit,
    tell: impl FnOnce(Vec<Outcome>),
) -> Result<(), DatabaseError> {
    state::accept(&commit.state)?;
    contingency::accept(commit)?;
    let mut tx = WriteTx::begin(connection, context)?.knowing(presence)?;
    let source_id = tx.source_id(&commit.source)?;
    tx.in_the_name_of(source_id);
    let run = commit.run.as_deref();
    let journal = JournalContext::open(
        tx.connection(),
        source_id,
        run,
        context.retention,
        context.now_ms,
    )?;
    let preimages = Preimages::read(tx.connection(), source_id, &commit.changes)?;
    tx.look_for_links(source_id, commit.changes.iter().filter_map(new_link))?;
    let mut page = Page {
        tx: &mut tx,
        source_id,
        journal,
        preimages,
        new: NewContacts::default(),
    };
    let mut outcomes = Vec::with_capacity(commit.changes.len());
    let markings = Markings::of(commit);
    for (position, change) in commit.changes.iter().enumerate() {
        let done = page.perform(change, markings.of_change(position))?;
        outcomes.push(done.into());
    }
    if page.may_be_looked_at(commit) {
        page.write_new()?;
    }
    let mut new = page.new;
    marks::write_standing(tx.connection(), source_id, commit)?;
    let (notes, settled) = (&commit.notes, &commit.settled);
    notes::write(tx.connection(), source_id, &journal, notes, settled)?;
    if let Some(sightings) = &commit.sightings {
        rounds::note(tx.connection(), source_id, sightings)?;
    }
    state::write(tx.connection(), &commit.state)?;
    let otherwise = contingency::met(commit, &outcomes);
    state::write(tx.connection(), &otherwise)?;
    tell(outcomes);
    tx.write_new(&mut new)?;
    tx.commit()
}

/// What became of a change, before it is put into the contract's words.
pub(super) enum Done {
    Applied { contact: i64, version: i64 },
    Conflict(Conflict),
    Refused(Refusal),
}

impl From<Done> for Outcome {
    fn from(done: Done) -> Self {
        match done {
            Done::Applied { contact, version } => Self::Applied(Applied {
                contact: identity::to_text(contact),
                version: identity::to_version(version),
            }),
            Done::Conflict(conflict) => Self::Conflict(conflict),
            Done::Refused(refusal) => Self::Refused(refusal),
        }
    }
}

impl Done {
    pub(super) fn applied(after: &ContactState) -> Self {
        Self::Applied {
            contact: after.id,
            version: after.version,
        }
    }
}

/// Gives the accepted values, or ends the change with its refusal.
macro_rules! accepted {
    ($check:expr) => {
        match $check {
            Ok(accepted) => accepted,
            Err(refusal) => return Ok(Done::Refused(refusal)),
        }
    };
}

pub(super) use accepted;

/// Gives the contact as it stands, or ends the change with its conflict.
macro_rules! unless_conflict {
    ($check:expr) => {
        match $check {
            Ok(current) => current,
            Err(conflict) => return Ok(Done::Conflict(conflict)),
        }
    };
}

/// The changes of one commit.
pub(super) struct Page<'w, 'c, 'p> {
    pub(super) tx: &'w mut WriteTx<'c>,
    pub(super) source_id: i64,
    pub(super) journal: JournalContext,
    pub(super) preimages: Preimages,
    /// Contacts that were made and are not written yet.
    pub(super) new: NewContacts<'p>,
}

impl<'p> Page<'_, '_, 'p> {
    fn perform(&mut self, change: &'p Change, mark: Option<Mark>) -> Result<Done, DatabaseError> {
        if !matches!(change, Change::Create(_)) {
            self.write_new()?;
        }
        let done = match change {
            Change::Create(create) => return self.create(create, mark),
            Change::Update(update) => self.update(update),
            Change::Link(link) => self.link(link),
            Change::Remove(removal) => self.remove(removal),
            Change::Revert(reversal) => self.revert(reversal),
        }?;
        if let (Done::Applied { contact, version }, Some(mark)) = (&done, mark) {
            let version = identity::to_version(*version);
            marks::write(
                self.tx.connection(),
                self.source_id,
                *contact,
                version,
                mark,
            )?;
        }
        Ok(done)
    }

    fn update(&mut self, update: &Update) -> Result<Done, DatabaseError> {
        let (writes, known) = (update.writes.iter().map(as_write), &self.tx.custom);
        let values = accepted!(self.tx.rules.accept(writes, known));
        accepted!(rules::accept_lists(&update.membership.join));
        accepted!(accept_base(update.base.as_deref().unwrap_or_default()));
        accepted!(accept_active(update.active));
        let before = unless_conflict!(self.linked(&update.contact, &update.object_id)?);
        let active = before.active || update.active == Some(true);
        let base = update.base.as_deref().map(|base| (self.source_id, base));
        let after = self.tx.update_contact(&before, active, &values, base)?;
        self.change_lists(after.id, &update.object_id, &update.membership)?;
        let mut replaced = self.replaced(&before, &after, &update.writes, &update.membership)?;
        if update.base.is_some() {
            replaced.base = self.preimages.base(before.id)?;
        }
        replaced.given = update.directory.iter().map(Into::into).collect();
        let effect = if after.active == before.active {
            Effect::Update
        } else {
            Effect::Reactivate
        };
        let (user, reason) = (&update.object_id, &update.reason);
        self.note(user, &after, effect, reason, None, Some(&replaced))?;
        Ok(Done::applied(&after))
    }

    fn link(&mut self, link: &LinkContact) -> Result<Done, DatabaseError> {
        accepted!(rules::accept_object_id(&link.object_id));
        let (writes, known) = (link.writes.iter().map(as_write), &self.tx.custom);
        let values = accepted!(self.tx.rules.accept(writes, known));
        accepted!(rules::accept_lists(&link.membership.join));
        accepted!(accept_base(&link.base));
        accepted!(accept_active(link.active));
        let before = unless_conflict!(self.unlinked(&link.contact, &link.object_id)?);
        let active = before.active || link.active == Some(true);
        let after = self.tx.update_contact(&before, active, &values, None)?;
        let new = NewLink {
            source_id: self.source_id,
            object_id: &link.object_id,
            base: &link.base,
        };
        let after = self.tx.insert_link(new, &after)?;
        self.change_lists(after.id, &link.object_id, &link.membership)?;
        let mut replaced = self.replaced(&before, &after, &link.writes, &link.membership)?;
        replaced.former = self.preimages.former(before.id);
        let (user, reason) = (&link.object_id, &link.reason);
        self.note(user, &after, Effect::Link, reason, None, Some(&replaced))?;
        Ok(Done::applied(&after))
    }

    fn remove(&mut self, removal: &Removal) -> Result<Done, DatabaseError> {
        let before = unless_conflict!(self.linked(&removal.contact, &removal.object_id)?);
        let effect = match removal.kind {
            RemovalKind::Unlink => Effect::Unlink,
            RemovalKind::Deactivate => Effect::Deactivate,
            RemovalKind::Delete => Effect::Delete,
        };
        let mut replaced = Replaced::default();
        let after = if effect == Effect::Delete {
            replaced.whole = Some(self.tx.whole(&before)?);
            self.tx.delete_contact(&before)?;
            ContactState {
                version: before.version + 1,
                ..before
            }
        } else {
            replaced.leaves = self.preimages.lists(before.id);
            let active = before.active && effect == Effect::Unlink;
            replaced.active = (active != before.active).then_some(before.active);
            let nothing = rules::Values::default();
            let after = self.tx.update_contact(&before, active, &nothing, None)?;
            if effect == Effect::Unlink {
                replaced.base = self.preimages.base(before.id)?;
                self.tx.delete_link(self.source_id, &after)?;
            }
            self.tx.leave_all_lists(after.id, self.source_id)?;
            after
        };
        let (user, reason) = (&removal.object_id, &removal.reason);
        let evidence = Some(&removal.evidence);
        self.note(user, &after, effect, reason, evidence, Some(&replaced))?;
        Ok(Done::applied(&after))
    }

    /// What an update or a link replaces.
    fn replaced(
        &self,
        before: &ContactState,
        after: &ContactState,
        writes: &[FieldWrite],
        membership: &Membership,
    ) -> Result<Replaced, DatabaseError> {
        let lists = self.preimages.lists(before.id);
        let mut fields: Vec<_> = writes
            .iter()
            .map(|write| {
                let former = self.preimages.field(before.id, &write.name);
                (write.name.clone(), former, write.value.clone())
            })
            .filter(|(_, former, value)| former != value)
            .collect();
        fields.sort_unstable();
        let is_on = |name: &str| lists.iter().any(|list| is_same(list, name));
        let joined = || membership.join.iter().map(|list| &list.name);
        // A list that is left and joined in one change is one that the contact stays on.
        let is_left = |name: &String| is_on(name) && !joined().any(|join| is_same(join, name));
        Ok(Replaced {
            fields,
            joins: joined().filter(|name| !is_on(name)).cloned().collect(),
            leaves: (membership.leave.iter())
                .filter(|name| is_left(name))
                .cloned()
                .collect(),
            active: (after.active != before.active).then_some(before.active),
            ..Replaced::default()
        })
    }

    /// Puts a change into the journal, and forgets what the contact held before it.
    pub(super) fn note(
        &mut self,
        object_id: &str,
        after: &ContactState,
        effect: Effect,
        reason: &str,
        evidence: Option<&Evidence>,
        before: Option<&Replaced>,
    ) -> Result<(), DatabaseError> {
        self.preimages.forget(after.id);
        let entry = Entry {
            object_id,
            contact: after.id,
            effect,
            reason,
            evidence,
            version: after.version,
            before,
        };
        self.journal.write(self.tx, &entry)
    }

    pub(super) fn contact_state(
        &self,
        contact: &Precondition,
    ) -> Result<Option<ContactState>, DatabaseError> {
        match identity::from_text(&contact.contact) {
            Some(id) => self.tx.contact_state(id),
            None => Ok(None),
        }
    }

    /// The contact of a change that is only right while the contact is linked to the user. One that
    /// has lost its link has been written since the change was decided.
    fn linked(
        &self,
        expected: &Precondition,
        object_id: &str,
    ) -> Result<Result<ContactState, Conflict>, DatabaseError> {
        let Some(current) = self.contact_state(expected)? else {
            return Ok(Err(Conflict::Gone));
        };
        Ok(match current.object_id(self.source_id) {
            Some(linked) if linked != object_id => Err(Conflict::Linked),
            Some(_) => at_version(current, expected),
            None => Err(Conflict::Version),
        })
    }

    /// The contact of a change that links it: neither it nor the user may be linked.
    fn unlinked(
        &self,
        expected: &Precondition,
        object_id: &str,
    ) -> Result<Result<ContactState, Conflict>, DatabaseError> {
        let Some(current) = self.contact_state(expected)? else {
            return Ok(Err(Conflict::Gone));
        };
        if current.object_id(self.source_id).is_some()
            || self.tx.is_linked(self.source_id, object_id)?
        {
            return Ok(Err(Conflict::Linked));
        }
        Ok(at_version(current, expected))
    }

    /// Leaves before it joins: a list that is named in both is one that the contact is to be on.
    fn change_lists(
        &mut self,
        contact: i64,
        user: &str,
        membership: &Membership,
    ) -> Result<(), DatabaseError> {
        self.tx
            .leave_lists(contact, self.source_id, &membership.leave)?;
        let naming = self.naming(user);
        self.tx
            .join_lists(contact, self.source_id, &membership.join, naming)
    }

    /// A user who is put on lists in this commit.
    pub(super) fn naming<'u>(&self, user: &'u str) -> Naming<'u> {
        Naming {
            user: Some(user),
            run: self.journal.run_id,
        }
    }
}

/// The user whom a change would link to a contact.
fn new_link(change: &Change) -> Option<&str> {
    match change {
        Change::Create(create) => Some(&create.object_id),
        Change::Link(link) => Some(&link.object_id),
        Change::Update(_) | Change::Remove(_) | Change::Revert(_) => None,
    }
}

fn at_version(current: ContactState, expected: &Precondition) -> Result<ContactState, Conflict> {
    if identity::to_version(current.version) == expected.version {
        Ok(current)
    } else {
        Err(Conflict::Version)
    }
}

pub(super) fn as_filled(field: &Field) -> (&str, &str) {
    (&field.name, &field.value)
}

pub(super) fn as_write(write: &FieldWrite) -> (&str, Option<&str>) {
    (&write.name, write.value.as_deref())
}

/// A base is the directory's data and follows its rules, except that an empty text is no value.
pub(super) fn accept_base(base: &[Field]) -> Result<(), Refusal> {
    match base.iter().find(|field| field.value.is_empty()) {
        Some(field) => Err(Refusal {
            field: Some(field.name.clone()),
            code: "empty-value".to_owned(),
        }),
        None => Ok(()),
    }
}

/// Making a contact inactive takes something away, so it needs a removal with its evidence.
fn accept_active(active: Option<bool>) -> Result<(), Refusal> {
    match active {
        Some(false) => Err(Refusal {
            field: None,
            code: "needs-removal".to_owned(),
        }),
        _ => Ok(()),
    }
}
