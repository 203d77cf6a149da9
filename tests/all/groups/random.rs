//! Whatever happens to groups, in whatever order, and wherever runs are killed: after quiet, everybody is on
//! the lists of the groups that they are in, and on no others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use host_harness::contract::{RunMode, RunStatus};
use host_harness::graph_emulator::{Behaviour, Members};
use serde_json::{Value, json};

use super::{PEOPLE, groups};
use crate::world::crashing_store::{CrashingStore, Death};
use crate::world::{World, object_id, people, request};

const GROUPS: u32 = 5;
const STEPS: u32 = 14;
const SEEDS: u64 = 16;
/// The least that a store may take at a time.
const BATCH: u32 = 1_000;

/// A random number generator, so that a seed names a history (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 >> 33).unwrap() % bound
    }

    fn somebody(&mut self) -> u32 {
        1 + self.below(PEOPLE)
    }
}

/// A group that was made, and what it is called.
struct Made {
    id: String,
    is_deleted: bool,
}

struct History {
    world: World,
    made: Vec<Made>,
    random: Random,
    told: String,
    transitive: bool,
}

impl History {
    async fn begin(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let transitive = random.below(2) == 0;
        let mut sync =
            groups(json!({ "members": if transitive { "transitive" } else { "direct" } }));
        // What is held back is another test's; here everything that is told is believed.
        sync["limits"] = json!({
            "removals": { "count": 10_000, "percent": 100, "floor": 10_000 },
        });
        let behaviour = Behaviour {
            members_per_page: 1 + random.below(4) as usize,
            group_parts_apart: random.below(2) == 0,
            repeat_over_pages: random.below(2) == 0,
            replayed_changes: random.below(3) as usize,
            every_membership_change: random.below(2) == 0,
            ..Behaviour::default()
        };
        let world = World::with(people(PEOPLE), sync)
            .emulator(|options| {
                options.tenant.roles = ["User.Read.All", "GroupMember.Read.All"]
                    .map(str::to_owned)
                    .to_vec();
                options.behaviour = behaviour;
            })
            .begin()
            .await;
        let mut history = Self {
            world,
            made: Vec::new(),
            random,
            told: format!("seed {seed}, transitive {transitive}\n"),
            transitive,
        };
        for _ in 0..GROUPS {
            history.make_a_group();
        }
        history
    }

    fn tell(&mut self, what: &str) {
        writeln!(self.told, "{what}").unwrap();
    }

    fn make_a_group(&mut self) {
        let number = self.made.len() + 1;
        let members: BTreeSet<u32> = (0..self.random.below(6))
            .map(|_| self.random.somebody())
            .collect();
        let members: Vec<u32> = members.into_iter().collect();
        let name = format!("Group {number}");
        self.tell(&format!("{name} with {members:?}"));
        let id = self.world.add_group(&name, &members);
        self.made.push(Made {
            id,
            is_deleted: false,
        });
    }

    fn change_the_directory(&mut self) {
        let number = self.random.below(self.made.len() as u32) as usize;
        let (id, is_deleted) = (self.made[number].id.clone(), self.made[number].is_deleted);
        let name = format!("Group {}", number + 1);
        let person = self.random.somebody();
        let control = self.world.control().clone();
        match self.random.below(10) {
            0 => self.make_a_group(),
            1 if is_deleted => {
                self.tell(&format!("restore {name}"));
                control.restore_group(&id).unwrap();
                self.made[number].is_deleted = false;
            }
            1 => {
                self.tell(&format!("delete {name}"));
                control.delete_group(&id).unwrap();
                self.made[number].is_deleted = true;
            }
            2 if !is_deleted => {
                let renamed = format!("Group {}", 1 + self.random.below(8));
                self.tell(&format!("{name} is called {renamed}"));
                control
                    .edit_group(&id, json!({ "displayName": renamed }))
                    .unwrap();
            }
            3 if !is_deleted => {
                let inner = self.random.below(self.made.len() as u32) as usize;
                if !self.made[inner].is_deleted && inner != number {
                    let members = Members::of([self.made[inner].id.clone()]);
                    if self.random.below(2) == 0 {
                        self.tell(&format!("Group {} into {name}", inner + 1));
                        let _ = control.add_members(&id, &members);
                    } else {
                        self.tell(&format!("Group {} out of {name}", inner + 1));
                        let _ = control.remove_members(&id, &members);
                    }
                }
            }
            4 => {
                self.tell(&format!("person {person} is edited"));
                let change = json!({ "jobTitle": format!("Title {}", self.random.below(99)) });
                control.edit_user(&object_id(person), change).unwrap();
            }
            5..=7 if !is_deleted => {
                self.tell(&format!("{person} joins {name}"));
                self.world.join(&id, &[person]);
            }
            8.. if !is_deleted => {
                self.tell(&format!("{person} leaves {name}"));
                self.world.leave(&id, &[person]);
            }
            _ => {}
        }
    }

    async fn run(&mut self) {
        let mode = if self.random.below(4) == 0 {
            RunMode::Full
        } else {
            RunMode::Incremental
        };
        match self.random.below(5) {
            0 => {
                self.tell(&format!("{mode:?} in slices of a page"));
                let mut sliced = request(mode);
                sliced.slice.max_pages = Some(1);
                // Printed where the run does not come to its end.
                println!("{}", self.told);
                self.world.run(sliced).await;
            }
            1 => {
                self.tell(&format!("a plan, {mode:?}"));
                self.world.plan(mode).await;
            }
            2 | 3 => {
                let last = 1 + self.random.below(25) as usize;
                let death = if self.random.below(2) == 0 {
                    Death::Before
                } else {
                    Death::After
                };
                self.tell(&format!("{mode:?}, killed at write {last}, {death:?}"));
                let store = CrashingStore::new(self.world.store.clone(), BATCH, last, death);
                self.world.workspace.store = Arc::new(store);
                let _ = self.world.try_sync(request(mode)).await;
                self.world.workspace.store = self.world.store.clone();
            }
            _ => {
                self.tell(&format!("{mode:?}"));
                self.world.run(request(mode)).await;
            }
        }
    }

    /// By person, the names of the groups that they are in.
    fn expected(&self) -> BTreeMap<u32, BTreeSet<String>> {
        let control = self.world.control();
        let live: BTreeMap<&str, Value> = self
            .made
            .iter()
            .filter(|made| !made.is_deleted)
            .map(|made| {
                (
                    made.id.as_str(),
                    Value::from(control.group(&made.id).unwrap()),
                )
            })
            .collect();
        let members = |group: &str| -> Vec<String> {
            let members = live.get(group).map(|group| group["members"].clone());
            let members = members.as_ref().and_then(Value::as_array).cloned();
            let ids = members.unwrap_or_default().into_iter();
            ids.filter_map(|id| id.as_str().map(str::to_owned))
                .collect()
        };
        let mut expected: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
        for (id, group) in &live {
            let mut inside: BTreeSet<String> = BTreeSet::new();
            let mut open = vec![(*id).to_owned()];
            while let Some(group) = open.pop() {
                for member in members(&group) {
                    if inside.insert(member.clone())
                        && self.transitive
                        && live.contains_key(&*member)
                    {
                        open.push(member);
                    }
                }
            }
            for person in 1..=PEOPLE {
                if inside.contains(&object_id(person)) {
                    let name = group["displayName"].as_str().unwrap().to_owned();
                    expected.entry(person).or_default().insert(name);
                }
            }
        }
        expected
    }

    fn found(&self) -> BTreeMap<u32, BTreeSet<String>> {
        let found = (1..=PEOPLE).filter_map(|person| {
            let contact = self.world.contact_of(person)?;
            Some((person, contact.lists.into_iter().collect::<BTreeSet<_>>()))
        });
        found.filter(|(_, lists)| !lists.is_empty()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_quiet_everybody_is_on_the_lists_of_their_groups() {
    for seed in 1..=SEEDS {
        let mut history = History::begin(seed).await;
        for _ in 0..STEPS {
            for _ in 0..history.random.below(4) {
                history.change_the_directory();
            }
            history.run().await;
        }
        let last = history.world.sync().await;
        assert!(
            matches!(last.status, RunStatus::Succeeded | RunStatus::Warnings),
            "{}{last:?}",
            history.told
        );
        assert_eq!(history.found(), history.expected(), "{}", history.told);
        let quiet = history.world.sync().await;
        assert_eq!(quiet.counts.updated, 0, "{}{quiet:?}", history.told);
        let everybody = history.world.full_sync().await;
        assert_eq!(everybody.counts.updated, 0, "{}{everybody:?}", history.told);
        assert_eq!(history.found(), history.expected(), "{}", history.told);
    }
}
