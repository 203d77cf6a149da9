//! Contacts as people see them: which ones, what they hold, and why one was not written by hand.

use std::collections::BTreeMap;
use std::{fmt, vec};

use connector_contract::Refusal;
use thiserror::Error;

use super::error::BackendError;

/// Which contacts to list. What is `None` excludes nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// Only active ones, or only inactive ones.
    pub active: Option<bool>,
    /// Only linked ones, or only unlinked ones.
    pub linked: Option<bool>,
    /// Only those on the list of that name, whoever put them there.
    pub list: Option<String>,
    /// Only those with a field that contains the text, without regard to case.
    pub text: Option<String>,
}

/// One contact, with everything the store knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactRow {
    /// As in the contract.
    pub id: String,
    /// As in the contract.
    pub version: u64,
    /// `false` once it was deactivated.
    pub active: bool,
    /// The directory user it is linked to.
    pub object_id: Option<String>,
    /// Whether it is linked.
    pub linked: bool,
    /// Filled fields, custom ones included.
    pub fields: BTreeMap<String, String>,
    /// Every list it is on, by name.
    pub lists: Vec<String>,
}

/// Some contacts, and where the next ones are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactPage {
    /// Those that were found. May be none although there are more to look at.
    pub contacts: Vec<ContactRow>,
    /// Where the next page begins: to be given back as it is. `None` where there is nobody left.
    pub next: Option<String>,
}

/// Why a contact was not written by hand.
#[derive(Debug, Error)]
pub enum EditError {
    /// There is no contact of that id.
    #[error("there is no contact {0}; `contacts` lists those there are")]
    NoSuchContact(String),
    /// The store does not take the value.
    #[error("the contact store refuses{}: {code}", field_in_words(field.as_deref()))]
    Refused {
        /// The field at fault, where it is one.
        field: Option<String>,
        /// As in the contract: stable, in kebab case.
        code: String,
    },
    /// The store did not answer.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

fn field_in_words(field: Option<&str>) -> String {
    field.map_or_else(String::new, |field| format!(" the field `{field}`"))
}

impl From<Refusal> for EditError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused {
            field: refusal.field,
            code: refusal.code,
        }
    }
}

/// Contacts in the order in which they were made, read a page at a time.
///
/// Each page is what the store held when it was read; a contact that is added meanwhile comes last.
/// After an error the iterator ends.
pub struct Contacts<'s> {
    read: Box<ReadPage<'s>>,
    page: vec::IntoIter<ContactRow>,
    next: Next,
}

/// Reads the page that begins at a place; `None` is the start.
type ReadPage<'s> = dyn FnMut(Option<&str>) -> Result<ContactPage, BackendError> + Send + 's;

/// Where the next page begins.
enum Next {
    Start,
    At(String),
    Nowhere,
}

impl<'s> Contacts<'s> {
    /// For a store: the contacts of pages that `read` reads, each from [`ContactPage::next`] of the one
    /// before on. It must take the id of a contact as a place, too.
    pub fn new(
        read: impl FnMut(Option<&str>) -> Result<ContactPage, BackendError> + Send + 's,
    ) -> Self {
        Self {
            read: Box::new(read),
            page: Vec::new().into_iter(),
            next: Next::Start,
        }
    }

    /// Begins behind a contact, as a page of a list does: the id of the last one shown.
    ///
    /// An id that no contact ever had begins at the start.
    #[must_use]
    pub fn after(mut self, id: &str) -> Self {
        self.next = Next::At(id.to_owned());
        self
    }
}

impl Iterator for Contacts<'_> {
    type Item = Result<ContactRow, BackendError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(contact) = self.page.next() {
                return Some(Ok(contact));
            }
            let read = match std::mem::replace(&mut self.next, Next::Nowhere) {
                Next::Start => (self.read)(None),
                Next::At(place) => (self.read)(Some(&place)),
                Next::Nowhere => return None,
            };
            match read {
                Ok(page) => {
                    self.page = page.contacts.into_iter();
                    self.next = page.next.map_or(Next::Nowhere, Next::At);
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl fmt::Debug for Contacts<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Contacts").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(id: u64) -> ContactRow {
        ContactRow {
            id: id.to_string(),
            version: 1,
            active: true,
            object_id: None,
            linked: false,
            fields: BTreeMap::new(),
            lists: Vec::new(),
        }
    }

    /// Of the contacts 1 to 4, two on each page but the second, which has nobody to show.
    fn page(after: Option<&str>) -> ContactPage {
        let (contacts, next) = match after {
            None => (vec![contact(1), contact(2)], Some("2")),
            Some("2") => (Vec::new(), Some("3")),
            Some(_) => (vec![contact(4)], None),
        };
        ContactPage {
            contacts,
            next: next.map(str::to_owned),
        }
    }

    fn ids(contacts: Contacts<'_>) -> Vec<String> {
        contacts.map(|contact| contact.unwrap().id).collect()
    }

    #[test]
    fn pages_are_read_to_the_last_also_behind_one_that_shows_nobody() {
        assert_eq!(ids(Contacts::new(|after| Ok(page(after)))), ["1", "2", "4"]);
    }

    #[test]
    fn a_listing_begins_behind_the_contact_that_is_named() {
        let contacts = Contacts::new(|after| Ok(page(after)));
        assert_eq!(ids(contacts.after("2")), ["4"]);
    }

    #[test]
    fn after_an_error_there_are_no_more() {
        let mut contacts = Contacts::new(|after| match after {
            None => Ok(page(None)),
            Some(_) => Err(BackendError::Unavailable("busy".to_owned())),
        });
        assert!(contacts.by_ref().take(2).all(|contact| contact.is_ok()));
        assert!(matches!(
            contacts.next(),
            Some(Err(BackendError::Unavailable(_)))
        ));
        assert!(contacts.next().is_none());
    }
}
