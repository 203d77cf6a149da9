//! Which linked users a full round has read, so that the others can be asked for by id.
//!
//! A round remembers the youngest link that existed when it was opened; a link made later has a greater number
//! and is none of its business. A sighting is kept as the number of the user's link.

use std::collections::BTreeMap;

use crate::canonical;
use crate::contract::{Commit, Contact, RoundInfo, StoreError};
use crate::destination::Destination;
use crate::keep::{self, Addresses};
use crate::keys;
use crate::ledger::Ledger;
use crate::records::{LinkIndex, RoundRecord};
use crate::rules;
use crate::store::{Store, at_most};
use crate::view::parsed;

/// Sightings that one commit forgets, and links that are looked at, at a time.
const AT_ONCE: usize = 5_000;

impl<D: Destination, L: Ledger> Store<D, L> {
    /// Starts to note which linked users a full round reads, or goes on with it.
    ///
    /// # Errors
    ///
    /// Where nothing was done.
    pub fn open_round(
        &self,
        source: &str,
        round: &str,
        resume: bool,
    ) -> Result<RoundInfo, StoreError> {
        let opened = self.open(source, round, resume);
        if opened.is_err() {
            self.forget();
        }
        opened
    }

    fn open(&self, source: &str, round: &str, resume: bool) -> Result<RoundInfo, StoreError> {
        let known: Option<RoundRecord> = self.view.read(&keys::round(source, round))?;
        if let Some(known) = known.filter(|_| resume) {
            return Ok(RoundInfo {
                known_links: known.known_links,
            });
        }
        let capabilities = self.capabilities()?;
        self.recover(&capabilities)?;
        if !capabilities.find_by.match_key {
            // Whoever came into the service since is found by address from now on.
            self.scan_all(&capabilities)?;
        }
        self.forget_sightings(source, round)?;
        let mut known_links = 0;
        self.view.for_each(&keys::links(source), |_, _| {
            known_links += 1;
            Ok(())
        })?;
        let record = RoundRecord {
            youngest: keep::counters(&self.view)?.link,
            known_links,
        };
        self.view.put(keys::round(source, round), &record)?;
        self.view.commit()?;
        Ok(RoundInfo { known_links })
    }

    /// Contacts whose link is as old as the round and whose user it has not read: ordered by object id, after
    /// `after`, at most `limit`.
    ///
    /// # Errors
    ///
    /// Where the round is not open, or nothing could be read.
    pub fn unseen(
        &self,
        source: &str,
        round: &str,
        after: Option<&str>,
        limit: u32,
        fields: &[String],
    ) -> Result<Vec<Contact>, StoreError> {
        let opened = self.opened(source, round)?;
        let capabilities = self.capabilities()?;
        self.recover(&capabilities)?;
        let addresses = Addresses::read(&self.view, rules::match_key(&capabilities))?;
        let most = at_most(limit);
        let mut place = after.map(|user| keys::link(source, &canonical::user(user)));
        let mut unseen = Vec::new();
        while unseen.len() < most {
            let page = self
                .view
                .scan(&keys::links(source), place.as_deref(), AT_ONCE)?;
            let Some((last, _)) = page.last() else {
                break;
            };
            place = Some(last.clone());
            let mut links = Vec::with_capacity(page.len());
            for (_, value) in &page {
                links.push(parsed::<LinkIndex>(value)?);
            }
            links.retain(|link| link.number <= opened.youngest);
            let sightings = links
                .iter()
                .map(|link| keys::sighting(source, round, link.number));
            let seen = self.view.all_bytes(sightings)?;
            links.retain(|link| !seen.contains_key(&keys::sighting(source, round, link.number)));
            // Records that are gone from the service meanwhile make room for the next ones.
            for links in links.chunks(most.max(1)) {
                let ids = links.iter().map(|link| link.contact.clone());
                let known = self.known(&capabilities, &addresses, ids.collect(), Vec::new())?;
                let in_order: BTreeMap<_, _> = known
                    .into_values()
                    .filter_map(|known| Some((known.record.user(source)?.to_owned(), known)))
                    .collect();
                unseen.extend(in_order.into_values());
                if unseen.len() >= most {
                    break;
                }
            }
        }
        unseen.truncate(most);
        self.told(source, fields, &unseen)
    }

    /// Forgets the round. Closing one that is not open is no error.
    ///
    /// # Errors
    ///
    /// Where it could not be forgotten.
    pub fn close_round(&self, source: &str, round: &str) -> Result<(), StoreError> {
        // The round first: without it, what is left of its sightings has no meaning.
        if self.view.bytes(&keys::round(source, round))?.is_some() {
            self.view.delete(keys::round(source, round));
        }
        let closed = self
            .forget_sightings(source, round)
            .and_then(|()| self.view.commit());
        if closed.is_err() {
            self.forget();
        }
        closed
    }

    fn forget_sightings(&self, source: &str, round: &str) -> Result<(), StoreError> {
        let prefix = keys::sightings(source, round);
        loop {
            let page = self.view.scan(&prefix, None, AT_ONCE)?;
            if page.is_empty() {
                return Ok(());
            }
            for (key, _) in page {
                self.view.delete(key);
            }
            self.view.commit()?;
        }
    }

    fn opened(&self, source: &str, round: &str) -> Result<RoundRecord, StoreError> {
        let known = self.view.read(&keys::round(source, round))?;
        known.ok_or_else(|| {
            StoreError::Other(
                "the round is not open; open it before its users are noted or asked for".to_owned(),
            )
        })
    }

    /// Refuses sightings of a round that is not open, before anything of the commit is done.
    pub(crate) fn accept_round(&self, commit: &Commit) -> Result<(), StoreError> {
        match &commit.sightings {
            Some(sightings) => self.opened(&commit.source, &sightings.round).map(drop),
            None => Ok(()),
        }
    }

    /// Notes whom a round has read. Links that are gone, or younger than the round, are passed over.
    pub(crate) fn write_sightings(&self, commit: &Commit) -> Result<(), StoreError> {
        let Some(sightings) = &commit.sightings else {
            return Ok(());
        };
        let (source, round) = (commit.source.as_str(), sightings.round.as_str());
        let opened = self.opened(source, round)?;
        let users = sightings
            .object_ids
            .iter()
            .map(|user| keys::link(source, user));
        let links = self.view.read_all::<LinkIndex>(users)?.into_values();
        let numbers = links.map(|link| link.number);
        let further = sightings.links.iter().map(|link| link.number);
        for number in numbers
            .chain(further)
            .filter(|number| *number <= opened.youngest)
        {
            self.view
                .put_bytes(keys::sighting(source, round, number), Vec::new());
        }
        Ok(())
    }
}
