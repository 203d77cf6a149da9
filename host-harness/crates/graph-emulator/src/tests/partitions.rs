//! A list divided by when accounts were created.

use super::*;

const FROM: &str = "2019-06-01T00:00:00Z";
const UNTIL: &str = "2021-09-14T09:30:00Z";
/// The last moment before it.
const LAST: &str = "2021-09-14T09:29:59.9999999Z";

fn before() -> String {
    "createdDateTime le 2019-05-31T23:59:59.9999999Z".to_owned()
}

fn within() -> String {
    format!("createdDateTime ge {FROM} and createdDateTime le {LAST}")
}

fn after() -> String {
    format!("createdDateTime ge {UNTIL}")
}

fn encoded(filter: &str) -> String {
    filter.replace(' ', "%20")
}

impl Tenant {
    /// Everybody whom a filter lets pass, page by page: id and date.
    fn list(&self, filter: &str, eventual: bool) -> Vec<(String, Value)> {
        let options = if eventual { "&$count=true" } else { "" };
        let filter = encoded(filter);
        let first =
            format!("/v1.0/users?$top=40&$filter={filter}{options}&$select=id,createdDateTime");
        let mut next = Some(first);
        let mut people = Vec::new();
        while let Some(link) = next {
            let page = match eventual {
                true => self.eventual(&link).ok(),
                false => self.get(&link).ok(),
            };
            people.extend(page.users().iter().map(|user| {
                let id = user["id"].as_str().unwrap().to_owned();
                (id, user["createdDateTime"].clone())
            }));
            next = page.next_link();
        }
        people
    }

    fn counted(&self, filter: &str) -> usize {
        let filter = encoded(filter);
        let count = self.eventual(&format!("/v1.0/users/$count?$filter={filter}"));
        assert_eq!(count.status, 200);
        String::from_utf8_lossy(&count.reply.body).parse().unwrap()
    }
}

/// A company in which some people came, went and were made anew, and some have no date.
fn company() -> Tenant {
    let tenant = Tenant::of_company(600);
    let page = tenant.get("/v1.0/users?$top=20&$select=id").ok();
    let ids: Vec<_> = page
        .users()
        .iter()
        .map(|user| user["id"].as_str().unwrap().to_owned())
        .collect();
    for id in &ids[..5] {
        tenant.control.delete_user(id).unwrap();
    }
    for (id, created) in [
        (&ids[5], Value::Null),
        (&ids[6], json!(FROM)),
        (&ids[7], json!(UNTIL)),
        (&ids[8], json!("2021-09-14T09:29:59Z")),
        (&ids[9], Value::Null),
    ] {
        let change = json!({ "createdDateTime": created });
        tenant.control.edit_user(id, change).unwrap();
    }
    tenant
}

#[test]
fn the_parts_of_a_list_are_everybody_and_each_person_once() {
    let tenant = company();
    let parts = [before(), within(), after()];
    let mut listed: Vec<_> = parts.iter().map(|part| tenant.list(part, false)).collect();
    listed.push(tenant.list("createdDateTime eq null", true));
    assert_eq!(listed[3].len(), 2);
    let bounds = |people: &[(String, Value)]| {
        let dates = people.iter().filter_map(|(_, created)| created.as_str());
        let mut dates: Vec<_> = dates.map(str::to_owned).collect();
        dates.sort_unstable();
        (
            dates.first().cloned().unwrap(),
            dates.last().cloned().unwrap(),
        )
    };
    assert!(bounds(&listed[0]).1.as_str() < FROM);
    assert_eq!(
        bounds(&listed[1]),
        (FROM.to_owned(), "2021-09-14T09:29:59Z".to_owned())
    );
    assert_eq!(bounds(&listed[2]).0, UNTIL);
    for (part, people) in parts.iter().zip(&listed) {
        assert_eq!(tenant.counted(part), people.len(), "{part}");
    }
    assert_eq!(tenant.counted("createdDateTime eq null"), 2);

    let mut ids: Vec<_> = listed.concat().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 595);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 595, "nobody twice");
}

#[test]
fn accounts_without_a_date_are_an_advanced_query_on_each_page() {
    let tenant = company();
    let filter = "createdDateTime%20eq%20null";
    let plain = tenant.get(&format!("/v1.0/users?$filter={filter}"));
    assert_eq!(plain.refusal(), (400, "Request_UnsupportedQuery"));
    let uncounted = tenant.eventual(&format!("/v1.0/users?$filter={filter}"));
    assert_eq!(uncounted.refusal(), (400, "Request_UnsupportedQuery"));
    let first = tenant.eventual(&format!("/v1.0/users?$filter={filter}&$count=true&$top=1"));
    let next = first.ok().next_link().unwrap();
    assert_eq!(
        tenant.get(&next).refusal(),
        (400, "Request_UnsupportedQuery")
    );
    assert_eq!(tenant.eventual(&next).ok().users().len(), 1);
}

#[test]
fn a_page_token_is_good_for_its_own_list_alone() {
    let tenant = company();
    let one = format!("/v1.0/users?$top=10&$filter={}", encoded(&before()));
    let next = tenant.get(&one).ok().next_link().unwrap();
    let (_, token) = next.split_once("$skiptoken=").unwrap();
    let other = format!(
        "/v1.0/users?$top=10&$filter={}&$skiptoken={token}",
        encoded(&after())
    );
    assert_eq!(
        tenant.get(&other).refusal(),
        (400, "Directory_ExpiredPageToken")
    );
    let everybody = format!("/v1.0/users?$top=10&$skiptoken={token}");
    assert_eq!(
        tenant.get(&everybody).refusal(),
        (400, "Directory_ExpiredPageToken")
    );
    tenant.get(&next).ok();
}

#[test]
fn a_count_needs_the_header_with_a_filter_too() {
    let count = format!("/v1.0/users/$count?$filter={}", encoded(&after()));
    assert_eq!(company().get(&count).refusal(), (400, "Request_BadRequest"));
}

#[test]
fn whoever_is_added_is_created_at_that_moment_unless_it_is_said_otherwise() {
    let tenant = Tenant::of_company(3);
    let created = |person| {
        let id = tenant.control.add_user(person).unwrap();
        let user = tenant.get(&format!("/v1.0/users/{id}?$select=createdDateTime"));
        user.ok().body["createdDateTime"].clone()
    };
    assert_eq!(created(json!({"displayName": "A"})), "2026-01-02T03:04:05Z");
    let stated = json!({"displayName": "B", "createdDateTime": "2020-01-01T00:00:00Z"});
    assert_eq!(created(stated), "2020-01-01T00:00:00Z");
    let unknown = json!({"displayName": "C", "createdDateTime": null});
    assert_eq!(created(unknown), Value::Null);
}
