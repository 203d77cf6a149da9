use std::collections::BTreeMap;

use super::control::operate;
use super::*;
use crate::graph_emulator::{Fault, FaultOrigin, Nature, RequestRecord, Storm, Trouble};

const CHANGES: &str = "/v1.0/users/delta?$select=displayName,jobTitle";

fn storm(seed: u64, share: f64, troubles: Vec<Trouble>) -> Storm {
    Storm {
        seed,
        share,
        troubles,
        in_a_row: Some(3),
        ..Storm::default()
    }
}

/// Reads a round as a careful client does: asks again where asking again helps, follows links, and
/// lets the last word about a user stand.
fn synchronised(tenant: &Tenant, first: &str) -> BTreeMap<String, Option<Value>> {
    let mut people = BTreeMap::new();
    let mut next = first.to_owned();
    for _ in 0..500 {
        let answer = tenant.get(&next);
        let broken = answer.reply.hang_up || answer.reply.cut_after.is_some();
        if broken || answer.status != 200 || answer.body.is_null() {
            continue;
        }
        for user in answer.users() {
            let id = user["id"].as_str().unwrap().to_owned();
            let there = user.get("@removed").is_none();
            people.insert(id, there.then(|| user["displayName"].clone()));
        }
        match answer.next_link() {
            Some(link) => next = link,
            None => return people,
        }
    }
    panic!("the round did not end")
}

fn origins(tenant: &Tenant) -> Vec<(String, u16, Option<FaultOrigin>)> {
    tenant
        .control
        .requests()
        .into_iter()
        .map(|record: RequestRecord| (record.path().to_owned(), record.status, record.fault))
        .collect()
}

fn company() -> Tenant {
    let tenant = Tenant::with(
        DirectorySource::Synthetic {
            users: 120,
            seed: SEED,
        },
        |options| {
            options.delta_page_size = 10;
        },
    );
    let gone = tenant.get(CHANGES).ok().ids()[3].to_owned();
    tenant.control.delete_user(&gone).unwrap();
    tenant.control.clear_requests();
    tenant
}

#[test]
fn passing_trouble_and_odd_pages_make_no_difference_to_a_careful_client() {
    let calm = synchronised(&company(), CHANGES);
    assert_eq!(calm.len(), 120);
    let harmless = [Trouble::of(Nature::Passing), Trouble::of(Nature::Odd)].concat();
    for seed in 0..40 {
        let tenant = company();
        tenant
            .control
            .raise_storm(storm(seed, 0.5, harmless.clone()));
        assert_eq!(synchronised(&tenant, CHANGES), calm, "seed {seed}");
        let report = tenant.control.storm().unwrap();
        assert!(report.met > 0, "seed {seed} met nobody");
    }
}

#[test]
fn untrue_pages_do_make_a_difference() {
    let calm = synchronised(&company(), CHANGES);
    let differing = (0..40)
        .filter(|&seed| {
            let tenant = company();
            let untrue = vec![Trouble::EndsEarly, Trouble::EndsEmpty, Trouble::Halved];
            tenant.control.raise_storm(storm(seed, 0.3, untrue));
            synchronised(&tenant, CHANGES) != calm
        })
        .count();
    assert!(differing > 30, "{differing} of 40 seeds");
}

#[test]
fn the_log_tells_the_seed_and_the_same_seed_replays_the_same_story() {
    let story = |seed| {
        let tenant = company();
        tenant
            .control
            .raise_storm(storm(seed, 0.5, Trouble::of(Nature::Passing)));
        synchronised(&tenant, CHANGES);
        origins(&tenant)
    };
    let first = story(11);
    let in_trouble: Vec<_> = (1..)
        .zip(&first)
        .filter_map(|(number, (_, _, origin))| Some((number, (*origin)?)))
        .collect();
    assert!(!in_trouble.is_empty());
    for (number, origin) in in_trouble {
        match origin {
            FaultOrigin::Storm { seed, draw, .. } => assert_eq!((seed, draw), (11, number)),
            FaultOrigin::Script => panic!("nothing was scripted"),
        }
    }
    assert_eq!(story(11), first);
    let statuses = |story: Vec<(String, u16, Option<FaultOrigin>)>| -> Vec<u16> {
        story.into_iter().map(|(_, status, _)| status).collect()
    };
    assert_ne!(statuses(story(12)), statuses(first));
}

#[test]
fn a_scripted_fault_wins_over_a_storm_and_does_not_move_its_draws() {
    let draws = |fault: Option<Fault>| {
        let tenant = company();
        tenant.control.raise_storm(Storm {
            in_a_row: None,
            ..storm(5, 0.5, vec![Trouble::Throttled])
        });
        fault
            .into_iter()
            .for_each(|fault| tenant.control.inject(fault));
        for _ in 0..20 {
            tenant.get(CHANGES);
        }
        origins(&tenant)
    };
    let plain = draws(None);
    let scripted = draws(Some(Fault {
        times: Some(1),
        status: Some(500),
        ..Fault::default()
    }));
    assert_eq!(
        (scripted[0].1, scripted[0].2),
        (500, Some(FaultOrigin::Script))
    );
    assert_eq!(scripted[1..], plain[1..]);
}

#[test]
fn a_storm_meets_the_parts_of_a_batch_one_by_one() {
    let tenant = Tenant::of_company(20);
    tenant.control.raise_storm(Storm {
        path: Some("/v1.0/users/".to_owned()),
        in_a_row: None,
        ..storm(3, 0.5, vec![Trouble::Throttled, Trouble::Unavailable])
    });
    let parts: Vec<_> = (0..20)
        .map(|n| json!({"id": n.to_string(), "method": "GET", "url": format!("/users/nobody{n}")}))
        .collect();
    let answer = tenant
        .post("/v1.0/$batch", &json!({"requests": parts}))
        .ok();
    let statuses: std::collections::BTreeSet<_> = answer.body["responses"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|part| part["status"].as_u64())
        .collect();
    assert_eq!(statuses, [404, 429, 503].into(), "seed 3");
}

#[test]
fn the_interface_raises_shows_and_ends_a_storm() {
    let tenant = Tenant::of_three();
    let wanted = json!({"seed": 9, "share": 1.0, "troubles": ["throttled"], "requests": 2});
    assert_eq!(operate(&tenant, Method::PUT, "/storm", &wanted).0, 204);
    assert_eq!(tenant.get("/v1.0/users").status, 429);
    let (_, report) = operate(&tenant, Method::GET, "/storm", &Value::Null);
    assert_eq!(
        (&report["requests"], &report["met"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(report["storm"]["seed"], 9);
    let (_, overview) = operate(&tenant, Method::GET, "", &Value::Null);
    assert_eq!(overview["storm"], report);
    let (_, log) = operate(&tenant, Method::GET, "/requests", &Value::Null);
    let origin = &log.as_array().unwrap().last().unwrap()["fault"];
    let expected = json!({"by": "storm", "seed": 9, "draw": 1, "trouble": "throttled"});
    assert_eq!(*origin, expected);
    assert_eq!(
        operate(&tenant, Method::DELETE, "/storm", &Value::Null).1,
        report
    );
    assert_eq!(tenant.get("/v1.0/users").status, 200);
    assert_eq!(operate(&tenant, Method::GET, "/storm", &Value::Null).0, 204);
    let misspelt = json!({"seed": 9, "troubles": ["thunder"]});
    assert_eq!(operate(&tenant, Method::PUT, "/storm", &misspelt).0, 400);
}
