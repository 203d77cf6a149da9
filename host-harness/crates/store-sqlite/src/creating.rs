//! New contacts of a commit: each is checked in its turn, and all are written together, when nothing of the
//! commit is open any more or something else may look at them.

use connector_contract::{Commit, Conflict, Create, Effect, Mark};

use super::apply::{Done, Page, accept_base, accepted, as_filled};
use super::errors::DatabaseError;
use super::identity::FIRST_VERSION;
use super::journal::Entry;
use super::replaced::Replaced;
use super::rules;
use super::write_tx::{Created, NewLink};

impl<'p> Page<'_, '_, 'p> {
    pub(super) fn create(
        &mut self,
        create: &'p Create,
        mark: Option<Mark>,
    ) -> Result<Done, DatabaseError> {
        accepted!(rules::accept_object_id(&create.object_id));
        accepted!(rules::accept_lists(&create.lists));
        accepted!(accept_base(&create.base));
        let fields = create.fields.iter().map(as_filled);
        let values = accepted!(self.tx.rules.accept_new(fields, &self.tx.custom));
        if self.is_linked(&create.object_id)? {
            return Ok(Done::Conflict(Conflict::Linked));
        }
        let naming = self.naming(&create.object_id);
        let created = Created {
            active: create.active,
            link: NewLink {
                source_id: self.source_id,
                object_id: &create.object_id,
                base: &create.base,
            },
            values,
            held: &create.fields,
            lists: self.tx.list_ids(&create.lists, naming)?,
            mark,
        };
        let contact = self.tx.create(&mut self.new, created)?;
        let mut joins: Vec<_> = create.lists.iter().map(|list| list.name.clone()).collect();
        joins.sort_unstable();
        let replaced = (!joins.is_empty()).then(|| Replaced {
            joins,
            ..Replaced::default()
        });
        let entry = Entry {
            object_id: &create.object_id,
            contact,
            effect: Effect::Create,
            reason: &create.reason,
            evidence: None,
            version: FIRST_VERSION,
            before: replaced.as_ref(),
        };
        self.journal.write(self.tx, &entry)?;
        Ok(Done::Applied {
            contact,
            version: FIRST_VERSION,
        })
    }

    /// Whether a user is linked, also by this commit.
    fn is_linked(&mut self, object_id: &str) -> Result<bool, DatabaseError> {
        if self.tx.is_known_unlinked(self.source_id, object_id) {
            return Ok(false);
        }
        self.write_new()?;
        self.tx.is_linked(self.source_id, object_id)
    }

    /// Whether what a commit does beside its changes may concern contacts that it makes: the notes about their
    /// users. Sightings do not, because a round sees no link that is younger than itself.
    pub(super) fn may_be_looked_at(&self, commit: &Commit) -> bool {
        let notes = commit.notes.iter().map(|note| note.object_id.as_str());
        self.new.any_of(notes)
    }

    pub(super) fn write_new(&mut self) -> Result<(), DatabaseError> {
        self.tx.write_new(&mut self.new)
    }
}
