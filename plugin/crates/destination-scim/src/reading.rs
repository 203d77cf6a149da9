//! Users read by their ids, and by whose they are.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use destination_kit::destination::{DestinationError, RemoteId};
use destination_kit::together;
use guest_kit::percent::encode;

use crate::client::Failed;
use crate::paging::{Kind, Listed, Place, equals, filtered};
use crate::resource::Resource;
use crate::scim::Scim;

/// Ids in one filter: a target of 4 kB, where proxies commonly stop at 8.
pub(crate) const MOST_IDS: usize = 50;

/// How users are read, with what is known of it so far.
pub(crate) struct Reading {
    /// Ids that a filter names at once; 1: it cannot name several.
    at_once: Cell<usize>,
    /// Somebody with an `externalId`: id and text. By such a one it is found out whether a filter finds anybody.
    sample: RefCell<Option<(String, String)>>,
    /// How many users there were when a page was read last, and how many were on it.
    population: Cell<Option<(u64, usize)>>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            at_once: Cell::new(MOST_IDS),
            sample: RefCell::default(),
            population: Cell::default(),
        }
    }
}

impl Reading {
    /// A user was read.
    pub(crate) fn remember(&self, user: &Resource) {
        if let Some(external_id) = user.external_id() {
            let mut sample = self.sample.borrow_mut();
            if sample.is_none() {
                *sample = Some((user.id().to_owned(), external_id.to_owned()));
            }
        }
    }

    /// Who was remembered. Where that one has gone since, a filter is taken for one that finds nobody, and pages are
    /// read in its place.
    fn sample(&self) -> Option<(String, String)> {
        self.sample.borrow().clone()
    }
}

impl Scim<'_> {
    /// The users of these ids. `None` only where the server says by id that there is none.
    pub(crate) async fn by_ids(
        &self,
        ids: &[RemoteId],
    ) -> Result<Vec<Option<Resource>>, DestinationError> {
        let mut found: BTreeMap<String, Resource> = BTreeMap::new();
        if ids.len() > 1 {
            self.by_filter(ids, &mut found).await?;
            if self.reading.at_once.get() == 1 {
                self.by_pages(ids, &mut found).await?;
            }
        }
        let singly = together(ids.iter().map(|id| {
            let found = found.get(id).cloned();
            async move {
                match found {
                    Some(user) => Ok(Some(user)),
                    None => self.by_id(id).await,
                }
            }
        }));
        singly.await.into_iter().collect()
    }

    /// The user of an id, as it is now.
    pub(crate) async fn by_id(&self, id: &str) -> Result<Option<Resource>, DestinationError> {
        match self.client.read(&user_path(id)).await {
            // Of an id that means something else in an address, an answer is about something else.
            Ok(body) => match Resource::read(&body) {
                Some(user) if user.id() == id => Ok(Some(user)),
                Some(_) => Ok(None),
                None => Err(crate::client::unreadable()),
            },
            Err(Failed::Missing) => Ok(None),
            Err(failed) => Err(failed.of_reading()),
        }
    }

    /// By filters that name several ids, as far as the server answers them.
    async fn by_filter(
        &self,
        ids: &[RemoteId],
        found: &mut BTreeMap<String, Resource>,
    ) -> Result<(), DestinationError> {
        if self.server().await?.is_without_filters {
            self.reading.at_once.set(1);
        }
        let mut rest = ids;
        while !rest.is_empty() && self.reading.at_once.get() > 1 {
            // One request tells how the next ones are put; from then on, several are under way.
            let is_known = !found.is_empty();
            let at_once = self.reading.at_once.get();
            let now = if is_known { rest.len() } else { at_once };
            let (now, later) = rest.split_at(now.min(rest.len()));
            rest = later;
            let asked = now.chunks(at_once).map(|ids| self.some_by_filter(ids));
            for answered in together(asked).await {
                for user in answered? {
                    found.insert(user.id().to_owned(), user);
                }
            }
        }
        Ok(())
    }

    async fn some_by_filter(&self, ids: &[RemoteId]) -> Result<Vec<Resource>, DestinationError> {
        let terms: Vec<_> = ids.iter().map(|id| equals("id", id)).collect();
        let target = filtered(Kind::Users, &terms.join(" or "), ids.len() as u64);
        let listed = match self.client.read(&target).await {
            Ok(body) => Listed::read(&body)?,
            Err(failed) if failed.is_no_such_question() => {
                self.reading.at_once.set(1);
                return Ok(Vec::new());
            }
            Err(failed) => return Err(failed.of_reading()),
        };
        let here = listed.resources.len();
        let users: Vec<_> = listed
            .resources
            .into_iter()
            .filter(|user| ids.iter().any(|id| id == user.id()))
            .collect();
        if users.len() < here || (users.len() < 2 && ids.len() > 1) {
            // It finds others, or no two.
            self.reading.at_once.set(1);
        } else if (here as u64) < listed.total {
            // It names as many, and sends fewer at a time.
            self.reading.at_once.set(here.max(2));
        }
        Ok(users)
    }

    /// By reading everybody, where that takes fewer requests than asking for each.
    async fn by_pages(
        &self,
        ids: &[RemoteId],
        found: &mut BTreeMap<String, Resource>,
    ) -> Result<(), DestinationError> {
        let mut place = Place::default();
        let mut read = 0;
        loop {
            let missing = ids.iter().filter(|id| !found.contains_key(*id)).count();
            let known = self.reading.population.get();
            let left = known.map(|(total, on_page)| {
                let left = total.saturating_sub(place.start - 1);
                usize::try_from(left).unwrap_or(usize::MAX) / on_page.max(1) + 1
            });
            // The first page tells how many there are.
            let is_worth_it = left.unwrap_or(1) < missing;
            if !is_worth_it || read > ids.len() {
                return Ok(());
            }
            let listed = self.paging.from(&self.client, Kind::Users, place.start);
            let listed = listed.await?;
            read += 1;
            let numbers = (listed.total, listed.resources.len());
            self.reading.population.set(Some(numbers));
            let next = place.after(&listed);
            let asked = listed.resources.into_iter();
            let asked = asked.filter(|user| ids.iter().any(|id| id == user.id()));
            found.extend(asked.map(|user| (user.id().to_owned(), user)));
            match next {
                Some(next) => place = next,
                None => return Ok(()),
            }
        }
    }

    /// The users with an `externalId`, by a filter; `None` where this server's filters do not tell.
    pub(crate) async fn by_external_id(
        &self,
        external_id: &str,
    ) -> Result<Option<Vec<Resource>>, DestinationError> {
        if self.ways.finds_by_owner.get().is_none() {
            let _turn = self.making.begin("sample").await;
            if self.ways.finds_by_owner.get().is_none() {
                let is_known = self.finds_the_sample().await?;
                self.ways.finds_by_owner.set(is_known);
            }
        }
        if self.ways.finds_by_owner.get() != Some(true) {
            return Ok(None);
        }
        self.filtered_by_external_id(external_id).await
    }

    /// Whether the filter finds somebody who is there. `None` where there is nobody to find.
    async fn finds_the_sample(&self) -> Result<Option<bool>, DestinationError> {
        if self.server().await?.is_without_filters {
            return Ok(Some(false));
        }
        let Some((id, external_id)) = self.reading.sample() else {
            return Ok(None);
        };
        let found = self.filtered_by_external_id(&external_id).await?;
        Ok(Some(found.is_some_and(|users| {
            users.iter().any(|user| user.id() == id)
        })))
    }

    /// `None` where the server does not answer the filter, or answers with others.
    async fn filtered_by_external_id(
        &self,
        external_id: &str,
    ) -> Result<Option<Vec<Resource>>, DestinationError> {
        let filter = equals("externalId", external_id);
        let users = self.by_one_filter(&filter).await?;
        let is_right = |users: &Vec<Resource>| {
            users
                .iter()
                .all(|user| user.external_id() == Some(external_id))
        };
        Ok(users.filter(is_right))
    }

    /// Whoever has a user name, as far as a filter tells; others are left out.
    pub(crate) async fn by_user_name(
        &self,
        user_name: &str,
    ) -> Result<Vec<Resource>, DestinationError> {
        let filter = equals("userName", user_name);
        let users = self.by_one_filter(&filter).await?.unwrap_or_default();
        let has_it = |user: &Resource| {
            let known = crate::resource::text(&user.0, "userName");
            known.is_some_and(|known| known.to_lowercase() == user_name.to_lowercase())
        };
        Ok(users.into_iter().filter(has_it).collect())
    }

    /// `None` where the server does not answer it.
    async fn by_one_filter(&self, filter: &str) -> Result<Option<Vec<Resource>>, DestinationError> {
        let target = filtered(Kind::Users, filter, 10);
        match self.client.read(&target).await {
            Ok(body) => Ok(Some(Listed::read(&body)?.resources)),
            Err(failed) if failed.is_no_such_question() => Ok(None),
            Err(failed) => Err(failed.of_reading()),
        }
    }
}

/// Where a user is.
pub(crate) fn user_path(id: &str) -> String {
    format!("{}/{}", Kind::Users.path(), encode(id))
}
