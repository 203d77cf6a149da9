//! The list of users, divided by when accounts were created, so that its parts can be read side by side.
//!
//! Graph has no other property by which everybody can be divided: of those that it filters without its
//! index of advanced queries, `createdDateTime` alone can be compared, by `ge` and `le` and by nothing else
//! (<https://learn.microsoft.com/graph/aad-advanced-queries>; `lt` is refused,
//! <https://github.com/microsoftgraph/microsoft-graph-docs/issues/12688>). Where the bounds lie is found by
//! counting, and counts come from that index, which lags: so they decide how even the parts are, and never
//! who is in them. Together the parts are everybody, whatever was counted: the first has no beginning, the
//! last has no end, each ends a tick before the next one begins, and accounts without a date are one more.

use std::collections::VecDeque;

use guest_kit::calendar::date_time;
use guest_kit::ordered;
use sync_core::mapping::person::PersonKind;

use super::client::Client;
use super::error::GraphError;
use super::link::UNDATED;

/// From so many pages on the list is divided: below, the questions cost what is won.
const FROM_PAGES: u64 = 10;
/// Pages of a part, at least, as far as counts tell.
const PAGES: u64 = 3;
/// Parts that are aimed at: more than are read at a time, so that all of them come to their end at about
/// the same time.
const PARTS: u64 = 16;
/// Questions for counts beside the first ones. An import of many accounts within seconds would take dozens
/// to divide.
const MOST_QUESTIONS: usize = 48;
/// Into so many a span is divided at a time, at most.
const MOST_PIECES: u64 = 8;

const YEAR: u64 = 365 * 24 * 60 * 60;
/// The first bounds, in years before now: a directory has more young accounts than old ones.
const FIRST_BOUNDS: [u64; 3] = [6, 3, 1];
/// 2000-01-01: no cloud directory is older.
const OLDEST: u64 = 946_684_800;

/// Accounts created from a second on and before another, in seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    from: Option<u64>,
    until: Option<u64>,
    /// As counted.
    people: u64,
}

impl Span {
    /// As the service takes it. The last moment before a second is a tick of 100 ns before it, the finest
    /// that the service writes: whether or not it keeps fractions, nobody is between two spans or in both.
    fn filter(&self) -> String {
        let from = self.from.map(|from| {
            let from = date_time(from);
            format!("createdDateTime ge {from}Z")
        });
        let until = self.until.map(|until| {
            let last = date_time(until.saturating_sub(1));
            format!("createdDateTime le {last}.9999999Z")
        });
        let bounds: Vec<_> = from.into_iter().chain(until).collect();
        bounds.join(" and ")
    }

    /// Those of them who were created before a second.
    fn before(&self, until: u64) -> Self {
        Self {
            from: self.from,
            until: Some(until),
            people: 0,
        }
    }

    /// Seconds that cut it into as many pieces, of the same length, as it has shares and one more. None where
    /// it has no more than one share, or is a second long.
    fn cuts(&self, share: u64, now: u64) -> Vec<u64> {
        let from = self.from.unwrap_or(OLDEST);
        let length = self.until.unwrap_or(now).saturating_sub(from);
        if self.people <= share {
            return Vec::new();
        }
        let pieces = (self.people / share.max(1) + 1)
            .min(MOST_PIECES)
            .min(length);
        let cut = |piece| from + length / pieces * piece;
        (1..pieces).map(cut).collect()
    }

    /// In pieces, where so many were created before each of the cuts.
    fn divided(self, counts: impl Iterator<Item = (u64, u64)>) -> impl Iterator<Item = Self> {
        let mut pieces = Vec::new();
        let mut rest = self;
        let mut counted = 0;
        for (cut, before) in counts {
            // What lags may say less of a longer time.
            let people = before.saturating_sub(counted).min(rest.people);
            counted = counted.max(before);
            pieces.push(Self {
                people,
                ..rest.before(cut)
            });
            rest.people -= people;
            rest.from = Some(cut);
        }
        pieces.push(rest);
        pieces.into_iter()
    }
}

impl Client<'_> {
    /// The bounds of the partitions of a list of so many people, the largest first; empty where it is too
    /// short for it, or most accounts have no date. With `expands`, where any has none: those are found in the
    /// index alone, which expands nothing.
    ///
    /// # Errors
    ///
    /// Where the service does not count: see [`GraphError`].
    pub fn partitions(&self, people: u64, expands: bool) -> Result<Vec<String>, GraphError> {
        let page = u64::from(self.users_a_page).max(1);
        let pages = people / page;
        if pages < FROM_PAGES {
            return Ok(Vec::new());
        }
        let now = self.exchange().now().0 / 1_000;
        let undated = if expands { 0 } else { people / 2 };
        let Some(spans) = self.first_spans(people, undated, now)? else {
            return Ok(Vec::new());
        };
        let parts = (pages / PAGES).clamp(2, PARTS);
        let share = people.div_ceil(parts);
        let spans = self.divide(spans, share, now)?;
        let mut spans = together(spans, share);
        if spans.len() < 2 {
            return Ok(Vec::new());
        }
        ordered::sort_by(&mut spans, |left, right| right.people.cmp(&left.people));
        let dated = spans.iter().map(Span::filter);
        Ok(dated.chain([UNDATED.to_owned()]).collect())
    }

    /// Everybody with a date, in a few spans. `None` where more have none than may be.
    fn first_spans(
        &self,
        people: u64,
        most_undated: u64,
        now: u64,
    ) -> Result<Option<Vec<Span>>, GraphError> {
        let mut dated = Span {
            from: None,
            until: None,
            people,
        };
        let cuts = FIRST_BOUNDS.map(|years| now.saturating_sub(years * YEAR));
        let before = cuts.iter().map(|cut| dated.before(*cut).filter());
        let questions: Vec<_> = before.chain([UNDATED.to_owned()]).collect();
        let mut counts = self.counts(&questions)?;
        let undated = counts.pop().unwrap_or_default();
        if undated > most_undated {
            return Ok(None);
        }
        dated.people -= undated;
        let spans = dated.divided(cuts.into_iter().zip(counts));
        Ok(Some(spans.collect()))
    }

    /// Divides what has more than its share, as long as that can be asked.
    fn divide(&self, mut spans: Vec<Span>, share: u64, now: u64) -> Result<Vec<Span>, GraphError> {
        let mut left = MOST_QUESTIONS;
        loop {
            let mut questions = Vec::new();
            let mut all_cuts = Vec::with_capacity(spans.len());
            for span in &spans {
                let mut cuts = span.cuts(share, now);
                cuts.truncate(left);
                left -= cuts.len();
                questions.extend(cuts.iter().map(|cut| span.before(*cut).filter()));
                all_cuts.push(cuts);
            }
            if questions.is_empty() {
                return Ok(spans);
            }
            let mut counts = self.counts(&questions)?.into_iter();
            let mut divided = Vec::with_capacity(spans.len() + questions.len());
            for (span, cuts) in spans.into_iter().zip(all_cuts) {
                divided.extend(span.divided(cuts.into_iter().zip(counts.by_ref())));
            }
            spans = divided;
        }
    }

    /// How many people each of the filters lets pass, asked side by side.
    fn counts(&self, filters: &[String]) -> Result<Vec<u64>, GraphError> {
        let mut counts = Vec::with_capacity(filters.len());
        let mut under_way = VecDeque::new();
        let mut filters = filters.iter();
        loop {
            while under_way.len() < self.at_once()
                && let Some(filter) = filters.next()
            {
                under_way.push_back(self.begin_count(PersonKind::User, Some(filter)));
            }
            match under_way.pop_front() {
                Some(counting) => counts.push(self.counted(counting)?),
                None => return Ok(counts),
            }
        }
    }
}

/// Neighbours that have no more than one share together become one.
fn together(spans: Vec<Span>, share: u64) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(before) if before.people.saturating_add(span.people) <= share => {
                before.until = span.until;
                before.people += span.people;
            }
            _ => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
