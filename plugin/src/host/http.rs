//! The way out: `wasi:http`, through `wasi-http-client`.
//!
//! That client sends one request at a time, writes a body before it sends the request, and traps the
//! instance where the body is longer than one write may be; it reads an answer without bound unless
//! it is read in chunks. Both are guarded here, and nothing else knows of it.

use wasi::http::types::ErrorCode;
use wasi_http_client::{Client, Method as WasiMethod, Response};

use crate::ports::{Http, HttpFailure, HttpRequest, HttpResponse, Method};

/// The most that `blocking-write-and-flush` takes at once (`wasi:io/streams`).
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
        let method = match request.method {
            Method::Get => WasiMethod::Get,
            Method::Post => WasiMethod::Post,
        };
        let mut builder = Client::new().request(method, &request.url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value.as_str());
        }
        if request.method == Method::Post {
            builder = builder.body(&request.body);
        }
        let response = builder.send().map_err(|error| failure(&error))?;
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
}

fn read(response: &Response, limit: usize) -> Result<Vec<u8>, HttpFailure> {
    let announced = response
        .headers()
        .get("content-length")
        .and_then(|length| length.parse::<usize>().ok())
        .unwrap_or(0);
    if announced > limit {
        return Err(HttpFailure::ResponseTooLarge { limit });
    }
    let mut body = Vec::with_capacity(announced);
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

/// What the host says, without the texts that may carry a URL.
fn failure(error: &anyhow::Error) -> HttpFailure {
    match error.downcast_ref::<ErrorCode>() {
        Some(ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited) => {
            HttpFailure::Denied
        }
        Some(ErrorCode::DnsError(_) | ErrorCode::DnsTimeout | ErrorCode::DestinationNotFound) => {
            HttpFailure::Name
        }
        Some(
            ErrorCode::ConnectionRefused
            | ErrorCode::DestinationUnavailable
            | ErrorCode::DestinationIpUnroutable,
        ) => HttpFailure::Connect,
        Some(
            ErrorCode::TlsProtocolError
            | ErrorCode::TlsCertificateError
            | ErrorCode::TlsAlertReceived(_),
        ) => HttpFailure::Tls,
        Some(
            ErrorCode::ConnectionTimeout
            | ErrorCode::ConnectionReadTimeout
            | ErrorCode::ConnectionWriteTimeout
            | ErrorCode::HttpResponseTimeout,
        ) => HttpFailure::TimedOut,
        Some(
            ErrorCode::ConnectionTerminated
            | ErrorCode::HttpResponseIncomplete
            | ErrorCode::HttpProtocolError,
        ) => HttpFailure::Interrupted,
        Some(ErrorCode::HttpResponseBodySize(_)) => {
            HttpFailure::Other("response-body-size".to_owned())
        }
        Some(_) => HttpFailure::Other("wasi-http".to_owned()),
        None => HttpFailure::Other("malformed-exchange".to_owned()),
    }
}
