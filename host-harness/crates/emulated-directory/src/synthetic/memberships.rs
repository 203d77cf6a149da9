//! Who is in which group of a company.
//!
//! The first group holds everybody. The others are three tiers (departments, projects, teams), in each of
//! which a person is in one group: four memberships a person, where there are groups enough. Who is in a
//! group is an arithmetic progression of people's numbers, so that nothing is kept of it.

use crate::member::Member;
use crate::rng::scramble;

/// The memberships of so many people in so many groups.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memberships {
    pub(super) groups: u64,
    pub(super) people: u64,
    pub(super) seed: u64,
}

/// The numbers of the groups of which each person is in one: from, how many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tier {
    pub(super) number: u64,
    first: u64,
    size: u64,
}

impl Memberships {
    fn tiers(&self) -> impl Iterator<Item = Tier> {
        let rest = self.groups.saturating_sub(1);
        let departments = (rest / 20).max(rest.min(1));
        let projects = (rest - departments).div_ceil(2);
        let teams = rest - departments - projects;
        let sizes = [self.groups.min(1), departments, projects, teams];
        let mut first = 0;
        sizes
            .into_iter()
            .zip(0..)
            .filter_map(move |(size, number)| {
                let tier = Tier {
                    number,
                    first,
                    size,
                };
                first += size;
                (size > 0).then_some(tier)
            })
    }

    /// The tier of a group.
    pub(super) fn tier_of(&self, index: u64) -> Option<Tier> {
        self.tiers()
            .find(|tier| (tier.first..tier.first + tier.size).contains(&index))
    }

    /// How far the people of a tier are shifted against its groups.
    fn shift(&self, tier: Tier) -> u64 {
        scramble(self.seed ^ tier.number) % tier.size
    }

    /// The groups that a person is in.
    pub(super) fn groups_of(&self, person: u64) -> impl Iterator<Item = u64> {
        let there = person < self.people;
        self.tiers()
            .filter(move |_| there)
            .map(move |tier| tier.first + (person + self.shift(tier)) % tier.size)
    }

    /// The people in a group, from one of its members on.
    pub(super) fn people_of(&self, index: u64, start: Option<Member>) -> impl Iterator<Item = u64> {
        let tier = self.tier_of(index);
        let (first, step) = tier.map_or((self.people, 1), |tier| {
            let shifted = index - tier.first + tier.size - self.shift(tier);
            (shifted % tier.size, tier.size)
        });
        let first = match start {
            Some(Member::User(from)) if from > first => {
                first + (from - first).next_multiple_of(step)
            }
            _ => first,
        };
        let step = usize::try_from(step).unwrap_or(usize::MAX);
        (first..self.people).step_by(step)
    }
}
