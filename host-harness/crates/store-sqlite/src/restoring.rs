//! Keeping all of a contact before it is deleted, and making it again.

use connector_contract::ContactList;
use rusqlite::params;

use super::custom::CustomFields;
use super::errors::DatabaseError;
use super::fields::DESCRIBED;
use super::lists::Naming;
use super::lookup;
use super::replaced::Whole;
use super::rules::Values;
use super::writing::{Standing, Writing};

impl Writing<'_> {
    /// All of a contact, with what every connection and every person put there.
    pub(super) fn whole(&self, standing: &Standing) -> Result<Whole, DatabaseError> {
        let connection = self.connection();
        let custom = CustomFields::read(connection)?;
        let names: Vec<_> = DESCRIBED
            .iter()
            .map(|field| field.name.to_owned())
            .chain(custom.names().map(str::to_owned))
            .collect();
        let found = lookup::contacts(connection, -1, &[standing.id], &names)?;
        let fields = found.into_iter().flat_map(|contact| contact.fields);
        let links = connection
            .prepare_cached("SELECT source_id, object_id, base FROM links WHERE contact_id = ?1")?
            .query_map([standing.id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect::<Result<_, _>>()?;
        let lists = connection
            .prepare_cached("SELECT list_id, manager FROM memberships WHERE contact_id = ?1")?
            .query_map([standing.id], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(Whole {
            active: standing.active,
            fields: fields.map(|field| (field.name, field.value)).collect(),
            links,
            lists,
        })
    }

    /// Inserts a contact that was deleted, under its old id; without links and lists.
    pub(super) fn restore_contact(
        &mut self,
        contact: i64,
        version: i64,
        active: bool,
        values: &Values<'_>,
    ) -> Result<Standing, DatabaseError> {
        let made = self.insert_contact(active, values)?;
        // The custom values follow their contact: foreign keys are checked when the transaction ends.
        self.connection()
            .execute_batch("PRAGMA defer_foreign_keys = ON")?;
        self.connection()
            .prepare_cached("UPDATE custom_values SET contact_id = ?2 WHERE contact_id = ?1")?
            .execute([made.id, contact])?;
        self.connection()
            .prepare_cached("UPDATE contacts SET id = ?2, version = ?3 WHERE id = ?1")?
            .execute([made.id, contact, version])?;
        Ok(Standing {
            id: contact,
            version,
            ..made
        })
    }

    /// Puts a contact back on the lists that other connections and people had it on.
    pub(super) fn restore_memberships(
        &self,
        after: &Standing,
        whole: &Whole,
        except: i64,
    ) -> Result<(), DatabaseError> {
        for (list, manager) in &whole.lists {
            if *manager != except {
                self.connection()
                    .prepare_cached(
                        "INSERT INTO memberships (contact_id, list_id, manager) \
                         SELECT ?1, id, ?3 FROM lists WHERE id = ?2 ON CONFLICT DO NOTHING",
                    )?
                    .execute(params![after.id, list, manager])?;
            }
        }
        Ok(())
    }

    /// Puts a contact back on lists that it was on before; a list that is gone is made again.
    pub(super) fn rejoin_lists(
        &mut self,
        contact: i64,
        manager: i64,
        names: &[String],
        naming: Naming<'_>,
    ) -> Result<(), DatabaseError> {
        let lists: Vec<_> = names
            .iter()
            .map(|name| ContactList {
                name: name.clone(),
                description: String::new(),
            })
            .collect();
        self.join_lists(contact, manager, &lists, naming)
    }
}
