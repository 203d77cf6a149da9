//! Reads the list of everybody: page after page, or in partitions whose pages are under way side by side.
//!
//! Each page is settled by itself, in one commit with the place of every partition, whichever comes first.
//! The order in which pages come decides nothing, as it never did.

use crate::ports::Level;

use super::checkpoint::{Round, Step};
use super::directory::Next;
use super::page::RoundPhase;
use super::partitions::{Partitions, Place};
use super::proof::Proof;
use super::reading::{Reading, broken_off};
use super::run_abort::RunAbort;
use super::stepped::Stepped;

impl Reading<'_, '_> {
    /// Reads the next page of the list.
    pub(super) fn list(
        &mut self,
        round: &Round,
        link: &str,
        bookmark: &str,
    ) -> Result<Stepped, RunAbort> {
        if let Some(partitions) = &round.partitions {
            return self.list_in_partitions(round, partitions, bookmark);
        }
        self.read_page(round, link, RoundPhase::Listing, |next| match next {
            Next::Page(link) => Ok(Step::Listing {
                link: link.clone(),
                bookmark: bookmark.to_owned(),
            }),
            Next::Done(_) | Next::End => Ok(Step::Following {
                link: bookmark.to_owned(),
            }),
        })
    }

    /// Reads the page of a partition that was asked for first, once as many are under way as there may be.
    fn list_in_partitions(
        &mut self,
        round: &Round,
        partitions: &Partitions,
        bookmark: &str,
    ) -> Result<Stepped, RunAbort> {
        self.ask_ahead(round, 0);
        let directory = self.session.directory;
        let Some(place) = partitions.place(self.ahead.first(), directory) else {
            return Ok(Stepped::Passed(self.in_one_piece(round, "no-partition")));
        };
        let page = match self.page(&place.link) {
            Ok(page) => page,
            Err(RunAbort::Directory(error)) if broken_off(&error) => {
                let next = self.start_partition_again(round, partitions, &place, error.code());
                return Ok(Stepped::Passed(next));
            }
            Err(abort) => return Err(abort),
        };
        let stated = page.items.len() as u64;
        let people = self.people_on(page.items)?;
        let mut partitions = partitions.clone();
        let mut next = round.clone();
        let read = (stated, people.live());
        if let Err(flaw) = partitions.advance(&place, read, &page.next, &mut next.proof) {
            return Ok(Stepped::Passed(self.in_one_piece(round, flaw.code())));
        }
        if partitions.left() > 0 {
            next.partitions = Some(partitions);
        } else {
            next.people = next.people.saturating_add(partitions.people());
            next.partitions = None;
            next.step = Step::Following {
                link: bookmark.to_owned(),
            };
            if let Err(flaw) = next.proof.complete(next.people, round.known_links) {
                next = self.in_one_piece(round, flaw.code());
            }
        }
        self.ask_ahead(&next, 1);
        self.settle(&people, RoundPhase::Listing, round, next)
            .map(Stepped::Settled)
    }

    /// The directory no longer knows where a partition stood: that one is read from its first page.
    fn start_partition_again(
        &mut self,
        round: &Round,
        partitions: &Partitions,
        place: &Place,
        code: &str,
    ) -> Round {
        let mut partitions = partitions.clone();
        if !partitions.restart(place) {
            return self.in_one_piece(round, code);
        }
        let code = ("code", code.to_owned());
        let control = self.session.ports.control;
        control.log(Level::Warn, "partition-restarted", &[code]);
        Round {
            partitions: Some(partitions),
            ..round.clone()
        }
    }

    /// Gives the partitions up: the list is read from its first page, and judged by what it then shows.
    fn in_one_piece(&mut self, round: &Round, code: &str) -> Round {
        let code = ("code", code.to_owned());
        let control = self.session.ports.control;
        control.log(Level::Warn, "partitions-given-up", &[code]);
        self.ahead.give_up();
        Round {
            partitions: None,
            proof: Proof::begin(round.proof.counted, round.proof.last),
            ..round.clone()
        }
    }
}
