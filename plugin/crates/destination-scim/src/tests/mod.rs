//! The destination against a server in this process, which differs as servers do, and takes 50 ms for an answer by a
//! clock that goes on only where somebody waits. What two servers as they are published do, the tests of the whole
//! system try.

mod crashes;
mod creating;
mod deleting;
mod groups;
mod histories;
mod pairwise;
mod probing;
mod published;
mod reading;
mod whole;
mod writing;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use destination_kit::contract::FieldWrite;
use destination_kit::destination::{
    Attempt, Capabilities, Destination, DestinationError, Doomed, Draft, Failure, Patch, Record,
    Tie,
};
use destination_kit::{Address, Exchanges, drive};
use guest_kit::retry::Budget;
use guest_kit::{
    Clock, Entropy, Http, HttpFailure, HttpRequest, HttpResponse, Method, Pending, SecretValue,
    Timestamp,
};
use serde_json::{Value, json};

use crate::testing::{Asked, Behaviour, Filters, Patching, Server, TakingOut};
use crate::{Scim, SignIn};

const LATENCY: Duration = Duration::from_millis(50);
/// 2026-01-02T03:04:05Z.
const BEGINNING_MS: u64 = 1_767_323_045_000;
const SOURCE: &str = "entra:84841066-274d-4ec0-a5c1-276be684bdd3";
const ADDRESS: &str = "http://127.0.0.1:8090/scim/v2";
const TOKEN: &str = "a-token";

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// It is done, and the answer is lost.
    LostAnswer,
    /// It is not done, and nobody hears so.
    LostRequest,
    /// It is not done, and a status says so.
    Status(u16),
}

/// A server, and the way to it.
struct World {
    server: Server,
    elapsed_ms: Cell<u64>,
    draws: Cell<u64>,
    /// What happens to the next requests of a method.
    troubles: RefCell<VecDeque<(&'static str, Trouble)>>,
    /// Paths of the users that are being written.
    written: RefCell<BTreeSet<String>>,
    /// How many requests that write something are sent before the process is killed.
    writes_left: Cell<Option<u32>>,
}

impl World {
    fn new() -> Self {
        Self::that(|_| {})
    }

    fn that(change: impl FnOnce(&mut Behaviour)) -> Self {
        let mut behaviour = Behaviour::default();
        change(&mut behaviour);
        Self::like(behaviour)
    }

    fn like(behaviour: Behaviour) -> Self {
        Self {
            server: Server::new(behaviour),
            elapsed_ms: Cell::new(0),
            draws: Cell::new(0),
            troubles: RefCell::default(),
            written: RefCell::default(),
            writes_left: Cell::new(None),
        }
    }

    /// The next request of this method fares like this.
    fn trouble(&self, method: &'static str, trouble: Trouble) {
        self.troubles.borrow_mut().push_back((method, trouble));
    }

    fn trouble_of(&self, method: &str) -> Option<Trouble> {
        let mut troubles = self.troubles.borrow_mut();
        let place = troubles.iter().position(|(of, _)| *of == method)?;
        troubles.remove(place).map(|(_, trouble)| trouble)
    }

    /// Ends the process, as it were, where no write is left.
    fn live_on(&self) {
        match self.writes_left.get() {
            None => {}
            // Without the message of a panic, of which there are many.
            Some(0) => std::panic::resume_unwind(Box::new("killed")),
            Some(left) => self.writes_left.set(Some(left - 1)),
        }
    }

    /// A destination as each call of the connector has one: it knows nothing yet.
    fn destination(&self) -> Scim<'_> {
        self.signed_in(&SignIn::Bearer, TOKEN)
    }

    fn signed_in(&self, sign_in: &SignIn, secret: &str) -> Scim<'_> {
        let exchanges = Exchanges::new(self, self, self, Budget::until(Duration::MAX));
        let address = Address::read(ADDRESS).unwrap();
        let secret = SecretValue::new(secret.to_owned());
        Scim::new(exchanges, &address, sign_in, &secret)
    }

    fn probe(&self) -> Result<Capabilities, DestinationError> {
        let destination = self.destination();
        one(&destination, destination.probe())
    }

    fn create(&self, draft: &Draft) -> Attempt<Record> {
        let destination = self.destination();
        create(&destination, draft)
    }

    fn write(&self, patch: &Patch) -> Attempt<Record> {
        let destination = self.destination();
        write(&destination, patch)
    }

    fn delete(&self, record: &Record) -> Attempt<()> {
        let destination = self.destination();
        let doomed = [Doomed {
            id: record.id.clone(),
            guard: record.guard.clone(),
        }];
        one(&destination, destination.delete(&doomed))
            .pop()
            .unwrap()
    }

    fn fetch(&self, id: &str) -> Option<Record> {
        let destination = self.destination();
        let ids = [id.to_owned()];
        let found = one(&destination, destination.fetch(&ids));
        found.unwrap().pop().unwrap()
    }

    /// What somebody else asks of the server.
    fn somebody(&self, method: &str, path: &str, body: Value) -> Value {
        let asked = Asked {
            method,
            path,
            if_match: None,
            if_none_match: None,
            body,
        };
        let (status, answer) = self.server.answer(asked, self.now());
        assert!(status < 300, "{method} {path}: {answer}");
        answer
    }

    /// A user whom somebody else has made.
    fn stranger(&self, user_name: &str, more: Value) -> String {
        let mut user = json!({"userName": user_name, "active": self.truth(true)});
        for (name, value) in more.as_object().unwrap() {
            user[name] = value.clone();
        }
        id(&self.somebody("POST", "/Users", user))
    }

    /// As this server writes it.
    fn truth(&self, truth: bool) -> Value {
        match (self.server.behaviour.active_as_text, truth) {
            (false, truth) => json!(truth),
            (true, true) => json!("True"),
            (true, false) => json!("False"),
        }
    }

    fn group(&self, name: &str) -> String {
        id(&self.somebody("POST", "/Groups", json!({"displayName": name})))
    }

    fn now(&self) -> u64 {
        BEGINNING_MS + self.elapsed_ms.get()
    }

    fn pass(&self, milliseconds: u64) {
        self.elapsed_ms.set(self.elapsed_ms.get() + milliseconds);
    }

    /// Requests of a method, so far.
    fn asked(&self, method: &str) -> u32 {
        let counts = self.server.counts.borrow();
        counts.get(method).copied().unwrap_or(0)
    }
}

fn id(told: &Value) -> String {
    let id = told.get("id").or_else(|| told.get("Id"));
    id.and_then(Value::as_str).expect("an id").to_owned()
}

fn one<F: Future>(destination: &Scim<'_>, task: F) -> F::Output {
    drive::one(destination, task).expect("something is under way while something is waited for")
}

fn create(destination: &Scim<'_>, draft: &Draft) -> Attempt<Record> {
    let drafts = [draft.clone()];
    one(destination, destination.create(&drafts)).pop().unwrap()
}

fn write(destination: &Scim<'_>, patch: &Patch) -> Attempt<Record> {
    let patches = [patch.clone()];
    one(destination, destination.write(&patches)).pop().unwrap()
}

/// The user of a number, from 1.
fn tie(number: u32) -> Tie {
    Tie {
        source: SOURCE.to_owned(),
        object_id: format!("0a0a0a0a-1111-4222-8333-{number:012}"),
    }
}

fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    owned.collect()
}

/// A person as a configuration of the connector maps one.
fn person(number: u32) -> Draft {
    let address = format!("person{number}@contoso.example");
    Draft {
        fields: owned(&[
            ("contact_name", &format!("Person {number}")),
            ("email", &address),
            ("group", "Sales"),
            ("phone_number", &format!("+4477009{number:05}")),
            ("user_name", &address),
        ]),
        active: true,
        lists: Vec::new(),
        tie: Some(tie(number)),
        decided_at_ms: BEGINNING_MS,
    }
}

fn patch(known: &Record, writes: &[(&str, Option<&str>)]) -> Patch {
    let write = |(name, value): &(&str, Option<&str>)| FieldWrite {
        name: (*name).to_owned(),
        value: value.map(str::to_owned),
    };
    Patch {
        known: known.clone(),
        writes: writes.iter().map(write).collect(),
        active: None,
        tie: None,
    }
}

fn field<'r>(record: &'r Record, name: &str) -> Option<&'r str> {
    let mut fields = record.fields.iter();
    fields
        .find(|(field, _)| field == name)
        .map(|(_, value)| &**value)
}

#[track_caller]
fn refused<T: std::fmt::Debug>(attempt: Attempt<T>, field: Option<&str>, code: &str) {
    match attempt {
        Err(Failure::Refused(refusal)) => {
            assert_eq!((refusal.field.as_deref(), &*refusal.code), (field, code));
        }
        other => panic!("not refused: {other:?}"),
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp(World::now(self))
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.elapsed_ms.get())
    }

    fn sleep(&self, duration: Duration) {
        self.pass(u64::try_from(duration.as_millis()).unwrap());
    }
}

impl Entropy for World {
    fn next_u64(&self) -> u64 {
        self.draws.set(self.draws.get() + 1);
        self.draws.get().wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

type Answer = Result<HttpResponse, HttpFailure>;

/// An answer that is on its way.
struct Coming<'w> {
    world: &'w World,
    /// The user who is written meanwhile.
    writes: Option<String>,
    ready: Duration,
    answer: Option<Answer>,
}

impl Pending for Coming<'_> {
    fn finish(mut self: Box<Self>) -> Answer {
        let left = self.ready.saturating_sub(Clock::elapsed(self.world));
        self.world.sleep(left);
        self.answer.take().unwrap()
    }
}

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        if let Some(path) = &self.writes {
            self.world.written.borrow_mut().remove(path);
        }
    }
}

fn plain(status: u16, body: &str) -> HttpResponse {
    HttpResponse {
        status,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
    }
}

impl World {
    fn send_to_server(&self, method: &str, path: &str, request: &HttpRequest) -> Answer {
        let header = |name: &str| {
            let mut headers = request.headers.iter();
            headers
                .find(|(known, _)| *known == name)
                .map(|(_, value)| &**value)
        };
        if header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return Ok(plain(401, ""));
        }
        let told = header("content-length").map(str::to_owned);
        let is_told = told == (!request.body.is_empty()).then(|| request.body.len().to_string());
        assert!(is_told, "a body whose length is told");
        let trouble = self.trouble_of(method);
        match trouble {
            Some(Trouble::Status(status)) => return Ok(plain(status, "<html>ana@contoso.example")),
            Some(Trouble::LostRequest) => return Err(HttpFailure::Interrupted),
            Some(Trouble::LostAnswer) | None => {}
        }
        let asked = Asked {
            method,
            path,
            if_match: header("if-match"),
            if_none_match: header("if-none-match"),
            body: serde_json::from_slice(&request.body).unwrap_or_default(),
        };
        let (status, body) = self.server.answer(asked, World::now(self));
        if trouble == Some(Trouble::LostAnswer) {
            return Err(HttpFailure::Interrupted);
        }
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        Ok(plain(status, &body))
    }
}

impl Http for World {
    fn send(&self, request: &HttpRequest) -> Answer {
        self.begin(request).finish()
    }

    fn begin(&self, request: &HttpRequest) -> Box<dyn Pending + '_> {
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
            Method::Propfind | Method::Report => unreachable!("no method of SCIM"),
        };
        let path = request
            .url
            .strip_prefix(ADDRESS)
            .expect("an address of this server");
        let is_write = method != "GET" && !path.ends_with("/.search");
        if is_write {
            self.live_on();
        }
        let is_of_user = is_write && path.starts_with("/Users/");
        let writes = is_of_user.then(|| path.to_owned());
        if let Some(path) = &writes {
            assert!(
                self.written.borrow_mut().insert(path.clone()),
                "two write one user"
            );
        }
        let answer = self.send_to_server(method, path, request);
        // The lifetimes of a trait object and of what it borrows are one here.
        Box::new(Coming {
            world: self,
            writes,
            ready: Clock::elapsed(self) + LATENCY,
            answer: Some(answer),
        })
    }
}
