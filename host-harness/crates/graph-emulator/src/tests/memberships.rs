use super::*;

const CAST: &str = "microsoft.graph.directoryRole?$select=id,displayName&$count=true";

fn tenant(roles: &[&str]) -> Tenant {
    let tenant = Tenant::with(DirectorySource::Users(three()), |options| {
        options.tenant.roles = roles.iter().map(|role| (*role).to_owned()).collect();
    });
    let group = json!({"displayName": "Tier 1", "isAssignableToRole": true, "members": [ROOM]});
    let group = tenant.control.add_group(group).unwrap();
    let control = &tenant.control;
    control
        .assign_roles(&group, &["Groups Administrator"])
        .unwrap();
    control.assign_roles(ADA, &["User Administrator"]).unwrap();
    tenant
}

fn roles_of(tenant: &Tenant, id: &str) -> Answer {
    tenant.eventual(&format!("/v1.0/users/{id}/transitiveMemberOf/{CAST}"))
}

#[test]
fn roles_are_told_that_come_directly_and_through_a_group() {
    let tenant = tenant(&["User.Read.All", "RoleManagement.Read.Directory"]);
    for (id, name) in [(ADA, "User Administrator"), (ROOM, "Groups Administrator")] {
        let answer = roles_of(&tenant, id).ok();
        assert_eq!(answer.users().len(), 1);
        assert_eq!(answer.users()[0]["displayName"], name);
        assert_eq!(answer.body["@odata.count"], 1);
    }
    assert_eq!(roles_of(&tenant, GUEST).ok().users().len(), 0);
}

#[test]
fn whoever_may_only_read_users_is_told_that_there_is_a_role_and_not_which() {
    let tenant = tenant(&["User.Read.All"]);
    let answer = roles_of(&tenant, ADA).ok();
    let role = &answer.users()[0];
    assert_eq!(role["@odata.type"], "#microsoft.graph.directoryRole");
    assert!(role["id"].is_string());
    assert_eq!(role["displayName"], Value::Null);
}

#[test]
fn a_cast_is_an_advanced_query_and_without_one_everything_is_told() {
    let tenant = tenant(&["User.Read.All", "Directory.Read.All"]);
    let path = format!("/v1.0/users/{ROOM}/transitiveMemberOf");
    let cast = tenant.get(&format!("{path}/microsoft.graph.directoryRole"));
    assert_eq!(cast.refusal(), (400, "Request_UnsupportedQuery"));
    let all = tenant.get(&path).ok();
    let kinds: Vec<_> = all.users().iter().map(|one| &one["@odata.type"]).collect();
    assert_eq!(
        kinds,
        ["#microsoft.graph.group", "#microsoft.graph.directoryRole"]
    );
    let groups = tenant
        .eventual(&format!("{path}/microsoft.graph.group?$count=true"))
        .ok();
    assert_eq!(groups.users().len(), 1);
}

#[test]
fn nobody_has_no_memberships_and_a_role_must_be_known() {
    let tenant = tenant(&["User.Read.All"]);
    let nobody = "11111111-0000-4000-8000-0000000000ff";
    assert_eq!(roles_of(&tenant, nobody).status, 404);
    assert!(tenant.control.assign_roles(ADA, &["Emperor"]).is_err());
    let tenant = self::tenant(&["Organization.Read.All"]);
    assert_eq!(roles_of(&tenant, ADA).status, 403);
}
