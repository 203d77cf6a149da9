//! Ways of making the host keep more and more: in memory, on the disk, in the log.

use crate::bindings::contact_sync::connector::contact_store::{
    self, Change, Commit, Contingency, Note, Query, Sightings, StateWrite,
};
use crate::bindings::contact_sync::connector::plan_sink;
use crate::bindings::contact_sync::connector::run_control::{self, Level};
use crate::bindings::contact_sync::connector::state;
use crate::bindings::contact_sync::connector::types::{
    ContactList, Create, Effect, EffectOnContact, Error, Failure, Field, FieldChange,
};
use crate::misbehaviour::{failure, secret};
use std::mem::forget;
use wasi::clocks::monotonic_clock;
use wasi::http::outgoing_handler;
use wasi::http::types::{Fields, Method, OutgoingBody, OutgoingRequest, OutgoingResponse};

const SOURCE: &str = "entra:test";

/// Does what `word` says until the host ends it, or says what came of it.
pub(crate) fn hoard(word: &str, argument: &str) -> Result<String, Error> {
    match word {
        "hoard-headers" => each(|number| {
            forget(full_fields(number)?);
            Ok(())
        }),
        "endless-headers" => endless_fields(),
        "hoard-appended-headers" => appended(),
        "hoard-header-clones" => {
            let fields = full_fields(0)?;
            each(|_| {
                forget(fields.clone());
                Ok(())
            })
        }
        "hoard-requests" => each(|number| {
            forget(OutgoingRequest::new(full_fields(number)?));
            Ok(())
        }),
        "hoard-request-headers" => {
            let request = OutgoingRequest::new(full_fields(0)?);
            each(|_| {
                forget(request.headers());
                Ok(())
            })
        }
        "hoard-responses" => each(|number| {
            forget(OutgoingResponse::new(full_fields(number)?));
            Ok(())
        }),
        "hoard-methods" => each(|_| {
            let request = OutgoingRequest::new(Fields::new());
            let method = Method::Other("X".repeat(1 << 20));
            request
                .set_method(&method)
                .map_err(|()| failure("the host takes no such method"))?;
            forget(request);
            Ok(())
        }),
        "hoard-paths" => each(|_| {
            let request = OutgoingRequest::new(Fields::new());
            let path = format!("/{}", "x".repeat(60_000));
            let _ = request.set_path_with_query(Some(&path));
            let _ = request.set_authority(Some(&"a".repeat(60_000)));
            forget(request);
            Ok(())
        }),
        "hoard-bodies" => each(|_| body(false)),
        "hoard-trailers" => each(|_| body(true)),
        "hoard-pending" => each(|number| pending(argument, number)),
        "hoard-timers" => each(|_| {
            forget(monotonic_clock::subscribe_duration(u64::MAX));
            Ok(())
        }),
        "hoard-streams" => each(|_| {
            let stream = wasi::cli::stdout::get_stdout();
            forget(stream.subscribe());
            forget(stream);
            Ok(())
        }),
        "hoard-secrets" => each(|_| {
            forget(secret(argument)?);
            Ok(())
        }),
        "reveal-secrets" => {
            let secret = secret(argument)?;
            each(|_| {
                let _ = secret.reveal();
                Ok(())
            })
        }
        "refused-requests" => {
            for number in 0..100_000 {
                let _ = pending(argument, number);
            }
            Ok("asked often".into())
        }
        "random" => {
            let length = argument.parse().map_err(failure)?;
            Ok(format!(
                "{} bytes",
                wasi::random::random::get_random_bytes(length).len()
            ))
        }
        "state" => each(|number| state_write(number, argument.parse().map_err(failure)?)),
        "state-value" => {
            state_write(0, argument.parse().map_err(failure)?).map(|()| "it was taken".into())
        }
        "state-otherwise" => otherwise(),
        "state-read" => read_again(),
        "contacts" => each(contacts),
        "contacts-read" => contacts_read(),
        "notes" => each(notes),
        "sightings" => each(sightings),
        "plan" => each(plan_entries),
        "log-steer" => Ok(steer()),
        "error-flood" => Err(Error::Other(Failure {
            code: "x\n".repeat(1 << 20),
            message: format!("\u{1b}[2J\nERROR forged {}", "y".repeat(4 << 20)),
            advice: "z".repeat(1 << 20),
            status: None,
            request_id: Some("w".repeat(1 << 20)),
        })),
        _ => Err(failure("there is no such misbehaviour")),
    }
}

/// Until the host has enough.
fn each(mut once: impl FnMut(u64) -> Result<(), Error>) -> Result<String, Error> {
    for number in 0..10_000_000 {
        once(number)?;
    }
    Ok("the host had no limit".into())
}

/// Nearly as many headers as the host takes in one set.
fn full_fields(number: u64) -> Result<Fields, Error> {
    let fields = Fields::new();
    let value = vec![b'x'; 8_000];
    for header in 0..7 {
        let name = format!("x-{number}-{header}");
        fields.append(&name, &value).map_err(failure)?;
    }
    Ok(fields)
}

/// One set of headers without end.
fn endless_fields() -> Result<String, Error> {
    let fields = Fields::new();
    each(|number| {
        fields
            .append(&format!("x-{number}"), &vec![b'x'; 1_000])
            .map_err(failure)
    })
}

/// First many empty sets, then all of them filled.
fn appended() -> Result<String, Error> {
    let sets: Vec<Fields> = (0..4_000).map(|_| Fields::new()).collect();
    let value = vec![b'x'; 1_000];
    for header in 0..100 {
        for fields in &sets {
            fields
                .append(&format!("x-{header}"), &value)
                .map_err(failure)?;
        }
    }
    Ok("the host had no limit".into())
}

fn body(trailers: bool) -> Result<(), Error> {
    let refused = |()| failure("the host refused a body");
    let request = OutgoingRequest::new(Fields::new());
    let body = request.body().map_err(refused)?;
    {
        let stream = body.write().map_err(refused)?;
        let _ = stream.write(&vec![b'x'; stream.check_write().unwrap_or(0) as usize]);
    }
    if trailers {
        OutgoingBody::finish(body, Some(full_fields(0)?)).map_err(failure)?;
    } else {
        forget(body);
    }
    forget(request);
    Ok(())
}

fn pending(authority: &str, number: u64) -> Result<(), Error> {
    let request = OutgoingRequest::new(full_fields(number)?);
    request
        .set_authority(Some(authority))
        .map_err(|()| failure("no authority"))?;
    let _ = request.set_scheme(Some(&wasi::http::types::Scheme::Http));
    let _ = request.set_path_with_query(Some("/"));
    forget(outgoing_handler::handle(request, None).map_err(failure)?);
    Ok(())
}

fn empty() -> Commit {
    Commit {
        source: SOURCE.into(),
        run: Some("run".into()),
        changes: vec![],
        otherwise: vec![],
        notes: vec![],
        settled: vec![],
        sightings: None,
        marks: vec![],
        state: vec![],
    }
}

fn apply(commit: &Commit) -> Result<(), Error> {
    contact_store::apply(commit)
        .map(drop)
        .map_err(|error| failure(format!("{error:?}")))
}

fn state_write(number: u64, length: usize) -> Result<(), Error> {
    apply(&Commit {
        state: vec![StateWrite {
            key: format!("hoard/{number:09}"),
            value: Some(vec![b'x'; length]),
        }],
        ..empty()
    })
}

/// One value, for thousands of changes that the store cannot apply.
fn otherwise() -> Result<String, Error> {
    let create = |number: u64| {
        Change::Create(Create {
            object_id: format!("user-{number}"),
            base: vec![],
            fields: vec![],
            active: true,
            lists: vec![],
            reason: "new-user".into(),
        })
    };
    apply(&Commit {
        changes: (0..4_000).map(create).collect(),
        otherwise: vec![Contingency {
            changes: (0..4_000).collect(),
            key_prefix: "otherwise/".into(),
            value: vec![b'x'; 1 << 20],
        }],
        ..empty()
    })?;
    Ok("the host had no limit".into())
}

/// Reads what `state` has left behind, as much at once as the host gives.
fn read_again() -> Result<String, Error> {
    let told = |error| format!("{error:?}");
    let listed = state::list("hoard/", None, u32::MAX).map(|all| all.len());
    let many = state::get_many(&vec!["hoard/000000000".to_owned(); 5_000]).map(|all| all.len());
    Ok(format!(
        "{:?} {:?}",
        listed.map_err(told),
        many.map_err(told)
    ))
}

fn create(number: u64, value: &str) -> Create {
    let field = |name: String| Field {
        name,
        value: value.to_owned(),
    };
    let fields: Vec<_> = (0..40)
        .map(|place| field(format!("Custom {place}")))
        .collect();
    Create {
        object_id: format!("user-{number:012}"),
        base: fields.clone(),
        fields,
        active: true,
        lists: vec![ContactList {
            name: format!("List {number}"),
            description: "x".repeat(1_000),
        }],
        reason: "new-user".into(),
    }
}

fn contacts(number: u64) -> Result<(), Error> {
    let value = "v".repeat(4_000);
    apply(&Commit {
        changes: (0..20)
            .map(|more| Change::Create(create(number * 20 + more, &value)))
            .collect(),
        ..empty()
    })
}

/// Reads what `contacts` has left behind, and each field a hundred times.
fn contacts_read() -> Result<String, Error> {
    let fields: Vec<_> = (0..40)
        .map(|place| format!("Custom {place}"))
        .cycle()
        .take(4_000)
        .collect();
    let query = Query {
        source: SOURCE.into(),
        object_ids: (0..5_000)
            .map(|number| format!("user-{number:012}"))
            .collect(),
        match_keys: vec![],
        contacts: vec![],
        fields,
    };
    let found = contact_store::lookup(&query).map(|all| all.len());
    let journal = contact_store::run_journal(SOURCE, "run", None, u32::MAX).map(|all| all.len());
    Ok(format!("{found:?} {journal:?}"))
}

fn notes(number: u64) -> Result<(), Error> {
    let note = |more: u64| Note {
        object_id: format!("user-{}", number * 100 + more),
        address: None,
        contact: None,
        reason: "r".repeat(10_000),
    };
    apply(&Commit {
        notes: (0..100).map(note).collect(),
        ..empty()
    })
}

fn sightings(number: u64) -> Result<(), Error> {
    if number == 0 {
        contact_store::open_round(SOURCE, "round", false)
            .map_err(|error| failure(format!("{error:?}")))?;
    }
    apply(&Commit {
        sightings: Some(Sightings {
            round: "round".into(),
            object_ids: (0..1_000)
                .map(|more| format!("user-{number}-{more}"))
                .collect(),
            links: vec![],
        }),
        ..empty()
    })
}

fn plan_entries(number: u64) -> Result<(), Error> {
    let entry = |more: u64| plan_sink::Entry {
        contact: None,
        version: None,
        directory: vec![],
        what: EffectOnContact {
            object_id: format!("user-{}", number * 100 + more),
            effect: Effect::Create,
            reason: format!("reason-{number}-{more}"),
            evidence: None,
            fields: vec![FieldChange {
                field: "first_name".into(),
                before: None,
                after: Some("v".repeat(4_000)),
            }],
            joins: vec![],
            leaves: vec![],
        },
    };
    let entries: Vec<_> = (0..100).map(entry).collect();
    plan_sink::put(&entries).map_err(|error| failure(format!("{error:?}")))
}

fn steer() -> String {
    let fields = [
        (
            "a\u{1b}[2J b=c".to_owned(),
            "x\nERROR forged\r\u{9b}31m\u{202e}".to_owned(),
        ),
        ("padding".to_owned(), "\u{1b}".repeat(300)),
    ];
    for _ in 0..10_000 {
        run_control::log(Level::Error, "event\nforged", &fields);
    }
    "logged it all".into()
}
