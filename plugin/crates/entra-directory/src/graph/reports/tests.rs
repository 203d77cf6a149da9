use serde_json::json;

use super::*;
use crate::graph::test_script::{GRAPH, World, answer, error_body};

fn ids(ids: &[&str]) -> Vec<ObjectId> {
    ids.iter().copied().map(ObjectId::new).collect()
}

fn reports(position: usize, reports: &Value) -> Value {
    json!({"id": position.to_string(), "status": 200, "body": {"value": reports}})
}

fn refused(position: usize, status: u16, code: &str) -> Value {
    json!({"id": position.to_string(), "status": status, "body": error_body(code)})
}

#[test]
fn those_who_report_to_some_people_are_asked_for_in_one_request() {
    let world = World::signed_in();
    world.expect_batch(
        200,
        json!([
            reports(
                0,
                &json!([
                    {"@odata.type": "#microsoft.graph.user", "id": "c"},
                    {"@odata.type": "#microsoft.graph.orgContact", "id": "d"},
                    {"@odata.type": "#microsoft.graph.agentUser", "id": "e"},
                ])
            ),
            reports(1, &json!([])),
            refused(2, 404, "Request_ResourceNotFound"),
        ]),
    );
    let found = world.client().reports(&ids(&["a", "b", "gone"])).unwrap();
    assert_eq!(found.users, ids(&["c", "e"]));
    assert_eq!(found.unknown, None, "nobody reports to who is not there");
    let asked = &world.sent()[1].body;
    assert!(
        asked.contains(r#""url":"/users/a/directReports?$select=id""#),
        "{asked}"
    );
}

#[test]
fn an_answer_that_tells_nothing_is_told_with_its_code() {
    let world = World::signed_in();
    let misshapen = json!({"id": "1", "status": 200, "body": {"id": "b"}});
    world.expect_batch(
        200,
        json!([refused(0, 403, "Authorization_RequestDenied"), misshapen]),
    );
    let found = world.client().reports(&ids(&["a", "b"])).unwrap();
    assert_eq!(found.users, []);
    assert_eq!(found.unknown, Some((2, "unexpected-shape".to_owned())));
}

#[test]
fn a_list_of_reports_is_read_to_its_end() {
    let world = World::signed_in();
    let next = "/users/a/directReports?$select=id&$skiptoken=x";
    let first = json!({"id": "0", "status": 200, "body": {
        "value": [{"id": "c"}], "@odata.nextLink": format!("{GRAPH}/v1.0{next}") }});
    world.expect_batch(200, json!([first]));
    world.expect_get(next, answer(200, &json!({"value": [{"id": "d"}]})));
    let found = world.client().reports(&ids(&["a"])).unwrap();
    assert_eq!(found.users, ids(&["c", "d"]));
}

#[test]
fn a_list_that_leads_elsewhere_is_not_followed() {
    let world = World::signed_in();
    let first = json!({"id": "0", "status": 200, "body": {
        "value": [], "@odata.nextLink": "https://elsewhere.example/v1.0/users/a/directReports" }});
    world.expect_batch(200, json!([first]));
    let error = world.client().reports(&ids(&["a"])).unwrap_err();
    assert!(matches!(error, GraphError::ForeignLink(_)), "{error:?}");
}
