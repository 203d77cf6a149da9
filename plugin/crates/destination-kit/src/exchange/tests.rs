use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use guest_kit::{Method, Timestamp};

use super::*;
use crate::destination::{
    Attempt, Capabilities, Destination, DestinationError, Doomed, Draft, Key, Patch, Record,
    RemoteId, RemoteList, RemoteListId, ScanPage,
};
use crate::drive;

/// Time that passes only when somebody waits.
#[derive(Default)]
struct Time(Cell<Duration>);

impl Clock for Time {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn elapsed(&self) -> Duration {
        self.0.get()
    }

    fn sleep(&self, duration: Duration) {
        self.0.set(self.0.get() + duration);
    }
}

struct Least;

impl Entropy for Least {
    fn next_u64(&self) -> u64 {
        0
    }
}

type Answer = Result<HttpResponse, HttpFailure>;

/// A service that takes 50 ms for each answer, however many are under way, and has its answers written down.
struct Service<'t> {
    time: &'t Time,
    script: RefCell<VecDeque<Answer>>,
    under_way: Cell<usize>,
    asked: Cell<u32>,
}

const LATENCY: Duration = Duration::from_millis(50);

struct Coming<'s> {
    service: &'s Service<'s>,
    ready: Duration,
}

impl Pending for Coming<'_> {
    fn finish(self: Box<Self>) -> Answer {
        let service = self.service;
        let left = self.ready.saturating_sub(service.time.elapsed());
        service.time.sleep(left);
        let scripted = service.script.borrow_mut().pop_front();
        scripted.unwrap_or_else(|| answer(200, None))
    }
}

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        self.service.under_way.set(self.service.under_way.get() - 1);
    }
}

impl Http for Service<'_> {
    fn send(&self, request: &HttpRequest) -> Answer {
        self.begin(request).finish()
    }

    fn begin(&self, _: &HttpRequest) -> Box<dyn Pending + '_> {
        self.under_way.set(self.under_way.get() + 1);
        self.asked.set(self.asked.get() + 1);
        // The lifetimes of a trait object and of what it borrows are one here.
        Box::new(Coming {
            service: self,
            ready: self.time.elapsed() + LATENCY,
        })
    }
}

fn answer(status: u16, retry_after: Option<&str>) -> Answer {
    let header = retry_after.map(|value| ("retry-after".to_owned(), value.to_owned()));
    Ok(HttpResponse {
        status,
        headers: header.into_iter().collect(),
        body: Vec::new(),
    })
}

fn request(method: Method) -> HttpRequest {
    HttpRequest {
        method,
        url: "https://service.example/contacts".to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        max_response: 1024,
    }
}

/// What waits for the exchanges and has nothing else of a destination.
struct Waiting<'e, 'h>(&'e Exchanges<'h>);

fn nothing<T>() -> Result<T, DestinationError> {
    Err(DestinationError::Unexpected("not asked here".to_owned()))
}

impl Destination for Waiting<'_, '_> {
    async fn probe(&self) -> Result<Capabilities, DestinationError> {
        nothing()
    }
    async fn fetch(&self, _: &[RemoteId]) -> Result<Vec<Option<Record>>, DestinationError> {
        nothing()
    }
    async fn find(&self, _: &[Key]) -> Result<Vec<Record>, DestinationError> {
        nothing()
    }
    async fn scan(&self, _: Option<&str>) -> Result<ScanPage, DestinationError> {
        nothing()
    }
    async fn create(&self, _: &[Draft]) -> Vec<Attempt<Record>> {
        Vec::new()
    }
    async fn created(&self, _: &Draft) -> Result<Option<Record>, DestinationError> {
        nothing()
    }
    async fn write(&self, _: &[Patch]) -> Vec<Attempt<Record>> {
        Vec::new()
    }
    async fn delete(&self, _: &[Doomed]) -> Vec<Attempt<()>> {
        Vec::new()
    }
    async fn membership(&self, _: &RemoteListId, _: &[RemoteId], _: &[RemoteId]) -> Attempt<()> {
        Ok(())
    }
    async fn lists(&self) -> Result<Vec<RemoteList>, DestinationError> {
        nothing()
    }
    async fn make_list(&self, _: &str, _: &str) -> Attempt<RemoteList> {
        Ok(nothing()?)
    }
    async fn rename_list(&self, _: &RemoteListId, _: &str) -> Attempt<()> {
        Ok(())
    }
    async fn make_field(&self, _: &str) -> Attempt<()> {
        Ok(())
    }
    fn wait(&self) -> bool {
        self.0.wait()
    }
}

struct Outcome {
    answers: Vec<Answer>,
    asked: u32,
    took: Duration,
    most_at_once: usize,
}

/// Sends requests all at once to a service that gives these answers first.
fn sent(requests: usize, method: Method, repeat: Repeat, script: Vec<Answer>) -> Outcome {
    let time = Time::default();
    let service = Service {
        time: &time,
        script: RefCell::new(script.into()),
        under_way: Cell::new(0),
        asked: Cell::new(0),
    };
    let budget = Budget::until(Duration::from_secs(600));
    let exchanges = Exchanges::new(&service, &time, &Least, budget);
    let tasks = (0..requests).map(|_| exchanges.send(request(method), repeat));
    let answers = drive::all(&Waiting(&exchanges), 2 * crate::MOST_AT_ONCE, tasks).unwrap();
    assert_eq!(service.under_way.get(), 0);
    Outcome {
        answers,
        asked: service.asked.get(),
        took: time.elapsed(),
        most_at_once: exchanges.most_at_once(),
    }
}

fn statuses(outcome: &Outcome) -> Vec<u16> {
    let status = |answer: &Answer| answer.as_ref().map_or(0, |response| response.status);
    outcome.answers.iter().map(status).collect()
}

#[test]
fn ten_thousand_requests_take_little_more_than_the_width_allows() {
    let outcome = sent(10_000, Method::Post, Repeat::Once, Vec::new());
    assert_eq!(outcome.asked, 10_000);
    assert_eq!(outcome.most_at_once, crate::MOST_AT_ONCE);
    let limit = LATENCY * 10_000 / u32::try_from(crate::MOST_AT_ONCE).unwrap();
    assert!(
        outcome.took <= limit * 13 / 10,
        "{:?} of {limit:?}",
        outcome.took
    );
}

#[test]
fn a_service_that_asks_for_patience_gets_it_and_then_the_same_request_even_a_post() {
    let script = vec![answer(429, Some("7"))];
    let outcome = sent(1, Method::Post, Repeat::Once, script);
    assert_eq!((statuses(&outcome), outcome.asked), (vec![200], 2));
    assert!(outcome.took >= Duration::from_secs(7));
}

#[test]
fn while_it_asks_for_patience_nothing_else_is_sent() {
    let mut script = vec![answer(429, Some("30"))];
    script.extend((0..3).map(|_| answer(200, None)));
    let outcome = sent(40, Method::Get, Repeat::Idempotent, script);
    assert_eq!(outcome.asked, 41);
    let rest = LATENCY * 40;
    assert!(
        outcome.took >= Duration::from_secs(30) && outcome.took < Duration::from_secs(30) + rest
    );
}

#[test]
fn what_makes_something_is_never_sent_again_where_it_may_have_been_done() {
    for lost in [
        Err(HttpFailure::TimedOut),
        Err(HttpFailure::Interrupted),
        answer(500, None),
        answer(503, Some("1")),
    ] {
        let outcome = sent(1, Method::Post, Repeat::Once, vec![lost]);
        assert_eq!(outcome.asked, 1);
    }
}

#[test]
fn what_never_left_is_sent_again() {
    let script = vec![Err(HttpFailure::Connect), Err(HttpFailure::Name)];
    let outcome = sent(1, Method::Post, Repeat::Once, script);
    assert_eq!((statuses(&outcome), outcome.asked), (vec![200], 3));
}

#[test]
fn what_does_no_harm_twice_is_repeated_until_patience_ends() {
    let script = vec![Err(HttpFailure::Interrupted), answer(503, None)];
    let outcome = sent(1, Method::Get, Repeat::Idempotent, script);
    assert_eq!((statuses(&outcome), outcome.asked), (vec![200], 3));
    let script = (0..20).map(|_| answer(503, None)).collect();
    let outcome = sent(1, Method::Get, Repeat::Idempotent, script);
    assert_eq!((statuses(&outcome), outcome.asked), (vec![503], 8));
}

#[test]
fn a_refusal_is_an_answer_and_not_repeated() {
    for status in [400, 401, 403, 404, 409, 412, 422] {
        let script = vec![answer(status, None)];
        let outcome = sent(1, Method::Patch, Repeat::Idempotent, script);
        assert_eq!((statuses(&outcome), outcome.asked), (vec![status], 1));
    }
}

#[test]
fn whoever_gives_up_takes_the_request_back() {
    let time = Time::default();
    let service = Service {
        time: &time,
        script: RefCell::default(),
        under_way: Cell::new(0),
        asked: Cell::new(0),
    };
    let exchanges = Exchanges::new(&service, &time, &Least, Budget::brief());
    {
        let mut task = Box::pin(exchanges.send(request(Method::Get), Repeat::Idempotent));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(task.as_mut().poll(&mut context).is_pending());
        assert_eq!(service.under_way.get(), 1);
    }
    assert_eq!(service.under_way.get(), 0);
    assert!(!exchanges.wait(), "nothing is waited for any more");
}
