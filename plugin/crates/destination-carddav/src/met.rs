//! What the cards told that were read in this call: how lists are spelt, and who has which address.
//!
//! No two servers search alike (Xandikos, asked for cards without a property, gives those with it, too; Radicale looks
//! into every card for each value that is asked for), so nothing is searched for there: where somebody is looked for
//! by address, every card is read, once in a call at the most.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use contact_identity::address::comparable;
use destination_kit::destination::{
    DestinationError, Key, Record, RemoteId, RemoteList, RemoteListId,
};
use destination_kit::together;

use crate::card::Card;
use crate::carddav::CardDav;
use crate::categories;
use crate::fields::EMAIL;
use crate::reading::PAGE;
use crate::record::{Stored, record};
use crate::values;

/// Pages that are read side by side: few, since each may be long.
const AT_ONCE: usize = 4;

/// What was met.
#[derive(Debug, Default)]
pub(crate) struct Met {
    lists: RefCell<BTreeMap<RemoteListId, String>>,
    /// Addresses in the form in which they are compared, each with the names of the cards that have it.
    addresses: RefCell<BTreeMap<String, BTreeSet<RemoteId>>>,
    /// Whether every card was met.
    is_whole: Cell<bool>,
}

impl Met {
    /// Notes a card. Where cards spell a list differently, the spelling that was met first is the list's.
    pub(crate) fn meet(&self, stored: &Stored) {
        let Ok(card) = Card::read(&stored.text) else {
            return;
        };
        for (id, name) in categories::lists(&card) {
            self.lists.borrow_mut().entry(id).or_insert(name);
        }
        if let Some(address) = values::value(&card, EMAIL) {
            let mut addresses = self.addresses.borrow_mut();
            let names = addresses.entry(comparable(&address).into_owned());
            names.or_default().insert(stored.name.clone());
        }
    }

    /// Every card was met by now.
    pub(crate) fn complete(&self) {
        self.is_whole.set(true);
    }

    /// Somebody else may have written meanwhile.
    pub(crate) fn forget(&self) {
        self.lists.borrow_mut().clear();
        self.addresses.borrow_mut().clear();
        self.is_whole.set(false);
    }

    /// How a list is spelt, where that is known.
    pub(crate) fn spelling(&self, id: &str) -> Option<String> {
        self.lists.borrow().get(id).cloned()
    }

    pub(crate) fn spell(&self, id: &str, name: &str) {
        self.lists
            .borrow_mut()
            .insert(id.to_owned(), name.to_owned());
    }

    pub(crate) fn lists(&self) -> Vec<RemoteList> {
        let lists = self.lists.borrow();
        let list = |(id, name): (&String, &String)| RemoteList {
            id: id.clone(),
            name: name.clone(),
        };
        lists.iter().map(list).collect()
    }

    /// Names of cards that had one of the addresses when they were met.
    fn with_addresses(&self, keys: &[Key]) -> Vec<RemoteId> {
        let addresses = self.addresses.borrow();
        let names = keys.iter().filter_map(|key| match key {
            Key::MatchKey(address) => addresses.get(address),
            Key::Link(_) => None,
        });
        let names: BTreeSet<&RemoteId> = names.flatten().collect();
        names.into_iter().cloned().collect()
    }
}

impl CardDav<'_> {
    /// Reads every card, once in a call.
    pub(crate) async fn meet_all(&self) -> Result<(), DestinationError> {
        // Whoever comes second finds that it was done.
        let _turn = self.turns.begin("every card").await;
        if self.met.is_whole.get() {
            return Ok(());
        }
        let names = self.fresh_names().await?;
        let parts: Vec<_> = names.chunks(PAGE).collect();
        for parts in parts.chunks(AT_ONCE) {
            // Whatever is read is met.
            let read = together(parts.iter().map(|part| self.read(part))).await;
            read.into_iter().try_for_each(|cards| cards.map(drop))?;
        }
        self.met.complete();
        Ok(())
    }

    /// Contacts that have one of these addresses.
    pub(crate) async fn with_addresses(
        &self,
        keys: &[Key],
    ) -> Result<Vec<Record>, DestinationError> {
        self.meet_all().await?;
        let names = self.met.with_addresses(keys);
        let cards = self.read(&names).await?;
        Ok(cards.iter().flatten().map(record).collect())
    }
}
