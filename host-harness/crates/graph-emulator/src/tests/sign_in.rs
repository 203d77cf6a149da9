//! Where Graph and the sign-in service meet: tokens at Graph's door, faults at both, one directory file.

use emulated_identity_platform::Certificate;

use super::*;
use crate::Fault;
use crate::server::Frontend;

/// What a client without a token asks.
fn ask(tenant: &Tenant, target: &str) -> Answer {
    tenant.send(Call::new(Method::GET, target, ROOT))
}

#[test]
fn graph_tells_apart_what_is_wrong_with_a_token_and_challenges() {
    let mut tenant = Tenant::of_three();
    tenant.authorization = None;
    let answer = tenant.get("/v1.0/users");
    assert_eq!(
        answer.error(),
        (401, "InvalidAuthenticationToken", "Access token is empty.")
    );
    assert!(
        answer
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer realm=\"\"")
    );

    tenant.authorization = Some("Bearer nonsense".to_owned());
    assert_eq!(
        tenant.get("/v1.0/users").refusal(),
        (401, "InvalidAuthenticationToken")
    );

    tenant.renew_token();
    tenant.control.advance_clock(Duration::from_secs(3599));
    let answer = tenant.get("/v1.0/users");
    assert_eq!(
        answer.error(),
        (
            401,
            "InvalidAuthenticationToken",
            "Access token has expired or is not yet valid."
        )
    );

    tenant.renew_token();
    tenant.get("/v1.0/users").ok();
    tenant.control.revoke_access_tokens();
    let answer = tenant.get("/v1.0/users");
    assert_eq!(answer.refusal(), (401, "InvalidAuthenticationToken"));
    assert!(
        answer
            .header("www-authenticate")
            .unwrap()
            .contains("error=\"insufficient_claims\", claims=\"")
    );
    tenant.renew_token();
    tenant.get("/v1.0/users").ok();
}

#[test]
fn a_token_without_the_permission_is_denied_until_the_next_token_has_it() {
    let mut tenant = Tenant::of_three();
    tenant.control.grant(Vec::new());
    tenant.renew_token();
    for path in [
        "users",
        "users/delta",
        "organization",
        "directory/deletedItems/microsoft.graph.user",
    ] {
        let answer = tenant.get(&format!("/v1.0/{path}"));
        assert_eq!(
            answer.error(),
            (
                403,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation."
            ),
            "{path}"
        );
    }
    tenant.control.grant(vec!["Directory.Read.All".to_owned()]);
    assert_eq!(
        tenant.get("/v1.0/users").status,
        403,
        "a token keeps its roles"
    );
    tenant.renew_token();
    tenant.get("/v1.0/users").ok();
    tenant.get("/v1.0/organization").ok();
}

#[test]
fn a_body_that_is_too_large_is_refused_by_whoever_it_was_sent_to() {
    let tenant = Tenant::of_three();
    let front = Frontend {
        endpoint: Arc::new(crate::subscriptions::endpoint::Endpoint::new(&[]).unwrap()),
        service: Arc::clone(&tenant.service),
        control: tenant.control.clone(),
        root: Arc::from(ROOT),
        acceptor: None,
    };
    let refused = |target: &str| {
        let reply = front.too_large(&Call::new(Method::POST, target, ROOT));
        assert_eq!(reply.status.as_u16(), 413, "{target}");
        serde_json::from_slice(&reply.body).unwrap_or(Value::Null)
    };
    assert_eq!(refused("/contoso.com/oauth2/v2.0/token"), Value::Null);
    assert!(refused("/emulator/users")["error"].is_string());
    assert_eq!(
        refused("/v1.0/$batch")["error"]["code"],
        "RequestEntityTooLarge"
    );
}

#[test]
fn an_injected_fault_reaches_discovery_in_the_sign_in_services_shape() {
    let tenant = Tenant::of_three();
    tenant.control.inject(Fault {
        path: Some("openid-configuration".to_owned()),
        times: Some(1),
        status: Some(503),
        ..Fault::default()
    });
    let path = "/contoso.com/v2.0/.well-known/openid-configuration";
    let answer = ask(&tenant, path);
    assert_eq!(answer.status, 503);
    assert_eq!(answer.body["error"], "temporarily_unavailable");
    ask(&tenant, path).ok();
}

#[test]
fn a_person_at_the_page_is_no_request_of_a_storm() {
    let tenant = Tenant::with(DirectorySource::Users(three()), |options| {
        options.tenant.roles = Vec::new();
    });
    tenant
        .control
        .inject(serde_json::from_value(json!({"status": 503, "times": 1})).expect("a fault"));
    let consent = format!(
        "/common/adminconsent?client_id={}&redirect_uri=http://localhost/myapp/permissions",
        TenantOptions::default().client_id
    );
    assert_eq!(ask(&tenant, &consent).status, 200);
    assert_eq!(tenant.get("/v1.0/users").status, 503, "the fault is left");
}

#[test]
fn a_directory_file_brings_certificates_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("directory.json");
    let pem = include_str!("../../../emulated-identity-platform/fixtures/application.pem");
    let pem = &pem[..pem.find("-----BEGIN PRIVATE KEY").unwrap()];
    let record = Certificate::parse(pem).unwrap().record();
    let write = |certificates: Value| {
        let file = json!({"value": three(), "certificates": certificates});
        std::fs::write(&path, file.to_string()).unwrap();
    };
    write(json!([pem]));
    let tenant = Tenant::with(DirectorySource::File(path.clone()), |_| {});
    assert_eq!(tenant.control.certificates(), [record]);
    for wrong in [json!([7]), json!("x"), json!(["nonsense"])] {
        write(wrong);
        let options = EmulatorOptions {
            directory: DirectorySource::File(path.clone()),
            ..EmulatorOptions::default()
        };
        let refused = Service::new(&options).err().unwrap().to_string();
        assert!(refused.contains("certificate"), "{refused}");
    }
}
