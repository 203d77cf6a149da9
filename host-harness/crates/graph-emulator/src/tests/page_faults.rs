use super::*;
use crate::{ExpiredToken, Fault, Items, Links};

const LIST: &str = "/v1.0/users?$select=id,displayName&$top=4";
const CHANGES: &str = "/v1.0/users/delta?$select=id,displayName";

fn pages() -> Tenant {
    Tenant::with(
        DirectorySource::Synthetic {
            users: 10,
            seed: SEED,
        },
        |options| options.delta_page_size = 4,
    )
}

fn inject(tenant: &Tenant, skip: u64, items: Items, links: Links) {
    tenant.control.inject(Fault {
        path: Some("/users".to_owned()),
        skip,
        times: Some(1),
        items,
        links,
        ..Fault::default()
    });
}

#[test]
fn a_page_in_the_middle_can_be_empty_and_still_lead_on() {
    let tenant = pages();
    let (everybody, _) = tenant.all(LIST);
    inject(&tenant, 1, Items::Removed, Links::Kept);
    let (seen, _) = tenant.all(LIST);
    assert_eq!(seen.len(), 6, "the four of the second page are nowhere");
    assert_eq!(seen[4..], everybody[8..]);
}

#[test]
fn a_list_can_end_early_while_the_count_says_more() {
    let tenant = pages();
    inject(&tenant, 1, Items::First(1), Links::Removed);
    let counted = tenant.eventual(&format!("{LIST}&$count=true")).ok();
    assert_eq!(counted.body["@odata.count"], 10);
    let next = counted.next_link().unwrap();
    let last = tenant.eventual(&next).ok();
    assert_eq!((last.users().len(), last.next_link()), (1, None));
}

#[test]
fn a_round_can_end_without_any_link() {
    let tenant = pages();
    inject(&tenant, 2, Items::Kept, Links::Removed);
    let (users, last) = tenant.all(CHANGES);
    assert_eq!(users.len(), 10);
    assert!(last.body.get("@odata.deltaLink").is_none());
}

#[test]
fn links_can_lead_around_in_a_circle() {
    let tenant = pages();
    tenant.control.inject(Fault {
        path: Some("$skiptoken".to_owned()),
        links: Links::Back(1),
        ..Fault::default()
    });
    let first = tenant.get(LIST).ok();
    let second = tenant.get(&first.next_link().unwrap()).ok();
    assert_eq!(second.next_link().unwrap(), format!("{ROOT}{LIST}"));
    inject(&tenant, 0, Items::Kept, Links::Back(0));
    let itself = tenant.get(CHANGES).ok();
    assert_eq!(itself.next_link().unwrap(), format!("{ROOT}{CHANGES}"));
}

#[test]
fn links_can_be_new_for_ever_and_show_the_same_people() {
    let tenant = pages();
    tenant.control.inject(Fault {
        path: Some("/users".to_owned()),
        links: Links::Renewed,
        ..Fault::default()
    });
    for opening in [LIST, CHANGES] {
        let mut page = tenant.get(opening).ok();
        let people = page.users().to_vec();
        let mut links = std::collections::BTreeSet::new();
        for _ in 0..5 {
            let next = page.next_link().unwrap();
            page = tenant.get(&next).ok();
            assert_eq!(page.users(), people);
            assert!(links.insert(next));
        }
    }
}

#[test]
fn a_page_can_come_twice_under_two_addresses_and_the_round_goes_on() {
    let tenant = pages();
    let (everybody, _) = tenant.all(CHANGES);
    inject(&tenant, 1, Items::Kept, Links::Renewed);
    let (seen, last) = tenant.all(CHANGES);
    assert_eq!(seen.len(), 14);
    assert_eq!(seen[4..8], seen[8..12]);
    assert_eq!(seen[8..], everybody[4..]);
    last.delta_link();
}

#[test]
fn people_can_come_twice_in_the_opposite_order_and_contradicted() {
    let tenant = pages();
    let truth = tenant.get(CHANGES).ok();
    let page = |items| {
        inject(&tenant, 0, items, Links::Kept);
        tenant.get(CHANGES).ok().users().to_vec()
    };
    let twice = page(Items::Twice);
    assert_eq!((twice.len(), &twice[0]), (8, &twice[1]));
    let mut reversed = page(Items::Reversed);
    reversed.reverse();
    assert_eq!(reversed, truth.users());
    let contradicted = page(Items::Contradicted);
    assert_eq!(contradicted[0]["id"], contradicted[1]["id"]);
    assert_eq!(contradicted[0]["@removed"]["reason"], "changed");
    assert_eq!(contradicted[1], truth.users()[0], "the truth comes last");
}

#[test]
fn a_tombstone_can_follow_the_user_it_buries() {
    let tenant = pages();
    let (users, last) = tenant.all(CHANGES);
    let id = users[0]["id"].as_str().unwrap();
    tenant.control.delete_user(id).unwrap();
    inject(&tenant, 0, Items::Contradicted, Links::Kept);
    let items = tenant.get(&last.delta_link()).ok().users().to_vec();
    assert_eq!(
        items,
        [
            json!({"id": id}),
            json!({"id": id, "@removed": {"reason": "changed"}})
        ]
    );
}

#[test]
fn a_near_limit_is_told_on_an_answer_that_succeeds_also_inside_a_batch() {
    let tenant = Tenant::of_three();
    tenant.control.inject(Fault {
        path: Some(ADA.to_owned()),
        inner: Some(true),
        headers: [(
            "x-ms-throttle-limit-percentage".to_owned(),
            "1.1".to_owned(),
        )]
        .into(),
        ..Fault::default()
    });
    let outside = tenant.get(&format!("/v1.0/users/{ADA}")).ok();
    assert_eq!(outside.header("x-ms-throttle-limit-percentage"), None);
    let requests = json!([{"id": "1", "method": "GET", "url": format!("/users/{ADA}")}]);
    let answer = tenant
        .post("/v1.0/$batch", &json!({"requests": requests}))
        .ok();
    let part = &answer.body["responses"][0];
    assert_eq!(part["status"], 200);
    let headers = &part["headers"];
    assert_eq!(headers["x-ms-throttle-limit-percentage"], "1.1");
    assert_eq!(
        headers["x-ms-throttle-information"],
        "ResourceUnitLimitExceeded"
    );
    let scope = headers["x-ms-throttle-scope"].as_str().unwrap();
    assert!(
        scope.starts_with("Tenant_Application/ReadWrite/"),
        "{scope}"
    );
}

#[test]
fn a_lost_sync_state_is_refused_in_every_way_that_was_seen() {
    for (expired_token, status) in [
        (ExpiredToken::BadRequest, 400),
        (ExpiredToken::NotFound, 404),
        (ExpiredToken::Gone, 410),
    ] {
        for (capital_sync_state, code) in
            [(false, "syncStateNotFound"), (true, "SyncStateNotFound")]
        {
            let tenant = pages();
            let (_, last) = tenant.all(CHANGES);
            tenant.control.expire_delta_tokens();
            tenant.control.set_behaviour(Behaviour {
                expired_token,
                capital_sync_state,
                ..Behaviour::default()
            });
            let answer = tenant.get(&last.delta_link());
            assert_eq!(answer.refusal(), (status, code));
        }
    }
}

#[test]
fn a_reset_can_come_without_the_way_back() {
    let tenant = pages();
    let (_, last) = tenant.all(CHANGES);
    tenant.control.reset_delta();
    let promised = tenant.get(&last.delta_link());
    assert!(promised.header("location").is_some());
    tenant.control.set_behaviour(Behaviour {
        reset_without_location: true,
        ..Behaviour::default()
    });
    let bare = tenant.get(&last.delta_link());
    assert_eq!((bare.status, bare.header("location")), (410, None));
}
