//! Groups, and who is in them.

use super::*;

const WAYS: [TakingOut; 5] = [
    TakingOut::Path,
    TakingOut::Values,
    TakingOut::Everybody,
    TakingOut::Silent,
    TakingOut::No,
];

fn people(world: &World, count: u32) -> Vec<String> {
    (1..=count)
        .map(|number| world.create(&person(number)).unwrap().id)
        .collect()
}

fn moved(world: &World, group: &String, add: &[String], remove: &[String]) -> Attempt<()> {
    let destination = world.destination();
    one(&destination, destination.membership(group, add, remove))
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids
}

#[test]
fn whoever_joins_is_in_and_whoever_leaves_is_out_and_others_stay_whatever_form_the_server_takes() {
    for takes_out in WAYS {
        for joins_twice in [false, true] {
            let world = World::that(|behaviour| {
                behaviour.takes_out = takes_out;
                behaviour.joins_twice = joins_twice;
            });
            let ids = people(&world, 6);
            let group = world.group("Sales");
            let what = format!("{takes_out:?} {joins_twice}");
            assert_eq!(moved(&world, &group, &ids[..5], &[]), Ok(()), "{what}");
            assert_eq!(world.server.members(&group), sorted(&ids[..5]), "{what}");
            // Some are in already, and some are out.
            let leaving = [ids[0].clone(), ids[1].clone(), "nobody".to_owned()];
            let moved = moved(&world, &group, &ids[2..], &leaving);
            assert_eq!(moved, Ok(()), "{what}");
            assert_eq!(world.server.members(&group), sorted(&ids[2..]), "{what}");
        }
    }
}

#[test]
fn a_server_without_patch_is_told_all_members() {
    let world = World::that(|behaviour| behaviour.patch = Patching::No);
    let ids = people(&world, 3);
    let group = world.group("Sales");
    assert_eq!(moved(&world, &group, &ids, &[]), Ok(()));
    assert_eq!(moved(&world, &group, &[], &ids[..1]), Ok(()));
    assert_eq!(world.server.members(&group), sorted(&ids[1..]));
    assert_eq!(world.asked("PATCH"), 0);
}

#[test]
fn of_a_group_that_does_not_tell_its_members_nobody_is_put_out_who_stays() {
    for takes_out in [TakingOut::Path, TakingOut::Values] {
        let world = World::that(|behaviour| {
            behaviour.tells_members = false;
            behaviour.takes_out = takes_out;
        });
        let ids = people(&world, 4);
        let group = world.group("Sales");
        assert_eq!(moved(&world, &group, &ids, &[]), Ok(()));
        assert_eq!(moved(&world, &group, &[], &ids[..2]), Ok(()));
        assert_eq!(
            world.server.members(&group),
            sorted(&ids[2..]),
            "{takes_out:?}"
        );
    }
}

#[test]
fn what_is_so_already_is_not_asked_for() {
    let world = World::new();
    let ids = people(&world, 2);
    let group = world.group("Sales");
    moved(&world, &group, &ids, &[]).unwrap();
    let before = world.asked("PATCH");
    moved(&world, &group, &ids, &["nobody".to_owned()]).unwrap();
    assert_eq!(world.asked("PATCH"), before);
}

#[test]
fn a_group_that_is_gone_is_gone() {
    let world = World::new();
    let gone = moved(&world, &"g1".to_owned(), &["u1".to_owned()], &[]);
    assert_eq!(gone, Err(Failure::Gone));
}

#[test]
fn a_group_is_made_once_whoever_needs_it_and_however_it_is_spelt() {
    let world = World::new();
    let destination = world.destination();
    let names = ["Sales", "SALES", "Support", "sales"];
    let tasks = names.map(|name| destination.make_list(name, ""));
    let made = drive::all(&destination, 4, tasks).unwrap();
    let ids: BTreeSet<_> = made.into_iter().map(|list| list.unwrap().id).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(world.server.group_names().len(), 2);
}

#[test]
fn a_group_whose_answer_was_lost_is_found() {
    let world = World::new();
    world.trouble("POST", Trouble::LostAnswer);
    let destination = world.destination();
    let made = one(&destination, destination.make_list("Sales", "")).unwrap();
    assert_eq!(made.name, "Sales");
    assert_eq!(world.server.group_names().len(), 1);
}

#[test]
fn a_group_is_spelt_otherwise_and_keeps_its_members() {
    for patch_kind in [Patching::Works, Patching::No] {
        let world = World::that(|behaviour| behaviour.patch = patch_kind);
        let ids = people(&world, 1);
        let group = world.group("Sales");
        moved(&world, &group, &ids, &[]).unwrap();
        let destination = world.destination();
        one(&destination, destination.rename_list(&group, "SALES")).unwrap();
        assert_eq!(world.server.group_names()[&group], "SALES");
        assert_eq!(world.server.members(&group), ids);
    }
}

#[test]
fn all_groups_are_read_without_their_members() {
    let world = World::that(|behaviour| behaviour.page = 3);
    for number in 0..10 {
        world.group(&format!("Group {number}"));
    }
    let destination = world.destination();
    let lists = one(&destination, destination.lists()).unwrap();
    assert_eq!(lists.len(), 10);
}
