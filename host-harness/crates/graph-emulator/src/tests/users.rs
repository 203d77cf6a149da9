use super::*;

#[test]
fn a_list_states_the_default_set_with_explicit_nulls_and_empty_collections() {
    let page = Tenant::of_three().get("/v1.0/users").ok();
    assert_eq!(
        page.body["@odata.context"],
        format!("{ROOT}/v1.0/$metadata#users")
    );
    assert_eq!(page.body.get("@odata.nextLink"), None);
    assert_eq!(
        page.users()[1],
        json!({
            "businessPhones": [], "displayName": "Conf Room Baker", "givenName": null,
            "jobTitle": null, "mail": null, "mobilePhone": null, "officeLocation": null,
            "preferredLanguage": null, "surname": null, "userPrincipalName": "room@contoso.com",
            "id": ROOM,
        })
    );
    assert_eq!(
        page.users()[0]["businessPhones"],
        json!(["+1 425 555 0100"])
    );
}

#[test]
fn select_states_exactly_what_was_selected_in_the_services_spelling() {
    let page = Tenant::of_three()
        .get("/v1.0/users?$select=DisplayName,otherMails,costCode&$top=1")
        .ok();
    assert_eq!(
        page.body["@odata.context"],
        format!("{ROOT}/v1.0/$metadata#users(displayName,otherMails,costCode)")
    );
    assert_eq!(
        page.users()[0],
        json!({"displayName": "Ada Núñez", "otherMails": [], "costCode": "K-9"})
    );
}

#[test]
fn what_cannot_be_selected_is_refused() {
    let tenant = Tenant::of_three();
    assert_eq!(
        tenant.get("/v1.0/users?$select=shoeSize").error(),
        (
            400,
            "BadRequest",
            "Parsing OData Select and Expand failed: Could not find a property named 'shoeSize' on \
             type 'microsoft.graph.user'."
        )
    );
    for property in ["skills", "aboutMe", "hireDate"] {
        assert_eq!(
            tenant
                .get(&format!("/v1.0/users?$select={property}"))
                .error(),
            (
                501,
                "NotImplemented",
                "This operation target is not yet supported."
            )
        );
        assert_eq!(
            tenant
                .get(&format!("/v1.0/users/delta?$select={property}"))
                .status,
            501
        );
        tenant
            .get(&format!("/v1.0/users/{ADA}?$select={property}"))
            .ok();
    }
}

#[test]
fn an_answer_has_the_headers_of_the_service() {
    let tenant = Tenant::of_three();
    let plain = tenant.get("/v1.0/users").ok();
    assert_eq!(
        plain.header("content-type"),
        Some(
            "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
        )
    );
    assert_eq!(plain.header("odata-version"), Some("4.0"));
    assert_eq!(plain.header("x-ms-resource-unit"), Some("2"));
    assert_eq!(plain.header("cache-control"), Some("no-cache"));
    assert_eq!(plain.header("date"), Some("Fri, 02 Jan 2026 03:04:05 GMT"));
    assert_eq!(
        plain.header("request-id"),
        plain.header("client-request-id")
    );
    for name in ["strict-transport-security", "x-ms-ags-diagnostic"] {
        assert!(plain.header(name).is_some(), "{name}");
    }
    let id = "6a4cf5b7-0000-4000-8000-00000000beef";
    let asked = tenant.request(
        Method::GET,
        "/v1.0/users?$select=id&$top=5",
        &[("client-request-id", id)],
    );
    assert_eq!(asked.header("client-request-id"), Some(id));
    assert_ne!(asked.header("request-id"), Some(id));
    assert_eq!(asked.header("x-ms-resource-unit"), Some("1"));
}

#[test]
fn an_error_has_the_envelope_of_the_service() {
    let tenant = Tenant::of_three();
    let id = "6a4cf5b7-0000-4000-8000-00000000beef";
    let missing = "73f6134c-e647-4ab1-8ccb-287be982da02";
    let answer = tenant.request(
        Method::GET,
        &format!("/v1.0/users/{missing}"),
        &[("client-request-id", id)],
    );
    let request_id = answer.header("request-id").unwrap();
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.body,
        json!({"error": {
            "code": "Request_ResourceNotFound",
            "message": format!("Resource '{missing}' does not exist or one of its queried reference-property objects are not present."),
            "innerError": {
                "date": "2026-01-02T03:04:05", "request-id": request_id, "client-request-id": id,
            },
        }})
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[test]
fn a_user_is_read_by_id_and_by_name_in_every_form() {
    let tenant = Tenant::of_three();
    let by_id = tenant.get(&format!("/v1.0/users/{ADA}")).ok();
    assert_eq!(
        by_id.body["@odata.context"],
        format!("{ROOT}/v1.0/$metadata#users/$entity")
    );
    assert_eq!(by_id.body["givenName"], "Ada");
    assert_eq!(by_id.body["mobilePhone"], Value::Null);
    for form in [
        "users/ADA@contoso.com",
        "users('ada@contoso.com')",
        "users/11111111-0000-4000-8000-000000000001?$expand=manager",
    ] {
        assert_eq!(
            tenant.get(&format!("/v1.0/{form}")).ok().body["id"],
            ADA,
            "{form}"
        );
    }
    let guest = tenant
        .get("/v1.0/users/miles_fabrikam.com%23EXT%23@contoso.onmicrosoft.com")
        .ok();
    assert_eq!(guest.body["id"], GUEST);
    assert_eq!(tenant.get("/v1.0/users/$odd@contoso.com").status, 400);
}

#[test]
fn a_manager_is_stated_where_it_is_known_and_404_where_not() {
    let tenant = Tenant::of_three();
    assert_eq!(
        tenant.get(&format!("/v1.0/users/{ADA}/manager")).ok().body["id"],
        GUEST
    );
    assert_eq!(
        tenant.get(&format!("/v1.0/users/{ROOM}/manager")).error(),
        (
            404,
            "Request_ResourceNotFound",
            "Resource 'manager' does not exist or one of its queried reference-property objects are not present."
        )
    );
    let page = tenant
        .get("/v1.0/users?$select=id&$expand=manager($select=id,displayName)")
        .ok();
    assert_eq!(
        page.users()[0]["manager"],
        json!({"@odata.type": "#microsoft.graph.user", "id": GUEST, "displayName": "Miles O'Brien"})
    );
    assert_eq!(page.users()[1], json!({"id": ROOM}));
    assert_eq!(
        tenant.get("/v1.0/users?$expand=photo").refusal(),
        (400, "ExpandNotSupported")
    );
}

#[test]
fn pages_hold_a_hundred_and_the_next_link_repeats_the_other_options() {
    let tenant = Tenant::of_company(250);
    assert_eq!(tenant.get("/v1.0/users").ok().users().len(), 100);
    let first = tenant.get("/v1.0/users?%24select=id,mail&$top=120").ok();
    assert_eq!(first.users().len(), 120);
    let next = first.next_link().unwrap();
    assert!(
        next.starts_with(&format!(
            "{ROOT}/v1.0/users?%24select=id,mail&$top=120&$skiptoken="
        )),
        "{next}"
    );
    let (users, last) = tenant.all("/v1.0/users?$select=id&$top=120");
    assert_eq!(users.len(), 250);
    assert_eq!(last.users().len(), 10);
    let mut ids: Vec<_> = users.iter().map(|user| user["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 250, "nobody twice, seed {SEED}");
}

#[test]
fn a_page_that_ends_with_the_last_user_has_no_next_link() {
    let page = Tenant::of_company(100).get("/v1.0/users?$top=100").ok();
    assert_eq!((page.users().len(), page.next_link()), (100, None));
}

#[test]
fn top_is_at_most_999_and_skip_is_not_supported() {
    let tenant = Tenant::of_three();
    assert_eq!(
        tenant.get("/v1.0/users?$top=1000").refusal(),
        (400, "Request_BadRequest")
    );
    assert_eq!(
        tenant.get("/v1.0/users?$top=x").refusal(),
        (400, "BadRequest")
    );
    assert_eq!(
        tenant.get("/v1.0/users?$skip=1").refusal(),
        (400, "Request_BadRequest")
    );
    tenant.get("/v1.0/users?$top=999").ok();
}

#[test]
fn a_count_needs_the_header_and_stands_on_the_first_page_only() {
    let tenant = Tenant::of_three();
    let silent = tenant.get("/v1.0/users?$count=true").ok();
    assert_eq!(silent.body.get("@odata.count"), None);
    let first = tenant.eventual("/v1.0/users?$count=true&$top=2").ok();
    assert_eq!(first.body["@odata.count"], 3);
    let second = tenant.eventual(&first.next_link().unwrap()).ok();
    assert_eq!(second.body.get("@odata.count"), None);
    assert_eq!(second.users().len(), 1);
}

#[test]
fn a_page_of_the_index_needs_the_header_again() {
    let tenant = Tenant::of_three();
    let first = tenant.eventual("/v1.0/users?$count=true&$top=2").ok();
    let next = first.next_link().unwrap();
    assert_eq!(
        tenant.get(&next).refusal(),
        (400, "Directory_ExpiredPageToken")
    );
    tenant.eventual(&next).ok();
    assert_eq!(
        tenant
            .get("/v1.0/users?$skiptoken=RFNwdAoAAQAAAAA")
            .refusal(),
        (400, "Directory_ExpiredPageToken")
    );
}

#[test]
fn the_count_segment_is_plain_text_and_needs_the_header() {
    let tenant = Tenant::of_three();
    let count = tenant.eventual("/v1.0/users/$count");
    assert_eq!((count.status, &*count.reply.body), (200, &b"3"[..]));
    assert_eq!(count.header("content-type"), Some("text/plain"));
    assert_eq!(
        tenant.get("/v1.0/users/$count").error(),
        (
            400,
            "Request_BadRequest",
            "$count is not currently supported."
        )
    );
    let guests = tenant.eventual("/v1.0/users/$count?$filter=userType%20eq%20'Guest'");
    assert_eq!(&*guests.reply.body, b"1");
}

#[test]
fn search_needs_the_header_even_without_a_count() {
    let tenant = Tenant::of_three();
    let target = "/v1.0/users?$search=\"displayName:room\"&$select=id";
    assert_eq!(
        tenant.get(target).error(),
        (
            400,
            "Request_UnsupportedQuery",
            "Request with $search query parameter only works through MSGraph with a special request \
             header: 'ConsistencyLevel: eventual'"
        )
    );
    assert_eq!(tenant.eventual(target).ok().ids(), [ROOM]);
}

#[test]
fn filters_find_users_and_advanced_ones_need_header_and_count() {
    let tenant = Tenant::of_three();
    let found = |filter: &str| {
        let page = tenant
            .get(&format!("/v1.0/users?$select=id&$filter={filter}"))
            .ok();
        page.ids()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(found("userType%20eq%20%27Guest%27"), [GUEST]);
    assert_eq!(found("startswith(displayName,'ada')"), [ADA]);
    assert_eq!(found("displayName eq 'Miles O''Brien'"), [GUEST]);
    let advanced = "/v1.0/users?$select=id&$filter=endsWith(mail,'fabrikam.com')";
    assert_eq!(
        tenant.get(advanced).refusal(),
        (400, "Request_UnsupportedQuery")
    );
    assert_eq!(
        tenant.eventual(advanced).refusal(),
        (400, "Request_UnsupportedQuery")
    );
    let counted = tenant.eventual(&format!("{advanced}&$count=true")).ok();
    assert_eq!(counted.ids(), [GUEST]);
    assert_eq!(counted.body["@odata.count"], 1);
}

#[test]
fn a_filtered_list_pages_through_all_that_match() {
    let tenant = Tenant::of_company(2_000);
    let (guests, _) =
        tenant.all("/v1.0/users?$select=id,userType&$top=25&$filter=userType%20eq%20'Guest'");
    let count = tenant.eventual("/v1.0/users/$count?$filter=userType%20eq%20'Guest'");
    assert_eq!(guests.len().to_string().as_bytes(), count.reply.body);
    assert!(guests.iter().all(|user| user["userType"] == "Guest"));
}

#[test]
fn ordered_pages_are_in_order_over_page_borders() {
    let tenant = Tenant::of_company(300);
    for (order, descending) in [("displayName", false), ("displayName%20desc", true)] {
        let (users, _) = tenant.all(&format!(
            "/v1.0/users?$select=id,displayName&$top=70&$orderby={order}"
        ));
        let names: Vec<_> = users
            .iter()
            .map(|user| user["displayName"].as_str().unwrap().to_lowercase())
            .collect();
        let mut sorted = names.clone();
        sorted.sort();
        if descending {
            sorted.reverse();
        }
        assert_eq!(names, sorted, "seed {SEED}");
        assert_eq!(names.len(), 300);
    }
    assert_eq!(
        tenant.get("/v1.0/users?$orderby=department").error(),
        (
            400,
            "Request_UnsupportedQuery",
            "Sorting not supported for current query."
        )
    );
    let both = "/v1.0/users?$filter=startswith(displayName,'a')&$orderby=displayName";
    assert_eq!(
        tenant.get(both).refusal(),
        (400, "Request_UnsupportedQuery")
    );
    tenant.eventual(&format!("{both}&$count=true")).ok();
}

#[test]
fn paths_and_methods_that_are_not_served_are_refused_in_the_envelope() {
    let tenant = Tenant::of_three();
    assert_eq!(
        tenant.get("/v1.0/spaceships").error(),
        (
            400,
            "BadRequest",
            "Resource not found for the segment 'spaceships'."
        )
    );
    assert_eq!(
        tenant.get("/v2.0/users").error(),
        (400, "BadRequest", "Invalid version: v2.0")
    );
    assert_eq!(
        tenant.get("/v1.0/me").error(),
        (
            400,
            "BadRequest",
            "/me request is only valid with delegated authentication flow."
        )
    );
    assert_eq!(
        tenant
            .request(
                Method::DELETE,
                &format!("/v1.0/users/{ADA}/directReports"),
                &[]
            )
            .error(),
        (
            405,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target."
        )
    );
}

#[test]
fn odd_targets_get_an_answer() {
    let tenant = Tenant::of_three();
    for target in [
        "/",
        "//",
        "/v1.0",
        "/v1.0/",
        "/v1.0//users//",
        "/v1.0/users/%",
        "/v1.0/users/%FF%00",
        "/v1.0/users?$filter=%27",
        "/v1.0/users?$top=99999999999999999999999",
        "/v1.0/users?=&&=$",
        "/v1.0/users?$skiptoken=",
        "/v1.0/users?$orderby=%20",
        "/v1.0/users?$select=,,",
        "/v1.0/users('",
        "/v1.0/users(')",
        "/v1.0/users/delta?$skiptoken=",
        "/v1.0/ü/é",
        "/v1.0/users/delta?$deltatoken=%FF",
        "/v1.0/users?$expand=manager(((",
        "/v1.0/users?$search=\"\"",
        "/v1.0/users?$count=maybe",
    ] {
        let answer = tenant.eventual(target);
        assert!(
            matches!(answer.status, 200 | 400 | 404),
            "{target}: {}",
            answer.status
        );
        assert!(!answer.body.is_null(), "{target}");
    }
}

#[test]
fn the_same_seed_gives_the_same_pages() {
    let target = "/v1.0/users?$select=id,displayName,mail,department,otherMails&$top=200";
    let one = Tenant::of_company(200).get(target).ok();
    let two = Tenant::of_company(200).get(target).ok();
    assert_eq!(one.reply.body, two.reply.body);
    let longer = Tenant::of_company(5_000).get(target).ok();
    assert_eq!(
        longer.users(),
        one.users(),
        "a larger company begins with the same people"
    );
}

#[test]
fn a_generated_user_is_stated_alike_by_list_and_by_id_before_and_after_an_edit() {
    let tenant = Tenant::of_company(40);
    let select =
        "$select=id,displayName,mail,userPrincipalName,businessPhones,department,accountEnabled";
    for user in tenant.get(&format!("/v1.0/users?{select}")).ok().users() {
        let id = user["id"].as_str().unwrap();
        let read = |tenant: &Tenant| {
            let mut body = tenant.get(&format!("/v1.0/users/{id}?{select}")).ok().body;
            body.as_object_mut().unwrap().remove("@odata.context");
            body
        };
        assert_eq!(&read(&tenant), user);
        tenant
            .control
            .edit_user(id, json!({"city": "Elsewhere"}))
            .unwrap();
        assert_eq!(&read(&tenant), user);
    }
}

#[test]
fn somebody_who_is_more_than_a_user_says_so_wherever_they_are_shown() {
    let kind = "#microsoft.graph.agentUser";
    let mut users = three();
    users[0]["@odata.type"] = json!(kind);
    let tenant = Tenant::with(DirectorySource::Users(users), |_| {});
    let expected = json!({"@odata.type": kind, "id": ADA});
    let list = tenant.get("/v1.0/users?$select=id").ok();
    assert_eq!(list.users()[0], expected);
    assert_eq!(list.users()[1], json!({"id": ROOM}));
    let changes = tenant.get("/v1.0/users/delta?$select=id").ok();
    assert_eq!(changes.users()[0], expected);
    let one = tenant.get(&format!("/v1.0/users/{ADA}?$select=id")).ok();
    assert_eq!(one.body["@odata.type"], kind);
}
