//! Lists: known by their name without regard to case, told by one spelling.
//!
//! The spelling is that of the list that is there. A new list is spelt as the smallest object id
//! among those whom the run that makes it puts there would have it, so that the order of the
//! directory's pages does not decide; while that run goes on, a smaller one changes the spelling.

use std::collections::HashMap;

use connector_contract::ContactList;
use contact_identity::list::comparable;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::errors::DatabaseError;

/// For whom, and in which run, a contact is put on a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Naming<'a> {
    pub(super) user: Option<&'a str>,
    pub(super) run: Option<i64>,
}

impl Naming<'static> {
    /// By a person: the spelling stands.
    pub(super) const BY_HAND: Self = Self {
        user: None,
        run: None,
    };
}

/// A list that is there.
#[derive(Clone, Debug)]
struct Known {
    id: i64,
    named_by: Option<String>,
    named_in: Option<i64>,
}

impl Known {
    /// Whether the list gets its spelling from this user now.
    fn is_named_by(&self, naming: Naming<'_>) -> bool {
        let is_smaller = naming.user.zip(self.named_by.as_deref());
        naming.run.is_some()
            && naming.run == self.named_in
            && is_smaller.is_some_and(|(user, namer)| user < namer)
    }
}

/// The lists that a transaction has met.
#[derive(Default)]
pub(super) struct Lists {
    known: Vec<Known>,
    by_key: HashMap<String, usize>,
    /// Each spelling that was asked for, so that its key is worked out once.
    by_name: HashMap<String, usize>,
}

impl Lists {
    /// The id of a list, which is made where it is new.
    pub(super) fn id(
        &mut self,
        connection: &Connection,
        list: &ContactList,
        naming: Naming<'_>,
    ) -> Result<i64, DatabaseError> {
        let place = match self.by_name.get(&list.name) {
            Some(place) => *place,
            None => self.meet(connection, list, naming)?,
        };
        let Some(known) = self.known.get_mut(place) else {
            return Err(DatabaseError::Other("a list was lost".to_owned()));
        };
        if known.is_named_by(naming) {
            known.named_by = naming.user.map(str::to_owned);
            connection
                .prepare_cached("UPDATE lists SET name = ?2, named_by = ?3 WHERE id = ?1")?
                .execute(params![known.id, list.name, known.named_by])?;
        }
        Ok(known.id)
    }

    fn meet(
        &mut self,
        connection: &Connection,
        list: &ContactList,
        naming: Naming<'_>,
    ) -> Result<usize, DatabaseError> {
        let key = comparable(&list.name).into_owned();
        let place = match self.by_key.get(&key) {
            Some(place) => *place,
            None => {
                let known = match find(connection, &key)? {
                    Some(known) => known,
                    None => make(connection, &key, list, naming)?,
                };
                self.known.push(known);
                self.by_key.insert(key, self.known.len() - 1);
                self.known.len() - 1
            }
        };
        self.by_name.insert(list.name.clone(), place);
        Ok(place)
    }
}

fn find(connection: &Connection, key: &str) -> Result<Option<Known>, DatabaseError> {
    let known = connection
        .prepare_cached("SELECT id, named_by, named_in FROM lists WHERE key = ?1")?
        .query_row([key], |row| {
            Ok(Known {
                id: row.get(0)?,
                named_by: row.get(1)?,
                named_in: row.get(2)?,
            })
        })
        .optional()?;
    Ok(known)
}

fn make(
    connection: &Connection,
    key: &str,
    list: &ContactList,
    naming: Naming<'_>,
) -> Result<Known, DatabaseError> {
    let id = connection
        .prepare_cached(
            "INSERT INTO lists (name, description, key, named_by, named_in) \
             VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
        )?
        .query_row(
            params![list.name, list.description, key, naming.user, naming.run],
            |row| row.get(0),
        )?;
    Ok(Known {
        id,
        named_by: naming.user.map(str::to_owned),
        named_in: naming.run,
    })
}

/// How lists are spelt: those that are there, else those that a plan would make.
#[derive(Default)]
pub(super) struct Spelling {
    plan: Option<i64>,
    known: HashMap<String, String>,
}

impl Spelling {
    /// Lists that a plan may name and that are not there yet.
    pub(super) fn in_plan(plan: Option<i64>) -> Self {
        Self {
            plan,
            ..Self::default()
        }
    }

    /// The names as the lists bear them now, ordered.
    pub(super) fn of_all(
        &mut self,
        connection: &Connection,
        names: Vec<String>,
    ) -> Result<Vec<String>, DatabaseError> {
        let mut spelt = names
            .into_iter()
            .map(|name| self.of(connection, name))
            .collect::<Result<Vec<_>, _>>()?;
        spelt.sort_unstable();
        spelt.dedup();
        Ok(spelt)
    }

    fn of(&mut self, connection: &Connection, name: String) -> Result<String, DatabaseError> {
        if let Some(spelt) = self.known.get(&name) {
            return Ok(spelt.clone());
        }
        let spelt: Option<String> = connection
            .prepare_cached(
                "SELECT coalesce((SELECT name FROM lists WHERE key = ?1), \
                 (SELECT name FROM plan_lists WHERE plan_id = ?2 AND key = ?1))",
            )?
            .query_row(params![comparable(&name), self.plan], |row| row.get(0))?;
        let spelt = spelt.unwrap_or_else(|| name.clone());
        self.known.insert(name, spelt.clone());
        Ok(spelt)
    }
}
