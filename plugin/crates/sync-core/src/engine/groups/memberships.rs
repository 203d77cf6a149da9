//! Who is in which groups: one entry of the state for each person, found by their object id.
//!
//! A page of people needs the groups of each of them, while the directory tells the people of each group. So
//! what pages of groups say is turned round: it is collected, put in the order of the people, and
//! laid into their entries, many at a time. An entry holds the numbers that the [registry](super::registry) gives the
//! groups, so a person costs some seventy bytes, and a group of any size costs no memory.

use guest_kit::{json, ordered};
use serde::{Deserialize, Serialize};

use crate::contact::ObjectId;
use crate::ports::{State, StateWrite};

use super::super::checkpoint::{delete, write};
use super::super::run_abort::RunAbort;

/// Entries that are asked for at a time: what any host takes (`description.max-batch`).
pub(super) const AT_ONCE: usize = 1_000;

/// Somebody's groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Numbers of the groups that the person is directly in.
    #[serde(rename = "in", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) inside: Vec<u32>,
    /// Of those that the directory says the person is in no longer, until that is believed.
    #[serde(rename = "out", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) leaving: Vec<u32>,
}

impl Entry {
    fn is_empty(&self) -> bool {
        self.inside.is_empty() && self.leaving.is_empty()
    }

    /// The groups that the person counts as being in.
    pub(super) fn numbers(&self) -> Vec<u32> {
        self.inside.iter().chain(&self.leaving).copied().collect()
    }
}

/// What became of one membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Became {
    /// The person is in the group from now on.
    Joined,
    /// The person was about to leave, and stays.
    Stayed,
    /// The person is about to leave.
    Leaves,
    /// The person is in the group no longer: nothing went by it so far.
    Left,
}

impl Entry {
    /// Takes note that a person is in a group.
    pub(super) fn join(&mut self, group: u32) -> Option<Became> {
        if self.inside.contains(&group) {
            return None;
        }
        let before = self.leaving.len();
        self.leaving.retain(|leaving| *leaving != group);
        self.inside.push(group);
        ordered::sort(&mut self.inside);
        Some(if self.leaving.len() < before {
            Became::Stayed
        } else {
            Became::Joined
        })
    }

    /// Takes note that a person is in a group no longer; `at_once` where nothing went by it so far.
    pub(super) fn leave(&mut self, group: u32, at_once: bool) -> Option<Became> {
        if !self.inside.contains(&group) {
            return None;
        }
        self.inside.retain(|inside| *inside != group);
        if at_once {
            return Some(Became::Left);
        }
        self.leaving.push(group);
        ordered::sort(&mut self.leaving);
        Some(Became::Leaves)
    }
}

/// Something that a page says of one person and one group. So many of them are held at a time that an id is held
/// as its sixteen bytes, and all of it in twenty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    person: [u8; 16],
    /// The number of the group, and in the lowest bit whether the person stays.
    group_and_stays: u32,
}

// So many of them are held that each byte counts; a group's number has room in 31 bits.
const _: () = assert!(size_of::<Edge>() == 20);

impl Edge {
    /// `None` of somebody whose id is no UUID: the directories whose groups are read have no such people.
    pub(super) fn new(person: &ObjectId, group: u32, stays: bool) -> Option<Self> {
        Some(Self {
            person: person.uuid()?,
            group_and_stays: group << 1 | u32::from(stays),
        })
    }

    pub(super) fn group(self) -> u32 {
        self.group_and_stays >> 1
    }

    pub(super) fn stays(self) -> bool {
        self.group_and_stays & 1 == 1
    }

    pub(super) fn person(self) -> ObjectId {
        ObjectId::of_uuid(self.person)
    }

    /// By which edges are in order: a number is compared in fewer steps than bytes are.
    fn place(self) -> (u128, u32) {
        (u128::from_be_bytes(self.person), self.group())
    }

    pub(super) fn is_about_the_same(&self, other: &Self) -> bool {
        self.person == other.person
    }
}

/// Puts what pages say in the order of the people; of what is said twice, the last word counts.
pub(super) fn in_order(mut edges: Vec<Edge>) -> Vec<Edge> {
    // What is equal stays in the order in which it was said.
    ordered::sort_by(&mut edges, |one, other| one.place().cmp(&other.place()));
    edges.dedup_by(|later, kept| {
        let is_same = kept.place() == later.place();
        if is_same {
            *kept = *later;
        }
        is_same
    });
    edges
}

/// Where memberships are kept: those of the sync, and above them, for a plan, what it found to be changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layers {
    /// Where is written, and read first.
    pub(super) top: String,
    /// Where is read what the top does not have.
    pub(super) below: Option<String>,
}

const PEOPLE: &str = "m/";
const LEAVING: &str = "h/";

impl Layers {
    fn all(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.top).chain(&self.below)
    }

    /// The entries of some people, in their order.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub(super) fn entries<'p>(
        &self,
        state: &dyn State,
        people: impl Iterator<Item = &'p ObjectId>,
    ) -> Result<Vec<Entry>, RunAbort> {
        let people: Vec<&ObjectId> = people.collect();
        let mut found: Vec<Option<Entry>> = vec![None; people.len()];
        for layer in self.all() {
            let open: Vec<usize> = (0..people.len())
                .filter(|place| matches!(found.get(*place), Some(None)))
                .collect();
            for portion in open.chunks(AT_ONCE) {
                let keys: Vec<String> = portion
                    .iter()
                    .filter_map(|place| people.get(*place))
                    .map(|person| format!("{layer}{PEOPLE}{person}"))
                    .collect();
                let places: ordered::Map<String, usize> =
                    keys.iter().cloned().zip(portion.iter().copied()).collect();
                for (key, value) in state.get_many(keys)? {
                    let entry = json::from_bytes(&value)
                        .ok_or_else(|| RunAbort::Unreadable { key: key.clone() })?;
                    let place = places.get(&key).and_then(|place| found.get_mut(*place));
                    if let Some(place) = place {
                        *place = Some(entry);
                    }
                }
            }
        }
        Ok(found.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// How many people are directly in each of so many groups, by its number, as the entries of the top say.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub(super) fn members(&self, state: &dyn State, groups: usize) -> Result<Vec<u64>, RunAbort> {
        let prefix = format!("{}{PEOPLE}", self.top);
        let mut members = vec![0_u64; groups];
        let mut after: Option<String> = None;
        loop {
            let page = state.list(&prefix, after.as_deref(), AT_ONCE as u32)?;
            let Some((last, _)) = page.last() else {
                return Ok(members);
            };
            after = Some(last.clone());
            for (key, value) in page {
                let entry: Entry = json::from_bytes(&value).ok_or(RunAbort::Unreadable { key })?;
                for number in entry.numbers() {
                    if let Some(members) = members.get_mut(number as usize) {
                        *members += 1;
                    }
                }
            }
        }
    }

    /// What keeps somebody's entry. Above other memberships an empty one has to be kept, too.
    ///
    /// # Errors
    ///
    /// Where it cannot be written as JSON.
    pub(super) fn save(&self, person: &ObjectId, entry: &Entry) -> Result<StateWrite, RunAbort> {
        let key = format!("{}{PEOPLE}{person}", self.top);
        if entry.is_empty() && self.below.is_none() {
            return Ok(delete(key));
        }
        write(&key, entry)
    }

    fn leaving(layer: &str, group: u32) -> String {
        format!("{layer}{LEAVING}{group:010}/")
    }

    /// What keeps that somebody is about to leave a group.
    pub(super) fn note_leaving(
        &self,
        group: u32,
        person: &ObjectId,
    ) -> Result<StateWrite, RunAbort> {
        write(&format!("{}{person}", Self::leaving(&self.top, group)), &1)
    }

    /// What makes that forgotten.
    pub(super) fn forget_leaving(&self, group: u32, person: &ObjectId) -> StateWrite {
        delete(format!("{}{person}", Self::leaving(&self.top, group)))
    }

    /// The next people who are about to leave a group, or were: their entries tell. In the order of the object id.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub(super) fn leavers(
        &self,
        state: &dyn State,
        group: u32,
        after: Option<&ObjectId>,
    ) -> Result<Vec<ObjectId>, RunAbort> {
        let mut leavers = Vec::new();
        let mut until: Option<ObjectId> = None;
        for layer in self.all() {
            let prefix = Self::leaving(layer, group);
            let after = after.map(|person| format!("{prefix}{person}"));
            let page = state.list(&prefix, after.as_deref(), AT_ONCE as u32)?;
            let is_full = page.len() == AT_ONCE;
            let people: Vec<ObjectId> = page
                .iter()
                .filter_map(|(key, _)| key.strip_prefix(&prefix))
                .map(ObjectId::new)
                .collect();
            if let Some(last) = people.last().filter(|_| is_full) {
                until = Some(until.map_or_else(|| last.clone(), |until| until.min(last.clone())));
            }
            leavers.extend(people);
        }
        ordered::sort(&mut leavers);
        leavers.dedup();
        leavers.retain(|person| until.as_ref().is_none_or(|until| person <= until));
        Ok(leavers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(person: u8, group: u32, stays: bool) -> Edge {
        Edge {
            person: [person; 16],
            group_and_stays: group << 1 | u32::from(stays),
        }
    }

    #[test]
    fn of_what_is_said_twice_of_a_membership_the_last_word_counts() {
        let edges = vec![
            edge(2, 1, true),
            edge(1, 2, false),
            edge(1, 1, true),
            edge(1, 2, true),
            edge(2, 1, false),
        ];
        let expected = [edge(1, 1, true), edge(1, 2, true), edge(2, 1, false)];
        assert_eq!(in_order(edges), expected);
    }

    #[test]
    fn who_leaves_counts_as_a_member_until_it_is_believed() {
        let mut entry = Entry::default();
        assert_eq!(entry.join(7), Some(Became::Joined));
        assert_eq!(entry.join(7), None);
        assert_eq!(entry.leave(7, false), Some(Became::Leaves));
        assert_eq!(entry.leave(7, false), None, "the service tells it again");
        assert_eq!(entry.numbers(), [7]);
        assert_eq!(entry.join(7), Some(Became::Stayed));
        assert_eq!(entry.leave(7, true), Some(Became::Left));
        assert!(entry.is_empty());
        assert_eq!(entry.leave(9, false), None, "never a member");
    }
}
