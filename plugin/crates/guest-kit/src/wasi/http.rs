//! The way out: `wasi:http`.
//!
//! Everything but tokens goes through [`exchange`], on the bindings themselves, and can be under way while
//! something else is done. A token is asked
//! for through `wasi-http-client`: that crate sends one request at a time, takes a time-out for connecting
//! alone, and traps the instance where a body is longer than one write may be. A form with a client secret is
//! short, and the guard is here.

use wasi::http::types::ErrorCode;
use wasi_http_client::{Client, Response as ClientResponse};

use super::exchange::{self, UnderWay};
use super::failure::failure;
use crate::{Http, HttpFailure, HttpRequest, HttpResponse, Method, Pending};

/// The most that `blocking-write-and-flush` takes at once (`wasi:io/streams`).
const ONE_WRITE: usize = 4096;
/// How much of an answer is read at a time.
const CHUNK: u64 = 64 * 1024;
/// The kind of body of a request for a token (RFC 6749, appendix B).
const FORM: &str = "application/x-www-form-urlencoded";

/// The host's HTTP, under the host's policy.
pub struct HostHttp;

impl Http for HostHttp {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        if asks_for_token(request) {
            token(request)
        } else {
            Box::new(UnderWay::begin(request)?).finish()
        }
    }

    fn begin(&self, request: &HttpRequest) -> Box<dyn Pending + '_> {
        if asks_for_token(request) {
            return Box::new(token(request));
        }
        match UnderWay::begin(request) {
            Ok(under_way) => Box::new(under_way),
            Err(failure) => Box::new(Err(failure)),
        }
    }
}

/// The host's HTTP for whoever asks for no token: the bindings alone, without `wasi-http-client`.
pub struct HostExchanges;

impl Http for HostExchanges {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        self.begin(request).finish()
    }

    fn begin(&self, request: &HttpRequest) -> Box<dyn Pending + '_> {
        match UnderWay::begin(request) {
            Ok(under_way) => Box::new(under_way),
            Err(failure) => Box::new(Err(failure)),
        }
    }
}

/// Whether the request is one that `wasi-http-client` can send.
fn asks_for_token(request: &HttpRequest) -> bool {
    let is_form = request
        .headers
        .iter()
        .any(|(name, value)| *name == "content-type" && value == FORM);
    request.method == Method::Post && is_form && request.body.len() <= ONE_WRITE
}

/// A short form, and a short answer.
fn token(request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
    let mut builder = Client::new()
        .post(&request.url)
        .connect_timeout(exchange::CONNECT)
        .body(&request.body);
    for (name, value) in &request.headers {
        builder = builder.header(*name, value.as_str());
    }
    let response = builder
        .send()
        .map_err(|error| match error.downcast_ref::<ErrorCode>() {
            Some(code) => failure(code),
            None => HttpFailure::Other("malformed-exchange".to_owned()),
        })?;
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let status = response.status();
    let body = read(&response, request.max_response)?;
    Ok(HttpResponse {
        status,
        headers,
        body,
    })
}

fn read(response: &ClientResponse, limit: usize) -> Result<Vec<u8>, HttpFailure> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk(CHUNK)
        .map_err(|_| HttpFailure::Interrupted)?
    {
        if body.len() + chunk.len() > limit {
            return Err(HttpFailure::ResponseTooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
