use super::*;
use crate::graph_emulator::{Fault, ItemFault, LinkFault, Throttle};

const LIST: &str = "/v1.0/users?$select=id&$top=10&$count=true";
const CHANGES: &str = "/v1.0/users/delta?$select=displayName";

fn on_users(fault: Fault) -> Fault {
    Fault {
        path: Some("/v1.0/users".to_owned()),
        times: fault.times.or(Some(1)),
        ..fault
    }
}

fn rearranged(items: &[ItemFault]) -> Fault {
    on_users(Fault {
        items: items.to_vec(),
        ..Fault::default()
    })
}

fn relinked(link: LinkFault) -> Fault {
    on_users(Fault {
        link: Some(link),
        ..Fault::default()
    })
}

fn standing(users: &[Value]) -> Vec<(&str, bool)> {
    users
        .iter()
        .map(|user| (user["id"].as_str().unwrap(), user.get("@removed").is_some()))
        .collect()
}

#[test]
fn a_list_ends_early_while_its_count_says_more() {
    let tenant = Tenant::of_company(35);
    tenant.control.inject(Fault {
        skip: 1,
        ..relinked(LinkFault::Missing)
    });
    let first = tenant.eventual(LIST).ok();
    assert_eq!(first.body["@odata.count"], 35);
    let second = tenant.eventual(&first.next_link().unwrap()).ok();
    assert_eq!((second.users().len(), second.next_link()), (10, None));
}

#[test]
fn a_page_of_changes_leads_nowhere() {
    let tenant = Tenant::of_three();
    tenant.control.inject(relinked(LinkFault::Missing));
    let page = tenant.get(CHANGES).ok();
    assert_eq!(page.users().len(), 3);
    assert!(page.body.get("@odata.deltaLink").is_none());
    assert!(page.next_link().is_none());
}

#[test]
fn an_empty_page_in_the_middle_keeps_its_link_or_loses_it() {
    let tenant = Tenant::of_company(35);
    let first = tenant.get(LIST).ok();
    let second = first.next_link().unwrap();
    tenant.control.inject(rearranged(&[ItemFault::Empty]));
    let empty = tenant.get(&second).ok();
    assert_eq!(empty.users().len(), 0);
    assert_eq!(
        tenant.get(&empty.next_link().unwrap()).ok().users().len(),
        10
    );
    tenant.control.inject(Fault {
        link: Some(LinkFault::Missing),
        ..rearranged(&[ItemFault::Empty])
    });
    let end = tenant.get(&second).ok();
    assert_eq!((end.users().len(), end.next_link()), (0, None));
}

#[test]
fn a_list_goes_in_a_circle_as_long_as_the_fault_stays() {
    let tenant = Tenant::of_company(35);
    tenant.control.inject(Fault {
        skip: 2,
        times: Some(u64::MAX),
        ..relinked(LinkFault::Back(1))
    });
    let mut page = tenant.get(LIST).ok();
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(page.ids()[0].to_owned());
        page = tenant.get(&page.next_link().unwrap()).ok();
    }
    assert_eq!(seen[1], seen[3], "the third page leads back to the second");
    assert_eq!(seen[2], seen[4]);
    assert_ne!(seen[1], seen[2]);
    tenant.control.clear_faults();
    let (rest, _) = tenant.all(LIST);
    assert_eq!(rest.len(), 35);
}

#[test]
fn a_list_never_ends_though_every_link_is_a_new_one() {
    let tenant = Tenant::of_three();
    for (first, items) in [
        (LIST, Vec::new()),
        (CHANGES, Vec::new()),
        (LIST, vec![ItemFault::Empty]),
    ] {
        tenant.control.clear_faults();
        tenant.control.inject(Fault {
            times: Some(u64::MAX),
            items: items.clone(),
            ..relinked(LinkFault::Fresh)
        });
        let mut links = std::collections::BTreeSet::new();
        let mut page = tenant.get(first).ok();
        for _ in 0..5 {
            assert_eq!(page.users().len(), if items.is_empty() { 3 } else { 0 });
            let next = page.next_link().unwrap();
            page = tenant.get(&next).ok();
            assert!(links.insert(next), "the link was given before");
        }
    }
}

#[test]
fn users_come_twice_in_reverse_or_only_by_half() {
    let tenant = Tenant::of_three();
    for (items, expected) in [
        (
            vec![ItemFault::Doubled],
            vec![ADA, ADA, ROOM, ROOM, GUEST, GUEST],
        ),
        (vec![ItemFault::Reversed], vec![GUEST, ROOM, ADA]),
        (vec![ItemFault::Halved], vec![ADA]),
        (vec![ItemFault::Reversed, ItemFault::Halved], vec![GUEST]),
    ] {
        tenant.control.inject(rearranged(&items));
        assert_eq!(tenant.get(LIST).ok().ids(), expected, "{items:?}");
    }
}

#[test]
fn an_earlier_page_is_replayed_before_a_later_one() {
    let tenant = Tenant::of_company(35);
    let first = tenant.get(LIST).ok();
    let second = tenant.get(&first.next_link().unwrap()).ok();
    tenant.control.inject(rearranged(&[ItemFault::Replayed(2)]));
    let third = tenant.get(&second.next_link().unwrap()).ok();
    assert_eq!(third.users().len(), 20);
    assert_eq!(third.ids()[..10], first.ids());
    assert!(!first.ids().contains(&third.ids()[10]));
}

#[test]
fn a_tombstone_stands_before_who_is_there_and_after_who_is_gone() {
    let tenant = Tenant::of_three();
    tenant.control.delete_user(ROOM).unwrap();
    tenant.control.inject(rearranged(&[
        ItemFault::TombstonesFirst,
        ItemFault::TombstonesLast,
    ]));
    let page = tenant.get(CHANGES).ok();
    assert_eq!(
        standing(page.users()),
        [
            // The tombstone that was put in is one more for the second fault to precede.
            (ADA, false),
            (ADA, true),
            (ADA, false),
            (ROOM, false),
            (ROOM, true),
            (GUEST, false),
            (GUEST, true),
            (GUEST, false),
        ]
    );
    assert_eq!(page.users()[3]["displayName"], "Conf Room Baker");
    tenant
        .control
        .inject(rearranged(&[ItemFault::TombstonesFirst]));
    assert_eq!(
        tenant.get(LIST).ok().ids(),
        [ADA, GUEST],
        "a list has no tombstones"
    );
}

#[test]
fn limits_are_stated_on_answers_and_on_refusals() {
    let tenant = Tenant::of_three();
    let near = Throttle {
        limit_percentage: Some("0.92".to_owned()),
        ..Throttle::default()
    };
    let met = Throttle {
        limit_percentage: Some("1.3".to_owned()),
        information: Some("CPULimitExceeded".to_owned()),
        scope: Some("Tenant/Read/a/t".to_owned()),
    };
    for (status, throttle) in [(None, near), (Some(429), met)] {
        tenant.control.inject(Fault {
            status,
            throttle: Some(throttle.clone()),
            ..on_users(Fault::default())
        });
        let answer = tenant.get(LIST);
        assert_eq!(answer.status, status.unwrap_or(200));
        for (name, value) in [
            ("x-ms-throttle-limit-percentage", throttle.limit_percentage),
            ("x-ms-throttle-information", throttle.information),
            ("x-ms-throttle-scope", throttle.scope),
        ] {
            assert_eq!(answer.header(name), value.as_deref(), "{name}");
        }
    }
}

#[test]
fn a_part_of_a_batch_is_refused_alone_with_and_without_a_time_to_wait() {
    let tenant = Tenant::of_three();
    let requests = json!({"requests": [
        {"id": "1", "method": "GET", "url": format!("/users/{ADA}")},
        {"id": "2", "method": "GET", "url": format!("/users/{GUEST}")},
    ]});
    for (status, retry_after) in [(429, None), (503, Some("3")), (500, None), (504, Some("1"))] {
        tenant.control.inject(Fault {
            path: Some("/v1.0/".to_owned()),
            inside_batch: Some(true),
            skip: 1,
            times: Some(1),
            status: Some(status),
            retry_after: retry_after.map(str::to_owned),
            throttle: Some(Throttle {
                limit_percentage: Some("1.1".to_owned()),
                ..Throttle::default()
            }),
            ..Fault::default()
        });
        let answer = tenant.post("/v1.0/$batch", &requests).ok();
        let parts = answer.body["responses"].as_array().unwrap();
        let part = |id: &str| parts.iter().find(|part| part["id"] == id).unwrap();
        assert_eq!(part("1")["status"], 200, "{status}");
        assert_eq!(part("2")["status"], status);
        let headers = &part("2")["headers"];
        assert_eq!(headers["Retry-After"].as_str(), retry_after);
        assert_eq!(headers["x-ms-throttle-limit-percentage"], "1.1");
    }
    tenant.control.inject(Fault {
        inside_batch: Some(false),
        times: Some(1),
        status: Some(424),
        ..Fault::default()
    });
    let whole = tenant.post("/v1.0/$batch", &requests);
    assert_eq!(whole.refusal(), (424, "FailedDependency"));
}

#[test]
fn a_refusal_is_worded_by_its_code_and_leads_where_it_is_told() {
    let tenant = Tenant::of_three();
    for (status, code, begins, location) in [
        (
            400,
            "Directory_ExpiredPageToken",
            "The specified page token",
            None,
        ),
        (410, "SyncStateNotFound", "The sync state generation", None),
        (400, "syncStateNotFound", "The sync state generation", None),
        (
            410,
            "resyncRequired",
            "Resync required",
            Some("https://elsewhere.example/v1.0/users/delta"),
        ),
        (
            503,
            "Directory_ConcurrencyViolation",
            "Error due to concurrent requests",
            None,
        ),
    ] {
        tenant.control.inject(on_users(Fault {
            status: Some(status),
            code: Some(code.to_owned()),
            location: location.map(str::to_owned),
            ..Fault::default()
        }));
        let answer = tenant.get(CHANGES);
        let (stated, stated_code, message) = answer.error();
        assert_eq!((stated, stated_code), (status, code));
        assert!(message.starts_with(begins), "{code}: {message}");
        assert_eq!(answer.header("location"), location);
    }
}

#[test]
fn a_body_may_be_no_json_and_say_so_or_not() {
    let tenant = Tenant::of_three();
    for content_type in [None, Some("text/html")] {
        tenant.control.inject(on_users(Fault {
            body: Some("<html>Bad Gateway</html>".to_owned()),
            content_type: content_type.map(str::to_owned),
            ..Fault::default()
        }));
        let answer = tenant.get(LIST);
        assert_eq!((answer.status, &answer.body), (200, &Value::Null));
        let labelled = answer.header("content-type").unwrap();
        assert!(
            labelled.starts_with(content_type.unwrap_or("application/json")),
            "{labelled}"
        );
    }
}

#[test]
fn a_link_leads_to_another_host() {
    let tenant = Tenant::of_three();
    let elsewhere = "https://elsewhere.example/v1.0/users?$skiptoken=x";
    tenant
        .control
        .inject(relinked(LinkFault::To(elsewhere.to_owned())));
    let page = tenant.get(LIST).ok();
    assert_eq!(page.next_link().as_deref(), Some(elsewhere));
    assert_eq!(page.users().len(), 3);
}

#[test]
fn a_token_is_challenged_before_it_has_expired() {
    let tenant = Tenant::of_three();
    let challenge = "Bearer error=\"insufficient_claims\", claims=\"e30=\"";
    tenant.control.inject(on_users(Fault {
        status: Some(401),
        challenge: Some(challenge.to_owned()),
        ..Fault::default()
    }));
    let refusal = tenant.get(LIST);
    assert_eq!(refusal.refusal(), (401, "InvalidAuthenticationToken"));
    assert_eq!(refusal.header("www-authenticate"), Some(challenge));
    tenant.get(LIST).ok();
}
