//! Lists read page by page (RFC 7644, sections 3.4.2.4 and 3.4.3).
//!
//! A page is taken for the next one only where it is another: servers exist that send the first page whatever is asked
//! for. Those are asked by `POST /.search`, which some of them read where they do not read the query.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use destination_kit::destination::DestinationError;
use guest_kit::json;
use guest_kit::percent::encode;
use serde_json::Value;

use crate::client::{Client, Failed, unreadable};
use crate::resource::{Resource, member, number};

/// Resources on a page, where the server allows so many: an answer of about 400 kB.
pub(crate) const PAGE: u64 = 200;

/// Pages of one list. More than that is not a list that ends.
const MOST_PAGES: usize = 100_000;

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Users,
    /// Without their members.
    Groups,
}

impl Kind {
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Users => "/Users",
            Self::Groups => "/Groups",
        }
    }

    fn left_out(self) -> Option<&'static str> {
        match self {
            Self::Users => None,
            Self::Groups => Some("members"),
        }
    }
}

/// One answer of several resources.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Listed {
    pub(crate) resources: Vec<Resource>,
    /// How many there are of all pages.
    pub(crate) total: u64,
    start: Option<u64>,
}

impl Listed {
    pub(crate) fn read(body: &[u8]) -> Result<Self, DestinationError> {
        let Some(Value::Object(mut answer)) = json::value(body) else {
            return Err(unreadable());
        };
        let is_list = member(&answer, "schemas")
            .and_then(Value::as_array)
            .is_some_and(|schemas| schemas.iter().any(|schema| schema == LIST))
            || number(&answer, "totalResults").is_some();
        if !is_list {
            return Err(unreadable());
        }
        let mut names = answer.keys();
        let name = names.find(|name| name.eq_ignore_ascii_case("Resources"));
        let listed = match name.cloned().and_then(|name| answer.remove(&name)) {
            Some(Value::Array(listed)) => listed,
            _ => Vec::new(),
        };
        let resources: Vec<_> = listed.into_iter().filter_map(Resource::of).collect();
        let here = resources.len() as u64;
        Ok(Self {
            total: number(&answer, "totalResults").unwrap_or(here),
            start: number(&answer, "startIndex"),
            resources,
        })
    }
}

/// How pages are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    #[default]
    Query,
    Search,
}

/// Lists, with what is known so far of how the server pages them.
pub(crate) struct Paging {
    way: Cell<Way>,
    count: Cell<u64>,
    /// The first resource of the first page of each list.
    first: RefCell<BTreeMap<Kind, String>>,
}

impl Default for Paging {
    fn default() -> Self {
        Self {
            way: Cell::default(),
            count: Cell::new(PAGE),
            first: RefCell::default(),
        }
    }
}

impl Paging {
    /// The server announces that it gives no more than so many at a time (`filter.maxResults`).
    pub(crate) fn at_most(&self, count: u64) {
        self.count.set(count.clamp(1, PAGE));
    }

    /// The resources from a place on, the first being at 1.
    pub(crate) async fn from(
        &self,
        client: &Client<'_>,
        kind: Kind,
        start: u64,
    ) -> Result<Listed, DestinationError> {
        if self.way.get() == Way::Query {
            let listed = self.by_query(client, kind, start).await?;
            if self.is_from(kind, start, &listed) {
                return Ok(listed);
            }
        }
        let listed = match self.by_search(client, kind, start).await {
            Ok(listed) => listed,
            Err(failed) if failed.is_no_such_question() => return Err(stuck()),
            Err(failed) => return Err(failed.of_reading()),
        };
        if !self.is_from(kind, start, &listed) {
            return Err(stuck());
        }
        self.way.set(Way::Search);
        Ok(listed)
    }

    /// Everything there is of a kind.
    pub(crate) async fn every(
        &self,
        client: &Client<'_>,
        kind: Kind,
    ) -> Result<Vec<Resource>, DestinationError> {
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        let mut place = Place::default();
        for _ in 0..MOST_PAGES {
            let listed = self.from(client, kind, place.start).await?;
            let next = place.after(&listed);
            let resources = listed.resources.into_iter();
            all.extend(resources.filter(|resource| seen.insert(resource.id().to_owned())));
            match next {
                Some(next) => place = next,
                None => return Ok(all),
            }
        }
        let what = "a list that does not end";
        Err(DestinationError::Unexpected(what.to_owned()))
    }

    /// Whether it is the page that was asked for: it says so, and does not begin as the first one does.
    fn is_from(&self, kind: Kind, start: u64, listed: &Listed) -> bool {
        let mut first = self.first.borrow_mut();
        let begins_with = listed.resources.first().map(Resource::id);
        if start == 1 {
            if let Some(id) = begins_with {
                first.insert(kind, id.to_owned());
            }
            return true;
        }
        let is_first_again =
            begins_with.is_some() && begins_with == first.get(&kind).map(String::as_str);
        let says_otherwise = listed.start.is_some_and(|told| told != start);
        listed.resources.is_empty() || !(is_first_again || says_otherwise)
    }

    async fn by_query(
        &self,
        client: &Client<'_>,
        kind: Kind,
        start: u64,
    ) -> Result<Listed, DestinationError> {
        let (path, count) = (kind.path(), self.count.get());
        let mut target = format!("{path}?startIndex={start}&count={count}");
        if let Some(attribute) = kind.left_out() {
            target.push_str("&excludedAttributes=");
            target.push_str(attribute);
        }
        let body = client.read(&target).await.map_err(Failed::of_reading)?;
        Listed::read(&body)
    }

    async fn by_search(
        &self,
        client: &Client<'_>,
        kind: Kind,
        start: u64,
    ) -> Result<Listed, Failed> {
        let mut request = vec![
            ("schemas", Value::from(vec![SEARCH])),
            ("startIndex", Value::from(start)),
            ("count", Value::from(self.count.get())),
        ];
        if let Some(attribute) = kind.left_out() {
            request.push(("excludedAttributes", Value::from(vec![attribute])));
        }
        let mut body = serde_json::Map::new();
        json::insert(&mut body, &mut request.into_iter());
        let path = format!("{}/.search", kind.path());
        let body = client.ask(&path, &Value::Object(body)).await?;
        Listed::read(&body).map_err(Failed::Unusable)
    }
}

fn stuck() -> DestinationError {
    let what = "the SCIM server sends its first page for every page, so that not all users can be read; its software \
                has to be put right";
    DestinationError::NeedsAttention(what.to_owned())
}

/// A place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The first being at 1.
    pub(crate) start: u64,
    /// How many there were when the page before was read.
    total: u64,
}

impl Default for Place {
    fn default() -> Self {
        Self { start: 1, total: 0 }
    }
}

impl Place {
    /// Where the page after one begins; `None` after the last. Where there are fewer than before, somebody has been
    /// deleted, and as many have moved up to before this page: it is read once more, from there on.
    pub(crate) fn after(self, listed: &Listed) -> Option<Self> {
        let moved_up = self.total.saturating_sub(listed.total);
        let total = listed.total;
        if moved_up > 0 {
            let start = self.start.saturating_sub(moved_up).max(1);
            return Some(Self { start, total });
        }
        let start = self.start + listed.resources.len() as u64;
        let is_over = listed.resources.is_empty() || start > total;
        (!is_over).then_some(Self { start, total })
    }

    /// As a text.
    pub(crate) fn written(self) -> String {
        format!("{} {}", self.start, self.total)
    }

    /// The place that a text is; the beginning, where it is none.
    pub(crate) fn read(text: &str) -> Self {
        let mut numbers = text.split(' ').map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(start)), Some(Ok(total))) => Self { start, total },
            _ => Self::default(),
        }
    }
}

/// The target of a request for what meets a filter.
pub(crate) fn filtered(kind: Kind, filter: &str, count: u64) -> String {
    let (path, filter) = (kind.path(), encode(filter));
    format!("{path}?count={count}&filter={filter}")
}

/// An attribute that equals a value, as filters write it (RFC 7644, section 3.4.2.2): the value as JSON.
pub(crate) fn equals(attribute: &str, value: &str) -> String {
    format!("{attribute} eq {}", json::to_text(&Value::from(value)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listed(ids: &[&str], total: u64) -> Listed {
        let resources: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
        let body = json!({"totalResults": total, "Resources": resources});
        Listed::read(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn the_next_page_begins_behind_what_came_not_behind_what_was_asked_for() {
        let place = Place::default();
        let next = place.after(&listed(&["a", "b"], 3)).unwrap();
        assert_eq!(next, Place { start: 3, total: 3 });
        assert_eq!(next.after(&listed(&["c"], 3)), None);
        assert_eq!(place.after(&listed(&[], 5)), None);
    }

    #[test]
    fn where_somebody_was_deleted_the_page_is_read_once_more_from_before() {
        let second = Place { start: 3, total: 9 };
        let again = second.after(&listed(&["d", "e"], 8)).unwrap();
        assert_eq!(again, Place { start: 2, total: 8 });
        let next = again.after(&listed(&["c", "d"], 8)).unwrap();
        assert_eq!(next, Place { start: 4, total: 8 });
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let place = Place {
            start: 201,
            total: 1_000,
        };
        assert_eq!(Place::read(&place.written()), place);
        assert_eq!(Place::read("nonsense"), Place::default());
    }

    #[test]
    fn an_answer_that_is_no_list_is_not_an_empty_one() {
        for body in ["", "[]", "{}", "<html>", r#"{"detail": "x"}"#] {
            assert!(Listed::read(body.as_bytes()).is_err(), "{body}");
        }
        let empty = json!({"schemas": [LIST], "totalResults": 0});
        assert_eq!(
            Listed::read(empty.to_string().as_bytes()),
            Ok(Listed::default())
        );
    }

    #[test]
    fn a_value_in_a_filter_cannot_end_it() {
        assert_eq!(
            equals("userName", r#"a" or b"#),
            r#"userName eq "a\" or b""#
        );
    }
}
