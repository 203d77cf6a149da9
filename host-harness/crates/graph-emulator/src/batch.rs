//! `POST /$batch`: up to twenty requests in one (<https://learn.microsoft.com/graph/json-batching>).
//!
//! A batch that can be read is answered 200 whatever happens inside; each inner request takes the
//! way that a request from the wire takes.

use std::time::Duration;

use base64::Engine;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::service::Service;
use emulated_http::{Call, Reply};
use emulated_odata::failure::Failure;

const MOST: usize = 20;

#[derive(Deserialize)]
struct Batch {
    requests: Vec<Inner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inner {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: Option<Map<String, Value>>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    depends_on: Option<Vec<String>>,
}

impl Inner {
    fn headers(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.headers.iter().flatten()
    }

    fn depends_on(&self) -> &[String] {
        self.depends_on.as_deref().unwrap_or_default()
    }

    /// Ids are compared without regard to case.
    fn is(&self, id: &str) -> bool {
        self.id.eq_ignore_ascii_case(id)
    }

    /// Whether the method is one that brings a body.
    fn writes(&self) -> bool {
        ["POST", "PUT", "PATCH"]
            .iter()
            .any(|method| self.method.eq_ignore_ascii_case(method))
    }
}

/// Answers a batch.
///
/// # Errors
/// 400 for a batch that cannot be read: no JSON, more than twenty requests, an id twice, a request
/// that is not whole, dependencies that are neither of a sequence nor absent.
pub(super) fn post(service: &Service, call: &Call) -> Result<Reply, Failure> {
    let batch: Batch = serde_json::from_slice(&call.body).map_err(|_| unreadable())?;
    check(&batch.requests)?;
    let mut answers: Vec<Answer> = Vec::with_capacity(batch.requests.len());
    for inner in &batch.requests {
        let answer = answer(service, call, inner, &answers);
        answers.push(answer);
    }
    Ok(assemble(answers))
}

fn unreadable() -> Failure {
    Failure::invalid("Invalid batch payload format.")
}

fn check(requests: &[Inner]) -> Result<(), Failure> {
    if requests.is_empty() {
        return Err(unreadable());
    }
    if requests.len() > MOST {
        return Err(Failure::invalid(format!(
            "The number of batch request steps exceeds the maximum value of {MOST}."
        )));
    }
    let mut earlier: &[Inner] = &[];
    for (place, inner) in requests.iter().enumerate() {
        check_whole(inner)?;
        if earlier.iter().any(|other| other.is(&inner.id)) {
            return Err(Failure::invalid(format!(
                "The batch request id '{}' is not unique.",
                inner.id
            )));
        }
        check_known(inner, requests)?;
        earlier = requests.get(..=place).unwrap_or_default();
    }
    check_order(requests)
}

/// One request by itself.
fn check_whole(inner: &Inner) -> Result<(), Failure> {
    let id = &inner.id;
    if id.is_empty() {
        return Err(Failure::invalid("Every batch request needs an id."));
    }
    if inner.method.is_empty() || inner.url.is_empty() {
        return Err(unreadable());
    }
    let typed = inner
        .headers()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let whole = match inner.body {
        Some(_) => typed,
        None => !inner.writes(),
    };
    if whole {
        Ok(())
    } else {
        Err(Failure::invalid(format!(
            "Write request id : {id} does not contain Content-Type header or body"
        )))
    }
}

/// Whom a request depends on.
fn check_known(inner: &Inner, requests: &[Inner]) -> Result<(), Failure> {
    for id in inner.depends_on() {
        if !requests.iter().any(|other| other.is(id)) || inner.is(id) {
            return Err(Failure::invalid(format!(
                "The batch request '{}' depends on '{id}', which is no other request of the batch.",
                inner.id
            )));
        }
    }
    Ok(())
}

/// Either no request waits for another, or every one but the first waits for one before it: that the
/// service takes nothing between is not in its documentation's text, but in what it answers
/// (<https://github.com/microsoftgraph/microsoft-graph-docs/issues/16280>,
/// <https://github.com/microsoftgraph/msgraph-sdk-java-core/issues/71>).
fn check_order(requests: &[Inner]) -> Result<(), Failure> {
    let parallel = requests.iter().all(|inner| inner.depends_on().is_empty());
    let sequential = requests.iter().enumerate().all(|(place, inner)| {
        let before = requests.get(..place).unwrap_or_default();
        let waits = inner.depends_on();
        let in_order = waits
            .iter()
            .all(|id| before.iter().any(|other| other.is(id)));
        in_order && waits.is_empty() == (place == 0)
    });
    if parallel || sequential {
        Ok(())
    } else {
        Err(Failure::invalid(
            "Batch should be either fully sequential or fully parallel.",
        ))
    }
}

struct Answer {
    id: String,
    status: StatusCode,
    value: Value,
    delay: Duration,
    hang_up: bool,
    cut_after: Option<usize>,
}

fn answer(service: &Service, outer: &Call, inner: &Inner, answers: &[Answer]) -> Answer {
    let failed = answers
        .iter()
        .filter(|answer| !answer.status.is_success())
        .any(|answer| {
            let mut waits = inner.depends_on().iter();
            waits.any(|id| id.eq_ignore_ascii_case(&answer.id))
        });
    let reply = if failed {
        let failure = Failure::new(
            StatusCode::FAILED_DEPENDENCY,
            "FailedDependency",
            "A request that this one depends on has failed.",
        );
        service.refuse(outer, &failure)
    } else {
        match inner_call(outer, inner) {
            Ok(call) => service.respond(&call),
            Err(failure) => service.refuse(outer, &failure),
        }
    };
    Answer {
        id: inner.id.clone(),
        status: reply.status,
        value: stated(inner, &reply),
        delay: reply.delay,
        hang_up: reply.hang_up,
        cut_after: reply.cut_after,
    }
}

/// A url is relative to the version: an absolute one leads to the segment `https:`, which is not there
/// (<https://github.com/microsoftgraph/msgraph-sdk-python/issues/1015>).
fn inner_call(outer: &Call, inner: &Inner) -> Result<Call, Failure> {
    let method = Method::from_bytes(inner.method.to_uppercase().as_bytes())
        .map_err(|_| Failure::method_not_allowed())?;
    let url = inner.url.trim_start_matches('/');
    if url.to_lowercase().starts_with("$batch") {
        return Err(Failure::invalid("A batch cannot contain a batch."));
    }
    let mut call = Call::new(method, &format!("/v1.0/{url}"), &outer.root);
    call.inner = true;
    for inherited in ["authorization", "client-request-id"] {
        if let Some(value) = outer.headers.get(inherited) {
            call.headers.insert(inherited, value.clone());
        }
    }
    for (name, value) in inner.headers() {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_str(value.as_str().unwrap_or_default());
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(Failure::invalid("A batch request has a malformed header."));
        };
        call.headers.insert(name, value);
    }
    if let Some(body) = &inner.body {
        call.body = body.to_string().into_bytes();
    }
    Ok(call)
}

/// One element of `responses`. Ids and date belong to the batch and are left out of the headers.
fn stated(inner: &Inner, reply: &Reply) -> Value {
    let mut headers = Map::new();
    for (name, value) in &reply.headers {
        let spelled = match name.as_str() {
            "cache-control" => "Cache-Control",
            "content-type" => "Content-Type",
            "location" => "Location",
            "odata-version" => "OData-Version",
            "preference-applied" => "Preference-Applied",
            "retry-after" => "Retry-After",
            "www-authenticate" => "WWW-Authenticate",
            known if known.starts_with("x-ms-throttle-") || known == "x-ms-resource-unit" => known,
            _ => continue,
        };
        let value = Value::from(String::from_utf8_lossy(value.as_bytes()));
        headers.insert(spelled.to_owned(), value);
    }
    let mut stated = Map::new();
    stated.insert("id".to_owned(), Value::from(&*inner.id));
    stated.insert("status".to_owned(), Value::from(reply.status.as_u16()));
    stated.insert("headers".to_owned(), Value::Object(headers));
    if !reply.body.is_empty() {
        stated.insert("body".to_owned(), body(reply));
    }
    Value::Object(stated)
}

/// JSON as it is, text as text, anything else as base64url.
fn body(reply: &Reply) -> Value {
    let content_type = reply.headers.get("content-type");
    let text = content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/plain"));
    if text {
        return Value::from(String::from_utf8_lossy(&reply.body));
    }
    serde_json::from_slice(&reply.body).unwrap_or_else(|_| {
        Value::from(base64::engine::general_purpose::URL_SAFE.encode(&reply.body))
    })
}

fn assemble(mut answers: Vec<Answer>) -> Reply {
    let delay = answers.iter().map(|answer| answer.delay).max();
    let hang_up = answers.iter().any(|answer| answer.hang_up);
    let cut_after = answers.iter().filter_map(|answer| answer.cut_after).min();
    // In an order of its own, as the service's is: the ids say which is whose.
    answers.sort_by(|one, other| one.id.cmp(&other.id));
    let responses: Vec<Value> = answers.into_iter().map(|answer| answer.value).collect();
    let body = json!({"responses": responses}).to_string().into_bytes();
    let mut reply = Reply::typed(StatusCode::OK, "application/json", body);
    reply.delay = delay.unwrap_or_default();
    reply.hang_up = hang_up;
    reply.cut_after = cut_after;
    reply
}
