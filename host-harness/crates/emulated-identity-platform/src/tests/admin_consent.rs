use super::*;
use emulated_http::query::decode_form;

const REDIRECT: &str = "http://localhost/myapp/permissions";
const DEFAULT_SCOPE: &str = "https%3A%2F%2Fgraph.microsoft.com%2F.default";

/// A request for consent; by default one that is answered with the page.
struct Ask {
    tenant: String,
    version: &'static str,
    parameters: Vec<(&'static str, String)>,
}

impl Ask {
    fn v2() -> Self {
        Self {
            tenant: TENANT.to_owned(),
            version: "/v2.0",
            parameters: vec![
                ("client_id", CLIENT.to_owned()),
                ("scope", DEFAULT_SCOPE.to_owned()),
                ("redirect_uri", REDIRECT.to_owned()),
                ("state", "12345".to_owned()),
            ],
        }
    }

    fn v1() -> Self {
        let ask = Self::v2().without("scope");
        Self { version: "", ..ask }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self = self.without(name);
        self.parameters.push((name, value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.parameters.retain(|(known, _)| *known != name);
        self
    }

    fn at(self, tenant: &str) -> Self {
        let tenant = tenant.to_owned();
        Self { tenant, ..self }
    }

    fn target(&self) -> String {
        let parameters = self.parameters.iter();
        let query = parameters.map(|(name, value)| format!("{name}={value}"));
        let query = query.collect::<Vec<_>>().join("&");
        format!("/{}{}/adminconsent?{query}", self.tenant, self.version)
    }
}

impl Tenant {
    fn before_consent() -> Self {
        Self::with(|application| application.roles = Vec::new())
    }

    fn ask(&self, ask: &Ask) -> Answer {
        self.get(&ask.target())
    }

    /// Follows the link of the page that has this label: what the redirect tells the application.
    fn decide(&self, ask: &Ask, label: &str) -> Vec<(String, String)> {
        let page = html(&self.ask(ask));
        let before = page.split(&format!("\">{label}</a>")).next().unwrap();
        let (_, href) = before.rsplit_once("href=\"").expect("a link");
        let target = format!(
            "/{}{}/adminconsent{}",
            ask.tenant,
            ask.version,
            href.replace("&amp;", "&")
        );
        let answer = self.get(&target);
        assert_eq!(answer.status, 302);
        let location = answer.header("location").expect("a location");
        let (uri, query) = location.split_once('?').unwrap();
        assert_eq!(uri, REDIRECT);
        decode_form(query)
    }

    fn roles(&self) -> Vec<String> {
        self.platform.application().roles.clone()
    }
}

fn html(answer: &Answer) -> String {
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    String::from_utf8(answer.reply.body.clone()).unwrap()
}

fn told(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn the_page_says_who_asks_for_what_and_changes_nothing() {
    let tenant = Tenant::before_consent();
    for ask in [Ask::v2(), Ask::v1()] {
        let answer = tenant.ask(&ask);
        assert_eq!(answer.status, 200);
        let page = html(&answer);
        for shown in [
            CLIENT,
            ORGANIZATION,
            TENANT,
            "User.Read.All",
            "Organization.Read.All",
            REDIRECT,
        ] {
            assert!(page.contains(shown), "{shown} in {page}");
        }
    }
    assert_eq!(tenant.roles(), Vec::<String>::new());
}

#[test]
fn accepting_grants_the_registered_permissions_and_says_so_with_the_state() {
    let tenant = Tenant::before_consent();
    let back = tenant.decide(&Ask::v2(), "Accept");
    assert_eq!(
        back,
        told(&[
            ("admin_consent", "True"),
            ("tenant", TENANT),
            ("scope", "https://graph.microsoft.com/.default"),
            ("state", "12345"),
        ])
    );
    assert_eq!(tenant.roles(), PERMISSIONS);
}

#[test]
fn the_older_form_asks_for_the_registered_permissions_without_a_scope() {
    let tenant = Tenant::before_consent();
    let back = tenant.decide(&Ask::v1().at("common"), "Accept");
    assert_eq!(
        back,
        told(&[
            ("tenant", TENANT),
            ("state", "12345"),
            ("admin_consent", "True"),
        ])
    );
    assert_eq!(tenant.roles(), PERMISSIONS);
}

#[test]
fn cancelling_grants_nothing_and_each_form_fails_as_documented() {
    let tenant = Tenant::before_consent();
    let back = tenant.decide(&Ask::v2(), "Cancel");
    let names: Vec<&str> = back.iter().map(|(name, _)| &**name).collect();
    assert_eq!(
        names,
        ["admin_consent", "error", "error_description", "state"]
    );
    assert_eq!(back[0].1, "True", "even then");
    assert_eq!(back[1].1, "consent_required");
    assert!(back[2].1.starts_with("AADSTS65004: "), "{}", back[2].1);
    assert_eq!(
        tenant.decide(&Ask::v1(), "Cancel"),
        told(&[
            ("error", "permission_denied"),
            ("error_description", "The admin canceled the request"),
        ])
    );
    assert_eq!(tenant.roles(), Vec::<String>::new());
}

#[test]
fn consent_adds_to_what_was_granted_and_delegated_scopes_grant_the_application_nothing() {
    let tenant = Tenant::before_consent();
    let delegated = Ask::v2().with("scope", "https%3A%2F%2Fgraph.microsoft.com%2FUser.Read.All");
    tenant.decide(&delegated, "Accept");
    assert_eq!(tenant.roles(), Vec::<String>::new());
    tenant.platform.application().roles = vec!["Directory.Read.All".to_owned()];
    tenant.decide(&Ask::v2(), "Accept");
    assert_eq!(
        tenant.roles(),
        [
            "Directory.Read.All",
            "User.Read.All",
            "Organization.Read.All"
        ]
    );
}

#[test]
fn what_is_wrong_is_said_on_a_page_and_leads_nowhere() {
    let tenant = Tenant::before_consent();
    let unknown = "00000000-1111-4222-8333-444444444444";
    let cases = [
        (
            Ask::v2().with("redirect_uri", "http://localhost/myapp/"),
            50_011,
        ),
        (
            Ask::v1().with("redirect_uri", "http://localhost/myapp/permissions/"),
            50_011,
        ),
        (Ask::v2().without("redirect_uri"), 90_014),
        (Ask::v2().without("scope"), 90_014),
        (Ask::v2().without("client_id"), 90_014),
        (Ask::v2().with("client_id", unknown), 700_016),
        (Ask::v2().at("common"), 90_019),
        (Ask::v1().at("consumers"), 90_019),
        (Ask::v2().at(unknown), 90_002),
        (
            Ask::v2().with("scope", "https%3A%2F%2Fevil.example%2F.default"),
            70_011,
        ),
    ];
    for (ask, code) in cases {
        let answer = tenant.ask(&ask.with("decision", "accept"));
        assert_eq!(answer.status, 400, "{code}");
        assert_eq!(answer.header("location"), None, "{code}");
        assert!(html(&answer).contains(&format!("AADSTS{code}: ")), "{code}");
    }
    let posted = tenant.request(Method::POST, &Ask::v2().target());
    assert_eq!((posted.status, posted.header("location")), (405, None));
    assert_eq!(tenant.roles(), Vec::<String>::new());
}

#[test]
fn the_tenant_may_be_a_domain_or_any_organisation_and_the_state_may_be_absent() {
    let tenant = Tenant::before_consent();
    for name in ["contoso.onmicrosoft.com", "organizations"] {
        let back = tenant.decide(&Ask::v2().at(name).without("state"), "Accept");
        let tenant_id = TENANT.to_owned();
        assert!(back.contains(&("tenant".to_owned(), tenant_id)), "{name}");
        assert!(back.iter().all(|(name, _)| name != "state"));
    }
}

#[test]
fn an_address_that_is_registered_later_is_led_to_with_its_own_query() {
    let tenant = Tenant::before_consent();
    let uri = "http://127.0.0.1:4000/connect?from=entra";
    tenant.platform.application().register_redirect_uri(uri);
    let ask = Ask::v2()
        .with("redirect_uri", "http://127.0.0.1:4000/connect%3Ffrom=entra")
        .with("decision", "cancel");
    let answer = tenant.ask(&ask);
    let location = answer.header("location").expect("a location");
    assert!(
        location.starts_with(&format!("{uri}&admin_consent=True&error=consent_required&")),
        "{location}"
    );
}

#[test]
fn the_page_escapes_what_it_shows_and_forbids_everything_but_its_style() {
    let tenant = Tenant::of("<script>Contoso</script>", |_| {});
    let script = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    let raw = "\"><script>alert(1)</script>";
    let asks = [
        Ask::v2().with("state", script),
        Ask::v2().with("state", raw),
        Ask::v2().with("client_id", script),
        Ask::v2().with("redirect_uri", script),
        Ask::v2().with("scope", &format!("{DEFAULT_SCOPE}+{script}")),
    ];
    for ask in asks {
        let answer = tenant.ask(&ask);
        assert!(!html(&answer).contains("<script"), "{}", html(&answer));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
    }
}

#[test]
fn what_was_consented_to_shows_in_tokens_after_a_while() {
    let tenant = Tenant::before_consent();
    tenant.under(|conditions| conditions.consent_lag = Duration::from_secs(30));
    tenant.decide(&Ask::v2(), "Accept");
    tenant.token(&Form::default()).ok();
    assert_eq!(tenant.roles(), Vec::<String>::new(), "not yet");
    tenant.advance_clock(Duration::from_secs(30));
    tenant.token(&Form::default()).ok();
    assert_eq!(tenant.roles(), PERMISSIONS);
}

#[test]
fn an_administrator_of_another_tenant_consents_for_that_one_alone() {
    let tenant = Tenant::before_consent();
    let other = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
    let led_back = |ask: &Ask, label: &str| {
        let back = tenant.decide(ask, label);
        let told = back.into_iter().find(|(name, _)| name == "tenant");
        told.map(|(_, tenant)| tenant)
    };
    let at_any = Ask::v2().at("organizations");
    let elsewhere = led_back(&at_any, "Accept as Ada of Fabrikam");
    assert_eq!(elsewhere.as_deref(), Some(other));
    let at_other = led_back(&Ask::v2().at(other), "Accept");
    assert_eq!(at_other.as_deref(), Some(other));
    assert_eq!(tenant.roles(), Vec::<String>::new());
    let own = html(&tenant.ask(&Ask::v2()));
    assert!(
        !own.contains("Fabrikam"),
        "only where the tenant is open: {own}"
    );
}
