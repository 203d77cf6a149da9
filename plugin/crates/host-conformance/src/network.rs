//! The way out: what is allowed works, and nothing else does.
//!
//! What the server that plays the directory answers is in [`host_promises::addresses`].

use std::time::{Duration, Instant};

use wasi::clocks::monotonic_clock::subscribe_duration;
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme,
};
use wasi::io::poll::poll;
use wasi::io::streams::StreamError;

use crate::document::Document;
use crate::sandbox::FOREIGN;
use host_promises::addresses::{HEADER, TEXT};
use host_promises::verdict::{Amiss, Outcome, differs, holds, not_tried, same, shown};

/// How long a server on the same machine may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long the component waits for a server that is silent.
const SILENCE: Duration = Duration::from_millis(300);

/// More than one write takes, and more than a host buffers.
const LONG_BODY: usize = 50_000;

/// An answer, whole.
struct Answer {
    status: u16,
    header: Option<String>,
    text: String,
}

fn malformed() -> Amiss {
    Amiss::Differs {
        expected: "a request and an answer as `wasi:http` has them".to_owned(),
        seen: "an error without a code".to_owned(),
    }
}

/// Begins a request.
fn begin(root: &str, path: &str, body: &[u8]) -> Result<FutureIncomingResponse, Amiss> {
    let (scheme, authority) = match root.split_once("://") {
        Some(("http", authority)) => (Scheme::Http, authority),
        Some((_, authority)) => (Scheme::Https, authority),
        None => return Err(malformed()),
    };
    let request = OutgoingRequest::new(Fields::new());
    let method = if body.is_empty() {
        Method::Get
    } else {
        Method::Post
    };
    request.set_method(&method).map_err(|()| malformed())?;
    request
        .set_scheme(Some(&scheme))
        .map_err(|()| malformed())?;
    request
        .set_authority(Some(authority))
        .map_err(|()| malformed())?;
    request
        .set_path_with_query(Some(path))
        .map_err(|()| malformed())?;
    let outgoing = request.body().map_err(|()| malformed())?;
    let answer = outgoing_handler::handle(request, None).map_err(|code| failed(&code))?;
    send(outgoing, body)?;
    Ok(answer)
}

fn send(outgoing: OutgoingBody, mut body: &[u8]) -> Outcome {
    if !body.is_empty() {
        let stream = outgoing.write().map_err(|()| malformed())?;
        let until = Instant::now() + PATIENCE;
        while !body.is_empty() {
            let room = stream.check_write().map_err(broken)?;
            if room == 0 {
                wait(&stream.subscribe(), until, "room for more of the body")?;
                continue;
            }
            let length = body.len().min(usize::try_from(room).unwrap_or(usize::MAX));
            let (now, later) = body.split_at_checked(length).ok_or_else(malformed)?;
            stream.write(now).map_err(broken)?;
            body = later;
        }
        // Who has read all of it may close the stream before it is asked again.
        let _ = stream.blocking_flush();
    }
    OutgoingBody::finish(outgoing, None).map_err(|code| failed(&code))
}

fn broken(error: StreamError) -> Amiss {
    Amiss::Differs {
        expected: "a stream".to_owned(),
        seen: shown(&error),
    }
}

fn failed(code: &ErrorCode) -> Amiss {
    Amiss::Differs {
        expected: "an answer".to_owned(),
        seen: shown(code),
    }
}

/// Waits for one of the two: what is waited for, or the end of patience.
fn wait(ready: &wasi::io::poll::Pollable, until: Instant, what: &str) -> Outcome {
    let left = until.saturating_duration_since(Instant::now());
    let over = subscribe_duration(u64::try_from(left.as_nanos()).unwrap_or(u64::MAX));
    if poll(&[ready, &over]).contains(&0) {
        return Ok(());
    }
    differs(what, "nothing in time")
}

/// What came of a request: an answer's head, or the host's reason.
fn head(
    answer: &FutureIncomingResponse,
    until: Instant,
) -> Result<Result<wasi::http::types::IncomingResponse, ErrorCode>, Amiss> {
    let ready = answer.subscribe();
    wait(&ready, until, "an answer")?;
    drop(ready);
    match answer.get() {
        Some(Ok(answered)) => Ok(answered),
        Some(Err(())) | None => Err(malformed()),
    }
}

/// Reads an answer to its end.
fn finish(answer: &FutureIncomingResponse) -> Result<Answer, Amiss> {
    let until = Instant::now() + PATIENCE;
    let response = head(answer, until)?.map_err(|code| failed(&code))?;
    let header = response
        .headers()
        .get(&HEADER.0.to_owned())
        .first()
        .map(|value| String::from_utf8_lossy(value).into_owned());
    let status = response.status();
    let body = response.consume().map_err(|()| malformed())?;
    let stream = body.stream().map_err(|()| malformed())?;
    let mut whole = Vec::new();
    loop {
        match stream.read(64 * 1024) {
            Ok(chunk) if chunk.is_empty() => wait(&stream.subscribe(), until, "the whole answer")?,
            Ok(chunk) => whole.extend_from_slice(&chunk),
            Err(StreamError::Closed) => break,
            Err(error) => return Err(broken(error)),
        }
    }
    Ok(Answer {
        status,
        header,
        text: String::from_utf8_lossy(&whole).into_owned(),
    })
}

fn server(document: &Document) -> Result<&str, Amiss> {
    match &document.server {
        Some(server) => Ok(server),
        None => not_tried("the document names no server in /endpoints/graph"),
    }
}

pub(crate) fn answer(document: &Document) -> Outcome {
    let answer = finish(&begin(server(document)?, "/answer?a=b%20c", &[])?)?;
    same("the status", answer.status, 200)?;
    same("the header", answer.header.as_deref(), Some(HEADER.1))?;
    same("the body", &*answer.text, TEXT)
}

pub(crate) fn body(document: &Document) -> Outcome {
    let answer = finish(&begin(server(document)?, "/echo", &vec![b'x'; LONG_BODY])?)?;
    same("the bytes that arrived", answer.text, LONG_BODY.to_string())
}

pub(crate) fn redirect(document: &Document) -> Outcome {
    let answer = finish(&begin(server(document)?, "/redirect", &[])?)?;
    same("the status", answer.status, 302)
}

/// That a request is denied, whether at once or in the place of the answer.
fn denied(root: &str, path: &str) -> Outcome {
    let expected = "HTTP-request-denied";
    let code = match begin(root, path, &[]) {
        Err(Amiss::Differs { seen, .. }) => seen,
        Err(other) => return Err(other),
        Ok(answer) => match head(&answer, Instant::now() + PATIENCE)? {
            Ok(response) => {
                return differs(
                    expected,
                    format!("an answer with status {}", response.status()),
                );
            }
            Err(code) => shown(&code),
        },
    };
    let is_denied = [
        ErrorCode::HttpRequestDenied,
        ErrorCode::DestinationIpProhibited,
    ];
    holds(
        expected,
        is_denied.iter().any(|denial| shown(denial) == code),
        &code,
    )
}

pub(crate) fn denied_server(document: &Document) -> Outcome {
    match &document.forbidden {
        Some(forbidden) => denied(forbidden, "/answer"),
        None => not_tried("the document names no server in /conformance/forbidden"),
    }
}

pub(crate) fn denied_name() -> Outcome {
    denied(FOREIGN, "/")
}

pub(crate) fn silence(document: &Document) -> Outcome {
    let answer = begin(server(document)?, "/silence", &[])?;
    let began = Instant::now();
    let ready = answer.subscribe();
    let over = subscribe_duration(u64::try_from(SILENCE.as_nanos()).unwrap_or(u64::MAX));
    let answered = poll(&[&ready, &over]).contains(&0);
    let waited = began.elapsed();
    same("whether the silent server answered", answered, false)?;
    holds(
        "a wait of 300 ms, with a second to spare",
        waited >= SILENCE && waited < SILENCE + Duration::from_secs(1),
        waited,
    )
}

pub(crate) fn side_by_side(document: &Document) -> Outcome {
    let server = server(document)?;
    let mut under_way = Vec::new();
    for _ in 0..8 {
        under_way.push(begin(server, "/slow", &[])?);
    }
    // Those that nobody needs any more are dropped.
    under_way.truncate(4);
    for answer in &under_way {
        same("the status", finish(answer)?.status, 200)?;
    }
    same(
        "the status of one after them",
        finish(&begin(server, "/answer", &[])?)?.status,
        200,
    )
}
