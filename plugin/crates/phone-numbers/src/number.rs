//! What a text came to.

use crate::refusal::Refusal;

/// What a number is, by the plan of its country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Of a mobile network.
    Mobile,
    /// Of a line in a building.
    FixedLine,
    /// One of the two: in some plans, such as that of North America, a number does not tell.
    FixedLineOrMobile,
    /// Of a service, or of no place: toll-free, premium rate, shared cost, over the internet, personal, a pager.
    Service,
}

/// A number, and what was noticed in the text that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// In E.164: a plus, the country code, the number; digits only. An extension is no part of it.
    pub e164: String,
    /// What it is.
    pub kind: Kind,
    /// What is dialled once somebody has answered.
    pub extension: Option<String>,
    /// There was text beside the number that is no part of it.
    pub is_labelled: bool,
    /// Other numbers followed, and were left out.
    pub is_first_of_several: bool,
}

impl Number {
    /// Whether a text message that is sent to the number reaches who is meant.
    ///
    /// # Errors
    ///
    /// Where it has an extension, or is known to be of no mobile network.
    pub fn takes_messages(&self) -> Result<(), Refusal> {
        if self.extension.is_some() {
            return Err(Refusal::Extension);
        }
        match self.kind {
            Kind::Mobile | Kind::FixedLineOrMobile => Ok(()),
            Kind::FixedLine => Err(Refusal::FixedLine),
            Kind::Service => Err(Refusal::Service),
        }
    }
}
