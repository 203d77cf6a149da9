//! The destination as the kit sees it. What each method does stands in a file of its own.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use destination_kit::contract::Limits;
use destination_kit::destination::{
    Attempt, BatchSizes, Capabilities, Destination, DestinationError, Doomed, Draft, FindBy,
    GuardKind, Key, Patch, Record, RemoteId, RemoteList, RemoteListId, ScanPage,
};
use destination_kit::{Address, Exchanges, MOST_AT_ONCE, Turns, together};
use guest_kit::SecretValue;

use crate::card::Version;
use crate::client::{Client, Failed};
use crate::discovery;
use crate::fields::descriptions;
use crate::met::Met;
use crate::record::record;
use crate::refusal::codes;

/// Cards of one request. More make it no faster: a server reads each from a file.
const MOST_READ: usize = 100;

/// Addresses that are looked for together: all that are asked for.
const MOST_SOUGHT: usize = 2_000;

/// Cards that are written side by side and then read back by one request.
const MOST_WRITTEN: usize = 25;

/// How long a request may still be under way of whoever sent it and died. A server that has read it performs it.
const SETTLES_AFTER_MS: u64 = 2_000;

/// One address book, for the length of one call. It has no `Debug`: it carries a secret.
pub struct CardDav<'h> {
    pub(crate) client: Client<'h>,
    pub(crate) version: Cell<Version>,
    /// Names of all cards, once they were asked for.
    pub(crate) names: RefCell<Option<Rc<Vec<String>>>>,
    pub(crate) met: Met,
    pub(crate) turns: Turns,
}

impl<'h> CardDav<'h> {
    /// The address book at an address. Nothing is asked of it yet.
    #[must_use]
    pub fn new(
        exchanges: Exchanges<'h>,
        address: &Address,
        user: &str,
        secret: &SecretValue,
    ) -> Self {
        Self {
            client: Client::new(exchanges, address, user, secret.reveal()),
            version: Cell::new(Version::V3),
            names: RefCell::default(),
            met: Met::default(),
            turns: Turns::default(),
        }
    }
}

impl Destination for CardDav<'_> {
    async fn probe(&self) -> Result<Capabilities, DestinationError> {
        let asked = self.client.properties("0", discovery::PROPERTIES).await;
        let answers = asked.map_err(Failed::of_reading)?.into_iter();
        let answers: Vec<_> = answers
            .map(|answer| (self.client.place(&answer), answer))
            .collect();
        self.version.set(discovery::version_of(&answers)?);
        self.met.forget();
        Ok(Capabilities {
            fields: descriptions(),
            custom_fields: true,
            limits: Limits {
                custom_fields: None,
                custom_field_label: Some(255),
                custom_field_value: None,
                list_name: Some(255),
            },
            codes: codes(),
            guard: GuardKind::Conditional,
            batch: BatchSizes {
                fetch: MOST_READ,
                find: MOST_SOUGHT,
                create: MOST_WRITTEN,
                write: MOST_WRITTEN,
                delete: MOST_WRITTEN,
                membership: 1,
            },
            find_by: FindBy {
                link: false,
                match_key: true,
            },
            width: MOST_AT_ONCE,
            lists_on_create: true,
            deactivates: true,
            settles_after_ms: SETTLES_AFTER_MS,
        })
    }

    async fn fetch(&self, ids: &[RemoteId]) -> Result<Vec<Option<Record>>, DestinationError> {
        let cards = self.read(ids).await?;
        Ok(cards
            .iter()
            .map(|card| Some(record(card.as_ref()?)))
            .collect())
    }

    async fn find(&self, keys: &[Key]) -> Result<Vec<Record>, DestinationError> {
        self.with_addresses(keys).await
    }

    async fn scan(&self, cursor: Option<&str>) -> Result<ScanPage, DestinationError> {
        let (cards, next) = self.page(cursor).await?;
        let records = cards.iter().map(record).collect();
        Ok(ScanPage { records, next })
    }

    async fn create(&self, drafts: &[Draft]) -> Vec<Attempt<Record>> {
        self.create_all(drafts).await
    }

    async fn created(&self, draft: &Draft) -> Result<Option<Record>, DestinationError> {
        self.made_before(draft).await
    }

    async fn write(&self, patches: &[Patch]) -> Vec<Attempt<Record>> {
        self.write_all(patches).await
    }

    async fn delete(&self, records: &[Doomed]) -> Vec<Attempt<()>> {
        together(records.iter().map(|doomed| self.delete_one(doomed))).await
    }

    async fn membership(
        &self,
        list: &RemoteListId,
        add: &[RemoteId],
        remove: &[RemoteId],
    ) -> Attempt<()> {
        self.change_members(list, add, remove).await
    }

    async fn lists(&self) -> Result<Vec<RemoteList>, DestinationError> {
        self.all_lists().await
    }

    fn lists_are_names(&self) -> bool {
        true
    }

    fn recall_lists(&self, lists: Vec<RemoteList>) {
        for list in lists {
            self.met.spell(&list.id, &list.name);
        }
    }

    async fn make_list(&self, name: &str, _: &str) -> Attempt<RemoteList> {
        self.list_of_name(name).await
    }

    async fn rename_list(&self, list: &RemoteListId, name: &str) -> Attempt<()> {
        self.spell_list(list, name).await
    }

    /// A custom field is a property of a card, and there as soon as it is written.
    async fn make_field(&self, _: &str) -> Attempt<()> {
        Ok(())
    }

    fn wait(&self) -> bool {
        self.client.wait()
    }
}
