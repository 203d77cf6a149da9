//! The connector as one more client that writes: judged by what the emulator then holds and by what it was asked.

mod guests;
mod place;

use std::time::Duration;

use graph_emulator::{Behaviour, Fault, Storm, Trouble};
use guest_kit::Method;
use serde_json::{Value, json};
use sync_core::ports::directory_writer::{Permitted, PersonWrite, Refusal, WriteOutcome};

use place::{Place, person};

/// May write everything, and see who has a role.
const WRITER: [&str; 1] = ["User.ReadWrite.All"];

fn id(number: usize) -> String {
    format!("aaaaaaaa-0000-4000-8000-{number:012}")
}

fn user(number: usize) -> Value {
    json!({
        "id": id(number), "userPrincipalName": format!("p{number}@contoso.com"), "displayName": format!("P {number}"),
        "mail": format!("p{number}@contoso.com"), "jobTitle": format!("Title {number}"), "userType": "Member",
        "mobilePhone": "+31 612345678",
    })
}

fn of(people: usize) -> Place {
    let people = (0..people).map(user).collect();
    Place::new(people, &WRITER, Behaviour::default())
}

/// Everybody gets another title.
fn promoted(people: usize) -> Vec<PersonWrite> {
    let one = |number| {
        let (before, after) = (format!("Title {number}"), format!("Head {number}"));
        person(&id(number), &[("jobTitle", Some(&before), Some(&after))])
    };
    (0..people).map(one).collect()
}

fn refused(refusal: Refusal) -> WriteOutcome {
    WriteOutcome::Refused(refusal)
}

fn count(place: &Place, status: u16) -> u64 {
    let counters = place.control().overview().counters;
    counters.statuses.get(&status).copied().unwrap_or_default()
}

/// The limit is the documented one, but without a reserve for a burst.
#[test]
fn many_are_written_under_the_limit_and_none_is_refused() {
    let place = of(1_000);
    place.control().set_behaviour(Behaviour {
        writes_per_second: 20,
        write_burst: 20,
        ..Behaviour::default()
    });
    let outcomes = place.write(&promoted(1_000));
    for (number, outcome) in outcomes.iter().enumerate() {
        assert_eq!(*outcome, [WriteOutcome::Written]);
        let held = place.property(&id(number), "jobTitle");
        assert_eq!(held, Some(format!("Head {number}")));
    }
    assert_eq!(count(&place, 429), 0);
    let counters = place.control().overview().counters;
    assert_eq!((counters.writes, counters.idle_writes), (1_000, 0));
    // Eighteen a second, and the requests that read take some time, too.
    let written_in = Duration::from_millis(1_000 * 1_000 / 18);
    let off = place.passed().abs_diff(written_in);
    assert!(off < Duration::from_secs(3), "off by {off:?}");
    // A token, and two batches for each twenty.
    assert_eq!(counters.requests, 1 + 2 * 50);
}

#[test]
fn a_pace_that_is_too_fast_is_slowed_by_the_service_and_loses_nobody() {
    let place = of(100);
    place.control().set_behaviour(Behaviour {
        writes_per_second: 5,
        write_burst: 5,
        ..Behaviour::default()
    });
    let outcomes = place.write(&promoted(100));
    assert!(count(&place, 429) > 0);
    for outcome in &outcomes {
        assert_eq!(*outcome, [WriteOutcome::Written]);
    }
    assert_eq!(place.control().overview().counters.writes, 100);
}

#[test]
fn a_second_write_of_the_same_sends_nothing() {
    let place = of(40);
    let people = promoted(40);
    place.write(&people);
    place.control().clear_requests();
    for outcome in place.write(&people).iter().flatten() {
        assert!(
            matches!(outcome, WriteOutcome::InPlace { .. }),
            "{outcome:?}"
        );
    }
    assert_eq!(place.control().overview().counters.writes, 0);
}

#[test]
fn without_the_permission_nothing_is_sent_and_the_least_one_is_named() {
    let people = vec![user(0)];
    let place = Place::new(people, &["User.Read.All"], Behaviour::default());
    let phone = ("mobilePhone", Some("+31 612345678"), Some("+31 687654321"));
    let one = person(
        &id(0),
        &[("jobTitle", Some("Title 0"), Some("Head")), phone],
    );
    let lacks = || refused(Refusal::Permission);
    assert_eq!(place.write(&[one]), [[lacks(), lacks()]]);
    let permits = |attribute| place.with_writer(|writer| writer.permits(attribute).unwrap());
    let no = |permission| Permitted::No { permission };
    assert_eq!(permits("jobTitle"), no("User.ReadUpdate.All"));
    assert_eq!(permits("mobilePhone"), no("User-Phone.ReadWrite.All"));
    assert_eq!(permits("accountEnabled"), Permitted::Never);
    assert_eq!(place.control().overview().counters.writes, 0);
    let only_tokens = place.requests.borrow();
    assert!(only_tokens.iter().all(|(_, path)| path.ends_with("/token")));
}

#[test]
fn a_permission_that_is_given_is_told_without_a_write() {
    let place = of(1);
    let permits = |attribute| place.with_writer(|writer| writer.permits(attribute).unwrap());
    assert_eq!(permits("mobilePhone"), Permitted::Yes);
    assert_eq!(place.control().overview().counters.writes, 0);
}

#[test]
fn whoever_has_a_role_keeps_their_number_and_gets_the_rest() {
    let place = of(3);
    let control = place.control();
    control.assign_roles(&id(0), &["Reports Reader"]).unwrap();
    let group = json!({"displayName": "Tier 1", "isAssignableToRole": true, "members": [id(1)]});
    let group = control.add_group(group).unwrap();
    // A role that comes with a group, and an application that Graph would let write it.
    control
        .assign_roles(&group, &["Groups Administrator"])
        .unwrap();
    control.set_behaviour(Behaviour {
        application_roles: vec!["Global Administrator".to_owned()],
        ..Behaviour::default()
    });
    let people: Vec<_> = (0..3)
        .map(|number| {
            let title = format!("Title {number}");
            let phone = ("mobilePhone", Some("+31 612345678"), Some("+31 687654321"));
            person(
                &id(number),
                &[phone, ("jobTitle", Some(&title), Some("Head"))],
            )
        })
        .collect();
    let outcomes = place.write(&people);
    for (number, phone) in ["+31 612345678", "+31 612345678", "+31 687654321"]
        .iter()
        .enumerate()
    {
        assert_eq!(
            place.property(&id(number), "mobilePhone").as_deref(),
            Some(*phone)
        );
        assert_eq!(
            place.property(&id(number), "jobTitle").as_deref(),
            Some("Head")
        );
    }
    assert_eq!(outcomes[0][0], refused(Refusal::Privileged));
    assert_eq!(outcomes[1][0], refused(Refusal::Privileged));
    assert_eq!(outcomes[2][0], WriteOutcome::Written);
}

/// A group that can be given a role and has none: only Graph knows.
#[test]
fn graphs_own_refusal_is_the_last_word_on_who_is_privileged() {
    let place = of(1);
    let group = json!({"displayName": "Tier 1", "isAssignableToRole": true, "members": [id(0)]});
    place.control().add_group(group).unwrap();
    let phone = ("mobilePhone", Some("+31 612345678"), Some("+31 687654321"));
    let outcomes = place.write(&[person(&id(0), &[phone])]);
    assert_eq!(outcomes, [[refused(Refusal::Privileged)]]);
}

#[test]
fn whoever_comes_to_be_mastered_on_premises_is_not_written_from_then_on() {
    let place = of(2);
    let synced = json!({"onPremisesSyncEnabled": true});
    place.control().edit_user(&id(0), synced).unwrap();
    let outcomes = place.write(&promoted(2));
    assert_eq!(outcomes[0], [refused(Refusal::MasteredElsewhere)]);
    assert_eq!(outcomes[1], [WriteOutcome::Written]);
    assert_eq!(count(&place, 400), 0);
}

fn at_the_write(fault: Fault) -> Fault {
    Fault {
        path: Some("/$batch".to_owned()),
        // After the one that reads.
        skip: 1,
        times: Some(1),
        ..fault
    }
}

#[test]
fn a_write_whose_answer_is_lost_is_written_once() {
    let place = of(20);
    place.control().inject(at_the_write(Fault {
        cut_after: Some(0),
        ..Fault::default()
    }));
    let outcomes = place.write(&promoted(20));
    for outcome in &outcomes {
        assert_eq!(*outcome, [WriteOutcome::Written]);
    }
    let counters = place.control().overview().counters;
    assert_eq!((counters.writes, counters.idle_writes), (20, 0));
}

#[test]
fn a_write_that_never_arrived_is_sent_again() {
    let place = of(20);
    place.control().inject(at_the_write(Fault {
        drop_connection: true,
        ..Fault::default()
    }));
    let outcomes = place.write(&promoted(20));
    assert_eq!(outcomes[7], [WriteOutcome::Written]);
    assert_eq!(place.control().overview().counters.writes, 20);
}

#[test]
fn a_service_that_is_busy_is_waited_for_as_long_as_it_asks() {
    let place = of(1);
    place.control().inject(Fault {
        method: Some("PATCH".to_owned()),
        times: Some(1),
        status: Some(503),
        retry_after: Some("30".to_owned()),
        ..Fault::default()
    });
    assert_eq!(place.write(&promoted(1)), [[WriteOutcome::Written]]);
    assert!(place.passed() > Duration::from_secs(30));
}

#[test]
fn what_somebody_else_wrote_since_it_was_decided_stays() {
    let place = of(1);
    let other = json!({"jobTitle": "Of somebody else"});
    place.control().edit_user(&id(0), other).unwrap();
    assert_eq!(place.write(&promoted(1)), [[WriteOutcome::Moved]]);
    let held = place.property(&id(0), "jobTitle");
    assert_eq!(held.as_deref(), Some("Of somebody else"));
    assert_eq!(place.control().overview().counters.writes, 0);
}

#[test]
fn a_read_that_does_not_know_of_a_write_yet_makes_the_same_write_and_no_other() {
    let place = of(1);
    place.control().set_behaviour(Behaviour {
        stale_reads: 1,
        ..Behaviour::default()
    });
    place.control().inject(at_the_write(Fault {
        cut_after: Some(0),
        ..Fault::default()
    }));
    assert_eq!(place.write(&promoted(1)), [[WriteOutcome::Written]]);
    let counters = place.control().overview().counters;
    assert_eq!((counters.writes, counters.idle_writes), (2, 1));
}

/// Every request may meet trouble; whatever comes of it, each outcome says what the directory holds.
#[test]
fn in_any_weather_an_outcome_tells_the_truth() {
    let mut met = [0_u32; 3];
    for seed in 0..150 {
        let place = of(25);
        let mut storm = Storm::of(seed);
        for rate in storm.rates.values_mut() {
            *rate = 12;
        }
        // A list that lies about who is on it is nothing that a write meets.
        storm.rates.retain(|trouble, _| !trouble.deceives());
        storm.rates.insert(Trouble::ConnectionCut, 60);
        storm.rates.insert(Trouble::BodyCut, 60);
        storm.rates.insert(Trouble::Throttled, 60);
        place.control().begin_storm(storm);
        let people = promoted(25);
        let outcomes = place.with_writer(|writer| {
            let twenty = people.chunks(20);
            let answered = twenty.map(|twenty| (twenty.len(), writer.write(twenty)));
            let answered = answered.flat_map(|(number, outcomes)| {
                outcomes.map_or_else(
                    |_| vec![None; number],
                    |all| all.into_iter().map(Some).collect(),
                )
            });
            answered.collect::<Vec<_>>()
        });
        place.control().end_storm();
        for (number, outcome) in outcomes.iter().enumerate() {
            let held = place.property(&id(number), "jobTitle").unwrap();
            let (before, after) = (format!("Title {number}"), format!("Head {number}"));
            match outcome.as_deref() {
                Some([WriteOutcome::Written]) => {
                    assert_eq!(held, after, "seed {seed}");
                    met[0] += 1;
                }
                Some([WriteOutcome::Unknown { .. }]) => {
                    assert!(held == before || held == after, "seed {seed}");
                    met[1] += 1;
                }
                Some([WriteOutcome::Later { .. }]) | None => {
                    assert_eq!(held, before, "seed {seed}");
                    met[2] += 1;
                }
                other => panic!("seed {seed}: {other:?}"),
            }
        }
    }
    assert!(
        met.iter().all(|times| *times > 0),
        "each is put to the test: {met:?}"
    );
}

/// Law 19, from the outside: whatever was asked of Graph.
#[test]
fn nothing_is_asked_that_makes_deletes_or_disables_an_account() {
    let place = of(30);
    let mut people = promoted(30);
    people.push(person(
        &id(0),
        &[("accountEnabled", Some("true"), Some("false"))],
    ));
    people.push(person(
        &id(1),
        &[("userPrincipalName", None, Some("x@contoso.com"))],
    ));
    place.write(&people);
    for record in place.control().requests() {
        let path = record.path().to_owned();
        let allowed = match &*record.method {
            "GET" => true,
            "POST" => ["/token", "/$batch"].iter().any(|end| path.ends_with(end)),
            "PATCH" => record.inner && path.starts_with("/v1.0/users/"),
            _ => false,
        };
        assert!(allowed, "{} {path}", record.method);
    }
    let sent = place.requests.borrow();
    assert!(
        sent.iter()
            .all(|(method, _)| matches!(method, Method::Get | Method::Post))
    );
    let log = place.log.borrow().join("\n");
    for personal in ["Title", "Head", "contoso.com/p"] {
        assert!(!log.contains(personal), "{log}");
    }
    assert_eq!(
        place.control().user(&id(0)).unwrap().get("accountEnabled"),
        None
    );
}
