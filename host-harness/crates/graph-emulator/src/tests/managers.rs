use std::collections::BTreeMap;

use super::*;
use crate::ChangeError;

const BOSS: &str = "11111111-0000-4000-8000-000000000004";

/// Ada reports to Miles, Miles to the boss, and the boss to nobody.
fn chain() -> Tenant {
    let mut people = three();
    people[2]["manager"] = json!({"id": BOSS});
    people.push(json!({"id": BOSS, "userPrincipalName": "boss@contoso.com", "displayName": "Bo"}));
    Tenant::with(DirectorySource::Users(people), |_| {})
}

fn expand(tenant: &Tenant, options: &str) -> Answer {
    tenant.eventual(&format!(
        "/v1.0/users/{ADA}?$expand=manager{options}&$select=id,displayName&$count=true"
    ))
}

#[test]
fn the_chain_of_managers_is_stated_one_inside_the_other_up_to_the_root() {
    let tenant = chain();
    let body = expand(&tenant, "($levels=max;$select=id,displayName)")
        .ok()
        .body;
    let kind = "#microsoft.graph.user";
    assert_eq!(
        body["manager"],
        json!({
            "@odata.type": kind, "id": GUEST, "displayName": "Miles O'Brien",
            "manager": {"@odata.type": kind, "id": BOSS, "displayName": "Bo"},
        })
    );
    for (levels, depth) in [("1", 1), ("2", 2), ("3", 2), ("1000", 2), ("MAX", 2)] {
        let options = format!("($select=id;$levels={levels})");
        let body = expand(&tenant, &options).ok().body;
        let stated = std::iter::successors(body.get("manager"), |above| above.get("manager"));
        assert_eq!(stated.count(), depth, "{levels}");
    }
}

#[test]
fn a_list_states_the_immediate_manager_and_refuses_the_chain() {
    let tenant = chain();
    for options in ["", "($levels=1)", "($select=id,displayName)"] {
        let list = tenant
            .get(&format!("/v1.0/users?$expand=manager{options}&$select=id"))
            .ok();
        assert_eq!(list.users()[0]["manager"]["id"], GUEST);
        assert_eq!(list.users()[0]["manager"].get("manager"), None);
        assert_eq!(list.users()[3].get("manager"), None, "who has none");
    }
    for levels in ["2", "max"] {
        let path = format!("/v1.0/users?$expand=manager($levels={levels})&$select=id");
        assert_eq!(
            tenant.get(&path).refusal(),
            (400, "Request_UnsupportedQuery")
        );
    }
}

#[test]
fn a_list_with_managers_has_a_hundred_people_a_page_whatever_it_is_asked_for() {
    let tenant = Tenant::of_company(250);
    let page = tenant.get("/v1.0/users?$expand=manager&$top=999").ok();
    assert_eq!(page.users().len(), 100);
    let (people, _) = tenant.all("/v1.0/users?$expand=manager&$top=999");
    assert_eq!(people.len(), 250);
    assert_eq!(tenant.get("/v1.0/users?$top=999").ok().users().len(), 250);
}

#[test]
fn a_delta_query_expands_no_manager() {
    let answer = chain().get("/v1.0/users/delta?$select=displayName&$expand=manager");
    assert_eq!(answer.status, 400);
}

#[test]
fn a_manager_who_may_not_be_read_is_told_by_type_and_id_alone() {
    let tenant = chain();
    tenant.control.set_behaviour(Behaviour {
        unreadable_managers: true,
        ..Behaviour::default()
    });
    let list = tenant
        .get("/v1.0/users?$expand=manager($select=id,displayName)")
        .ok();
    assert_eq!(
        list.users()[0]["manager"],
        json!({"@odata.type": "#microsoft.graph.user", "id": GUEST, "displayName": null})
    );
}

#[test]
fn those_who_report_to_somebody_are_listed_a_page_at_a_time() {
    let tenant = Tenant::of_company(400);
    let (people, _) = tenant.all("/v1.0/users?$expand=manager&$select=id");
    let mut reports: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for person in &people {
        if let Some(manager) = person["manager"]["id"].as_str() {
            let reports = reports.entry(manager).or_default();
            reports.push(person["id"].as_str().unwrap());
        }
    }
    let (manager, expected) = reports.iter().max_by_key(|(_, of)| of.len()).unwrap();
    let path = format!("/v1.0/users/{manager}/directReports?$select=id&$top=2");
    let (told, _) = tenant.all(&path);
    let ids: Vec<_> = told
        .iter()
        .map(|told| told["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, *expected);
    assert_eq!(told[0]["@odata.type"], "#microsoft.graph.user");

    let chain = chain();
    let path = |id: &str| format!("/v1.0/users/{id}/directReports");
    assert_eq!(chain.get(&path(BOSS)).ok().ids(), [GUEST]);
    assert_eq!(chain.get(&path(ROOM)).ok().ids(), Vec::<&str>::new());
    let nobody = "11111111-0000-4000-8000-000000000099";
    assert_eq!(
        chain.get(&path(nobody)).refusal(),
        (404, "Request_ResourceNotFound")
    );
    chain.control.delete_user(BOSS).unwrap();
    assert_eq!(
        chain.get(&path(BOSS)).status,
        404,
        "who is deleted has no reports"
    );
}

#[test]
fn a_manager_is_set_by_an_address_and_cleared_with_the_permission_to_write() {
    let mut tenant = chain();
    let path = format!("/v1.0/users/{ADA}/manager/$ref");
    let send = |tenant: &Tenant, method: Method, body: Value| {
        let mut call = Call::new(method, &path, ROOT);
        set(
            &mut call,
            "authorization",
            tenant.authorization.as_deref().unwrap(),
        );
        set(&mut call, "content-type", "application/json");
        if !body.is_null() {
            call.body = body.to_string().into_bytes();
        }
        tenant.send(call)
    };
    let boss = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/users/{BOSS}")});
    assert_eq!(send(&tenant, Method::PUT, boss.clone()).status, 403);
    tenant.control.grant(vec!["User.ReadWrite.All".to_owned()]);
    tenant.renew_token();
    assert_eq!(send(&tenant, Method::PUT, boss).status, 204);
    let manager = |tenant: &Tenant| tenant.get(&format!("/v1.0/users/{ADA}/manager"));
    assert_eq!(manager(&tenant).ok().body["id"], BOSS);
    for body in [
        json!({"id": ROOM}),
        json!({"@odata.id": "https://graph.microsoft.com/v1.0/groups/1"}),
        Value::Null,
    ] {
        assert_eq!(send(&tenant, Method::PUT, body).status, 400);
    }
    let nobody = json!({"@odata.id": "https://graph.microsoft.com/v1.0/users/nobody"});
    assert_eq!(send(&tenant, Method::PUT, nobody).status, 404);
    assert_eq!(send(&tenant, Method::DELETE, Value::Null).status, 204);
    assert_eq!(manager(&tenant).status, 404);
    assert_eq!(
        send(&tenant, Method::DELETE, Value::Null).status,
        404,
        "there is none"
    );
    assert_eq!(send(&tenant, Method::POST, Value::Null).status, 405);
}

#[test]
fn without_levels_only_the_immediate_manager_is_stated() {
    let tenant = chain();
    for options in ["", "($select=id)"] {
        let body = tenant
            .get(&format!("/v1.0/users/{ADA}?$expand=manager{options}"))
            .ok()
            .body;
        assert_eq!(body["manager"]["id"], GUEST);
        assert_eq!(body["manager"].get("manager"), None);
    }
}

#[test]
fn levels_that_are_none_and_other_options_are_refused() {
    let tenant = chain();
    for options in [
        "($levels=0)",
        "($levels=1001)",
        "($levels=-1)",
        "($levels=all)",
        "($levels=)",
        "($levels)",
        "($levels=2;$levels=3)",
        "($levels=2",
        "($top=2)",
        "($select=shoeSize)",
    ] {
        assert_eq!(expand(&tenant, options).status, 400, "{options}");
    }
    let path = format!("/v1.0/users/{ADA}?$expand=manager($levels=max;$select=id)");
    assert_eq!(
        tenant.get(&path).refusal(),
        (400, "Request_UnsupportedQuery"),
        "a selection of the chain is an advanced query"
    );
    assert_eq!(tenant.eventual(&path).status, 400);
}

#[test]
fn a_circle_of_managers_ends_where_it_began() {
    let tenant = chain();
    tenant
        .control
        .edit_user(BOSS, json!({"manager": ADA}))
        .unwrap();
    let body = expand(&tenant, "($levels=max;$select=id)").ok().body;
    let ids: Vec<_> = std::iter::successors(body.get("manager"), |above| above.get("manager"))
        .map(|manager| manager["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [GUEST, BOSS, ADA]);
}

#[test]
fn a_manager_is_set_by_id_by_name_and_as_an_object_and_is_cleared() {
    let tenant = chain();
    let manager = || {
        let answer = tenant.get(&format!("/v1.0/users/{ADA}/manager"));
        answer.body["id"].as_str().map(str::to_owned)
    };
    let set = |value: Value| tenant.control.edit_user(ADA, json!({"manager": value}));
    for value in [
        json!(ROOM.to_uppercase()),
        json!("ROOM@contoso.com"),
        json!({"id": ROOM}),
        json!({"@odata.type": "#microsoft.graph.user", "id": ROOM, "displayName": "x"}),
    ] {
        set(json!(BOSS)).unwrap();
        assert_eq!(manager().as_deref(), Some(BOSS));
        set(value.clone()).unwrap();
        assert_eq!(manager().as_deref(), Some(ROOM), "{value}");
    }
    set(Value::Null).unwrap();
    assert_eq!(manager(), None);
    let refused = |value: Value| matches!(set(value), Err(ChangeError::Invalid(_)));
    assert!(refused(json!("nobody@contoso.com")));
    assert!(refused(json!(7)));
    assert!(refused(json!({"name": "x"})));
    let new = json!({"userPrincipalName": "new@contoso.com", "manager": ADA});
    let id = tenant.control.add_user(new).unwrap();
    let answer = tenant.get(&format!("/v1.0/users/{id}/manager")).ok();
    assert_eq!(answer.body["id"], ADA);
}

#[test]
fn a_manager_that_was_set_comes_with_the_next_delta() {
    let tenant = chain();
    let (_, page) = tenant.all("/v1.0/users/delta?$select=displayName,manager");
    let link = page.delta_link();
    tenant
        .control
        .edit_user(ADA, json!({"manager": BOSS}))
        .unwrap();
    let (changed, _) = tenant.all(&link);
    assert_eq!(changed.len(), 1);
    assert_eq!(
        changed[0]["manager@delta"],
        json!([{"@odata.type": "#microsoft.graph.user", "id": BOSS}])
    );
}

#[test]
fn the_people_of_a_generated_company_have_managers_up_to_one_head() {
    let tenant = Tenant::of_company(400);
    let (people, _) = tenant.all("/v1.0/users?$expand=manager&$top=100");
    let above: BTreeMap<_, _> = people
        .iter()
        .map(|person| {
            (
                person["id"].as_str().unwrap(),
                person["manager"]["id"].as_str(),
            )
        })
        .collect();
    let managed = above.values().flatten().count();
    assert!(
        managed > 300,
        "seed {SEED}: {managed} of 400 have a manager"
    );
    assert!(managed < 390, "seed {SEED}: some have none");
    for (id, manager) in &above {
        assert_ne!(Some(*id), *manager);
        assert!(manager.is_none_or(|manager| above.contains_key(manager)));
    }
    let (id, manager) = above.iter().find(|(_, manager)| manager.is_some()).unwrap();
    let read = tenant.get(&format!("/v1.0/users/{id}/manager")).ok();
    assert_eq!(read.body["id"].as_str(), *manager);
    tenant
        .control
        .edit_user(id, json!({"jobTitle": "Moved"}))
        .unwrap();
    let read = tenant.get(&format!("/v1.0/users/{id}/manager")).ok();
    assert_eq!(read.body["id"].as_str(), *manager, "also after an edit");
}
