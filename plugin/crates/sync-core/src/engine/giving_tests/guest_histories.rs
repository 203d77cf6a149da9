//! Random lives of a workspace that invites: nobody is invited twice, and nobody who has an account.

use proptest::prelude::*;
use sync_decisions::reconcile::guest::REFUSED_MS;

use super::company::World;
use super::door::Fate;
use super::guests::{sent, world};
use super::*;
use crate::run::RunMode;

const STRANGERS: usize = 3;

/// Something that happens.
#[derive(Clone, Debug)]
enum Event {
    /// A contact comes, or has another address.
    Stranger(usize, usize),
    /// Somebody gets an account.
    Account(usize),
    Fate(usize, Fate),
    Sync,
    Full,
    Killed(u32, bool),
    Lag(bool),
    Arrive,
    Permits(bool),
    Dark(bool),
    Time,
}

fn address(number: usize) -> String {
    format!("s{number}@fabrikam.com")
}

fn event() -> impl Strategy<Value = Event> {
    let fate = prop_oneof![
        Just(Fate::TakenUnheard),
        Just(Fate::LostUnheard),
        Just(Fate::Refused),
        Just(Fate::Later)
    ];
    prop_oneof![
        4 => (0..STRANGERS, 0..STRANGERS).prop_map(|(who, address)| Event::Stranger(who, address)),
        1 => (0..STRANGERS).prop_map(Event::Account),
        2 => (0..STRANGERS, fate).prop_map(|(who, fate)| Event::Fate(who, fate)),
        5 => Just(Event::Sync),
        1 => Just(Event::Full),
        4 => (0..10_u32, any::<bool>()).prop_map(|(commits, done)| Event::Killed(commits, done)),
        2 => any::<bool>().prop_map(Event::Lag),
        2 => Just(Event::Arrive),
        1 => any::<bool>().prop_map(Event::Permits),
        1 => any::<bool>().prop_map(Event::Dark),
        2 => Just(Event::Time),
    ]
}

fn happen(world: &World, event: &Event) {
    match event {
        Event::Stranger(who, number) => {
            let id = format!("s{who}");
            let is_there = world.memory.contact(&id).is_some();
            if is_there {
                world.memory.edit(&id, "email", Some(&address(*number)));
            } else {
                world.stranger(&id, &address(*number));
            }
        }
        Event::Account(number) => {
            let user = ObjectId::new(format!("account-{number}"));
            if world.with_mail(&address(*number)).is_empty() {
                let values = [("mail", address(*number))].into_iter().collect();
                world.users.borrow_mut().insert(user.clone(), values);
                world.changes.borrow_mut().push((user, "mail"));
            }
        }
        Event::Fate(number, fate) => world.door.fate(&address(*number), *fate),
        Event::Sync => {
            world.sync();
        }
        Event::Full => {
            let _ = world.slice_of(RunMode::Full, None);
        }
        Event::Killed(commits, is_done) => {
            world.memory.dies.set(Some((*commits, *is_done)));
            let _ = world.slice(None);
            world.memory.dies.set(None);
        }
        Event::Lag(lags) => world.door.lags.set(*lags),
        Event::Arrive => world.guests_arrive(),
        Event::Permits(may) => world.door.permits.set((!may).then_some("User.Invite.All")),
        Event::Dark(is_dark) => world.door.is_dark.set(*is_dark),
        // What is late arrives within the hour.
        Event::Time => {
            world.guests_arrive();
            world.memory.pass(HOUR);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Nobody is invited twice, and nobody who has an account.
    #[test]
    fn whatever_happens_nobody_is_sent_an_invitation_who_is_in_the_directory(
        events in prop::collection::vec(event(), 0..24),
    ) {
        let world = world();
        events.iter().for_each(|event| happen(&world, event));
        for event in [Event::Permits(true), Event::Dark(false), Event::Lag(false), Event::Time] {
            happen(&world, &event);
        }
        world.door.fates.borrow_mut().clear();
        world.memory.pass(REFUSED_MS);
        world.sync_fully();
        world.sync();
        let again = world.door.sent_to_somebody.borrow().clone();
        prop_assert!(again.is_empty(), "{:?}", again);
        for number in 0..STRANGERS {
            prop_assert!(world.with_mail(&address(number)).len() <= 1);
        }
        // After quiet, nothing more is done.
        world.sync();
        let before = (sent(&world).len(), world.written_here(), world.sent());
        let run = world.sync().run;
        prop_assert_eq!((sent(&world).len(), world.written_here(), world.sent()), before);
        // Somebody may be looked at once more.
        prop_assert_eq!(run.counts.processed, run.counts.unchanged);
        // Whoever has an address to themselves is somebody's by now.
        for who in 0..STRANGERS {
            let id = format!("s{who}");
            let Some(contact) = world.memory.contact(&id) else { continue };
            let shared = (0..STRANGERS).filter(|other| {
                let other = world.memory.contact(&format!("s{other}"));
                other.is_some_and(|other| other.field("email") == contact.field("email"))
            });
            if shared.count() == 1 && contact.former.is_none() && contact.link.is_none() {
                let held = contact.field("email").unwrap_or_default();
                let users = world.with_mail(held);
                prop_assert_eq!(users.len(), 1, "nobody was invited for {}", held);
            }
        }
    }
}
