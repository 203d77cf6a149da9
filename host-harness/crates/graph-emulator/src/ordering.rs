//! `$orderby` and the place where a page ends.
//!
//! Unordered pages follow the ordinals. Ordered ones keep the smallest entries beyond the last
//! page's end while the population is scanned: no sorted copy of the directory is made or kept.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::failure::Failure;
use super::population::Population;
use emulated_directory::subject::Subject;
use emulated_http::Query;

/// Where a page starts.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub(super) struct Position {
    /// The sort key; empty without an order.
    key: String,
    ordinal: u64,
}

/// The order of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ordering {
    property: Option<&'static str>,
    descending: bool,
}

impl Ordering {
    /// Reads `$orderby`.
    ///
    /// # Errors
    /// 400 for a property that the directory does not sort by, or only in an advanced query.
    pub(super) fn parse(
        query: &Query,
        advanced: bool,
        filtered: bool,
        population: Population,
    ) -> Result<Self, Failure> {
        let Some(text) = query.filled("$orderby") else {
            return Ok(Self {
                property: None,
                descending: false,
            });
        };
        let unsupported = || Failure::unsupported_query("Sorting not supported for current query.");
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let descending = match words.next() {
            None => false,
            Some(word) if word.eq_ignore_ascii_case("asc") => false,
            Some(word) if word.eq_ignore_ascii_case("desc") => true,
            Some(_) => return Err(unsupported()),
        };
        let by_default = ["displayName", "userPrincipalName"];
        let in_advanced_queries = ["createdDateTime", "deletedDateTime"];
        let find = |names: [&'static str; 2]| {
            names
                .into_iter()
                .find(|known| known.eq_ignore_ascii_case(name))
        };
        let property = match find(by_default) {
            Some(property) if advanced || (!filtered && population == Population::Live) => property,
            Some(_) => return Err(unsupported()),
            None => find(in_advanced_queries)
                .filter(|_| advanced)
                .ok_or_else(unsupported)?,
        };
        if words.next().is_some() {
            return Err(unsupported());
        }
        Ok(Self {
            property: Some(property),
            descending,
        })
    }

    /// The ordinal that a scan has to start from.
    pub(super) fn scan_start(&self, start: Option<&Position>) -> u64 {
        match self.property {
            None => start.map_or(0, |start| start.ordinal),
            Some(_) => 0,
        }
    }

    /// The users of one page in order, and where the next one starts.
    pub(super) fn page<'d>(
        &self,
        candidates: impl Iterator<Item = (u64, Subject<'d>)>,
        start: Option<&Position>,
        size: usize,
    ) -> (Vec<(u64, Subject<'d>)>, Option<Position>) {
        match self.property {
            None => unordered(candidates, size),
            Some(property) => self.ordered(candidates, property, start, size),
        }
    }

    fn ordered<'d>(
        &self,
        candidates: impl Iterator<Item = (u64, Subject<'d>)>,
        property: &str,
        start: Option<&Position>,
        size: usize,
    ) -> (Vec<(u64, Subject<'d>)>, Option<Position>) {
        let before = |one: &Position, other: &Position| {
            if self.descending {
                one > other
            } else {
                one < other
            }
        };
        let mut kept: Vec<(Position, Subject<'d>)> = Vec::with_capacity(size + 1);
        for (ordinal, subject) in candidates {
            let position = Position {
                key: key(&subject, property),
                ordinal,
            };
            if start.is_some_and(|start| before(&position, start)) {
                continue;
            }
            let place = kept.partition_point(|(kept, _)| before(kept, &position));
            if place <= size {
                kept.insert(place, (position, subject));
                kept.truncate(size + 1);
            }
        }
        let next = kept
            .split_off(kept.len().min(size))
            .pop()
            .map(|(next, _)| next);
        let page = kept
            .into_iter()
            .map(|(position, subject)| (position.ordinal, subject))
            .collect();
        (page, next)
    }
}

fn unordered<'d>(
    mut candidates: impl Iterator<Item = (u64, Subject<'d>)>,
    size: usize,
) -> (Vec<(u64, Subject<'d>)>, Option<Position>) {
    let page: Vec<_> = candidates.by_ref().take(size).collect();
    let next = candidates.next().map(|(ordinal, _)| Position {
        key: String::new(),
        ordinal,
    });
    (page, next)
}

fn key(subject: &Subject<'_>, property: &str) -> String {
    subject
        .value(property)
        .as_deref()
        .and_then(Value::as_str)
        .map(str::to_lowercase)
        .unwrap_or_default()
}
