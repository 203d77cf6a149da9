use super::*;

#[test]
fn there_is_exactly_one_organization_with_its_domains() {
    let tenant = Tenant::of_three();
    let list = tenant.get("/v1.0/organization").ok();
    assert_eq!(
        list.body["@odata.context"],
        format!("{ROOT}/v1.0/$metadata#organization")
    );
    assert_eq!(list.users().len(), 1);
    let organization = &list.users()[0];
    assert_eq!(organization["id"], tenant.service.tenant_id());
    assert_eq!(organization["displayName"], "Contoso");
    assert_eq!(organization["country"], Value::Null);
    let domains = organization["verifiedDomains"].as_array().unwrap();
    assert_eq!(domains[0]["name"], "contoso.com");
    assert_eq!(
        (&domains[1]["name"], &domains[1]["isInitial"]),
        (&json!("contoso.onmicrosoft.com"), &json!(true))
    );
    let by_id = tenant
        .get(&format!(
            "/v1.0/organization/{}",
            tenant.service.tenant_id()
        ))
        .ok();
    assert_eq!(by_id.body["displayName"], "Contoso");
    assert_eq!(
        tenant.get("/v1.0/organization/another").refusal(),
        (404, "Request_ResourceNotFound")
    );
}

#[test]
fn who_may_only_read_users_sees_name_and_domains_and_nulls() {
    let mut tenant = Tenant::of_three();
    tenant.control.grant(vec!["User.Read.All".to_owned()]);
    tenant.renew_token();
    let list = tenant.get("/v1.0/organization").ok();
    let organization = &list.users()[0];
    assert_eq!(organization["displayName"], "Contoso");
    assert!(organization["verifiedDomains"].is_array());
    for hidden in [
        "countryLetterCode",
        "tenantType",
        "technicalNotificationMails",
    ] {
        assert_eq!(organization.get(hidden), Some(&Value::Null), "{hidden}");
    }
}

#[test]
fn properties_are_selected_and_unknown_ones_refused() {
    let tenant = Tenant::of_three();
    let list = tenant.get("/v1.0/organization?$select=id,displayName").ok();
    assert_eq!(
        list.users(),
        [json!({"id": tenant.service.tenant_id(), "displayName": "Contoso"})]
    );
    assert_eq!(
        tenant.get("/v1.0/organization?$select=mood").refusal(),
        (400, "BadRequest")
    );
}
