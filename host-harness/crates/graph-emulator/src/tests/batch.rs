use super::*;
use crate::Fault;

fn batch(tenant: &Tenant, requests: &Value) -> Answer {
    tenant.post("/v1.0/$batch", &json!({"requests": requests}))
}

fn response<'a>(answer: &'a Answer, id: &str) -> &'a Value {
    let responses = answer.body["responses"].as_array().expect("responses");
    responses
        .iter()
        .find(|response| response["id"] == id)
        .expect(id)
}

#[test]
fn each_request_is_answered_on_its_own_and_the_batch_is_200() {
    let tenant = Tenant::of_three();
    let answer = batch(
        &tenant,
        &json!([
            {"id": "1", "method": "GET", "url": format!("/users/{ADA}?$select=id")},
            {"id": "2", "method": "GET", "url": "/users/nobody"},
            {"id": "3", "method": "DELETE", "url": format!("users/{ADA}")},
            {"id": "4", "method": "GET", "url": "/me/memberOf"},
            {"id": "5", "method": "GET", "url": "users?$select=id&$filter=city eq null&$count=true",
             "headers": {"ConsistencyLevel": "eventual"}},
        ]),
    )
    .ok();
    assert_eq!(response(&answer, "1")["body"]["id"], ADA);
    assert_eq!(response(&answer, "2")["status"], 404);
    assert_eq!(
        response(&answer, "2")["body"]["error"]["code"],
        "Request_ResourceNotFound"
    );
    assert_eq!(response(&answer, "3")["status"], 405);
    assert_eq!(response(&answer, "4")["status"], 400);
    let counted = response(&answer, "5");
    assert_eq!(
        (&counted["status"], &counted["body"]["@odata.count"]),
        (&json!(200), &json!(3))
    );
    assert_eq!(counted["headers"]["OData-Version"], "4.0");
    assert_eq!(counted["headers"]["Cache-Control"], "no-cache");
    assert_eq!(counted["headers"]["x-ms-resource-unit"], "1");
    assert_eq!(
        counted["headers"]["Content-Type"],
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    );
}

#[test]
fn links_inside_a_batch_lead_to_the_service() {
    let tenant = Tenant::of_company(30);
    let answer = batch(
        &tenant,
        &json!([{"id": "1", "method": "GET", "url": "/users?$top=10&$select=id"}]),
    )
    .ok();
    let next = response(&answer, "1")["body"]["@odata.nextLink"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(next.starts_with(&format!("{ROOT}/v1.0/users?$top=10&$select=id&$skiptoken=")));
    assert_eq!(tenant.get(&next).ok().users().len(), 10);
}

#[test]
fn a_request_whose_dependency_failed_is_424_and_the_order_written_does_not_matter() {
    let tenant = Tenant::of_three();
    let answer = batch(
        &tenant,
        &json!([
            {"id": "c", "method": "GET", "url": "/users", "dependsOn": ["b"]},
            {"id": "b", "method": "GET", "url": "/users/nobody", "dependsOn": ["a"]},
            {"id": "a", "method": "GET", "url": "/organization"},
        ]),
    )
    .ok();
    assert_eq!(response(&answer, "a")["status"], 200);
    assert_eq!(response(&answer, "b")["status"], 404);
    assert_eq!(response(&answer, "c")["status"], 424);
}

#[test]
fn a_batch_that_cannot_be_read_is_400_as_a_whole() {
    let tenant = Tenant::of_three();
    let get = |id: &str| json!({"id": id, "method": "GET", "url": "/users"});
    let many: Vec<_> = (0..21).map(|n| get(&n.to_string())).collect();
    for requests in [
        json!(many),
        json!([]),
        json!("x"),
        json!([get("a"), get("A")]),
        json!([{"method": "GET", "url": "/users"}]),
        json!([{"id": "1", "method": "GET", "url": "/users", "dependsOn": ["9"]}]),
        json!([
            {"id": "1", "method": "GET", "url": "/users", "dependsOn": ["2"]},
            {"id": "2", "method": "GET", "url": "/users", "dependsOn": ["1"]},
        ]),
        json!([{"id": "1", "method": "POST", "url": "/users", "body": {}}]),
    ] {
        assert_eq!(
            batch(&tenant, &requests).refusal(),
            (400, "BadRequest"),
            "{requests}"
        );
    }
    let twenty: Vec<_> = (0..20).map(|n| get(&n.to_string())).collect();
    batch(&tenant, &json!(twenty)).ok();
    let nested = batch(
        &tenant,
        &json!([{"id": "1", "method": "POST", "url": "/$batch"}]),
    )
    .ok();
    assert_eq!(response(&nested, "1")["status"], 400);
}

#[test]
fn throttling_inside_a_batch_is_the_inner_requests_own() {
    let tenant = Tenant::of_three();
    tenant.control.inject(Fault {
        path: Some(format!("/users/{GUEST}")),
        times: Some(1),
        status: Some(429),
        retry_after: Some("2.128".to_owned()),
        ..Fault::default()
    });
    let requests = json!([
        {"id": "1", "method": "GET", "url": format!("/users/{ADA}")},
        {"id": "2", "method": "GET", "url": format!("/users/{GUEST}")},
    ]);
    let answer = batch(&tenant, &requests).ok();
    assert_eq!(response(&answer, "1")["status"], 200);
    let throttled = response(&answer, "2");
    assert_eq!(
        (&throttled["status"], &throttled["headers"]["Retry-After"]),
        (&json!(429), &json!("2.128"))
    );
    assert_eq!(throttled["body"]["error"]["code"], "TooManyRequests");
    assert_eq!(
        response(&batch(&tenant, &requests).ok(), "2")["status"],
        200
    );
}

#[test]
fn a_batch_needs_a_token_and_a_post() {
    let mut tenant = Tenant::of_three();
    assert_eq!(tenant.get("/v1.0/$batch").status, 405);
    tenant.authorization = Some("Bearer nonsense".to_owned());
    assert_eq!(
        batch(&tenant, &json!([])).refusal(),
        (401, "InvalidAuthenticationToken")
    );
}
