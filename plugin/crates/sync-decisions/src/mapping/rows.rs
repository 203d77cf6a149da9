//! The rows of a mapping: which attribute goes into which field.

/// The attribute whose row follows the address rule, where its field is the match key.
const MAIL: &str = "mail";

/// What a row's field is to the connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A value like any other.
    Plain,
    /// A telephone number: a value without a digit is none.
    Telephone,
    /// An address: the user name of a guest is decoded.
    Address,
    /// The address by which an unlinked contact is found. Mapped from `mail`, it follows the
    /// address rule. At most one row has this purpose.
    MatchKey,
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
    /// What the field is to the connector.
    pub purpose: Purpose,
    /// A person without it is skipped.
    pub mandatory: bool,
    /// Written when the contact is made, never afterwards.
    pub only_on_create: bool,
    /// Longest value the store takes.
    pub max_length: Option<u32>,
}

impl Row {
    /// Whether the row's value comes from the address rule, not from its attribute alone.
    #[must_use]
    pub fn follows_address_rule(&self) -> bool {
        self.purpose == Purpose::MatchKey && self.attribute == MAIL
    }
}
