//! Random lives, each a function of its seed: what the destination does, what other people and programs do, and what
//! goes wrong, judged after every step.

use std::collections::BTreeMap;

use super::*;

/// Draws from a seed: SplitMix64.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'t, T>(&mut self, table: &'t [T]) -> &'t T {
        &table[self.below(table.len())]
    }
}

/// What is known of a user whom the destination has made.
struct Known {
    record: Record,
    /// What others keep there.
    nick: Option<String>,
    home: Option<String>,
    in_ours: bool,
    in_theirs: bool,
}

struct History {
    world: World,
    draws: Draws,
    /// By the number of their user.
    people: BTreeMap<u32, Known>,
    next: u32,
    ours: String,
    theirs: String,
    /// A user of another program, as it has to stay.
    provisioned: Value,
}

fn behaviour(draws: &mut Draws) -> Behaviour {
    Behaviour {
        says: draws.chance(70),
        versions: draws.chance(50),
        patch: *draws.pick(&[
            Patching::Works,
            Patching::Works,
            Patching::No,
            Patching::NoAgainstItsWord,
            Patching::Ignored,
        ]),
        tells_after_patch: draws.chance(50),
        filters: *draws.pick(&[
            Filters::All,
            Filters::OneTerm,
            Filters::Ignored,
            Filters::No,
        ]),
        exact_user_names: draws.chance(30),
        twins: draws.chance(50),
        page: *draws.pick(&[1, 3, 10, 1_000]),
        stuck: draws.chance(20),
        active_as_text: draws.chance(30),
        takes_out: *draws.pick(&[
            TakingOut::Path,
            TakingOut::Values,
            TakingOut::Silent,
            TakingOut::Everybody,
        ]),
        joins_twice: draws.chance(50),
        forgets_members: draws.chance(70),
        capitals: draws.chance(20),
        lag_ms: *draws.pick(&[0, 0, 4_000]),
        ..Behaviour::default()
    }
}

impl History {
    fn begin(seed: u64) -> Self {
        let mut draws = Draws(seed);
        let world = World::like(behaviour(&mut draws));
        let ours = world.group("Ours");
        let theirs = world.group("Theirs");
        let id = world.stranger(
            "provisioned@contoso.example",
            json!({"externalId": "0a0a0a0a-1111-4222-8333-000000000001", "displayName": "As Entra says"}),
        );
        let provisioned = world.server.user(&id).unwrap();
        world.pass(6_000);
        Self {
            world,
            draws,
            people: BTreeMap::new(),
            next: 1,
            ours,
            theirs,
            provisioned,
        }
    }

    fn somebody_known(&mut self) -> Option<u32> {
        let numbers: Vec<u32> = self.people.keys().copied().collect();
        (!numbers.is_empty()).then(|| *self.draws.pick(&numbers))
    }

    fn trouble(&mut self) {
        let method = *self.draws.pick(&["GET", "POST", "PUT", "PATCH", "DELETE"]);
        let trouble = *self.draws.pick(&[
            Trouble::LostAnswer,
            Trouble::LostAnswer,
            Trouble::LostRequest,
            Trouble::Status(429),
            Trouble::Status(503),
            Trouble::Status(502),
        ]);
        // Sometimes longer than patience lasts.
        let times = if self.draws.chance(10) { 12 } else { 1 };
        for _ in 0..times {
            self.world.trouble(method, trouble);
        }
    }

    /// The trouble is over, and what was written shows on every page.
    fn settle(&self) {
        self.world.troubles.borrow_mut().clear();
        self.world.pass(6_000);
    }

    fn make(&mut self) {
        let number = self.next;
        self.next += 1;
        let draft = Draft {
            active: self.draws.chance(90),
            decided_at_ms: self.world.now(),
            ..person(number)
        };
        let attempt = self.world.create(&draft);
        self.settle();
        let destination = self.world.destination();
        let found = one(&destination, destination.created(&draft)).unwrap();
        let name = format!("person{number}@contoso.example");
        let users = self.world.server.users();
        let there = users.iter().filter(|user| user["userName"] == *name);
        assert_eq!(
            there.count(),
            usize::from(found.is_some()),
            "nobody is there twice"
        );
        if let Ok(record) = &attempt {
            assert_eq!(found.as_ref(), Some(record));
        }
        if let Some(record) = found {
            assert!(!matches!(attempt, Err(Failure::NotDone(_))), "{attempt:?}");
            let known = Known {
                record,
                nick: None,
                home: None,
                in_ours: false,
                in_theirs: false,
            };
            self.people.insert(number, known);
        }
    }

    fn change(&mut self) {
        let Some(number) = self.somebody_known() else {
            return;
        };
        let version = self.draws.below(1_000);
        let mut writes: Vec<(&str, Option<String>)> = Vec::new();
        for name in ["first_name", "contact_name", "group", "email", "work_phone"] {
            if self.draws.chance(40) {
                let filled = self.draws.chance(70);
                writes.push((name, filled.then(|| format!("{name} {version}"))));
            }
        }
        let known = &self.people[&number];
        let borrowed: Vec<(&str, Option<&str>)> = writes
            .iter()
            .map(|(name, value)| (*name, value.as_deref()))
            .collect();
        let mut patch = patch(&known.record, &borrowed);
        if self.draws.chance(30) {
            patch.active = Some(known.record.active == Some(false));
        }
        let overtaken = self.draws.chance(10);
        if overtaken {
            let title = json!({"title": format!("Theirs {version}")});
            self.world.server.somebody_writes(&known.record.id, title);
        }
        let attempt = self.world.write(&patch);
        self.settle();
        let now = self
            .world
            .fetch(&known.record.id)
            .expect("nobody has deleted it");
        match attempt {
            // Nothing was to be done, and nobody was asked.
            Ok(_) if patch.writes.is_empty() && patch.active.is_none() => {}
            Ok(record) => {
                assert_eq!(record, now);
                for (name, value) in borrowed {
                    assert_eq!(field(&record, name), value, "{name}");
                }
                if overtaken {
                    let theirs = format!("Theirs {version}");
                    assert_eq!(
                        field(&record, "job_title"),
                        Some(&*theirs),
                        "is written over"
                    );
                }
            }
            Err(Failure::Changed) => assert!(overtaken, "{patch:?}"),
            Err(Failure::Unknown(_) | Failure::NotDone(_) | Failure::Unusable(_)) => {
                for (name, is) in &now.fields {
                    let meant = borrowed.iter().find(|(written, _)| written == name);
                    let is_meant = meant.is_some_and(|(_, value)| *value == Some(is));
                    let was = field(&known.record, name) == Some(is);
                    assert!(is_meant || was || name == "job_title", "{name}");
                }
            }
            Err(failure) => panic!("{failure:?}"),
        }
        self.people.get_mut(&number).unwrap().record = now;
    }

    fn remove(&mut self) {
        let Some(number) = self.somebody_known() else {
            return;
        };
        let record = self.people[&number].record.clone();
        let attempt = self.world.delete(&record);
        self.settle();
        let is_there = self.world.fetch(&record.id).is_some();
        match attempt {
            // One whose first answer was lost is gone when it is asked for again.
            Ok(()) | Err(Failure::Gone) => assert!(!is_there),
            Err(failure) => assert!(
                matches!(
                    failure,
                    Failure::Unknown(_) | Failure::NotDone(_) | Failure::Unusable(_)
                ),
                "{failure:?}"
            ),
        }
        if !is_there {
            self.people.remove(&number);
        }
    }

    fn join_or_leave(&mut self) {
        let numbers: Vec<u32> = self.people.keys().copied().collect();
        let (join, leave) = numbers.split_at(self.draws.below(numbers.len() + 1));
        let ids = |numbers: &[u32]| -> Vec<String> {
            let ids = numbers
                .iter()
                .map(|number| self.people[number].record.id.clone());
            ids.collect()
        };
        let destination = self.world.destination();
        let (add, remove) = (ids(join), ids(leave));
        let attempt = one(
            &destination,
            destination.membership(&self.ours, &add, &remove),
        );
        self.settle();
        let members = self.world.server.members(&self.ours);
        if attempt.is_ok() {
            assert!(add.iter().all(|id| members.contains(id)), "{members:?}");
            assert!(!remove.iter().any(|id| members.contains(id)), "{members:?}");
        }
        for known in self.people.values_mut() {
            known.in_ours = members.contains(&known.record.id);
        }
    }

    /// What other people and programs do.
    fn others(&mut self) {
        let Some(number) = self.somebody_known() else {
            return;
        };
        let version = self.draws.below(1_000).to_string();
        let known = self.people.get_mut(&number).unwrap();
        let id = known.record.id.clone();
        match self.draws.below(4) {
            0 => {
                self.world
                    .server
                    .somebody_writes(&id, json!({"nickName": version}));
                known.nick = Some(version);
            }
            1 => {
                let user = self.world.server.user(&id).unwrap();
                let mut emails = user["emails"].as_array().cloned().unwrap_or_default();
                emails.retain(|email| email["type"] != "home");
                emails.push(json!({"value": version, "type": "home"}));
                self.world
                    .server
                    .somebody_writes(&id, json!({"emails": emails}));
                known.home = Some(version);
            }
            2 => {
                let members = self.world.server.members(&self.theirs);
                if !members.contains(&id) {
                    let values: Vec<_> = members
                        .iter()
                        .chain([&id])
                        .map(|id| json!({"value": id}))
                        .collect();
                    let group = json!({"displayName": "Theirs", "members": values});
                    self.world
                        .somebody("PUT", &format!("/Groups/{}", self.theirs), group);
                    known.in_theirs = true;
                }
            }
            _ => {
                let title = json!({"title": format!("Theirs {version}")});
                self.world.server.somebody_writes(&id, title);
            }
        }
        known.record = self.world.fetch(&id).unwrap();
    }

    fn step(&mut self) {
        if self.draws.chance(50) {
            self.trouble();
        }
        match self.draws.below(10) {
            0..=2 => self.make(),
            3..=5 => self.change(),
            6 => self.remove(),
            7 => self.join_or_leave(),
            _ => {
                self.settle();
                self.others();
            }
        }
        self.settle();
        self.judge();
    }

    fn judge(&self) {
        let users = self.world.server.users();
        assert_eq!(
            users.len(),
            self.people.len() + 1,
            "each user is somebody's, and nobody has two"
        );
        let id = self.provisioned["id"].as_str().unwrap();
        assert_eq!(self.world.server.user(id).as_ref(), Some(&self.provisioned));
        let (ours, theirs) = (
            self.world.server.members(&self.ours),
            self.world.server.members(&self.theirs),
        );
        for known in self.people.values() {
            let id = &known.record.id;
            let user = self.world.server.user(id).unwrap();
            assert_eq!(user["nickName"].as_str(), known.nick.as_deref());
            let emails = user["emails"].as_array().cloned().unwrap_or_default();
            let home = emails.iter().find(|email| email["type"] == "home");
            assert_eq!(
                home.and_then(|home| home["value"].as_str()),
                known.home.as_deref()
            );
            let times = |members: &Vec<String>| members.iter().filter(|known| *known == id).count();
            assert_eq!(
                times(&ours),
                usize::from(known.in_ours),
                "in our group once"
            );
            assert_eq!(
                times(&theirs),
                usize::from(known.in_theirs),
                "in theirs as they say"
            );
            assert_eq!(self.world.fetch(id).as_ref(), Some(&known.record));
        }
    }
}

#[test]
fn no_random_life_loses_or_doubles_anybody_or_touches_what_is_others() {
    let number = |name: &str, default: u64| {
        let stated = std::env::var(name).ok();
        stated.map_or(default, |text| text.parse().expect(name))
    };
    let first = number("TEST_SEED", 20_261_129);
    let mut people = 0;
    for seed in first..first + number("HISTORIES", 1_000) {
        let told = std::panic::catch_unwind(|| {
            let mut history = History::begin(seed);
            for _ in 0..20 {
                history.step();
            }
            history.people.len()
        });
        match told {
            Ok(there) => people += there,
            Err(panic) => {
                println!("TEST_SEED={seed} HISTORIES=1 cargo test -p destination-scim histories");
                std::panic::resume_unwind(panic);
            }
        }
    }
    assert!(people > 0, "somebody is left");
}
