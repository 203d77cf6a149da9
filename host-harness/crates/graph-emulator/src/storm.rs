//! Bad weather from a seed: every request may meet a fault that nobody scripted.
//!
//! Which trouble the n-th request meets follows from the seed and from n alone, so that a history
//! that failed is replayed by its seed. Requests are counted from 1 since the storm began, those
//! inside a batch included; each record of the request log says what its request met, and under
//! which seed. A trouble that the request cannot have (a page's, where no page was asked for) is
//! none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::faults::Fault;
use super::page_fault::{Items, Links};
use emulated_directory::rng::Draws;
use emulated_http::Call;
use emulator_controls::bounds::{header, within};

/// How often each trouble comes where nobody says, in a thousand requests.
const USUAL_RATE: u32 = 5;

/// One kind of trouble.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Trouble {
    /// 429 with a `Retry-After` of the storm's.
    Throttled,
    /// 429 without `Retry-After`: some resources send none
    /// (<https://learn.microsoft.com/graph/throttling-limits>).
    ThrottledWithoutTime,
    /// 429 with a `Retry-After` of an hour.
    ThrottledForLong,
    /// The real answer, and headers that say that the limit is near
    /// (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>).
    NearTheLimit,
    /// 503, with or without a `Retry-After` of the storm's
    /// (<https://learn.microsoft.com/graph/best-practices-concept>).
    Unavailable,
    /// 500, 502 or 504 (<https://learn.microsoft.com/graph/errors>).
    ServerError,
    /// 409 `Directory_ConcurrencyViolation`, which means: again, later.
    Conflict,
    /// 401: the access token is no longer accepted.
    TokenRefused,
    /// The delta token is lost: 400, 404 or 410, in either spelling
    /// (<https://learn.microsoft.com/graph/delta-query-overview#synchronization-reset>).
    DeltaTokenLost,
    /// 400 `Directory_ExpiredPageToken` on a later page of the list.
    PageTokenLost,
    /// The connection is cut instead of an answer.
    ConnectionCut,
    /// The connection is cut in the middle of the body.
    BodyCut,
    /// 200 with a page for people to read, as a gateway's.
    NotJson,
    /// A page without people that leads to itself.
    EmptyPage,
    /// The same page twice, under two addresses.
    PageTwice,
    /// Each person of a page twice.
    PeopleTwice,
    /// A page in the opposite order.
    OppositeOrder,
    /// On a page of changes, a stale statement before each that contradicts it.
    StaleStatements,
    /// A page that leads back to itself, or one or two pages before it.
    BackLink,
    /// A list that ends early: some people of a page, and no link.
    ListCut,
    /// A page of changes with neither nextLink nor deltaLink.
    RoundCut,
}

/// A storm.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Storm {
    /// Where all draws come from.
    pub seed: u64,
    /// How often each trouble comes, in a thousand requests; one that is not named never does. What
    /// is beyond a thousand in all is cut off.
    pub rates: BTreeMap<Trouble, u32>,
    /// The values of `Retry-After` that are drawn from.
    pub retry_after: Vec<String>,
    /// After how many requests it is over; without it, never.
    pub requests: Option<u64>,
}

impl Storm {
    /// Checks that it can come as it is said.
    ///
    /// # Errors
    ///
    /// What cannot, in a sentence.
    pub(super) fn check(&self) -> Result<(), String> {
        for rate in self.rates.values() {
            within("a rate", (*rate).into(), 0..=1_000)?;
        }
        if let Some(requests) = self.requests {
            within("requests", requests, 1..=u64::MAX)?;
        }
        let mut values = self.retry_after.iter();
        values.try_for_each(|value| header("retry-after", value))
    }
}

impl Default for Storm {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Trouble {
    /// Every kind.
    pub const ALL: [Self; 21] = [
        Self::Throttled,
        Self::ThrottledWithoutTime,
        Self::ThrottledForLong,
        Self::NearTheLimit,
        Self::Unavailable,
        Self::ServerError,
        Self::Conflict,
        Self::TokenRefused,
        Self::DeltaTokenLost,
        Self::PageTokenLost,
        Self::ConnectionCut,
        Self::BodyCut,
        Self::NotJson,
        Self::EmptyPage,
        Self::PageTwice,
        Self::PeopleTwice,
        Self::OppositeOrder,
        Self::StaleStatements,
        Self::BackLink,
        Self::ListCut,
        Self::RoundCut,
    ];

    /// Whether the answer looks right and does not tell the truth: a client notices only if it
    /// doubts a round that seems complete, or counts links.
    #[must_use]
    pub fn deceives(self) -> bool {
        matches!(self, Self::BackLink | Self::ListCut | Self::RoundCut)
    }

    fn concerns(self, call: &Call) -> bool {
        let path = call.path.to_ascii_lowercase();
        let list = [
            "/users",
            "/groups",
            "/members",
            "/transitivemembers",
            "/members/microsoft.graph.user",
            "/transitivemembers/microsoft.graph.user",
            "/deleteditems/microsoft.graph.user",
            "/deleteditems/microsoft.graph.group",
        ]
        .iter()
        .any(|end| path.ends_with(end));
        let sets = ["/users/", "/groups/"].iter().any(|set| path.contains(set));
        let changes = sets && path.contains("delta");
        let later = call.query.has("$skiptoken");
        match self {
            Self::DeltaTokenLost => {
                let token = call.query.filled("$deltatoken");
                changes && (later || token.is_some_and(|token| token != "latest"))
            }
            Self::PageTokenLost => list && later,
            Self::EmptyPage
            | Self::PageTwice
            | Self::PeopleTwice
            | Self::OppositeOrder
            | Self::BackLink => list || changes,
            Self::ListCut => list,
            Self::StaleStatements | Self::RoundCut => changes,
            Self::NearTheLimit | Self::TokenRefused => !path.ends_with("/oauth2/v2.0/token"),
            _ => true,
        }
    }
}

impl Storm {
    /// A storm of every trouble, each as rare as usual.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self::only(seed, Trouble::ALL, USUAL_RATE)
    }

    /// A storm of some troubles, each so often in a thousand requests.
    #[must_use]
    pub fn only(seed: u64, troubles: impl IntoIterator<Item = Trouble>, rate: u32) -> Self {
        Self {
            seed,
            rates: troubles
                .into_iter()
                .map(|trouble| (trouble, rate))
                .collect(),
            retry_after: ["1", "0.25", "2.128"].map(str::to_owned).to_vec(),
            requests: None,
        }
    }

    /// What a request meets.
    fn draw(&self, number: u64, call: &Call) -> Option<(Trouble, Fault)> {
        let mut draws = Draws::of(self.seed, number);
        let mut left = draws.below(1000);
        let trouble = self.rates.iter().find_map(|(trouble, rate)| {
            let met = left < *rate;
            left = left.saturating_sub(*rate);
            met.then_some(*trouble)
        })?;
        trouble
            .concerns(call)
            .then(|| (trouble, self.fault(trouble, &mut draws)))
    }

    fn fault(&self, trouble: Trouble, draws: &mut Draws) -> Fault {
        let status = |status| Fault {
            status: Some(status),
            ..Fault::default()
        };
        let page = |items, links| Fault {
            items,
            links,
            ..Fault::default()
        };
        let few = draws.below(3) as usize;
        match trouble {
            Trouble::Throttled => Fault {
                retry_after: self.wait(draws),
                ..status(429)
            },
            Trouble::ThrottledWithoutTime => status(429),
            Trouble::ThrottledForLong => Fault {
                retry_after: Some("3600".to_owned()),
                ..status(429)
            },
            Trouble::NearTheLimit => near_the_limit(draws),
            Trouble::Unavailable => Fault {
                retry_after: self.wait(draws).filter(|_| few == 0),
                ..status(503)
            },
            Trouble::ServerError => status(draws.pick(&[500, 502, 504]).copied().unwrap_or(500)),
            Trouble::Conflict => status(409),
            Trouble::TokenRefused => status(401),
            Trouble::DeltaTokenLost => {
                let codes = ["syncStateNotFound", "SyncStateNotFound"].map(str::to_owned);
                Fault {
                    code: draws.pick(&codes).cloned(),
                    ..status(draws.pick(&[400, 404, 410]).copied().unwrap_or(410))
                }
            }
            Trouble::PageTokenLost => Fault {
                code: Some("Directory_ExpiredPageToken".to_owned()),
                ..status(400)
            },
            Trouble::ConnectionCut => Fault {
                drop_connection: true,
                ..Fault::default()
            },
            Trouble::BodyCut => Fault {
                cut_after: Some(draws.below(200) as usize),
                ..Fault::default()
            },
            Trouble::NotJson => Fault {
                body: Some("<html><body>The gateway is busy.</body></html>".to_owned()),
                ..Fault::default()
            },
            Trouble::EmptyPage => page(Items::Removed, Links::Back(0)),
            Trouble::PageTwice => page(Items::Kept, Links::Renewed),
            Trouble::PeopleTwice => page(Items::Twice, Links::Kept),
            Trouble::OppositeOrder => page(Items::Reversed, Links::Kept),
            Trouble::StaleStatements => page(Items::Contradicted, Links::Kept),
            Trouble::BackLink => page(Items::Kept, Links::Back(few)),
            Trouble::ListCut => page(Items::First(few), Links::Removed),
            Trouble::RoundCut => page(Items::Kept, Links::Removed),
        }
    }

    fn wait(&self, draws: &mut Draws) -> Option<String> {
        draws.pick(&self.retry_after).cloned()
    }
}

/// The percentage is stated from 0.8 on; at 1.0 throttling begins.
fn near_the_limit(draws: &mut Draws) -> Fault {
    let percentage = 80 + draws.below(101);
    let value = format!("{}.{:02}", percentage / 100, percentage % 100);
    Fault {
        headers: [("x-ms-throttle-limit-percentage".to_owned(), value)].into(),
        ..Fault::default()
    }
}

/// The storm that is on, and how far it has come.
#[derive(Debug, Default)]
pub(super) struct Weather {
    storm: Option<Storm>,
    requests: u64,
}

impl Weather {
    /// Begins a storm, or ends the one that is on.
    pub(super) fn turn(&mut self, storm: Option<Storm>) {
        *self = Self { storm, requests: 0 };
    }

    pub(super) fn storm(&self) -> Option<Storm> {
        self.storm.clone()
    }

    /// What the next request meets, and how the log names it.
    pub(super) fn meet(&mut self, call: &Call) -> Option<(Fault, String)> {
        let storm = self.storm.as_ref()?;
        self.requests += 1;
        let number = self.requests;
        if storm.requests.is_some_and(|most| number > most) {
            return None;
        }
        let (trouble, fault) = storm.draw(number, call)?;
        let name = format!("storm {}, request {number}: {trouble:?}", storm.seed);
        Some((fault, name))
    }
}
