//! `$select`: which properties of a user or a group an answer states, in which order.
//!
//! Resolved once a request, so that writing a page of a thousand users neither parses nor looks up
//! a name again.

use emulated_directory::directory::Directory;
use emulated_directory::properties::{self, Home, Reach, Shape};
use emulated_directory::synthetic::Field;
use emulated_identity_platform::Claims;
use emulated_odata::failure::Failure;
use emulated_odata::schema::Schema;

/// One selected property.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// `"name":`, ready to be written.
    pub(super) key: Box<[u8]>,
    pub(super) collection: bool,
    /// Where a generated person keeps it.
    pub(super) field: Option<Field>,
}

impl Column {
    fn new(name: &str, shape: Option<Shape>) -> Self {
        Self {
            name: name.to_owned(),
            key: format!("\"{name}\":").into_bytes().into_boxed_slice(),
            collection: shape.is_some_and(Shape::is_collection),
            field: Field::named(name),
        }
    }
}

/// The selected properties.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    schema: Schema,
    pub(super) columns: Vec<Column>,
    /// Whether the caller chose them.
    pub(super) stated: bool,
    /// Whether the relationship of the schema, `manager` or `members`, was selected too.
    pub(super) related: bool,
}

/// What is being read: what is kept outside the directory is served on a single user only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Single,
    Collection,
    Delta,
}

impl Selection {
    /// The documented default set.
    pub(super) fn default_set(schema: Schema) -> Self {
        let columns = schema
            .default_set()
            .iter()
            .map(|name| Column::new(name, schema.find(name).map(|p| p.shape)))
            .collect();
        Self {
            schema,
            columns,
            stated: false,
            related: false,
        }
    }

    /// Parses the value of `$select`.
    ///
    /// # Errors
    /// 400 for a property that does not exist, 501 for one that a collection cannot state.
    pub(super) fn parse(
        schema: Schema,
        text: Option<&str>,
        reading: Reading,
        directory: &Directory,
    ) -> Result<Self, Failure> {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
            return Ok(Self::default_set(schema));
        };
        let mut selection = Self {
            schema,
            columns: Vec::new(),
            stated: true,
            related: false,
        };
        for name in text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            if name == "*" {
                selection.columns.extend(Self::default_set(schema).columns);
                continue;
            }
            if name.eq_ignore_ascii_case(schema.relationship()) {
                selection.related = true;
                continue;
            }
            if reading == Reading::Delta && schema.has_empty_relationship(name) {
                continue;
            }
            let column = resolve(schema, name, reading, directory)?;
            if !selection.has(&column.name) {
                selection.columns.push(column);
            }
        }
        Ok(selection)
    }

    /// Whether a property is among the selected ones.
    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }

    /// Whether an answer shows a change of a property or of the schema's relationship.
    pub(super) fn shows(&self, name: &str) -> bool {
        self.has(name) || (self.tracks() && name == self.schema.relationship())
    }

    /// Whether the schema's relationship is tracked: where it was selected. The members of a group are
    /// where nothing was, too (<https://learn.microsoft.com/graph/delta-query-groups>).
    pub(super) fn tracks(&self) -> bool {
        self.related || (self.schema == Schema::Group && !self.stated)
    }

    /// Whether these claims may read every selected property.
    ///
    /// # Errors
    /// 403 where they lack the permission that a property needs besides.
    pub(super) fn check_reach(&self, claims: &Claims) -> Result<(), Failure> {
        for column in &self.columns {
            let Some(property) = self.schema.find(&column.name) else {
                continue;
            };
            let reached = match property.reach {
                Reach::Readers => true,
                Reach::With(permissions) => claims.has_any(permissions),
                Reach::People => false,
            };
            if !reached && property.home == Home::Outside {
                return Err(Failure::access_denied());
            }
            if !reached {
                return Err(Failure::denied());
            }
        }
        Ok(())
    }

    /// Adds `id` where it is missing: delta states it always.
    pub(super) fn with_id(mut self) -> Self {
        if !self.has("id") {
            self.columns.push(Column::new("id", Some(Shape::Text)));
        }
        self
    }

    /// What is selected of.
    pub(super) fn schema(&self) -> Schema {
        self.schema
    }

    /// The selected names in the service's own spelling, as they stand in `@odata.context`.
    pub(super) fn names(&self) -> String {
        let mut names: Vec<_> = self.columns.iter().map(|column| &*column.name).collect();
        if self.related && self.schema != Schema::Group {
            names.push(self.schema.relationship());
        }
        names.join(",")
    }
}

fn resolve(
    schema: Schema,
    name: &str,
    reading: Reading,
    directory: &Directory,
) -> Result<Column, Failure> {
    if let Some(property) = schema.find(name) {
        let served = match property.home {
            Home::Directory => true,
            Home::Reports => reading != Reading::Delta,
            Home::Outside => reading == Reading::Single,
        };
        if !served {
            return Err(Failure::not_implemented());
        }
        return Ok(Column::new(property.name, Some(property.shape)));
    }
    if properties::is_extension(name) || (schema == Schema::User && directory.knows_extra(name)) {
        return Ok(Column::new(name, None));
    }
    Err(Failure::invalid(format!(
        "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type \
         '{}'.",
        schema.type_name()
    )))
}
