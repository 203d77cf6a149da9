//! Pages: what a request asks of a list, and the tokens that lead from one page to the next.
//!
//! The documents declare one query parameter, `request`, of type object; by the default style of OpenAPI its members
//! are the parameters, as the examples for curl have it. A token is opaque, and belongs to the filters that it came
//! with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emulated_http::Query;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::behaviour::{Behaviour, QueryArrays};
use crate::ids;
use crate::refusal::{Code, Refusal};

/// The most elements of a page (`maximum` of `pageSize`).
const LARGEST_PAGE: usize = 1000;
const CHECK: usize = 8;

/// Where a page begins or ends: places in the order of everything.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
enum Position {
    #[serde(rename = "a")]
    After(u64),
    #[serde(rename = "b")]
    Before(u64),
}

/// What is asked of a list.
pub(crate) struct Asked<'q> {
    query: &'q Query,
    arrays: QueryArrays,
    size: usize,
    position: Position,
    filters: [u8; 32],
}

impl<'q> Asked<'q> {
    /// Reads a query.
    pub(crate) fn read(query: &'q Query, behaviour: &Behaviour) -> Result<Self, Refusal> {
        let filters = filters(query);
        let token = |name: &str, parameter: &str| match query.get(parameter) {
            None => Ok(None),
            Some(token) => match opened(token, &filters) {
                Some(position) => Ok(Some(position)),
                None => Err(Refusal::invalid(name, Code::InvalidFormat)),
            },
        };
        let next = token("nextPageToken", "nextpagetoken")?;
        let previous = token("prevPageToken", "prevpagetoken")?;
        let size = match query.get("pagesize").map(str::parse::<usize>) {
            None => behaviour.default_page_size.clamp(1, LARGEST_PAGE),
            Some(Ok(size)) if (1..=LARGEST_PAGE).contains(&size) => size,
            Some(Ok(_)) => return Err(Refusal::invalid("pageSize", Code::ConstraintViolation)),
            Some(Err(_)) => return Err(Refusal::invalid("pageSize", Code::TypeMismatch)),
        };
        Ok(Self {
            query,
            arrays: behaviour.query_arrays,
            size,
            position: next.or(previous).unwrap_or(Position::After(0)),
            filters,
        })
    }

    /// A filter of one value.
    pub(crate) fn one(&self, name: &str) -> Option<&'q str> {
        self.query.get(&name.to_lowercase())
    }

    /// A filter of several values; `None` where it is not there.
    pub(crate) fn many(&self, name: &str) -> Option<Vec<&'q str>> {
        let name = name.to_lowercase();
        let options = self.query.options();
        let stated = options.filter(|(option, _)| *option == name);
        let mut stated: Vec<&str> = stated.map(|(_, value)| value).collect();
        if self.arrays == QueryArrays::Comma {
            stated.truncate(1);
            stated = stated.iter().flat_map(|value| value.split(',')).collect();
        }
        (!stated.is_empty()).then_some(stated)
    }

    /// A filter of several ids; `None` where it is not there.
    pub(crate) fn ids(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(stated) = self.many(name) else {
            return Ok(None);
        };
        let ids = stated.into_iter().map(|text| {
            ids::canonical(text).ok_or_else(|| Refusal::invalid(name, Code::InvalidFormat))
        });
        ids.collect::<Result<_, _>>().map(Some)
    }

    /// A page of what fits the filters, which is in the order of its places.
    pub(crate) fn page<T>(&self, found: &[(u64, T)], tell: impl Fn(&T) -> Value) -> Value {
        let (first, end) = match self.position {
            Position::After(place) => {
                let first = found.partition_point(|(other, _)| *other <= place);
                (first, found.len().min(first + self.size))
            }
            Position::Before(place) => {
                let end = found.partition_point(|(other, _)| *other < place);
                (end.saturating_sub(self.size), end)
            }
        };
        let shown = found.get(first..end).unwrap_or_default();
        let mut page = Map::new();
        let content = shown.iter().map(|(_, element)| tell(element));
        page.insert("content".to_owned(), content.collect());
        if let Some((last, _)) = shown.last().filter(|_| end < found.len()) {
            page.insert(
                "nextPageToken".to_owned(),
                self.sealed(Position::After(*last)),
            );
        }
        if let Some((begin, _)) = shown.first().filter(|_| first > 0) {
            page.insert(
                "prevPageToken".to_owned(),
                self.sealed(Position::Before(*begin)),
            );
        }
        page.insert("totalElements".to_owned(), json!(found.len()));
        Value::Object(page)
    }

    fn sealed(&self, position: Position) -> Value {
        let state = serde_json::to_vec(&position).unwrap_or_default();
        let mut bytes: Vec<u8> = check(&state, &self.filters)
            .into_iter()
            .take(CHECK)
            .collect();
        bytes.extend(state);
        json!(URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// A digest of everything that is asked for beside the page.
fn filters(query: &Query) -> [u8; 32] {
    let mut hash = Sha256::new();
    for (name, value) in query.options() {
        if !["nextpagetoken", "prevpagetoken", "pagesize"].contains(&name) {
            for part in [name, value] {
                hash.update(part.as_bytes());
                hash.update([0]);
            }
        }
    }
    hash.finalize().into()
}

fn check(state: &[u8], filters: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(filters);
    hash.update(state);
    hash.finalize().into()
}

fn opened(token: &str, filters: &[u8; 32]) -> Option<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (checked, state) = bytes.split_at_checked(CHECK)?;
    if !check(state, filters).starts_with(checked) {
        return None;
    }
    serde_json::from_slice(state).ok()
}
