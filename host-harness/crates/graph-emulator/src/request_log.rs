//! What was asked and how it was answered: the newest requests, and counts of all.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use emulated_http::Call;

/// How many requests are remembered; counts go on.
const REMEMBERED: usize = 10_000;

/// One answered request. Carries neither bodies nor headers, so no secret and no access token.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    /// Its place in the order of all requests, from 1.
    pub number: u64,
    /// When it was answered, as `2026-01-02T03:04:05Z` by the emulator's clock.
    pub at: String,
    /// The method.
    pub method: String,
    /// Path and query as they were sent.
    pub target: String,
    /// The status of the answer; 0 where the connection was cut instead.
    pub status: u16,
    /// Whether it came inside a `$batch`.
    pub inner: bool,
    /// What it met: `fault` for an injected one, `storm 42, request 17: Throttled` for one that a
    /// storm drew.
    pub trouble: Option<String>,
}

impl RequestRecord {
    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&*self.target, |(path, _)| path)
    }
}

/// How many requests were answered since the start.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// Requests over the wire to the token endpoint, the consent page and Graph; those inside a batch are not
    /// counted, the batch is.
    pub requests: u64,
    /// Of those, requests for a token.
    pub token_requests: u64,
    /// Requests inside batches.
    pub inner_requests: u64,
    /// Answers by status, those inside batches included.
    pub statuses: BTreeMap<u16, u64>,
    /// Updates of users that were taken.
    pub writes: u64,
    /// Of those, the ones that changed nothing.
    pub idle_writes: u64,
    /// The most requests over the wire that were being answered at the same time, delays included.
    pub most_at_once: u64,
}

#[derive(Debug, Default)]
pub(super) struct RequestLog {
    records: VecDeque<RequestRecord>,
    counters: Counters,
    numbered: u64,
    /// Requests that are being answered.
    under_way: u64,
}

impl RequestLog {
    /// A request has come over the wire.
    pub(super) fn begin(&mut self) {
        self.under_way += 1;
        self.counters.most_at_once = self.counters.most_at_once.max(self.under_way);
    }

    /// Its answer leaves, or nobody waits for it any more.
    pub(super) fn end(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// Remembers an answered request and numbers it.
    pub(super) fn record(&mut self, mut record: RequestRecord, token_request: bool) {
        self.numbered += 1;
        record.number = self.numbered;
        if record.inner {
            self.counters.inner_requests += 1;
        } else {
            self.counters.requests += 1;
            self.counters.token_requests += u64::from(token_request);
        }
        *self.counters.statuses.entry(record.status).or_default() += 1;
        if self.records.len() == REMEMBERED {
            self.records.pop_front();
        }
        self.records.push_back(record);
    }

    /// An update of a user was taken.
    pub(super) fn wrote(&mut self, changed: bool) {
        self.counters.writes += 1;
        self.counters.idle_writes += u64::from(!changed);
    }

    pub(super) fn records(&self) -> Vec<RequestRecord> {
        self.records.iter().cloned().collect()
    }

    /// How many requests were ever numbered.
    pub(super) fn numbered(&self) -> u64 {
        self.numbered
    }

    /// The address of the page of a collection that was asked for so many requests before this one:
    /// the oldest remembered one, where there were not so many.
    pub(super) fn page_before(&self, requests: usize, call: &Call) -> String {
        let target = call.target();
        let earlier = self
            .records
            .iter()
            .rev()
            .filter(|record| !record.inner && record.path() == call.path)
            .take(requests)
            .last();
        let target = earlier.map_or(&*target, |record| &*record.target);
        format!("{}{target}", call.root)
    }

    pub(super) fn counters(&self) -> Counters {
        self.counters.clone()
    }

    pub(super) fn clear(&mut self) {
        *self = Self {
            numbered: self.numbered,
            under_way: self.under_way,
            ..Self::default()
        };
    }
}
