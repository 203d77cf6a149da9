//! One write transaction, and the small writes that every change is made of.
//!
//! Whoever changes contacts goes through [`Writing`]: the connector's commits and the people at the
//! command line alike. So versions count up, `contacts.filled` tells the truth, and the tallies move
//! in the transaction that gives them cause. Dropping it undoes everything.

use connector_contract::ContactList;
use contact_identity::list::comparable;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::custom::{self, CustomFields};
use super::errors::DatabaseError;
use super::fields::{DESCRIBED_FIELDS, Filled};
use super::journal::Retention;
use super::lease::{self, Lease};
use super::lists::{Lists, Naming};
use super::rules::{Rules, Values};
use super::statements::{
    INSERT_CONTACT, INSERT_CUSTOM_VALUE, INSERT_LINK, INSERT_MEMBERSHIP, UPDATE_CONTACT,
    UPDATE_CONTACT_AND_EMAIL,
};
use super::statistics::{Class, Tallies};

/// The manager of memberships that no connection made.
pub(super) const BY_HAND: i64 = 0;

/// On which terms somebody writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'l> {
    pub(super) rules: Rules,
    /// How long the journal remembers.
    pub(super) retention: Retention,
    /// The lease that the writer must still hold; people who edit by hand need none.
    pub(super) lease: Option<&'l Lease>,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub(super) now_ms: i64,
}

/// A write transaction and what it has learned.
pub(super) struct Writing<'c> {
    transaction: Transaction<'c>,
    pub(super) rules: Rules,
    pub(super) custom: CustomFields,
    lists: Lists,
    tallies: Tallies,
    /// Whether any contact was ever unlinked: while none was, nothing has to be forgotten.
    any_former: bool,
}

/// A contact as it stands before a change.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) id: i64,
    pub(super) version: i64,
    pub(super) active: bool,
    pub(super) filled: Filled,
    /// Every source that the contact has a link of, with the object id.
    pub(super) links: Vec<(i64, String)>,
}

impl Standing {
    /// The user of that source.
    pub(super) fn object_id(&self, source_id: i64) -> Option<&str> {
        self.links
            .iter()
            .find(|(source, _)| *source == source_id)
            .map(|(_, object_id)| object_id.as_str())
    }

    fn class(&self) -> Class {
        Class::of(self.active, self.filled)
    }
}

impl<'c> Writing<'c> {
    /// Begins. The transaction holds the write lock from here on, so that what it reads stays true
    /// until it ends; one whose lease is lost does not begin.
    pub(super) fn begin(
        connection: &'c mut Connection,
        terms: Terms<'_>,
    ) -> Result<Self, DatabaseError> {
        let transaction = lease::begin(connection, terms.lease, terms.now_ms)?;
        let custom = CustomFields::read(&transaction)?;
        let any_former = transaction
            .prepare_cached("SELECT 1 FROM former_links LIMIT 1")?
            .exists([])?;
        Ok(Self {
            transaction,
            rules: terms.rules,
            custom,
            lists: Lists::default(),
            tallies: Tallies::default(),
            any_former,
        })
    }

    /// Makes everything durable.
    pub(super) fn commit(self) -> Result<(), DatabaseError> {
        self.tallies.store(&self.transaction)?;
        self.transaction.commit()?;
        Ok(())
    }

    /// The transaction, for statements that concern no contact.
    pub(super) fn connection(&self) -> &Connection {
        &self.transaction
    }

    /// The id of a source, which is made where it is new.
    pub(super) fn source_id(&self, source: &str) -> Result<i64, DatabaseError> {
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

    /// A contact as it stands now, where there is one.
    pub(super) fn standing(&self, contact: i64) -> Result<Option<Standing>, DatabaseError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT c.version, c.active, c.filled, l.source_id, l.object_id \
             FROM contacts c LEFT JOIN links l ON l.contact_id = c.id WHERE c.id = ?1",
        )?;
        let mut rows = statement.query([contact])?;
        let mut standing: Option<Standing> = None;
        while let Some(row) = rows.next()? {
            let found = match &mut standing {
                Some(found) => found,
                None => standing.insert(Standing {
                    id: contact,
                    version: row.get(0)?,
                    active: row.get(1)?,
                    filled: Filled(row.get(2)?),
                    links: Vec::new(),
                }),
            };
            if let Some(source) = row.get(3)? {
                found.links.push((source, row.get(4)?));
            }
        }
        Ok(standing)
    }

    /// Whether a user is linked to a contact.
    pub(super) fn is_linked(&self, source_id: i64, object_id: &str) -> Result<bool, DatabaseError> {
        let linked = self
            .transaction
            .prepare_cached("SELECT 1 FROM links WHERE source_id = ?1 AND object_id = ?2")?
            .exists(params![source_id, object_id])?;
        Ok(linked)
    }

    /// Whether a user has a contact other than this one: linked to them, or theirs until the link was
    /// taken away.
    pub(super) fn has_another(
        &self,
        source_id: i64,
        object_id: &str,
        than: Option<i64>,
    ) -> Result<bool, DatabaseError> {
        let has = self
            .transaction
            .prepare_cached(
                "SELECT 1 FROM links WHERE source_id = ?1 AND object_id = ?2 AND contact_id IS NOT ?3 \
                 UNION ALL SELECT 1 FROM former_links \
                     WHERE source_id = ?1 AND object_id = ?2 AND contact_id IS NOT ?3",
            )?
            .exists(params![source_id, object_id, than])?;
        Ok(has)
    }

    /// Inserts a contact without links.
    pub(super) fn insert_contact(
        &mut self,
        active: bool,
        values: &Values<'_>,
    ) -> Result<Standing, DatabaseError> {
        let filled = self.filled_after(Filled::default(), values)?;
        {
            let mut statement = self.transaction.prepare_cached(&INSERT_CONTACT)?;
            statement.raw_bind_parameter(1, active)?;
            statement.raw_bind_parameter(2, filled.0)?;
            statement.raw_bind_parameter(3, values.email_key())?;
            for (place, value) in values.columns().enumerate() {
                statement.raw_bind_parameter(place + 4, value)?;
            }
            statement.raw_execute()?;
        }
        let id = self.transaction.last_insert_rowid();
        self.write_custom(id, values)?;
        Ok(Standing {
            id,
            version: 1,
            active,
            filled,
            links: Vec::new(),
        })
    }

    /// Writes values and the active flag, and counts the version up; the contact as it stands then.
    pub(super) fn update_contact(
        &mut self,
        before: &Standing,
        active: bool,
        values: &Values<'_>,
    ) -> Result<Standing, DatabaseError> {
        let after = Standing {
            version: before.version + 1,
            active,
            filled: self.filled_after(before.filled, values)?,
            ..before.clone()
        };
        self.update_row(&after, values)?;
        self.write_custom(after.id, values)?;
        for (source, _) in &after.links {
            self.tallies.leave(*source, before.class());
            self.tallies.join(*source, after.class());
        }
        Ok(after)
    }

    fn update_row(&self, after: &Standing, values: &Values<'_>) -> Result<(), DatabaseError> {
        let sql = if values.writes_email() {
            &UPDATE_CONTACT_AND_EMAIL
        } else {
            &UPDATE_CONTACT
        };
        let mut statement = self.transaction.prepare_cached(sql)?;
        statement.raw_bind_parameter(1, after.id)?;
        statement.raw_bind_parameter(2, after.version)?;
        statement.raw_bind_parameter(3, after.active)?;
        statement.raw_bind_parameter(4, after.filled.0)?;
        statement.raw_bind_parameter(5, values.written().0)?;
        for (place, value) in values.columns().enumerate() {
            statement.raw_bind_parameter(place + 6, value)?;
        }
        if values.writes_email() {
            statement.raw_bind_parameter(DESCRIBED_FIELDS + 6, values.email_key())?;
        }
        statement.raw_execute()?;
        Ok(())
    }

    /// Deletes a contact with all that hangs on it.
    pub(super) fn delete_contact(&mut self, standing: &Standing) -> Result<(), DatabaseError> {
        self.transaction
            .prepare_cached("DELETE FROM contacts WHERE id = ?1")?
            .execute([standing.id])?;
        for (source, _) in &standing.links {
            self.tallies.leave(*source, standing.class());
        }
        Ok(())
    }

    /// Ties a contact to a user that is linked to none.
    pub(super) fn insert_link(
        &mut self,
        source_id: i64,
        object_id: &str,
        standing: &Standing,
        base: &str,
    ) -> Result<(), DatabaseError> {
        self.transaction
            .prepare_cached(INSERT_LINK)?
            .execute(params![source_id, object_id, standing.id, base])?;
        if self.any_former {
            self.forget_former(source_id, object_id, standing.id)?;
        }
        self.tallies.join(source_id, standing.class());
        Ok(())
    }

    /// Replaces the base of a link.
    pub(super) fn write_base(
        &self,
        source_id: i64,
        contact: i64,
        base: &str,
    ) -> Result<(), DatabaseError> {
        self.transaction
            .prepare_cached("UPDATE links SET base = ?3 WHERE contact_id = ?1 AND source_id = ?2")?
            .execute(params![contact, source_id, base])?;
        Ok(())
    }

    /// Who is linked is nobody's former user, and no former user's contact.
    fn forget_former(
        &self,
        source_id: i64,
        object_id: &str,
        contact: i64,
    ) -> Result<(), DatabaseError> {
        self.transaction
            .prepare_cached("DELETE FROM former_links WHERE source_id = ?1 AND object_id = ?2")?
            .execute(params![source_id, object_id])?;
        self.transaction
            .prepare_cached("DELETE FROM former_links WHERE contact_id = ?1 AND source_id = ?2")?
            .execute([contact, source_id])?;
        Ok(())
    }

    /// Takes a link away, and remembers whose the contact was.
    pub(super) fn delete_link(
        &mut self,
        source_id: i64,
        standing: &Standing,
    ) -> Result<(), DatabaseError> {
        self.any_former = true;
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO former_links (contact_id, source_id, object_id) \
                 SELECT contact_id, source_id, object_id FROM links \
                 WHERE contact_id = ?1 AND source_id = ?2",
            )?
            .execute([standing.id, source_id])?;
        self.transaction
            .prepare_cached("DELETE FROM links WHERE contact_id = ?1 AND source_id = ?2")?
            .execute([standing.id, source_id])?;
        self.tallies.leave(source_id, standing.class());
        Ok(())
    }

    /// Makes a contact that has just lost its link nobody's again, or that of the user whose it was
    /// before, unless they have another by now.
    pub(super) fn restore_former(
        &mut self,
        source_id: i64,
        contact: i64,
        former: Option<&str>,
    ) -> Result<(), DatabaseError> {
        self.transaction
            .prepare_cached("DELETE FROM former_links WHERE contact_id = ?1 AND source_id = ?2")?
            .execute([contact, source_id])?;
        let Some(user) = former else {
            return Ok(());
        };
        if !self.has_another(source_id, user, Some(contact))? {
            self.any_former = true;
            self.transaction
                .prepare_cached(
                    "INSERT INTO former_links (contact_id, source_id, object_id) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![contact, source_id, user])?;
        }
        Ok(())
    }

    /// Puts a contact on lists in the name of a manager; lists are made on first use.
    pub(super) fn join_lists(
        &mut self,
        contact: i64,
        manager: i64,
        lists: &[ContactList],
        naming: Naming<'_>,
    ) -> Result<(), DatabaseError> {
        for list in lists {
            let list_id = self.lists.id(&self.transaction, list, naming)?;
            self.transaction
                .prepare_cached(INSERT_MEMBERSHIP)?
                .execute([contact, list_id, manager])?;
        }
        Ok(())
    }

    /// Takes a contact off lists that the manager put it on.
    pub(super) fn leave_lists(
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
    pub(super) fn leave_all_lists(&self, contact: i64, manager: i64) -> Result<(), DatabaseError> {
        self.transaction
            .prepare_cached("DELETE FROM memberships WHERE contact_id = ?1 AND manager = ?2")?
            .execute([contact, manager])?;
        Ok(())
    }

    /// Which fields a contact holds once the values are written. Makes new custom fields.
    fn filled_after(
        &mut self,
        before: Filled,
        values: &Values<'_>,
    ) -> Result<Filled, DatabaseError> {
        let mut filled = before;
        for place in 0..DESCRIBED_FIELDS {
            if let Some(write) = values.described(place) {
                filled = filled.with(place, write.is_some());
            }
        }
        for (name, value) in &values.custom {
            let field = match value {
                Some(_) => Some(self.custom.make(&self.transaction, name)?),
                None => self.custom.id(name),
            };
            if let Some(field) = field {
                filled = filled.with(custom::bit(field), value.is_some());
            }
        }
        Ok(filled)
    }

    fn write_custom(&self, contact: i64, values: &Values<'_>) -> Result<(), DatabaseError> {
        for (name, value) in &values.custom {
            let Some(field) = self.custom.id(name) else {
                continue;
            };
            match value {
                Some(text) => self
                    .transaction
                    .prepare_cached(INSERT_CUSTOM_VALUE)?
                    .execute(params![contact, field, text])?,
                None => self
                    .transaction
                    .prepare_cached(
                        "DELETE FROM custom_values WHERE contact_id = ?1 AND field_id = ?2",
                    )?
                    .execute([contact, field])?,
            };
        }
        Ok(())
    }
}

/// The id of a source, where a contact or a round ever had it.
pub(super) fn find_source(
    connection: &Connection,
    source: &str,
) -> Result<Option<i64>, DatabaseError> {
    let id = connection
        .prepare_cached("SELECT id FROM sources WHERE name = ?1 AND id <> 0")?
        .query_row([source], |row| row.get(0))
        .optional()?;
    Ok(id)
}
