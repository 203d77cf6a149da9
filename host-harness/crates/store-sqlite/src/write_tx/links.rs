//! Links of contacts: the one that stands beside the contact, further ones, their bases, and the index by
//! which they are found. Also whose a contact was until it lost its link.

use std::collections::HashSet;

use connector_contract::Field;
use rusqlite::{Connection, params};

use super::{ContactState, WriteTx};
use crate::errors::DatabaseError;
use crate::levels::OBJECTS;
use crate::object_key::{ObjectKey, ObjectText};
use crate::sequences::Sequence;
use crate::statements::INSERT_OBJECT;
use crate::{base, lookup};

/// A link on its way to a contact.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewLink<'a> {
    pub(crate) source_id: i64,
    pub(crate) object_id: &'a str,
    pub(crate) base: &'a [Field],
}

impl WriteTx<'_> {
    /// Looks up at once which of these users of a source are linked, for [`Self::is_linked`].
    pub(crate) fn look_for_links<'u>(
        &mut self,
        source_id: i64,
        users: impl Iterator<Item = &'u str>,
    ) -> Result<(), DatabaseError> {
        let perhaps = |user: &&str| self.may_be_linked(source_id, user);
        let users: Vec<&str> = users.filter(perhaps).collect();
        let asked = lookup::object_keys(users.iter().copied());
        let sql = OBJECTS.over(|objects| {
            format!(
                "SELECT o.object_id FROM rarray(?2) AS asked \
                 CROSS JOIN {objects} o ON o.source_id = ?1 AND o.object_id = asked.value"
            )
        });
        let linked: HashSet<String> = self
            .transaction
            .prepare_cached(&sql)?
            .query_map(params![source_id, asked], |row| {
                row.get(0).map(|ObjectText(user)| user)
            })?
            .collect::<Result<_, _>>()?;
        self.unlinked = (users.into_iter())
            .filter(|user| !linked.contains(*user))
            .map(str::to_owned)
            .collect();
        Ok(())
    }

    fn may_be_linked(&self, source_id: i64, object_id: &str) -> bool {
        let presence = self.presence.as_ref();
        presence.is_none_or(|presence| presence.may_have_user(source_id, object_id))
    }

    /// Whether a user is certainly linked to no contact, without a look.
    pub(crate) fn is_known_unlinked(&self, source_id: i64, object_id: &str) -> bool {
        !self.may_be_linked(source_id, object_id) || self.unlinked.contains(object_id)
    }

    /// What a contact holds now.
    fn held(&self, contact: i64) -> Result<Vec<Field>, DatabaseError> {
        let custom = self.custom.names().map(str::to_owned);
        lookup::held(&self.transaction, contact, custom)
    }

    /// Whether a user is linked to a contact.
    pub(crate) fn is_linked(&self, source_id: i64, object_id: &str) -> Result<bool, DatabaseError> {
        if self.is_known_unlinked(source_id, object_id) {
            return Ok(false);
        }
        let sql = OBJECTS.over(|objects| {
            format!("SELECT 1 FROM {objects} WHERE source_id = ?1 AND object_id = ?2")
        });
        let linked = self
            .transaction
            .prepare_cached(&sql)?
            .exists(params![source_id, ObjectKey(object_id)])?;
        Ok(linked)
    }

    /// Whether a user has a contact other than this one: linked to them, or theirs until the link was
    /// taken away.
    pub(crate) fn has_another(
        &self,
        source_id: i64,
        object_id: &str,
        than: Option<i64>,
    ) -> Result<bool, DatabaseError> {
        let linked = OBJECTS.over(|objects| {
            format!(
                "SELECT 1 FROM {objects} \
                 WHERE source_id = ?1 AND object_id = ?2 AND contact_id IS NOT ?3"
            )
        });
        let sql = format!(
            "{linked} UNION ALL SELECT 1 FROM former_links \
             WHERE source_id = ?1 AND object_id = ?4 AND contact_id IS NOT ?3"
        );
        let has = self.transaction.prepare_cached(&sql)?.exists(params![
            source_id,
            ObjectKey(object_id),
            than,
            object_id
        ])?;
        Ok(has)
    }

    /// Keeps the base of a contact whose fields are about to be written by others than its directory.
    pub(super) fn write_base_down(&self, current: &ContactState) -> Result<(), DatabaseError> {
        if !current.base_is_held || current.links.is_empty() {
            return Ok(());
        }
        let base = base::to_text(&self.held(current.id)?)?;
        self.transaction
            .prepare_cached("UPDATE contacts SET base = ?2 WHERE id = ?1")?
            .execute(params![current.id, base])?;
        Ok(())
    }

    /// Replaces the base of a link.
    pub(super) fn write_base(
        &self,
        source_id: i64,
        after: &ContactState,
        base: &[Field],
    ) -> Result<ContactState, DatabaseError> {
        let is_first = after
            .links
            .first()
            .is_some_and(|(first, _)| *first == source_id);
        if !is_first {
            self.transaction
                .prepare_cached(
                    "UPDATE links SET base = ?3 WHERE contact_id = ?1 AND source_id = ?2",
                )?
                .execute(params![after.id, source_id, base::to_text(base)?])?;
            return Ok(after.clone());
        }
        let base_is_held = base::is_held(base, &self.held(after.id)?);
        let text = (!base_is_held).then(|| base::to_text(base)).transpose()?;
        self.transaction
            .prepare_cached("UPDATE contacts SET base = ?2 WHERE id = ?1")?
            .execute(params![after.id, text])?;
        Ok(ContactState {
            base_is_held,
            ..after.clone()
        })
    }

    pub(super) fn forget_object(
        &self,
        source_id: i64,
        object_id: &str,
    ) -> Result<(), DatabaseError> {
        let key = ObjectKey(object_id).to_value();
        let user = params![source_id, key];
        OBJECTS.delete(&self.transaction, "source_id = ?1 AND object_id = ?2", user)?;
        Ok(())
    }

    /// Ties a contact to a user that is linked to none.
    pub(crate) fn insert_link(
        &mut self,
        link: NewLink<'_>,
        current: &ContactState,
    ) -> Result<ContactState, DatabaseError> {
        let number = self.sequences.next(&self.transaction, Sequence::Link)?;
        let first = current.links.first().map(|(source, _)| *source);
        let mut linked = current.clone();
        if first.is_some_and(|first| first < link.source_id) {
            self.transaction
                .prepare_cached(
                    "INSERT INTO links (contact_id, source_id, object_id, link, base) \
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    current.id,
                    link.source_id,
                    ObjectKey(link.object_id),
                    number,
                    base::to_text(link.base)?
                ])?;
        } else {
            self.put_first_aside(current)?;
            let base_is_held = base::is_held(link.base, &self.held(current.id)?);
            let base = (!base_is_held)
                .then(|| base::to_text(link.base))
                .transpose()?;
            self.transaction
                .prepare_cached(
                    "UPDATE contacts SET source_id = ?2, object_id = ?3, link = ?4, base = ?5 \
                     WHERE id = ?1",
                )?
                .execute(params![
                    current.id,
                    link.source_id,
                    ObjectKey(link.object_id),
                    number,
                    base
                ])?;
            linked.base_is_held = base_is_held;
        }
        linked
            .links
            .push((link.source_id, link.object_id.to_owned()));
        linked.links.sort_unstable_by_key(|(source, _)| *source);
        self.note_link(link.source_id, link.object_id, &linked, number)?;
        self.note_edit(link.source_id, link.object_id)?;
        Ok(linked)
    }

    /// Makes room beside a contact for a link that comes before the one that stands there.
    fn put_first_aside(&self, current: &ContactState) -> Result<(), DatabaseError> {
        if current.links.is_empty() {
            return Ok(());
        }
        self.write_base_down(current)?;
        self.transaction
            .prepare_cached(
                "INSERT INTO links (contact_id, source_id, object_id, link, base) \
                 SELECT id, source_id, object_id, link, base FROM contacts WHERE id = ?1",
            )?
            .execute([current.id])?;
        Ok(())
    }

    /// A user is linked from here on.
    pub(super) fn note_presence(&mut self, source_id: i64, object_id: &str) {
        self.unlinked.remove(object_id);
        if let Some(presence) = &mut self.presence {
            presence.add_user(source_id, object_id);
        }
    }

    /// What follows from a link: it is found by its user, and is counted.
    pub(super) fn note_link(
        &mut self,
        source_id: i64,
        object_id: &str,
        current: &ContactState,
        number: i64,
    ) -> Result<(), DatabaseError> {
        self.note_presence(source_id, object_id);
        self.is_indexed = true;
        self.transaction
            .prepare_cached(INSERT_OBJECT)?
            .execute(params![source_id, ObjectKey(object_id), current.id, number])?;
        if self.any_former {
            self.forget_former(source_id, object_id, current.id)?;
        }
        self.tallies.join(source_id, current.class());
        Ok(())
    }

    /// Who is linked is nobody's former user, and no former user's contact.
    pub(super) fn forget_former(
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
    pub(crate) fn delete_link(
        &mut self,
        source_id: i64,
        current: &ContactState,
    ) -> Result<(), DatabaseError> {
        let Some(user) = current.object_id(source_id) else {
            return Ok(());
        };
        self.write_creation_out(current.id)?;
        self.any_former = true;
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO former_links (contact_id, source_id, object_id) \
                 VALUES (?1, ?2, ?3)",
            )?
            .execute(params![current.id, source_id, user])?;
        self.forget_object(source_id, user)?;
        let is_first = current
            .links
            .first()
            .is_some_and(|(first, _)| *first == source_id);
        if is_first {
            self.put_next_link_first(current.id)?;
        } else {
            self.delete_further_link(current.id, source_id)?;
        }
        self.tallies.leave(source_id, current.class());
        Ok(())
    }

    /// Takes the link that stands with a contact away: the next one, where there is one, is first then.
    fn put_next_link_first(&self, contact: i64) -> Result<(), DatabaseError> {
        self.transaction
            .prepare_cached(
                "UPDATE contacts SET (source_id, object_id, link, base) = \
                 (SELECT source_id, object_id, link, base FROM links WHERE contact_id = ?1 \
                  ORDER BY source_id LIMIT 1) WHERE id = ?1",
            )?
            .execute([contact])?;
        let first: Option<i64> = self
            .transaction
            .prepare_cached("SELECT source_id FROM contacts WHERE id = ?1")?
            .query_row([contact], |row| row.get(0))?;
        match first {
            Some(first) => self.delete_further_link(contact, first),
            None => Ok(()),
        }
    }

    fn delete_further_link(&self, contact: i64, source_id: i64) -> Result<(), DatabaseError> {
        self.transaction
            .prepare_cached("DELETE FROM links WHERE contact_id = ?1 AND source_id = ?2")?
            .execute([contact, source_id])?;
        Ok(())
    }

    /// Makes a contact that has just lost its link nobody's again, or that of the user whose it was
    /// before, unless they have another by now.
    pub(crate) fn restore_former(
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
}

/// Whether any contact has lost its link and got no other.
pub(crate) fn any_former(connection: &Connection) -> Result<bool, DatabaseError> {
    let any = connection
        .prepare_cached("SELECT 1 FROM former_links LIMIT 1")?
        .exists([])?;
    Ok(any)
}
