//! Random lives, each a function of its seed: what the destination does, what other people and programs do, and what
//! goes wrong, judged after every step.

use std::collections::BTreeMap;

use super::*;
use destination_kit::destination::Doomed;
use messagemedia_emulator::{Arrays, Clear, Cut, Empty, OmittedSubscription, QueryArrays, Twins};

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

/// What is known of a contact that the destination has made.
struct Known {
    record: Record,
    note: Option<String>,
    loyalty: Option<String>,
    opted_out: bool,
}

struct History {
    world: World,
    draws: Draws,
    /// By the number of their user.
    people: BTreeMap<u32, Known>,
    next: u32,
    loyalty: String,
    ours: String,
    theirs: String,
}

impl History {
    fn begin(seed: u64) -> Self {
        let mut draws = Draws(seed);
        let world = World::like(Behaviour {
            arrays: *draws.pick(&[Arrays::Replace, Arrays::Merge]),
            clear: *draws.pick(&[Clear::EmptyString, Clear::Null, Clear::Refused]),
            duplicate_channels: *draws.pick(&[Twins::Conflict, Twins::Allowed]),
            empty: *draws.pick(&[Empty::EmptyString, Empty::Null, Empty::Absent]),
            query_arrays: *draws.pick(&[QueryArrays::Repeated, QueryArrays::Comma]),
            omitted_subscription: *draws
                .pick(&[OmittedSubscription::Kept, OmittedSubscription::Subscribed]),
            visibility_delay_ms: *draws.pick(&[0, 0, 4_000]),
            ..Behaviour::default()
        });
        let field =
            json!({"label": "Loyalty", "mergeTag": "loyalty", "maxLength": 20, "type": "TEXT"});
        let loyalty = id(&world.somebody("POST", "/custom-fields", field));
        let list = |name: &str| id(&world.somebody("POST", "/lists", json!({"name": name})));
        let (ours, theirs) = (list("Ours"), list("Theirs"));
        Self {
            world,
            draws,
            people: BTreeMap::new(),
            next: 1,
            loyalty,
            ours,
            theirs,
        }
    }

    fn somebody_known(&mut self) -> Option<u32> {
        let numbers: Vec<u32> = self.people.keys().copied().collect();
        (!numbers.is_empty()).then(|| *self.draws.pick(&numbers))
    }

    fn trouble(&mut self) {
        let method = *self.draws.pick(&["GET", "POST", "PATCH", "DELETE"]);
        let fault = match self.draws.below(6) {
            0 => Fault::throttled(2, Some("3")),
            1 => Fault::throttled(1, None),
            2 => Fault::unavailable_in_html(1),
            3 => Fault::failing_with_detail(1, "ana@contoso.example"),
            4 => Fault::lost_request(method),
            _ => Fault::lost_answer(method),
        };
        let skip = u64::try_from(self.draws.below(4)).unwrap();
        let times = if fault.cut == Some(Cut::AfterCommit) && self.draws.chance(10) {
            // Longer than patience lasts.
            Some(9)
        } else {
            fault.times
        };
        self.world.control().inject(Fault {
            skip,
            times,
            method: Some(method.to_owned()),
            ..fault
        });
    }

    /// After an outcome that nobody knows: the trouble is over, and what was written shows on every page.
    fn settle(&self) {
        self.world.control().clear_faults();
        self.world.control().advance(Duration::from_secs(6));
    }

    fn make(&mut self) {
        let number = self.next;
        self.next += 1;
        let mut draft = person(number);
        if self.draws.chance(50) {
            draft.lists.push(self.ours.clone());
        }
        let attempt = self.world.create(&draft);
        self.settle();
        let destination = self.world.destination();
        let made = match attempt {
            Ok(record) => Some(record),
            Err(_) => one(&destination, destination.created(&draft)).unwrap(),
        };
        let all = self.world.control().contacts();
        let mine = all.iter().filter(|contact| {
            contact["channels"][0]["channelId"] == *format!("+4477009{number:05}")
        });
        assert_eq!(
            mine.count(),
            usize::from(made.is_some()),
            "there is what was answered"
        );
        if let Some(record) = made {
            self.people.insert(
                number,
                Known {
                    record,
                    note: None,
                    loyalty: None,
                    opted_out: false,
                },
            );
        }
    }

    fn change(&mut self) {
        let Some(number) = self.somebody_known() else {
            return;
        };
        let version = self.draws.below(1_000);
        let mut writes: Vec<(&str, Option<String>)> = Vec::new();
        for name in ["first_name", "contact_name", "group"] {
            if self.draws.chance(40) {
                let filled = self.draws.chance(70);
                writes.push((name, filled.then(|| format!("{name} {version}"))));
            }
        }
        if self.draws.chance(40) {
            writes.push((
                "email",
                Some(format!("p{number}.{version}@contoso.example")),
            ));
        }
        if self.draws.chance(25) {
            self.next += 1;
            let grouped = self.draws.chance(50);
            let digits = format!("{:05}", 50_000 + self.next);
            let text = if grouped {
                format!("+44 77009 {digits}")
            } else {
                format!("+4477009{digits}")
            };
            writes.push(("phone_number", Some(text)));
        }
        let known = &self.people[&number];
        let borrowed: Vec<(&str, Option<&str>)> = writes
            .iter()
            .map(|(name, value)| (*name, value.as_deref()))
            .collect();
        let attempt = self.world.write(&patch(&known.record, &borrowed));
        self.settle();
        let now = self
            .world
            .fetch(&known.record.id)
            .expect("nobody has deleted it");
        match attempt {
            Ok(record) => {
                assert_eq!(record, now);
                for (name, value) in borrowed {
                    assert_eq!(field(&record, name), value, "{name}");
                }
            }
            Err(Failure::Refused(refusal)) if refusal.code == "cannot-clear" => {
                // What could be emptied may have been, before it turned out that the rest cannot.
                for (name, value) in &now.fields {
                    assert_eq!(field(&known.record, name), Some(&**value), "{name}");
                }
            }
            Err(Failure::Refused(refusal)) => {
                assert_eq!(refusal.code, "number-kept");
                for (name, value) in &now.fields {
                    assert_eq!(field(&known.record, name), Some(&**value), "{name}");
                }
            }
            Err(Failure::Unknown(_) | Failure::NotDone(_) | Failure::Unusable(_)) => {
                for (name, _) in &now.fields {
                    let was = field(&known.record, name);
                    let meant = borrowed
                        .iter()
                        .find(|(written, _)| written == name)
                        .and_then(|(_, value)| *value);
                    let is = field(&now, name);
                    assert!(is == was || is == meant || name == "phone_number", "{name}");
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
        let id = self.people[&number].record.id.clone();
        let doomed = [Doomed {
            id: id.clone(),
            guard: None,
        }];
        let destination = self.world.destination();
        let attempt = one(&destination, destination.delete(&doomed))
            .pop()
            .unwrap();
        self.settle();
        let is_there = self.world.fetch(&id).is_some();
        match attempt {
            // One whose first answer was lost is gone when it is asked for again.
            Ok(()) | Err(Failure::Gone) => assert!(!is_there),
            Err(failure) => assert!(
                matches!(failure, Failure::Unknown(_) | Failure::NotDone(_)),
                "{failure:?}"
            ),
        }
        if !is_there {
            self.people.remove(&number);
        }
    }

    fn join_or_leave(&mut self) {
        let ids: Vec<String> = self
            .people
            .values()
            .map(|known| known.record.id.clone())
            .collect();
        let (join, leave) = ids.split_at(self.draws.below(ids.len() + 1));
        let destination = self.world.destination();
        let attempt = one(
            &destination,
            destination.membership(&self.ours, join, leave),
        );
        self.settle();
        let is_on_ours = |id: &String| {
            let told = self.world.contact(id);
            told["lists"]
                .as_array()
                .unwrap()
                .iter()
                .any(|list| list["id"] == *self.ours)
        };
        if attempt.is_ok() {
            assert!(join.iter().all(is_on_ours));
            assert!(!leave.iter().any(is_on_ours));
        }
        for known in self.people.values_mut() {
            known.record = self.world.fetch(&known.record.id).unwrap();
        }
    }

    /// What other people and programs do, the persons themselves among them.
    fn others(&mut self) {
        let Some(number) = self.somebody_known() else {
            return;
        };
        let version = self.draws.below(1_000).to_string();
        let known = self.people.get_mut(&number).unwrap();
        let path = format!("/contacts/{}", known.record.id);
        match self.draws.below(5) {
            0 => {
                self.world
                    .somebody("PATCH", &path, json!({"note": version}));
                known.note = Some(version);
            }
            1 => {
                let told = self.world.contact(&known.record.id);
                let mut values = told["customFields"].as_array().unwrap().clone();
                values.retain(|value| value["id"] != *self.loyalty);
                values.push(json!({"id": self.loyalty, "value": version}));
                self.world
                    .somebody("PATCH", &path, json!({"customFields": values}));
                known.loyalty = Some(version);
            }
            2 => {
                let path = format!("/lists/{}/contacts/{}", self.theirs, known.record.id);
                self.world.somebody("POST", &path, Value::Null);
            }
            out_or_in => {
                known.opted_out = out_or_in == 3;
                let told = self.world.contact(&known.record.id);
                for channel in told["channels"].as_array().unwrap() {
                    let number = channel["channelId"].as_str().unwrap();
                    if known.opted_out {
                        self.world.control().opt_out(number);
                    } else {
                        self.world.control().opt_in(number);
                    }
                }
            }
        }
        known.record = self.world.fetch(&known.record.id).unwrap();
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
        let contacts = self.world.control().contacts();
        assert_eq!(
            contacts.len(),
            self.people.len(),
            "each contact is somebody's, and nobody has two"
        );
        for known in self.people.values() {
            let told = self.world.contact(&known.record.id);
            let note = told["note"].as_str().filter(|note| !note.is_empty());
            assert_eq!(note, known.note.as_deref(), "a property of others");
            let values = told["customFields"].as_array().unwrap();
            let loyalty = values.iter().find(|value| value["id"] == *self.loyalty);
            assert_eq!(
                loyalty.and_then(|value| value["value"].as_str()),
                known.loyalty.as_deref(),
                "a value of others"
            );
            for channel in told["channels"].as_array().unwrap() {
                let is_out = channel["subscriptionState"] == "UNSUBSCRIBED";
                assert_eq!(is_out, known.opted_out, "an opt-out is the person's alone");
            }
            assert_eq!(
                self.world.fetch(&known.record.id).as_ref(),
                Some(&known.record)
            );
        }
    }
}

#[test]
fn no_random_life_loses_or_doubles_anybody_or_touches_what_is_others() {
    let number = |name: &str, default: u64| {
        let stated = std::env::var(name).ok();
        stated.map_or(default, |text| text.parse().expect(name))
    };
    let first = number("TEST_SEED", 20_261_128);
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
                println!(
                    "TEST_SEED={seed} HISTORIES=1 cargo test -p destination-messagemedia histories"
                );
                std::panic::resume_unwind(panic);
            }
        }
    }
    assert!(people > 0, "somebody is left");
}
