//! Properties that need more than the permission to read users.

use super::*;

/// A tenant whose token carries `User.Read.All` and these permissions.
fn with(permissions: &[&str]) -> Tenant {
    let people = vec![json!({
        "id": ADA, "userPrincipalName": "ada@contoso.com", "displayName": "Ada",
        "customSecurityAttributes": {"Engineering": {"Level": 3}},
        "signInActivity": {"lastSignInDateTime": "2026-01-01T00:00:00Z"},
        "mailboxSettings": {"timeZone": "UTC"}, "deviceEnrollmentLimit": 5,
        "employeeLeaveDateTime": "2026-06-30T00:00:00Z",
        "authorizationInfo": {"certificateUserIds": ["X509:<PN>ada@contoso.com"]},
        "identityParentId": GUEST, "print": {"recentPrinterShares": []},
    })];
    Tenant::with(DirectorySource::Users(people), |options| {
        options.tenant.roles = ["User.Read.All"]
            .iter()
            .chain(permissions)
            .map(|&name| name.to_owned())
            .collect();
    })
}

/// What an application is told that selects a property: of one user, of the list, of the delta.
fn told(tenant: &Tenant, name: &str) -> [u16; 3] {
    [
        format!("/v1.0/users/{ADA}?$select=id,{name}"),
        format!("/v1.0/users?$select=id,{name}"),
        format!("/v1.0/users/delta?$select=id,{name}"),
    ]
    .map(|path| tenant.get(&path).status)
}

#[test]
fn a_property_needs_its_permission_and_is_served_where_it_is_kept() {
    let alone = with(&[]);
    for (name, permission, without, there) in [
        ("authorizationInfo", "", [200, 200, 200], [200, 200, 200]),
        ("identityParentId", "", [200, 200, 200], [200, 200, 200]),
        (
            "customSecurityAttributes",
            "CustomSecAttributeAssignment.Read.All",
            [403, 403, 403],
            [200, 200, 200],
        ),
        (
            "employeeLeaveDateTime",
            "User-LifeCycleInfo.Read.All",
            [403, 403, 403],
            [200, 200, 200],
        ),
        (
            "signInActivity",
            "AuditLog.Read.All",
            [403, 403, 501],
            [200, 200, 501],
        ),
        (
            "mailboxSettings",
            "MailboxSettings.Read",
            [403, 501, 501],
            [200, 501, 501],
        ),
        (
            "deviceEnrollmentLimit",
            "DeviceManagementServiceConfig.Read.All",
            [403, 501, 501],
            [200, 501, 501],
        ),
        (
            "print",
            "Printer.Read.All",
            [403, 501, 501],
            [403, 501, 501],
        ),
        ("aboutMe", "", [200, 501, 501], [200, 501, 501]),
    ] {
        assert_eq!(told(&alone, name), without, "{name} without");
        let tenant = with(&[permission]);
        assert_eq!(told(&tenant, name), there, "{name} with {permission}");
        if there[0] == 200 && name != "aboutMe" {
            let path = format!("/v1.0/users/{ADA}?$select={name}");
            assert!(!tenant.get(&path).ok().body[name].is_null(), "{name}");
        }
    }
}

#[test]
fn a_refusal_is_that_of_the_service_that_keeps_the_property() {
    let tenant = with(&[]);
    let code = |name: &str| {
        let path = format!("/v1.0/users/{ADA}?$select={name}");
        let answer = tenant.get(&path);
        answer.refusal().1.to_owned()
    };
    assert_eq!(
        code("customSecurityAttributes"),
        "Authorization_RequestDenied"
    );
    assert_eq!(code("mailboxSettings"), "ErrorAccessDenied");
}

#[test]
fn what_needs_a_permission_is_only_stated_when_it_is_selected() {
    let tenant = with(&["AuditLog.Read.All"]);
    let user = tenant.get(&format!("/v1.0/users/{ADA}")).ok().body;
    assert_eq!(user.get("signInActivity"), None);
    let expanded = tenant.get(&format!(
        "/v1.0/users/{ADA}?$expand=manager($select=customSecurityAttributes)"
    ));
    assert_eq!(expanded.status, 403, "nor is it of a manager");
}

#[test]
fn sign_ins_are_asked_for_by_object_id_and_by_five_hundred() {
    let tenant = with(&["AuditLog.Read.All"]);
    let by_name = tenant.get("/v1.0/users/ada@contoso.com?$select=signInActivity");
    assert_eq!(by_name.refusal(), (400, "BadRequest"));
    let list = |top: u32| {
        tenant
            .get(&format!("/v1.0/users?$select=id,signInActivity&$top={top}"))
            .status
    };
    assert_eq!((list(500), list(501)), (200, 400));
}

#[test]
fn the_schema_has_no_such_property() {
    let tenant = with(&[]);
    assert_eq!(
        told(&tenant, "refreshTokensValidFromDateTime"),
        [400, 400, 400]
    );
}
