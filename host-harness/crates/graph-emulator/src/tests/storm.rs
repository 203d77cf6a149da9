use std::collections::BTreeSet;

use super::*;
use crate::control_interface;
use crate::{Fault, Storm, Trouble};

const LIST: &str = "/v1.0/users?$select=id&$top=4";
const CHANGES: &str = "/v1.0/users/delta?$select=id";

/// What a hundred requests meet, as the log tells it, and how they are answered.
fn history(storm: Storm) -> Vec<(Option<String>, u16)> {
    let tenant = Tenant::of_company(10);
    tenant.control.clear_requests();
    tenant.control.begin_storm(storm);
    for number in 0..100 {
        tenant.get(if number % 2 == 0 { LIST } else { CHANGES });
    }
    let log = tenant.control.requests().into_iter();
    log.map(|record| (record.trouble, record.status)).collect()
}

#[test]
fn the_same_seed_brings_the_same_trouble_and_another_seed_another() {
    let storm = |seed| Storm::only(seed, Trouble::ALL, 40);
    assert_eq!(history(storm(7)), history(storm(7)));
    assert_ne!(history(storm(7)), history(storm(8)));
}

#[test]
fn the_log_names_the_seed_the_request_and_the_trouble() {
    let history = history(Storm::only(7, [Trouble::Conflict], 1_000));
    let expected = (Some("storm 7, request 3: Conflict".to_owned()), 409);
    assert_eq!(history[2], expected);
    assert!(history.iter().all(|(_, status)| *status == 409));
}

#[test]
fn a_storm_is_over_after_its_requests_and_the_usual_one_is_mostly_calm() {
    let mut storm = Storm::only(1, [Trouble::Unavailable], 1_000);
    storm.requests = Some(10);
    let short = history(storm);
    let troubled = |history: &[(Option<String>, u16)]| {
        history
            .iter()
            .filter(|(trouble, _)| trouble.is_some())
            .count()
    };
    assert_eq!((troubled(&short), troubled(&short[..10])), (10, 10));
    let usual: usize = (0..20)
        .map(|seed| troubled(&history(Storm::of(seed))))
        .sum();
    assert!((60..300).contains(&usual), "{usual} of 2000");
}

#[test]
fn every_trouble_shows_in_an_answer_that_can_have_it() {
    for trouble in Trouble::ALL {
        let tenant = Tenant::with(
            DirectorySource::Synthetic {
                users: 9,
                seed: SEED,
            },
            |options| options.delta_page_size = 4,
        );
        let calm: Vec<_> = [LIST, CHANGES]
            .iter()
            .flat_map(|first| {
                let page = tenant.get(first).ok();
                let next = page.next_link().unwrap();
                [page, tenant.get(&next).ok()]
            })
            .collect();
        tenant.control.begin_storm(Storm::only(3, [trouble], 1_000));
        let (list, changes) = (calm[0].next_link(), calm[2].next_link());
        let stormy = [
            tenant.get(LIST),
            tenant.get(&list.unwrap()),
            tenant.get(CHANGES),
            tenant.get(&changes.unwrap()),
        ];
        let met = tenant.control.requests();
        let differs = calm.iter().zip(&stormy).zip(&met[met.len() - 4..]);
        let differs = differs.filter(|((calm, stormy), record)| {
            // Delta tokens never come twice, so a page of changes always differs.
            let hint = "x-ms-throttle-limit-percentage";
            let other = calm.status != stormy.status
                || calm.body["value"] != stormy.body["value"]
                || calm.next_link().is_some() != stormy.next_link().is_some()
                || (record.path() == "/v1.0/users" && calm.next_link() != stormy.next_link())
                || stormy
                    .next_link()
                    .is_some_and(|link| link.contains("again="))
                || stormy
                    .next_link()
                    .is_some_and(|link| link.ends_with(&record.target))
                || stormy.header(hint).is_some()
                || stormy.reply.hang_up
                || stormy.reply.cut_after.is_some();
            assert!(
                !other || record.trouble.is_some(),
                "{trouble:?}: {record:?}"
            );
            other
        });
        assert!(differs.count() > 0, "{trouble:?}");
    }
}

#[test]
fn scripted_faults_come_first_and_are_counted_by_the_storm() {
    let tenant = Tenant::of_three();
    tenant.control.clear_requests();
    tenant
        .control
        .begin_storm(Storm::only(1, [Trouble::Conflict], 1_000));
    tenant.control.inject(Fault {
        status: Some(503),
        times: Some(1),
        ..Fault::default()
    });
    tenant.get("/v1.0/users");
    tenant.get("/v1.0/users");
    let troubles: Vec<_> = tenant
        .control
        .requests()
        .into_iter()
        .map(|r| r.trouble)
        .collect();
    assert_eq!(
        troubles,
        [
            Some("fault".to_owned()),
            Some("storm 1, request 2: Conflict".to_owned())
        ]
    );
}

#[test]
fn a_storm_is_begun_shown_and_ended_over_the_interface() {
    let tenant = Tenant::of_three();
    let operate = |method, body: &Value| {
        let mut call = Call::new(method, "/emulator/storm", ROOT);
        call.body = body.to_string().into_bytes();
        let reply = control_interface::answer(&tenant.control, &call);
        let body = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
        (reply.status.as_u16(), body)
    };
    assert_eq!(operate(Method::GET, &Value::Null).0, 204, "none is on");
    let storm = json!({"seed": 9, "rates": {"throttled": 1000}, "retryAfter": ["2.128"]});
    assert_eq!(operate(Method::PUT, &storm).0, 204);
    assert_eq!(
        operate(Method::GET, &Value::Null).1["rates"],
        storm["rates"]
    );
    assert_eq!(tenant.control.overview().storm, Some(9));
    let throttled = tenant.get("/v1.0/users");
    assert_eq!(
        (throttled.status, throttled.header("retry-after")),
        (429, Some("2.128"))
    );
    assert_eq!(operate(Method::PUT, &json!({"rates": {"rain": 1}})).0, 400);
    assert_eq!(operate(Method::DELETE, &Value::Null).0, 204);
    tenant.get("/v1.0/users").ok();
}

#[test]
fn the_troubles_are_all_different() {
    assert_eq!(BTreeSet::from(Trouble::ALL).len(), Trouble::ALL.len());
}
