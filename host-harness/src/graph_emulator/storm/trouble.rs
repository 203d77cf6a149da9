//! What can happen to a request in a storm, each kind as the fault that does it.

use http::Method;
use serde::{Deserialize, Serialize};

use super::super::exchange::Call;
use super::super::faults::{Fault, Throttle};
use super::super::page_fault::{ItemFault, LinkFault};
use super::dice::Dice;

/// Times to wait as the service states them, in seconds. Fractions have been seen, though RFC 9110
/// (section 10.2.3) knows whole seconds only. All are short: a test waits them out.
const WAITS: [&str; 4] = ["0", "1", "0.128", "1.0"];

/// One kind of trouble.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Trouble {
    /// 429 with `Retry-After` (<https://learn.microsoft.com/graph/throttling>).
    Throttled,
    /// 429 without `Retry-After`, as some resources answer
    /// (<https://learn.microsoft.com/graph/throttling-limits>).
    ThrottledSilently,
    /// A real answer that says how near the limit is: `x-ms-throttle-limit-percentage`
    /// (<https://learn.microsoft.com/graph/throttling-limits>).
    NearTheLimit,
    /// 503, with or without `Retry-After`
    /// (<https://learn.microsoft.com/graph/best-practices-concept>).
    Unavailable,
    /// 500, 502 or 504 (<https://learn.microsoft.com/graph/errors>).
    ServerError,
    /// `Directory_ConcurrencyViolation` with 409 or 503; both have been seen.
    Concurrency,
    /// The connection is cut without an answer.
    ConnectionCut,
    /// The connection is cut within the body.
    BodyCut,
    /// A proxy's page in HTML, with 200 or 502.
    NoJson,
    /// A page without users whose nextLink leads to the page that was asked for: empty pages are
    /// documented (<https://learn.microsoft.com/graph/paging>).
    EmptyPage,
    /// The page comes, and its link leads to it once more under another address.
    PageAgain,
    /// The users of a page in reverse order.
    Reversed,
    /// Every user of a page twice.
    Doubled,
    /// Users of an earlier page once more: replays are documented
    /// (<https://learn.microsoft.com/graph/delta-query-overview>).
    Replayed,
    /// A tombstone before every user that is there.
    TombstonesFirst,
    /// Every user that is gone, before its tombstone.
    TombstonesLast,
    /// 400 `Directory_ExpiredPageToken` for a next page of the list; has been seen.
    PageTokenExpired,
    /// The token of a page or round of changes is not known, with 400 or 410, in either spelling,
    /// with no `Location` (<https://learn.microsoft.com/graph/delta-query-overview>).
    SyncStateLost,
    /// The page has no link and nothing comes after it.
    EndsEarly,
    /// The page is empty, has no link, and nothing comes after it.
    EndsEmpty,
    /// The page states half of its users.
    Halved,
    /// The link leads back to an earlier page.
    Circle,
}

/// What a client owes a trouble.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Nature {
    /// Asking again cures it.
    Passing,
    /// The page is untidy and true: it makes no difference to the outcome.
    Odd,
    /// Asking again does not help; starting over does.
    StartOver,
    /// The page says what is not so. Nobody documents it, and the outcome may be wrong; it must not
    /// do harm.
    Untrue,
}

impl Trouble {
    /// Every kind.
    pub const ALL: [Self; 22] = [
        Self::Throttled,
        Self::ThrottledSilently,
        Self::NearTheLimit,
        Self::Unavailable,
        Self::ServerError,
        Self::Concurrency,
        Self::ConnectionCut,
        Self::BodyCut,
        Self::NoJson,
        Self::EmptyPage,
        Self::PageAgain,
        Self::Reversed,
        Self::Doubled,
        Self::Replayed,
        Self::TombstonesFirst,
        Self::TombstonesLast,
        Self::PageTokenExpired,
        Self::SyncStateLost,
        Self::EndsEarly,
        Self::EndsEmpty,
        Self::Halved,
        Self::Circle,
    ];

    /// The kinds of one nature.
    #[must_use]
    pub fn of(nature: Nature) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|trouble| trouble.nature() == nature)
            .collect()
    }

    /// What a client owes it.
    #[must_use]
    pub fn nature(self) -> Nature {
        match self {
            Self::Throttled
            | Self::ThrottledSilently
            | Self::NearTheLimit
            | Self::Unavailable
            | Self::ServerError
            | Self::Concurrency
            | Self::ConnectionCut
            | Self::BodyCut
            | Self::NoJson => Nature::Passing,
            Self::EmptyPage
            | Self::PageAgain
            | Self::Reversed
            | Self::Doubled
            | Self::Replayed
            | Self::TombstonesFirst
            | Self::TombstonesLast => Nature::Odd,
            Self::PageTokenExpired | Self::SyncStateLost => Nature::StartOver,
            Self::EndsEarly | Self::EndsEmpty | Self::Halved | Self::Circle => Nature::Untrue,
        }
    }

    /// Whether it can happen to a request.
    pub(super) fn fits(self, call: &Call) -> bool {
        let path = call.path.trim_end_matches('/').to_lowercase();
        let of_changes = path.ends_with("/delta") || path.ends_with("delta()");
        let page = call.method == Method::GET && (of_changes || path.ends_with("/users"));
        match self {
            Self::PageTokenExpired => page && !of_changes && call.query.has("$skiptoken"),
            Self::SyncStateLost => {
                of_changes && (call.query.has("$skiptoken") || call.query.has("$deltatoken"))
            }
            Self::TombstonesFirst | Self::TombstonesLast => page && of_changes,
            _ => page || self.nature() == Nature::Passing,
        }
    }

    /// The fault that does it.
    pub(super) fn fault(self, dice: &mut Dice) -> Fault {
        match self {
            Self::Throttled
            | Self::ThrottledSilently
            | Self::Unavailable
            | Self::ServerError
            | Self::Concurrency
            | Self::PageTokenExpired
            | Self::SyncStateLost => self.refusal(dice),
            Self::NearTheLimit => Fault {
                throttle: Some(share_of_limit(dice)),
                ..Fault::default()
            },
            Self::ConnectionCut => Fault {
                drop_connection: true,
                ..Fault::default()
            },
            Self::BodyCut => Fault {
                cut_body_after: Some(dice.below(200)),
                ..Fault::default()
            },
            Self::NoJson => Fault {
                status: dice.one_of(&[200, 502]),
                body: Some("<html><body>The page cannot be displayed.</body></html>".to_owned()),
                content_type: Some("text/html".to_owned()),
                ..Fault::default()
            },
            Self::EmptyPage => Fault {
                empty_page: true,
                ..Fault::default()
            },
            Self::PageAgain => relinked(LinkFault::Fresh),
            Self::Circle => relinked(LinkFault::Back(dice.below(4))),
            Self::EndsEarly => relinked(LinkFault::Missing),
            Self::EndsEmpty => Fault {
                items: vec![ItemFault::Empty],
                ..relinked(LinkFault::Missing)
            },
            Self::Reversed => rearranged(ItemFault::Reversed),
            Self::Doubled => rearranged(ItemFault::Doubled),
            Self::Replayed => rearranged(ItemFault::Replayed(1 + dice.below(3))),
            Self::TombstonesFirst => rearranged(ItemFault::TombstonesFirst),
            Self::TombstonesLast => rearranged(ItemFault::TombstonesLast),
            Self::Halved => rearranged(ItemFault::Halved),
        }
    }

    fn refusal(self, dice: &mut Dice) -> Fault {
        let wait = dice.one_of(&WAITS).map(str::to_owned);
        let (status, code, retry_after) = match self {
            Self::Throttled => (Some(429), None, wait),
            Self::ThrottledSilently => (Some(429), None, None),
            Self::Unavailable => (Some(503), None, wait.filter(|_| dice.below(2) == 0)),
            Self::Concurrency => (
                dice.one_of(&[409, 503]),
                Some("Directory_ConcurrencyViolation"),
                None,
            ),
            Self::PageTokenExpired => (Some(400), Some("Directory_ExpiredPageToken"), None),
            Self::SyncStateLost => (
                dice.one_of(&[400, 410]),
                dice.one_of(&["syncStateNotFound", "SyncStateNotFound"]),
                None,
            ),
            _ => (dice.one_of(&[500, 502, 504]), None, None),
        };
        Fault {
            status,
            code: code.map(str::to_owned),
            retry_after,
            throttle: (status == Some(429)).then(|| share_of_limit(dice)),
            ..Fault::default()
        }
    }
}

/// 0.8 to 1.8, in which range the service states it.
fn share_of_limit(dice: &mut Dice) -> Throttle {
    let tenths = 8 + dice.below(11);
    Throttle {
        limit_percentage: Some(format!("{}.{}", tenths / 10, tenths % 10)),
        ..Throttle::default()
    }
}

fn relinked(link: LinkFault) -> Fault {
    Fault {
        link: Some(link),
        ..Fault::default()
    }
}

fn rearranged(item: ItemFault) -> Fault {
    Fault {
        items: vec![item],
        ..Fault::default()
    }
}
