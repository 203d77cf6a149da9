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
    let list = tenant
        .get("/v1.0/users?$expand=manager($levels=2)&$select=id")
        .ok();
    let ada = &list.users()[0];
    assert_eq!(ada["manager"]["manager"]["id"], BOSS);
    assert_eq!(list.users()[3].get("manager"), None, "who has none");
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
    let (people, _) = tenant.all("/v1.0/users?$expand=manager($levels=max)&$top=100");
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
