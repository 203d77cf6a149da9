use std::collections::BTreeSet;

use super::documented_groups::tenant;
use super::*;
use crate::control_groups::Members;
use crate::{Fault, Storm, Trouble};

const GOLF: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const FINANCE: &str = "bbbbbbbb-0000-4000-8000-000000000002";
const LEDGER: &str = "bbbbbbbb-0000-4000-8000-000000000003";
const BOARD: &str = "bbbbbbbb-0000-4000-8000-000000000004";
const BOT: &str = "dddddddd-0000-4000-8000-000000000002";

/// A tenant of that many people in that many groups.
fn company(users: u64, groups: u64) -> Tenant {
    Tenant::with(
        DirectorySource::Synthetic { users, seed: SEED },
        |options| {
            options.synthetic_groups = groups;
            let roles = ["Directory.Read.All", "Member.Read.Hidden"];
            options.tenant.roles = roles.map(str::to_owned).to_vec();
        },
    )
}

fn names(answer: &Answer) -> Vec<&str> {
    let groups = answer.users().iter();
    groups
        .map(|group| group["displayName"].as_str().unwrap())
        .collect()
}

/// The ids of a list, in the order in which it told them.
fn ids(objects: &[Value]) -> Vec<String> {
    let ids = objects.iter().map(|object| &object["id"]);
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn filters_follow_the_table_of_groups() {
    let tenant = tenant();
    let by_default = [
        "displayName eq 'golf circle'",
        "startsWith(mailNickname,'golf')",
        "securityEnabled eq true and mailEnabled eq false",
        "displayName in ('Golf Circle','Ops Alerts')",
        "onPremisesSyncEnabled eq true",
        "createdDateTime ge 2018-01-01T00:00:00Z",
        "groupTypes/any(c:c eq 'Unified')",
        "id eq 'bbbbbbbb-0000-4000-8000-000000000001'",
    ];
    for filter in by_default {
        tenant.get(&format!("/v1.0/groups?$filter={filter}")).ok();
    }
    let advanced = [
        "description eq 'Whoever plays golf'",
        "startsWith(description,'Whoever')",
        "displayName ne 'Golf Circle'",
        "not groupTypes/any(c:c eq 'Unified')",
        "groupTypes/$count eq 0",
        "mail eq null",
        "membershipRule eq 'x'",
        "endsWith(mail,'contoso.com')",
    ];
    for filter in advanced {
        let target = format!("/v1.0/groups?$filter={filter}&$count=true");
        assert_eq!(
            tenant.get(&target).refusal(),
            (400, "Request_UnsupportedQuery"),
            "{filter}"
        );
        tenant.eventual(&target).ok();
    }
    for (filter, code, said) in [
        (
            "visibility eq 'Public'",
            "Request_UnsupportedQuery",
            "resource 'Group'",
        ),
        (
            "department eq 'Sales'",
            "BadRequest",
            "'microsoft.graph.group'",
        ),
    ] {
        let answer = tenant.eventual(&format!("/v1.0/groups?$count=true&$filter={filter}"));
        let (status, refused, message) = answer.error();
        assert_eq!((status, refused), (400, code));
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn options_that_no_list_of_groups_takes_are_refused() {
    let tenant = tenant();
    for target in [
        "groups?$top=0",
        "groups?$top=1000",
        "groups?$skip=5",
        "groups?$select=shoeSize",
        "groups?$select=hideFromOutlookClients",
        "groups?$orderby=mail",
        "groups?$orderby=displayName&$filter=securityEnabled eq true",
        "groups?$orderby=deletedDateTime",
        "groups?$search=\"displayName:golf\"",
        "groups?$expand=owners",
        "groups/not-an-id",
        "groups/bbbbbbbb-0000-4000-8000-000000000001/members?$orderby=displayName",
        "groups/bbbbbbbb-0000-4000-8000-000000000001/members?$filter=startsWith(displayName,'a')",
        "groups/bbbbbbbb-0000-4000-8000-000000000001/members?$select=shoeSize",
        "groups/bbbbbbbb-0000-4000-8000-000000000001/members?$top=1000",
        "groups/bbbbbbbb-0000-4000-8000-000000000001/members?$expand=memberOf",
        "groups/bbbbbbbb-0000-4000-8000-000000000001/members/$count",
    ] {
        let answer = tenant.get(&format!("/v1.0/{target}"));
        let expected = if target.contains("hideFrom") {
            501
        } else {
            400
        };
        assert_eq!(answer.status, expected, "{target}: {}", answer.body);
    }
    let single = format!("/v1.0/groups/{GOLF}?$select=hideFromOutlookClients");
    assert_eq!(
        tenant.get(&single).ok().body["hideFromOutlookClients"],
        Value::Null
    );
}

#[test]
fn every_group_is_on_one_page_in_any_order() {
    let tenant = company(200, 257);
    let (groups, _) = tenant.all("/v1.0/groups?$select=id,displayName&$top=50");
    assert_eq!(groups.len(), 257, "seed {SEED}");
    let (sorted, _) =
        tenant.all("/v1.0/groups?$select=id,displayName&$orderby=displayName&$top=40");
    let name = |group: &Value| group["displayName"].as_str().unwrap().to_lowercase();
    assert!(sorted.is_sorted_by_key(name));
    let (mut unsorted, mut ordered) = (ids(&groups), ids(&sorted));
    unsorted.sort_unstable();
    ordered.sort_unstable();
    assert_eq!(unsorted, ordered);
}

#[test]
fn a_page_token_is_good_for_its_own_list_alone() {
    let tenant = company(300, 20);
    let token = |target: &str| {
        let next = tenant.get(target).ok().next_link().expect("another page");
        next.split("$skiptoken=").nth(1).unwrap().to_owned()
    };
    let groups = token("/v1.0/groups?$top=5");
    let all = ids(&tenant.all("/v1.0/groups?$select=id").0);
    let members = token(&format!("/v1.0/groups/{}/members?$top=5", all[0]));
    for target in [
        format!("users?$top=5&$skiptoken={groups}"),
        format!("groups?$top=5&$skiptoken={members}"),
        format!("groups/{}/members?$top=5&$skiptoken={members}", all[1]),
        format!(
            "groups/{}/transitiveMembers?$top=5&$skiptoken={members}",
            all[0]
        ),
    ] {
        let answer = tenant.get(&format!("/v1.0/{target}"));
        assert_eq!(
            answer.refusal(),
            (400, "Directory_ExpiredPageToken"),
            "{target}"
        );
    }
}

#[test]
fn a_large_group_is_read_in_pages_without_a_member_twice_or_missing() {
    let tenant = company(2_500, 12);
    let everybody = ids(&tenant.all("/v1.0/users?$select=id&$top=999").0);
    let all = &ids(&tenant.all("/v1.0/groups?$select=id").0)[0];
    let path = format!("/v1.0/groups/{all}/members");
    let (members, _) = tenant.all(&format!("{path}?$select=id&$top=999"));
    assert_eq!(ids(&members), everybody, "seed {SEED}");
    let counted = tenant.eventual(&format!("{path}?$count=true&$top=1")).ok();
    assert_eq!(counted.body["@odata.count"], 2_500);

    // Somebody who was told leaves while the list is read: nobody else is missing.
    let first = tenant.get(&format!("{path}?$select=id&$top=999")).ok();
    let left = Members::of(ids(&first.users()[..10]));
    assert_eq!(tenant.control.remove_members(all, &left), Ok(10));
    let (rest, _) = tenant.all(&first.next_link().unwrap());
    assert_eq!(ids(&rest), everybody[999..]);
}

#[test]
fn memberships_of_a_company_are_four_a_person() {
    let tenant = company(1_000, 60);
    let groups = ids(&tenant.all("/v1.0/groups?$select=id").0);
    let count = |group: &String| {
        let path = format!("/v1.0/groups/{group}/members/microsoft.graph.user/$count");
        let body = tenant.eventual(&path).reply.body;
        String::from_utf8(body).unwrap().parse::<u64>().unwrap()
    };
    let counts: Vec<u64> = groups.iter().map(count).collect();
    assert_eq!(counts.iter().sum::<u64>(), 4_000, "{counts:?}");
    assert_eq!(counts[0], 1_000);
}

#[test]
fn an_expansion_is_cut_at_twenty_without_a_word_and_shows_service_principals() {
    let tenant = company(100, 3);
    let target = "/v1.0/groups?$select=id&$top=1&$expand=members($select=id)";
    let answer = tenant.get(target).ok();
    let members = answer.users()[0]["members"].as_array().unwrap();
    assert_eq!(members.len(), 20);
    assert!(answer.users()[0].get("members@odata.nextLink").is_none());
    let tenant = super::documented_groups::tenant();
    let target = format!("/v1.0/groups/{FINANCE}?$expand=members");
    let body = tenant.get(&target).ok().body;
    assert!(ids(body["members"].as_array().unwrap()).contains(&BOT.to_owned()));
}

#[test]
fn a_deleted_member_is_on_no_list_and_a_member_still() {
    let tenant = tenant();
    let path = format!("/v1.0/groups/{GOLF}/members?$select=displayName");
    tenant.control.delete_user("ada@contoso.com").unwrap();
    assert_eq!(
        names(&tenant.get(&path).ok()),
        ["Grace Oyelaran", "Miles O'Brien"]
    );
    tenant
        .control
        .restore_user("aaaaaaaa-0000-4000-8000-000000000001")
        .unwrap();
    assert_eq!(tenant.get(&path).ok().users().len(), 3);
    tenant.control.purge_user("ada@contoso.com").unwrap();
    assert_eq!(tenant.get(&path).ok().users().len(), 2);
    let group = tenant.control.group(GOLF).unwrap();
    assert_eq!(group["members"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_is_inside_a_deleted_group_is_not_inside_the_group_around_it() {
    let tenant = tenant();
    let path = format!("/v1.0/groups/{FINANCE}/transitiveMembers?$select=id");
    let preston = "aaaaaaaa-0000-4000-8000-000000000004";
    assert!(tenant.get(&path).ok().ids().contains(&preston));
    tenant.control.delete_group(LEDGER).unwrap();
    let answer = tenant.get(&path).ok();
    assert!(!answer.ids().contains(&preston) && !answer.ids().contains(&LEDGER));
    tenant.control.restore_group(LEDGER).unwrap();
    assert!(tenant.get(&path).ok().ids().contains(&preston));
}

#[test]
fn what_is_no_person_states_what_is_selected_in_its_own_spelling() {
    let tenant = tenant();
    let target = format!("/v1.0/groups/{FINANCE}/members?$select=DISPLAYNAME,deviceId,mail");
    let answer = tenant.get(&target).ok();
    let expected = json!({
        "@odata.type": "#microsoft.graph.device", "displayName": "LAPTOP-1", "deviceId": null, "mail": null,
    });
    assert_eq!(answer.users()[1], expected);
    let cast =
        format!("/v1.0/groups/{FINANCE}/members/graph.device?$count=true&$select=displayName");
    assert_eq!(
        tenant.eventual(&cast).ok().users(),
        [json!({"displayName": "LAPTOP-1"})]
    );
}

#[test]
fn a_group_in_a_circle_is_no_member_of_itself() {
    let tenant = tenant();
    for (group, other) in [(FINANCE, LEDGER), (LEDGER, FINANCE)] {
        let target = format!("/v1.0/groups/{group}/transitiveMembers?$select=id");
        let answer = tenant.get(&target).ok();
        assert_eq!(answer.ids().iter().filter(|id| **id == other).count(), 1);
        assert!(!answer.ids().contains(&group));
    }
}

#[test]
fn a_tenant_may_refuse_hidden_members_and_serve_casts_by_default() {
    let tenant = Tenant::with(DirectorySource::Users(three()), |options| {
        options.tenant.roles = vec!["Directory.Read.All".to_owned()];
        options.behaviour.hidden_membership_refused = true;
        options.behaviour.casts_by_default = true;
    });
    let add = |group: Value| tenant.control.add_group(group).unwrap();
    let hidden = add(json!({
        "displayName": "Board", "groupTypes": ["Unified"], "visibility": "HiddenMembership", "members": [ADA],
    }));
    let open = add(json!({"displayName": "Team", "members": [ADA, "room@contoso.com"]}));
    let members =
        |group: &str, rest: &str| tenant.get(&format!("/v1.0/groups/{group}/members{rest}"));
    assert_eq!(
        members(&hidden, "").refusal(),
        (403, "Authorization_RequestDenied")
    );
    assert_eq!(
        members(&open, "/microsoft.graph.user").ok().users().len(),
        2
    );
    assert_eq!(members(&open, "/graph.device").ok().users().len(), 0);
}

#[test]
fn what_is_inside_a_hidden_group_is_told_to_nobody_who_may_not_know_it() {
    for (role, inside, around) in [
        ("Directory.Read.All", vec![], vec![ROOM]),
        ("Member.Read.Hidden", vec![ADA], vec![ROOM, ADA]),
    ] {
        let tenant = Tenant::with(DirectorySource::Users(three()), |options| {
            options.tenant.roles = ["Directory.Read.All", role].map(str::to_owned).to_vec();
        });
        let add = |group: Value| tenant.control.add_group(group).unwrap();
        let inner = add(json!({"displayName": "Inner", "members": [ADA]}));
        let hidden = add(json!({
            "displayName": "Hidden", "visibility": "HiddenMembership", "members": [inner],
        }));
        let outer = add(json!({"displayName": "Outer", "members": [hidden, ROOM]}));
        let people = |group: &str| {
            let path = format!(
                "/v1.0/groups/{group}/transitiveMembers/microsoft.graph.user?$select=id&$count=true"
            );
            let answer = tenant.eventual(&path).ok();
            let people: BTreeSet<String> = ids(answer.users()).into_iter().collect();
            assert_eq!(answer.body["@odata.count"], people.len());
            people
        };
        let expected =
            |ids: Vec<&str>| -> BTreeSet<String> { ids.into_iter().map(str::to_owned).collect() };
        assert_eq!(people(&hidden), expected(inside), "{role}");
        assert_eq!(people(&outer), expected(around), "{role}");
    }
}

#[test]
fn what_a_lowered_permission_hides_of_groups_is_null() {
    let tenant = tenant();
    let mut behaviour = tenant.control.behaviour();
    behaviour.nulled_group_properties = ["displayName", "groupTypes"].map(str::to_owned).to_vec();
    tenant.control.set_behaviour(behaviour);
    let group = tenant.get("/v1.0/groups").ok().users()[0].clone();
    assert_eq!(
        (&group["displayName"], &group["groupTypes"]),
        (&Value::Null, &json!([]))
    );
    assert_eq!(group["mailNickname"], "golfcircle");
    let single = tenant.get(&format!("/v1.0/groups/{GOLF}")).ok().body;
    assert_eq!(single["displayName"], Value::Null);
    let delta = tenant.get("/v1.0/groups/delta").ok();
    assert_eq!(delta.users()[0]["displayName"], Value::Null);
}

#[test]
fn nothing_of_groups_is_told_to_who_may_read_users_only() {
    let mut tenant = tenant();
    tenant.control.grant(vec!["User.Read.All".to_owned()]);
    tenant.renew_token();
    for path in [
        "groups".to_owned(),
        "groups/delta".to_owned(),
        format!("groups/{GOLF}"),
        format!("groups/{GOLF}/members"),
        format!("groups/{GOLF}/transitiveMembers/$count"),
        "directory/deletedItems/microsoft.graph.group".to_owned(),
    ] {
        let answer = tenant.get(&format!("/v1.0/{path}"));
        assert_eq!(
            answer.refusal(),
            (403, "Authorization_RequestDenied"),
            "{path}"
        );
    }
    let wanted = json!({"ids": [GOLF, "aaaaaaaa-0000-4000-8000-000000000001"]});
    let both = tenant.post("/v1.0/directoryObjects/getByIds", &wanted).ok();
    assert_eq!(both.users()[0]["displayName"], Value::Null);
    assert_eq!(both.users()[0]["@odata.type"], "#microsoft.graph.group");
    assert_eq!(both.users()[1]["displayName"], "Ada Prieto");
}

#[test]
fn a_batch_reads_the_members_of_many_groups_and_each_meets_its_own_fault() {
    let tenant = tenant();
    tenant.control.inject(Fault {
        path: Some(format!("{LEDGER}/members")),
        inner: Some(true),
        status: Some(429),
        retry_after: Some("7".to_owned()),
        ..Fault::default()
    });
    let request = |(id, url): (usize, String)| {
        json!({"id": id.to_string(), "method": "GET", "url": url,
               "headers": {"ConsistencyLevel": "eventual"}})
    };
    let urls = [
        format!("/groups/{GOLF}/members/microsoft.graph.user?$count=true&$select=id"),
        format!("/groups/{LEDGER}/members?$select=id"),
        format!("/groups/{BOARD}"),
    ];
    let requests: Vec<Value> = urls.into_iter().enumerate().map(request).collect();
    let answer = tenant
        .post("/v1.0/$batch", &json!({"requests": requests}))
        .ok();
    let responses = answer.body["responses"].as_array().unwrap();
    assert_eq!(responses[0]["body"]["@odata.count"], 3);
    assert_eq!(responses[1]["status"], 429);
    assert_eq!(responses[1]["headers"]["Retry-After"], "7");
    assert_eq!(responses[2]["body"]["displayName"], "Quiet Board");
}

#[test]
fn what_is_asked_of_groups_costs_what_is_documented() {
    let tenant = tenant();
    for (path, cost) in [
        ("groups".to_owned(), "1"),
        (format!("groups/{GOLF}"), "1"),
        (format!("groups/{GOLF}/members"), "3"),
        (format!("groups/{GOLF}/members?$select=id"), "2"),
        (format!("groups/{GOLF}/transitiveMembers"), "5"),
        (
            format!("groups/{GOLF}/transitiveMembers?$top=5&$select=id"),
            "3",
        ),
    ] {
        let answer = tenant.get(&format!("/v1.0/{path}")).ok();
        assert_eq!(answer.header("x-ms-resource-unit"), Some(cost), "{path}");
    }
    let wanted = json!({"ids": [GOLF]});
    let answer = tenant.post("/v1.0/directoryObjects/getByIds", &wanted).ok();
    assert_eq!(answer.header("x-ms-resource-unit"), Some("5"));
}

#[test]
fn what_is_no_list_of_ids_is_refused() {
    let tenant = tenant();
    let many: Vec<&str> = vec![GOLF; 1001];
    for body in [
        json!({}),
        json!({"ids": []}),
        json!({"ids": many}),
        json!({"ids": [GOLF], "types": ["planet"]}),
        json!(["x"]),
    ] {
        let answer = tenant.post("/v1.0/directoryObjects/getByIds", &body);
        assert_eq!(answer.refusal(), (400, "Request_BadRequest"));
    }
    assert_eq!(tenant.get("/v1.0/directoryObjects/getByIds").status, 405);
}

#[test]
fn a_storm_meets_lists_and_rounds_of_groups_as_it_does_those_of_users() {
    let tenant = company(300, 20);
    let next = tenant.get("/v1.0/groups?$top=5").ok().next_link().unwrap();
    let link = tenant
        .get("/v1.0/groups/delta?$deltatoken=latest")
        .ok()
        .delta_link();
    let all = ids(&tenant.all("/v1.0/groups?$select=id").0);
    let members = format!("/v1.0/groups/{}/members?$top=5", all[0]);
    let more = tenant.get(&members).ok().next_link().unwrap();
    let meets = |trouble: Trouble, target: &str| {
        tenant
            .control
            .begin_storm(Storm::only(SEED, [trouble], 1000));
        let answer = tenant.get(target);
        tenant.control.end_storm();
        answer
    };
    for target in [&next, &more] {
        let lost = meets(Trouble::PageTokenLost, target);
        assert_eq!(
            lost.refusal(),
            (400, "Directory_ExpiredPageToken"),
            "{target}"
        );
    }
    let lost = meets(Trouble::DeltaTokenLost, &link)
        .refusal()
        .1
        .to_lowercase();
    assert_eq!(lost, "syncstatenotfound");
    let twice = meets(Trouble::PeopleTwice, &members).ok();
    assert_eq!(twice.users().len(), 10);
    let cut = meets(Trouble::RoundCut, "/v1.0/groups/delta").ok();
    assert_eq!(cut.body.get("@odata.deltaLink"), None);
    assert_eq!(cut.body.get("@odata.nextLink"), None);
    assert_eq!(meets(Trouble::Throttled, "/v1.0/groups/$count").status, 429);
}
