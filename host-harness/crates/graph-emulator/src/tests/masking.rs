use super::*;

const SELECT: &str = "$select=id,displayName,department,businessPhones";

fn tenant(change: impl FnOnce(&mut Behaviour)) -> Tenant {
    let tenant = Tenant::of_three();
    let mut behaviour = Behaviour::default();
    change(&mut behaviour);
    tenant.control.set_behaviour(behaviour);
    tenant
}

/// Ada, in the list, in the delta query and by id.
fn ada(tenant: &Tenant) -> [Value; 3] {
    let in_page = |path: &str| {
        let page = tenant.get(path).ok();
        let found = page.users().iter().find(|user| user["id"] == ADA);
        found.cloned().unwrap_or(Value::Null)
    };
    [
        in_page(&format!("/v1.0/users?{SELECT}")),
        in_page(&format!("/v1.0/users/delta?{SELECT}")),
        tenant.get(&format!("/v1.0/users/{ADA}?{SELECT}")).body,
    ]
}

#[test]
fn what_may_not_be_read_is_null_for_everybody_everywhere() {
    let tenant = tenant(|behaviour| {
        behaviour.nulled_properties = vec!["department".to_owned(), "businessPhones".to_owned()];
    });
    for ada in ada(&tenant) {
        assert_eq!(ada["displayName"], "Ada Núñez");
        assert_eq!(ada.get("department"), Some(&Value::Null), "{ada}");
        assert_eq!(ada["businessPhones"], json!([]));
    }
}

#[test]
fn what_is_withheld_is_stated_nowhere() {
    let tenant = tenant(|behaviour| behaviour.withheld_properties = vec!["department".to_owned()]);
    for ada in ada(&tenant) {
        assert_eq!(ada.get("department"), None, "{ada}");
        assert_eq!(ada["businessPhones"], json!(["+1 425 555 0100"]));
    }
}

#[test]
fn whoever_is_not_listed_is_counted_and_found_by_id() {
    let tenant = tenant(|behaviour| behaviour.unlisted_users = vec![ADA.to_uppercase()]);
    let [list, changes, by_id] = ada(&tenant);
    assert_eq!((list, changes), (Value::Null, Value::Null));
    assert_eq!(by_id["id"], ADA);
    let count = tenant.eventual("/v1.0/users/$count");
    assert_eq!(count.reply.body, b"3");
}

#[test]
fn whoever_cannot_be_reached_is_listed_and_answered_with_404() {
    let tenant = tenant(|behaviour| behaviour.unreachable_users = vec![ADA.to_owned()]);
    let [list, changes, by_id] = ada(&tenant);
    assert_eq!((&list["id"], &changes["id"]), (&json!(ADA), &json!(ADA)));
    assert_eq!(by_id["error"]["code"], "Request_ResourceNotFound");
}
