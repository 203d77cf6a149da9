//! Each kind of change as a change.

use crate::{Change, Create, LinkContact, Removal, Update};

impl From<Create> for Change {
    fn from(create: Create) -> Self {
        Self::Create(create)
    }
}

impl From<Update> for Change {
    fn from(update: Update) -> Self {
        Self::Update(update)
    }
}

impl From<LinkContact> for Change {
    fn from(link: LinkContact) -> Self {
        Self::Link(link)
    }
}

impl From<Removal> for Change {
    fn from(removal: Removal) -> Self {
        Self::Remove(removal)
    }
}
