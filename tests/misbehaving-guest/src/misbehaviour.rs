//! Every way of misbehaving, by name.

use crate::bindings::contact_sync::connector::contact_store::{self, Query};
use crate::bindings::contact_sync::connector::run_control::{self, Level, Phase, Progress};
use crate::bindings::contact_sync::connector::secrets;
use crate::bindings::contact_sync::connector::types::{Error, Failure};
use crate::hoarding;
use std::fmt::Display;
use std::io::Write;
use std::time::Duration;
use wasi::http::outgoing_handler;
use wasi::http::types::{Fields, Method, OutgoingBody, OutgoingRequest, Scheme};
use wasi::io::streams::StreamError;

/// Does what the first word of `request` says, with the rest as its argument, and returns what came
/// of it.
pub(crate) fn behave(request: &str) -> Result<String, Error> {
    let (word, argument) = request.split_once(' ').unwrap_or((request, ""));
    match word {
        "ok" => Ok("well behaved".into()),
        "refuse" => Err(failure("refused as asked")),
        "loop" => endless_loop(),
        "sleep" => sleep(),
        "allocate" => allocate(),
        "stack" => Ok(recurse(1).to_string()),
        "panic" => panic!("a panic message with {argument} in it"),
        "exit" => std::process::exit(7),
        "nonsense" => Ok(not_utf8()),
        "stdout-flood" => stdout_flood(),
        "log-flood" => log_flood(),
        "progress" => Ok(progress()),
        "big-list" => lookup(vec!["x".repeat(1 << 20); 16]),
        "many-resources" => many_resources(argument),
        "secret" => secret(argument)?
            .reveal()
            .map_err(|error| failure(format!("{error:?}"))),
        "lookup" => lookup(vec![argument.into()]),
        "files" => std::fs::read_dir("/")
            .map(|_| "read the root directory".into())
            .map_err(failure),
        "sockets" => std::net::TcpStream::connect(argument)
            .map(|_| "connected".into())
            .map_err(failure),
        "environment" => Ok(format!(
            "{} variables, {} arguments",
            std::env::vars().count(),
            std::env::args().count()
        )),
        "clock" => clock(),
        "http" => http(argument, &[]),
        "post" => http(argument, &[b'x'; 3000]),
        _ => hoarding::hoard(word, argument),
    }
}

pub(crate) fn failure(message: impl Display) -> Error {
    Error::Other(Failure {
        code: "misbehaviour".into(),
        message: message.to_string(),
        advice: "This is a test.".into(),
        status: None,
        request_id: None,
    })
}

fn endless_loop() -> ! {
    let mut count = 0_u64;
    loop {
        count = std::hint::black_box(count.wrapping_add(1));
    }
}

fn sleep() -> Result<String, Error> {
    std::thread::sleep(Duration::from_secs(3600));
    Ok("slept".into())
}

fn allocate() -> Result<String, Error> {
    let mut hoard = Vec::new();
    loop {
        hoard.push(std::hint::black_box(vec![1_u8; 1 << 20]));
    }
}

/// Ends the stack of calls. Whatever lies in the guest's own memory is small, or that would end first and be
/// another crash; and the sum is hidden, or the compiler would make a loop of it.
fn recurse(depth: u64) -> u64 {
    std::hint::black_box(recurse(depth + 1)) + depth
}

fn not_utf8() -> String {
    // SAFETY: none. The invalid text goes to the host and nowhere else, which is the point.
    unsafe { String::from_utf8_unchecked(vec![0xff, 0xfe]) }
}

fn stdout_flood() -> Result<String, Error> {
    let line = [b'x'; 4096];
    for _ in 0..1024 {
        std::io::stdout().write_all(&line).map_err(failure)?;
        std::io::stderr().write_all(&line).map_err(failure)?;
    }
    Ok("wrote it all".into())
}

fn log_flood() -> Result<String, Error> {
    let fields = [("padding".to_owned(), "x".repeat(1024))];
    for _ in 0..10_000 {
        run_control::log(Level::Info, "flood", &fields);
    }
    Ok("logged it all".into())
}

fn progress() -> String {
    let phase = Phase::Connecting;
    format!(
        "{:?}",
        run_control::report_progress(Progress {
            phase,
            done: 0,
            total: None,
            remaining_ms: None,
        })
    )
}

fn lookup(object_ids: Vec<String>) -> Result<String, Error> {
    let query = Query {
        source: "entra:test".into(),
        object_ids,
        match_keys: vec![],
        contacts: vec![],
        fields: vec![],
    };
    let found = contact_store::lookup(&query).map_err(|error| failure(format!("{error:?}")))?;
    Ok(format!("found {}", found.len()))
}

pub(crate) fn secret(name: &str) -> Result<secrets::Secret, Error> {
    secrets::get(name).map_err(|error| failure(format!("{error:?}")))
}

fn many_resources(name: &str) -> Result<String, Error> {
    loop {
        std::mem::forget(secret(name)?);
    }
}

fn clock() -> Result<String, Error> {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_err(failure)?;
    Ok(now.as_secs().to_string())
}

/// Sends a GET, or a POST where there is a body; says the status and length of the answer.
fn http(url: &str, body: &[u8]) -> Result<String, Error> {
    let (scheme, rest) = url.split_once("://").ok_or_else(|| failure("no scheme"))?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let request = OutgoingRequest::new(Fields::new());
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.into()),
    };
    let refused = |()| failure("the host refused a part of the URL");
    request.set_scheme(Some(&scheme)).map_err(refused)?;
    request.set_authority(Some(authority)).map_err(refused)?;
    request
        .set_path_with_query(Some(&format!("/{path}")))
        .map_err(refused)?;
    if !body.is_empty() {
        request.set_method(&Method::Post).map_err(refused)?;
    }
    let outgoing = request.body().map_err(refused)?;
    let pending = outgoing_handler::handle(request, None).map_err(named)?;
    if !body.is_empty() {
        let stream = outgoing.write().map_err(refused)?;
        stream.blocking_write_and_flush(body).map_err(failure)?;
    }
    // A refused request may close the body early; the answer below says why.
    let _ = OutgoingBody::finish(outgoing, None);
    pending.subscribe().block();
    let response = pending
        .get()
        .ok_or_else(|| failure("no answer"))?
        .map_err(refused)?
        .map_err(named)?;
    let status = response.status();
    let incoming = response.consume().map_err(refused)?;
    let stream = incoming.stream().map_err(refused)?;
    let mut length = 0;
    loop {
        match stream.blocking_read(1 << 16) {
            Ok(chunk) => length += chunk.len(),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(failure(error.to_debug_string()));
            }
        }
    }
    Ok(format!("{status}, {length} bytes"))
}

fn named(code: wasi::http::types::ErrorCode) -> Error {
    failure(format!("{code:?}"))
}
