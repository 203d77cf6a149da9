//! How a fault meets a request: it replaces the answer, or changes the real one.

use http::{Method, StatusCode};

use super::exchange::{Call, Reply};
use super::faults::Fault;
use super::page_fault;
use super::service::Service;
use super::token_endpoint::{self, Refusal};

/// The answer of the token endpoint under a fault.
pub(super) fn token(service: &Service, call: &Call, tenant: &str, fault: &Fault) -> Reply {
    match fault.answer() {
        None => token_endpoint::answer(service, call, tenant),
        Some(Ok(reply)) => reply,
        Some(Err(failure)) => {
            Refusal::injected(failure.status, fault.retry_after.clone()).reply(service, call)
        }
    }
}

/// The answer of Graph under a fault.
pub(super) fn graph(service: &Service, call: &Call, segments: &[String], fault: &Fault) -> Reply {
    match fault.answer() {
        Some(Ok(reply)) => return reply,
        Some(Err(failure)) => return throttled(service, service.refuse(call, &failure)),
        None => {}
    }
    let mut reply = service.graph(call, segments);
    if reply.status == StatusCode::OK
        && let Some(body) = page_fault::changed(service, call, fault, &reply.body)
    {
        reply.body = body;
    }
    reply
}

/// A 429 says whose limit was met
/// (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>).
fn throttled(service: &Service, mut reply: Reply) -> Reply {
    if reply.status == StatusCode::TOO_MANY_REQUESTS {
        let client_id = service.access().client_id.clone();
        let tenant = service.tenant_id();
        let scope = format!("Tenant_Application/ReadWrite/{client_id}/{tenant}");
        reply.set("x-ms-throttle-scope", &scope);
        reply.set("x-ms-throttle-information", "ResourceUnitLimitExceeded");
    }
    reply
}

/// What was answered to an earlier request for the same path, asked again: the real answer.
pub(super) fn earlier_page(service: &Service, call: &Call, back: u64) -> Option<Vec<u8>> {
    let target = service.log().earlier(&call.path, back)?;
    let mut earlier = Call::new(Method::GET, &target, &call.root);
    earlier.headers = call.headers.clone();
    let reply = service.graph(&earlier, &earlier.segments());
    (reply.status == StatusCode::OK).then_some(reply.body)
}
