//! Keeping all of a contact before it is deleted, and making it again.

use connector_contract::ContactList;
use rusqlite::params;

use super::custom::CustomFields;
use super::errors::DatabaseError;
use super::lists::Naming;
use super::object_key::ObjectText;
use super::replaced::DeletedContact;
use super::write_tx::{ContactState, WriteTx};
use super::{base, lookup};

impl WriteTx<'_> {
    /// All of a contact, with what every connection and every person put there.
    pub(super) fn whole(&self, current: &ContactState) -> Result<DeletedContact, DatabaseError> {
        let connection = self.connection();
        let custom = CustomFields::read(connection)?;
        let custom = custom.names().map(str::to_owned);
        let fields = lookup::held(connection, current.id, custom)?;
        let base = base::to_text(&fields)?;
        let links = connection
            .prepare_cached(
                "SELECT source_id, object_id, base FROM contacts \
                     WHERE id = ?1 AND source_id IS NOT NULL \
                 UNION ALL SELECT source_id, object_id, base FROM links WHERE contact_id = ?1",
            )?
            .query_map([current.id], |row| {
                let ObjectText(object_id) = row.get(1)?;
                let written: Option<String> = row.get(2)?;
                Ok((
                    row.get(0)?,
                    object_id,
                    written.unwrap_or_else(|| base.clone()),
                ))
            })?
            .collect::<Result<_, _>>()?;
        let formers = connection
            .prepare_cached("SELECT source_id, object_id FROM former_links WHERE contact_id = ?1")?
            .query_map([current.id], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let lists = connection
            .prepare_cached("SELECT list_id, manager FROM memberships WHERE contact_id = ?1")?
            .query_map([current.id], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(DeletedContact {
            active: current.active,
            fields: (fields.into_iter())
                .map(|field| (field.name, field.value))
                .collect(),
            links,
            formers,
            lists,
        })
    }

    /// Puts a contact back on the lists that other connections and people had it on.
    pub(super) fn restore_memberships(
        &self,
        after: &ContactState,
        whole: &DeletedContact,
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

    /// Makes a contact again that of the users who had it before other connections took their links
    /// away, unless they have another by now.
    pub(super) fn restore_formers(
        &mut self,
        after: &ContactState,
        whole: &DeletedContact,
        except: i64,
    ) -> Result<(), DatabaseError> {
        for (source, user) in &whole.formers {
            if *source != except {
                self.restore_former(*source, after.id, Some(user))?;
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
