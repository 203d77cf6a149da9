use super::*;
use crate::graph_emulator::{ExpiredToken, Fault, Withheld};

const LIST: &str = "/v1.0/users?$select=id,displayName,businessPhones,department";
const CHANGES: &str = "/v1.0/users/delta?$select=displayName,businessPhones,department";

fn behave(tenant: &Tenant, change: impl FnOnce(&mut Behaviour)) {
    let mut behaviour = tenant.control.behaviour();
    change(&mut behaviour);
    tenant.control.set_behaviour(behaviour);
}

#[test]
fn a_lowered_permission_nulls_a_property_for_everybody_or_takes_it_away() {
    let tenant = Tenant::of_three();
    let one = format!("/v1.0/users/{ADA}?$select=id,displayName,businessPhones,department");
    let read = || {
        let by_id = tenant.get(&one).ok().body;
        let mut users = tenant.get(LIST).ok().users().to_vec();
        users.extend_from_slice(tenant.get(CHANGES).ok().users());
        users.push(by_id);
        users
    };
    assert!(read().iter().any(|user| user["department"] == "R&D"));
    behave(&tenant, |behaviour| {
        for name in ["department", "businessPhones", "id"] {
            behaviour.withheld.insert(name.to_owned(), Withheld::Null);
        }
    });
    for user in read() {
        assert_eq!(user.get("department"), Some(&Value::Null), "{user}");
        assert_eq!(user["businessPhones"], json!([]));
        assert!(user["id"].is_string(), "the id is never withheld");
    }
    behave(&tenant, |behaviour| {
        behaviour.withheld = [("department".to_owned(), Withheld::Absent)].into();
    });
    let users = read();
    assert!(users.iter().all(|user| user.get("department").is_none()));
    assert_eq!(users[0]["businessPhones"], json!(["+1 425 555 0100"]));
    behave(&tenant, |behaviour| behaviour.withheld.clear());
    assert!(read().iter().any(|user| user["department"] == "R&D"));
}

#[test]
fn a_user_answers_by_id_whom_no_list_states() {
    for tenant in [Tenant::of_three(), Tenant::of_company(3)] {
        let (everybody, _) = tenant.all(CHANGES);
        let hidden = everybody[1]["id"].as_str().unwrap().to_owned();
        behave(&tenant, |behaviour| {
            behaviour.hidden_from_lists.insert(hidden.clone());
        });
        for first in [LIST, CHANGES] {
            let (users, _) = tenant.all(first);
            assert_eq!(users.len(), 2, "{first}");
            assert!(users.iter().all(|user| user["id"] != *hidden));
        }
        let counted = tenant.eventual("/v1.0/users?$count=true&$select=id").ok();
        assert_eq!(counted.body["@odata.count"], 3, "the count still knows");
        assert_eq!(tenant.get(&format!("/v1.0/users/{hidden}")).status, 200);
    }
}

#[test]
fn a_user_is_stated_by_lists_who_does_not_answer_by_id() {
    let tenant = Tenant::of_three();
    behave(&tenant, |behaviour| {
        behaviour.hidden_by_id.insert(ADA.to_owned());
    });
    for key in [ADA, "ada@contoso.com"] {
        let refusal = tenant.get(&format!("/v1.0/users/{key}"));
        assert_eq!(refusal.refusal(), (404, "Request_ResourceNotFound"));
    }
    assert_eq!(tenant.get(&format!("/v1.0/users/{ROOM}")).status, 200);
    for first in [LIST, CHANGES] {
        let (users, _) = tenant.all(first);
        assert!(users.iter().any(|user| user["id"] == ADA), "{first}");
    }
}

#[test]
fn an_expired_token_is_refused_in_both_spellings_with_and_without_a_location() {
    let tenant = Tenant::of_three();
    let link = tenant.get(CHANGES).ok().delta_link();
    tenant.control.expire_delta_tokens();
    for (capitalised_sync_state, code) in
        [(false, "syncStateNotFound"), (true, "SyncStateNotFound")]
    {
        for (expired_token, status) in [(ExpiredToken::BadRequest, 400), (ExpiredToken::Gone, 410)]
        {
            for location_on_expiry in [false, true] {
                tenant.control.set_behaviour(Behaviour {
                    expired_token,
                    capitalised_sync_state,
                    location_on_expiry,
                    ..Behaviour::default()
                });
                let refusal = tenant.get(&link);
                assert_eq!(refusal.refusal(), (status, code));
                assert_eq!(refusal.header("location").is_some(), location_on_expiry);
            }
        }
    }
}

#[test]
fn a_reset_is_410_also_without_a_location() {
    let tenant = Tenant::of_three();
    let link = tenant.get(CHANGES).ok().delta_link();
    tenant.control.reset_delta();
    let located = tenant.get(&link);
    let location = located.header("location").unwrap();
    assert_eq!(tenant.get(location).ok().users().len(), 3);
    behave(&tenant, |behaviour| behaviour.location_on_reset = false);
    let bare = tenant.get(&link);
    assert_eq!(bare.refusal(), (410, "resyncRequired"));
    assert_eq!(bare.header("location"), None);
}

#[test]
fn a_batch_with_a_throttled_part_can_fail_as_a_whole() {
    let tenant = Tenant::of_three();
    behave(&tenant, |behaviour| behaviour.throttled_batch_fails = true);
    let requests = json!({"requests": [
        {"id": "1", "method": "GET", "url": format!("/users/{ADA}")},
        {"id": "2", "method": "GET", "url": format!("/users/{GUEST}")},
    ]});
    assert_eq!(tenant.post("/v1.0/$batch", &requests).status, 200);
    tenant.control.inject(Fault {
        path: Some(GUEST.to_owned()),
        times: Some(1),
        status: Some(429),
        ..Fault::default()
    });
    let answer = tenant.post("/v1.0/$batch", &requests);
    assert_eq!(answer.status, 424);
    let statuses: Vec<_> = answer.body["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["status"].clone())
        .collect();
    assert_eq!(statuses, [json!(200), json!(429)]);
}
