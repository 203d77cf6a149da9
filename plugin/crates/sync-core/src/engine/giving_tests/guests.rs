//! Who is in the store alone is invited: as planned and approved, within limits, once, and never whoever is in the
//! directory already.

use sync_decisions::reconcile::guest::{Account, REFUSED_MS, UNSEEN_MS};

use super::company::World;
use super::door::Fate;
use super::*;
use crate::contact::{AttributeChange, ContactId};
use crate::ports::testing::settings;

const KIM: &str = "kim@fabrikam.com";

pub(super) fn world() -> World {
    World::of(3).and_invites()
}

fn with_kim() -> World {
    let world = world();
    world.stranger("9", KIM);
    world
}

pub(super) fn sent(world: &World) -> Vec<String> {
    world.door.sent.borrow().clone()
}

fn guest() -> Option<ObjectId> {
    Some(ObjectId::new("guest-0"))
}

#[test]
fn a_plan_shows_who_would_be_invited_with_the_address_and_sends_nothing() {
    let world = with_kim();
    let summary = world.plan();
    let plans = world.memory.plans.borrow();
    let entry = &plans[&summary.digest][&ObjectId::new("invite:9")];
    assert_eq!(
        (entry.effect, entry.reason.as_str()),
        (Effect::Invite, "not-in-directory")
    );
    assert_eq!(entry.contact, Some(ContactId::new("9")));
    let after = |attribute: &str, value: &str| AttributeChange {
        attribute: attribute.to_owned(),
        before: None,
        after: Some(value.to_owned()),
    };
    assert_eq!(
        entry.directory,
        [
            after("displayName", "Kim"),
            after("mail", KIM),
            after("userType", "Guest")
        ]
    );
    assert_eq!(sent(&world), [""; 0]);
    assert_eq!(world.whose("9"), None);
}

#[test]
fn a_sync_invites_and_links_and_the_next_ones_do_nothing_on_either_side() {
    let world = with_kim();
    let run = world.sync().run;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!((run.counts.updated, run.counts.unchanged), (1, 3));
    assert_eq!(sent(&world), [KIM]);
    assert_eq!(world.whose("9"), guest());
    // The directory shows the guest, and is given what the contact has beside the address.
    world.sync();
    world.sync();
    let (given, here) = (world.sent(), world.written_here());
    let looked_up = world.door.looked_up.borrow().len();
    assert_eq!(world.sync().run.counts.processed, 0);
    assert_eq!(world.sync_fully().run.counts.unchanged, 4);
    assert_eq!((world.sent(), world.written_here()), (given, here));
    assert_eq!(world.door.looked_up.borrow().len(), looked_up);
    assert_eq!(sent(&world), [KIM]);
}

#[test]
fn what_the_contact_has_beside_the_address_reaches_the_guest_by_the_rows_that_write() {
    let world = with_kim();
    for _ in 0..3 {
        world.sync();
    }
    let users = world.users.borrow();
    let kim = &users[&ObjectId::new("guest-0")];
    assert_eq!(kim.get(COMPANY.0).map(String::as_str), Some("Fabrikam"));
    let contact = world.memory.contact("9").unwrap();
    assert_eq!(contact.field("first_name"), Some("Kim"));
}

#[test]
fn whoever_has_an_account_is_linked_as_ever_and_not_invited() {
    let world = world();
    world.sync();
    world
        .memory
        .contacts
        .borrow_mut()
        .remove(&ContactId::new("1"));
    world.stranger("9", "U1@contoso.com");
    let run = world.sync().run;
    assert_eq!(world.whose("9"), Some(user(1)));
    assert_eq!(sent(&world), [""; 0]);
    assert_eq!(run.counts.updated, 1, "{run:?}");
}

#[test]
fn whoever_is_known_to_the_directory_in_another_way_is_told_and_not_looked_up_again() {
    for (account, code) in [
        (Account::One(user(1)), "has-account"),
        (Account::Several, "accounts-ambiguous"),
        (Account::Listed, "listed-without-account"),
        (Account::Deleted, "account-deleted"),
        (Account::OwnDomain, "own-domain"),
    ] {
        let world = with_kim();
        world
            .door
            .others
            .borrow_mut()
            .insert(KIM.to_owned(), account);
        let run = world.sync().run;
        assert_eq!(run.skips.get(code), Some(&1), "{code}: {run:?}");
        assert_eq!((sent(&world), world.whose("9")), (Vec::new(), None));
        let looked_up = world.door.looked_up.borrow().len();
        assert_eq!(world.sync().run.counts.processed, 0);
        assert_eq!(world.door.looked_up.borrow().len(), looked_up);
        // A full round looks again.
        world.door.others.borrow_mut().clear();
        world.sync_fully();
        assert_eq!(sent(&world), [KIM], "{code}");
    }
}

#[test]
fn whoever_cannot_be_asked_for_is_not_invited_and_is_asked_for_again() {
    let world = with_kim();
    world.door.is_dark.set(true);
    let run = world.sync().run;
    assert_eq!(run.skips.get("account-unknown"), Some(&1));
    assert_eq!(sent(&world), [""; 0]);
    world.door.is_dark.set(false);
    world.sync();
    assert_eq!(sent(&world), [KIM]);
}

#[test]
fn who_was_somebodys_is_inactive_shares_an_address_or_has_none_is_not_invited() {
    let world = world();
    world.stranger("5", "former@fabrikam.com");
    world.stranger("6", "inactive@fabrikam.com");
    world.stranger("7", "twice@fabrikam.com");
    world.stranger("8", "TWICE@fabrikam.com");
    world.stranger("9", "nowhere");
    let set = |id: &str, change: fn(&mut crate::contact::Contact)| {
        let mut contacts = world.memory.contacts.borrow_mut();
        change(contacts.get_mut(&ContactId::new(id)).unwrap());
    };
    set("5", |contact| contact.former = Some(ObjectId::new("gone")));
    set("6", |contact| contact.active = false);
    let run = world.sync().run;
    assert_eq!(sent(&world), [""; 0]);
    assert_eq!(run.skips.get("address-ambiguous"), Some(&2), "{run:?}");
    assert_eq!(run.skips.get("no-valid-address"), Some(&1));
    assert_eq!(world.sync().run.counts.processed, 0);
}

#[test]
fn a_lost_answer_is_looked_for_before_anything_is_sent_again() {
    for (fate, sends) in [(Fate::TakenUnheard, 1), (Fate::LostUnheard, 2)] {
        let world = with_kim();
        world.door.fate(KIM, fate);
        let run = world.sync().run;
        assert_eq!(run.skips.get("invitation-unanswered"), Some(&1), "{run:?}");
        assert_eq!(world.whose("9"), None);
        world.sync();
        assert_eq!(sent(&world).len(), 1, "{fate:?}: within the hour");
        world.memory.pass(HOUR);
        world.sync();
        assert_eq!(sent(&world).len(), sends, "{fate:?}");
        assert_eq!(world.whose("9"), guest());
        assert!(world.door.sent_to_somebody.borrow().is_empty());
    }
}

#[test]
fn a_process_that_dies_at_any_commit_invites_nobody_twice() {
    for commits in 0..12 {
        for is_done in [false, true] {
            for lags in [false, true] {
                let world = with_kim();
                world.door.lags.set(lags);
                world.memory.dies.set(Some((commits, is_done)));
                let _ = world.slice(None);
                world.memory.dies.set(None);
                world.sync();
                world.guests_arrive();
                world.sync();
                world.memory.pass(HOUR);
                world.sync();
                let how = format!("at {commits}, done {is_done}, lags {lags}");
                assert_eq!(world.whose("9"), guest(), "{how}");
                assert_eq!(world.with_mail(KIM).len(), 1, "{how}");
                assert_eq!(sent(&world), [KIM], "{how}");
            }
        }
    }
}

#[test]
fn a_guest_whom_the_directory_does_not_show_yet_keeps_the_contact() {
    let world = with_kim();
    world.door.lags.set(true);
    world.sync();
    assert_eq!(world.whose("9"), guest());
    world.memory.edit("9", COMPANY.1, Some("Adatum"));
    for _ in 0..2 {
        let run = world.sync().run;
        assert_eq!(run.counts.removed, 0, "{run:?}");
        assert_eq!(run.counts.failed, 0, "{run:?}");
    }
    world.sync_fully();
    assert_eq!(world.whose("9"), guest());
    world.guests_arrive();
    world.sync();
    world.sync();
    let users = world.users.borrow();
    let kim = &users[&ObjectId::new("guest-0")];
    assert_eq!(kim.get(COMPANY.0).map(String::as_str), Some("Adatum"));
    assert_eq!(sent(&world), [KIM]);
}

#[test]
fn whoever_the_directory_never_shows_is_gone_after_a_day() {
    let world = with_kim();
    world.door.lags.set(true);
    world.sync();
    world.memory.edit("9", COMPANY.1, Some("Adatum"));
    world.sync();
    world.memory.pass(UNSEEN_MS);
    let run = world.sync().run;
    assert_eq!(run.counts.removed, 1, "{run:?}");
    assert_eq!(world.whose("9"), None);
    // The contact was the guest's, and is not another one's.
    world.sync();
    assert_eq!(sent(&world), [KIM]);
}

#[test]
fn more_than_the_limit_are_not_invited_until_exactly_that_is_approved() {
    let world = world();
    for number in 0..11 {
        world.stranger(&format!("s{number}"), &format!("s{number}@fabrikam.com"));
    }
    let planned = world.plan().blocks;
    let run = world.sync().run;
    assert_eq!(run.status, RunStatus::Blocked);
    let block = run.block.unwrap();
    assert_eq!(block.breaker, "invitations");
    assert_eq!(planned, std::slice::from_ref(&block));
    assert_eq!(run.skips.get("held-by-breaker"), Some(&11));
    assert_eq!(sent(&world), [""; 0]);
    let run = world.sync_approved(Some(Approval::Block(block.digest))).run;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(sent(&world).len(), 11);
}

#[test]
fn what_was_approved_is_performed_and_nobody_else_is_invited() {
    let world = with_kim();
    let digest = world.plan().digest;
    world.stranger("8", "late@fabrikam.com");
    let run = world.sync_approved(Some(Approval::Plan(digest))).run;
    assert_eq!(sent(&world), [KIM]);
    let approved = run.approved.clone().unwrap();
    assert_eq!((approved.changes, approved.performed), (1, 1), "{run:?}");
    assert_eq!(run.skips.get("not-approved"), Some(&1));
}

#[test]
fn an_approved_invitation_that_no_longer_fits_has_drifted() {
    let world = with_kim();
    let digest = world.plan().digest;
    world.memory.edit("9", "email", Some("other@fabrikam.com"));
    let run = world.sync_approved(Some(Approval::Plan(digest))).run;
    assert_eq!(run.skips.get("drifted"), Some(&1), "{run:?}");
    assert_eq!(sent(&world), [""; 0]);
}

#[test]
fn a_refused_address_is_remembered_until_it_changes_or_a_month_has_passed() {
    let world = with_kim();
    world.door.fate(KIM, Fate::Refused);
    let run = world.sync().run;
    assert_eq!(run.skips.get("invitation-refused"), Some(&1));
    let looked_up = world.door.looked_up.borrow().len();
    world.sync();
    let run = world.sync_fully().run;
    assert_eq!(run.skips.get("invitation-refused"), Some(&1));
    assert_eq!(world.door.looked_up.borrow().len(), looked_up);
    assert_eq!(sent(&world).len(), 1);
    world.memory.pass(REFUSED_MS);
    world.door.fate(KIM, Fate::Refused);
    world.sync_fully();
    assert_eq!(sent(&world).len(), 2);
    world.memory.edit("9", "email", Some("other@fabrikam.com"));
    world.sync();
    assert_eq!(sent(&world).last().unwrap(), "other@fabrikam.com");
    assert_eq!(world.whose("9"), guest());
}

#[test]
fn a_tenant_that_invites_nobody_is_asked_once_a_day() {
    let world = world();
    for number in 0..5 {
        let address = format!("s{number}@fabrikam.com");
        world.stranger(&format!("s{number}"), &address);
        world.door.fate(&address, Fate::Barred);
    }
    let run = world.sync().run;
    assert_eq!(run.status, RunStatus::Warnings);
    let sent_then = sent(&world).len();
    let run = world.sync().run;
    assert_eq!(run.status, RunStatus::Warnings, "{run:?}");
    assert!(
        run.warnings()[0].message.contains("Nobody is invited"),
        "{run:?}"
    );
    assert_eq!(sent(&world).len(), sent_then);
    world.door.fates.borrow_mut().clear();
    world.memory.pass(UNSEEN_MS);
    world.sync();
    assert!((0..5).all(|number| world.whose(&format!("s{number}")).is_some()));
}

#[test]
fn whoever_is_to_come_later_is_waited_for() {
    let world = with_kim();
    world.door.fate(KIM, Fate::Later);
    let run = world.sync().run;
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    assert_eq!(world.whose("9"), guest());
    assert_eq!(world.with_mail(KIM).len(), 1);
}

#[test]
fn without_the_permission_nobody_is_looked_up_and_the_run_says_so() {
    let world = with_kim();
    world.door.permits.set(Some("User.Invite.All"));
    let run = world.sync().run;
    assert_eq!(run.status, RunStatus::Warnings);
    assert!(
        run.warnings()[0].message.contains("User.Invite.All"),
        "{run:?}"
    );
    assert!(world.plan().warnings[0].message.contains("User.Invite.All"));
    assert_eq!(
        (sent(&world), world.door.looked_up.borrow().len()),
        (Vec::new(), 0)
    );
    world.door.permits.set(None);
    world.sync();
    assert_eq!(sent(&world), [KIM]);
}

#[test]
fn a_directory_that_goes_dark_before_anything_was_sent_leaves_nothing_unanswered() {
    let world = with_kim();
    world.fails_after.set(Some(0));
    assert_eq!(world.sync().run.status, RunStatus::Failed);
    world.fails_after.set(None);
    world.sync();
    assert_eq!(sent(&world), [KIM]);
    assert_eq!(world.whose("9"), guest());
}

#[test]
fn the_plan_of_an_undo_says_that_guests_stay() {
    let world = with_kim();
    let run = world.sync().run.id;
    let plan = world.plan_undo(&run);
    let messages: Vec<_> = plan.warnings.iter().map(|it| it.message.as_str()).collect();
    assert!(
        messages
            .iter()
            .any(|it| it.contains("1 person, who stays a guest")),
        "{messages:?}"
    );
    let unlinks = plan
        .counts
        .iter()
        .find(|(effect, _)| *effect == Effect::Unlink);
    assert_eq!(unlinks, Some(&(Effect::Unlink, 1)));
}

#[test]
fn nobody_is_invited_where_the_configuration_does_not_say_so() {
    let world = World::of(1);
    world.stranger("9", KIM);
    let run = world.sync().run;
    assert_eq!((sent(&world), run.counts.processed), (Vec::new(), 1));
    assert_eq!(settings().invitations, None);
}

#[test]
fn what_was_sent_is_forgotten_with_the_connection() {
    let world = with_kim();
    world.sync();
    world.disconnect();
    let state = world.memory.state.borrow();
    assert!(!state.keys().any(|key| key.starts_with("guest")));
}

#[test]
fn no_address_is_kept_in_the_state() {
    let world = with_kim();
    world.sync();
    let state = world.memory.state.borrow();
    let holds = |value: &Vec<u8>| String::from_utf8_lossy(value).contains("fabrikam.com");
    let holding: Vec<_> = state.iter().filter(|(_, value)| holds(value)).collect();
    assert!(holding.is_empty(), "{holding:?}");
}
