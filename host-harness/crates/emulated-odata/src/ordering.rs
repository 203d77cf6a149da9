//! `$orderby` and the place where a page ends.
//!
//! Unordered pages follow the order of the directory. Ordered ones keep the smallest entries beyond the last
//! page's end while the population is scanned: no sorted copy of the directory is made or kept.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;
use crate::population::Population;
use crate::schema::Schema;
use emulated_directory::subject::Subject;
use emulated_http::Query;

/// Where a page starts.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Position<K> {
    /// The sort key; empty without an order.
    key: String,
    place: K,
}

/// The order of a list.
#[derive(Clone, Copy, Debug)]
pub struct Ordering {
    property: Option<&'static str>,
    descending: bool,
}

impl Ordering {
    /// Reads `$orderby`.
    ///
    /// # Errors
    /// 400 for a property that the directory does not sort by, or only in an advanced query.
    pub fn parse(
        query: &Query,
        advanced: bool,
        filtered: bool,
        (schema, population): (Schema, Population),
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
        let (by_default, in_advanced_queries) = schema.sortable();
        let find = |names: &[&'static str]| {
            names
                .iter()
                .copied()
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

    /// The place that a scan has to start from; `None` for the beginning.
    pub fn scan_start<K: Copy>(&self, start: Option<&Position<K>>) -> Option<K> {
        match self.property {
            None => start.map(|start| start.place),
            Some(_) => None,
        }
    }

    /// The objects of one page in order, and where the next one starts. `text` is the value of a property
    /// of one of them, in lower case.
    pub fn page<K: Copy + Ord, T>(
        &self,
        candidates: impl Iterator<Item = (K, T)>,
        start: Option<&Position<K>>,
        size: usize,
        text: impl Fn(&T, &str) -> String,
    ) -> (Vec<(K, T)>, Option<Position<K>>) {
        match self.property {
            None => unordered(candidates, size),
            Some(property) => {
                self.ordered(candidates, start, size, |object| text(object, property))
            }
        }
    }

    fn ordered<K: Copy + Ord, T>(
        &self,
        candidates: impl Iterator<Item = (K, T)>,
        start: Option<&Position<K>>,
        size: usize,
        key: impl Fn(&T) -> String,
    ) -> (Vec<(K, T)>, Option<Position<K>>) {
        let before = |one: &Position<K>, other: &Position<K>| {
            if self.descending {
                one > other
            } else {
                one < other
            }
        };
        let mut kept: Vec<(Position<K>, T)> = Vec::with_capacity(size + 1);
        for (place, object) in candidates {
            let position = Position {
                key: key(&object),
                place,
            };
            if start.is_some_and(|start| before(&position, start)) {
                continue;
            }
            let at = kept.partition_point(|(kept, _)| before(kept, &position));
            if at <= size {
                kept.insert(at, (position, object));
                kept.truncate(size + 1);
            }
        }
        let next = kept
            .split_off(kept.len().min(size))
            .pop()
            .map(|(next, _)| next);
        let page = kept
            .into_iter()
            .map(|(position, object)| (position.place, object))
            .collect();
        (page, next)
    }
}

fn unordered<K, T>(
    mut candidates: impl Iterator<Item = (K, T)>,
    size: usize,
) -> (Vec<(K, T)>, Option<Position<K>>) {
    let page: Vec<_> = candidates.by_ref().take(size).collect();
    let next = candidates.next().map(|(place, _)| Position {
        key: String::new(),
        place,
    });
    (page, next)
}

/// The text by which an object is sorted.
pub fn sort_text(subject: &Subject<'_>, property: &str) -> String {
    subject
        .value(property)
        .as_deref()
        .and_then(Value::as_str)
        .map(str::to_lowercase)
        .unwrap_or_default()
}
