use super::*;

/// What a client without a token asks.
fn ask(tenant: &Tenant, target: &str) -> Answer {
    tenant.send(&Call::new(Method::GET, target, ROOT))
}

#[test]
fn the_document_of_a_tenant_speaks_of_its_id_by_whatever_name_it_is_asked_for() {
    let tenant = Tenant::new();
    let id = TENANT.to_owned();
    for name in [
        &*id,
        &id.to_uppercase(),
        "contoso.com",
        "CONTOSO.onmicrosoft.com",
    ] {
        let answer = ask(
            &tenant,
            &format!("/{name}/v2.0/.well-known/openid-configuration"),
        )
        .ok();
        assert_eq!(
            answer.header("content-type"),
            Some("application/json; charset=utf-8")
        );
        assert_eq!(answer.header("odata-version"), None);
        let body = &answer.body;
        assert_eq!(body["issuer"], format!("{ROOT}/{id}/v2.0"));
        assert_eq!(
            body["token_endpoint"],
            format!("{ROOT}/{id}/oauth2/v2.0/token")
        );
        assert_eq!(
            body["authorization_endpoint"],
            format!("{ROOT}/{id}/oauth2/v2.0/authorize")
        );
        assert_eq!(
            body["device_authorization_endpoint"],
            format!("{ROOT}/{id}/oauth2/v2.0/devicecode")
        );
        assert_eq!(
            body["end_session_endpoint"],
            format!("{ROOT}/{id}/oauth2/v2.0/logout")
        );
        assert_eq!(body["jwks_uri"], format!("{ROOT}/{id}/discovery/v2.0/keys"));
        assert_eq!(
            body["token_endpoint_auth_methods_supported"],
            json!([
                "client_secret_post",
                "private_key_jwt",
                "client_secret_basic"
            ])
        );
        assert_eq!(body["subject_types_supported"], json!(["pairwise"]));
        assert_eq!(body["cloud_instance_name"], "microsoftonline.com");
        assert!(body["tenant_region_scope"].is_string());
    }
}

#[test]
fn the_older_document_has_the_older_endpoints_and_issuer() {
    let tenant = Tenant::new();
    let id = TENANT.to_owned();
    let body = ask(&tenant, &format!("/{id}/.well-known/openid-configuration"))
        .ok()
        .body;
    assert_eq!(body["issuer"], format!("https://sts.windows.net/{id}/"));
    assert_eq!(body["token_endpoint"], format!("{ROOT}/{id}/oauth2/token"));
    assert_eq!(body["jwks_uri"], format!("{ROOT}/{id}/discovery/keys"));
    assert_eq!(body["microsoft_multi_refresh_token"], true);
}

#[test]
fn the_documents_for_many_tenants_leave_the_issuer_open() {
    let tenant = Tenant::new();
    for (name, issuer) in [
        ("common", "{tenantid}"),
        ("organizations", "{tenantid}"),
        ("consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"),
    ] {
        let path = format!("/{name}/v2.0/.well-known/openid-configuration");
        let body = ask(&tenant, &path).ok().body;
        assert_eq!(body["issuer"], format!("{ROOT}/{issuer}/v2.0"));
        assert_eq!(
            body["token_endpoint"],
            format!("{ROOT}/{name}/oauth2/v2.0/token")
        );
        assert_eq!(body["tenant_region_scope"], Value::Null);
    }
}

#[test]
fn the_endpoints_of_a_document_are_there() {
    let tenant = Tenant::new();
    let id = TENANT.to_owned();
    for version in ["/v2.0", ""] {
        let path = format!("/{id}{version}/.well-known/openid-configuration");
        let body = ask(&tenant, &path).ok().body;
        let place = |name: &str| body[name].as_str().unwrap().strip_prefix(ROOT).unwrap();
        let keys = ask(&tenant, place("jwks_uri")).ok().body;
        assert_eq!(keys["keys"].as_array().map(Vec::len), Some(1));
        let form = Form::default().with("resource", "https://graph.microsoft.com");
        tenant.post_form(place("token_endpoint"), &form).ok();
    }
}

#[test]
fn keys_are_in_the_shape_of_the_real_ones() {
    let tenant = Tenant::new();
    let id = TENANT.to_owned();
    let key = |path: &str| ask(&tenant, path).ok().body["keys"][0].clone();
    let newer = key(&format!("/{id}/discovery/v2.0/keys"));
    assert_eq!(newer["kty"], "RSA");
    assert_eq!(newer["use"], "sig");
    assert_eq!(newer["e"], "AQAB");
    assert_eq!(newer["kid"], newer["x5t"]);
    assert_eq!(newer["n"].as_str().map(str::len), Some(342), "2048 bits");
    assert_eq!(newer["issuer"], format!("{ROOT}/{id}/v2.0"));
    assert!(newer["x5c"][0].as_str().unwrap().starts_with("MII"));
    assert_eq!(
        key("/common/discovery/v2.0/keys")["issuer"],
        format!("{ROOT}/{{tenantid}}/v2.0")
    );
    let older = key(&format!("/{id}/discovery/keys"));
    assert_eq!(older.get("issuer"), None);
    assert_eq!(older["kid"], newer["kid"]);
}

#[test]
fn an_instance_is_known_or_refused() {
    let tenant = Tenant::new();
    let discover = |endpoint: &str, version: &str| {
        let endpoint = endpoint.replace(':', "%3A").replace('/', "%2F");
        ask(
            &tenant,
            &format!(
                "/common/discovery/instance?api-version={version}&authorization_endpoint={endpoint}"
            ),
        )
    };
    for (endpoint, place) in [
        (
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
            "common/v2.0",
        ),
        (
            "https://login.windows.net/contoso.com/oauth2/authorize",
            "contoso.com",
        ),
        (
            "http://127.0.0.1:4000/contoso.com/oauth2/v2.0/authorize",
            "contoso.com/v2.0",
        ),
        // msal for Python leaves the port out.
        (
            "https://localhost/contoso.com/oauth2/v2.0/authorize",
            "contoso.com/v2.0",
        ),
    ] {
        let body = discover(endpoint, "1.0").ok().body;
        let expected = format!("{ROOT}/{place}/.well-known/openid-configuration");
        assert_eq!(body, json!({"tenant_discovery_endpoint": expected}));
        let body = discover(endpoint, "1.1").ok().body;
        assert_eq!(body["tenant_discovery_endpoint"], expected);
        assert_eq!(body["api-version"], "1.1");
        let clouds = body["metadata"].as_array().unwrap();
        assert_eq!(clouds[0]["preferred_network"], "127.0.0.1:4000");
        assert_eq!(clouds[0]["aliases"], json!(["127.0.0.1:4000", "127.0.0.1"]));
        let names = |cloud: &Value| cloud["aliases"][0] == "login.microsoftonline.com";
        assert!(clouds.iter().any(names));
    }
    for endpoint in [
        "https://example.com/common/oauth2/v2.0/authorize",
        "https://login.microsoftonline.com.example.com/common/oauth2/authorize",
        "https://login.microsoftonline.com",
        "nonsense",
    ] {
        let answer = discover(endpoint, "1.1");
        assert_eq!(answer.status, 400, "{endpoint}");
        assert_eq!(answer.body["error"], "invalid_instance");
        assert_eq!(answer.body["error_codes"], json!([50_049]));
    }
    let without = ask(&tenant, "/common/discovery/instance?api-version=1.1");
    assert_eq!(without.body["error_codes"], json!([90_014]));
}

#[test]
fn whatever_goes_wrong_there_is_told_in_the_sign_in_services_way() {
    let tenant = Tenant::new();
    let another = "00000000-1111-4222-8333-444444444444";
    for (path, error, code) in [
        (
            format!("/{another}/v2.0/.well-known/openid-configuration"),
            "invalid_tenant",
            90_002,
        ),
        (
            "/fabrikam.com/.well-known/openid-configuration".to_owned(),
            "invalid_tenant",
            90_002,
        ),
        (
            "/nonsense/v2.0/.well-known/openid-configuration".to_owned(),
            "invalid_request",
            900_023,
        ),
        (
            format!("/{another}/discovery/v2.0/keys"),
            "invalid_tenant",
            90_002,
        ),
    ] {
        let answer = ask(&tenant, &path);
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.body["error"], error, "{path}");
        assert_eq!(answer.body["error_codes"], json!([code]), "{path}");
        assert!(answer.body["trace_id"].is_string());
    }
    for path in [
        "/common",
        "/contoso.com/oauth2/v2.0/devicecode",
        "/contoso.com/oauth2/v2.0/tokens",
        "/contoso.com/nothing",
        "/organizations/v2.0/nothing",
    ] {
        let answer = ask(&tenant, path);
        assert_eq!((answer.status, &answer.body), (404, &Value::Null), "{path}");
        assert!(answer.header("x-ms-request-id").is_some(), "{path}");
        assert_eq!(answer.header("request-id"), None, "{path}");
    }
    let posted = tenant.send(&Call::new(
        Method::POST,
        "/common/v2.0/.well-known/openid-configuration",
        ROOT,
    ));
    assert_eq!(posted.status, 405);
    assert_eq!(posted.body["error_codes"], json!([900_561]));
}

#[test]
fn the_page_that_an_error_names_is_microsofts() {
    let tenant = Tenant::new();
    let body = tenant
        .token(&Form::default().with("client_secret", "wrong"))
        .body;
    let page = body["error_uri"].as_str().unwrap();
    let answer = ask(&tenant, page.strip_prefix(ROOT).unwrap());
    assert_eq!(answer.status, 302);
    assert_eq!(
        answer.header("location"),
        Some("https://login.microsoftonline.com/error?code=7000215")
    );
}
