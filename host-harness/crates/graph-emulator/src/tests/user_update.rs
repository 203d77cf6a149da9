use super::*;
use crate::Fault;

const WRITER: [&str; 1] = ["User.ReadWrite.All"];

fn with(roles: &[&str]) -> Tenant {
    Tenant::with(DirectorySource::Users(three()), |options| {
        options.tenant.roles = roles.iter().map(|role| (*role).to_owned()).collect();
    })
}

fn path(id: &str) -> String {
    format!("/v1.0/users/{id}")
}

impl Tenant {
    fn patch(&self, id: &str, body: &Value) -> Answer {
        self.write(Method::PATCH, &path(id), body)
    }

    fn property(&self, id: &str, name: &str) -> Value {
        self.control.user(id).unwrap()[name].clone()
    }
}

#[test]
fn each_property_needs_a_permission_that_writes_it() {
    for (role, body, status) in [
        ("User.ReadWrite.All", json!({"jobTitle": "x"}), 204),
        ("Directory.ReadWrite.All", json!({"jobTitle": "x"}), 204),
        ("User.ReadUpdate.All", json!({"jobTitle": "x"}), 204),
        ("User.Read.All", json!({"jobTitle": "x"}), 403),
        ("User.ReadBasic.All", json!({"jobTitle": "x"}), 403),
        ("User-Phone.ReadWrite.All", json!({"jobTitle": "x"}), 403),
        ("User-Phone.ReadWrite.All", json!({"mobilePhone": "1"}), 204),
        ("User-Phone.ReadWrite.All", json!({"otherMails": []}), 403),
        ("User-Mail.ReadWrite.All", json!({"otherMails": []}), 204),
        ("User.ReadWrite.All", json!({"mobilePhone": "1"}), 204),
        ("User.ReadUpdate.All", json!({"mobilePhone": "1"}), 403),
        // One property without its permission loses all of them.
        (
            "User-Phone.ReadWrite.All",
            json!({"mobilePhone": "1", "jobTitle": "x"}),
            403,
        ),
    ] {
        let answer = with(&[role]).patch(ADA, &body);
        assert_eq!(answer.status, status, "{role} {body}");
    }
}

#[test]
fn a_tenant_may_ask_for_the_permission_of_its_own_beside() {
    let tenant = with(&WRITER);
    tenant.control.set_behaviour(Behaviour {
        contact_methods_apart: true,
        ..Behaviour::default()
    });
    let phone = json!({"mobilePhone": "1"});
    assert_eq!(tenant.patch(ADA, &phone).status, 403);
    assert_eq!(tenant.patch(ADA, &json!({"jobTitle": "x"})).status, 204);
}

#[test]
fn one_value_that_is_not_taken_loses_the_whole_update() {
    let tenant = with(&WRITER);
    for (name, value) in [
        ("department", json!("")),
        ("companyName", json!("x".repeat(65))),
        ("jobTitle", json!(7)),
        ("displayName", Value::Null),
        ("usageLocation", json!("Deutschland")),
        ("usageLocation", json!("4!")),
        ("businessPhones", Value::Null),
        ("businessPhones", json!(["1", "2"])),
        ("mobilePhone", json!("")),
        ("otherMails", json!([""])),
        ("createdDateTime", json!("2020-01-01T00:00:00Z")),
        ("assignedLicenses", json!([])),
        ("shoeSize", json!("42")),
    ] {
        let body = json!({"givenName": "Changed", name: value});
        let answer = tenant.patch(ADA, &body);
        assert_eq!(answer.refusal(), (400, "Request_BadRequest"), "{body}");
        assert_eq!(tenant.property(ADA, "givenName"), "Ada", "{body}");
    }
}

#[test]
fn a_refusal_names_its_property_at_times() {
    let tenant = with(&WRITER);
    let answer = tenant.patch(ADA, &json!({"department": ""}));
    assert_eq!(
        answer.error().2,
        "Invalid value specified for property 'department' of resource 'User'."
    );
    assert_eq!(answer.body["error"]["details"][0]["target"], "department");
    let answer = tenant.patch(ADA, &json!({"mobilePhone": ""}));
    assert_eq!(
        answer.error().2,
        "The mobilePhone should be between 1 and 64 characters."
    );
    assert_eq!(answer.body["error"].get("details"), None);
}

#[test]
fn what_nobody_writes_by_itself_is_refused() {
    let tenant = with(&WRITER);
    for name in ["proxyAddresses", "employeeHireDate", "identities"] {
        let answer = tenant.patch(ADA, &json!({name: []}));
        assert_eq!(answer.status, 403, "{name}");
    }
    let of_sharepoint = tenant.patch(ADA, &json!({"skills": ["Rust"]}));
    assert_eq!(of_sharepoint.status, 500);
    let mixed = tenant.patch(ADA, &json!({"skills": ["Rust"], "jobTitle": "x"}));
    assert_eq!(mixed.refusal(), (400, "BadRequest"));
}

#[test]
fn null_and_an_empty_collection_empty_a_property() {
    let tenant = with(&WRITER);
    let body = json!({"jobTitle": null, "businessPhones": []});
    assert_eq!(tenant.patch(ADA, &body).status, 204);
    let user = tenant.get(&format!("{}?$select=jobTitle,businessPhones", path(ADA)));
    assert_eq!(user.body["jobTitle"], Value::Null);
    assert_eq!(user.body["businessPhones"], json!([]));
}

#[test]
fn extension_attributes_are_merged_and_the_organisation_is_replaced() {
    let tenant = with(&WRITER);
    for body in [
        json!({"onPremisesExtensionAttributes": {"extensionAttribute1": "a", "extensionAttribute2": "b"}}),
        json!({"onPremisesExtensionAttributes": {"extensionAttribute1": null}}),
        json!({"employeeOrgData": {"costCenter": "c", "division": "d"}}),
        json!({"employeeOrgData": {"division": "e"}}),
    ] {
        assert_eq!(tenant.patch(ADA, &body).status, 204);
    }
    let attributes = tenant.property(ADA, "onPremisesExtensionAttributes");
    assert_eq!(attributes["extensionAttribute1"], Value::Null);
    assert_eq!(attributes["extensionAttribute2"], "b");
    assert_eq!(
        tenant.property(ADA, "employeeOrgData"),
        json!({"division": "e"})
    );
}

#[test]
fn an_address_that_is_replaced_stays_among_the_others() {
    let tenant = with(&WRITER);
    for mail in ["first@contoso.com", "second@contoso.com"] {
        assert_eq!(tenant.patch(ADA, &json!({"mail": mail})).status, 204);
    }
    assert_eq!(
        tenant.property(ADA, "proxyAddresses"),
        json!(["SMTP:second@contoso.com", "smtp:first@contoso.com"])
    );
}

#[test]
fn what_may_lead_into_the_account_of_somebody_with_a_role_takes_a_role_above_it() {
    let tenant = with(&WRITER);
    let phone = json!({"mobilePhone": "+1 425 555 0199"});
    tenant
        .control
        .assign_roles(ADA, &["Helpdesk Administrator"])
        .unwrap();
    assert_eq!(
        tenant.patch(ADA, &phone).refusal(),
        (403, "Authorization_RequestDenied")
    );
    assert_eq!(tenant.patch(ADA, &json!({"jobTitle": "x"})).status, 204);
    assert_eq!(tenant.patch(ROOM, &phone).status, 204);
    let administrator = |name: &str| Behaviour {
        application_roles: vec![name.to_owned()],
        ..Behaviour::default()
    };
    tenant
        .control
        .set_behaviour(administrator("User Administrator"));
    assert_eq!(tenant.patch(ADA, &phone).status, 204);
    tenant
        .control
        .assign_roles(ADA, &["Exchange Administrator"])
        .unwrap();
    assert_eq!(tenant.patch(ADA, &phone).status, 403);
}

#[test]
fn nobody_in_a_group_that_can_be_given_roles_is_in_reach() {
    let tenant = with(&WRITER);
    let group = json!({"displayName": "Tier 1", "isAssignableToRole": true, "members": [ADA]});
    tenant.control.add_group(group).unwrap();
    let phone = json!({"mobilePhone": "1"});
    assert_eq!(tenant.patch(ADA, &phone).status, 403);
}

#[test]
fn an_update_of_nobody_is_404() {
    let tenant = with(&WRITER);
    let nobody = "11111111-0000-4000-8000-0000000000ff";
    assert_eq!(
        tenant.patch(nobody, &json!({"jobTitle": "x"})).refusal(),
        (404, "Request_ResourceNotFound")
    );
}

#[test]
fn a_batch_writes_in_order_where_it_says_so_and_each_counts_for_itself() {
    let tenant = with(&WRITER);
    let entry = |id: &str, title: &str, waits: &[&str]| {
        json!({
            "id": id, "method": "PATCH", "url": format!("/users/{ADA}"),
            "headers": {"Content-Type": "application/json"}, "body": {"jobTitle": title},
            "dependsOn": waits,
        })
    };
    let body = json!({"requests": [
        entry("1", "First", &[]), entry("2", "Second", &["1"]), entry("3", "", &["2"]),
        entry("4", "Never", &["3"]),
    ]});
    let answer = tenant.post("/v1.0/$batch", &body).ok();
    let responses = answer.body["responses"].as_array().unwrap();
    let statuses: Vec<_> = responses.iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [204, 204, 400, 424]);
    assert_eq!(responses[0].get("body"), None);
    assert_eq!(tenant.property(ADA, "jobTitle"), "Second");
    let counters = tenant.control.overview().counters;
    assert_eq!((counters.writes, counters.idle_writes), (2, 0));
    tenant.patch(ADA, &json!({"jobTitle": "Second"}));
    let counters = tenant.control.overview().counters;
    assert_eq!((counters.writes, counters.idle_writes), (3, 1));
}

#[test]
fn a_tenant_takes_so_many_writes_and_names_the_limit() {
    let tenant = with(&WRITER);
    tenant.control.set_behaviour(Behaviour {
        writes_per_second: 20,
        write_burst: 2,
        ..Behaviour::default()
    });
    let title = json!({"jobTitle": "x"});
    let answers: Vec<_> = (0..3).map(|_| tenant.patch(ADA, &title)).collect();
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [204, 204, 429]);
    let refused = &answers[2];
    assert_eq!(refused.header("retry-after"), Some("1"));
    let scope = refused.header("x-ms-throttle-scope").unwrap();
    assert!(scope.starts_with("Tenant_Application/Write/"), "{scope}");
    assert_eq!(
        refused.header("x-ms-throttle-information"),
        Some("WriteLimitExceeded")
    );
    tenant.get(&path(ADA)).ok();
    tenant.control.advance_clock(Duration::from_secs(1));
    assert_eq!(tenant.patch(ADA, &title).status, 204);
}

#[test]
fn a_connection_is_cut_before_a_write_or_after_it() {
    let tenant = with(&WRITER);
    let fault = |fault: Fault| {
        tenant.control.inject(Fault {
            method: Some("PATCH".to_owned()),
            times: Some(1),
            ..fault
        });
    };
    fault(Fault {
        drop_connection: true,
        ..Fault::default()
    });
    assert!(tenant.patch(ADA, &json!({"city": "Oslo"})).reply.hang_up);
    assert_eq!(tenant.control.user(ADA).unwrap().get("city"), None);
    fault(Fault {
        cut_after: Some(0),
        ..Fault::default()
    });
    let answer = tenant.patch(ADA, &json!({"city": "Oslo"}));
    assert_eq!(answer.reply.cut_after, Some(0));
    assert_eq!(tenant.property(ADA, "city"), "Oslo");
}
