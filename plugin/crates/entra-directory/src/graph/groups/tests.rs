use serde_json::json;
use sync_core::settings::GroupSelection;

use super::*;

const ID: &str = "02bd9fd6-8f93-4758-87c3-1fb73740a315";
const ADELE: &str = "87d349ed-44d7-43e1-9a83-5f2406dee5bd";

fn root() -> GraphRoot {
    GraphRoot::new("https://graph.microsoft.com")
}

fn read_as(roles: &[&str], value: Value) -> Vec<GroupItem> {
    let page = json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#groups",
        "@odata.deltaLink": "https://graph.microsoft.com/v1.0/groups/delta?$deltatoken=x",
        "value": [value],
    });
    let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
    parse(
        page.to_string().as_bytes(),
        Some(&roles),
        OrgContacts::Skip,
        &root(),
    )
    .unwrap()
    .groups
}

fn read(value: Value) -> Vec<GroupItem> {
    read_as(&["GroupMember.Read.All"], value)
}

fn stated(value: Value) -> StatedGroup {
    match read(value).pop() {
        Some(GroupItem::Stated(stated)) => stated,
        other => panic!("{other:?}"),
    }
}

fn group(more: Value) -> Value {
    let mut group = json!({
        "id": ID, "displayName": "Sales", "description": null, "groupTypes": [],
        "mailEnabled": false, "securityEnabled": true, "visibility": null,
        "membershipRule": null, "membershipRuleProcessingState": null,
    });
    for (name, value) in more.as_object().unwrap() {
        group[name] = value.clone();
    }
    group
}

fn kind(more: Value) -> Option<GroupKind> {
    Some(stated(group(more)).properties?.kind)
}

#[test]
fn a_group_is_what_administrators_call_it() {
    assert_eq!(kind(json!({})), Some(GroupKind::Security));
    let unified = json!({"groupTypes": ["Unified"], "mailEnabled": true, "securityEnabled": false});
    assert_eq!(kind(unified), Some(GroupKind::Microsoft365));
    assert_eq!(
        kind(json!({"mailEnabled": true})),
        Some(GroupKind::MailEnabled)
    );
    let list = json!({"mailEnabled": true, "securityEnabled": false});
    assert_eq!(kind(list), Some(GroupKind::MailEnabled));
}

#[test]
fn what_a_missing_permission_hides_is_nothing_that_is_known() {
    let nulled = json!({
        "displayName": null, "mailEnabled": null, "securityEnabled": null, "groupTypes": null,
    });
    assert_eq!(stated(group(nulled)).properties, None);
    let nameless = stated(group(json!({"displayName": null})))
        .properties
        .unwrap();
    assert_eq!(nameless.name, None);
}

#[test]
fn an_element_with_members_alone_says_nothing_of_its_group() {
    let part = stated(json!({
        "id": ID, "members@delta": [{"@odata.type": "#microsoft.graph.user", "id": ADELE}],
    }));
    assert_eq!(part.properties, None);
    assert_eq!(part.members.len(), 1);
}

#[test]
fn members_are_people_and_groups_and_the_rest_is_counted() {
    let part = stated(group(json!({"members@delta": [
        {"@odata.type": "#microsoft.graph.user", "id": ADELE.to_uppercase()},
        {"@odata.type": "#microsoft.graph.group", "id": ID},
        {"@odata.type": "#microsoft.graph.device", "id": "d"},
        {"@odata.type": "#microsoft.graph.servicePrincipal", "id": "s"},
        {"@odata.type": "#microsoft.graph.user", "id": ADELE, "@removed": {"reason": "deleted"}},
        {"id": ADELE, "@removed": {"reason": "deleted"}},
        {"id": ADELE},
    ]})));
    let member = |id, is_group, stays| Member {
        id: ObjectId::parse(id).unwrap(),
        is_group,
        stays,
    };
    let expected = [
        member(ADELE, false, true),
        member(ID, true, true),
        member(ADELE, false, false),
        member(ADELE, false, false),
    ];
    assert_eq!(part.members, expected);
    assert_eq!(part.others, 3);
}

#[test]
fn a_group_that_is_gone_is_told_with_how_gone_it_is() {
    for (reason, tombstone) in [
        ("changed", Tombstone::Soft),
        ("deleted", Tombstone::Permanent),
    ] {
        let items = read(json!({"id": ID, "@removed": {"reason": reason}}));
        let id = ObjectId::parse(ID).unwrap();
        assert_eq!(items, [GroupItem::Gone { id, tombstone }]);
    }
}

#[test]
fn hidden_members_are_told_with_their_permission_alone() {
    let hidden = || group(json!({"visibility": "HiddenMembership"}));
    let is_hidden = |roles: &[&str]| match read_as(roles, hidden()).pop() {
        Some(GroupItem::Stated(stated)) => stated.properties.unwrap().is_hidden,
        other => panic!("{other:?}"),
    };
    assert!(is_hidden(&["GroupMember.Read.All"]));
    assert!(!is_hidden(&["GroupMember.Read.All", "Member.Read.Hidden"]));
}

#[test]
fn a_rule_is_known_again_and_another_one_is_another() {
    let rule = |rule: &str, state: &str| {
        let more = json!({
            "groupTypes": ["DynamicMembership"], "membershipRule": rule,
            "membershipRuleProcessingState": state,
        });
        stated(group(more)).properties.unwrap().rule.unwrap()
    };
    assert_eq!(rule("a", "On"), rule("a", "On"));
    assert_ne!(rule("a", "On"), rule("b", "On"));
    assert_ne!(rule("a", "On"), rule("a", "Paused"));
    assert_eq!(stated(group(json!({}))).properties.unwrap().rule, None);
}

#[test]
fn what_is_no_page_of_groups_is_told_as_such() {
    let refused =
        |text: &str| parse(text.as_bytes(), None, OrgContacts::Skip, &root()).unwrap_err();
    assert!(matches!(refused("{"), GraphError::NotJson { .. }));
    assert!(matches!(refused("{}"), GraphError::UnexpectedShape { .. }));
    assert!(matches!(refused("[]"), GraphError::UnexpectedShape { .. }));
    let foreign = r#"{"value": [], "@odata.nextLink": "https://example.com/v1.0/groups/delta"}"#;
    assert!(matches!(refused(foreign), GraphError::ForeignLink(_)));
}

#[test]
fn a_few_groups_are_asked_for_by_id_where_no_others_can_matter() {
    let rules = |ids: usize, transitive| GroupRules {
        selection: GroupSelection {
            ids: vec![ObjectId::parse(ID).unwrap(); ids],
            ..GroupSelection::default()
        },
        transitive,
        list: None,
        members_only: true,
    };
    assert!(first_page(&rules(2, false)).contains("$filter=id%20eq%20%2702bd9fd6"));
    for all in [rules(0, false), rules(51, false), rules(2, true)] {
        assert!(!first_page(&all).contains("$filter"));
    }
}
