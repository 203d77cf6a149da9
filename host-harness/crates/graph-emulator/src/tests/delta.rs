use super::*;

const NAMES: &str = "/v1.0/users/delta?$select=displayName,givenName,surname";

#[test]
fn the_documented_round_trip() {
    let tenant = Tenant::with(DirectorySource::Users(three()), |options| {
        options.delta_page_size = 2;
    });
    tenant.control.purge_user(ROOM).unwrap();
    tenant.control.add_user(json!({"displayName": "Conf Room Adams", "id": "a", "userPrincipalName": "adams@contoso.com"})).unwrap();

    // Three users over two pages; the selection stands in the first context only, and is not
    // repeated in the link.
    let first = tenant.get(NAMES).ok();
    assert_eq!(
        first.body["@odata.context"],
        format!("{ROOT}/v1.0/$metadata#users(displayName,givenName,surname)")
    );
    assert_eq!(
        first.users(),
        [
            json!({"displayName": "Ada Núñez", "givenName": "Ada", "surname": "Núñez", "id": ADA}),
            json!({"id": ROOM, "@removed": {"reason": "deleted"}}),
        ]
    );
    assert_eq!(first.body.get("@odata.deltaLink"), None);
    let next = first.next_link().unwrap();
    assert!(next.starts_with(&format!("{ROOT}/v1.0/users/delta?$skiptoken=")));
    assert!(!next.contains("$select"));

    // A property that was never set is absent, not null.
    let second = tenant.get(&next).ok();
    assert_eq!(
        second.body["@odata.context"],
        format!("{ROOT}/v1.0/$metadata#users")
    );
    assert_eq!(
        second.users()[1],
        json!({"displayName": "Conf Room Adams", "id": "a"})
    );
    assert_eq!(second.body.get("@odata.nextLink"), None);

    // A round without changes is empty, and its deltaLink is another one.
    let link = second.delta_link();
    assert!(link.starts_with(&format!("{ROOT}/v1.0/users/delta?$deltatoken=")));
    let none = tenant.get(&link).ok();
    assert_eq!(none.users(), [] as [Value; 0]);
    assert_ne!(none.delta_link(), link);

    // One change and one deletion.
    tenant
        .control
        .edit_user(ADA, json!({"displayName": "Ada Byron", "surname": "Byron"}))
        .unwrap();
    tenant.control.delete_user(GUEST).unwrap();
    for link in [link, none.delta_link()] {
        let changed = tenant.get(&link).ok();
        assert_eq!(
            changed.users(),
            [
                json!({"displayName": "Ada Byron", "givenName": "Ada", "surname": "Byron", "id": ADA}),
                json!({"id": GUEST, "@removed": {"reason": "changed"}}),
            ]
        );
        changed.delta_link();
    }
}

#[test]
fn without_a_selection_the_default_set_is_stated_and_the_manager_with_it() {
    let page = Tenant::of_three().get("/v1.0/users/delta").ok();
    assert_eq!(
        page.body["@odata.context"],
        format!("{ROOT}/v1.0/$metadata#users")
    );
    assert_eq!(
        page.users()[0],
        json!({
            "businessPhones": ["+1 425 555 0100"], "displayName": "Ada Núñez", "givenName": "Ada",
            "jobTitle": "Designer", "mail": "ada@contoso.com", "surname": "Núñez",
            "userPrincipalName": "ada@contoso.com", "id": ADA,
            "manager@delta": [{"@odata.type": "#microsoft.graph.user", "id": GUEST}],
        })
    );
}

#[test]
fn pages_hold_two_hundred_whatever_top_says() {
    let tenant = Tenant::of_company(450);
    let first = tenant.get("/v1.0/users/delta?$select=id&$top=999").ok();
    assert_eq!(first.users().len(), 200);
    let (users, last) = tenant.all("/v1.0/users/delta?$select=id");
    assert_eq!((users.len(), last.users().len()), (450, 50));
    last.delta_link();
}

#[test]
fn equal_forms_of_the_path_are_one_resource() {
    let tenant = Tenant::of_three();
    for form in [
        "delta",
        "delta()",
        "microsoft.graph.delta",
        "microsoft.graph.delta()",
    ] {
        assert_eq!(
            tenant
                .get(&format!("/v1.0/users/{form}?$select=id"))
                .ok()
                .users()
                .len(),
            3
        );
    }
}

#[test]
fn latest_gives_a_delta_link_and_nobody() {
    let tenant = Tenant::of_three();
    let latest = tenant
        .get("/v1.0/users/delta?$deltatoken=latest&$select=displayName")
        .ok();
    assert_eq!(latest.users().len(), 0);
    tenant
        .control
        .edit_user(ADA, json!({"displayName": "A"}))
        .unwrap();
    let changed = tenant.get(&latest.delta_link()).ok();
    assert_eq!(changed.users(), [json!({"displayName": "A", "id": ADA})]);
}

#[test]
fn only_changes_of_selected_properties_surface() {
    let tenant = Tenant::of_three();
    let (_, last) = tenant.all(NAMES);
    tenant
        .control
        .edit_user(ADA, json!({"jobTitle": "Painter"}))
        .unwrap();
    let quiet = tenant.get(&last.delta_link()).ok();
    assert_eq!(quiet.users().len(), 0);
    tenant
        .control
        .edit_user(ADA, json!({"givenName": "Augusta", "city": "London"}))
        .unwrap();
    let changed = tenant.get(&quiet.delta_link()).ok();
    assert_eq!(changed.users()[0]["givenName"], "Augusta");
    assert_eq!(changed.users()[0].get("city"), None);
}

#[test]
fn null_means_cleared_since_the_token_and_absence_means_never_set() {
    let tenant = Tenant::of_three();
    let select = "/v1.0/users/delta?$select=jobTitle,mobilePhone,businessPhones";
    let (_, last) = tenant.all(select);
    tenant
        .control
        .edit_user(ADA, json!({"jobTitle": null, "businessPhones": []}))
        .unwrap();
    let cleared = tenant.get(&last.delta_link()).ok();
    assert_eq!(
        cleared.users(),
        [json!({"jobTitle": null, "businessPhones": [], "id": ADA})]
    );
    tenant
        .control
        .edit_user(ADA, json!({"mobilePhone": "1"}))
        .unwrap();
    let after = tenant.get(&cleared.delta_link()).ok();
    assert_eq!(after.users(), [json!({"mobilePhone": "1", "id": ADA})]);
    let (fresh, _) = tenant.all(select);
    assert_eq!(fresh[0], json!({"mobilePhone": "1", "id": ADA}));
}

#[test]
fn minimal_states_only_what_changed_and_does_not_change_the_token() {
    let tenant = Tenant::of_three();
    let (_, last) = tenant.all(NAMES);
    tenant
        .control
        .edit_user(ADA, json!({"givenName": "Augusta", "surname": null}))
        .unwrap();
    tenant
        .control
        .add_user(json!({"id": "new", "displayName": "New"}))
        .unwrap();
    let prefer = [("prefer", "respond-async, Return=Minimal")];
    let minimal = tenant
        .request(Method::GET, &last.delta_link(), &prefer)
        .ok();
    assert_eq!(
        minimal.users(),
        [
            json!({"givenName": "Augusta", "surname": null, "id": ADA}),
            json!({"displayName": "New", "id": "new"}),
        ]
    );
    assert_eq!(minimal.header("preference-applied"), Some("return=minimal"));
    let full = tenant.get(&last.delta_link()).ok();
    assert_eq!(full.users()[0]["displayName"], "Ada Núñez");
    assert_eq!(full.header("preference-applied"), None);
}

#[test]
fn a_deleted_user_is_changed_then_deleted_and_a_restored_one_is_whole() {
    let tenant = Tenant::of_three();
    let (_, start) = tenant.all(NAMES);
    tenant.control.delete_user(ADA).unwrap();
    let soft = tenant.get(&start.delta_link()).ok();
    assert_eq!(
        soft.users(),
        [json!({"id": ADA, "@removed": {"reason": "changed"}})]
    );
    tenant.control.restore_user(ADA).unwrap();
    let back = tenant.get(&soft.delta_link()).ok();
    assert_eq!(
        back.users(),
        [json!({"displayName": "Ada Núñez", "givenName": "Ada", "surname": "Núñez", "id": ADA})]
    );
    tenant.control.purge_user(ADA).unwrap();
    let gone = tenant.get(&back.delta_link()).ok();
    assert_eq!(
        gone.users(),
        [json!({"id": ADA, "@removed": {"reason": "deleted"}})]
    );
}

#[test]
fn a_manager_change_surfaces_on_the_report_where_it_is_tracked() {
    let tenant = Tenant::of_three();
    let (_, last) = tenant.all("/v1.0/users/delta?$select=displayName,manager");
    let (_, untracked) = tenant.all(NAMES);
    tenant
        .control
        .edit_user(ADA, json!({"manager": null}))
        .unwrap();
    let changed = tenant.get(&last.delta_link()).ok();
    assert_eq!(
        changed.users()[0]["manager@delta"],
        json!([{"@odata.type": "#microsoft.graph.user", "id": GUEST, "@removed": {"reason": "deleted"}}])
    );
    assert_eq!(tenant.get(&untracked.delta_link()).ok().users().len(), 0);
}

#[test]
fn a_filter_names_up_to_fifty_objects_and_nothing_else() {
    let tenant = Tenant::of_three();
    let filter = format!("id%20eq%20'{ADA}'%20or%20id%20eq%20'{GUEST}'%20or%20id%20eq%20'nobody'");
    let (users, last) = tenant.all(&format!(
        "/v1.0/users/delta?$select=displayName&$filter={filter}"
    ));
    assert_eq!(users.len(), 2);
    tenant
        .control
        .edit_user(ROOM, json!({"displayName": "x"}))
        .unwrap();
    tenant
        .control
        .edit_user(GUEST, json!({"displayName": "y"}))
        .unwrap();
    assert_eq!(tenant.get(&last.delta_link()).ok().ids(), [GUEST]);

    let ids: Vec<_> = (0..51).map(|n| format!("id eq '{n}'")).collect();
    let many = ids.join("%20or%20").replace(' ', "%20");
    assert_eq!(
        tenant
            .get(&format!("/v1.0/users/delta?$filter={many}"))
            .refusal(),
        (400, "Request_BadRequest")
    );
    assert_eq!(
        tenant
            .get("/v1.0/users/delta?$filter=displayName%20eq%20'a'")
            .refusal(),
        (400, "Request_UnsupportedQuery")
    );
}

#[test]
fn options_that_delta_does_not_serve_are_refused_and_so_are_repeated_ones() {
    let tenant = Tenant::of_company(300);
    for option in [
        "$expand=manager",
        "$orderby=displayName",
        "$skip=1",
        "$search=\"x\"",
    ] {
        assert_eq!(
            tenant.get(&format!("/v1.0/users/delta?{option}")).status,
            400,
            "{option}"
        );
    }
    let next = tenant.get(NAMES).ok().next_link().unwrap();
    assert_eq!(tenant.get(&format!("{next}&$select=mail")).status, 400);
    let (_, last) = tenant.all(NAMES);
    let link = last.delta_link();
    assert_eq!(
        tenant.get(&format!("{link}&$filter=id%20eq%20'a'")).status,
        400
    );
    let id = tenant.get("/v1.0/users?$top=1").ok().ids()[0].to_owned();
    tenant
        .control
        .edit_user(&id, json!({"jobTitle": "Painter"}))
        .unwrap();
    let other = tenant.get(&format!("{link}&$select=jobTitle")).ok();
    assert_eq!(other.users(), [json!({"jobTitle": "Painter", "id": id})]);
}

#[test]
fn a_change_during_an_initial_round_comes_with_the_next_one() {
    let tenant = Tenant::of_company(300);
    let first = tenant.get(NAMES).ok();
    let seen = first.ids()[0].to_owned();
    tenant
        .control
        .edit_user(&seen, json!({"displayName": "Changed meanwhile"}))
        .unwrap();
    let (_, last) = tenant.all(&first.next_link().unwrap());
    let changed = tenant.get(&last.delta_link()).ok();
    assert_eq!(changed.users()[0]["displayName"], "Changed meanwhile");
}

#[test]
fn a_long_round_is_paged_and_each_user_is_stated_once() {
    let tenant = Tenant::of_company(1_000);
    let (_, last) = tenant.all(NAMES);
    assert_eq!(
        tenant
            .control
            .edit_users(450, json!({"displayName": "Edit {number}"})),
        Ok(450)
    );
    assert_eq!(
        tenant
            .control
            .edit_users(450, json!({"displayName": "Again {number}"})),
        Ok(450)
    );
    let (users, _) = tenant.all(&last.delta_link());
    assert_eq!(users.len(), 450);
    assert!(
        users
            .iter()
            .all(|user| user["displayName"].as_str().unwrap().starts_with("Again "))
    );
}
