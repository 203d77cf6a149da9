//! Who is in a group: who it began with, without those who left, and those who joined, in one order.

use std::collections::BTreeSet;
use std::iter::Peekable;

use super::{GroupState, Groups};
use crate::member::Member;
use crate::record::Record;
use crate::synthetic::CompanyGroups;

/// Two ordered iterators without a member in common, as one.
struct Merged<A: Iterator, B: Iterator>(Peekable<A>, Peekable<B>);

impl<A, B> Iterator for Merged<A, B>
where
    A: Iterator<Item = Member>,
    B: Iterator<Item = Member>,
{
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        match (self.0.peek(), self.1.peek()) {
            (Some(one), Some(other)) if other < one => self.1.next(),
            (Some(_), _) => self.0.next(),
            (None, _) => self.1.next(),
        }
    }
}

impl Groups {
    fn base_of(&self, ordinal: u64) -> Option<&CompanyGroups> {
        self.base.as_ref().filter(|base| ordinal < base.count())
    }

    /// The direct members of a group from one on, in their order, whatever became of them. Nothing grows
    /// with their number.
    pub fn members_from(
        &self,
        ordinal: u64,
        start: Option<Member>,
    ) -> impl Iterator<Item = Member> {
        let entry = self.entries.get(&ordinal);
        let began = self
            .base_of(ordinal)
            .into_iter()
            .flat_map(move |base| base.members_from(ordinal, start))
            .filter(move |member| entry.is_none_or(|entry| !entry.left.contains(member)));
        let joined = entry
            .into_iter()
            .flat_map(move |entry| joined_from(&entry.joined, start));
        Merged(began.peekable(), joined.peekable())
    }

    /// Whether something is a direct member.
    #[must_use]
    pub fn holds(&self, ordinal: u64, member: Member) -> bool {
        let began = || {
            self.base_of(ordinal)
                .is_some_and(|base| base.holds(ordinal, member))
        };
        match self.entries.get(&ordinal) {
            Some(entry) if entry.joined.contains(&member) => true,
            Some(entry) if entry.left.contains(&member) => false,
            _ => began(),
        }
    }

    /// The groups that something is a direct member of, deleted ones included.
    pub(super) fn holders(&self, member: Member) -> BTreeSet<u64> {
        let began = self
            .base
            .iter()
            .flat_map(|base| base.holders(member))
            .filter(|ordinal| self.holds(*ordinal, member));
        let joined = self.entries.iter();
        let joined = joined.filter(|(_, entry)| entry.joined.contains(&member));
        began.chain(joined.map(|(ordinal, _)| *ordinal)).collect()
    }

    /// The live groups that something is in, directly or through another group.
    #[must_use]
    pub fn around(&self, member: Member) -> BTreeSet<u64> {
        let mut around = BTreeSet::new();
        let mut open = vec![member];
        while let Some(member) = open.pop() {
            for group in self.holders(member) {
                let live = self.standing(group) == GroupState::Live;
                if live && around.insert(group) {
                    open.push(Member::Group(group));
                }
            }
        }
        around
    }

    /// The live groups inside a group, at any depth, without itself. A circle ends where it begins again, and
    /// what is inside a deleted group is not inside those around it, nor what is inside one that is not open.
    pub fn nested(&self, ordinal: u64, is_open: impl Fn(&Record) -> bool) -> BTreeSet<u64> {
        let mut inside = BTreeSet::new();
        let mut open = vec![ordinal];
        while let Some(group) = open.pop() {
            if !self.group(group).is_some_and(|record| is_open(&record)) {
                continue;
            }
            // Groups come first among the members.
            let members = self.members_from(group, None);
            let nested = members.map_while(|member| match member {
                Member::Group(nested) => Some(nested),
                Member::Other(_) | Member::User(_) => None,
            });
            for nested in nested {
                let live = self.standing(nested) == GroupState::Live;
                if live && nested != ordinal && inside.insert(nested) {
                    open.push(nested);
                }
            }
        }
        inside
    }

    /// The members of some groups from one on, each once, in one order.
    pub fn members_of_any(
        &self,
        groups: &BTreeSet<u64>,
        start: Option<Member>,
    ) -> impl Iterator<Item = Member> {
        let mut sources: Vec<_> = groups
            .iter()
            .map(|group| self.members_from(*group, start).peekable())
            .collect();
        std::iter::from_fn(move || {
            let next = sources
                .iter_mut()
                .filter_map(|source| source.peek().copied())
                .min()?;
            for source in &mut sources {
                while source.next_if(|member| *member <= next).is_some() {}
            }
            Some(next)
        })
    }

    /// Records that somebody joined or left; `false` where it was so before.
    pub(super) fn move_member(&mut self, ordinal: u64, member: Member, joins: bool) -> bool {
        if self.holds(ordinal, member) == joins {
            return false;
        }
        let began = self
            .base_of(ordinal)
            .is_some_and(|base| base.holds(ordinal, member));
        let Some(entry) = self.entry(ordinal) else {
            return false;
        };
        match (began, joins) {
            (true, true) => entry.left.remove(&member),
            (true, false) => entry.left.insert(member),
            (false, true) => entry.joined.insert(member),
            (false, false) => entry.joined.remove(&member),
        }
    }
}

fn joined_from(joined: &BTreeSet<Member>, start: Option<Member>) -> impl Iterator<Item = Member> {
    let first = start.unwrap_or(Member::Group(0));
    joined.range(first..).copied()
}
