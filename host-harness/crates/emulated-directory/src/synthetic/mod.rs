//! A company of any size from a seed.
//!
//! Person number `i` is a pure function of the seed and `i`, and the object id is a bijection of
//! `i`: nothing is stored, a million people start at once, and `/users/{id}` finds its person
//! without a table. The untidiness is that of a real tenant; the rates stand beside the draws in
//! [`Person`].

mod contact;
mod group;
pub(crate) mod identity;
mod memberships;
mod names;
mod person;

pub(crate) use group::CompanyGroups;

pub use person::{Field, Person};

use crate::record::Record;

/// What stands between a guest's own address and the tenant's domain.
const GUEST_MARK: &str = "#EXT#";

/// A company: its size, its seed and the domains that follow from its name.
#[derive(Clone, Debug)]
pub struct Company {
    users: u64,
    groups: u64,
    seed: u64,
    /// The verified default domain, such as `contoso.com`.
    domain: String,
    /// The initial domain, such as `contoso.onmicrosoft.com`.
    initial_domain: String,
}

impl Company {
    /// A company whose domains follow from the organisation's name.
    pub fn new(users: u64, seed: u64, organization: &str) -> Self {
        let (domain, initial_domain) = domains(organization);
        Self {
            users: users.min(identity::CAPACITY),
            groups: 0,
            seed,
            domain,
            initial_domain,
        }
    }

    /// The same company with so many groups, of which each person is in four (where there are that many).
    #[must_use]
    pub fn with_groups(mut self, groups: u64) -> Self {
        self.groups = groups.min(identity::CAPACITY);
        self
    }

    /// How many people there are.
    pub fn users(&self) -> u64 {
        self.users
    }

    /// Person number `index`.
    pub fn person(&self, index: u64) -> Person<'_> {
        Person::draw(self, index)
    }

    /// Organisational contact number `index`.
    pub fn contact(&self, index: u64) -> Record {
        contact::record(self.seed, index)
    }

    /// The number behind an object id, or `None` for an id that this company never issued.
    pub fn find(&self, id: &str) -> Option<u64> {
        let index = identity::index_of(self.seed, id)?;
        (index < self.users).then_some(index)
    }

    /// The number behind a user principal name in any case: the number stands at the end of the
    /// alias, and the person drawn from it must bear the whole name.
    pub fn find_by_name(&self, name: &str) -> Option<u64> {
        let (local, _) = name.rsplit_once('@')?;
        let guest = local.len().checked_sub(GUEST_MARK.len()).and_then(|end| {
            let (address, mark) = local.split_at_checked(end)?;
            let alias = address.rsplit_once('_')?.0;
            mark.eq_ignore_ascii_case(GUEST_MARK).then_some(alias)
        });
        let alias = guest.unwrap_or(local);
        let digits = alias.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let index: u64 = alias.get(digits..)?.parse().ok()?;
        if index >= self.users {
            return None;
        }
        let drawn = self.person(index).principal_name();
        drawn.eq_ignore_ascii_case(name).then_some(index)
    }
}

/// The default and the initial domain of an organisation.
pub fn domains(organization: &str) -> (String, String) {
    let slug: String = organization
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let slug = if slug.is_empty() { "tenant" } else { &*slug };
    (format!("{slug}.com"), format!("{slug}.onmicrosoft.com"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const SEED: u64 = 20_260_101;

    fn company(users: u64) -> Company {
        Company::new(users, SEED, "Contoso")
    }

    fn id(company: &Company, index: u64) -> String {
        let record = company.person(index).record();
        record["id"].as_str().unwrap().to_owned()
    }

    #[test]
    fn every_id_leads_back_to_its_person_and_no_two_are_alike() {
        let company = company(5_000);
        let mut seen = HashSet::new();
        for index in 0..5_000 {
            let id = id(&company, index);
            assert_eq!(company.find(&id), Some(index), "seed {SEED}, {id}");
            assert_eq!(company.find(&id.to_uppercase()), Some(index));
            assert!(seen.insert(id));
        }
    }

    #[test]
    fn an_id_of_another_seed_or_beyond_the_size_is_unknown() {
        let beyond = id(&company(6_000), 5_500);
        assert_eq!(company(5_000).find(&beyond), None);
        let other = id(&Company::new(5_000, SEED + 1, "Contoso"), 1);
        assert_eq!(company(5_000).find(&other), None);
        assert_eq!(company(5_000).find("not-an-id"), None);
        assert_eq!(company(5_000).find("ééééé-éé-é"), None);
    }

    #[test]
    fn every_user_principal_name_is_unique_and_leads_back_to_its_person() {
        let company = company(5_000);
        let mut seen = HashSet::new();
        for index in 0..5_000 {
            let name = company.person(index).principal_name();
            assert_eq!(
                company.find_by_name(&name),
                Some(index),
                "seed {SEED}, {name}"
            );
            assert!(seen.insert(name.to_lowercase()));
        }
        assert_eq!(company.find_by_name("nobody@contoso.com"), None);
    }

    #[test]
    fn the_same_seed_draws_the_same_people_and_another_seed_draws_others() {
        let one: Vec<_> = (0..50).map(|i| company(100).person(i).record()).collect();
        let two: Vec<_> = (0..50).map(|i| company(100).person(i).record()).collect();
        assert_eq!(one, two);
        let other = Company::new(100, SEED + 1, "Contoso");
        let three: Vec<_> = (0..50).map(|i| other.person(i).record()).collect();
        assert_ne!(one, three);
    }

    #[test]
    fn the_untidiness_is_all_there_at_its_documented_rate() {
        let company = company(20_000);
        let count = |wanted: &dyn Fn(&serde_json::Map<String, serde_json::Value>) -> bool| {
            (0..20_000)
                .filter(|&index| wanted(&company.person(index).record()))
                .count()
        };
        let within = |what: &str, found: usize, rate: f64| {
            let expected = rate * 20_000.0;
            #[expect(clippy::cast_precision_loss, reason = "counts below 20,000 are exact")]
            let found = found as f64;
            assert!(
                (found - expected).abs() < 0.25 * expected + 30.0,
                "seed {SEED}: {what}: {found}, about {expected} expected"
            );
        };
        within("guests", count(&|r| r["userType"] == "Guest"), 0.08);
        within("no mail", count(&|r| !r.contains_key("mail")), 0.055);
        within("disabled", count(&|r| r["accountEnabled"] == false), 0.06);
        within(
            "no department",
            count(&|r| !r.contains_key("department")),
            0.25,
        );
        within(
            "not ASCII",
            count(&|r| !r["displayName"].as_str().unwrap().is_ascii()),
            0.12,
        );
        within(
            "apostrophe",
            count(&|r| r["displayName"].as_str().unwrap().contains('\'')),
            0.027,
        );
        let mut addresses: Vec<_> = (0..20_000)
            .filter_map(|index| company.person(index).record().get("mail").cloned())
            .map(|mail| mail.as_str().unwrap().to_lowercase())
            .collect();
        let all = addresses.len();
        addresses.sort_unstable();
        addresses.dedup();
        within("shared addresses", all - addresses.len(), 0.004);
    }
}
