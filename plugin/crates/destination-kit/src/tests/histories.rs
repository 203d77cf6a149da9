//! Random histories with a service that loses answers, is busy, lags behind and is written by others, and with a
//! process that dies: once there is quiet, everybody is as they are wanted, and nobody twice.

use super::*;
use crate::destination::GuardKind;
use crate::testing::Trouble;

const HISTORIES: u64 = 1_000;
const USERS: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];
const COMPANIES: [&str; 3] = ["A", "B", "C"];
const LISTS: [&str; 3] = ["Sales", "Support", "Board"];

fn some_profile(dice: &Dice) -> Profile {
    let mut profile = profile();
    let capabilities = &mut profile.capabilities;
    if dice.percent(50) {
        capabilities.guard = GuardKind::Conditional;
    }
    capabilities.lists_on_create = dice.percent(50);
    capabilities.find_by.match_key = dice.percent(50);
    capabilities.batch.create = 1 + dice.below(3);
    capabilities.batch.write = 1 + dice.below(3);
    capabilities.batch.membership = 1 + dice.below(3);
    capabilities.width = 1 + dice.below(8);
    if dice.percent(50) {
        capabilities.settles_after_ms = 5_000;
    }
    profile.tells_active = dice.percent(70);
    profile
}

fn some_directory(dice: &Dice) -> Directory {
    let users = USERS.iter().filter(|_| dice.percent(80));
    let wanted = users.map(|user| {
        let wanted = match dice.below(6) {
            0 => Wanted::Gone(RemovalKind::Delete),
            1 => Wanted::Gone(RemovalKind::Deactivate),
            _ => {
                let lists: Vec<_> = LISTS.into_iter().filter(|_| dice.percent(40)).collect();
                there(user, COMPANIES[dice.below(COMPANIES.len())], &lists)
            }
        };
        ((*user).to_owned(), wanted)
    });
    wanted.collect()
}

fn some_trouble(dice: &Dice) -> Trouble {
    Trouble {
        lost_after: dice.below(30),
        lost_before: dice.below(30),
        busy: dice.below(30),
        overtaken: dice.below(30),
    }
}

/// Whoever is gone for the directory in the end was gone before, too.
fn history(seed: u64) {
    let dice = Dice::of(seed);
    let world = World::new(some_profile(&dice), seed);
    for turn in 0..1 + dice.below(6) {
        world.service.troubled(some_trouble(&dice));
        if dice.percent(30) {
            world.life.ends_after(dice.below(12) as u64);
        }
        let wanted = some_directory(&dice);
        // Whether it fails or not is not the question.
        let _ = world.sync(&wanted, &format!("place {turn}"));
        world.life.begin_again();
        if dice.percent(40) {
            world.clock.pass(3_000);
        }
        let records = world.service.records();
        if let Some(record) = records
            .get(dice.below(records.len()))
            .filter(|_| dice.percent(30))
        {
            let _ = world.service.edit(&record.id, "job_title", Some("By hand"));
        }
    }
    world.service.troubled(Trouble::default());
    let mut wanted = some_directory(&dice);
    for user in USERS {
        let somewhere = || there(user, "Last", &["Sales"]);
        wanted.entry(user.to_owned()).or_insert_with(somewhere);
    }
    let mut last = Vec::new();
    for _ in 0..4 {
        world.clock.pass(10_000);
        last = world.sync(&wanted, "end").unwrap();
    }
    assert!(
        last.is_empty(),
        "seed {seed}: it comes to rest, not {last:?}"
    );
    world.check(&wanted, &format!("seed {seed}"));
}

#[test]
fn once_there_is_quiet_everybody_is_as_wanted_and_nobody_twice() {
    for seed in 0..HISTORIES {
        history(seed);
    }
}

#[test]
fn many_are_under_way_at_one_time_and_never_two_for_one() {
    let world = World::new(profile(), 1);
    let crowd: Directory = (0..200)
        .map(|number| {
            let user = format!("user-{number}");
            let wanted = there(&user, "A", &["Sales"]);
            (user, wanted)
        })
        .collect();
    world.sync(&crowd, "1").unwrap();
    let moved: Directory = crowd
        .keys()
        .map(|user| (user.clone(), there(user, "B", &["Support"])))
        .collect();
    let outcomes = world.sync(&moved, "2").unwrap();
    assert!(outcomes.iter().all(is_applied));
    world.check(&moved, "moved");
    assert!(world.service.most_at_once() >= 8);
}
