//! The list of everybody in partitions, each a chain of pages of its own: where every one of them stands.
//!
//! It is a way to read faster, and no other kind of evidence. What is counted here becomes the round's only
//! once the last partition was read to its end; where anything is wrong with them, or they show too few
//! people, the list is read in one piece, from its first page, as if there had been none.

use serde::{Deserialize, Serialize};

use super::directory::{Directory, Next};
use super::proof::{Chain, Flaw, Proof};

/// How often a partition starts again whose place the directory has forgotten.
const RESTARTS: u8 = 2;

/// A list that is read in partitions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partitions {
    /// People of the partitions that were read to their end. Those are forgotten otherwise.
    people: u64,
    /// Those that are left, in the order in which they are begun.
    left: Vec<Partition>,
}

/// A part of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Partition {
    /// Who is in it, as the directory says it.
    bounds: String,
    /// How often it had to start again.
    restarts: u8,
    /// Where it stands; `None` where its first page comes next.
    begun: Option<Begun>,
}

/// A partition of which pages were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    next: String,
    /// People on the pages that were read.
    people: u64,
    chain: Chain,
}

/// A page of a partition.
pub(super) struct Place {
    number: usize,
    pub(super) link: String,
}

impl Partitions {
    /// The partitions with these bounds, none of them read; `None` where there is nothing to read side by
    /// side.
    pub(super) fn begin(bounds: Vec<String>) -> Option<Self> {
        let left: Vec<_> = bounds
            .into_iter()
            .map(|bounds| Partition {
                bounds,
                restarts: 0,
                begun: None,
            })
            .collect();
        (left.len() > 1).then_some(Self { people: 0, left })
    }

    /// People read so far.
    #[must_use]
    pub fn people(&self) -> u64 {
        let begun = self.left.iter().filter_map(|left| left.begun.as_ref());
        begun.fold(self.people, |sum, begun| sum.saturating_add(begun.people))
    }

    /// How many are not read to their end.
    #[must_use]
    pub fn left(&self) -> usize {
        self.left.len()
    }

    /// The next page of each partition.
    pub(super) fn links(&self, directory: &dyn Directory) -> impl Iterator<Item = String> {
        self.left.iter().map(|partition| match &partition.begun {
            Some(begun) => begun.next.clone(),
            None => directory.first_page_of(&partition.bounds),
        })
    }

    /// The page that this link leads to, or the next one of the first partition.
    pub(super) fn place(&self, link: Option<&str>, directory: &dyn Directory) -> Option<Place> {
        let mut places = self
            .links(directory)
            .enumerate()
            .map(|(number, link)| Place { number, link });
        match link {
            Some(wanted) => places.find(|place| place.link == wanted),
            None => places.next(),
        }
    }

    /// Takes note of a page that states so many elements, of which so many are people.
    ///
    /// # Errors
    ///
    /// As [`Proof::page_of`].
    pub(super) fn advance(
        &mut self,
        place: &Place,
        (stated, people): (u64, u64),
        next: &Next,
        proof: &mut Proof,
    ) -> Result<(), Flaw> {
        let Some(partition) = self.left.get_mut(place.number) else {
            return Ok(());
        };
        let (mut chain, before) = match partition.begun.take() {
            Some(begun) => (begun.chain, begun.people),
            None => (Chain::default(), 0),
        };
        proof.page_of(&mut chain, &place.link, stated, true)?;
        let people = before.saturating_add(people);
        match next {
            Next::Page(next) => {
                partition.begun = Some(Begun {
                    next: next.clone(),
                    people,
                    chain,
                });
            }
            Next::Done(_) | Next::End => {
                self.left.remove(place.number);
                self.people = self.people.saturating_add(people);
            }
        }
        Ok(())
    }

    /// Lets a partition start again, its people uncounted; `false` where it did so too often.
    pub(super) fn restart(&mut self, place: &Place) -> bool {
        let Some(partition) = self.left.get_mut(place.number) else {
            return false;
        };
        partition.begun = None;
        partition.restarts += 1;
        partition.restarts <= RESTARTS
    }
}
