use std::collections::{BTreeMap, BTreeSet};

use super::documented_groups::tenant;
use super::*;
use crate::control_groups::Members;
use crate::{Behaviour, ExpiredToken};

const GOLF: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const FINANCE: &str = "bbbbbbbb-0000-4000-8000-000000000002";
const LEDGER: &str = "bbbbbbbb-0000-4000-8000-000000000003";
const ADA_PRIETO: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const GRACE: &str = "aaaaaaaa-0000-4000-8000-000000000002";
const PRESTON: &str = "aaaaaaaa-0000-4000-8000-000000000004";
const SELECTED: &str = "/v1.0/groups/delta?$select=displayName,members";

/// Ten people in one group, nobody in another, two in a third.
fn crowd(change: impl FnOnce(&mut Behaviour)) -> (Tenant, [String; 3]) {
    let tenant = Tenant::with(
        DirectorySource::Synthetic {
            users: 10,
            seed: SEED,
        },
        |options| {
            options.tenant.roles = vec!["Directory.Read.All".to_owned()];
            change(&mut options.behaviour);
        },
    );
    let add = |name: &str, members: u64| {
        let group = json!({"displayName": name, "description": "d"});
        let id = tenant.control.add_group(group).unwrap();
        let joined = tenant.control.add_members(&id, &Members::Count(members));
        assert_eq!(joined, Ok(members));
        id
    };
    let groups = [add("Ten", 10), add("None", 0), add("Two", 2)];
    (tenant, groups)
}

/// Every page of a round: the groups that it states, as it states them.
fn pages(tenant: &Tenant, first: &str) -> (Vec<Vec<Value>>, String) {
    let mut pages = Vec::new();
    let mut page = tenant.get(first).ok();
    loop {
        pages.push(page.users().to_vec());
        match page.next_link() {
            Some(next) => page = tenant.get(&next).ok(),
            None => return (pages, page.delta_link()),
        }
    }
}

fn round(tenant: &Tenant, first: &str) -> (Vec<Value>, String) {
    let (pages, link) = pages(tenant, first);
    (pages.concat(), link)
}

/// What a round says of a group's members, in its order: who, and whether they are there.
fn told(groups: &[Value], id: &str) -> Vec<(String, bool)> {
    let told = groups.iter().filter(|group| group["id"] == id);
    told.flat_map(|group| group["members@delta"].as_array().into_iter().flatten())
        .map(|member| {
            let removed = member.get("@removed");
            assert!(removed.is_none_or(|removed| removed["reason"] == "deleted"));
            (member["id"].as_str().unwrap().to_owned(), removed.is_none())
        })
        .collect()
}

#[test]
fn a_group_that_fills_a_page_is_stated_again_on_the_next_with_other_members() {
    let (tenant, [ten, none, two]) = crowd(|behaviour| behaviour.members_per_page = 4);
    let (pages, _) = pages(&tenant, SELECTED);
    let stated: Vec<Vec<&str>> = pages
        .iter()
        .map(|page| {
            page.iter()
                .map(|group| group["displayName"].as_str().unwrap())
                .collect()
        })
        .collect();
    assert_eq!(
        stated,
        [vec!["Ten"], vec!["Ten"], vec!["Ten", "None", "Two"]]
    );
    let groups = pages.concat();
    let members = told(&groups, &ten);
    assert_eq!(members.len(), 10);
    assert_eq!(
        members.iter().collect::<BTreeSet<_>>().len(),
        10,
        "each once"
    );
    assert_eq!(
        (told(&groups, &none).len(), told(&groups, &two).len()),
        (0, 2)
    );
}

#[test]
fn the_rest_of_a_group_may_come_after_all_the_others() {
    let (tenant, [ten, ..]) = crowd(|behaviour| {
        behaviour.members_per_page = 4;
        behaviour.group_parts_apart = true;
    });
    let (groups, link) = round(&tenant, SELECTED);
    let order: Vec<&str> = groups
        .iter()
        .map(|group| group["displayName"].as_str().unwrap())
        .collect();
    assert_eq!(order, ["Ten", "None", "Two", "Ten", "Ten"]);
    assert_eq!(
        told(&groups, &ten).iter().collect::<BTreeSet<_>>().len(),
        10
    );
    assert_eq!(round(&tenant, &link).0, Vec::<Value>::new());
}

#[test]
fn changes_of_a_group_are_split_over_pages_too() {
    let (tenant, [ten, ..]) = crowd(|behaviour| behaviour.members_per_page = 3);
    let (_, link) = round(&tenant, SELECTED);
    tenant
        .control
        .remove_members(&ten, &Members::Count(8))
        .unwrap();
    let (pages, _) = pages(&tenant, &link);
    assert_eq!(pages.len(), 3);
    let told = told(&pages.concat(), &ten);
    assert_eq!(told.len(), 8);
    assert!(told.iter().all(|(_, there)| !there));
}

#[test]
fn what_happens_during_a_round_is_told_by_the_next() {
    let (tenant, [ten, ..]) = crowd(|behaviour| behaviour.members_per_page = 4);
    let first = tenant.get(SELECTED).ok();
    let stated = told(first.users(), &ten);
    // One that was told leaves, and one that was not.
    let members = tenant.control.group(&ten).unwrap()["members"].clone();
    let (early, late) = (&members[0], &members[9]);
    let leaving = Members::of([early, late].map(|id| id.as_str().unwrap()));
    assert_eq!(tenant.control.remove_members(&ten, &leaving), Ok(2));
    let (rest, link) = round(&tenant, &first.next_link().unwrap());
    assert_eq!(
        stated.len() + told(&rest, &ten).len(),
        9,
        "nobody else is missing"
    );
    let (changes, _) = round(&tenant, &link);
    let left: BTreeSet<(String, bool)> = told(&changes, &ten).into_iter().collect();
    let expected = [early, late].map(|id| (id.as_str().unwrap().to_owned(), false));
    assert_eq!(left, BTreeSet::from(expected));
}

#[test]
fn from_now_on_is_a_link_and_no_data() {
    let tenant = tenant();
    let target = format!("{SELECTED}&$deltatoken=latest");
    let answer = tenant.get(&target).ok();
    assert_eq!(answer.users().len(), 0);
    let members = Members::of([PRESTON]);
    tenant.control.add_members(GOLF, &members).unwrap();
    let (changes, _) = round(&tenant, &answer.delta_link());
    assert_eq!(told(&changes, GOLF), [(PRESTON.to_owned(), true)]);
    assert_eq!(changes[0]["displayName"], "Golf Circle");
}

#[test]
fn only_what_is_selected_surfaces_and_a_membership_never_does_among_users() {
    let tenant = tenant();
    let link = |select: &str| round(&tenant, &format!("/v1.0/groups/delta?$select={select}")).1;
    let named = link("displayName");
    let described = link("description,members");
    let users = round(&tenant, "/v1.0/users/delta?$select=displayName").1;
    tenant
        .control
        .edit_group(LEDGER, json!({"displayName": "Ledger"}))
        .unwrap();
    tenant
        .control
        .add_members(GOLF, &Members::of([PRESTON]))
        .unwrap();
    let stated = |link: &str| {
        let (groups, _) = round(&tenant, link);
        groups
            .iter()
            .map(|group| group["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(stated(&named), [LEDGER]);
    assert_eq!(stated(&described), [GOLF]);
    assert_eq!(stated(&users), Vec::<String>::new());
}

#[test]
fn owners_may_be_selected_and_there_are_none() {
    let answer = tenant()
        .get("/v1.0/groups/delta?$select=displayName,owners")
        .ok();
    let group = &answer.users()[0];
    assert_eq!(group["displayName"], "Golf Circle");
    assert_eq!(group.get("owners@delta"), None);
    assert_eq!(group.get("members@delta"), None, "not selected");
}

#[test]
fn a_change_inside_a_nested_group_is_none_of_the_group_around_it() {
    let tenant = tenant();
    let (_, link) = round(&tenant, SELECTED);
    tenant
        .control
        .add_members(LEDGER, &Members::of([ADA_PRIETO]))
        .unwrap();
    let (groups, _) = round(&tenant, &link);
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0]["id"], LEDGER);
    assert_eq!(told(&groups, FINANCE), []);
}

#[test]
fn the_least_that_a_change_states_is_an_id_and_its_members() {
    let tenant = tenant();
    let (_, link) = round(&tenant, SELECTED);
    tenant
        .control
        .add_members(GOLF, &Members::of([PRESTON]))
        .unwrap();
    let answer = tenant
        .request(Method::GET, &link, &[("prefer", "return=minimal")])
        .ok();
    assert_eq!(answer.header("preference-applied"), Some("return=minimal"));
    let member = json!({"@odata.type": "#microsoft.graph.user", "id": PRESTON});
    assert_eq!(
        answer.users(),
        [json!({"id": GOLF, "members@delta": [member]})]
    );
}

#[test]
fn of_a_coming_and_going_the_end_is_told_or_every_step() {
    for (every, expected) in [(false, vec![true]), (true, vec![false, true])] {
        let (tenant, [ten, ..]) = crowd(|behaviour| behaviour.every_membership_change = every);
        let (_, link) = round(&tenant, SELECTED);
        let member = tenant.control.group(&ten).unwrap()["members"][3].clone();
        let member = Members::of([member.as_str().unwrap()]);
        tenant.control.remove_members(&ten, &member).unwrap();
        tenant.control.add_members(&ten, &member).unwrap();
        let there: Vec<bool> = told(&round(&tenant, &link).0, &ten)
            .into_iter()
            .map(|(_, there)| there)
            .collect();
        assert_eq!(there, expected, "every step: {every}");
    }
}

#[test]
fn an_initial_round_tells_who_left_and_what_is_gone_unless_the_tenant_does_not() {
    for told_of in [true, false] {
        let (tenant, [ten, none, _]) = crowd(|behaviour| {
            behaviour.former_members_in_initial_round = told_of;
            behaviour.tombstones_in_initial_round = told_of;
        });
        tenant
            .control
            .remove_members(&ten, &Members::Count(1))
            .unwrap();
        tenant.control.delete_group(&none).unwrap();
        let (groups, _) = round(&tenant, SELECTED);
        let left = told(&groups, &ten)
            .iter()
            .filter(|(_, there)| !there)
            .count();
        assert_eq!((left, groups.len()), if told_of { (1, 3) } else { (0, 2) });
    }
}

#[test]
fn rounds_replay_repeat_and_begin_empty_where_the_tenant_does() {
    let (tenant, [ten, _, two]) = crowd(|behaviour| {
        behaviour.replayed_changes = 1;
        behaviour.empty_first_page = true;
        behaviour.cast_path_in_links = true;
    });
    let (pages, link) = pages(&tenant, SELECTED);
    assert_eq!(pages[0], Vec::<Value>::new());
    assert!(
        link.contains("/v1.0/groups/microsoft.graph.delta()?$deltatoken="),
        "{link}"
    );
    tenant
        .control
        .remove_members(&ten, &Members::Count(1))
        .unwrap();
    let (groups, _) = round(&tenant, &link);
    assert_eq!(told(&groups, &two).len(), 2, "what was told before");
    assert_eq!(
        told(&groups, &ten)
            .iter()
            .filter(|(_, there)| !there)
            .count(),
        1
    );

    let (tenant, [ten, ..]) = crowd(|behaviour| {
        behaviour.repeat_over_pages = true;
        behaviour.members_per_page = 5;
    });
    let (groups, _) = round(&tenant, SELECTED);
    assert!(told(&groups, &ten).len() > 10);
    assert_eq!(
        told(&groups, &ten).iter().collect::<BTreeSet<_>>().len(),
        10
    );
}

#[test]
fn a_client_that_follows_a_round_with_repeated_parts_ends_with_the_right_members() {
    let (tenant, [ten, none, two]) = crowd(|behaviour| {
        behaviour.repeat_over_pages = true;
        behaviour.every_membership_change = true;
        behaviour.members_per_page = 2;
    });
    let (_, link) = round(&tenant, SELECTED);
    let people = tenant.control.group(&ten).unwrap()["members"].clone();
    let people: Vec<&str> = people.as_array().unwrap()[..3]
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    let join = |id: &str| tenant.control.add_members(&none, &Members::of([id]));
    let leave = |id: &str| tenant.control.remove_members(&none, &Members::of([id]));
    join(people[0]).unwrap();
    join(people[1]).unwrap();
    join(people[2]).unwrap();
    leave(people[0]).unwrap();
    let one = Members::Count(1);
    tenant.control.remove_members(&two, &one).unwrap();
    let (pages, _) = pages(&tenant, &link);
    assert_eq!(pages.len(), 3);
    let parts = [0, 1, 2].map(|page: usize| told(&pages[page], &none));
    assert_eq!(parts[1][..2], parts[0], "a part is stated again as it was");
    assert_eq!(parts[2], parts[1][2..], "and so is the one after it");
    let mut members = BTreeSet::new();
    for (id, there) in told(&pages.concat(), &none) {
        if there {
            members.insert(id);
        } else {
            members.remove(&id);
        }
    }
    let expected = people[1..].iter().map(|id| (*id).to_owned());
    assert_eq!(members, expected.collect());
}

#[test]
fn fifty_groups_may_be_named_and_no_more() {
    let tenant = tenant();
    let filter = |count: usize| {
        let mut ids = vec![format!("id eq '{GOLF}'"), format!("id eq '{LEDGER}'")];
        ids.extend((2..count).map(|_| format!("id eq '{}'", uuid::Uuid::new_v4())));
        format!("{SELECTED}&$filter={}", ids.join(" or "))
    };
    let (groups, link) = round(&tenant, &filter(50));
    let named: Vec<&Value> = groups.iter().map(|group| &group["id"]).collect();
    assert_eq!(named, [GOLF, LEDGER]);
    assert_eq!(
        tenant.get(&filter(51)).refusal(),
        (400, "Request_BadRequest")
    );
    let others = "/v1.0/groups/delta?$filter=displayName eq 'Golf Circle'";
    assert_eq!(
        tenant.get(others).refusal(),
        (400, "Request_UnsupportedQuery")
    );
    tenant
        .control
        .add_members(FINANCE, &Members::of([PRESTON]))
        .unwrap();
    assert_eq!(round(&tenant, &link).0, Vec::<Value>::new());
}

#[test]
fn a_restored_and_a_new_group_are_stated_whole() {
    let tenant = tenant();
    let (_, link) = round(&tenant, SELECTED);
    tenant.control.delete_group(GOLF).unwrap();
    let (gone, link) = round(&tenant, &link);
    assert_eq!(
        gone,
        [json!({"id": GOLF, "@removed": {"reason": "changed"}})]
    );
    tenant.control.restore_group(GOLF).unwrap();
    let group = json!({"displayName": "Night Shift", "members": [GRACE]});
    let new = tenant.control.add_group(group).unwrap();
    let (groups, link) = round(&tenant, &link);
    assert_eq!(told(&groups, GOLF).len(), 3);
    assert_eq!(groups[0]["displayName"], "Golf Circle");
    assert_eq!(told(&groups, &new), [(GRACE.to_owned(), true)]);
    tenant.control.purge_group(GOLF).unwrap();
    let (gone, _) = round(&tenant, &link);
    assert_eq!(
        gone,
        [json!({"id": GOLF, "@removed": {"reason": "deleted"}})]
    );
}

#[test]
fn a_soft_deleted_person_is_told_by_users_and_a_purged_one_by_both() {
    let tenant = tenant();
    let (_, groups) = round(&tenant, SELECTED);
    let (_, users) = round(&tenant, "/v1.0/users/delta?$select=displayName");
    tenant.control.delete_user(ADA_PRIETO).unwrap();
    let (changed, groups) = round(&tenant, &groups);
    assert_eq!(changed, Vec::<Value>::new());
    assert_eq!(round(&tenant, &users).0.len(), 1);
    tenant.control.purge_user(ADA_PRIETO).unwrap();
    let (changed, _) = round(&tenant, &groups);
    assert_eq!(told(&changed, GOLF), [(ADA_PRIETO.to_owned(), false)]);
}

#[test]
fn hidden_members_are_left_out_of_rounds() {
    let mut tenant = tenant();
    let board = "bbbbbbbb-0000-4000-8000-000000000004";
    assert_eq!(told(&round(&tenant, SELECTED).0, board), []);
    tenant.control.grant(
        ["Group.Read.All", "Member.Read.Hidden"]
            .map(str::to_owned)
            .to_vec(),
    );
    tenant.renew_token();
    assert_eq!(told(&round(&tenant, SELECTED).0, board).len(), 1);
}

#[test]
fn tokens_of_groups_expire_are_reset_and_are_no_tokens_of_users() {
    let tenant = tenant();
    let (_, link) = round(&tenant, SELECTED);
    let (_, users) = round(&tenant, "/v1.0/users/delta");
    let token = users.split("$deltatoken=").nth(1).unwrap();
    let foreign = tenant.get(&format!("/v1.0/groups/delta?$deltatoken={token}"));
    assert_eq!(foreign.refusal(), (400, "Request_BadRequest"));

    tenant
        .control
        .advance_clock(Duration::from_hours(7 * 24 + 1));
    assert_eq!(
        tenant.token_and_get(&link).refusal(),
        (400, "syncStateNotFound")
    );
    let mut behaviour = tenant.control.behaviour();
    behaviour.expired_token = ExpiredToken::Gone;
    tenant.control.set_behaviour(behaviour);
    assert_eq!(
        tenant.token_and_get(&link).refusal(),
        (410, "syncStateNotFound")
    );

    let mut tenant = super::documented_groups::tenant();
    tenant.renew_token();
    let (_, link) = round(&tenant, &format!("{SELECTED}&$filter=id eq '{GOLF}'"));
    tenant.control.reset_delta();
    let answer = tenant.get(&link);
    assert_eq!(answer.refusal(), (410, "resyncRequired"));
    let location = answer.header("location").unwrap().to_owned();
    assert!(
        location.starts_with(&format!("{ROOT}/v1.0/groups/delta?$select=displayName")),
        "{location}"
    );
    let (groups, _) = round(&tenant, &location);
    assert_eq!(groups.len(), 1);
}

#[test]
fn a_change_is_seen_when_it_is_old_enough() {
    let (tenant, [ten, ..]) = crowd(|_| {});
    let (_, link) = round(&tenant, SELECTED);
    let mut behaviour = tenant.control.behaviour();
    behaviour.visibility_delay_seconds = 60;
    tenant.control.set_behaviour(behaviour);
    tenant.control.advance_clock(Duration::from_secs(90));
    tenant
        .control
        .remove_members(&ten, &Members::Count(1))
        .unwrap();
    let (groups, link) = round(&tenant, &link);
    assert_eq!(groups, Vec::<Value>::new());
    tenant.control.advance_clock(Duration::from_secs(61));
    assert_eq!(round(&tenant, &link).0.len(), 1);
}

#[test]
fn a_company_is_told_whole_in_few_pages() {
    let tenant = Tenant::with(
        DirectorySource::Synthetic {
            users: 5_000,
            seed: SEED,
        },
        |options| {
            options.synthetic_groups = 250;
            options.tenant.roles = vec!["Directory.Read.All".to_owned()];
        },
    );
    let (pages, link) = pages(&tenant, SELECTED);
    assert!(pages.len() <= 20_000 / 500 + 2, "{} pages", pages.len());
    let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for group in pages.iter().flatten() {
        let id = group["id"].as_str().unwrap().to_owned();
        let users = group["members@delta"].as_array().into_iter().flatten();
        let users = users.filter(|member| member["@odata.type"] == "#microsoft.graph.user");
        let users = users.map(|member| member["id"].as_str().unwrap().to_owned());
        members.entry(id).or_default().extend(users);
    }
    assert_eq!(members.len(), 250);
    let hidden: usize = tenant
        .all("/v1.0/groups?$select=id,visibility")
        .0
        .iter()
        .filter(|group| group["visibility"] == "HiddenMembership")
        .map(|group| tenant.control.group(group["id"].as_str().unwrap()).unwrap())
        .map(|group| group["members"].as_array().unwrap().len())
        .sum();
    let told: usize = members.values().map(BTreeSet::len).sum();
    assert_eq!(told + hidden, 20_000, "seed {SEED}");
    assert_eq!(round(&tenant, &link).0, Vec::<Value>::new());
}
