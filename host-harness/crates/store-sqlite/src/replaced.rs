//! What a change replaced, as it stands in the journal: enough to take the change back, and to tell what
//! it did.

use std::borrow::Cow;

use connector_contract::{AttributeChange, FieldChange, GivenValue};
use contact_identity::ObjectId;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::errors::DatabaseError;
use super::lists::Spelling;
use super::lookup;

/// A field that a change wrote: its name, what it held, what it holds since.
pub(super) type Moved = (String, Option<String>, Option<String>);

/// What a change replaced.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Replaced {
    /// Fields that were written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) fields: Vec<Moved>,
    /// Lists that were joined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) joins: Vec<String>,
    /// Lists that were left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) leaves: Vec<String>,
    /// Whether the contact was active; where that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) active: Option<bool>,
    /// The base of the link, as its column holds it; where there was a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) base: Option<String>,
    /// The user whose contact it was until their link was taken away; where it had no link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) former: Option<String>,
    /// The change left the contact without a link, and its effect does not tell: a reversal that made it
    /// again as nobody's, or that found no link.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) leaves_unlinked: bool,
    /// All of a contact that was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) whole: Option<DeletedContact>,
    /// What the directory was given with the change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) given: Vec<Given>,
}

/// A value that the directory was given.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Given {
    pub(super) attribute: String,
    pub(super) field: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<String>,
    pub(super) answered: bool,
}

impl From<&GivenValue> for Given {
    fn from(given: &GivenValue) -> Self {
        Self {
            attribute: given.change.attribute.clone(),
            field: given.field.clone(),
            before: given.change.before.clone(),
            after: given.change.after.clone(),
            answered: given.answered,
        }
    }
}

impl From<Given> for GivenValue {
    fn from(given: Given) -> Self {
        Self {
            change: AttributeChange {
                attribute: given.attribute,
                before: given.before,
                after: given.after,
            },
            field: given.field,
            answered: given.answered,
        }
    }
}

/// Lists that a change had a contact join and leave, ordered.
#[derive(Clone, Debug, Default)]
pub(super) struct Moves {
    pub(super) joins: Vec<String>,
    pub(super) leaves: Vec<String>,
}

impl Replaced {
    /// As it stands in its column.
    pub(super) fn read(text: Option<&str>) -> Result<Self, DatabaseError> {
        let mut before: Self = text
            .map(serde_json::from_str)
            .transpose()
            .map_err(|_| DatabaseError::unreadable("an entry of the journal"))?
            .unwrap_or_default();
        let links = before.whole.iter_mut().flat_map(|whole| &mut whole.links);
        for (_, object_id, _) in links {
            if let Cow::Owned(canonical) = ObjectId::canonical(object_id) {
                *object_id = canonical;
            }
        }
        Ok(before)
    }

    /// With the lists' names as they are now.
    pub(super) fn spelt(
        self,
        connection: &Connection,
        spelling: &mut Spelling,
    ) -> Result<Self, DatabaseError> {
        Ok(Self {
            joins: spelling.of_all(connection, self.joins)?,
            leaves: spelling.of_all(connection, self.leaves)?,
            ..self
        })
    }

    /// The lists of a connection that the change was about. A contact that is deleted leaves all of
    /// them.
    pub(super) fn moves(
        &self,
        connection: &Connection,
        source_id: i64,
    ) -> Result<Moves, DatabaseError> {
        let leaves = match &self.whole {
            Some(whole) => whole.list_names(connection, source_id)?,
            None => self.leaves.clone(),
        };
        Ok(Moves {
            joins: self.joins.clone(),
            leaves,
        })
    }
}

/// A contact that is no more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct DeletedContact {
    pub(super) active: bool,
    /// Name and value.
    pub(super) fields: Vec<(String, String)>,
    /// Source, object id and base, of every connection.
    pub(super) links: Vec<(i64, String, String)>,
    /// Source, and the user whose contact it was until their link was taken away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) formers: Vec<(i64, String)>,
    /// List and manager.
    pub(super) lists: Vec<(i64, i64)>,
}

impl DeletedContact {
    /// The user of a source whose contact it was until their link was taken away.
    pub(super) fn former(&self, source_id: i64) -> Option<&str> {
        let former = self.formers.iter().find(|(source, _)| *source == source_id);
        former.map(|(_, user)| user.as_str())
    }

    /// Names of the lists that a connection had the contact on, ordered.
    fn list_names(
        &self,
        connection: &Connection,
        manager: i64,
    ) -> Result<Vec<String>, DatabaseError> {
        let own = self.lists.iter().filter(|(_, by)| *by == manager);
        let lists = lookup::numbers(own.map(|(list, _)| *list));
        let names = connection
            .prepare_cached("SELECT name FROM lists WHERE id IN rarray(?1) ORDER BY name")?
            .query_map([lists], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(names)
    }

    /// What the contact held, as a change to nothing; ordered by field.
    pub(super) fn lost(&self) -> Vec<FieldChange> {
        let held = self.fields.iter().map(|(field, value)| FieldChange {
            field: field.clone(),
            before: Some(value.clone()),
            after: None,
        });
        let mut lost: Vec<_> = held.collect();
        lost.sort_unstable_by(|left, right| left.field.cmp(&right.field));
        lost
    }
}
