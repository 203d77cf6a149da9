//! The rows of a mapping: which attribute goes with which field, and which of the two follows the other.

use contact_identity::form::Form;

/// The attribute whose row follows the address rule, where its field is the match key.
const MAIL: &str = "mail";

/// Attributes whose values are telephone numbers, whatever kind of field they go with.
const NUMBERS: [&str; 3] = ["mobilePhone", "businessPhones", "faxNumber"];

/// The attribute whose values are addresses, and which an application may write.
const OTHER_MAILS: &str = "otherMails";

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

/// Whose value counts where both sides of a two-way row have changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Winner {
    /// The directory's.
    #[default]
    Directory,
    /// The contact's.
    Contact,
}

/// Which side of a row follows the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// The contact follows the directory, as the policy about conflicts says.
    #[default]
    OneWay,
    /// The directory follows the contact.
    Reverse,
    /// The side that was left alone follows the other one.
    TwoWay(Winner),
}

impl Direction {
    /// Whether the directory may be written to.
    #[must_use]
    pub const fn writes_directory(self) -> bool {
        !matches!(self, Self::OneWay)
    }
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
    /// Which side follows the other.
    pub direction: Direction,
    /// The directory refuses to empty the attribute.
    pub always_filled: bool,
}

impl Row {
    /// Whether the row's value comes from the address rule, not from its attribute alone.
    #[must_use]
    pub fn follows_address_rule(&self) -> bool {
        self.purpose == Purpose::MatchKey && self.attribute == MAIL
    }

    /// The form of its values, in which they are read, compared and written. A row that is read only goes by what its
    /// field is; one that writes also by what its attribute is, since the other side compares by that.
    #[must_use]
    pub fn form(&self) -> Form {
        match self.purpose {
            Purpose::Telephone => Form::Telephone,
            Purpose::Address | Purpose::MatchKey => Form::Address,
            Purpose::Plain if !self.direction.writes_directory() => Form::Text,
            Purpose::Plain if NUMBERS.contains(&self.attribute) => Form::Telephone,
            Purpose::Plain if self.attribute == OTHER_MAILS => Form::Address,
            Purpose::Plain => Form::Text,
        }
    }
}
