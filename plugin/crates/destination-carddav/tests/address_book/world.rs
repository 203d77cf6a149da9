//! What a destination is given in a test: a way to an address book on which things go wrong, a clock that goes on
//! only where somebody waits, and a process that can be killed between two requests.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use destination_carddav::{CardDav, Settings};
use destination_kit::contract::FieldWrite;
use destination_kit::destination::{
    Attempt, Capabilities, Destination as _, DestinationError, Draft, Failure, Patch, Record, Tie,
};
use destination_kit::testing::{Dice, TestClock};
use destination_kit::{Exchanges, drive};
use guest_kit::retry::Budget;
use guest_kit::{
    Clock, Entropy, Http, HttpFailure, HttpRequest, HttpResponse, Method, Pending, SecretValue,
    Timestamp,
};

use crate::servers::book::{Asked, Book, PASSWORD, USER};

/// 2026-01-02T03:04:05Z.
pub(crate) const BEGINNING_MS: u64 = 1_767_323_045_000;
pub(crate) const SOURCE: &str = "entra:84841066-274d-4ec0-a5c1-276be684bdd3";

/// In how many of a hundred requests what happens.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trouble {
    /// It is performed, and the answer is lost.
    pub(crate) lost_after: usize,
    /// It is not performed, and nobody hears so.
    pub(crate) lost_before: usize,
    /// 503, or 429 with a moment to wait for.
    pub(crate) busy: usize,
}

/// When a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Killed {
    BeforeWrite(u32),
    AfterWrite(u32),
}

pub(crate) struct World {
    pub(crate) book: Book,
    pub(crate) clock: TestClock,
    pub(crate) dice: Dice,
    pub(crate) trouble: Cell<Trouble>,
    pub(crate) killed: Cell<Option<Killed>>,
    /// How long each answer takes; others can be under way meanwhile.
    pub(crate) latency: Cell<Duration>,
    pub(crate) password: Cell<&'static str>,
    /// The longest answer that is read.
    pub(crate) longest: Cell<usize>,
    asked: RefCell<BTreeMap<&'static str, u32>>,
}

impl World {
    pub(crate) fn of(book: Book) -> Self {
        let clock = TestClock::default();
        clock.set(BEGINNING_MS);
        Self {
            book,
            clock,
            dice: Dice::of(20_261_129),
            trouble: Cell::default(),
            killed: Cell::default(),
            latency: Cell::default(),
            password: Cell::new(PASSWORD),
            longest: Cell::new(usize::MAX),
            asked: RefCell::default(),
        }
    }

    /// A destination as each call of the connector has one: it knows nothing yet.
    pub(crate) fn destination(&self) -> CardDav<'_> {
        let settings = format!(
            r#"{{"name": "carddav", "addressbook": "{}", "user": "{USER}", "secret": "password"}}"#,
            self.book.address()
        );
        let settings = Settings::read(&settings).unwrap();
        let secret = SecretValue::new(self.password.get().to_owned());
        let budget = Budget::until(Duration::MAX);
        let exchanges = Exchanges::new(self, self, self, budget);
        CardDav::new(exchanges, &settings.addressbook, &settings.user, &secret)
    }

    pub(crate) fn probe(&self) -> Result<Capabilities, DestinationError> {
        let destination = self.destination();
        one(&destination, destination.probe())
    }

    pub(crate) fn create(&self, drafts: &[Draft]) -> Vec<Attempt<Record>> {
        let destination = self.destination();
        one(&destination, destination.create(drafts))
    }

    pub(crate) fn created(&self, draft: &Draft) -> Option<Record> {
        let destination = self.destination();
        one(&destination, destination.created(draft)).unwrap()
    }

    pub(crate) fn write(&self, patch: &Patch) -> Attempt<Record> {
        let destination = self.destination();
        let patches = [patch.clone()];
        one(&destination, destination.write(&patches))
            .pop()
            .unwrap()
    }

    pub(crate) fn fetch(&self, id: &str) -> Option<Record> {
        let destination = self.destination();
        let ids = [id.to_owned()];
        one(&destination, destination.fetch(&ids))
            .unwrap()
            .pop()
            .unwrap()
    }

    /// Every contact that a scan shows.
    pub(crate) fn scanned(&self) -> Vec<Record> {
        let destination = self.destination();
        let (mut records, mut cursor) = (Vec::new(), None);
        loop {
            let page = one(&destination, destination.scan(cursor.as_deref())).unwrap();
            records.extend(page.records);
            cursor = page.next;
            if cursor.is_none() {
                return records;
            }
        }
    }

    /// Requests of a method so far.
    pub(crate) fn asked(&self, method: &str) -> u32 {
        self.asked.borrow().get(method).copied().unwrap_or_default()
    }

    /// Requests so far that write something.
    pub(crate) fn writes(&self) -> u32 {
        self.asked("PUT") + self.asked("DELETE")
    }

    /// Ends the process, as it were, where its time has come.
    fn live_on(&self, is_done: bool) {
        let next = match (self.killed.get(), is_done) {
            (Some(Killed::BeforeWrite(0)), false) | (Some(Killed::AfterWrite(0)), true) => {
                // Without the message of a panic, of which there are many.
                std::panic::resume_unwind(Box::new("killed"))
            }
            (Some(Killed::BeforeWrite(left)), true) => Some(Killed::BeforeWrite(left - 1)),
            (Some(Killed::AfterWrite(left)), true) => Some(Killed::AfterWrite(left - 1)),
            (other, _) => other,
        };
        self.killed.set(next);
    }

    fn performed(
        &self,
        method: &'static str,
        request: &HttpRequest,
    ) -> Result<HttpResponse, HttpFailure> {
        let (_, rest) = request.url.split_once("://").unwrap();
        let path = &rest[rest.find('/').unwrap()..];
        let headers: Vec<_> = request
            .headers
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let asked = Asked {
            method,
            path,
            headers: &headers,
            body: &request.body,
        };
        let answer = self
            .book
            .ask(&asked)
            .map_err(|()| HttpFailure::Interrupted)?;
        if answer.body.len() > self.longest.get().min(request.max_response) {
            let limit = self.longest.get();
            return Err(HttpFailure::ResponseTooLarge { limit });
        }
        Ok(HttpResponse {
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
        })
    }
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
        Method::Propfind => "PROPFIND",
        Method::Report => "REPORT",
    }
}

impl Http for World {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let method = method(request.method);
        let is_write = matches!(method, "PUT" | "DELETE");
        *self.asked.borrow_mut().entry(method).or_default() += 1;
        let Trouble {
            lost_after,
            lost_before,
            busy,
        } = self.trouble.get();
        if self.dice.percent(busy) {
            let wait = ("retry-after".to_owned(), "1".to_owned());
            return Ok(HttpResponse {
                status: if self.dice.percent(50) { 503 } else { 429 },
                headers: vec![wait],
                body: b"<html>busy</html>".to_vec(),
            });
        }
        if self.dice.percent(lost_before) {
            return Err(HttpFailure::Interrupted);
        }
        if is_write {
            self.live_on(false);
        }
        let answer = self.performed(method, request);
        if is_write {
            self.live_on(true);
        }
        if self.dice.percent(lost_after) {
            return Err(HttpFailure::TimedOut);
        }
        answer
    }

    fn begin(&self, request: &HttpRequest) -> Box<dyn Pending + '_> {
        Box::new(Coming {
            world: self,
            answer: self.send(request),
            ready: self.clock.elapsed() + self.latency.get(),
        })
    }
}

/// An answer that is on its way.
struct Coming<'w> {
    world: &'w World,
    ready: Duration,
    answer: Result<HttpResponse, HttpFailure>,
}

impl Pending for Coming<'_> {
    fn finish(self: Box<Self>) -> Result<HttpResponse, HttpFailure> {
        let left = self.ready.saturating_sub(self.world.clock.elapsed());
        self.world.clock.sleep(left);
        self.answer
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration);
    }
}

impl Entropy for World {
    fn next_u64(&self) -> u64 {
        self.dice.next_u64()
    }
}

pub(crate) fn one<F: Future>(destination: &CardDav<'_>, task: F) -> F::Output {
    drive::one(destination, task).expect("something is under way while something is waited for")
}

/// The user of a number, from 1.
pub(crate) fn user(number: u32) -> String {
    format!("0a0a0a0a-1111-4222-8333-{number:012}")
}

pub(crate) fn tie(number: u32) -> Tie {
    Tie {
        source: SOURCE.to_owned(),
        object_id: user(number),
    }
}

pub(crate) fn person(number: u32) -> Draft {
    let fields = [
        ("full_name", format!("Person {number}")),
        ("email", format!("person{number}@contoso.example")),
        ("mobile_phone", format!("+4477009{number:05}")),
        ("company", "Contoso, Ltd".to_owned()),
    ];
    Draft {
        fields: fields
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec(),
        active: true,
        lists: Vec::new(),
        tie: Some(tie(number)),
        decided_at_ms: BEGINNING_MS,
    }
}

pub(crate) fn patch(known: &Record, writes: &[(&str, Option<&str>)]) -> Patch {
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

pub(crate) fn field<'r>(record: &'r Record, name: &str) -> Option<&'r str> {
    let mut fields = record.fields.iter();
    fields
        .find(|(field, _)| field == name)
        .map(|(_, value)| &**value)
}

#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(attempt: Attempt<T>, code: &str) {
    match attempt {
        Err(Failure::Refused(refusal)) => assert_eq!(refusal.code, code),
        other => panic!("not refused: {other:?}"),
    }
}
