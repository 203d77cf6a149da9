//! Cards made, written and deleted, each on a condition: where an answer is lost, or the condition does not hold, a
//! look at the card tells what became of it.

use std::collections::BTreeMap;

use destination_kit::destination::{
    Attempt, DestinationError, Doomed, Draft, Failure, Patch, Record,
};
use destination_kit::together;

use crate::card::Card;
use crate::carddav::CardDav;
use crate::client::{Failed, Only};
use crate::record::{Stored, is_made_of, made, name, patched, record};
use crate::refusal::{CARD_REFUSED, CARD_UNREADABLE, DUPLICATE, of_card};

/// A card that was written, or was as it should be.
enum Done {
    /// What the server made of it is still to be read.
    Written(String),
    /// It was read already.
    Read(Box<Record>),
}

impl CardDav<'_> {
    /// Makes cards, and reads them back by one request: servers keep another text than the one that was sent, and
    /// some without saying so.
    pub(crate) async fn create_all(&self, drafts: &[Draft]) -> Vec<Attempt<Record>> {
        let done = together(drafts.iter().map(|draft| self.create_one(draft))).await;
        self.read_back(done).await
    }

    async fn create_one(&self, draft: &Draft) -> Attempt<Done> {
        let mut lists = Vec::with_capacity(draft.lists.len());
        for list in &draft.lists {
            lists.push((&**list, self.spelt(list).await?));
        }
        let card = made(draft, self.version.get(), &lists).map_err(Failure::Refused)?;
        let name = name(draft);
        let Err(failed) = self.client.put(&name, card.text(), Only::New).await else {
            return Ok(Done::Written(name));
        };
        let is_to_be_looked_at =
            failed.is_lost() || matches!(failed, Failed::Precondition | Failed::Conflict);
        if !is_to_be_looked_at {
            return Err(failed.plain());
        }
        match self.read_one(&name).await {
            Ok(Some(stored)) if is_made_of(draft, &stored.text) => Ok(read(&stored)),
            Ok(Some(_)) => Err(Failure::Refused(of_card(DUPLICATE))),
            // There is none of this name, so it was the card itself that did not do.
            Ok(None) if failed == Failed::Precondition => {
                Err(Failure::Refused(of_card(CARD_REFUSED)))
            }
            Ok(None) => Err(failed.plain()),
            Err(_) => Err(unknown()),
        }
    }

    /// The card that an earlier request for this draft has made.
    pub(crate) async fn made_before(
        &self,
        draft: &Draft,
    ) -> Result<Option<Record>, DestinationError> {
        let stored = self.read_one(&name(draft)).await?;
        let ours = stored.filter(|stored| is_made_of(draft, &stored.text));
        Ok(ours.as_ref().map(record))
    }

    /// Writes cards, and reads them back by one request.
    pub(crate) async fn write_all(&self, patches: &[Patch]) -> Vec<Attempt<Record>> {
        let texts = match self.known_texts(patches).await {
            Ok(texts) => texts,
            Err(error) => return patches.iter().map(|_| Err(error.clone().into())).collect(),
        };
        let tasks = patches.iter().zip(texts);
        let tasks = tasks.map(|(patch, text)| self.write_one(patch, text));
        let done = together(tasks).await;
        self.read_back(done).await
    }

    /// The text of each card as it was when the patch was decided on.
    async fn known_texts(
        &self,
        patches: &[Patch],
    ) -> Result<Vec<Attempt<String>>, DestinationError> {
        let is_not_kept = |patch: &&Patch| patch.known.native.is_empty();
        let names = patches.iter().filter(is_not_kept);
        let names: Vec<_> = names.map(|patch| patch.known.id.clone()).collect();
        let mut read = self.read(&names).await?.into_iter();
        let mut text = |patch: &Patch| {
            if !patch.known.native.is_empty() {
                let text = String::from_utf8(patch.known.native.clone());
                return text.map_err(|_| Failure::Refused(of_card(CARD_UNREADABLE)));
            }
            let stored = read.next().flatten().ok_or(Failure::Gone)?;
            if Some(&*stored.etag) == guard(patch) {
                Ok(stored.text)
            } else {
                Err(Failure::Changed)
            }
        };
        Ok(patches.iter().map(&mut text).collect())
    }

    async fn write_one(&self, patch: &Patch, text: Attempt<String>) -> Attempt<Done> {
        let text = text?;
        let card = Card::read(&text);
        let card = card.map_err(|_| Failure::Refused(of_card(CARD_UNREADABLE)))?;
        let edited = patched(&card, patch).map_err(Failure::Refused)?;
        if edited == card {
            return Ok(Done::Read(Box::new(patch.known.clone())));
        }
        let etag = guard(patch).ok_or(Failure::Changed)?;
        let name = &patch.known.id;
        let put = self.client.put(name, edited.text(), Only::As(etag)).await;
        let Err(failed) = put else {
            return Ok(Done::Written(name.clone()));
        };
        if failed != Failed::Precondition && !failed.is_lost() {
            return Err(failed.plain());
        }
        let stored = match self.read_one(name).await {
            Ok(stored) => stored.ok_or(Failure::Gone)?,
            Err(_) => return Err(unknown()),
        };
        if is_as_meant(&stored, patch) {
            return Ok(read(&stored));
        }
        Err(match (failed.is_lost(), stored.etag == etag) {
            (true, _) => failed.plain(),
            // It is as it was, so it was the card itself that did not do.
            (false, true) => Failure::Refused(of_card(CARD_REFUSED)),
            (false, false) => Failure::Changed,
        })
    }

    pub(crate) async fn delete_one(&self, doomed: &Doomed) -> Attempt<()> {
        let etag = doomed.guard.as_ref().map(|guard| &*guard.0);
        let Err(failed) = self.client.delete(&doomed.id, etag).await else {
            return Ok(());
        };
        if failed != Failed::Precondition && !failed.is_lost() {
            return Err(failed.plain());
        }
        match self.read_one(&doomed.id).await {
            Ok(None) => Err(Failure::Gone),
            Ok(Some(stored)) if failed == Failed::Precondition => {
                Err(match Some(&*stored.etag) == etag {
                    true => Failure::Refused(of_card(CARD_REFUSED)),
                    false => Failure::Changed,
                })
            }
            Ok(Some(_)) => Err(failed.plain()),
            Err(_) => Err(unknown()),
        }
    }

    /// What the server has of the cards that were written.
    async fn read_back(&self, done: Vec<Attempt<Done>>) -> Vec<Attempt<Record>> {
        let written = |done: &Attempt<Done>| match done {
            Ok(Done::Written(name)) => Some(name.clone()),
            Ok(Done::Read(_)) | Err(_) => None,
        };
        let names: Vec<_> = done.iter().filter_map(written).collect();
        let cards = self.read(&names).await;
        let cards: BTreeMap<String, Option<Stored>> = match cards {
            Ok(cards) => names.into_iter().zip(cards).collect(),
            // What was written is found out later.
            Err(_) => BTreeMap::new(),
        };
        let record_of = |done: Done| match done {
            Done::Read(record) => Ok(*record),
            Done::Written(name) => match cards.get(&name) {
                Some(Some(stored)) => Ok(record(stored)),
                Some(None) => Err(Failure::Gone),
                None => Err(Failure::Unknown("not-read-back".to_owned())),
            },
        };
        done.into_iter().map(|done| record_of(done?)).collect()
    }
}

/// It may have been done by a request whose answer was lost, and the look at the card failed.
fn unknown() -> Failure {
    Failure::Unknown("no-answer".to_owned())
}

fn read(stored: &Stored) -> Done {
    Done::Read(Box::new(record(stored)))
}

fn guard(patch: &Patch) -> Option<&str> {
    patch.known.guard.as_ref().map(|guard| &*guard.0)
}

/// Whether a card is what a patch was to make of it, whoever has written it.
fn is_as_meant(stored: &Stored, patch: &Patch) -> bool {
    let card = Card::read(&stored.text);
    card.is_ok_and(|card| patched(&card, patch).is_ok_and(|meant| meant == card))
}
