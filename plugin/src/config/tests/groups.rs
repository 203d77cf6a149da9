//! Groups: which of them a document means, what they lead to, and what is told of one that means none.

use contact_identity::ObjectId;
use serde_json::{Value, json};
use sync_core::ports::{StoreDescription, StoreLimits};
use sync_core::settings::{GroupKind, GroupList, GroupRules, GroupSelection};

use super::super::read;
use super::super::settings::Settings;
use super::super::test_fixture::{accepted, document, refused, store};
use super::one_problem;

const ID: &str = "abcdef00-0000-4000-8000-00000000abcd";

fn with_groups(groups: &Value) -> Value {
    document(&json!({"preset": "mirror", "scope": "users-and-groups", "groups": groups}))
}

fn settings(groups: &Value) -> Settings {
    accepted(&with_groups(groups))
}

fn rules(groups: &Value) -> GroupRules {
    settings(groups).groups.expect("groups are in scope")
}

fn selection(groups: &Value) -> GroupSelection {
    rules(groups).selection
}

#[track_caller]
fn problem(groups: &Value, pointer: &str, phrases: &[&str]) {
    one_problem(&with_groups(groups), &store(), pointer, phrases);
}

#[test]
fn users_alone_are_read_unless_a_document_says_otherwise() {
    for preset in ["additive", "mirror", "lifecycle"] {
        assert_eq!(
            accepted(&document(&json!({ "preset": preset }))).groups,
            None,
            "{preset}"
        );
    }
    let said = document(&json!({"preset": "mirror", "scope": "users"}));
    assert_eq!(accepted(&said).groups, None);
}

#[test]
fn groups_in_scope_are_all_groups_with_their_direct_members_each_a_list_of_its_name() {
    let unsaid = document(&json!({"preset": "lifecycle", "scope": "users-and-groups"}));
    let expected = GroupRules {
        selection: GroupSelection::default(),
        transitive: false,
        list: Some(GroupList {
            name: "{group}".to_owned(),
            description: "{description}".to_owned(),
            longest: store().limits.list_name,
        }),
        members_only: false,
    };
    assert_eq!(accepted(&unsaid).groups, Some(expected.clone()));
    assert_eq!(rules(&json!({})), expected);
    assert_eq!(rules(&json!({"list": {}})), expected);
    let words = json!({"members": "direct", "people": "all"});
    assert_eq!(rules(&words), expected);
}

#[test]
fn a_group_is_named_by_its_id_its_name_or_how_its_name_begins() {
    let include = json!({"include": [
        "Sales", "Region *", "Team*", "{ABCDEF00-0000-4000-8000-00000000ABCD}", "R*D", "Region"
    ]});
    assert_eq!(
        selection(&include),
        GroupSelection {
            ids: vec![ObjectId::new(ID)],
            // As they are compared.
            names: ["sales", "r*d", "region"].map(str::to_owned).into(),
            prefixes: ["region", "team"].map(str::to_owned).into(),
            kinds: Vec::new(),
        }
    );
    assert_eq!(selection(&include).ids[0].as_str(), ID);
}

#[test]
fn kinds_members_people_and_lists_are_as_the_document_says() {
    let said = rules(&json!({
        "kinds": ["mail-enabled", "security"], "members": "transitive", "people": "members",
        "list": {"name": "Entra {group}", "description": "{group}: {description}"},
    }));
    assert_eq!(
        said.selection.kinds,
        [GroupKind::Security, GroupKind::MailEnabled]
    );
    assert!(said.transitive && said.members_only);
    let list = said.list.expect("a list");
    assert_eq!(list.name, "Entra {group}");
    assert_eq!(list.description, "{group}: {description}");

    let described = rules(&json!({"list": {"description": "From the directory"}}));
    assert_eq!(described.list.expect("a list").name, "{group}");
    let unlisted = rules(&json!({"list": "none", "people": "members"}));
    assert_eq!(unlisted.list, None);
}

#[test]
fn groups_that_are_not_in_scope_are_no_silent_wish() {
    for sync in [
        json!({"preset": "mirror", "groups": {}}),
        json!({"preset": "mirror", "scope": "users", "groups": {"people": "members"}}),
    ] {
        one_problem(
            &document(&sync),
            &store(),
            "/sync/groups",
            &["\"scope\": \"users-and-groups\"", "leave `groups` out"],
        );
    }
    // What stands there is looked at all the same, and a scope that nobody knows is one problem.
    let both = document(&json!({"preset": "mirror", "groups": {"people": "some"}}));
    assert_eq!(refused(&both, &store()).len(), 2);
    one_problem(
        &document(&json!({"preset": "mirror", "scope": "user-and-groups", "groups": {}})),
        &store(),
        "/sync/scope",
        &["Did you mean `users-and-groups`?"],
    );
}

#[test]
fn an_element_that_names_no_group_is_told() {
    for (include, pointer, phrases) in [
        (json!([]), "/sync/groups/include", &["at least one"][..]),
        (json!("Sales"), "/sync/groups/include", &["a list"]),
        (
            json!(["Sales", ""]),
            "/sync/groups/include/1",
            &["between the quotes"],
        ),
        (
            json!([" Sales"]),
            "/sync/groups/include/0",
            &["white space"],
        ),
        (
            json!([7]),
            "/sync/groups/include/0",
            &["text in double quotes"],
        ),
        (
            json!(["*"]),
            "/sync/groups/include/0",
            &["Leave `include` out for all groups"],
        ),
        (
            json!(["* *"]),
            "/sync/groups/include/0",
            &["Leave `include` out"],
        ),
        (
            json!(["\u{200b}\u{ad}"]),
            "/sync/groups/include/0",
            &["can be seen"],
        ),
        (
            json!(["abcdef00-0000-4000-8000-00000000abc"]),
            "/sync/groups/include/0",
            &["is no object id", "00000000-0000-4000-8000-000000000001"],
        ),
    ] {
        problem(&json!({ "include": include }), pointer, phrases);
    }
}

#[test]
fn a_group_that_is_named_twice_is_told_however_it_is_spelt() {
    for include in [
        json!(["Sales EMEA", "sales  emea"]),
        json!(["Études", "E\u{301}TUDES"]),
        json!(["Sales*", "SALES *"]),
        json!([ID, "{ABCDEF00-0000-4000-8000-00000000ABCD}"]),
    ] {
        problem(
            &json!({ "include": include }),
            "/sync/groups/include/1",
            &["stands earlier"],
        );
    }
    // A beginning is no name, and takes more.
    assert_eq!(
        selection(&json!({"include": ["Sales", "Sales*"]})).names,
        ["sales"]
    );
}

#[test]
fn a_thousand_groups_can_be_named_and_one_more_is_one_problem() {
    let named = |count: usize| {
        let names: Vec<_> = (0..count).map(|number| format!("Group {number}")).collect();
        json!({ "include": names })
    };
    assert_eq!(selection(&named(1_000)).names.len(), 1_000);
    problem(
        &named(1_001),
        "/sync/groups/include",
        &["At most 1,000", "1001", "`Sales*`"],
    );
}

#[test]
fn a_word_that_is_not_known_is_told_with_those_that_are() {
    for (groups, pointer, phrase) in [
        (
            json!({"kinds": ["distribution"]}),
            "/sync/groups/kinds/0",
            "`mail-enabled`",
        ),
        (
            json!({"kinds": ["security", "security"]}),
            "/sync/groups/kinds/1",
            "stands earlier",
        ),
        (json!({"kinds": []}), "/sync/groups/kinds", "at least one"),
        (
            json!({"members": "nested"}),
            "/sync/groups/members",
            "`direct` or `transitive`",
        ),
        (
            json!({"members": true}),
            "/sync/groups/members",
            "`direct` or `transitive`",
        ),
        (
            json!({"people": "everybody"}),
            "/sync/groups/people",
            "`all` or `members`",
        ),
        (
            json!({"includes": ["Sales"]}),
            "/sync/groups/includes",
            "Did you mean `include`?",
        ),
        (json!({"list": 7}), "/sync/groups/list", "`none`"),
        (json!({"list": "None"}), "/sync/groups/list", "`none`"),
        (
            json!({"list": {"named": "{group}"}}),
            "/sync/groups/list/named",
            "`name`",
        ),
    ] {
        problem(&groups, pointer, &[phrase]);
    }
    one_problem(
        &document(&json!({"preset": "mirror", "scope": "users-and-groups", "groups": []})),
        &store(),
        "/sync/groups",
        &["an object in braces"],
    );
}

#[test]
fn the_lists_of_groups_are_told_apart_by_the_names_of_the_groups() {
    let named = |name: &str| json!({"list": {"name": name}});
    problem(
        &named("Everybody"),
        "/sync/groups/list/name",
        &["All groups would become one list", "{group}"],
    );
    for (list, key, word) in [
        (
            json!({"name": "{group} of {organization}"}),
            "name",
            "`{organization}`",
        ),
        (json!({"name": "{Group}"}), "name", "`{Group}`"),
        (
            json!({"name": "{group} {description}"}),
            "name",
            "`{description}`",
        ),
        (
            json!({"description": "{group} by {owner}"}),
            "description",
            "`{owner}`",
        ),
    ] {
        problem(
            &json!({ "list": list }),
            &format!("/sync/groups/list/{key}"),
            &[word, "stands for nothing here"],
        );
    }
    // Braces that hold no word are braces.
    assert!(rules(&named("{group} {} {1} {")).list.is_some());
}

#[test]
fn the_name_of_a_list_leaves_room_for_the_name_of_the_group() {
    let limited = StoreDescription {
        limits: StoreLimits {
            list_name: Some(8),
            ..StoreLimits::default()
        },
        ..store()
    };
    let named = |name: &str| with_groups(&json!({"list": {"name": name}}));
    one_problem(
        &named("Entra: {group} "),
        &store(),
        "/sync/groups/list/name",
        &["white space"],
    );
    one_problem(
        &named("Entra: ⸺{group}"),
        &limited,
        "/sync/groups/list/name",
        &["at most 8"],
    );
    let fits = read(&named("Entra: {group}").to_string(), &limited).expect("valid");
    let list = fits.groups.and_then(|rules| rules.list).expect("a list");
    assert_eq!(list.longest, Some(8));
}

#[test]
fn groups_that_lead_to_nothing_are_warned_of() {
    let nothing = settings(&json!({"list": "none"}));
    assert_eq!(nothing.warnings.len(), 1, "{:?}", nothing.warnings);
    assert!(nothing.warnings[0].contains("\"people\": \"members\""));
    for something in [json!({}), json!({"list": "none", "people": "members"})] {
        assert!(settings(&something).warnings.is_empty(), "{something}");
    }
}
