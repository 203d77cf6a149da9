//! The destination as the kit sees it. What each method does stands in a file of its own.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use destination_kit::destination::{
    Attempt, Capabilities, Destination, DestinationError, Doomed, Draft, Key, Patch, Record,
    RemoteId, RemoteList, RemoteListId, ScanPage,
};
use destination_kit::{Address, Exchanges, Turns, together};
use guest_kit::SecretValue;

use crate::client::Client;
use crate::creating::OwnersIndex;
use crate::members::MemberWay;
use crate::paging::{Kind, Paging, Place};
use crate::probing::Server;
use crate::reading::Reading;
use crate::resource::Resource;

/// The users of one server, for the length of one call. It has no `Debug`: it carries a secret.
pub struct Scim<'h> {
    pub(crate) client: Client<'h>,
    /// What the server says of itself, once it was asked.
    pub(crate) server: RefCell<Option<Rc<Server>>>,
    pub(crate) paging: Paging,
    pub(crate) reading: Reading,
    pub(crate) ways: Ways,
    pub(crate) making: Turns,
    pub(crate) owners: OwnersIndex,
}

/// What answers have shown of how this server takes a request. `None`: not known yet.
#[derive(Default)]
pub(crate) struct Ways {
    /// Changes of users are sent whole, by PUT.
    pub(crate) whole: Cell<Option<bool>>,
    /// `active` is written as text.
    pub(crate) active_as_text: Cell<bool>,
    /// A filter by `externalId` finds whom it should.
    pub(crate) finds_by_owner: Cell<Option<bool>>,
    /// How members are taken out of groups.
    pub(crate) members: Cell<Option<MemberWay>>,
    /// Groups are not changed by PATCH.
    pub(crate) groups_whole: Cell<bool>,
    /// A filter by member finds groups.
    pub(crate) finds_by_member: Cell<Option<bool>>,
}

impl<'h> Scim<'h> {
    /// The server at an address. Nothing is asked of it yet.
    #[must_use]
    pub fn new(
        exchanges: Exchanges<'h>,
        address: &Address,
        sign_in: &crate::target::SignIn,
        secret: &SecretValue,
    ) -> Self {
        Self {
            client: Client::new(exchanges, address, sign_in, secret.reveal()),
            server: RefCell::default(),
            paging: Paging::default(),
            reading: Reading::default(),
            ways: Ways::default(),
            making: Turns::default(),
            owners: OwnersIndex::default(),
        }
    }

    /// What the server says of itself, asked for where it is not known yet.
    pub(crate) async fn server(&self) -> Result<Rc<Server>, DestinationError> {
        let known = self.server.borrow().clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let _turn = self.making.begin("server").await;
        let known = self.server.borrow().clone();
        match known {
            Some(known) => Ok(known),
            None => self.look().await,
        }
    }

    /// A user in the contract's words.
    pub(crate) fn told(&self, server: &Server, user: &Resource) -> Record {
        self.reading.remember(user);
        user.record(server.deactivates, server.guards)
    }
}

impl Destination for Scim<'_> {
    async fn probe(&self) -> Result<Capabilities, DestinationError> {
        Ok(self.look().await?.capabilities())
    }

    async fn fetch(&self, ids: &[RemoteId]) -> Result<Vec<Option<Record>>, DestinationError> {
        let server = self.server().await?;
        let users = self.by_ids(ids).await?;
        let records = users.into_iter();
        Ok(records
            .map(|user| user.map(|user| self.told(&server, &user)))
            .collect())
    }

    /// Nobody is searched by address: servers differ in whether case counts, and some take any filter for none.
    async fn find(&self, _: &[Key]) -> Result<Vec<Record>, DestinationError> {
        Ok(Vec::new())
    }

    async fn scan(&self, cursor: Option<&str>) -> Result<ScanPage, DestinationError> {
        let server = self.server().await?;
        let place = cursor.map(Place::read).unwrap_or_default();
        let listed = self.paging.from(&self.client, Kind::Users, place.start);
        let listed = listed.await?;
        let users = listed.resources.iter();
        Ok(ScanPage {
            records: users.map(|user| self.told(&server, user)).collect(),
            next: place.after(&listed).map(Place::written),
        })
    }

    async fn create(&self, drafts: &[Draft]) -> Vec<Attempt<Record>> {
        together(drafts.iter().map(|draft| self.create_one(draft))).await
    }

    async fn created(&self, draft: &Draft) -> Result<Option<Record>, DestinationError> {
        self.made_before(draft).await
    }

    async fn write(&self, patches: &[Patch]) -> Vec<Attempt<Record>> {
        together(patches.iter().map(|patch| self.write_one(patch))).await
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
        self.all_groups().await
    }

    async fn make_list(&self, name: &str, _: &str) -> Attempt<RemoteList> {
        self.group_of_name(name).await
    }

    async fn rename_list(&self, list: &RemoteListId, name: &str) -> Attempt<()> {
        self.spell_group(list, name).await
    }

    /// Never asked for: no field is made on first use.
    async fn make_field(&self, _: &str) -> Attempt<()> {
        Ok(())
    }

    fn wait(&self) -> bool {
        self.client.wait()
    }
}
