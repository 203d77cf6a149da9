//! Exchanges on the bindings of `wasi:http` themselves, bounded in time by the component.
//!
//! A host need not honour the time-outs of `request-options`, and some do not: so every wait here also
//! ends by the component's own clock. Handles are given back as soon as they are not needed, children
//! before their parents, as the resources of WASI demand.

use std::time::{Duration, Instant};

use wasi::clocks::monotonic_clock::subscribe_duration;
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse,
    Method as WasiMethod, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use wasi::io::poll::{Pollable, poll};
use wasi::io::streams::{OutputStream, StreamError};

use super::failure::failure;
use crate::{HttpFailure, HttpRequest, HttpResponse, Method, Pending};

/// To be connected.
pub(super) const CONNECT: Duration = Duration::from_secs(10);
/// From the end of the request to the first byte of the answer.
const FIRST_BYTE: Duration = Duration::from_secs(30);
/// Between two bytes of an answer.
const BETWEEN_BYTES: Duration = Duration::from_secs(30);
/// For all of it: a server that sends a byte now and then is no server.
const WHOLE: Duration = Duration::from_secs(120);
/// How much of an answer is read at a time.
const CHUNK: u64 = 256 * 1024;

/// A request that was sent, and whose answer is to be read. To drop it makes the host give it up.
pub(super) struct UnderWay {
    answer: FutureIncomingResponse,
    max_response: usize,
}

impl UnderWay {
    /// Sends a request.
    pub(super) fn begin(request: &HttpRequest) -> Result<Self, HttpFailure> {
        let until = Instant::now() + WHOLE;
        let (outgoing, body) = outgoing(request).ok_or_else(malformed)?;
        let answer =
            outgoing_handler::handle(outgoing, Some(options())).map_err(|code| failure(&code))?;
        write(body, &request.body, until)?;
        Ok(Self {
            answer,
            max_response: request.max_response,
        })
    }
}

impl Pending for UnderWay {
    /// The time that the answer has begins here: until now nobody has waited for it, and what came
    /// meanwhile is with the host.
    fn finish(self: Box<Self>) -> Result<HttpResponse, HttpFailure> {
        read_answer(&self.answer, self.max_response, Instant::now() + WHOLE)
    }
}

fn read_answer(
    answer: &FutureIncomingResponse,
    max_response: usize,
    until: Instant,
) -> Result<HttpResponse, HttpFailure> {
    let response = first_byte(answer, until)?;
    let status = response.status();
    let headers: Vec<_> = response
        .headers()
        .entries()
        .into_iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(&value).into_owned();
            (name.to_ascii_lowercase(), value)
        })
        .collect();
    let announced = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, length)| length.parse().ok())
        .unwrap_or(0);
    let body = response.consume().map_err(|()| malformed())?;
    let body = read(&body, announced, max_response, until)?;
    Ok(HttpResponse {
        status,
        headers,
        body,
    })
}

fn malformed() -> HttpFailure {
    HttpFailure::Other("malformed-exchange".to_owned())
}

/// The request, and where its body goes. `None` where the URL is not one that can be asked for.
fn outgoing(request: &HttpRequest) -> Option<(OutgoingRequest, OutgoingBody)> {
    let (scheme, rest) = request.url.split_once("://")?;
    let (authority, path) = match rest.find(['/', '?']) {
        Some(end) => rest.split_at(end),
        None => (rest, "/"),
    };
    let entries: Vec<_> = request
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone().into_bytes()))
        .collect();
    let outgoing = OutgoingRequest::new(Fields::from_list(&entries).ok()?);
    let method = match request.method {
        Method::Get => WasiMethod::Get,
        Method::Post => WasiMethod::Post,
        Method::Put => WasiMethod::Put,
        Method::Propfind => WasiMethod::Other("PROPFIND".to_owned()),
        Method::Report => WasiMethod::Other("REPORT".to_owned()),
        Method::Patch => WasiMethod::Patch,
        Method::Delete => WasiMethod::Delete,
    };
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return None,
    };
    let path = path_and_query(path);
    outgoing.set_method(&method).ok()?;
    outgoing.set_scheme(Some(&scheme)).ok()?;
    outgoing.set_authority(Some(authority)).ok()?;
    outgoing.set_path_with_query(Some(&path)).ok()?;
    let body = outgoing.body().ok()?;
    Some((outgoing, body))
}

/// Graph's links are followed as they come, and not all of what is in them may stand in a request line.
fn path_and_query(path: &str) -> String {
    let path = path.split('#').next().unwrap_or_default();
    let mut written = String::with_capacity(path.len() + 1);
    if !path.starts_with('/') {
        written.push('/');
    }
    for character in path.chars() {
        if character.is_ascii_graphic() && !matches!(character, '"' | '<' | '>' | '`' | '{' | '}') {
            written.push(character);
        } else {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                written.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    written
}

/// A host that does not know one of them is none the worse.
fn options() -> RequestOptions {
    let options = RequestOptions::new();
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).ok();
    let _ = options.set_connect_timeout(nanoseconds(CONNECT));
    let _ = options.set_first_byte_timeout(nanoseconds(FIRST_BYTE));
    let _ = options.set_between_bytes_timeout(nanoseconds(BETWEEN_BYTES));
    options
}

/// Waits for one of the two: what is waited for, or the end of patience.
fn wait(ready: &Pollable, patience: Duration, until: Instant) -> Result<(), HttpFailure> {
    let left = until
        .saturating_duration_since(Instant::now())
        .min(patience);
    let over = subscribe_duration(u64::try_from(left.as_nanos()).unwrap_or(u64::MAX));
    if poll(&[ready, &over]).contains(&0) {
        Ok(())
    } else {
        Err(HttpFailure::TimedOut)
    }
}

/// Writes as much at a time as the host takes.
fn write(body: OutgoingBody, bytes: &[u8], until: Instant) -> Result<(), HttpFailure> {
    if !bytes.is_empty() {
        let stream = body.write().map_err(|()| malformed())?;
        write_all(&stream, bytes, until)?;
    }
    OutgoingBody::finish(body, None).map_err(|code| failure(&code))
}

fn write_all(stream: &OutputStream, mut bytes: &[u8], until: Instant) -> Result<(), HttpFailure> {
    let broken = |_: StreamError| HttpFailure::Interrupted;
    while !bytes.is_empty() {
        let room = stream.check_write().map_err(broken)?;
        if room == 0 {
            wait(&stream.subscribe(), BETWEEN_BYTES, until)?;
            continue;
        }
        let length = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        let (now, later) = bytes.split_at(length);
        stream.write(now).map_err(broken)?;
        bytes = later;
    }
    // Who has read as many bytes as the head announces may close the stream before it is asked again: then
    // everything has arrived.
    let arrived = |error: StreamError| match error {
        StreamError::Closed => Ok(()),
        StreamError::LastOperationFailed(_) => Err(HttpFailure::Interrupted),
    };
    if let Err(error) = stream.flush() {
        return arrived(error);
    }
    wait(&stream.subscribe(), BETWEEN_BYTES, until)?;
    stream.check_write().map(drop).or_else(arrived)
}

fn first_byte(
    answer: &FutureIncomingResponse,
    until: Instant,
) -> Result<IncomingResponse, HttpFailure> {
    let ready = answer.subscribe();
    wait(&ready, CONNECT + FIRST_BYTE, until)?;
    drop(ready);
    match answer.get() {
        Some(Ok(answered)) => answered.map_err(|code: ErrorCode| failure(&code)),
        Some(Err(())) | None => Err(malformed()),
    }
}

fn read(
    body: &IncomingBody,
    announced: usize,
    limit: usize,
    until: Instant,
) -> Result<Vec<u8>, HttpFailure> {
    if announced > limit {
        return Err(HttpFailure::ResponseTooLarge { limit });
    }
    let stream = body.stream().map_err(|()| malformed())?;
    let mut whole = Vec::with_capacity(announced);
    loop {
        let chunk = match stream.read(CHUNK) {
            Ok(chunk) => chunk,
            Err(StreamError::Closed) => return Ok(whole),
            Err(StreamError::LastOperationFailed(_)) => return Err(HttpFailure::Interrupted),
        };
        if chunk.is_empty() {
            wait(&stream.subscribe(), BETWEEN_BYTES, until)?;
        } else if whole.len() + chunk.len() > limit {
            return Err(HttpFailure::ResponseTooLarge { limit });
        } else {
            whole.extend_from_slice(&chunk);
        }
    }
}
