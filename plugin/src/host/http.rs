//! The way out: `wasi:http`, without a client library between.
//!
//! The one there is for components, `wasi-http-client`, hands every request its own
//! `request-options`, which wasmtime 48 takes and never gives back: a round of a thousand pages then
//! ends at the host's limit of open handles. No options are needed here, because the host caps all
//! time-outs; and an answer keeps its repeated headers and is read within a bound.

use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method as WasiMethod, OutgoingBody,
    OutgoingRequest, Scheme,
};
use wasi::io::streams::StreamError;

use crate::ports::{Http, HttpFailure, HttpRequest, HttpResponse, Method};
use crate::target::Target;

/// The most that `blocking-write-and-flush` takes at once (`wasi:io/streams`); more would trap.
const LARGEST_REQUEST_BODY: usize = 4096;
/// How much of an answer is read at a time.
const CHUNK: u64 = 256 * 1024;

/// The host's HTTP, under the host's policy.
pub(super) struct HostHttp;

impl Http for HostHttp {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        if request.body.len() > LARGEST_REQUEST_BODY {
            return Err(HttpFailure::RequestTooLarge {
                limit: LARGEST_REQUEST_BODY,
            });
        }
        let outgoing = outgoing(request).ok_or_else(malformed)?;
        let body = outgoing.body().map_err(|()| malformed())?;
        let answer = outgoing_handler::handle(outgoing, None).map_err(|code| failure(&code))?;
        // A host that refuses the request closes the body; why it did is in its answer.
        let _ = write(body, &request.body);
        answer.subscribe().block();
        let response = answer
            .get()
            .and_then(Result::ok)
            .ok_or_else(malformed)?
            .map_err(|code| failure(&code))?;
        let headers = readable_headers(&response);
        Ok(HttpResponse {
            status: response.status(),
            body: read(&response, announced(&headers), request.max_response)?,
            headers,
        })
    }
}

/// The request without its body; `None` where the host finds a part of it malformed.
fn outgoing(request: &HttpRequest) -> Option<OutgoingRequest> {
    let target = Target::of(&request.url)?;
    let headers: Vec<_> = request
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone().into_bytes()))
        .collect();
    let outgoing = OutgoingRequest::new(Fields::from_list(&headers).ok()?);
    let method = match request.method {
        Method::Get => WasiMethod::Get,
        Method::Post => WasiMethod::Post,
    };
    let scheme = if target.secure {
        Scheme::Https
    } else {
        Scheme::Http
    };
    outgoing.set_method(&method).ok()?;
    outgoing.set_scheme(Some(&scheme)).ok()?;
    outgoing.set_authority(Some(target.authority)).ok()?;
    outgoing
        .set_path_with_query(Some(&target.path_with_query))
        .ok()?;
    Some(outgoing)
}

fn write(body: OutgoingBody, bytes: &[u8]) -> Option<()> {
    if !bytes.is_empty() {
        body.write().ok()?.blocking_write_and_flush(bytes).ok()?;
    }
    OutgoingBody::finish(body, None).ok()
}

/// Names in lower case. A value that is no text is of no use to anybody here.
fn readable_headers(response: &IncomingResponse) -> Vec<(String, String)> {
    let entries = response.headers().entries();
    entries
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_lowercase(), String::from_utf8(value).ok()?)))
        .collect()
}

/// How long the answer says it is.
fn announced(headers: &[(String, String)]) -> usize {
    headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, length)| length.parse().ok())
        .unwrap_or(0)
}

fn read(
    response: &IncomingResponse,
    announced: usize,
    limit: usize,
) -> Result<Vec<u8>, HttpFailure> {
    if announced > limit {
        return Err(HttpFailure::ResponseTooLarge { limit });
    }
    let incoming: IncomingBody = response.consume().map_err(|()| malformed())?;
    // Declared after its body, the stream is dropped before it, as WASI demands of a child.
    let stream = incoming.stream().map_err(|()| malformed())?;
    let mut body = Vec::with_capacity(announced);
    loop {
        match stream.blocking_read(CHUNK) {
            Ok(chunk) if body.len() + chunk.len() > limit => {
                return Err(HttpFailure::ResponseTooLarge { limit });
            }
            Ok(chunk) => body.extend_from_slice(&chunk),
            Err(StreamError::Closed) => return Ok(body),
            Err(StreamError::LastOperationFailed(_)) => return Err(HttpFailure::Interrupted),
        }
    }
}

fn malformed() -> HttpFailure {
    HttpFailure::Other("malformed-exchange".to_owned())
}

/// What the host says, without the texts that may carry a URL.
fn failure(code: &ErrorCode) -> HttpFailure {
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => HttpFailure::Denied,
        ErrorCode::DnsError(_) | ErrorCode::DnsTimeout | ErrorCode::DestinationNotFound => {
            HttpFailure::Name
        }
        ErrorCode::ConnectionRefused
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable => HttpFailure::Connect,
        ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_) => HttpFailure::Tls,
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => HttpFailure::TimedOut,
        ErrorCode::ConnectionTerminated
        | ErrorCode::HttpResponseIncomplete
        | ErrorCode::HttpProtocolError => HttpFailure::Interrupted,
        ErrorCode::HttpResponseBodySize(_) => HttpFailure::Other("response-body-size".to_owned()),
        _ => HttpFailure::Other("wasi-http".to_owned()),
    }
}
