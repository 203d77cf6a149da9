//! Whether a round can be believed: its pages led somewhere, and showed about as many people as there
//! are.
//!
//! A directory that answers with an empty page, a list that stops half-way or links that go round
//! in a circle must not end in removals. What cannot be proven is a [`Flaw`]: the run ends
//! incomplete, what was added stands, nothing is taken away and the cursor stays where it was.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// People that may be missing from a full round without doubt, since the count comes from an index
/// that lags behind: a share, and a number for small directories.
const TOLERATED_PERCENT: u64 = 2;
const TOLERATED: u64 = 5;

/// Pages in a row that state nothing.
const MOST_IDLE: u32 = 500;

/// Elements that a round may state beyond a multiple of the people there are.
const FULL_SLACK: u64 = 1_000;
const INCREMENTAL_SLACK: u64 = 100_000;

/// Why a round cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Flaw {
    /// Fewer people than there are.
    #[error(
        "the directory showed {seen} people and then ended the list, where there should be about \
         {expected}"
    )]
    ListTruncated {
        /// People read.
        seen: u64,
        /// As counted by the directory, or as read last time.
        expected: u64,
    },
    /// Nobody, where there was somebody.
    #[error("the directory showed nobody at all, and a tenant always has somebody")]
    EmptyDirectory,
    /// A page leads back to an earlier one.
    #[error("the directory's pages lead back to a page that was read before")]
    LinksRepeat,
    /// Ever new pages.
    #[error("the directory went on for {pages} pages without coming to an end")]
    EndlessRound {
        /// Pages read.
        pages: u64,
    },
    /// The feed of changes ended without saying where the next round starts.
    #[error("the directory ended its changes without a deltaLink")]
    NoDeltaLink,
}

impl Flaw {
    /// Stable, in kebab case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ListTruncated { .. } => "list-truncated",
            Self::EmptyDirectory => "empty-directory",
            Self::LinksRepeat => "links-repeat",
            Self::EndlessRound { .. } => "endless-round",
            Self::NoDeltaLink => "no-delta-link",
        }
    }
}

/// What a round has shown of itself so far. Kept with the round, so that it also holds over slices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// People as the directory counts them, asked at the round's begin; `None` where it does not say.
    pub counted: Option<u64>,
    /// People that the last full round read.
    pub last: Option<u64>,
    pages: u64,
    /// Elements stated, repetitions and tombstones included.
    stated: u64,
    /// Pages in a row that stated nothing.
    idle: u32,
    trail: Trail,
}

impl Proof {
    /// A round that begins.
    #[must_use]
    pub fn begin(counted: Option<u64>, last: Option<u64>) -> Self {
        Self {
            counted,
            last,
            ..Self::default()
        }
    }

    /// Takes note of a page: where it was, and how many elements it stated.
    ///
    /// # Errors
    ///
    /// Where the pages repeat or do not end.
    pub fn page(&mut self, link: &str, stated: u64, full: bool) -> Result<(), Flaw> {
        let mut chain = Chain {
            idle: self.idle,
            trail: std::mem::take(&mut self.trail),
        };
        let noted = self.page_of(&mut chain, link, stated, full);
        (self.idle, self.trail) = (chain.idle, chain.trail);
        noted
    }

    /// Takes note of a page that belongs to a chain of its own, as [`page`](Self::page) does.
    ///
    /// # Errors
    ///
    /// Where the pages of the chain repeat, or those of the round do not end.
    pub fn page_of(
        &mut self,
        chain: &mut Chain,
        link: &str,
        stated: u64,
        full: bool,
    ) -> Result<(), Flaw> {
        self.pages += 1;
        self.stated = self.stated.saturating_add(stated);
        if self.stated > self.most_stated(full) {
            return Err(Flaw::EndlessRound { pages: self.pages });
        }
        chain.page(link, stated, self.pages)
    }

    fn most_stated(&self, full: bool) -> u64 {
        let people = self.counted.max(self.last);
        match (full, people) {
            (true, Some(people)) => people.saturating_mul(3).saturating_add(FULL_SLACK),
            (true, None) => u64::MAX,
            (false, people) => people
                .unwrap_or_default()
                .saturating_mul(4)
                .saturating_add(INCREMENTAL_SLACK),
        }
    }

    /// Judges a full round that has come to its end and has read so many people; `known_links` tells
    /// of how many people the store knew before.
    ///
    /// # Errors
    ///
    /// Where fewer people were seen than there are.
    pub fn complete(&self, seen: u64, known_links: u64) -> Result<(), Flaw> {
        self.shows_enough(seen)?;
        let knew_somebody = known_links > 0 || self.last.is_some_and(|last| last > 0);
        if seen == 0 && knew_somebody {
            return Err(Flaw::EmptyDirectory);
        }
        Ok(())
    }

    /// Judges a collection beside the users that a full round has read to its end. There may be nobody in it, but
    /// not where somebody was counted.
    ///
    /// # Errors
    ///
    /// Where fewer people were seen than there are.
    pub fn complete_beside(&self, seen: u64) -> Result<(), Flaw> {
        self.shows_enough(seen)?;
        match self.counted {
            Some(expected) if seen == 0 && expected > 0 => {
                Err(Flaw::ListTruncated { seen, expected })
            }
            _ => Ok(()),
        }
    }

    fn shows_enough(&self, seen: u64) -> Result<(), Flaw> {
        if let Some(counted) = self.counted {
            let tolerated = (counted / 100 * TOLERATED_PERCENT).max(TOLERATED);
            if seen.saturating_add(tolerated) < counted {
                return Err(Flaw::ListTruncated {
                    seen,
                    expected: counted,
                });
            }
        } else if let Some(last) = self.last
            && seen < last / 2
        {
            return Err(Flaw::ListTruncated {
                seen,
                expected: last,
            });
        }
        Ok(())
    }
}

/// Pages of which each leads to the next: one of several that a round is read by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Pages in a row that stated nothing.
    idle: u32,
    trail: Trail,
}

impl Chain {
    /// Takes note of a page: where it was, how many elements it stated, and as the how manieth of all.
    ///
    /// # Errors
    ///
    /// Where the pages repeat or do not end.
    pub fn page(&mut self, link: &str, stated: u64, pages: u64) -> Result<(), Flaw> {
        // An empty page may lead to itself: the directory has nothing to show yet.
        let may_stay = self.idle > 0;
        self.idle = if stated == 0 { self.idle + 1 } else { 0 };
        if self.idle > MOST_IDLE {
            return Err(Flaw::EndlessRound { pages });
        }
        if self.trail.returns_to(link, may_stay) {
            return Err(Flaw::LinksRepeat);
        }
        Ok(())
    }
}

/// Finds a circle in a chain of links, however long, by keeping a single one of them: the kept one is
/// replaced after 1, 2, 4, 8 … steps, so that it is inside of any circle before long (R. P. Brent,
/// <https://doi.org/10.1007/BF01933190>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Trail {
    kept: Option<u64>,
    previous: Option<u64>,
    steps: u64,
    reach: u64,
    /// The last few: where links are new each time, only some pages of a circle come again.
    #[serde(default)]
    recent: VecDeque<u64>,
}

/// Links that are looked back over.
const RECENT: usize = 16;

impl Trail {
    fn returns_to(&mut self, link: &str, may_stay: bool) -> bool {
        let mark = mark(link);
        let stays = self.previous.replace(mark) == Some(mark);
        if stays && may_stay {
            return false;
        }
        if self.kept == Some(mark) || self.recent.contains(&mark) {
            return true;
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(mark);
        if self.steps == self.reach {
            self.kept = Some(mark);
            self.steps = 0;
            self.reach = self.reach.saturating_mul(2).max(1);
        }
        self.steps += 1;
        false
    }
}

/// Stands for a link. A link is long, and a mark is kept with every page.
fn mark(link: &str) -> u64 {
    let hash = Sha256::digest(link.as_bytes());
    hash.iter()
        .take(8)
        .fold(0, |mark, byte| (mark << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(proof: &mut Proof, links: impl IntoIterator<Item = String>) -> Result<u64, Flaw> {
        let mut pages = 0;
        for link in links {
            proof.page(&link, 1, true)?;
            pages += 1;
        }
        Ok(pages)
    }

    fn circle(tail: u32, length: u32) -> impl Iterator<Item = String> {
        (0..tail)
            .map(|page| format!("tail {page}"))
            .chain((0..length).cycle().map(|page| format!("circle {page}")))
    }

    #[test]
    fn a_chain_of_different_pages_is_no_circle() {
        let chain = (0..5_000).map(|page| format!("page {page}"));
        assert_eq!(read(&mut Proof::default(), chain), Ok(5_000));
    }

    #[test]
    fn every_circle_is_found_wherever_it_begins_and_however_long_it_is() {
        for tail in [0, 1, 2, 3, 7, 8, 100] {
            for length in [1, 2, 3, 5, 8, 64, 100] {
                let mut proof = Proof::default();
                let bound = 4 * (tail + length) as usize + 8;
                let found = read(&mut proof, circle(tail, length).take(bound));
                assert_eq!(found, Err(Flaw::LinksRepeat), "{tail} then {length}");
            }
        }
    }

    #[test]
    fn an_empty_page_may_lead_to_itself_for_a_while_and_not_for_ever() {
        let mut proof = Proof::default();
        proof.page("first", 3, true).unwrap();
        for _ in 0..MOST_IDLE {
            proof.page("waiting", 0, true).unwrap();
        }
        assert_eq!(proof.clone().page("waiting", 3, true), Ok(()));
        let pages = u64::from(MOST_IDLE) + 2;
        assert_eq!(
            proof.page("waiting", 0, true),
            Err(Flaw::EndlessRound { pages })
        );
    }

    #[test]
    fn chains_that_are_read_side_by_side_do_not_stand_in_for_each_other() {
        let mut proof = Proof::default();
        let (mut waiting, mut reading) = (Chain::default(), Chain::default());
        for page in 0..5 {
            // One waits on an empty page that leads to itself, while the other goes on.
            proof.page_of(&mut waiting, "waiting", 0, true).unwrap();
            let link = format!("page {page}");
            proof.page_of(&mut reading, &link, 3, true).unwrap();
        }
        let back = proof.page_of(&mut reading, "page 3", 3, true);
        assert_eq!(back, Err(Flaw::LinksRepeat));
    }

    #[test]
    fn ever_new_pages_with_the_same_people_come_to_an_end() {
        let mut proof = Proof::begin(Some(10), None);
        let found = (0..).find_map(|page| proof.page(&format!("page {page}"), 5, true).err());
        assert!(matches!(found, Some(Flaw::EndlessRound { pages }) if pages < 300));
    }

    #[test]
    fn a_list_may_lack_a_few_people_whom_the_count_still_has() {
        let proof = Proof::begin(Some(10_000), None);
        assert_eq!(proof.complete(9_800, 0), Ok(()));
        assert_eq!(
            proof.complete(9_799, 0),
            Err(Flaw::ListTruncated {
                seen: 9_799,
                expected: 10_000
            })
        );
        assert_eq!(Proof::begin(Some(8), None).complete(3, 0), Ok(()));
        assert!(Proof::begin(Some(8), None).complete(2, 0).is_err());
    }

    #[test]
    fn beside_the_users_there_may_be_nobody_unless_somebody_is_counted() {
        for (counted, last) in [(Some(0), Some(7)), (None, Some(1)), (None, None)] {
            let proof = Proof::begin(counted, last);
            assert_eq!(proof.complete_beside(0), Ok(()), "{counted:?} {last:?}");
        }
        let expected = 3;
        assert_eq!(
            Proof::begin(Some(expected), None).complete_beside(0),
            Err(Flaw::ListTruncated { seen: 0, expected })
        );
        assert!(Proof::begin(None, Some(100)).complete_beside(49).is_err());
    }

    #[test]
    fn more_people_than_counted_are_no_flaw() {
        assert_eq!(Proof::begin(Some(10), Some(5)).complete(400, 3), Ok(()));
    }

    #[test]
    fn without_a_count_half_of_the_last_round_is_asked_for() {
        let proof = Proof::begin(None, Some(100));
        assert_eq!(proof.complete(50, 100), Ok(()));
        assert!(proof.complete(49, 100).is_err());
    }

    #[test]
    fn a_directory_that_shrank_by_its_own_count_is_left_to_the_breakers() {
        assert_eq!(Proof::begin(Some(5), Some(100)).complete(5, 100), Ok(()));
    }

    #[test]
    fn nobody_at_all_is_believed_only_where_nobody_ever_was() {
        assert_eq!(
            Proof::begin(Some(0), None).complete(0, 3),
            Err(Flaw::EmptyDirectory)
        );
        assert_eq!(
            Proof::begin(None, Some(1)).complete(0, 0),
            Err(Flaw::EmptyDirectory)
        );
        assert_eq!(Proof::begin(Some(0), None).complete(0, 0), Ok(()));
    }
}
