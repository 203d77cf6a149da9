//! The destination against the local MessageMedia, which answers in this process and takes 50 ms for it, by a clock
//! that goes on only where somebody waits.

mod crashes;
mod creating;
mod failing;
mod histories;
mod lists;
mod numbers;
mod pairwise;
mod reading;
mod writing;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use destination_kit::contract::FieldWrite;
use destination_kit::destination::{
    Attempt, Capabilities, Destination, DestinationError, Draft, Failure, Patch, Record, Tie,
};
use destination_kit::{Exchanges, drive};
use guest_kit::retry::Budget;
use guest_kit::{
    Clock, Entropy, Http, HttpFailure, HttpRequest, HttpResponse, Method, Pending, SecretValue,
    Timestamp,
};
use messagemedia_emulator::{Behaviour, Control, EmulatorInProcess, EmulatorOptions, Fault};
use serde_json::{Value, json};

use crate::{MessageMedia, Server};

const LATENCY: Duration = Duration::from_millis(50);
/// 2026-01-02T03:04:05Z.
const BEGINNING_MS: u64 = 1_767_323_045_000;
const SOURCE: &str = "entra:84841066-274d-4ec0-a5c1-276be684bdd3";

/// An account, and the way to it.
struct World {
    emulator: EmulatorInProcess,
    elapsed_ms: Arc<AtomicU64>,
    draws: Cell<u64>,
    /// Paths of the contacts that are being written.
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
        let elapsed_ms = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&elapsed_ms);
        let emulator = EmulatorInProcess::new(&EmulatorOptions {
            behaviour,
            clock: Arc::new(move || {
                let now = BEGINNING_MS + clock.load(Ordering::Relaxed);
                SystemTime::UNIX_EPOCH + Duration::from_millis(now)
            }),
            ..EmulatorOptions::default()
        });
        Self {
            emulator,
            elapsed_ms,
            draws: Cell::new(0),
            written: RefCell::default(),
            writes_left: Cell::new(None),
        }
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

    fn control(&self) -> &Control {
        self.emulator.control()
    }

    /// A destination as each call of the connector has one: it knows nothing yet.
    fn destination(&self) -> MessageMedia<'_> {
        let secret = SecretValue::new("demo-secret".to_owned());
        self.signed_in_with(&secret)
    }

    fn signed_in_with(&self, secret: &SecretValue) -> MessageMedia<'_> {
        let budget = Budget::until(Duration::MAX);
        let exchanges = Exchanges::new(self, self, self, budget);
        let server = Server::local("http://127.0.0.1:8090").unwrap();
        MessageMedia::new(exchanges, &server, "demo-key", secret)
    }

    fn probe(&self) -> Result<Capabilities, DestinationError> {
        let destination = self.destination();
        one(&destination, destination.probe())
    }

    fn create(&self, draft: &Draft) -> Attempt<Record> {
        let destination = self.destination();
        create(&destination, draft)
    }

    /// The first so many persons, as many at a time as the destination says.
    fn create_all(&self, count: u32) -> Vec<Attempt<Record>> {
        let destination = self.destination();
        let width = one(&destination, destination.probe()).unwrap().width;
        let drafts: Vec<[Draft; 1]> = (1..=count).map(|number| [person(number)]).collect();
        let tasks = drafts.iter().map(|draft| destination.create(draft));
        let made = drive::all(&destination, width, tasks).unwrap();
        made.into_iter().flatten().collect()
    }

    fn write(&self, patch: &Patch) -> Attempt<Record> {
        let destination = self.destination();
        write(&destination, patch)
    }

    fn fetch(&self, id: &str) -> Option<Record> {
        let destination = self.destination();
        let ids = [id.to_owned()];
        let found = one(&destination, destination.fetch(&ids));
        found.unwrap().pop().unwrap()
    }

    /// The contact of an id as the API tells it.
    fn contact(&self, id: &str) -> Value {
        let contacts = self.control().contacts();
        let mut contacts = contacts.into_iter();
        contacts
            .find(|contact| contact["id"] == id)
            .expect("a contact")
    }

    /// What somebody else asks of the API.
    fn somebody(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.control().request(method, &target(path), body);
        assert!(status < 300, "{method} {path}: {answer}");
        answer
    }

    /// A contact that somebody else has made.
    fn stranger(&self, number: &str) -> String {
        let channels = json!([{"channelId": number, "type": "SMS"}]);
        let made = self.somebody(
            "POST",
            "/contacts",
            json!({"channels": channels, "note": "theirs"}),
        );
        id(&made)
    }

    /// The id of the custom field of a merge tag.
    fn field_id(&self, merge_tag: &str) -> String {
        let fields = self.control().custom_fields();
        let mut fields = fields.iter().filter(|field| field["mergeTag"] == merge_tag);
        let field = fields.next().expect("a custom field");
        assert_eq!(fields.next(), None, "one of each");
        id(field)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.elapsed_ms.load(Ordering::Relaxed))
    }

    /// Requests of a method.
    fn asked(&self, method: &str) -> u64 {
        let counters = self.control().counters();
        counters.methods.get(method).copied().unwrap_or(0)
    }
}

fn target(path: &str) -> String {
    format!("/api/v1/contacts{path}")
}

fn id(told: &Value) -> String {
    told["id"].as_str().expect("an id").to_owned()
}

fn one<F: Future>(destination: &MessageMedia<'_>, task: F) -> F::Output {
    drive::one(destination, task).expect("something is under way while something is waited for")
}

fn create(destination: &MessageMedia<'_>, draft: &Draft) -> Attempt<Record> {
    let drafts = [draft.clone()];
    one(destination, destination.create(&drafts)).pop().unwrap()
}

fn write(destination: &MessageMedia<'_>, patch: &Patch) -> Attempt<Record> {
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

/// A person as the sample configuration of the connector maps one.
fn person(number: u32) -> Draft {
    Draft {
        fields: owned(&[
            ("contact_name", &format!("Person {number}")),
            ("email", &format!("person{number}@contoso.example")),
            ("group", "Sales"),
            ("phone_number", &format!("+4477009{number:05}")),
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
fn refused<T: std::fmt::Debug>(attempt: Attempt<T>, field: &str, code: &str) {
    match attempt {
        Err(Failure::Refused(refusal)) => {
            assert_eq!(
                (refusal.field.as_deref(), &*refusal.code),
                (Some(field), code)
            );
        }
        other => panic!("not refused: {other:?}"),
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp(BEGINNING_MS + self.elapsed_ms.load(Ordering::Relaxed))
    }

    fn elapsed(&self) -> Duration {
        World::elapsed(self)
    }

    fn sleep(&self, duration: Duration) {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap();
        self.elapsed_ms.fetch_add(milliseconds, Ordering::Relaxed);
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
    /// The contact that is written meanwhile.
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

impl Http for World {
    fn send(&self, request: &HttpRequest) -> Answer {
        self.begin(request).finish()
    }

    fn begin(&self, request: &HttpRequest) -> Box<dyn Pending + '_> {
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Propfind => "PROPFIND",
            Method::Report => "REPORT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        };
        let body = String::from_utf8(request.body.clone()).unwrap();
        assert!(
            !body.contains("\"SUBSCRIBED\""),
            "nobody is subscribed by us"
        );
        assert!(
            !(method == "PATCH" && body.contains("\"lists\"")),
            "lists have requests of their own"
        );
        if method != "GET" {
            self.live_on();
        }
        let is_write = method != "GET" && request.url.contains("/contacts/contacts/");
        let writes = is_write.then(|| request.url.clone());
        if let Some(path) = &writes {
            assert!(
                self.written.borrow_mut().insert(path.clone()),
                "two write one contact"
            );
        }
        let mut built = http::Request::builder().method(method).uri(&request.url);
        for (name, value) in &request.headers {
            built = built.header(*name, value);
        }
        let bytes = Bytes::from(request.body.clone());
        let answered = self.emulator.answer(built.body(bytes).unwrap());
        let answer = answered
            .response
            .ok_or(HttpFailure::Interrupted)
            .map(|response| {
                let headers = response.headers().iter();
                let headers = headers.map(|(name, value)| {
                    (name.as_str().to_owned(), value.to_str().unwrap().to_owned())
                });
                HttpResponse {
                    status: response.status().as_u16(),
                    headers: headers.collect(),
                    body: response.body().to_vec(),
                }
            });
        // The lifetimes of a trait object and of what it borrows are one here.
        Box::new(Coming {
            world: self,
            writes,
            ready: Clock::elapsed(self) + LATENCY + answered.delay,
            answer: Some(answer),
        })
    }
}
