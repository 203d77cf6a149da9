//! The groups of a company: a function of the seed, as its people are.
//!
//! Of a hundred groups 45 are for security (a tenth of them dynamic, a few assignable to roles), 30 of Microsoft 365 (a
//! twelfth with hidden membership), 10 for security with mail, 15 distribution lists; a fifth of those that
//! are not of Microsoft 365 come from an on-premises directory, and 30 have no description. One in forty
//! holds another group, a few of them in a circle; one in fifty a device, a service principal and an
//! organisational contact.

use serde_json::{Map, Value, json};

use super::memberships::Memberships;
use super::names::{DEPARTMENTS, PLACES};
use super::{Company, identity};
use crate::member::{Member, MemberKind};
use crate::record::Record;
use crate::rng::Draws;

/// What sets the ids of groups, and of what is neither a person nor a group, apart from people's.
const GROUPS: u64 = 0x6772_6F75_7073;
const OTHERS: u64 = 0x6F74_6865_7273;

/// One in so many groups holds a device, a service principal and a contact.
const WITH_OTHERS: u64 = 50;
const KINDS_OF_OTHERS: [MemberKind; 3] = [
    MemberKind::Device,
    MemberKind::ServicePrincipal,
    MemberKind::OrgContact,
];

const WORDS: [&str; 16] = [
    "Falcon",
    "Harbour",
    "Juniper",
    "Lantern",
    "Meridian",
    "Nimbus",
    "Orchard",
    "Pioneer",
    "Quartz",
    "Riverside",
    "Sapphire",
    "Tundra",
    "Umbra",
    "Vertex",
    "Willow",
    "Zephyr",
];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Security,
    Microsoft365,
    MailSecurity,
    Distribution,
}

/// The groups that a company starts with.
#[derive(Clone, Debug)]
pub(crate) struct CompanyGroups {
    count: u64,
    seed: u64,
    domain: String,
    memberships: Memberships,
}

impl CompanyGroups {
    pub(crate) fn of(company: &Company) -> Self {
        Self {
            count: company.groups,
            seed: company.seed,
            domain: company.domain.clone(),
            memberships: Memberships {
                groups: company.groups,
                people: company.users,
                seed: company.seed ^ GROUPS,
            },
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The members of a group from one on, in their order.
    pub(crate) fn members_from(
        &self,
        index: u64,
        start: Option<Member>,
    ) -> impl Iterator<Item = Member> {
        let nested = self.nested(index).map(Member::Group);
        let others = self.others_of(index).map(Member::Other);
        let first = nested.into_iter().chain(others);
        let first = first.filter(move |member| start.is_none_or(|start| *member >= start));
        let people = self.memberships.people_of(index, start);
        first.chain(people.map(Member::User))
    }

    /// Whether something is in a group.
    pub(crate) fn holds(&self, index: u64, member: Member) -> bool {
        match member {
            Member::User(person) => self
                .memberships
                .groups_of(person)
                .any(|group| group == index),
            Member::Group(_) | Member::Other(_) => self
                .members_from(index, Some(member))
                .next()
                .is_some_and(|found| found == member),
        }
    }

    /// The groups that something is in.
    pub(crate) fn holders(&self, member: Member) -> Vec<u64> {
        match member {
            Member::User(person) => self.memberships.groups_of(person).collect(),
            Member::Group(group) => [group.wrapping_sub(1), group.saturating_add(1)]
                .into_iter()
                .filter(|holder| *holder < self.count && self.nested(*holder) == Some(group))
                .collect(),
            Member::Other(other) => {
                let holder = other / 3 * WITH_OTHERS + 3;
                let holds = holder < self.count && self.holds(holder, member);
                holds.then_some(holder).into_iter().collect()
            }
        }
    }

    /// The group inside a group; every eightieth holds the one before it, which holds it in turn.
    fn nested(&self, index: u64) -> Option<u64> {
        if !self.may_nest(index) {
            return None;
        }
        match index % 80 {
            8 => index.checked_sub(1),
            _ if index % 40 == 7 => Some(index + 1).filter(|next| *next < self.count),
            _ => None,
        }
    }

    fn others_of(&self, index: u64) -> std::ops::Range<u64> {
        if index % WITH_OTHERS != 3 || self.kind(index).0 == Kind::Microsoft365 {
            return 0..0;
        }
        let first = index / WITH_OTHERS * 3;
        first..first + 3
    }

    fn may_nest(&self, index: u64) -> bool {
        let (kind, assignable) = self.kind(index);
        kind != Kind::Microsoft365 && !assignable
    }

    fn draws(&self, index: u64) -> Draws {
        Draws::of(self.seed ^ GROUPS, index)
    }

    /// What a group is, and whether roles can be assigned to it.
    fn kind(&self, index: u64) -> (Kind, bool) {
        if index == 0 {
            return (Kind::Microsoft365, false);
        }
        let mut draws = self.draws(index);
        match draws.below(100) {
            0..45 => (Kind::Security, draws.permille(30)),
            45..75 => (Kind::Microsoft365, false),
            75..85 => (Kind::MailSecurity, false),
            _ => (Kind::Distribution, false),
        }
    }

    fn id_of(seed: u64, index: u64) -> String {
        let mut id = Vec::with_capacity(36);
        identity::write_id(identity::id_bits(seed, index), &mut id);
        String::from_utf8_lossy(&id).into_owned()
    }

    /// The number behind an object id of a group.
    pub(crate) fn find(&self, id: &str) -> Option<u64> {
        let index = identity::index_of(self.seed ^ GROUPS, id)?;
        (index < self.count).then_some(index)
    }

    pub(crate) fn id(&self, index: u64) -> String {
        Self::id_of(self.seed ^ GROUPS, index)
    }

    /// A group as the service states it, without its members.
    pub(crate) fn record(&self, index: u64) -> Record {
        let (kind, assignable) = self.kind(index);
        let mut draws = Draws::of(self.seed ^ GROUPS, index.wrapping_add(identity::CAPACITY));
        let name = self.name(index, &mut draws);
        let nickname: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .flat_map(char::to_lowercase)
            .collect();
        let nickname = format!("{nickname}-g{index}");
        let mail_enabled = kind != Kind::Security;
        let unified = kind == Kind::Microsoft365;
        let dynamic = kind == Kind::Security && !assignable && draws.permille(100);
        let synced = !unified && !dynamic && !assignable && draws.permille(200);
        let described = !draws.permille(300);
        let visibility = match draws.below(12) {
            0 if index > 0 => "HiddenMembership",
            1..6 => "Private",
            _ => "Public",
        };
        let mut types = Vec::new();
        if unified {
            types.push("Unified");
        }
        if dynamic {
            types.push("DynamicMembership");
        }
        let year = 2016 + draws.below(9);
        let created = format!(
            "{year}-{:02}-{:02}T08:00:00Z",
            draws.below(12) + 1,
            draws.below(28) + 1
        );
        let mut record = Map::new();
        let mut set = |name: &str, value: Value| record.insert(name.to_owned(), value);
        set("id", json!(self.id(index)));
        set("createdDateTime", json!(created));
        set("renewedDateTime", json!(created));
        set("displayName", json!(name));
        set("mailNickname", json!(nickname));
        set("mailEnabled", json!(mail_enabled));
        set(
            "securityEnabled",
            json!(matches!(kind, Kind::Security | Kind::MailSecurity)),
        );
        if !types.is_empty() {
            set("groupTypes", json!(types));
        }
        if described {
            set(
                "description",
                json!(format!("{name}: everybody who works on it")),
            );
        }
        if mail_enabled {
            let address = format!("{nickname}@{}", self.domain);
            set("proxyAddresses", json!([format!("SMTP:{address}")]));
            set("mail", json!(address));
        }
        if unified {
            set("visibility", json!(visibility));
        }
        if dynamic {
            let rule = format!("(user.department -eq \"{name}\")");
            set("membershipRule", json!(rule));
            set("membershipRuleProcessingState", json!("On"));
        }
        if synced {
            set("onPremisesSyncEnabled", json!(true));
        }
        if assignable {
            set("isAssignableToRole", json!(true));
        }
        record
    }

    /// One in fifty of the projects and teams bears a name that another has as well.
    fn name(&self, index: u64, draws: &mut Draws) -> String {
        let word = draws.pick(&WORDS).copied().unwrap_or("Umbra");
        let numbered = !draws.permille(20);
        match self
            .memberships
            .tier_of(index)
            .map_or(0, |tier| tier.number)
        {
            0 => "All Company".to_owned(),
            1 => {
                let department = draws.pick(&DEPARTMENTS).map_or("Sales", |found| found.name);
                let city = draws.pick(&PLACES).map_or("Seattle", |found| found.city);
                format!("{department} {city} {index}")
            }
            2 if numbered => format!("Project {word} {index}"),
            2 => format!("Project {word}"),
            _ if numbered => format!("{word} Team {index}"),
            _ => format!("{word} Team"),
        }
    }

    /// Everything that is in a group and neither a person nor a group, with its type.
    pub(crate) fn others(&self) -> Vec<(MemberKind, Record)> {
        let holders = self.count.saturating_add(WITH_OTHERS - 4) / WITH_OTHERS;
        let places = (0..holders * 3).zip(KINDS_OF_OTHERS.into_iter().cycle());
        let others = places.map(|(place, kind)| {
            let id = Self::id_of(self.seed ^ OTHERS, place);
            let value = match kind {
                MemberKind::Device => json!({
                    "id": id, "displayName": format!("LAPTOP-{place:05}"), "accountEnabled": true,
                    "operatingSystem": "Windows",
                }),
                MemberKind::OrgContact => json!({
                    "id": id, "displayName": format!("Partner Desk {place}"),
                    "mail": format!("desk{place}@fabrikam.com"), "companyName": "Fabrikam",
                }),
                _ => json!({
                    "id": id, "displayName": format!("Automation {place}"), "accountEnabled": true,
                    "servicePrincipalType": "Application",
                }),
            };
            let record = value.as_object().cloned().unwrap_or_default();
            (kind, record)
        });
        others.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    const SEED: u64 = 20_260_101;

    fn groups(people: u64, count: u64) -> CompanyGroups {
        CompanyGroups::of(&Company::new(people, SEED, "Contoso").with_groups(count))
    }

    #[test]
    fn a_person_is_in_four_groups_and_each_of_them_says_so() {
        let groups = groups(3_000, 150);
        let mut memberships: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
        for index in 0..groups.count() {
            let members: Vec<Member> = groups.members_from(index, None).collect();
            assert!(members.is_sorted(), "seed {SEED}, group {index}");
            for member in members {
                assert!(
                    groups.holds(index, member),
                    "seed {SEED}, {member:?} in {index}"
                );
                assert!(
                    groups.holders(member).contains(&index),
                    "{member:?} in {index}"
                );
                if let Member::User(person) = member {
                    memberships.entry(person).or_default().insert(index);
                }
            }
        }
        assert_eq!(memberships.len(), 3_000);
        assert!(memberships.values().all(|groups| groups.len() == 4));
        assert_eq!(
            groups.memberships.people_of(0, None).count(),
            3_000,
            "the first holds everybody"
        );
    }

    #[test]
    fn members_are_read_on_from_any_of_them() {
        let groups = groups(3_000, 150);
        for index in [0, 3, 7, 20, 120] {
            let all: Vec<Member> = groups.members_from(index, None).collect();
            for (place, member) in all.iter().enumerate().step_by(7) {
                let rest: Vec<Member> = groups.members_from(index, Some(*member)).collect();
                assert_eq!(rest, all[place..], "seed {SEED}, group {index}");
            }
        }
    }

    #[test]
    fn few_groups_are_enough_for_what_there_is() {
        for count in 0..5 {
            let groups = groups(10, count);
            assert_eq!(groups.memberships.groups_of(3).count() as u64, count.min(4));
            assert!((0..count).all(|index| groups.memberships.people_of(index, None).count() > 0));
        }
    }

    #[test]
    fn ids_lead_back_and_the_untidiness_is_there() {
        let groups = groups(10_000, 2_000);
        let records: Vec<Record> = (0..2_000).map(|index| groups.record(index)).collect();
        for (index, record) in (0..).zip(&records) {
            assert_eq!(groups.find(record["id"].as_str().unwrap()), Some(index));
            let known = |name: &String| crate::group_properties::find(name).is_some();
            assert!(record.keys().all(known), "{record:?}");
        }
        let count = |wanted: &dyn Fn(&Record) -> bool| records.iter().filter(|r| wanted(r)).count();
        assert!((500..700).contains(&count(&|r| r["mailEnabled"] == true
            && r["securityEnabled"] == false
            && r.contains_key("visibility"))));
        assert!((20..80).contains(&count(
            &|r| r.get("visibility") == Some(&json!("HiddenMembership"))
        )));
        assert!(count(&|r| r.contains_key("membershipRule")) > 50);
        assert!(count(&|r| r.contains_key("isAssignableToRole")) > 10);
        let names: BTreeSet<&str> = records
            .iter()
            .map(|r| r["displayName"].as_str().unwrap())
            .collect();
        assert!(names.len() < records.len(), "a name is not unique");
        let circles = (0..2_000).filter(|index| {
            let inside = groups.nested(*index);
            inside.is_some_and(|inside| groups.nested(inside) == Some(*index))
        });
        assert!(circles.count() > 0, "seed {SEED}");
    }
}
