//! A tenant as untidy as real ones, and a workspace that was in use before it was connected.
//!
//! The people are the emulator's synthetic company: guests, disabled accounts, missing values,
//! addresses that two accounts share. Contacts made by hand match some of them. Everything follows
//! from a seed, which is printed.

use std::collections::BTreeMap;

use host_harness::contract::{PlanEntry, RunMode};
use host_harness::graph_emulator::{ChangeError, DirectorySource};
use serde_json::{Value, json};

use super::World;

/// Two pages of the list of users.
const PEOPLE: u64 = 1_500;
/// The seed where the environment names none.
const SEED: u64 = 20_260_801;

/// The seed of this run: `TEST_SEED`, or always the same one.
pub fn seed() -> u64 {
    let seed = std::env::var("TEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(SEED);
    println!("TEST_SEED={seed}");
    seed
}

/// A world that is messy, and what changes it.
pub struct Messy {
    pub world: World,
    /// Everybody who would have got a contact at the beginning.
    pub people: Vec<String>,
    /// Disabled or deleted in weeks before.
    away: Vec<String>,
    random: Random,
}

/// Begins one. `sync` is the configuration, to which limits are added that no test meets.
pub async fn messy(mut sync: Value, seed: u64) -> Messy {
    sync["limits"] = json!({ "removals": { "count": 10_000, "percent": 100, "floor": 10_000 } });
    let world = World::with(Vec::new(), sync)
        .emulator(|options| {
            options.directory = DirectorySource::Synthetic {
                users: PEOPLE,
                seed,
            };
            options.delta_page_size = 40;
        })
        .begin()
        .await;
    world.plan(RunMode::Full).await;
    let newcomers = world.planned();
    assert!(newcomers.len() > 100, "enough people to be a mess");
    add_by_hand(&world, &newcomers);
    Messy {
        people: newcomers
            .into_iter()
            .map(|entry| entry.what.object_id)
            .collect(),
        world,
        away: Vec::new(),
        random: Random::new(seed),
    }
}

/// Contacts that were there before: some match one person, some two people who share an address,
/// and of some addresses there are two contacts.
fn add_by_hand(world: &World, newcomers: &[PlanEntry]) {
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    for entry in newcomers {
        *owners.entry(address(entry).to_lowercase()).or_default() += 1;
    }
    let shared = owners.iter().filter(|(_, owners)| **owners > 1);
    let some = newcomers.iter().step_by(37).map(address);
    let addresses: Vec<_> = shared
        .map(|(address, _)| address.clone())
        .chain(some.map(str::to_uppercase))
        .filter(|address| !address.is_empty())
        .collect();
    for (number, address) in addresses.iter().enumerate() {
        let fields = [("email", address.as_str()), ("company", "By hand")];
        world.add_contact(&fields);
        if number % 7 == 6 {
            world.add_contact(&[("email", address), ("last_name", "Twice")]);
        }
    }
    world.add_contact(&[("first_name", "Nobody's"), ("Shoe size", "42")]);
}

/// Whoever is gone, or came back to find the name given away, has no such day.
fn settle(happened: Result<String, ChangeError>) {
    match happened {
        Ok(_) | Err(ChangeError::NoSuchUser(_) | ChangeError::Taken { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

fn address(entry: &PlanEntry) -> &str {
    entry
        .what
        .fields
        .iter()
        .find(|field| field.field == "email")
        .and_then(|field| field.after.as_deref())
        .unwrap_or_default()
}

impl Messy {
    /// A busy week: half of those who are away come back, others come, change and go, and somebody
    /// edits contacts here.
    pub fn a_week_passes(&mut self) {
        for user in std::mem::take(&mut self.away).iter().step_by(2) {
            let control = self.world.control();
            let back = control.restore_user(user);
            settle(back.and_then(|user| control.enable_user(&user)));
            settle(control.enable_user(user));
        }
        for day in 0..180 {
            let user = self.anybody();
            let happened = self.one_day(day, &user);
            settle(happened);
        }
        self.edit_contacts();
    }

    fn one_day(&mut self, day: u64, user: &str) -> Result<String, ChangeError> {
        let other = self.anybody();
        let control = self.world.control();
        let name = self.random.below(1_000);
        match self.random.below(12) {
            0 => control.edit_user(user, json!({ "surname": format!("Née{name}") })),
            1 => control.edit_user(user, json!({ "department": "Sales" })),
            2 => control.edit_user(user, json!({ "department": null, "mobilePhone": null })),
            3 => control.edit_user(user, json!({ "companyName": "Fabrikam", "city": "Oslo" })),
            4 => {
                let address = control
                    .user(&other)
                    .and_then(|other| other.get("mail").cloned());
                control.edit_user(user, json!({ "mail": address }))
            }
            5 => control.edit_user(user, json!({ "mail": null, "givenName": null })),
            6 => {
                self.away.push(user.to_owned());
                control.disable_user(user)
            }
            7 => control.enable_user(user),
            8 => {
                self.away.push(user.to_owned());
                control.delete_user(user)
            }
            9 => control.purge_user(user),
            10 => control
                .delete_user(user)
                .and_then(|user| control.restore_user(&user)),
            _ => {
                let id = format!("99999999-0000-4000-8000-{:06}{day:06}", self.people.len());
                self.people.push(id.clone());
                control.add_user(json!({
                    "id": id,
                    "displayName": format!("Hire {day}"),
                    "givenName": "Hire",
                    "surname": format!("Nr {day}"),
                    "userPrincipalName": format!("{id}@contoso.com"),
                    "mail": format!("hire{day}@contoso.com"),
                    "department": "Support",
                    "mobilePhone": "+47 405 55 012",
                    "accountEnabled": true,
                    "userType": "Member",
                }))
            }
        }
    }

    fn edit_contacts(&mut self) {
        let contacts = self.world.contacts();
        for contact in contacts.iter().step_by(23) {
            let (field, value) = match self.random.below(4) {
                0 => ("last_name", Some("Edited here")),
                1 => ("mobile_phone", None),
                2 => ("display_name", Some("Edited here")),
                _ => ("office_location", Some("Edited here")),
            };
            self.world
                .store
                .edit_field(&contact.id, field, value)
                .unwrap();
        }
    }

    fn anybody(&mut self) -> String {
        let place = self.random.below(self.people.len() as u64);
        self.people[usize::try_from(place).unwrap()].clone()
    }
}

/// Numbers from a seed (SplitMix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// Puts a slice into another order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, slice: &mut [T]) {
        for end in (1..slice.len()).rev() {
            let place = usize::try_from(self.below(end as u64 + 1)).unwrap();
            slice.swap(end, place);
        }
    }
}
