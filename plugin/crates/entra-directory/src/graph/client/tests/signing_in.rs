use super::*;

#[test]
fn the_token_request_is_the_documented_form() {
    let world = World::signed_in();
    world.expect_get(ORGANIZATION, organization());
    assert_eq!(world.client().organization().unwrap().id, "t-1");
    let sent = &world.sent()[0];
    assert_eq!(
        sent.body,
        "client_id=app-1&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default\
         &client_secret=s3cr3t%26value&grant_type=client_credentials"
    );
    assert_eq!(
        sent.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(
        sent.header("content-length"),
        Some(sent.body.len().to_string().as_str())
    );
    assert_eq!(sent.header("authorization"), None);
}

#[test]
fn the_scope_is_the_clouds_even_where_endpoints_are_overridden() {
    for (cloud, host) in [
        (Cloud::UsGovL4, "graph.microsoft.us"),
        (Cloud::UsGovL5, "dod-graph.microsoft.us"),
        (Cloud::China, "microsoftgraph.chinacloudapi.cn"),
    ] {
        let mut world = World::signed_in();
        world.connection.cloud = cloud;
        world.expect_get(PROBE, empty());
        world.client().probe_users().unwrap();
        assert!(
            world.sent()[0]
                .body
                .contains(&format!("F%2F{host}%2F.default")[1..])
        );
    }
}

#[test]
fn a_token_serves_until_shortly_before_it_expires() {
    let world = World::signed_in();
    let client = world.client();
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
    world.advance(Duration::from_secs(3_599 - 300 - 1));
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
    world.advance(SECOND);
    world.expect_token(600);
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
    assert_eq!(client.usage().requests, 5);
}

#[test]
fn a_short_lived_token_is_renewed_a_tenth_before_its_end() {
    let world = World::new();
    let client = world.client();
    world.expect_token(600);
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
    world.advance(Duration::from_secs(539));
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
    world.advance(SECOND);
    world.expect_token(600);
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
}

#[test]
fn a_token_that_expires_during_a_wait_is_renewed_for_the_repetition() {
    let world = World::new();
    world.expect_token(60);
    world.expect_get(
        PROBE,
        with_header(refusal(429, "TooManyRequests"), "retry-after", "90"),
    );
    world.expect_token(60);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
}

#[test]
fn a_refused_token_is_renewed_once_and_then_an_error() {
    let world = World::signed_in();
    world.expect_get(PROBE, refusal(401, "InvalidAuthenticationToken"));
    world.expect_token(3_599);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();

    let world = World::signed_in();
    world.expect_get(PROBE, refusal(401, "InvalidAuthenticationToken"));
    world.expect_token(3_599);
    world.expect_get(PROBE, refusal(401, "InvalidAuthenticationToken"));
    let error = world.client().probe_users().unwrap_err();
    assert!(matches!(error, GraphError::Unauthorized(_)), "{error:?}");
    assert_eq!(error.code(), "InvalidAuthenticationToken");
}

#[test]
fn a_refused_token_is_not_used_again_where_no_new_one_was_issued() {
    let world = World::signed_in();
    let client = world.client();
    world.expect_get(PROBE, refusal(401, "InvalidAuthenticationToken"));
    world.expect_sign_in(Err(HttpFailure::Denied));
    assert_eq!(
        client.probe_users().unwrap_err().code(),
        "destination-denied"
    );
    world.expect_token(3_599);
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
}

#[test]
fn a_claims_challenge_is_passed_on_to_the_next_token() {
    // {"access_token":{"nbf":{"essential":true,"value":"1"}}}
    let challenge = r#"Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxIn19fQ==""#;
    for status in [401, 403] {
        let world = World::signed_in();
        let refused = with_header(refusal(status, ""), "www-authenticate", challenge);
        world.expect_get(PROBE, refused);
        world.expect_token(3_599);
        world.expect_get(PROBE, empty());
        world.client().probe_users().unwrap();
        let sent = world.sent();
        let claims = "&claims=%7B%22access_token%22%3A%7B%22nbf%22%3A%7B%22essential%22%3Atrue%2C%22value%22%3A%221%22%7D%7D%7D";
        assert!(!sent[0].body.contains("claims"));
        assert!(sent[2].body.ends_with(claims), "{}", sent[2].body);
    }
}

#[test]
fn a_challenge_that_is_no_json_is_not_passed_on() {
    for claims in ["bm90IGpzb24=", "***", ""] {
        let world = World::signed_in();
        let challenge = format!(r#"Bearer claims="{claims}""#);
        let refused = with_header(refusal(401, ""), "www-authenticate", &challenge);
        world.expect_get(PROBE, refused);
        world.expect_token(3_599);
        world.expect_get(PROBE, empty());
        world.client().probe_users().unwrap();
        assert!(!world.sent()[2].body.contains("claims"));
    }
}

#[test]
fn refused_credentials_are_not_tried_again() {
    for (status, error, code) in [
        (401, "invalid_client", 7_000_215),
        (401, "invalid_client", 7_000_222),
        (400, "unauthorized_client", 700_016),
        (400, "invalid_tenant", 90_002),
    ] {
        let world = World::new();
        let body = json!({"error": error, "error_codes": [code], "error_description": SECRET});
        world.expect_sign_in(Ok(answer(status, &body)));
        let error = world.client().probe_users().unwrap_err();
        assert_eq!(error.code(), format!("AADSTS{code}"));
        assert_eq!(error.failure().status, Some(status));
    }
}

#[test]
fn a_sign_in_that_fails_in_passing_is_tried_again() {
    let world = World::new();
    world.expect_sign_in(Err(HttpFailure::TimedOut));
    world.expect_sign_in(Ok(answer(503, &json!({}))));
    let transient = json!({"error": "temporarily_unavailable", "error_codes": [90_033]});
    world.expect_sign_in(Ok(answer(400, &transient)));
    world.expect_token(3_599);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
}

#[test]
fn an_answer_without_a_usable_token_is_an_error() {
    for (body, code) in [
        (json!({"expires_in": 5}), "unexpected-shape"),
        (json!({"access_token": "a"}), "unexpected-shape"),
        (
            json!({"access_token": "", "expires_in": 5}),
            "unexpected-shape",
        ),
        (
            json!({"access_token": "a\r\nx: y", "expires_in": 5}),
            "unexpected-shape",
        ),
    ] {
        let world = World::new();
        world.expect_sign_in(Ok(answer(200, &body)));
        assert_eq!(
            world.client().probe_users().unwrap_err().code(),
            code,
            "{body}"
        );
    }
    let world = World::new();
    let html = HttpResponse {
        status: 200,
        headers: Vec::new(),
        body: b"<html>".to_vec(),
    };
    world.expect_sign_in(Ok(html));
    assert_eq!(world.client().probe_users().unwrap_err().code(), "not-json");
}

#[test]
fn what_surrounds_a_secret_is_not_sent() {
    for secret in [
        "s3cr3t&value",
        "\u{feff}s3cr3t&value\r\n",
        "  s3cr3t&value\t\u{a0}",
    ] {
        let mut world = World::signed_in();
        world.secret = Ok(secret);
        world.expect_get(PROBE, empty());
        world.client().probe_users().unwrap();
        assert!(
            world.sent()[0]
                .body
                .contains("&client_secret=s3cr3t%26value&")
        );
    }
}

#[test]
fn what_cannot_be_a_secret_stops_before_any_request() {
    for (secret, code) in [
        ("", "secret-empty"),
        ("\u{feff}\r\n", "secret-empty"),
        ("s3cr3t value", "secret-with-white-space"),
        ("\"s3cr3t\"", "secret-in-quotation-marks"),
        ("8c8e2c4f-0f2e-4ee8-b1b5-6f0a0c6a1f11", "secret-is-an-id"),
    ] {
        let mut world = World::new();
        world.secret = Ok(secret);
        let error = world.client().probe_users().unwrap_err();
        assert_eq!(error.code(), code);
        let told = format!("{error} {}", error.advice());
        assert!(told.contains("client-secret"), "the secret's name: {told}");
        assert!(
            !told.contains("s3cr3t") && !told.contains("8c8e2c4f"),
            "{told}"
        );
    }
}

#[test]
fn a_lifetime_in_text_is_a_lifetime() {
    let world = World::new();
    let body = json!({"access_token": BEARER, "expires_in": "3599", "ext_expires_in": "3599"});
    world.expect_sign_in(Ok(answer(200, &body)));
    let client = world.client();
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
    world.advance(Duration::from_secs(3_599 - 300 - 1));
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
}

#[test]
fn a_secret_that_the_host_does_not_give_stops_before_any_request() {
    for (cause, code) in [
        (SecretError::NotFound, "secret-not-found"),
        (SecretError::AccessDenied, "secret-denied"),
        (
            SecretError::Unavailable("vault".to_owned()),
            "secret-unavailable",
        ),
    ] {
        let mut world = World::new();
        world.secret = Err(cause);
        let error = world.client().probe_users().unwrap_err();
        assert_eq!(error.code(), code);
        assert!(
            error.to_string().contains("client-secret"),
            "the secret's name"
        );
    }
}

#[test]
fn the_permissions_of_a_readable_token_are_told() {
    let world = World::new();
    // {"roles":["User.Read.All"]}
    let token = "e30.eyJyb2xlcyI6WyJVc2VyLlJlYWQuQWxsIl19.sig";
    let body = json!({"access_token": token, "expires_in": 3_599});
    world.expect_sign_in(Ok(answer(200, &body)));
    let roles = world.client().granted_roles().unwrap();
    assert_eq!(roles, Some(vec!["User.Read.All".to_owned()]));

    let world = World::signed_in();
    assert_eq!(world.client().granted_roles().unwrap(), None);
}

#[test]
fn neither_secret_nor_token_nor_message_is_in_an_error_or_a_log_event() {
    let statuses = [302, 400, 401, 403, 404, 410, 429, 500, 503];
    for status in statuses {
        let mut world = World::signed_in();
        world.budget.attempts = 1;
        let body = json!({"error": {"code": SECRET, "message": "jane.doe@contoso.com"}});
        world.expect_get(PROBE, answer(status, &body));
        if status == 401 {
            world.expect_token(3_599);
            world.expect_get(PROBE, answer(status, &body));
        }
        let error = world.client().probe_users().unwrap_err();
        let failure = error.failure();
        let told = format!(
            "{error} {error:?} {failure} {failure:?} {:?}",
            world.events()
        );
        for private in [SECRET, BEARER, "jane.doe", "s3cr3t"] {
            assert!(!told.contains(private), "{status}: {told}");
        }
    }
}

/// Tokens of two tenants.
pub(super) const OF_FIRST: &str =
    "e30.eyJ0aWQiOiI4NDg0MTA2Ni0yNzRkLTRlYzAtYTVjMS0yNzZiZTY4NGJkZDMifQ.c2ln";
pub(super) const OF_SECOND: &str =
    "e30.eyJ0aWQiOiI2ZWE5MWE4ZC1lMzJlLTQxYTEtYjdiZC1kMmQxODVlZWQwZTAifQ.c2ln";

#[test]
fn a_domain_that_moves_to_another_tenant_while_a_call_goes_on_ends_the_call() {
    let world = World::new();
    let client = world.client();
    world.expect_token_like(OF_FIRST, 600);
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
    let tenant = client.tenant().unwrap().unwrap();
    assert_eq!(tenant.as_str(), "84841066-274d-4ec0-a5c1-276be684bdd3");
    world.advance(Duration::from_secs(600));
    world.expect_token_like(OF_SECOND, 600);
    let error = client.probe_users().unwrap_err();
    assert_eq!(error.code(), "tenant-moved", "and the token is not used");
}

#[test]
fn a_new_token_after_a_refusal_is_looked_at_too() {
    let world = World::new();
    let client = world.client();
    world.expect_token_like(OF_FIRST, 3_599);
    world.expect_get(PROBE, refusal(401, "InvalidAuthenticationToken"));
    world.expect_token_like(OF_SECOND, 3_599);
    assert_eq!(client.probe_users().unwrap_err().code(), "tenant-moved");
}

#[test]
fn the_tenant_that_is_configured_by_its_id_is_the_one_that_has_to_answer() {
    let mut world = World::new();
    world.connection.tenant = "84841066-274D-4EC0-A5C1-276BE684BDD3".to_owned();
    world.expect_token_like(OF_FIRST, 3_599);
    world.expect_get(PROBE, empty());
    world.client().probe_users().unwrap();
    let mut world = World::new();
    world.connection.tenant = "84841066-274D-4EC0-A5C1-276BE684BDD3".to_owned();
    world.expect_token_like(OF_SECOND, 3_599);
    let error = world.client().probe_users().unwrap_err();
    assert_eq!(error.code(), "other-tenant");
}

#[test]
fn a_token_that_cannot_be_read_is_used_and_names_no_tenant() {
    let world = World::signed_in();
    let client = world.client();
    assert_eq!(client.tenant().unwrap(), None);
    world.expect_get(PROBE, empty());
    client.probe_users().unwrap();
}
