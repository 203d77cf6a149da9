//! What was asked and how it was answered: the newest requests, and counts of all.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// How many requests are remembered; counts go on.
const REMEMBERED: usize = 10_000;

/// One answered request. Carries neither bodies nor headers, so no secret.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    /// Its place in the order of all requests, from 1.
    pub number: u64,
    /// When it was answered, by the emulator's clock.
    pub at: String,
    /// The method.
    pub method: String,
    /// Path and query as they were sent.
    pub target: String,
    /// The status of the answer; 0 where the connection was cut instead.
    pub status: u16,
    /// Whether it met an injected fault.
    pub fault: bool,
}

impl RequestRecord {
    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        let split = self.target.split_once('?');
        split.map_or(&*self.target, |(path, _)| path)
    }
}

/// How many requests were answered since the start.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// All of them.
    pub requests: u64,
    /// By method.
    pub methods: BTreeMap<String, u64>,
    /// By the status of the answer; 0 where the connection was cut.
    pub statuses: BTreeMap<u16, u64>,
    /// The most requests over the wire that were being answered at the same time, delays included.
    pub most_at_once: u64,
}

#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    records: VecDeque<RequestRecord>,
    counters: Counters,
    numbered: u64,
    under_way: u64,
}

impl RequestLog {
    /// A request has come over the wire.
    pub(crate) fn begin(&mut self) {
        self.under_way += 1;
        self.counters.most_at_once = self.counters.most_at_once.max(self.under_way);
    }

    /// Its answer leaves, or nobody waits for it any more.
    pub(crate) fn end(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// The number of the request that is being answered.
    pub(crate) fn number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }

    pub(crate) fn record(&mut self, record: RequestRecord) {
        self.counters.requests += 1;
        *self
            .counters
            .methods
            .entry(record.method.clone())
            .or_default() += 1;
        *self.counters.statuses.entry(record.status).or_default() += 1;
        if self.records.len() == REMEMBERED {
            self.records.pop_front();
        }
        self.records.push_back(record);
    }

    pub(crate) fn records(&self) -> Vec<RequestRecord> {
        self.records.iter().cloned().collect()
    }

    pub(crate) fn counters(&self) -> Counters {
        self.counters.clone()
    }

    pub(crate) fn clear(&mut self) {
        *self = Self {
            numbered: self.numbered,
            under_way: self.under_way,
            ..Self::default()
        };
    }
}
