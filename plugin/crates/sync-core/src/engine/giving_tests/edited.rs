//! Runs that read only what was edited: what they give, whom they ask for, and that nothing is lost on the way.

use proptest::prelude::*;

use super::company::{COMPANY, World, not_permitted};
use super::*;
use crate::contact::ContactId;
use crate::ports::ContactStore as _;
use crate::reconcile::test_samples::contact;
use crate::run::{RunMode, RunRecord};

/// A second row that goes both ways, and one that only reads.
const SURNAME: (&str, &str) = ("surname", "last_name");
const GIVEN_NAME: (&str, &str) = ("givenName", "first_name");

impl World {
    /// So many people in step, read once.
    fn read_once(people: usize) -> Self {
        Self::read_once_with(people, Direction::TwoWay(Winner::Directory))
    }

    fn read_once_with(people: usize, direction: Direction) -> Self {
        let world = Self::with(people, direction);
        if let Some(prepared) = &mut *world.prepared.borrow_mut() {
            let mut rows = prepared.settings.rows.iter_mut();
            rows.find(|row| row.attribute == SURNAME.0)
                .unwrap()
                .direction = direction;
        }
        world.set_limit(100);
        assert_eq!(world.sync().run.mode, RunMode::Full);
        world.asked_for.set(0);
        world.shown.set(0);
        world
    }

    /// A sync of what changed, and how many people it was shown and asked for.
    fn sync_changes(&self) -> (RunRecord, usize, usize) {
        let before = (self.shown.get(), self.asked_for.get());
        let run = self.sync().run;
        assert_eq!(run.mode, RunMode::Incremental);
        (
            run,
            self.shown.get() - before.0,
            self.asked_for.get() - before.1,
        )
    }
}

#[test]
fn of_whoever_was_shown_late_the_base_does_not_tell_what_the_directory_holds() {
    let of = |full: bool| {
        let world = World::read_once_with(1, Direction::Reverse);
        for _ in 0..2 {
            world.change(0, None);
            happen(&world, if full { &Event::Full } else { &Event::Sync });
        }
        world.edit(0, None);
        happen(&world, if full { &Event::Full } else { &Event::Sync });
        snapshot(&world)
    };
    assert_eq!(of(false), of(true));
}

#[test]
fn a_run_without_changes_on_either_side_looks_at_nobody() {
    let world = World::read_once(3);
    let (run, shown, asked) = world.sync_changes();
    assert_eq!((run.counts.processed, shown, asked), (0, 0, 0));
    assert_eq!((world.sent(), world.written_here()), (0, 0));
}

#[test]
fn an_edit_is_given_as_planned_and_nobody_is_asked_for() {
    let world = World::read_once(3);
    world.edit(1, Some("Fabrikam"));
    let digest = world.plan().digest;
    let run = world.sync_approved(Some(Approval::Plan(digest))).run;
    assert_eq!(run.mode, RunMode::Incremental);
    assert_eq!((run.counts.processed, run.counts.updated), (1, 1));
    assert_eq!(run.approved.unwrap().performed, 1);
    assert_eq!((world.shown.get(), world.asked_for.get()), (0, 0));
    world.assert_company(1, Some("Fabrikam"));
    // The echo.
    let (run, shown, asked) = world.sync_changes();
    assert_eq!((run.counts.unchanged, shown, asked), (1, 1, 0));
    let (run, shown, _) = world.sync_changes();
    assert_eq!((run.counts.processed, shown), (0, 0));
    assert_eq!((world.sent(), world.written_here()), (1, 1));
}

#[test]
fn of_an_edit_that_the_directory_answers_with_another_the_conflict_is_the_same_as_in_a_full_run() {
    for (winner, everywhere) in [
        (Winner::Directory, "Northwind"),
        (Winner::Contact, "Fabrikam"),
    ] {
        let world = World::read_once_with(2, Direction::TwoWay(winner));
        world.edit(0, Some("Fabrikam"));
        world.change(0, Some("Northwind"));
        let digest = world.plan().digest;
        world.asked_for.set(0);
        let run = world.sync_approved(Some(Approval::Plan(digest))).run;
        assert_eq!(run.mode, RunMode::Incremental);
        world.assert_company(0, Some(everywhere));
        assert_eq!((run.counts.updated, run.counts.processed), (1, 1));
        assert_eq!(run.approved.unwrap().performed, 1);
        assert_eq!(world.asked_for.get(), 1, "as a whole");
        let told = [run.overruled, run.prevailing];
        let told = told.iter().map(|fields| fields.get("company").copied());
        assert_eq!(told.flatten().sum::<u64>(), 1);
    }
}

#[test]
fn a_page_of_changes_that_does_not_mention_what_was_edited_does_not_hide_it() {
    let world = World::read_once(2);
    world.edit(0, Some("Fabrikam"));
    world.change_of(0, GIVEN_NAME.0, Some("Jo"));
    world.sync_changes();
    world.assert_company(0, Some("Fabrikam"));
    let contact = world.memory.contact("0").unwrap();
    assert_eq!(contact.field("first_name"), Some("Jo"));
}

#[test]
fn what_is_edited_of_a_row_that_only_reads_comes_back_as_by_a_full_run() {
    let world = World::read_once(2);
    world.memory.edit("0", GIVEN_NAME.1, Some("Jo"));
    let (run, shown, asked) = world.sync_changes();
    assert_eq!((run.counts.updated, shown, asked), (1, 0, 1));
    let contact = world.memory.contact("0").unwrap();
    assert_eq!(contact.field(GIVEN_NAME.1), Some("Kim"));
}

#[test]
fn edits_are_read_part_by_part() {
    let world = World::read_once(5);
    world.memory.edits_a_part.set(Some(2));
    (0..5).for_each(|number| world.edit(number, Some("Fabrikam")));
    let (run, shown, asked) = world.sync_changes();
    assert_eq!((run.counts.updated, shown, asked), (5, 0, 0));
    (0..5).for_each(|number| world.assert_company(number, Some("Fabrikam")));
}

#[test]
fn a_token_that_is_lost_leads_to_a_comparison_of_everybody_and_loses_no_edit() {
    let world = World::read_once(3);
    world.edit(1, Some("Fabrikam"));
    world.memory.edits_begin.set(1);
    let planned = world.plan();
    assert_eq!(planned.mode, RunMode::Full);
    let run = world
        .sync_approved(Some(Approval::Plan(planned.digest)))
        .run;
    assert_eq!(run.mode, RunMode::Full);
    assert_eq!(run.approved.unwrap().performed, 1);
    world.assert_company(1, Some("Fabrikam"));
    world.edit(2, Some("Tailspin"));
    world.sync_changes();
    world.assert_company(2, Some("Tailspin"));
}

#[test]
fn a_store_that_cannot_tell_is_compared_as_a_whole_each_time() {
    let world = World::of(2);
    world.memory.tells_no_edits.set(true);
    let prepared = world.memory.describe().unwrap();
    world.prepared.borrow_mut().as_mut().unwrap().store = prepared;
    for company in ["Fabrikam", "Tailspin"] {
        world.edit(1, Some(company));
        assert_eq!(world.sync().run.mode, RunMode::Full);
        world.assert_company(1, Some(company));
    }
}

#[test]
fn a_contact_that_somebody_deletes_is_made_again_as_by_a_full_run() {
    let world = World::read_once(2);
    world.memory.delete("1");
    let (run, shown, asked) = world.sync_changes();
    assert_eq!((run.counts.created, shown, asked), (1, 0, 1));
}

#[test]
fn whoever_is_edited_while_the_field_waits_to_be_emptied_is_compared_by_the_next_run() {
    for commits in 0..6 {
        let world = World::read_once(1);
        world.change(0, None);
        world.memory.dies.set(Some((commits, true)));
        let _ = world.slice(None);
        world.memory.dies.set(None);
        world.edit(0, Some("Fabrikam"));
        let failed: Vec<_> = (0..2).map(|_| world.sync().run.counts.failed).collect();
        assert_eq!(failed, [0, 0], "{commits}");
        world.assert_company(0, Some("Fabrikam"));
    }
}

#[test]
fn what_a_contact_gets_first_in_a_row_that_it_leads_is_given_at_once() {
    let world = World::read_once_with(1, Direction::Reverse);
    world.edit(0, None);
    world.sync_changes();
    world.change(0, Some("Northwind"));
    world.sync_changes();
    world.edit(0, Some("Fabrikam"));
    let (run, _, asked) = world.sync_changes();
    assert_eq!((run.counts.failed, asked), (0, 1));
    world.assert_company(0, Some("Fabrikam"));
}

#[test]
fn what_a_contact_gets_again_where_the_directory_had_changed_is_given_at_once() {
    let world = World::read_once_with(1, Direction::Reverse);
    world.edit(0, None);
    world.change(0, Some("Northwind"));
    world.sync_changes();
    assert_eq!(world.company(0)[0].as_deref(), Some("Northwind"), "kept");
    world.edit(0, Some("Fabrikam"));
    let (run, _, asked) = world.sync_changes();
    assert_eq!((run.counts.failed, asked), (0, 1));
    world.assert_company(0, Some("Fabrikam"));
}

#[test]
fn what_is_put_back_within_the_hour_is_noticed_after_it() {
    let world = World::read_once_with(1, Direction::Reverse);
    world.edit(0, Some("Fabrikam"));
    world.sync_changes();
    world.change(0, Some("Contoso"));
    world.sync_changes();
    assert_eq!(
        world.company(0)[0].as_deref(),
        Some("Contoso"),
        "it may be late"
    );
    world.memory.pass(HOUR);
    let (_, shown, asked) = world.sync_changes();
    assert_eq!((shown, asked), (0, 1));
    world.assert_company(0, Some("Fabrikam"));
    world.memory.pass(HOUR);
    (0..2).for_each(|_| drop(world.sync_changes()));
    let (_, shown, asked) = world.sync_changes();
    assert_eq!((shown, asked, world.sent()), (0, 0, 2));
}

#[test]
fn whoever_left_the_directory_is_taken_away_and_given_nothing() {
    let world = World::read_once(2);
    world.edit(1, Some("Fabrikam"));
    world.leave(1);
    let (run, _, _) = world.sync_changes();
    assert_eq!((run.counts.removed, run.counts.failed), (1, 0));
    assert_eq!(world.memory.contact("1").unwrap().link, None);
    assert_eq!(world.sent(), 0);
}

#[test]
fn what_was_withheld_is_given_once_it_is_permitted() {
    let world = World::of(2);
    world.permits.set(Some("User.ReadWrite.All"));
    world.sync();
    world.edit(1, Some("Fabrikam"));
    let (run, _, _) = world.sync_changes();
    assert_eq!(run.not_permitted.get("company"), Some(&1));
    world.permits.set(None);
    assert_eq!(world.sync().run.mode, RunMode::Full);
    world.assert_company(1, Some("Fabrikam"));
}

#[test]
fn where_somebody_is_mastered_elsewhere_the_edited_are_asked_for_before_anything_is_planned() {
    let world = World::of(3);
    world.mastered_elsewhere.borrow_mut().insert(user(1));
    world.sync();
    (0..2).for_each(|number| world.edit(number, Some("Fabrikam")));
    let planned = world.plan();
    assert!(
        planned.warnings[0].message.contains("on-premises"),
        "{planned:?}"
    );
    world.asked_for.set(0);
    let (run, shown, asked) = world.sync_changes();
    assert_eq!((shown, asked, world.sent()), (0, 2, 1));
    assert_eq!(run.counts.failed, 0);
    world.assert_company(0, Some("Fabrikam"));
    assert_eq!(world.company(1)[0].as_deref(), Some("Contoso"));
}

#[test]
fn what_a_contact_held_when_it_was_linked_is_given_by_the_next_run() {
    let world = World::read_once_with(2, Direction::TwoWay(Winner::Contact));
    // Somebody's contact was there before them.
    world.memory.delete("1");
    let held = [("email", "u1@contoso.com"), (COMPANY.1, "Fabrikam")];
    world.memory.put(contact("9", &held));
    let (run, _, _) = world.sync_changes();
    assert_eq!(run.counts.updated, 1, "linked");
    assert_eq!(world.sync().run.mode, RunMode::Full);
    let users = world.users.borrow();
    assert_eq!(users[&user(1)][COMPANY.0], "Fabrikam");
    drop(users);
    world.sync_changes();
    assert_eq!(world.sent(), 1);
}

#[test]
fn an_edit_while_a_run_waits_is_told_by_the_next_token() {
    let world = World::read_once(2);
    world.edit(0, Some("Fabrikam"));
    world.passing.set(true);
    let later = WriteOutcome::Later {
        retry_after: Some(Duration::from_secs(7)),
        code: "activityLimitReached".to_owned(),
    };
    world.answers.borrow_mut().insert(user(0), later);
    let slice = world.slice(None).unwrap();
    assert!(matches!(slice.end, SliceEnd::More(_)));
    world.edit(1, Some("Tailspin"));
    world.sync();
    world.assert_company(0, Some("Fabrikam"));
    world.sync_changes();
    world.assert_company(1, Some("Tailspin"));
}

#[test]
fn what_a_limit_stopped_is_told_again_and_passes_where_it_is_approved() {
    let world = World::read_once(3);
    world.set_limit(1);
    (0..2).for_each(|number| world.edit(number, Some("Fabrikam")));
    let block = world.sync().run.block.unwrap();
    assert_eq!(world.sent(), 0);
    let run = world.sync_approved(Some(Approval::Block(block.digest))).run;
    assert_eq!(
        (run.status, run.mode),
        (RunStatus::Succeeded, RunMode::Incremental)
    );
    (0..2).for_each(|number| world.assert_company(number, Some("Fabrikam")));
}

#[test]
fn an_edit_that_no_plan_has_seen_stays_to_be_told() {
    let world = World::read_once(3);
    world.edit(1, Some("Fabrikam"));
    let digest = world.plan().digest;
    world.edit(2, Some("Tailspin"));
    world.sync_approved(Some(Approval::Plan(digest)));
    assert_eq!(world.company(2)[0].as_deref(), Some("Contoso"));
    world.sync_changes();
    world.assert_company(2, Some("Tailspin"));
}

#[test]
fn a_permission_that_is_taken_away_meanwhile_loses_no_edit() {
    const MANY: usize = PEOPLE_A_WRITE;
    let world = World::read_once(MANY);
    for number in 0..MANY {
        world.edit(number, Some("Fabrikam"));
        let mut answers = world.answers.borrow_mut();
        answers.insert(user(number), not_permitted());
    }
    assert_eq!(world.sync().run.status, RunStatus::Failed);
    world.answers.borrow_mut().clear();
    world.sync();
    (0..MANY).for_each(|number| world.assert_company(number, Some("Fabrikam")));
}

#[test]
fn a_process_that_dies_at_any_commit_loses_no_edit_and_sends_none_twice() {
    for done in [false, true] {
        for commits in 0..14 {
            let world = World::read_once(4);
            (0..2).for_each(|number| world.edit(number, Some("Fabrikam")));
            world.edit(2, Some("Tailspin"));
            world.change(2, Some("Northwind"));
            world.memory.dies.set(Some((commits, done)));
            let _ = world.slice(None);
            world.memory.dies.set(None);
            world.edit(3, Some("Litware"));
            (0..2).for_each(|_| drop(world.sync()));
            (0..2).for_each(|number| world.assert_company(number, Some("Fabrikam")));
            world.assert_company(2, Some("Northwind"));
            world.assert_company(3, Some("Litware"));
            assert_eq!(world.sent(), 3, "{commits} {done}");
            let (run, shown, _) = world.sync_changes();
            assert!(
                run.counts.processed <= 3 && shown <= 3,
                "the echoes: {run:?}"
            );
            let (run, shown, _) = world.sync_changes();
            assert_eq!((run.counts.processed, shown, world.sent()), (0, 0, 3));
        }
    }
}

/// Something that happens to one of two people, on one of two rows.
#[derive(Clone, Debug)]
enum Event {
    Edit(usize, bool, Option<&'static str>),
    Change(usize, bool, Option<&'static str>),
    /// Of the row that only reads: in the directory, and here.
    Rename(usize, &'static str),
    EditName(usize, Option<&'static str>),
    Delete(usize),
    Sync,
    Full,
}

fn event() -> impl Strategy<Value = Event> {
    let value = || {
        prop_oneof![
            Just(None),
            Just(Some("A")),
            Just(Some("B")),
            Just(Some("C"))
        ]
    };
    let edit = (0..2_usize, any::<bool>(), value());
    let change = (0..2_usize, any::<bool>(), value());
    prop_oneof![
        5 => edit.prop_map(|(who, first, value)| Event::Edit(who, first, value)),
        5 => change.prop_map(|(who, first, value)| Event::Change(who, first, value)),
        1 => (0..2_usize, prop_oneof![Just("Jo"), Just("Kim")])
            .prop_map(|(who, name)| Event::Rename(who, name)),
        1 => (0..2_usize, prop_oneof![Just(None), Just(Some("Jo"))])
            .prop_map(|(who, name)| Event::EditName(who, name)),
        1 => (0..2_usize).prop_map(Event::Delete),
        5 => Just(Event::Sync),
        1 => Just(Event::Full),
    ]
}

/// What both sides and the bases hold, with what the directory was given so far.
fn snapshot(world: &World) -> String {
    let mut contacts = world.memory.snapshot();
    for contact in &mut contacts {
        // One that was made again has another id, and another place among them.
        contact.id = ContactId::new("");
    }
    contacts.sort_by_cached_key(|contact| format!("{:?}", contact.link));
    let sent = world.sent.borrow();
    let mut sent: Vec<_> = sent.iter().map(|sent| format!("{sent:?}")).collect();
    sent.sort_unstable();
    format!("{:?} {contacts:?} {sent:?}", world.users.borrow())
}

fn happen(world: &World, event: &Event) {
    let row = |first: bool| if first { COMPANY } else { SURNAME };
    let contact_of = |who: usize| {
        let contacts = world.memory.contacts.borrow();
        let is_theirs = |contact: &&crate::contact::Contact| {
            let link = contact.link.as_ref();
            link.is_some_and(|link| link.object_id == user(who))
        };
        let found = contacts.values().find(is_theirs);
        found.map(|contact| contact.id.as_str().to_owned())
    };
    match event {
        Event::Edit(who, first, value) => {
            if let Some(contact) = contact_of(*who) {
                world.memory.edit(&contact, row(*first).1, *value);
            }
        }
        Event::Change(who, first, value) => world.change_of(*who, row(*first).0, *value),
        Event::Rename(who, name) => world.change_of(*who, GIVEN_NAME.0, Some(*name)),
        Event::EditName(who, name) => {
            if let Some(contact) = contact_of(*who) {
                world.memory.edit(&contact, GIVEN_NAME.1, *name);
            }
        }
        Event::Delete(who) => {
            if let Some(contact) = contact_of(*who) {
                world.memory.delete(&contact);
            }
        }
        Event::Sync => drop(world.sync()),
        Event::Full => drop(world.sync_fully()),
    }
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![
        Just(Direction::Reverse),
        Just(Direction::TwoWay(Winner::Directory)),
        Just(Direction::TwoWay(Winner::Contact)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    /// Each run leaves both sides, and the bases between them, as one that looks at everybody does.
    #[test]
    fn a_run_over_what_was_edited_comes_to_what_a_full_one_comes_to(
        way in direction(),
        events in prop::collection::vec(event(), 0..16),
    ) {
        let changes = World::read_once_with(2, way);
        let full = World::read_once_with(2, way);
        for event in &events {
            let for_full = match event {
                Event::Sync => &Event::Full,
                other => other,
            };
            happen(&changes, event);
            happen(&full, for_full);
            prop_assert_eq!(snapshot(&changes), snapshot(&full), "{:?}", event);
        }
    }
}
