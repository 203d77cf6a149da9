//! The next page is under way while this one is applied, and nothing is lost where it never comes.

use std::cell::RefCell;
use std::collections::BTreeMap;

use guest_kit::{
    Http, HttpFailure, HttpRequest, HttpResponse, Pending, SecretError, SecretValue, Secrets,
};
use serde_json::{Value, json};
use sync_core::engine::checkpoint::{Round, current_run, finished_runs};
use sync_core::engine::sync::{SliceEnd, SyncRequest, SyncResult};
use sync_core::ports::testing::Memory;
use sync_core::run::{RunMode, RunStatus};

use crate::calls::sync;
use crate::imports::Imports;
use crate::test_host::{DOCUMENT, offline};

const GRAPH: &str = "https://graph.microsoft.com/v1.0";
const PAGES: u32 = 3;

/// A directory of three pages with two people each. What is asked of it, and when an answer is taken or
/// given up, stands among the events of the platform.
struct Microsoft<'m> {
    memory: &'m Memory,
    /// The pages that are answered otherwise.
    otherwise: RefCell<BTreeMap<&'static str, HttpFailure>>,
}

impl<'m> Microsoft<'m> {
    fn new(memory: &'m Memory) -> Self {
        Self {
            memory,
            otherwise: RefCell::default(),
        }
    }

    fn imports(&'m self) -> Imports<'m> {
        Imports {
            http: self,
            secrets: self,
            ..offline(self.memory)
        }
    }

    fn note(&self, what: &str, name: &str) {
        let event = format!("{what} {name}");
        self.memory.events.borrow_mut().push(event);
    }

    fn answer(&self, name: &'static str) -> Result<HttpResponse, HttpFailure> {
        if let Some(failure) = self.otherwise.borrow_mut().remove(name) {
            return Err(failure);
        }
        Ok(ok(&match name {
            "page 1" => page(1),
            "page 2" => page(2),
            "page 3" => page(3),
            "changes" => json!({ "value": [], "@odata.deltaLink": delta("done") }),
            other => panic!("{other} is no page"),
        }))
    }
}

fn delta(token: &str) -> String {
    format!("{GRAPH}/users/delta?$deltatoken={token}")
}

fn page(number: u32) -> Value {
    let people: Vec<_> = (0..2)
        .map(|place| {
            let id = format!("00000000-0000-4000-8000-0000000000{number}{place}");
            json!({
                "id": id, "givenName": "Given", "surname": "Surname", "companyName": "Contoso",
                "mobilePhone": "+1 425 555 0100", "mail": format!("{number}.{place}@contoso.example"),
            })
        })
        .collect();
    let mut page = json!({ "value": people });
    if number < PAGES {
        let next = format!("{GRAPH}/users?$skiptoken={}", number + 1);
        page["@odata.nextLink"] = json!(next);
    }
    page
}

fn ok(body: &Value) -> HttpResponse {
    HttpResponse {
        status: 200,
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
    }
}

/// The page that a URL is of.
fn name_of(url: &str) -> Option<&'static str> {
    if url.contains("$deltatoken=bookmark") || url.contains("$deltatoken=done") {
        Some("changes")
    } else if url.contains("$skiptoken=2") {
        Some("page 2")
    } else if url.contains("$skiptoken=3") {
        Some("page 3")
    } else if url.contains("/users?$top=999") {
        Some("page 1")
    } else {
        None
    }
}

impl Http for Microsoft<'_> {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let url = request.url.as_str();
        if let Some(name) = name_of(url) {
            self.note("ask for", name);
            self.note("take", name);
            return self.answer(name);
        }
        Ok(if url.ends_with("/token") {
            ok(&json!({ "access_token": "opaque", "expires_in": 3599 }))
        } else if url.contains("/organization?") {
            let id = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";
            ok(&json!({ "value": [{ "id": id, "displayName": "Contoso" }] }))
        } else if url.ends_with("/$count") {
            ok(&json!(6))
        } else if url.contains("$deltatoken=latest") {
            ok(&json!({ "value": [], "@odata.deltaLink": delta("bookmark") }))
        } else {
            panic!("{url} was asked for")
        })
    }

    fn begin(&self, request: &HttpRequest) -> Box<dyn Pending + '_> {
        match name_of(&request.url) {
            Some(name) => {
                self.note("ask for", name);
                Box::new(Asked {
                    microsoft: self,
                    name,
                    is_taken: false,
                })
            }
            None => Box::new(self.send(request)),
        }
    }
}

struct Asked<'h> {
    microsoft: &'h Microsoft<'h>,
    name: &'static str,
    is_taken: bool,
}

impl Pending for Asked<'_> {
    fn finish(mut self: Box<Self>) -> Result<HttpResponse, HttpFailure> {
        self.is_taken = true;
        self.microsoft.note("take", self.name);
        self.microsoft.answer(self.name)
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if !self.is_taken {
            self.microsoft.note("give up", self.name);
        }
    }
}

impl Secrets for Microsoft<'_> {
    fn reveal(&self, _: &str) -> Result<SecretValue, SecretError> {
        Ok(SecretValue::new("secret".to_owned()))
    }
}

fn slice(microsoft: &Microsoft<'_>, max_pages: Option<u32>) -> SyncResult {
    let request = SyncRequest {
        mode: RunMode::Incremental,
        trigger: "test".to_owned(),
        max_pages,
        max_time: None,
        approval: None,
    };
    sync(microsoft.imports(), DOCUMENT, &request).expect("a slice")
}

/// What happened since this was asked last.
fn events(memory: &Memory) -> Vec<String> {
    memory.events.take()
}

fn contacts(memory: &Memory) -> usize {
    memory.contacts.borrow().len()
}

#[test]
fn while_a_page_is_applied_the_next_one_is_under_way() {
    let memory = Memory::default();
    let result = slice(&Microsoft::new(&memory), None);
    assert_eq!(result.run.status, RunStatus::Succeeded, "{:?}", result.run);
    assert_eq!(
        events(&memory),
        [
            "ask for page 1",
            "take page 1",
            "ask for page 2",
            "apply",
            "take page 2",
            "ask for page 3",
            "apply",
            "take page 3",
            "ask for changes",
            "apply",
            "take changes",
        ]
    );
    assert_eq!(contacts(&memory), 6);
}

#[test]
fn a_run_that_is_stopped_gives_the_next_page_up_and_keeps_the_one_that_was_applied() {
    let memory = Memory::default();
    // One report of progress before each page.
    memory.stops.set(Some(1));
    let microsoft = Microsoft::new(&memory);
    let result = slice(&microsoft, None);
    assert_eq!(result.run.status, RunStatus::Stopped);
    let expected = [
        "ask for page 1",
        "take page 1",
        "ask for page 2",
        "apply",
        "give up page 2",
    ];
    assert_eq!(events(&memory), expected);
    assert_eq!(contacts(&memory), 2);

    memory.stops.set(None);
    let result = slice(&microsoft, None);
    assert_eq!(result.run.status, RunStatus::Succeeded);
    assert_eq!(events(&memory)[..2], ["ask for page 2", "take page 2"]);
    assert_eq!(contacts(&memory), 6);
}

#[test]
fn a_next_page_that_fails_takes_nothing_back_and_is_read_by_the_next_run() {
    let memory = Memory::default();
    let microsoft = Microsoft::new(&memory);
    microsoft
        .otherwise
        .borrow_mut()
        .insert("page 2", HttpFailure::Tls);
    let result = slice(&microsoft, None);
    assert_eq!(result.run.status, RunStatus::Failed);
    assert_eq!(result.run.errors[0].code, "tls-failed");
    assert_eq!(result.run.counts.created, 2);
    assert_eq!(contacts(&memory), 2);
    assert!(Round::load(&memory).unwrap().is_some(), "it stays open");

    events(&memory);
    let result = slice(&microsoft, None);
    assert_eq!(result.run.status, RunStatus::Succeeded);
    assert_eq!(events(&memory)[..2], ["ask for page 2", "take page 2"]);
    assert_eq!(contacts(&memory), 6);
}

#[test]
fn a_slice_asks_for_no_page_that_it_will_not_read() {
    let memory = Memory::default();
    let microsoft = Microsoft::new(&memory);
    let first = slice(&microsoft, Some(1));
    assert!(matches!(first.end, SliceEnd::More(_)));
    assert_eq!(events(&memory), ["ask for page 1", "take page 1", "apply"]);
    let second = slice(&microsoft, Some(2));
    assert!(matches!(second.end, SliceEnd::More(_)));
    assert_eq!(
        events(&memory),
        [
            "ask for page 2",
            "take page 2",
            "ask for page 3",
            "apply",
            "take page 3",
            "apply",
        ]
    );
}

#[test]
fn a_process_that_dies_while_a_page_is_applied_begins_with_that_page_again() {
    for is_durable in [false, true] {
        let memory = Memory::default();
        let microsoft = Microsoft::new(&memory);
        memory.dies.set(Some((0, is_durable)));
        let request = SyncRequest {
            mode: RunMode::Incremental,
            trigger: "test".to_owned(),
            max_pages: None,
            max_time: None,
            approval: None,
        };
        sync(microsoft.imports(), DOCUMENT, &request).expect_err("it died");
        let until_then = events(&memory);
        assert_eq!(until_then.last().unwrap(), "give up page 2");
        memory.dies.set(None);

        let result = slice(&microsoft, None);
        assert_eq!(result.run.status, RunStatus::Succeeded);
        let first = if is_durable { "page 2" } else { "page 1" };
        assert_eq!(events(&memory)[0], format!("ask for {first}"));
        assert_eq!(contacts(&memory), 6);
        assert_eq!(current_run(&memory).unwrap(), None);
        assert_eq!(finished_runs(&memory).unwrap().len(), 1);
    }
}
