use super::*;
use crate::ChangeError;
use crate::control_groups::Members;

fn tenant() -> Tenant {
    Tenant::with(DirectorySource::Users(three()), |options| {
        options.tenant.roles = vec!["Directory.Read.All".to_owned()];
    })
}

fn members(tenant: &Tenant, group: &str) -> usize {
    let path = format!("/v1.0/groups/{group}/members?$select=id");
    tenant.get(&path).ok().users().len()
}

#[test]
fn what_becomes_of_a_deleted_group_follows_from_its_kind() {
    let tenant = tenant();
    for (group, recoverable) in [
        (
            json!({"displayName": "Unified", "groupTypes": ["Unified"]}),
            true,
        ),
        (json!({"displayName": "Security"}), true),
        (
            json!({"displayName": "Dynamic", "groupTypes": ["DynamicMembership"]}),
            true,
        ),
        (
            json!({"displayName": "Synced", "onPremisesSyncEnabled": true}),
            false,
        ),
        (json!({"displayName": "Mail", "mailEnabled": true}), false),
        (
            json!({"displayName": "List", "mailEnabled": true, "securityEnabled": false}),
            false,
        ),
    ] {
        let name = group["displayName"].clone();
        let id = tenant.control.add_group(group).unwrap();
        let link = tenant
            .get("/v1.0/groups/delta?$deltatoken=latest")
            .ok()
            .delta_link();
        tenant.control.delete_group(&id).unwrap();
        let expected = if recoverable { "changed" } else { "deleted" };
        let told = tenant.get(&link).ok().users().to_vec();
        assert_eq!(
            told,
            [json!({"id": id, "@removed": {"reason": expected}})],
            "{name}"
        );
        let item = tenant.get(&format!("/v1.0/directory/deletedItems/{id}"));
        assert_eq!(item.status, if recoverable { 200 } else { 404 }, "{name}");
        assert_eq!(
            tenant.control.restore_group(&id).is_ok(),
            recoverable,
            "{name}"
        );
        let there = tenant.get(&format!("/v1.0/groups/{id}")).status;
        assert_eq!(there, if recoverable { 200 } else { 404 }, "{name}");
    }
}

#[test]
fn a_dynamic_group_whose_rule_changes_is_empty_for_a_while() {
    let tenant = tenant();
    let group = json!({
        "displayName": "Sales", "groupTypes": ["DynamicMembership"], "members": [ADA, GUEST],
        "membershipRule": "(user.department -eq \"Sales\")", "membershipRuleProcessingState": "On",
    });
    let id = tenant.control.add_group(group).unwrap();
    let delta = |link: &str| {
        let answer = tenant.get(link).ok();
        let changes = answer
            .users()
            .iter()
            .flat_map(|group| group["members@delta"].as_array());
        let changes = changes
            .flatten()
            .map(|member| member.get("@removed").is_none());
        (changes.collect::<Vec<bool>>(), answer.delta_link())
    };
    let (_, link) = delta("/v1.0/groups/delta?$select=members&$deltatoken=latest");
    let delay = Duration::from_secs(1200);
    let rule = "(user.department -eq \"Sales\") or (user.city -eq \"Oslo\")";
    let after = Some(&[ADA.to_owned(), ROOM.to_owned()][..]);
    tenant.control.change_rule(&id, rule, after, delay).unwrap();
    assert_eq!(members(&tenant, &id), 0, "emptied first");
    let (left, link) = delta(&link);
    assert_eq!(left, [false, false]);
    tenant.control.advance_clock(delay / 2);
    assert_eq!(delta(&link).0, Vec::<bool>::new(), "still empty");
    tenant.control.advance_clock(delay / 2);
    let (joined, _) = delta(&link);
    assert_eq!(joined, [true, true], "then filled");
    assert_eq!(members(&tenant, &id), 2);
    let body = tenant
        .get(&format!("/v1.0/groups/{id}?$select=membershipRule"))
        .ok()
        .body;
    assert_eq!(body["membershipRule"], rule);
}

#[test]
fn without_other_members_a_changed_rule_brings_back_those_there_were() {
    let tenant = tenant();
    let group = json!({
        "displayName": "Sales", "groupTypes": ["DynamicMembership"], "members": [ADA, GUEST],
    });
    let id = tenant.control.add_group(group).unwrap();
    tenant
        .control
        .change_rule(&id, "x ", None, Duration::from_secs(60))
        .unwrap();
    assert_eq!(members(&tenant, &id), 0);
    // Another change before the first was carried out: the last one counts.
    tenant
        .control
        .change_rule(&id, "x", Some(&[ROOM.to_owned()]), Duration::from_secs(60))
        .unwrap();
    tenant.control.advance_clock(Duration::from_secs(60));
    assert_eq!(members(&tenant, &id), 1);
}

/// A dynamic group of two that fills in a minute with one.
fn dynamic(tenant: &Tenant) -> String {
    let group = json!({
        "displayName": "Sales", "groupTypes": ["DynamicMembership"], "members": [ADA, GUEST],
    });
    let id = tenant.control.add_group(group).unwrap();
    let room = Some(&[ROOM.to_owned()][..]);
    let minute = Duration::from_secs(60);
    tenant.control.change_rule(&id, "x", room, minute).unwrap();
    id
}

#[test]
fn a_second_rule_without_members_fills_a_group_as_the_first_was_to() {
    let tenant = tenant();
    let id = dynamic(&tenant);
    let minute = Duration::from_secs(60);
    tenant.control.change_rule(&id, "y", None, minute).unwrap();
    tenant.control.advance_clock(minute);
    let members = tenant.control.group(&id).unwrap()["members"].clone();
    assert_eq!(members, json!([ROOM]));
}

#[test]
fn a_group_that_is_deleted_and_restored_is_filled_all_the_same() {
    for (deleted, before) in [(0, 60), (60, 0), (90, 0)] {
        let tenant = tenant();
        let id = dynamic(&tenant);
        tenant.control.delete_group(&id).unwrap();
        tenant.control.advance_clock(Duration::from_secs(deleted));
        // Somebody looks at the tenant meanwhile.
        assert_eq!(tenant.control.overview().deleted_groups, 1);
        tenant.control.restore_group(&id).unwrap();
        tenant.control.advance_clock(Duration::from_secs(before));
        let members = tenant.control.group(&id).unwrap()["members"].clone();
        assert_eq!(members, json!([ROOM]), "deleted for {deleted} seconds");
    }
}

#[test]
fn a_deleted_group_can_be_restored_for_thirty_days() {
    let tenant = tenant();
    let group = json!({"displayName": "Unified", "groupTypes": ["Unified"], "members": [ADA]});
    let id = tenant.control.add_group(group).unwrap();
    tenant.control.delete_group(&id).unwrap();
    let day = Duration::from_hours(24);
    tenant.control.advance_clock(29 * day);
    tenant.control.restore_group(&id).unwrap();
    tenant.control.advance_clock(2 * day);
    assert_eq!(tenant.control.overview().groups, 1, "restored, it stays");
    tenant.control.delete_group(&id).unwrap();
    tenant.control.advance_clock(30 * day);
    let overview = tenant.control.overview();
    assert_eq!((overview.groups, overview.deleted_groups), (0, 0));
    assert!(tenant.control.restore_group(&id).is_err());
}

#[test]
fn groups_may_be_late_to_show_that_somebody_is_gone_for_good() {
    let tenant = Tenant::with(DirectorySource::Users(three()), |options| {
        options.tenant.roles = vec!["Directory.Read.All".to_owned()];
        options.behaviour.purge_lag_seconds = 1200;
    });
    let group = json!({"displayName": "Team", "members": [ADA, GUEST]});
    let id = tenant.control.add_group(group).unwrap();
    let link = tenant
        .get("/v1.0/groups/delta?$select=members&$deltatoken=latest")
        .ok()
        .delta_link();
    let told = || tenant.get(&link).ok().users().len();
    tenant.control.purge_user(ADA).unwrap();
    assert_eq!(members(&tenant, &id), 1, "on no list");
    assert_eq!(told(), 0);
    tenant.control.advance_clock(Duration::from_secs(1200));
    assert_eq!(told(), 1);
}

#[test]
fn a_paused_group_keeps_its_members_whatever_its_rule_says() {
    let tenant = tenant();
    let group = json!({
        "displayName": "Sales", "groupTypes": ["DynamicMembership"], "members": [ADA],
        "membershipRuleProcessingState": "Paused",
    });
    let id = tenant.control.add_group(group).unwrap();
    tenant
        .control
        .change_rule(&id, "x", Some(&[]), Duration::ZERO)
        .unwrap();
    assert_eq!(members(&tenant, &id), 1);
}

#[test]
fn what_a_group_cannot_be_is_refused_and_nothing_is_changed() {
    let tenant = tenant();
    let team = tenant
        .control
        .add_group(json!({"displayName": "Team"}))
        .unwrap();
    let unified = json!({"displayName": "Unified", "groupTypes": ["Unified"]});
    let unified = tenant.control.add_group(unified).unwrap();
    for group in [
        json!({}),
        json!({"displayName": "x", "shoeSize": 44}),
        json!({"displayName": "x", "id": 7}),
        json!({"displayName": "x", "members": ["nobody@contoso.com"]}),
        json!({"displayName": "x", "members": "everybody"}),
        json!({"displayName": "x", "groupTypes": ["Unified"], "members": [team]}),
        json!({"displayName": "x", "isAssignableToRole": true, "groupTypes": ["DynamicMembership"]}),
        json!({"displayName": "x", "isAssignableToRole": true, "members": [team]}),
        json!({"displayName": "x", "id": ADA}),
        json!({"displayName": "x", "id": team}),
        json!("x"),
    ] {
        let refused = tenant.control.add_group(group.clone()).unwrap_err();
        assert!(!refused.to_string().is_empty(), "{group}");
    }
    for edit in [
        json!({"id": "x"}),
        json!({"isAssignableToRole": true}),
        json!({"displayName": null}),
        json!({"members": [ADA]}),
    ] {
        let refused = tenant.control.edit_group(&team, edit.clone());
        assert!(matches!(refused, Err(ChangeError::Invalid(_))), "{edit}");
    }
    let control = &tenant.control;
    let nested = control.add_members(&unified, &Members::of([&team]));
    assert!(matches!(nested, Err(ChangeError::Invalid(_))));
    let rule = control.change_rule(&team, "x", None, Duration::ZERO);
    assert!(matches!(rule, Err(ChangeError::Invalid(_))));
    let nobody = control.remove_members("x", &Members::Count(1));
    assert_eq!(nobody, Err(ChangeError::NoSuchGroup("x".to_owned())));
    assert!(control.restore_group(&team).is_err(), "it is not deleted");
    assert!(
        control
            .add_object(json!({"@odata.type": "#microsoft.graph.user"}))
            .is_err()
    );
    let overview = control.overview();
    assert_eq!((overview.groups, overview.group_changes), (2, 2));
}

#[test]
fn an_edit_makes_no_group_that_could_not_be_added() {
    let tenant = tenant();
    let control = &tenant.control;
    let add = |group: Value| control.add_group(group).unwrap();
    let inner = add(json!({"displayName": "Inner"}));
    let outer = add(json!({"displayName": "Outer", "members": [inner]}));
    let admins = add(json!({"displayName": "Admins", "isAssignableToRole": true}));
    let role = "a group that roles can be assigned to is securityEnabled and not dynamic";
    let flat = "a group of Microsoft 365, and one that roles can be assigned to, holds no groups";
    for (id, edit, reason) in [
        (&outer, json!({"groupTypes": ["Unified"]}), flat),
        (&admins, json!({"securityEnabled": false}), role),
        (&admins, json!({"securityEnabled": null}), role),
        (&admins, json!({"groupTypes": ["DynamicMembership"]}), role),
    ] {
        let before = control.group(id);
        let refused = control.edit_group(id, edit.clone());
        assert_eq!(
            refused,
            Err(ChangeError::Invalid(reason.to_owned())),
            "{edit}"
        );
        assert_eq!(control.group(id), before, "{edit}");
    }
    // One that holds nobody else may become one of Microsoft 365.
    let unified = json!({"groupTypes": ["Unified"]});
    assert_eq!(control.edit_group(&inner, unified), Ok(inner.clone()));
}

#[test]
fn members_come_and_go_in_bulk_and_twice_is_once() {
    let tenant = Tenant::of_company(500);
    let control = &tenant.control;
    let id = control.add_group(json!({"displayName": "Many"})).unwrap();
    assert_eq!(control.add_members(&id, &Members::Count(300)), Ok(300));
    assert_eq!(control.add_members(&id, &Members::Count(300)), Ok(200));
    assert_eq!(control.add_members(&id, &Members::Count(1)), Ok(0));
    assert_eq!(control.remove_members(&id, &Members::Count(450)), Ok(450));
    let left = control.group(&id).unwrap()["members"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(left, 50);
    let changes = control.overview().group_changes;
    assert_eq!(changes, 4, "what changes nothing leaves no entry");
}

#[test]
fn a_group_that_is_gone_for_good_has_left_the_groups_that_held_it() {
    let tenant = tenant();
    let inner = tenant
        .control
        .add_group(json!({"displayName": "Inner", "members": [ADA]}))
        .unwrap();
    let outer = json!({"displayName": "Outer", "members": [inner, GUEST]});
    let outer = tenant.control.add_group(outer).unwrap();
    tenant.control.delete_group(&inner).unwrap();
    assert_eq!(members(&tenant, &outer), 1, "a deleted one is on no list");
    tenant.control.restore_group(&inner).unwrap();
    assert_eq!(members(&tenant, &outer), 2);
    let link = tenant
        .get("/v1.0/groups/delta?$select=members&$deltatoken=latest")
        .ok()
        .delta_link();
    tenant.control.purge_group(&inner).unwrap();
    let told = tenant.get(&link).ok().users().to_vec();
    let left = json!([{"@odata.type": "#microsoft.graph.group", "id": inner, "@removed": {"reason": "deleted"}}]);
    assert!(
        told.iter()
            .any(|group| group["id"] == outer && group["members@delta"] == left),
        "{told:?}"
    );
}

#[test]
fn a_directory_file_brings_groups_that_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("directory.json");
    for wrong in [
        json!({"groups": {}}),
        json!({"groups": [7]}),
        json!({"groups": [{"displayName": "x", "members": ["nobody"]}]}),
        json!({"objects": [{"displayName": "x"}]}),
    ] {
        let mut file = wrong.clone();
        file["value"] = json!(three());
        std::fs::write(&path, file.to_string()).unwrap();
        let options = EmulatorOptions {
            directory: DirectorySource::File(path.clone()),
            ..EmulatorOptions::default()
        };
        assert!(Service::new(&options).is_err(), "{wrong}");
    }
}
