use super::*;
use crate::control_interface;
use crate::{ChangeError, Fault};

const TEAM: &str = "22222222-0000-4000-8000-000000000001";
const DELETED_TEAM: &str = "22222222-0000-4000-8000-000000000002";
const PARTNER: &str = "cccccccc-0000-4000-8000-000000000001";

fn operate(tenant: &Tenant, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let mut call = Call::new(method, &format!("/emulator{path}"), ROOT);
    call.body = body.to_string().into_bytes();
    assert!(emulator_controls::interface::concerns(&call));
    let reply = control_interface::answer(&tenant.control, &call);
    let body = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    (reply.status.as_u16(), body)
}

#[test]
fn the_interface_takes_a_user_through_its_life() {
    let tenant = Tenant::of_three();
    let user = json!({"displayName": "Grace", "userPrincipalName": "grace@contoso.com", "accountEnabled": true});
    let (status, added) = operate(&tenant, Method::POST, "/users", &user);
    assert_eq!(status, 200);
    let id = added["id"].as_str().unwrap();
    let state = |path: &str| tenant.get(path).status;
    let user = format!("/users/{id}");
    let path = format!("/v1.0{user}?$select=id,accountEnabled,jobTitle");
    assert_eq!(state(&path), 200);

    assert_eq!(
        operate(
            &tenant,
            Method::PATCH,
            &user,
            &json!({"jobTitle": "Admiral"})
        )
        .0,
        200
    );
    assert_eq!(
        operate(
            &tenant,
            Method::POST,
            &format!("{user}/disable"),
            &Value::Null
        )
        .0,
        200
    );
    assert_eq!(tenant.get(&path).ok().body["accountEnabled"], json!(false));
    assert_eq!(
        operate(
            &tenant,
            Method::POST,
            &format!("{user}/enable"),
            &Value::Null
        )
        .0,
        200
    );
    assert_eq!(
        operate(
            &tenant,
            Method::DELETE,
            "/users/grace@contoso.com",
            &Value::Null
        )
        .0,
        200
    );
    assert_eq!(state(&path), 404);
    assert_eq!(
        operate(
            &tenant,
            Method::POST,
            &format!("{user}/restore"),
            &Value::Null
        )
        .0,
        200
    );
    assert_eq!(
        operate(&tenant, Method::GET, &user, &Value::Null).1["jobTitle"],
        "Admiral"
    );
    assert_eq!(
        operate(
            &tenant,
            Method::POST,
            &format!("{user}/purge"),
            &Value::Null
        )
        .0,
        200
    );
    assert_eq!(operate(&tenant, Method::GET, &user, &Value::Null).0, 404);
    assert_eq!(tenant.control.overview().users, 3);
}

#[test]
fn the_interface_says_what_it_cannot_do() {
    let tenant = Tenant::of_three();
    let taken = json!({"displayName": "x", "userPrincipalName": "ADA@contoso.com"});
    assert_eq!(operate(&tenant, Method::POST, "/users", &taken).0, 409);
    for (method, path, body) in [
        (Method::POST, "/users", json!([])),
        (Method::POST, "/users", json!({"shoeSize": 4})),
        (Method::PATCH, "/users/ada@contoso.com", json!({"id": "x"})),
        (Method::POST, "/faults", json!({"statsu": 500})),
        (Method::PATCH, "/behaviour", json!({"replays": 5})),
        (Method::POST, "/faults", json!({"status": 99})),
        (Method::POST, "/faults", json!({"times": 0})),
        (Method::POST, "/faults", json!({"method": "BREW"})),
        (Method::PATCH, "/behaviour", json!({"membersPerPage": 0})),
        (
            Method::PATCH,
            "/behaviour",
            json!({"notificationDelayMs": 99_999_999}),
        ),
        (
            Method::PATCH,
            "/behaviour",
            json!({"visibilityDelaySeconds": 99_999_999_999_u64}),
        ),
        (Method::PUT, "/storm", json!({"requests": 0})),
        (
            Method::PUT,
            "/storm",
            json!({"rates": {"throttled": 1_001}}),
        ),
        (Method::PUT, "/tokens/lifetime", json!({"seconds": 0})),
        (Method::POST, "/clock", json!({"seconds": -1})),
        (Method::POST, "/clock", json!({"seconds": 0})),
        (
            Method::POST,
            "/clock",
            json!({"seconds": 99_999_999_999_u64}),
        ),
        (Method::PUT, "/roles", json!("User.Read.All")),
    ] {
        let (status, answer) = operate(&tenant, method, path, &body);
        assert_eq!(status, 400, "{path} {body}");
        assert!(answer["error"].is_string());
    }
    let (status, answer) = operate(&tenant, Method::GET, "/nothing", &Value::Null);
    assert_eq!(status, 404);
    assert!(answer["error"].as_str().unwrap().contains("GET /emulator"));
    assert_eq!(
        operate(&tenant, Method::DELETE, "/users/nobody", &Value::Null).0,
        404
    );
}

#[test]
fn the_interface_sets_knobs_faults_roles_and_secrets() {
    let mut tenant = Tenant::of_three();
    let (_, knobs) = operate(
        &tenant,
        Method::PATCH,
        "/behaviour",
        &json!({"replayedChanges": 3, "expiredToken": "gone"}),
    );
    assert_eq!(
        (
            &knobs["replayedChanges"],
            &knobs["tombstonesInInitialRound"]
        ),
        (&json!(3), &json!(true))
    );
    assert_eq!(
        operate(
            &tenant,
            Method::POST,
            "/faults",
            &json!({"status": 503, "times": 2})
        )
        .0,
        204
    );
    assert_eq!(
        operate(&tenant, Method::GET, "/faults", &Value::Null).1[0]["times"],
        2
    );
    assert_eq!(
        tenant.get("/v1.0/users").refusal(),
        (503, "ServiceUnavailable")
    );
    assert_eq!(
        operate(&tenant, Method::DELETE, "/faults", &Value::Null).0,
        204
    );
    tenant.get("/v1.0/users").ok();

    let renewed = json!({"secret": "new", "formerExpired": true});
    assert_eq!(operate(&tenant, Method::PUT, "/secret", &renewed).0, 204);
    assert_eq!(
        tenant.token("contoso.com").body["error_codes"],
        json!([7_000_222])
    );
    tenant
        .control
        .set_secret(TenantOptions::default().client_secret);
    assert_eq!(
        operate(
            &tenant,
            Method::PUT,
            "/roles",
            &json!(["Directory.Read.All"])
        )
        .0,
        204
    );
    assert_eq!(
        operate(
            &tenant,
            Method::PUT,
            "/tokens/lifetime",
            &json!({"seconds": 60})
        )
        .0,
        204
    );
    assert_eq!(tenant.token("contoso.com").body["expires_in"], 60);
    tenant.renew_token();
    assert_eq!(
        operate(&tenant, Method::POST, "/clock", &json!({"seconds": 60})).0,
        204
    );
    assert_eq!(tenant.get("/v1.0/users").status, 401);
}

#[test]
fn the_request_log_states_targets_and_statuses_and_no_secret() {
    let tenant = Tenant::of_three();
    tenant.get("/v1.0/users?$top=1").ok();
    tenant
        .post(
            "/v1.0/$batch",
            &json!({"requests": [{"id": "1", "method": "GET", "url": "/users/nobody"}]}),
        )
        .ok();
    let log = tenant.control.requests();
    let stated: Vec<_> = log
        .iter()
        .map(|r| (r.method.as_str(), r.path(), r.status, r.inner))
        .collect();
    let token_path = format!("/{}/oauth2/v2.0/token", tenant.service.tenant_id());
    assert_eq!(
        stated,
        [
            ("POST", &*token_path, 200, false),
            ("GET", "/v1.0/users", 200, false),
            ("GET", "/v1.0/users/nobody", 404, true),
            ("POST", "/v1.0/$batch", 200, false),
        ]
    );
    let counters = tenant.control.overview().counters;
    assert_eq!(
        (
            counters.requests,
            counters.token_requests,
            counters.inner_requests
        ),
        (3, 1, 1)
    );
    let (_, log) = operate(&tenant, Method::GET, "/requests", &Value::Null);
    assert!(
        !log.to_string()
            .contains(&TenantOptions::default().client_secret)
    );
    assert_eq!(log[1]["target"], "/v1.0/users?$top=1");
}

#[test]
fn a_user_principal_name_moves_with_its_user() {
    let tenant = Tenant::of_company(10);
    let user = tenant.get("/v1.0/users?$top=1").ok().users()[0].clone();
    let (id, name) = (
        user["id"].as_str().unwrap(),
        user["userPrincipalName"].as_str().unwrap(),
    );
    tenant
        .control
        .edit_user(id, json!({"userPrincipalName": "renamed@contoso.com"}))
        .unwrap();
    assert_eq!(
        tenant.get("/v1.0/users/renamed@contoso.com").ok().body["id"],
        id
    );
    let encoded = name.replace('#', "%23");
    assert_eq!(tenant.get(&format!("/v1.0/users/{encoded}")).status, 404);
    tenant
        .control
        .add_user(json!({"displayName": "Heir", "userPrincipalName": name}))
        .unwrap();
    assert_eq!(
        tenant.get(&format!("/v1.0/users/{encoded}")).ok().body["displayName"],
        "Heir"
    );
    let refused = tenant
        .control
        .edit_user(id, json!({"userPrincipalName": name}));
    assert!(matches!(
        refused,
        Err(ChangeError::Taken {
            property: "userPrincipalName",
            ..
        })
    ));
}

#[test]
fn a_name_that_was_taken_from_its_user_leads_to_nobody() {
    let tenant = Tenant::of_three();
    tenant
        .control
        .edit_user(ADA, json!({"userPrincipalName": null}))
        .unwrap();
    assert_eq!(tenant.get("/v1.0/users/ada@contoso.com").status, 404);
    tenant
        .control
        .edit_user(ADA, json!({"userPrincipalName": "ada@contoso.com"}))
        .unwrap();
    tenant.get("/v1.0/users/ada@contoso.com").ok();
}

#[test]
fn the_clock_stays_within_the_calendar() {
    let tenant = Tenant::of_three();
    for _ in 0..3 {
        tenant.control.advance_clock(Duration::MAX);
    }
    let late = tenant.get("/v1.0/users");
    assert_eq!(late.status, 401);
    assert!(late.header("date").unwrap().contains(" 2125 "));
}

#[test]
fn an_injected_throttle_says_whose_limit_was_met() {
    let tenant = Tenant::of_three();
    tenant.control.inject(Fault {
        times: Some(1),
        status: Some(429),
        retry_after: Some("10".to_owned()),
        ..Fault::default()
    });
    let answer = tenant.get("/v1.0/users");
    assert_eq!(
        answer.error(),
        (429, "TooManyRequests", "Please retry again later.")
    );
    assert_eq!(answer.header("retry-after"), Some("10"));
    assert!(
        answer
            .header("x-ms-throttle-scope")
            .unwrap()
            .starts_with("Tenant_Application/ReadWrite/")
    );
    tenant.control.inject(Fault {
        times: Some(1),
        status: Some(99),
        ..Fault::default()
    });
    assert_eq!(tenant.get("/v1.0/users").status, 500);
}

#[test]
fn edits_are_spread_over_the_directory_and_numbered() {
    let tenant = Tenant::of_company(1_000);
    assert_eq!(
        tenant
            .control
            .edit_users(10, json!({"jobTitle": "Number {number}"})),
        Ok(10)
    );
    let (users, _) = tenant.all("/v1.0/users?$select=jobTitle&$top=999");
    let places: Vec<_> = (0_usize..)
        .zip(&users)
        .filter(|(_, user)| {
            user["jobTitle"]
                .as_str()
                .is_some_and(|title| title.starts_with("Number "))
        })
        .map(|(place, _)| place)
        .collect();
    assert_eq!(places, (0..1_000).step_by(100).collect::<Vec<_>>());
    assert_eq!(
        tenant.control.edit_users(5_000, json!({"jobTitle": "All"})),
        Ok(1_000)
    );
    assert_eq!(
        tenant.control.edit_users(0, json!({"jobTitle": "None"})),
        Ok(0)
    );
}

#[test]
fn an_empty_page_leads_to_the_page_that_was_asked_for() {
    let tenant = Tenant::of_three();
    tenant.control.inject(Fault {
        path: Some("/v1.0/users".to_owned()),
        times: Some(1),
        empty_page: true,
        ..Fault::default()
    });
    let empty = tenant.get("/v1.0/users?$select=id").ok();
    assert_eq!(empty.users().len(), 0);
    assert_eq!(
        tenant.get(&empty.next_link().unwrap()).ok().users().len(),
        3
    );
}

#[test]
fn a_fault_at_the_token_endpoint_is_in_its_own_shape() {
    let tenant = Tenant::of_three();
    tenant.control.inject(Fault {
        path: Some("/oauth2/".to_owned()),
        times: Some(1),
        status: Some(503),
        retry_after: Some("1".to_owned()),
        ..Fault::default()
    });
    let answer = tenant.token("contoso.com");
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("1"))
    );
    assert_eq!(answer.body["error"], "temporarily_unavailable");
    tenant.token("contoso.com").ok();
}

#[test]
fn a_body_is_sent_as_it_stands() {
    let tenant = Tenant::of_three();
    tenant.control.inject(Fault {
        times: Some(1),
        body: Some("{\"value\":[{\"displayName\":\"no id\"}".to_owned()),
        ..Fault::default()
    });
    let answer = tenant.get("/v1.0/users");
    assert_eq!(
        (answer.status, &*answer.reply.body),
        (200, &b"{\"value\":[{\"displayName\":\"no id\"}"[..])
    );
}

#[test]
fn what_is_listed_is_there() {
    let tenant = Tenant::of_three();
    let (_, overview) = operate(&tenant, Method::GET, "", &Value::Null);
    let controls = overview["controls"].as_array().unwrap();
    assert!(controls.len() > 25);
    assert_eq!(overview["users"], 3, "beside how the tenant stands");
    for control in controls {
        let method = control["method"].as_str().unwrap();
        let path = control["path"].as_str().unwrap();
        let key = match path.ends_with("restore") || method == "DELETE" {
            true => ROOM,
            false => ADA,
        };
        let filled = path
            .replace("{id or name}", if method == "DELETE" { GUEST } else { key })
            .replace("{id}", key)
            .replace("{group}", TEAM)
            .replace("{contact}", PARTNER)
            .replace("{deleted group}", DELETED_TEAM);
        // The example of a body is one that is taken.
        let body = control["body"].as_str().unwrap_or_default();
        let body = body
            .replace("\"ID\"", &format!("\"{ADA}\""))
            .replace("GUID", "00000000-1111-4222-8333-444444444444");
        let mut call = Call::new(
            Method::from_bytes(method.as_bytes()).unwrap(),
            &filled,
            ROOT,
        );
        call.body = body.into_bytes();
        let tenant = Tenant::of_three();
        tenant.control.delete_user(ROOM).unwrap();
        for id in [TEAM, DELETED_TEAM] {
            let team = json!({
                "id": id, "displayName": "Team", "groupTypes": ["DynamicMembership"],
            });
            tenant.control.add_group(team).unwrap();
        }
        tenant.control.delete_group(DELETED_TEAM).unwrap();
        let partner = json!({"id": PARTNER, "displayName": "Partner"});
        tenant.control.add_contact(partner).unwrap();
        let reply = control_interface::answer(&tenant.control, &call);
        let expected: &[u16] = match path {
            // The example stands for a certificate, and nobody has any.
            "/emulator/certificates" if method == "POST" => &[400],
            "/emulator/certificates/{key id or thumbprint}"
            | "/emulator/federated-credentials/{name}" => &[404],
            // Nobody has subscribed.
            path if path.contains("{subscription}") => &[404],
            _ => &[200, 204],
        };
        let said = String::from_utf8_lossy(&reply.body);
        assert!(
            expected.contains(&reply.status.as_u16()),
            "{method} {filled}: {} {said}",
            reply.status
        );
    }
}

#[test]
fn what_an_operation_does_not_know_is_refused_and_never_taken_in_silence() {
    let tenant = Tenant::of_three();
    let path = |rest: &str| format!("/users/{ADA}{rest}");
    for (method, path, body, status) in [
        (Method::POST, String::new(), json!({}), 405),
        (Method::PUT, path(""), json!({"jobTitle": "x"}), 405),
        (Method::GET, path("/disable"), json!(null), 405),
        (Method::DELETE, "/roles".to_owned(), json!(null), 405),
        (
            Method::POST,
            path("/disable"),
            json!({"until": "monday"}),
            400,
        ),
        (Method::DELETE, path(""), json!({"hard": true}), 400),
        (
            Method::POST,
            "/delta/expire".to_owned(),
            json!({"after": 3}),
            400,
        ),
        (
            Method::POST,
            "/tokens/revoke?user=x".to_owned(),
            json!(null),
            400,
        ),
        (Method::GET, "/requests?top=5".to_owned(), json!(null), 400),
        (Method::PATCH, path(""), json!({"JobTitle": "x"}), 400),
        (
            Method::PATCH,
            path(""),
            json!({"manager@odata.bind": "x"}),
            400,
        ),
        (Method::PATCH, path(""), json!({"manager": "nobody"}), 400),
        (
            Method::PATCH,
            path(""),
            json!({"refreshTokensValidFromDateTime": "x"}),
            400,
        ),
        (
            Method::PATCH,
            "/users".to_owned(),
            json!({"count": 1, "change": {}}),
            400,
        ),
        (
            Method::PUT,
            "/secret".to_owned(),
            json!({"secret": "x", "expired": true}),
            400,
        ),
        (Method::PUT, "/storm".to_owned(), json!({"sead": 1}), 400),
        (
            Method::PUT,
            "/tenant".to_owned(),
            json!({"id": "contoso.com"}),
            400,
        ),
        (
            Method::PUT,
            "/tenant".to_owned(),
            json!({"tenant": "x"}),
            400,
        ),
        (
            Method::POST,
            "/certificates".to_owned(),
            json!("nonsense"),
            400,
        ),
        (
            Method::DELETE,
            "/certificates/00".to_owned(),
            json!(null),
            404,
        ),
        (Method::POST, path("/promote"), json!(null), 404),
    ] {
        let before = tenant.control.user(ADA);
        let (answered, said) = operate(&tenant, method.clone(), &path, &body);
        assert_eq!(answered, status, "{method} {path} {body}: {said}");
        assert!(said["error"].is_string(), "{method} {path}");
        assert_eq!(tenant.control.user(ADA), before, "nothing was done");
    }
}

#[test]
fn a_manager_is_set_over_the_interface() {
    let tenant = Tenant::of_three();
    let user = format!("/users/{ROOM}");
    let body = json!({"manager": ADA});
    assert_eq!(operate(&tenant, Method::PATCH, &user, &body).0, 200);
    let manager = tenant.get(&format!("/v1.0{user}/manager")).ok();
    assert_eq!(manager.body["id"], ADA);
}

#[test]
fn the_domains_can_be_given_to_another_tenant() {
    let mut tenant = Tenant::of_three();
    let former = tenant.service.tenant_id();
    let link = tenant.all("/v1.0/users/delta?$select=id").1.delta_link();
    let another = "00000000-1111-4222-8333-444444444444";
    let people = json!([{"id": "p", "userPrincipalName": "ada@contoso.com"}]);
    let body = json!({"id": another, "users": people});
    assert_eq!(operate(&tenant, Method::PUT, "/tenant", &body).0, 204);
    assert_eq!(
        tenant.get("/v1.0/users").refusal(),
        (401, "InvalidAuthenticationToken"),
        "a token of the former tenant"
    );
    let gone = tenant.token(&former);
    assert_eq!(gone.body["error_codes"], json!([90_002]));
    let body = tenant.token("contoso.com").ok().body;
    let token = body["access_token"].as_str().unwrap();
    tenant.authorization = Some(format!("Bearer {token}"));
    assert_eq!(tenant.get("/v1.0/users").ok().ids(), ["p"]);
    let organization = tenant.get("/v1.0/organization").ok();
    assert_eq!(organization.users()[0]["id"], another);
    assert_eq!(tenant.get(&link).status, 400, "a delta token of the former");
}
