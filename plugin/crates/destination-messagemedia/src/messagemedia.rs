//! The destination as the kit sees it. What each method does stands in a file of its own.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use destination_kit::contract::Limits;
use destination_kit::destination::{
    Attempt, BatchSizes, Capabilities, Destination, DestinationError, Doomed, Draft, FindBy,
    GuardKind, Key, Patch, Record, RemoteId, RemoteList, RemoteListId, ScanPage,
};
use destination_kit::{Exchanges, MOST_AT_ONCE, Repeat, Turns, together};
use guest_kit::percent::encode;
use guest_kit::{Method, SecretValue};

use crate::client::{Client, Failed};
use crate::field_book::FieldBook;
use crate::fields::CUSTOM_LENGTH;
use crate::patching::Ways;
use crate::reading::{self, MOST_IDS, Reading};
use crate::record::record;
use crate::refusal::codes;
use crate::settings::Server;
use crate::wire::ContactData;

/// The most additions, and removals, of one request (`maxItems` of the request's schema).
const MOST_MEMBERS: usize = 1000;

/// How long pages may lag behind. Nothing is promised, and seconds are usual for searches over an index.
const SETTLES_AFTER_MS: u64 = 5_000;

/// The contacts of one account, for the length of one call. It has no `Debug`: it carries a secret.
pub struct MessageMedia<'h> {
    pub(crate) client: Client<'h>,
    /// The custom fields, once they were asked for.
    pub(crate) book: RefCell<Option<Rc<FieldBook>>>,
    pub(crate) making: Turns,
    pub(crate) ways: Cell<Ways>,
    reading: Reading,
}

impl<'h> MessageMedia<'h> {
    /// The account of an API key, at a server. Nothing is asked of it yet.
    #[must_use]
    pub fn new(exchanges: Exchanges<'h>, server: &Server, key: &str, secret: &SecretValue) -> Self {
        Self {
            client: Client::new(exchanges, server.api(), key, secret.reveal()),
            book: RefCell::default(),
            making: Turns::default(),
            ways: Cell::default(),
            reading: Reading::default(),
        }
    }

    pub(crate) fn told(&self, contact: &ContactData) -> Record {
        record(contact, &self.known_book())
    }

    /// The custom fields as far as they are known.
    pub(crate) fn known_book(&self) -> Rc<FieldBook> {
        self.book.borrow().clone().unwrap_or_default()
    }

    /// The custom fields, asked for where they are not known yet.
    pub(crate) async fn load_book(&self) -> Result<(), DestinationError> {
        if self.book.borrow().is_none() {
            self.reload_book().await?;
        }
        Ok(())
    }

    /// The custom fields, asked for again.
    pub(crate) async fn reload_book(&self) -> Result<(), DestinationError> {
        let fields = reading::every(&self.client, "/custom-fields", "").await?;
        *self.book.borrow_mut() = Some(Rc::new(FieldBook::of(fields)));
        Ok(())
    }
}

impl Destination for MessageMedia<'_> {
    async fn probe(&self) -> Result<Capabilities, DestinationError> {
        self.reload_book().await?;
        let book = self.known_book();
        if let Some(flaw) = book.flaw() {
            return Err(DestinationError::NeedsAttention(flaw));
        }
        Ok(Capabilities {
            fields: book.descriptions(),
            custom_fields: true,
            limits: Limits {
                custom_fields: None,
                custom_field_label: None,
                custom_field_value: Some(CUSTOM_LENGTH),
                list_name: None,
            },
            codes: codes(),
            guard: GuardKind::Checked,
            batch: BatchSizes {
                fetch: MOST_IDS,
                find: 1,
                create: 1,
                write: 1,
                delete: 1,
                membership: MOST_MEMBERS,
            },
            find_by: FindBy::default(),
            width: 2 * MOST_AT_ONCE,
            lists_on_create: true,
            deactivates: true,
            settles_after_ms: SETTLES_AFTER_MS,
        })
    }

    async fn fetch(&self, ids: &[RemoteId]) -> Result<Vec<Option<Record>>, DestinationError> {
        self.load_book().await?;
        let contacts = self.reading.by_ids(&self.client, ids).await?;
        let records = contacts.into_iter();
        Ok(records.map(|contact| Some(self.told(&contact?))).collect())
    }

    /// Nothing can be searched by what a contact is matched by.
    async fn find(&self, _: &[Key]) -> Result<Vec<Record>, DestinationError> {
        Ok(Vec::new())
    }

    async fn scan(&self, cursor: Option<&str>) -> Result<ScanPage, DestinationError> {
        self.load_book().await?;
        let (contacts, next) = reading::page(&self.client, cursor).await?;
        let records = contacts.iter().map(|contact| self.told(contact)).collect();
        Ok(ScanPage { records, next })
    }

    async fn create(&self, drafts: &[Draft]) -> Vec<Attempt<Record>> {
        together(drafts.iter().map(|draft| self.create_one(draft))).await
    }

    async fn created(&self, draft: &Draft) -> Result<Option<Record>, DestinationError> {
        self.load_book().await?;
        self.made_before(draft).await
    }

    async fn write(&self, patches: &[Patch]) -> Vec<Attempt<Record>> {
        together(patches.iter().map(|patch| self.write_one(patch))).await
    }

    async fn delete(&self, records: &[Doomed]) -> Vec<Attempt<()>> {
        let delete = async |doomed: &Doomed| {
            let path = format!("/contacts/{}", encode(&doomed.id));
            let answer = self
                .client
                .write(Method::Delete, &path, None, Repeat::Idempotent);
            answer.await.map(drop).map_err(Failed::plain)
        };
        together(records.iter().map(delete)).await
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

    async fn make_list(&self, name: &str, _: &str) -> Attempt<RemoteList> {
        self.list_of_name(name).await
    }

    async fn rename_list(&self, list: &RemoteListId, name: &str) -> Attempt<()> {
        self.spell_list(list, name).await
    }

    async fn make_field(&self, name: &str) -> Attempt<()> {
        self.load_book().await?;
        self.field_of_name(name).await
    }

    fn wait(&self) -> bool {
        self.client.wait()
    }
}
