//! `POST /$batch`: up to twenty requests in one (<https://learn.microsoft.com/graph/json-batching>).
//!
//! A batch that can be read is answered 200 whatever happens inside; each inner request takes the
//! way that a request from the wire takes.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::exchange::{Call, Reply};
use super::failure::Failure;
use super::service::Service;

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
    headers: Map<String, Value>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    depends_on: Vec<String>,
}

/// Answers a batch.
///
/// # Errors
/// 400 for a batch that cannot be read: no JSON, more than twenty requests, an id twice, a
/// dependency on nothing or in a circle, a body without its type, a batch inside.
pub(super) fn post(service: &Service, call: &Call) -> Result<Reply, Failure> {
    let batch: Batch = serde_json::from_slice(&call.body)
        .map_err(|_| Failure::invalid("Invalid batch payload format."))?;
    check(&batch)?;
    let mut answers: BTreeMap<&str, Answer> = BTreeMap::new();
    let mut waiting: Vec<&Inner> = batch.requests.iter().collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut blocked = Vec::new();
        for inner in waiting {
            if inner
                .depends_on
                .iter()
                .all(|id| answers.contains_key(&**id))
            {
                answers.insert(&inner.id, answer(service, call, inner, &answers));
            } else {
                blocked.push(inner);
            }
        }
        if blocked.len() == before {
            return Err(Failure::invalid(
                "The dependsOn of the batch requests form a cycle.",
            ));
        }
        waiting = blocked;
    }
    Ok(assemble(answers))
}

fn check(batch: &Batch) -> Result<(), Failure> {
    let requests = &batch.requests;
    if requests.is_empty() {
        return Err(Failure::invalid("Invalid batch payload format."));
    }
    if requests.len() > MOST {
        return Err(Failure::invalid(format!(
            "The number of batch request steps exceeds the maximum value of {MOST}."
        )));
    }
    for (place, inner) in requests.iter().enumerate() {
        if inner.id.is_empty() {
            return Err(Failure::invalid("Every batch request needs an id."));
        }
        let earlier = requests.iter().take(place);
        if earlier
            .into_iter()
            .any(|other| other.id.eq_ignore_ascii_case(&inner.id))
        {
            return Err(Failure::invalid(format!(
                "The batch request id '{}' is not unique.",
                inner.id
            )));
        }
        let known = |id: &String| requests.iter().any(|other| other.id == *id);
        if !inner.depends_on.iter().all(known) {
            return Err(Failure::invalid(format!(
                "The batch request '{}' depends on a request that is not in the batch.",
                inner.id
            )));
        }
        let typed = inner
            .headers
            .keys()
            .any(|name| name.eq_ignore_ascii_case("content-type"));
        if inner.body.is_some() && !typed {
            return Err(Failure::invalid(format!(
                "The batch request '{}' has a body and no Content-Type.",
                inner.id
            )));
        }
    }
    Ok(())
}

struct Answer {
    status: StatusCode,
    value: Value,
    delay: Duration,
    hang_up: bool,
    cut_after: Option<usize>,
}

fn answer(
    service: &Service,
    outer: &Call,
    inner: &Inner,
    answers: &BTreeMap<&str, Answer>,
) -> Answer {
    let failed = inner
        .depends_on
        .iter()
        .filter_map(|id| answers.get(&**id))
        .any(|answer| !answer.status.is_success());
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
        status: reply.status,
        value: stated(inner, &reply),
        delay: reply.delay,
        hang_up: reply.hang_up,
        cut_after: reply.cut_after,
    }
}

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
    for (name, value) in &inner.headers {
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

fn assemble(answers: BTreeMap<&str, Answer>) -> Reply {
    let delay = answers.values().map(|answer| answer.delay).max();
    let hang_up = answers.values().any(|answer| answer.hang_up);
    let cut_after = answers.values().filter_map(|answer| answer.cut_after).min();
    let responses: Vec<Value> = answers.into_values().map(|answer| answer.value).collect();
    let body = json!({"responses": responses}).to_string().into_bytes();
    let mut reply = Reply::typed(StatusCode::OK, "application/json", body);
    reply.delay = delay.unwrap_or_default();
    reply.hang_up = hang_up;
    reply.cut_after = cut_after;
    reply
}
