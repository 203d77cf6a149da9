//! One write transaction, and the small writes that every change is made of.
//!
//! Whoever changes contacts goes through [`WriteTx`]: the connector's commits and the people at the
//! command line alike. So versions count up, `contacts.filled` tells the truth, and the indexes and the
//! tallies move in the transaction that gives them cause. Dropping it undoes everything.

mod contacts;
mod created;
mod links;

use std::collections::HashSet;

use connector_contract::ContactList;
use contact_identity::list::comparable;
use rusqlite::{Connection, params};

pub(crate) use self::contacts::NewContact;
pub(crate) use self::created::{Created, NewContacts};
pub(crate) use self::links::{NewLink, any_former};

use crate::creations::{self, CreationRange};
use crate::custom::CustomFields;
use crate::edits;
use crate::errors::DatabaseError;
use crate::fields::Filled;
use crate::lease::{self, Lease, LeasedTransaction};
use crate::levels::{ADDRESSES, OBJECTS};
use crate::lists::{Lists, Naming};
use crate::presence::Presence;
use crate::retention::Retention;
use crate::rules::Rules;
use crate::sequences::{self, Sequence, Sequences};
use crate::sources::find_source;
use crate::statements::INSERT_MEMBERSHIP;
use crate::statistics::{Class, Tallies};

/// The manager of memberships that no connection made.
pub(crate) const BY_HAND: i64 = 0;

/// What a write goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TxContext<'l> {
    pub(crate) rules: Rules,
    /// How long the journal remembers.
    pub(crate) retention: Retention,
    /// The lease that the writer must still hold; people who edit by hand need none.
    pub(crate) lease: Option<&'l Lease>,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) now_ms: i64,
}

/// A write transaction and what it has learned.
pub(crate) struct WriteTx<'c> {
    transaction: LeasedTransaction<'c>,
    /// The connection in whose name it writes; people and other programs have none.
    writer: i64,
    pub(crate) rules: Rules,
    pub(crate) custom: CustomFields,
    lists: Lists,
    tallies: Tallies,
    sequences: Sequences,
    /// Contacts that were made one after another, whose row in the journal is not written yet.
    creations: Option<CreationRange>,
    /// Users of one source who are known to be linked to nobody, until one of them is linked.
    unlinked: HashSet<String>,
    /// Who is known not to be there, where that is kept.
    presence: Option<&'c mut Presence>,
    /// Whether an index has got a row.
    is_indexed: bool,
    /// Whether any contact was ever unlinked: while none was, nothing has to be forgotten.
    any_former: bool,
}

/// A contact as it stands before a change.
#[derive(Clone, Debug)]
pub(crate) struct ContactState {
    pub(crate) id: i64,
    pub(crate) version: i64,
    pub(crate) active: bool,
    pub(crate) filled: Filled,
    /// Every source that the contact has a link of, with the object id; the one that stands with the
    /// contact comes first.
    pub(crate) links: Vec<(i64, String)>,
    /// Whether the base of the first link is what the fields hold.
    pub(crate) base_is_held: bool,
}

impl ContactState {
    /// The user of that source.
    pub(crate) fn object_id(&self, source_id: i64) -> Option<&str> {
        self.links
            .iter()
            .find(|(source, _)| *source == source_id)
            .map(|(_, object_id)| object_id.as_str())
    }

    fn class(&self) -> Class {
        Class::of(self.active, self.filled)
    }
}

impl<'c> WriteTx<'c> {
    /// Begins. The transaction holds the write lock from here on, so that what it reads stays true
    /// until it ends; one whose lease is lost does not begin.
    pub(crate) fn begin(
        connection: &'c mut Connection,
        context: TxContext<'_>,
    ) -> Result<Self, DatabaseError> {
        let transaction = lease::begin(connection, context.lease, context.now_ms)?;
        let custom = CustomFields::read(&transaction)?;
        let any_former = any_former(&transaction)?;
        Ok(Self {
            transaction,
            writer: BY_HAND,
            rules: context.rules,
            custom,
            lists: Lists::default(),
            tallies: Tallies::default(),
            sequences: Sequences::default(),
            creations: None,
            unlinked: HashSet::new(),
            presence: None,
            is_indexed: false,
            any_former,
        })
    }

    /// Goes by what is known of who is there, and adds to it.
    pub(crate) fn knowing(mut self, presence: &'c mut Presence) -> Result<Self, DatabaseError> {
        presence.settle(&self.transaction)?;
        self.presence = Some(presence);
        Ok(self)
    }

    /// Writes in the name of a connection from here on.
    pub(crate) fn in_the_name_of(&mut self, source_id: i64) {
        self.writer = source_id;
    }

    /// Notes that the contact of a user was written, where it was not their own connection that did.
    fn note_edit(&self, source_id: i64, user: &str) -> Result<(), DatabaseError> {
        if source_id == self.writer {
            return Ok(());
        }
        edits::note(&self.transaction, source_id, user)
    }

    /// Keeps all of it.
    pub(crate) fn commit(mut self) -> Result<(), DatabaseError> {
        self.flush_creations()?;
        self.sequences.store(&self.transaction)?;
        self.tallies.store(&self.transaction)?;
        if self.is_indexed {
            let links = sequences::last(&self.transaction, Sequence::Link)?;
            OBJECTS.compact(&self.transaction, links)?;
            ADDRESSES.compact(&self.transaction, links)?;
        }
        self.transaction.commit()?;
        Ok(())
    }

    /// The transaction, for statements that concern no contact.
    pub(crate) fn connection(&self) -> &Connection {
        &self.transaction
    }

    /// The id of a source, which is made where it is new.
    pub(crate) fn source_id(&self, source: &str) -> Result<i64, DatabaseError> {
        if source.is_empty() {
            return Err(DatabaseError::Other(
                "the source of a call to the contact store is empty".to_owned(),
            ));
        }
        if let Some(id) = find_source(&self.transaction, source)? {
            return Ok(id);
        }
        let id = self
            .transaction
            .prepare_cached("INSERT INTO sources (name) VALUES (?1) RETURNING id")?
            .query_row([source], |row| row.get(0))?;
        Ok(id)
    }

    /// Notes a creation in the journal: as one more of a series, or as the first of another one.
    pub(crate) fn note_creation(&mut self, mut one: CreationRange) -> Result<(), DatabaseError> {
        one.number = self.sequences.next(&self.transaction, Sequence::Entry)?;
        if self
            .creations
            .as_mut()
            .is_some_and(|creations| creations.takes(&one))
        {
            return Ok(());
        }
        self.flush_creations()?;
        self.creations = Some(one);
        Ok(())
    }

    /// The number of the next entry of the journal.
    pub(crate) fn next_entry(&mut self) -> Result<i64, DatabaseError> {
        self.sequences.next(&self.transaction, Sequence::Entry)
    }

    fn flush_creations(&mut self) -> Result<(), DatabaseError> {
        match self.creations.take() {
            Some(creations) => creations.write(&self.transaction),
            None => Ok(()),
        }
    }

    fn write_creation_out(&mut self, contact: i64) -> Result<(), DatabaseError> {
        self.flush_creations()?;
        creations::write_out(&self.transaction, contact)
    }

    /// The ids of lists, which are made on first use.
    pub(crate) fn list_ids(
        &mut self,
        lists: &[ContactList],
        naming: Naming<'_>,
    ) -> Result<Vec<i64>, DatabaseError> {
        let ids = lists.iter();
        ids.map(|list| self.lists.id(&self.transaction, list, naming))
            .collect()
    }

    /// Puts a contact on lists in the name of a manager.
    pub(crate) fn join_lists(
        &mut self,
        contact: i64,
        manager: i64,
        lists: &[ContactList],
        naming: Naming<'_>,
    ) -> Result<(), DatabaseError> {
        for list_id in self.list_ids(lists, naming)? {
            self.transaction
                .prepare_cached(INSERT_MEMBERSHIP)?
                .execute([contact, list_id, manager])?;
        }
        Ok(())
    }

    /// Takes a contact off lists that the manager put it on.
    pub(crate) fn leave_lists(
        &self,
        contact: i64,
        manager: i64,
        names: &[String],
    ) -> Result<(), DatabaseError> {
        for name in names {
            self.transaction
                .prepare_cached(
                    "DELETE FROM memberships WHERE contact_id = ?1 AND manager = ?2 \
                     AND list_id = (SELECT id FROM lists WHERE key = ?3)",
                )?
                .execute(params![contact, manager, comparable(name)])?;
        }
        Ok(())
    }

    /// Takes a contact off every list that the manager put it on.
    pub(crate) fn leave_all_lists(&self, contact: i64, manager: i64) -> Result<(), DatabaseError> {
        self.transaction
            .prepare_cached("DELETE FROM memberships WHERE contact_id = ?1 AND manager = ?2")?
            .execute([contact, manager])?;
        Ok(())
    }
}
