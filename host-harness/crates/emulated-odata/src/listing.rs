//! What every list has in common: who is admitted, in which order, where a page starts and what its
//! nextLink carries (<https://learn.microsoft.com/graph/paging>). Nothing is kept between two pages but the
//! token in the client's hand.

use emulated_directory::subject::Subject;
use emulated_http::{Call, Reply};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::filter::Filter;
use crate::opaque::Sealer;
use crate::ordering::{Ordering, Position};
use crate::population::Population;
use crate::protocol;
use crate::schema::Schema;
use crate::search::Search;

/// Objects a page when `$top` does not say.
pub const DEFAULT_PAGE: usize = 100;
/// The largest `$top`.
pub const LARGEST_PAGE: usize = 999;
const TOKEN: &str = "page";

/// Everything that decides which objects a request lists.
pub struct Criteria {
    /// `$filter`.
    pub filter: Option<Filter>,
    search: Option<Search>,
    /// `$orderby`.
    pub ordering: Ordering,
}

impl Criteria {
    /// Reads `$filter`, `$search` and `$orderby`.
    ///
    /// # Errors
    /// 400 for what the directory does not serve, or not without `ConsistencyLevel: eventual`.
    pub fn parse(
        call: &Call,
        advanced: bool,
        (schema, population): (Schema, Population),
    ) -> Result<Self, Failure> {
        let query = &call.query;
        let search = match query.filled("$search") {
            Some(_) if !protocol::is_eventual(call) => {
                return Err(Failure::unsupported_query(
                    "Request with $search query parameter only works through MSGraph with a \
                     special request header: 'ConsistencyLevel: eventual'",
                ));
            }
            Some(text) => Some(Search::parse(schema, text)?),
            None => None,
        };
        let filter = query
            .filled("$filter")
            .map(|text| Filter::parse(schema, text, advanced))
            .transpose()?;
        let filtered = filter.is_some();
        let ordering = Ordering::parse(query, advanced, filtered, (schema, population))?;
        Ok(Self {
            filter,
            search,
            ordering,
        })
    }

    /// Whether nobody is left out.
    pub fn everybody(&self) -> bool {
        self.filter.is_none() && self.search.is_none()
    }

    /// Whether an object is listed.
    pub fn admits(&self, subject: &Subject<'_>) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| filter.matches(subject))
            && self
                .search
                .as_ref()
                .is_none_or(|search| search.matches(subject))
    }
}

/// What a nextLink carries.
#[derive(Debug, Deserialize, Serialize)]
struct PageToken<K> {
    /// Where the next page starts.
    at: Position<K>,
    /// The first request went to the index, and so must the next.
    eventual: bool,
    /// What decides what is listed: the token is good for that list alone.
    list: String,
}

/// Which list a request asks for: what its options say of who is on it, and in which order. `of` is what
/// the path says of that.
fn list_of(call: &Call, of: &str) -> String {
    let options = ["$filter", "$search", "$orderby"];
    let stated = options.map(|option| call.query.filled(option).unwrap_or_default());
    format!("{of}{}", stated.join("\n").trim())
}

/// Where the page starts that a `$skiptoken` asks for. The header that chose the index is not part
/// of a nextLink, so a client that does not send it again asks for a page that does not exist.
///
/// # Errors
/// 400 `Directory_ExpiredPageToken` for a token of another list, or without that header.
pub fn start<K: DeserializeOwned>(
    sealer: &Sealer,
    call: &Call,
    of: &str,
) -> Result<Option<Position<K>>, Failure> {
    let Some(token) = call.query.get("$skiptoken") else {
        return Ok(None);
    };
    let token: PageToken<K> = sealer
        .open(TOKEN, token)
        .ok_or_else(Failure::expired_page_token)?;
    if token.list != list_of(call, of) || (token.eventual && !protocol::is_eventual(call)) {
        return Err(Failure::expired_page_token());
    }
    Ok(Some(token.at))
}

/// The link to the page that starts at a place: the other query options as they were sent, and the token.
pub fn next_link<K: Serialize>(sealer: &Sealer, call: &Call, of: &str, at: Position<K>) -> String {
    let token = PageToken {
        at,
        eventual: protocol::is_eventual(call),
        list: list_of(call, of),
    };
    let token = sealer.seal(TOKEN, &token);
    let mut options: Vec<String> = call
        .query
        .raw_without(&["$skiptoken"])
        .into_iter()
        .map(str::to_owned)
        .collect();
    options.push(format!("$skiptoken={token}"));
    format!("{}{}?{}", call.root, call.path, options.join("&"))
}

/// Refuses `$skip`, which no list of the directory knows.
///
/// # Errors
/// 400 where it is there.
pub fn refuse_skip(call: &Call) -> Result<(), Failure> {
    if call.query.has("$skip") {
        return Err(Failure::bad_request(
            "'$skip' is not supported by the service.",
        ));
    }
    Ok(())
}

/// Resource units of a list that costs `base` without options
/// (<https://learn.microsoft.com/graph/throttling-limits>).
pub fn cost(call: &Call, base: i32) -> String {
    let query = &call.query;
    let small = protocol::page_size(query, DEFAULT_PAGE, LARGEST_PAGE).is_ok_and(|size| size < 20);
    let cost = base - i32::from(query.has("$select")) + i32::from(query.has("$expand"));
    (cost - i32::from(small)).max(1).to_string()
}

/// What `/$count` answers: a number in plain text.
pub fn count_reply(count: u64) -> Reply {
    let reply = Reply::typed(StatusCode::OK, "text/plain", count.to_string().into_bytes());
    reply
        .with_header("odata-version", "4.0")
        .with_header("x-ms-resource-unit", "1")
}

/// Whether `/$count` is answered: only the index counts.
///
/// # Errors
/// 400 without `ConsistencyLevel: eventual`.
pub fn check_count(call: &Call) -> Result<(), Failure> {
    protocol::check(&call.query)?;
    if !protocol::is_eventual(call) {
        return Err(Failure::bad_request("$count is not currently supported."));
    }
    Ok(())
}
