//! A store of contacts over a destination and a ledger.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use guest_kit::{Clock, Entropy};

use crate::contract::{Description, EditsSince, Expected, Limits, SameContact, StoreError};
use crate::destination::{Capabilities, Destination};
use crate::drive;
use crate::keep::Retention;
use crate::ledger::Ledger;
use crate::lists::{self, Book};
use crate::rules::{self, MAX_BATCH};
use crate::view::View;

/// The contacts and the state of one workspace, as `contact-store` and `state` of the contract say, over a
/// service that has contacts and a ledger that remembers the rest.
///
/// What cannot be kept here, whatever the service:
///
/// * A commit is not atomic (`description.atomic`): intents are kept before the first request, and what became of
///   them after the last one, the state together with it. Whoever dies in between leaves contacts that may be ahead
///   of the state; the next call that writes finds out which, by reading, and completes links and journal.
/// * What others write between the check and the write is overwritten, unless the service guards it
///   ([`GuardKind`](crate::destination::GuardKind)).
/// * No contact is marked, because nobody tells this store what people do in the service: every person of a page
///   is looked up.
///
/// Not for two threads at once. [`describe`](Self::describe) begins a call: what was read before is read again.
pub struct Store<D, L> {
    pub(crate) destination: D,
    pub(crate) view: View<L>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) retention: Retention,
    capabilities: RefCell<Option<Rc<Capabilities>>>,
    pub(crate) book: RefCell<Option<Rc<Book>>>,
    /// Custom fields that are there.
    pub(crate) fields_made: RefCell<BTreeSet<String>>,
    /// Open intents were compared with the service.
    pub(crate) is_recovered: Cell<bool>,
    /// Users for whom a record may be there that the service does not show yet, by source.
    pub(crate) undecided: RefCell<BTreeSet<(String, String)>>,
}

impl<D: Destination, L: Ledger> Store<D, L> {
    /// Over a destination and a ledger that are nobody else's.
    pub fn new(
        destination: D,
        ledger: L,
        clock: Box<dyn Clock>,
        entropy: Box<dyn Entropy>,
        retention: Retention,
    ) -> Self {
        Self {
            destination,
            view: View::new(ledger),
            clock,
            entropy,
            retention,
            capabilities: RefCell::default(),
            book: RefCell::default(),
            fields_made: RefCell::default(),
            is_recovered: Cell::new(false),
            undecided: RefCell::default(),
        }
    }

    /// The service.
    pub fn destination(&self) -> &D {
        &self.destination
    }

    /// What this store is and can do. Begins a call.
    ///
    /// # Errors
    ///
    /// Where the service cannot be used.
    pub fn describe(&self) -> Result<Description, StoreError> {
        self.begin();
        let capabilities = self.capabilities()?;
        let Limits {
            custom_fields,
            custom_field_label,
            custom_field_value,
            list_name,
        } = capabilities.limits;
        Ok(Description {
            fields: capabilities.fields.clone(),
            custom_fields: capabilities.custom_fields,
            atomic: false,
            max_batch: MAX_BATCH,
            journal: true,
            marks: false,
            edits: false,
            unlinked: false,
            limits: Limits {
                custom_fields,
                custom_field_label,
                custom_field_value,
                list_name,
            },
            codes: rules::codes()
                .chain(capabilities.codes.iter().cloned())
                .collect(),
        })
    }

    /// Nobody: no contact is marked.
    ///
    /// # Errors
    ///
    /// Over the batch limit.
    pub fn same(&self, _source: &str, users: &[Expected]) -> Result<Vec<SameContact>, StoreError> {
        bounded(users.len())?;
        Ok(Vec::new())
    }

    /// The service does not tell who wrote to a contact, and so no token was ever given.
    #[must_use]
    pub fn changed_since(&self) -> EditsSince {
        EditsSince::TokenLost
    }

    fn begin(&self) {
        self.view.begin();
        self.capabilities.replace(None);
        self.book.replace(None);
        self.fields_made.borrow_mut().clear();
        self.is_recovered.set(false);
        self.undecided.borrow_mut().clear();
    }

    pub(crate) fn capabilities(&self) -> Result<Rc<Capabilities>, StoreError> {
        if let Some(known) = &*self.capabilities.borrow() {
            return Ok(Rc::clone(known));
        }
        let probed = drive::one(&self.destination, self.destination.probe())??;
        if self.destination.lists_are_names() {
            self.destination
                .recall_lists(lists::remembered(&self.view)?);
        }
        let probed = Rc::new(probed);
        self.capabilities.replace(Some(Rc::clone(&probed)));
        Ok(probed)
    }

    /// The lists that there are, read once a call.
    pub(crate) fn book(&self) -> Result<Rc<Book>, StoreError> {
        if let Some(known) = &*self.book.borrow() {
            return Ok(Rc::clone(known));
        }
        let book = Rc::new(Book::read(&self.destination, &self.view)?);
        self.book.replace(Some(Rc::clone(&book)));
        Ok(book)
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.clock.now().0
    }
}

/// Refuses what is over the batch limit.
pub(crate) fn bounded(entries: usize) -> Result<(), StoreError> {
    match u32::try_from(entries) {
        Ok(entries) if entries <= MAX_BATCH => Ok(()),
        _ => Err(StoreError::BatchTooLarge(MAX_BATCH)),
    }
}

/// A greater limit counts as the greatest that there is.
pub(crate) fn at_most(limit: u32) -> usize {
    limit.min(MAX_BATCH) as usize
}
