//! A directory that can be listed in partitions, two people a page, and goes wrong where it is told to.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use guest_kit::calendar::date_time;
use guest_kit::{
    Directive, Http, HttpFailure, HttpRequest, HttpResponse, Level, Pending, Progress, RunControl,
    SecretError, SecretValue, Secrets,
};
use serde_json::{Value, json};
use sync_core::ports::testing::Memory;

use crate::imports::Imports;
use crate::test_host::offline;

const GRAPH: &str = "https://graph.microsoft.com/v1.0";
/// When the platform in memory has its present, in seconds.
pub(super) const NOW: u64 = 1_795_000_000;
const YEAR: u64 = 365 * 24 * 60 * 60;

/// What goes wrong with requests.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    Status(u16, &'static str),
    /// The page shows nobody and ends.
    Empty,
    /// The page leads to its list's first page.
    Circle,
    /// The answer, as it stands.
    Says(&'static str),
}

pub(super) struct Microsoft<'m> {
    pub(super) memory: &'m Memory,
    /// By number: when they were created, if that is known.
    pub(super) people: RefCell<BTreeMap<u64, Option<u64>>>,
    /// What the feed of changes shows after the bookmark.
    pub(super) changes: RefCell<Vec<Value>>,
    /// What goes wrong with requests that contain a text and a second one, and how often.
    pub(super) troubles: RefCell<Vec<(&'static str, &'static str, u32, Trouble)>>,
    /// Lists and counts that were asked for, from below the version on.
    pub(super) asked: RefCell<Vec<String>>,
    /// Requests that were given up.
    pub(super) given_up: Cell<u32>,
    under_way: Rc<Cell<usize>>,
    pub(super) most_under_way: Cell<usize>,
    pub(super) log: RefCell<Vec<String>>,
    /// The person, and the page of a list that is answered before they come.
    pub(super) comes: Cell<Option<(u64, u32)>>,
    lists: Cell<u32>,
}

impl<'m> Microsoft<'m> {
    /// So many people, created over the last nine years; every seventh at a time that nobody knows.
    pub(super) fn with(memory: &'m Memory, people: u64) -> Self {
        let created = |number: u64| {
            let known = number % 7 != 0;
            known.then_some(NOW - number * 9 * YEAR / people)
        };
        Self {
            memory,
            people: RefCell::new(
                (0..people)
                    .map(|number| (number, created(number)))
                    .collect(),
            ),
            changes: RefCell::default(),
            troubles: RefCell::default(),
            asked: RefCell::default(),
            given_up: Cell::default(),
            under_way: Rc::default(),
            most_under_way: Cell::default(),
            log: RefCell::default(),
            comes: Cell::default(),
            lists: Cell::default(),
        }
    }

    pub(super) fn imports(&'m self) -> Imports<'m> {
        Imports {
            http: self,
            secrets: self,
            control: self,
            ..offline(self.memory)
        }
    }

    /// From now on, so many requests that contain both texts go wrong.
    pub(super) fn trouble(
        &self,
        one: &'static str,
        other: &'static str,
        times: u32,
        trouble: Trouble,
    ) {
        let mut troubles = self.troubles.borrow_mut();
        troubles.push((one, other, times, trouble));
    }

    /// How many requests contained both texts.
    pub(super) fn times_asked(&self, one: &str, other: &str) -> usize {
        let asked = self.asked.borrow();
        let asked = asked
            .iter()
            .filter(|url| url.contains(one) && url.contains(other));
        asked.count()
    }

    pub(super) fn has_logged(&self, event: &str) -> bool {
        self.log
            .borrow()
            .iter()
            .any(|logged| logged.starts_with(event))
    }

    fn met(&self, url: &str) -> Option<Trouble> {
        let mut troubles = self.troubles.borrow_mut();
        let (_, _, times, trouble) = troubles.iter_mut().find(|(one, other, times, _)| {
            *times > 0 && url.contains(one) && url.contains(other)
        })?;
        *times -= 1;
        Some(trouble.clone())
    }

    fn answer(&self, url: &str) -> HttpResponse {
        let below = url.strip_prefix(GRAPH).unwrap_or(url);
        if below.starts_with("/users?") || below.starts_with("/users/$count") {
            self.asked.borrow_mut().push(below.to_owned());
        }
        let trouble = self.met(below);
        match &trouble {
            Some(Trouble::Status(status, code)) => {
                return answer(*status, &json!({"error": {"code": code, "message": ""}}));
            }
            Some(Trouble::Says(body)) => return answer(200, &json!(body.parse::<u64>().unwrap())),
            _ => {}
        }
        if below.ends_with("/token") {
            answer(200, &json!({"access_token": "opaque", "expires_in": 3599}))
        } else if below.starts_with("/organization?") {
            let id = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";
            answer(
                200,
                &json!({"value": [{"id": id, "displayName": "Contoso"}]}),
            )
        } else if below.starts_with("/users/$count") {
            answer(200, &json!(self.admitted(below).len()))
        } else if below.contains("$deltatoken=latest") {
            let bookmark = format!("{GRAPH}/users/delta?$deltatoken=bookmark");
            answer(200, &json!({"value": [], "@odata.deltaLink": bookmark}))
        } else if below.contains("$deltatoken=") {
            let done = format!("{GRAPH}/users/delta?$deltatoken=done");
            let changes = self.changes.take();
            answer(200, &json!({"value": changes, "@odata.deltaLink": done}))
        } else if below.starts_with("/users?") {
            answer(200, &self.page(url, trouble.as_ref()))
        } else {
            panic!("{url} was asked for")
        }
    }

    /// The people whom the filter of a request lets pass.
    fn admitted(&self, url: &str) -> Vec<u64> {
        let filter = url
            .split(['?', '&'])
            .find_map(|option| option.strip_prefix("$filter="))
            .unwrap_or_default()
            .replace("%20", " ")
            .replace("%3A", ":");
        let people = self.people.borrow();
        let people = people.iter();
        let admitted = people.filter(|(_, created)| admits(&filter, **created));
        admitted.map(|(number, _)| *number).collect()
    }

    fn page(&self, url: &str, trouble: Option<&Trouble>) -> Value {
        let lists = self.lists.get() + 1;
        self.lists.set(lists);
        if let Some((person, page)) = self.comes.get()
            && page == lists
        {
            self.people.borrow_mut().insert(person, Some(NOW + 60));
        }
        if matches!(trouble, Some(Trouble::Empty)) {
            return json!({"value": []});
        }
        let (first, after) = match url.split_once("&$skiptoken=") {
            Some((first, after)) => (first, after.parse().ok()),
            None => (url, None),
        };
        let people = self.admitted(first);
        let mut people = people
            .into_iter()
            .filter(|number| after.is_none_or(|after| *number > after));
        let on_page: Vec<_> = people.by_ref().take(2).collect();
        let mut page =
            json!({"value": on_page.iter().map(|number| person(*number)).collect::<Vec<_>>()});
        if matches!(trouble, Some(Trouble::Circle)) {
            page["@odata.nextLink"] = json!(first);
        } else if let (Some(_), Some(last)) = (people.next(), on_page.last()) {
            page["@odata.nextLink"] = json!(format!("{first}&$skiptoken={last}"));
        }
        page
    }
}

/// `ge`, `le` and `eq null` of one property, as the service has them.
fn admits(filter: &str, created: Option<u64>) -> bool {
    let created = created.map(date_time);
    filter.is_empty()
        || filter.split(" and ").all(|bound| {
            let words: Vec<_> = bound.split(' ').collect();
            let moment = words[2].trim_end_matches('Z');
            match (words[1], &created) {
                ("eq", created) => created.is_none(),
                ("ge", Some(created)) => created.as_str() >= moment,
                ("le", Some(created)) => created.as_str() <= moment,
                (_, None) => false,
                (operator, _) => panic!("{operator} is not served"),
            }
        })
}

pub(super) fn id_of(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

pub(super) fn person(number: u64) -> Value {
    json!({
        "id": id_of(number), "givenName": "Given", "surname": format!("Surname {number}"),
        "companyName": "Contoso", "mobilePhone": "+1 425 555 0100",
        "mail": format!("{number}@contoso.example"),
    })
}

fn answer(status: u16, body: &Value) -> HttpResponse {
    HttpResponse {
        status,
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
    }
}

impl Http for Microsoft<'_> {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        assert_eq!(
            self.under_way.get(),
            0,
            "{} is waited for alone",
            request.url
        );
        Ok(self.answer(&request.url))
    }

    fn begin(&self, request: &HttpRequest) -> Box<dyn Pending + '_> {
        self.under_way.set(self.under_way.get() + 1);
        let most = self.most_under_way.get().max(self.under_way.get());
        self.most_under_way.set(most);
        Box::new(Asked {
            microsoft: self,
            url: request.url.clone(),
            is_taken: false,
        })
    }
}

struct Asked<'h> {
    microsoft: &'h Microsoft<'h>,
    url: String,
    is_taken: bool,
}

impl Pending for Asked<'_> {
    fn finish(mut self: Box<Self>) -> Result<HttpResponse, HttpFailure> {
        self.is_taken = true;
        Ok(self.microsoft.answer(&self.url))
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let microsoft = self.microsoft;
        microsoft.under_way.set(microsoft.under_way.get() - 1);
        let given_up = microsoft.given_up.get() + u32::from(!self.is_taken);
        microsoft.given_up.set(given_up);
    }
}

impl Secrets for Microsoft<'_> {
    fn reveal(&self, _: &str) -> Result<SecretValue, SecretError> {
        Ok(SecretValue::new("secret".to_owned()))
    }
}

impl RunControl for Microsoft<'_> {
    fn log(&self, _: Level, event: &str, fields: &[(&str, String)]) {
        self.log.borrow_mut().push(format!("{event} {fields:?}"));
    }

    fn progress(&self, progress: Progress) -> Directive {
        self.memory.progress(progress)
    }
}
