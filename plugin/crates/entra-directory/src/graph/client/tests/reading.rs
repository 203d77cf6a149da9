use super::*;

const LIST: &str = "/users?$top=999&$select=id,mail";
const BOOKMARK: &str = "/users/delta?$deltatoken=latest&$select=id,mail";
const DELTA: &str = "/users/delta?$deltatoken=abc";

fn delta_link() -> String {
    format!("https://graph.example/v1.0{DELTA}")
}

#[test]
fn a_list_is_read_page_by_page_to_its_end() {
    let world = World::signed_in();
    let next = "https://graph.example/v1.0/users?$top=999&$skiptoken=xyz";
    world.expect_get(
        LIST,
        answer(
            200,
            &json!({"@odata.nextLink": next, "value": [{"id": "1"}]}),
        ),
    );
    world.expect_get(
        "/users?$top=999&$skiptoken=xyz",
        answer(200, &json!({"value": [{"id": "2"}]})),
    );
    let client = world.client();
    let mut link = client.first_list_page(&selection());
    let mut ids = Vec::new();
    loop {
        let body = client.fetch(&link).unwrap();
        let page = client.page(&body, &selection()).unwrap();
        ids.extend(
            page.users
                .iter()
                .filter_map(|user| user.id.as_deref().map(str::to_owned)),
        );
        match page.next {
            Next::Page(next) => link = next,
            Next::Done(_) | Next::End => break,
        }
    }
    assert_eq!(ids, ["1", "2"]);
    let request = &world.sent()[2];
    let names: Vec<_> = request.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["authorization", "accept", "client-request-id"]);
    assert_eq!(
        request.header("authorization"),
        Some(&*format!("Bearer {BEARER}"))
    );
}

#[test]
fn a_bookmark_is_the_link_to_changes_from_now_on() {
    let world = World::signed_in();
    world.expect_get(
        BOOKMARK,
        answer(200, &json!({"value": [], "@odata.deltaLink": delta_link()})),
    );
    let link = world.client().bookmark(&selection()).unwrap().unwrap();
    assert_eq!(link.as_str(), delta_link());
    assert_eq!(world.client().restore_link(link.as_str()), Ok(link));
}

#[test]
fn a_bookmark_that_is_refused_or_not_understood_is_none() {
    for (status, code) in [
        (400, "Request_BadRequest"),
        (400, "syncStateNotFound"),
        (404, "Request_ResourceNotFound"),
        (410, ""),
        (501, "NotImplemented"),
    ] {
        let world = World::signed_in();
        world.expect_get(BOOKMARK, refusal(status, code));
        assert_eq!(
            world.client().bookmark(&selection()),
            Ok(None),
            "{status} {code}"
        );
    }
    let world = World::signed_in();
    let next = "https://graph.example/v1.0/users/delta?$skiptoken=x";
    world.expect_get(
        BOOKMARK,
        answer(
            200,
            &json!({"value": [{"id": "1"}], "@odata.nextLink": next}),
        ),
    );
    assert_eq!(world.client().bookmark(&selection()), Ok(None));
}

#[test]
fn a_bookmark_without_consent_is_an_error() {
    let world = World::signed_in();
    world.expect_get(BOOKMARK, refusal(403, "Authorization_RequestDenied"));
    let error = world.client().bookmark(&selection()).unwrap_err();
    assert!(matches!(error, GraphError::Forbidden(_)));
}

#[test]
fn a_lost_cursor_asks_for_a_full_round() {
    for (status, code) in [
        (400, "syncStateNotFound"),
        (404, "SyncStateNotFound"),
        (410, "syncStateNotFound"),
        (410, ""),
        (400, "Request_BadRequest"),
    ] {
        let world = World::signed_in();
        let gone = with_header(refusal(status, code), "location", "https://evil.example/");
        world.expect_get(DELTA, gone);
        let client = world.client();
        let link = client.restore_link(&delta_link()).unwrap();
        let error = client.fetch(&link).unwrap_err();
        assert!(
            matches!(error, GraphError::ResyncRequired(_)),
            "{status} {code}: {error:?}"
        );
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let world = World::signed_in();
    world.expect_get(
        LIST,
        with_header(answer(302, &json!({})), "location", "https://evil.example/"),
    );
    let client = world.client();
    let error = client
        .fetch(&client.first_list_page(&selection()))
        .unwrap_err();
    assert_eq!(error.code(), "unexpected-redirect");
}

#[test]
fn a_page_that_would_not_fit_is_an_error() {
    let world = World::signed_in();
    let huge = HttpResponse {
        status: 200,
        headers: Vec::new(),
        body: vec![b' '; LONGEST_PAGE + 1],
    };
    world.expect_get(LIST, huge);
    let client = world.client();
    let error = client
        .fetch(&client.first_list_page(&selection()))
        .unwrap_err();
    assert!(matches!(
        error,
        GraphError::TooLarge {
            limit: LONGEST_PAGE,
            ..
        }
    ));
}

#[test]
fn printing_a_body_shows_nobody() {
    let world = World::signed_in();
    world.expect_get(
        LIST,
        answer(200, &json!({"value": [{"mail": "jane@contoso.com"}]})),
    );
    let client = world.client();
    let body = client.fetch(&client.first_list_page(&selection())).unwrap();
    assert!(!format!("{body:?}").contains("jane"));
    assert!(String::from_utf8_lossy(body.bytes()).contains("jane"));
}

#[test]
fn users_are_counted_where_the_service_tells() {
    let text = |body: &str| HttpResponse {
        status: 200,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
    };
    for (body, expected) in [
        ("893", Some(893)),
        ("\u{feff}893\n", Some(893)),
        ("many", None),
    ] {
        let world = World::signed_in();
        world.expect_get("/users/$count", text(body));
        assert_eq!(world.client().count(PersonKind::User), Ok(expected));
        let request = &world.sent()[1];
        assert_eq!(request.header("consistencylevel"), Some("eventual"));
        assert_eq!(request.header("accept"), Some("text/plain"));
    }
    for status in [400, 404, 501] {
        let world = World::signed_in();
        world.expect_get("/users/$count", answer(status, &error_body("x")));
        assert_eq!(world.client().count(PersonKind::User), Ok(None));
    }
}

#[test]
fn deleted_users_are_probed_with_their_type() {
    let world = World::signed_in();
    let path = "/directory/deletedItems/microsoft.graph.user?$top=1&$select=id";
    world.expect_get(path, refusal(403, "Authorization_RequestDenied"));
    let error = world.client().probe_deleted_items().unwrap_err();
    assert!(matches!(error, GraphError::Forbidden(_)));
}

#[test]
fn each_page_of_those_without_a_date_is_asked_of_the_index_and_no_other_is() {
    let world = World::signed_in();
    let dated =
        "/users?$top=999&$filter=createdDateTime%20ge%202020-01-01T00%3A00%3A00Z&$select=id,mail";
    let undated = "/users?$top=999&$filter=createdDateTime%20eq%20null&$count=true&$select=id,mail";
    let client = world.client();
    for (bounds, path) in [
        ("createdDateTime ge 2020-01-01T00:00:00Z", dated),
        ("createdDateTime eq null", undated),
    ] {
        world.expect_get(path, empty());
        let link = client.first_partition_page(bounds, &selection());
        client.fetch(&link).unwrap();
        let next = format!("{path}&$skiptoken=x");
        world.expect_get(&next, empty());
        let link = client.restore_link(&format!("https://graph.example/v1.0{next}"));
        client.fetch(&link.unwrap()).unwrap();
    }
    let sent = world.sent();
    let index = sent.iter().map(|sent| sent.header("consistencylevel"));
    let eventual = Some("eventual");
    assert_eq!(
        index.collect::<Vec<_>>(),
        [None, None, None, eventual, eventual]
    );
}

#[test]
fn a_partition_that_is_refused_in_whatever_way_is_lost() {
    for (status, code) in [
        (400, "Request_UnsupportedQuery"),
        (400, "Directory_ExpiredPageToken"),
        (404, "Request_ResourceNotFound"),
        (410, ""),
        (501, "NotImplemented"),
    ] {
        let world = World::signed_in();
        let path =
            "/users?$top=999&$filter=createdDateTime%20eq%20null&$count=true&$select=id,mail";
        world.expect_get(path, refusal(status, code));
        let client = world.client();
        let link = client.first_partition_page("createdDateTime eq null", &selection());
        let error = client.fetch(&link).unwrap_err();
        assert!(
            matches!(error, GraphError::PageTokenExpired(_)),
            "{status} {code}: {error:?}"
        );
    }
}
