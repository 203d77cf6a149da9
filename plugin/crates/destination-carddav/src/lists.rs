//! Lists: categories of cards. There is nothing to be made, renamed or asked for beside the cards.

use destination_kit::destination::{
    Attempt, DestinationError, Failure, RemoteId, RemoteList, RemoteListId,
};

use crate::card::Card;
use crate::carddav::CardDav;
use crate::categories;
use crate::client::{Failed, Only};
use crate::record::is_linked;
use crate::refusal::{CARD_UNREADABLE, of_card};

/// How often a card is read again that somebody else writes at the same time.
const TRIES: u32 = 5;

impl CardDav<'_> {
    pub(crate) async fn all_lists(&self) -> Result<Vec<RemoteList>, DestinationError> {
        self.meet_all().await?;
        Ok(self.met.lists())
    }

    /// The list of a name, spelt as it is on cards already. One that is on none is there with the first who joins.
    pub(crate) async fn list_of_name(&self, name: &str) -> Attempt<RemoteList> {
        let id = categories::id(name);
        if self.met.spelling(&id).is_none() {
            self.meet_all().await?;
        }
        let spelt = self.met.spelling(&id).unwrap_or_else(|| name.to_owned());
        self.met.spell(&id, &spelt);
        Ok(RemoteList { id, name: spelt })
    }

    /// How a list is spelt: where nobody remembers it, as on the cards that are on it, and else as its id.
    pub(crate) async fn spelt(&self, list: &str) -> Result<String, DestinationError> {
        if self.met.spelling(list).is_none() {
            self.meet_all().await?;
        }
        Ok(self.met.spelling(list).unwrap_or_else(|| list.to_owned()))
    }

    /// Spells a list otherwise on every card that is somebody's in the directory. How others spell a category on their
    /// own cards is theirs.
    pub(crate) async fn spell_list(&self, list: &RemoteListId, name: &str) -> Attempt<()> {
        let mut after = None;
        loop {
            let (cards, next) = self.page(after.as_deref()).await?;
            for card in cards.iter().filter(|card| is_linked(&card.text)) {
                let respell = |card: &mut Card| categories::respell(card, list, name);
                match self.edit(&card.name, respell).await {
                    // Nobody is on it there.
                    Ok(()) | Err(Failure::Gone) => {}
                    Err(failure) => return Err(failure),
                }
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        self.met.spell(list, name);
        Ok(())
    }

    /// Puts cards on a list and takes others off it. Whoever is taken off goes first: where the other one cannot be
    /// put on, nobody is on the list who should not be.
    pub(crate) async fn change_members(
        &self,
        list: &RemoteListId,
        add: &[RemoteId],
        remove: &[RemoteId],
    ) -> Attempt<()> {
        for name in remove {
            self.edit(name, |card| categories::leave(card, list))
                .await?;
        }
        let spelt = if add.is_empty() {
            String::new()
        } else {
            self.spelt(list).await?
        };
        for name in add {
            self.edit(name, |card| categories::join(card, list, &spelt))
                .await?;
        }
        Ok(())
    }

    /// Edits a card as it is now, and once more where somebody else has written it in between. Nothing is sent for
    /// one that stays as it is.
    async fn edit(&self, name: &str, change: impl Fn(&mut Card)) -> Attempt<()> {
        for _ in 0..TRIES {
            let stored = self.read_one(name).await?.ok_or(Failure::Gone)?;
            let card = Card::read(&stored.text);
            let card = card.map_err(|_| Failure::Refused(of_card(CARD_UNREADABLE)))?;
            let mut edited = card.clone();
            change(&mut edited);
            if edited == card {
                return Ok(());
            }
            let put = self.client.put(name, edited.text(), Only::As(&stored.etag));
            match put.await {
                Ok(()) => return Ok(()),
                Err(Failed::Precondition) => {}
                // What was done shows at the next look.
                Err(failed) if failed.is_lost() => {}
                Err(failed) => return Err(failed.plain()),
            }
        }
        Err(Failure::Unknown("no-answer".to_owned()))
    }
}
