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
            {"id": "3", "method": "DELETE", "url": format!("users/{ADA}/directReports")},
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
fn a_request_whose_dependency_failed_is_424_and_so_is_what_waits_for_that() {
    let tenant = Tenant::of_three();
    let answer = batch(
        &tenant,
        &json!([
            {"id": "a", "method": "GET", "url": "/organization"},
            {"id": "b", "method": "GET", "url": "/users/nobody", "dependsOn": ["A"]},
            {"id": "c", "method": "GET", "url": "/users", "dependsOn": ["B"]},
            {"id": "d", "method": "GET", "url": "/users", "dependsOn": ["c"]},
        ]),
    )
    .ok();
    let statuses = ["a", "b", "c", "d"].map(|id| response(&answer, id)["status"].clone());
    assert_eq!(statuses, [json!(200), json!(404), json!(424), json!(424)]);
}

#[test]
fn a_batch_is_either_parallel_or_a_sequence_in_the_order_written() {
    let tenant = Tenant::of_three();
    // Each request by the ids that it waits for.
    let sent = |waits: &[&[&str]]| {
        let requests: Vec<_> = (1..)
            .zip(waits)
            .map(|(id, waits)| {
                json!({"id": format!("r{id}"), "method": "GET", "url": "/users", "dependsOn": waits})
            })
            .collect();
        batch(&tenant, &json!(requests))
    };
    let none: &[&str] = &[];
    for (what, waits) in [
        ("one alone", vec![none]),
        ("all parallel", vec![none, none, none]),
        ("a chain", vec![none, &["r1"], &["r2"], &["r3"]]),
        (
            "all behind the first",
            vec![none, &["r1"], &["r1"], &["r1"]],
        ),
        ("behind several", vec![none, &["r1"], &["r1", "r2"]]),
        ("ids in capitals", vec![none, &["R1"]]),
    ] {
        assert_eq!(sent(&waits).status, 200, "{what}");
    }
    for (what, waits) in [
        ("a dependent before its dependency", vec![&["r2"][..], none]),
        ("a chain backwards", vec![&["r2"][..], &["r3"], none]),
        (
            "one that waits and two that do not",
            vec![none, &["r1"], none],
        ),
        ("two chains", vec![none, &["r1"], none, &["r3"]]),
        ("a circle", vec![&["r2"][..], &["r1"]]),
        ("a circle behind the first", vec![none, &["r3"], &["r2"]]),
        ("one that waits for itself", vec![none, &["r2"]]),
        ("one that waits for nobody", vec![none, &["r9"]]),
        ("one known and one unknown", vec![none, &["r1", "r9"]]),
    ] {
        assert_eq!(sent(&waits).refusal(), (400, "BadRequest"), "{what}");
    }
    assert_eq!(
        sent(&[none, &["r1"], none]).error().2,
        "Batch should be either fully sequential or fully parallel."
    );
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
        json!([{"id": "", "method": "GET", "url": "/users"}]),
        json!([{"id": 1, "method": "GET", "url": "/users"}]),
        json!([{"id": "1", "url": "/users"}]),
        json!([{"id": "1", "method": "GET"}]),
        json!([{"id": "1", "method": "GET", "url": ""}]),
        json!([{"id": "1", "method": "POST", "url": "/users", "body": {}}]),
        json!([{"id": "1", "method": "patch", "url": "/users/x",
                "headers": {"Content-Type": "application/json"}}]),
    ] {
        assert_eq!(
            batch(&tenant, &requests).refusal(),
            (400, "BadRequest"),
            "{requests}"
        );
    }
    let twenty: Vec<_> = (0..20).map(|n| get(&n.to_string())).collect();
    batch(&tenant, &json!(twenty)).ok();
    let query = "/users?$filter=startswith(displayName,'https://x')";
    batch(
        &tenant,
        &json!([{"id": "1", "method": "GET", "url": query, "dependsOn": null}]),
    )
    .ok();
    let nested = batch(
        &tenant,
        &json!([{"id": "1", "method": "POST", "url": "/$batch", "body": {"requests": []},
                 "headers": {"content-type": "application/json"}}]),
    )
    .ok();
    assert_eq!(response(&nested, "1")["status"], 400);
}

#[test]
fn a_url_that_is_not_relative_to_the_version_leads_nowhere() {
    let tenant = Tenant::of_three();
    for (url, segment) in [
        (
            "https://graph.microsoft.com/v1.0/users".to_owned(),
            "https:",
        ),
        (format!("{ROOT}/v1.0/users"), "http:"),
        ("/v1.0/users".to_owned(), "v1.0"),
    ] {
        let answer = batch(&tenant, &json!([{"id": "1", "method": "GET", "url": url}])).ok();
        let inner = response(&answer, "1");
        assert_eq!(inner["status"], 400, "{url}");
        assert_eq!(
            inner["body"]["error"]["message"],
            format!("Resource not found for the segment '{segment}'."),
        );
    }
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
