use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use emulated_http::query::decode_form;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use sha2::{Digest, Sha256};

use super::*;

const REDIRECT: &str = "http://localhost/myapp/permissions";
const OTHER_TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A request to be signed in; by default one that is answered with the page.
fn target(tenant: &str, otherwise: &[(&str, &str)]) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let usual = [
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("response_mode", "query"),
        ("redirect_uri", REDIRECT),
        ("scope", "openid+profile"),
        ("state", "12345"),
        ("nonce", "n-0S6_WzA2Mj"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let is_usual = |name: &str| otherwise.iter().all(|(other, _)| *other != name);
    let pairs = usual.iter().filter(|(name, _)| is_usual(name));
    let pairs = pairs.chain(otherwise.iter().filter(|(_, value)| !value.is_empty()));
    let query: Vec<_> = pairs
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("/{tenant}/oauth2/v2.0/authorize?{}", query.join("&"))
}

impl Tenant {
    /// Somebody signs in: what the redirect tells the application.
    fn sign_in(
        &self,
        tenant: &str,
        account: &str,
        otherwise: &[(&str, &str)],
    ) -> Vec<(String, String)> {
        let target = format!("{}&account={account}", target(tenant, otherwise));
        let answer = self.get(&target);
        assert_eq!(answer.status, 302, "{target}");
        let (uri, query) = answer.header("location").unwrap().split_once('?').unwrap();
        assert_eq!(uri, REDIRECT);
        decode_form(query)
    }

    fn code(&self, tenant: &str, account: &str, otherwise: &[(&str, &str)]) -> String {
        told(&self.sign_in(tenant, account, otherwise), "code").unwrap()
    }

    fn redeem(&self, form: &Form) -> Answer {
        self.token(form)
    }
}

fn told(pairs: &[(String, String)], name: &str) -> Option<String> {
    let pair = pairs.iter().find(|(known, _)| known == name);
    pair.map(|(_, value)| value.clone())
}

fn redemption(code: &str) -> Form {
    Form::default()
        .without("scope")
        .with("grant_type", "authorization_code")
        .with("code", code)
        .with(
            "redirect_uri",
            "http%3A%2F%2Flocalhost%2Fmyapp%2Fpermissions",
        )
        .with("code_verifier", VERIFIER)
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[test]
fn the_page_lists_who_can_sign_in_at_the_tenant() {
    let tenant = Tenant::new();
    let page = |at: &str| {
        let answer = tenant.get(&target(at, &[])).ok();
        String::from_utf8(answer.reply.body.clone()).unwrap()
    };
    for (at, administrator, stranger) in [
        (TENANT, true, false),
        ("contoso.com", true, false),
        (OTHER_TENANT, false, true),
        ("organizations", true, true),
    ] {
        let page = page(at);
        assert_eq!(
            page.contains("account=administrator"),
            administrator,
            "{at}"
        );
        assert_eq!(page.contains("account=stranger"), stranger, "{at}");
    }
}

#[test]
fn whoever_signed_in_is_told_by_a_token_that_the_key_set_verifies() {
    let tenant = Tenant::new();
    let back = tenant.sign_in("organizations", "administrator", &[]);
    assert_eq!(told(&back, "state").as_deref(), Some("12345"));
    let code = told(&back, "code").unwrap();
    let body = tenant.redeem(&redemption(&code)).ok().body;
    assert_eq!(body["token_type"], "Bearer");
    let token = body["id_token"].as_str().unwrap();
    let told = claims(token);
    assert_eq!(told["iss"], format!("{ROOT}/{TENANT}/v2.0"));
    assert_eq!(told["aud"], CLIENT);
    assert_eq!(told["tid"], TENANT);
    assert_eq!(told["nonce"], "n-0S6_WzA2Mj");
    assert_eq!(
        (&told["iat"], &told["exp"]),
        (&json!(NOW), &json!(NOW + 3_600))
    );
    assert_eq!(
        told["wids"],
        json!(["62e90394-69f5-4237-9190-012177145e10"])
    );

    let (signed, signature) = token.rsplit_once('.').unwrap();
    let header = signed.split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let path = format!("/{TENANT}/discovery/v2.0/keys");
    let key = tenant.get(&path).ok().body["keys"][0].clone();
    assert_eq!(
        (&header["alg"], &header["kid"]),
        (&json!("RS256"), &key["kid"])
    );
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let components = RsaPublicKeyComponents {
        n: part("n"),
        e: part("e"),
    };
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    components
        .verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature)
        .unwrap();
    assert!(STANDARD.decode(key["x5c"][0].as_str().unwrap()).is_ok());
}

#[test]
fn each_of_the_three_is_who_they_are() {
    let tenant = Tenant::new();
    for (account, home, role) in [
        (
            "administrator",
            TENANT,
            "62e90394-69f5-4237-9190-012177145e10",
        ),
        ("member", TENANT, "b79fbf4d-3ef9-4689-8143-76b194e85509"),
        (
            "stranger",
            OTHER_TENANT,
            "62e90394-69f5-4237-9190-012177145e10",
        ),
    ] {
        let code = tenant.code("organizations", account, &[]);
        let body = tenant
            .redeem(&redemption(&code).at("organizations"))
            .ok()
            .body;
        let told = claims(body["id_token"].as_str().unwrap());
        assert_eq!(
            (&told["tid"], &told["wids"]),
            (&json!(home), &json!([role]))
        );
    }
    tenant.under(|conditions| conditions.directory_roles_untold = true);
    let code = tenant.code(TENANT, "member", &[]);
    let body = tenant.redeem(&redemption(&code)).ok().body;
    assert_eq!(claims(body["id_token"].as_str().unwrap()).get("wids"), None);
}

#[test]
fn the_access_token_of_a_sign_in_reads_nothing_and_without_openid_nobody_is_told() {
    let tenant = Tenant::new();
    let code = tenant.code(TENANT, "administrator", &[("scope", "User.Read")]);
    let body = tenant.redeem(&redemption(&code)).ok().body;
    assert_eq!(
        claims(body["access_token"].as_str().unwrap()).get("roles"),
        None
    );
    assert_eq!(body.get("id_token"), None);
    assert_eq!(body["scope"], "User.Read");
}

#[test]
fn giving_up_leads_back_with_an_error_and_the_state() {
    let back = Tenant::new().sign_in(TENANT, "none", &[]);
    assert_eq!(told(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(told(&back, "state").as_deref(), Some("12345"));
    assert_eq!(told(&back, "code"), None);
}

#[test]
fn a_code_is_good_once_for_ten_minutes_and_for_whom_it_was_made() {
    let tenant = Tenant::new();
    let code = || tenant.code(TENANT, "administrator", &[]);
    let refused = |form: Form, error: &str, number: u32| {
        let body = tenant.redeem(&form).body;
        assert_eq!(
            (&body["error"], &body["error_codes"]),
            (&json!(error), &json!([number]))
        );
    };
    let used = code();
    tenant.redeem(&redemption(&used)).ok();
    refused(redemption(&used), "invalid_grant", 54_005);
    refused(redemption("1.made-up"), "invalid_grant", 70_000);
    let other_verifier = redemption(&code()).with("code_verifier", "another");
    refused(other_verifier, "invalid_grant", 501_481);
    refused(
        redemption(&code()).without("code_verifier"),
        "invalid_grant",
        501_481,
    );
    let elsewhere = redemption(&code()).with("redirect_uri", "http%3A%2F%2Flocalhost%2F");
    refused(elsewhere, "invalid_client", 500_112);
    refused(
        redemption(&code()).at(OTHER_TENANT),
        "invalid_grant",
        700_005,
    );
    let wrong_secret = redemption(&code()).with("client_secret", "wrong");
    refused(wrong_secret, "invalid_client", 7_000_215);
    let late = code();
    tenant.advance_clock(Duration::from_secs(600));
    refused(redemption(&late), "invalid_grant", 70_008);
}

#[test]
fn a_wrong_proof_uses_no_code_up() {
    let tenant = Tenant::new();
    let code = tenant.code(TENANT, "administrator", &[]);
    tenant.redeem(&redemption(&code).with("code_verifier", "another"));
    tenant.redeem(&redemption(&code)).ok();
}

#[test]
fn what_is_wrong_is_said_on_a_page_and_leads_nowhere() {
    let tenant = Tenant::new();
    let unknown = "00000000-1111-4222-8333-444444444444";
    let cases: [(&str, (&str, &str), u32); 10] = [
        (TENANT, ("redirect_uri", "http://localhost/myapp/"), 50_011),
        (TENANT, ("client_id", unknown), 700_016),
        (TENANT, ("client_id", ""), 90_014),
        (TENANT, ("scope", ""), 90_014),
        (TENANT, ("response_type", "id_token"), 700_054),
        (TENANT, ("response_mode", "form_post"), 90_014),
        (TENANT, ("code_challenge_method", "S512"), 501_491),
        (TENANT, ("account", "stranger"), 50_020),
        (unknown, ("prompt", "login"), 90_002),
        ("consumers", ("prompt", "login"), 9_002_332),
    ];
    for (at, otherwise, code) in cases {
        let answer = tenant.get(&target(at, &[otherwise]));
        assert_eq!(
            (answer.status, answer.header("location")),
            (400, None),
            "{code}"
        );
        let page = String::from_utf8(answer.reply.body.clone()).unwrap();
        assert!(page.contains(&format!("AADSTS{code}: ")), "{code}: {page}");
    }
    let posted = tenant.request(Method::POST, &target(TENANT, &[]));
    assert_eq!(posted.status, 405);
}

#[test]
fn a_script_in_the_request_stays_text_and_a_fragment_is_no_query() {
    let tenant = Tenant::new();
    let script = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for name in ["state", "nonce", "client_id", "redirect_uri"] {
        let answer = tenant.get(&target(TENANT, &[(name, script)]));
        let page = String::from_utf8(answer.reply.body.clone()).unwrap();
        assert!(!page.contains("<script"), "{name}: {page}");
    }
    let in_fragment = target(TENANT, &[("response_mode", "fragment")]);
    let answer = tenant.get(&format!("{in_fragment}&account=member"));
    let location = answer.header("location").unwrap();
    assert!(
        location.starts_with(&format!("{REDIRECT}#code=")),
        "{location}"
    );
}
