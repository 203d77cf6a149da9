//! The rows of a mapping, resolved against catalogue and store.

/// Attribute to field, row by row.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// In the document's order.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As in the catalogue.
    pub attribute: &'static str,
    /// The store's field, or the label of a custom one.
    pub field: String,
    /// For people.
    pub label: String,
    /// A person without it is skipped.
    pub mandatory: bool,
    /// Written when the contact is made, never afterwards.
    pub only_on_create: bool,
    /// Longest value the store takes.
    pub max_length: Option<u32>,
}
