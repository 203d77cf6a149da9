//! Cards read: by name many at a time, and all of them page by page.

use std::collections::BTreeMap;
use std::rc::Rc;

use destination_kit::destination::DestinationError;

use crate::carddav::CardDav;
use crate::client::{Failed, strong, without_etag};
use crate::href::{Place, is_name};
use crate::multistatus::{Kind, Response};
use crate::record::{Stored, is_contact};

/// Cards of a page.
pub(crate) const PAGE: usize = 100;

/// What an answer tells of one card.
enum Told {
    There(Stored),
    Gone,
}

impl CardDav<'_> {
    /// The cards of these names, in their order. `None` only where the server says that there is none.
    pub(crate) async fn read(
        &self,
        names: &[String],
    ) -> Result<Vec<Option<Stored>>, DestinationError> {
        let mut told = BTreeMap::new();
        let asked: Vec<_> = names.iter().filter(|name| is_name(name)).cloned().collect();
        // A part whose answer would be too long is asked for in halves.
        let mut parts = vec![asked.as_slice()];
        while let Some(part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            let asked = self.client.cards(part).await;
            match asked.map_err(Failed::of_reading)? {
                Some(answers) => {
                    for answer in answers {
                        self.note(&mut told, answer)?;
                    }
                }
                None if part.len() > 1 => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
                None => return Err(Failed::of_reading(too_long())),
            }
        }
        let mut cards = Vec::with_capacity(names.len());
        for name in names {
            cards.push(match told.remove(name) {
                Some(Told::There(card)) => Some(card),
                Some(Told::Gone) => None,
                None if !is_name(name) => None,
                // Said nothing, or asked for twice.
                None => self.client.card(name).await.map_err(Failed::of_reading)?,
            });
        }
        Ok(cards)
    }

    fn note(
        &self,
        told: &mut BTreeMap<String, Told>,
        answer: Response,
    ) -> Result<(), DestinationError> {
        let Place::In(name) = self.client.place(&answer) else {
            return Ok(());
        };
        if matches!(answer.status, Some(404 | 410)) {
            told.insert(name, Told::Gone);
        } else if let Some(text) = answer.found.card {
            let etag = answer.found.etag.ok_or_else(without_etag);
            let etag = strong(&etag.map_err(Failed::of_reading)?);
            let card = Stored {
                name: name.clone(),
                etag,
                text,
            };
            self.met.meet(&card);
            told.insert(name, Told::There(card));
        }
        Ok(())
    }

    /// One card.
    pub(crate) async fn read_one(&self, name: &str) -> Result<Option<Stored>, DestinationError> {
        let mut cards = self.read(&[name.to_owned()]).await?;
        Ok(cards.pop().flatten())
    }

    /// A page of all contacts, and where the next one begins. Names are asked for at the first page; a card that is
    /// there during all of the pages is one of them.
    pub(crate) async fn page(
        &self,
        after: Option<&str>,
    ) -> Result<(Vec<Stored>, Option<String>), DestinationError> {
        let names = match after {
            None => self.fresh_names().await?,
            Some(_) => self.all_names().await?,
        };
        let begin = names.partition_point(|name| after.is_some_and(|after| &**name <= after));
        let rest = names.get(begin..).unwrap_or_default();
        let page = rest.get(..PAGE).unwrap_or(rest);
        let cards = self.read(page).await?;
        let is_last = page.len() == rest.len();
        let next = page.last().filter(|_| !is_last).cloned();
        if next.is_none() {
            self.met.complete();
        }
        let contacts = cards.into_iter().flatten();
        Ok((
            contacts.filter(|card| is_contact(&card.text)).collect(),
            next,
        ))
    }

    /// The names of all cards as they are now.
    pub(crate) async fn fresh_names(&self) -> Result<Rc<Vec<String>>, DestinationError> {
        self.names.replace(None);
        self.all_names().await
    }

    async fn all_names(&self) -> Result<Rc<Vec<String>>, DestinationError> {
        let known = self.names.borrow().clone();
        if let Some(names) = known {
            return Ok(names);
        }
        let asked = self.client.properties("1", "<D:resourcetype/>").await;
        let answers = asked.map_err(Failed::of_reading)?.into_iter();
        let name = |answer: Response| {
            let kinds = answer.found.kinds.as_deref().unwrap_or_default();
            let is_folder = kinds.contains(&Kind::Collection);
            match self.client.place(&answer) {
                Place::In(name) if !is_folder => Some(name),
                Place::In(_) | Place::Book | Place::Elsewhere => None,
            }
        };
        let mut names: Vec<_> = answers.filter_map(name).collect();
        names.sort_unstable();
        names.dedup();
        let names = Rc::new(names);
        self.names.replace(Some(Rc::clone(&names)));
        Ok(names)
    }
}

/// One card that is longer than any answer may be.
fn too_long() -> Failed {
    let what = "a card of more than 32 MB";
    Failed::Unusable(DestinationError::Unexpected(what.to_owned()))
}
