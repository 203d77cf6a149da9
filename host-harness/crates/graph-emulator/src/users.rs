//! `GET /users`, `/users/$count`, `/users/{id}` and `/users/{id}/manager`
//! (<https://learn.microsoft.com/graph/api/user-list>, <https://learn.microsoft.com/graph/paging>).
//!
//! The list of deleted users is the same thing over another population. A page is found by scanning
//! on from where the last one ended; nothing is kept between two pages but the token in the
//! client's hand.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::expand::ManagerExpansion;
use super::failure::Failure;
use super::filter::Filter;
use super::members::Unset;
use super::odata;
use super::ordering::{Ordering, Position};
use super::page::{self, Frame, PageValue};
use super::population::Population;
use super::search::Search;
use super::selection::{Reading, Selection};
use super::service::Service;
use emulated_directory::directory::Directory;
use emulated_directory::subject::Subject;
use emulated_http::{Call, Reply};
use emulated_identity_platform::Claims;

/// Users a page when `$top` does not say.
const DEFAULT_PAGE: usize = 100;
/// The largest `$top`.
const LARGEST_PAGE: usize = 999;
/// The largest `$top` where sign-ins are selected
/// (<https://learn.microsoft.com/graph/throttling-limits>).
const LARGEST_PAGE_OF_SIGN_INS: usize = 500;
const SIGN_IN_ACTIVITY: &str = "signInActivity";
const TOKEN: &str = "page";

/// What a nextLink carries.
#[derive(Debug, Deserialize, Serialize)]
struct PageToken {
    /// Where the next page starts.
    at: Position,
    /// The first request went to the index, and so must the next.
    eventual: bool,
    /// What decides who is listed: the token is good for that list alone.
    list: String,
}

/// Everything that decides which users a request lists.
struct Criteria {
    filter: Option<Filter>,
    search: Option<Search>,
    ordering: Ordering,
}

impl Criteria {
    fn parse(call: &Call, advanced: bool, population: Population) -> Result<Self, Failure> {
        let query = &call.query;
        let search = match query.filled("$search") {
            Some(_) if !odata::is_eventual(call) => {
                return Err(Failure::unsupported_query(
                    "Request with $search query parameter only works through MSGraph with a \
                     special request header: 'ConsistencyLevel: eventual'",
                ));
            }
            Some(text) => Some(Search::parse(text)?),
            None => None,
        };
        let filter = query
            .filled("$filter")
            .map(|text| Filter::parse(text, advanced))
            .transpose()?;
        let ordering = Ordering::parse(query, advanced, filter.is_some(), population)?;
        Ok(Self {
            filter,
            search,
            ordering,
        })
    }

    fn everybody(&self) -> bool {
        self.filter.is_none() && self.search.is_none()
    }

    fn admits(&self, subject: &Subject<'_>) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| filter.matches(subject))
            && self
                .search
                .as_ref()
                .is_none_or(|search| search.matches(subject))
    }

    /// Those who may be listed, from an ordinal on: with a period, few others than those who are.
    fn candidates<'d>(
        &self,
        directory: &'d Directory,
        population: Population,
        start: u64,
    ) -> Box<dyn Iterator<Item = (u64, Subject<'d>)> + 'd> {
        let period = self.filter.as_ref().and_then(Filter::period);
        match (population, period) {
            (Population::Live, Some(period)) => Box::new(directory.live_within(period, start)),
            (Population::Live, None) => Box::new(directory.live_from(start)),
            (Population::Deleted, _) => Box::new(directory.deleted_from(start)),
        }
    }

    fn count(&self, directory: &Directory, population: Population) -> u64 {
        match (population, self.everybody()) {
            (Population::Live, true) => directory.live(),
            (Population::Deleted, true) => directory.deleted(),
            _ => self
                .candidates(directory, population, 0)
                .filter(|(_, subject)| self.admits(subject))
                .count() as u64,
        }
    }
}

/// Lists users.
///
/// # Errors
/// Whatever the query options deserve.
pub(super) fn list(
    service: &Service,
    call: &Call,
    claims: &Claims,
    population: Population,
) -> Result<Reply, Failure> {
    let query = &call.query;
    odata::check(query)?;
    if query.has("$skip") {
        return Err(Failure::bad_request(
            "'$skip' is not supported by the service.",
        ));
    }
    let directory = service.directory();
    let selection = Selection::parse(query.get("$select"), Reading::Collection, &directory)?;
    let expansion = ManagerExpansion::parse(call, &directory)?;
    check_reach(claims, &selection, expansion.as_ref())?;
    let largest = match selection.has(SIGN_IN_ACTIVITY) {
        true => LARGEST_PAGE_OF_SIGN_INS,
        false => LARGEST_PAGE,
    };
    let size = odata::page_size(query, DEFAULT_PAGE, largest)?;
    let counted = odata::is_counted(query)? && odata::is_eventual(call);
    let criteria = Criteria::parse(call, counted, population)?;
    let list = list_of(call);
    let start = start(service, call, &list)?;
    let first_page = start.is_none();

    let candidates = criteria.candidates(
        &directory,
        population,
        criteria.ordering.scan_start(start.as_ref()),
    );
    let admitted = candidates.filter(|(_, subject)| criteria.admits(subject));
    let (chosen, next) = criteria.ordering.page(admitted, start.as_ref(), size);
    let mut value = PageValue::with_capacity(chosen.len(), service.behaviour().unknown_property);
    for (_, subject) in &chosen {
        let manager = expansion
            .as_ref()
            .and_then(|e| e.member(subject, &directory));
        value.push(subject, &selection, Unset::Null, manager.as_deref());
    }
    let next_link = next.map(|at| {
        let eventual = odata::is_eventual(call);
        let token = PageToken { at, eventual, list };
        let token = service.sealer().seal(TOKEN, &token);
        next_link(call, &token)
    });
    let frame = Frame {
        context: page::users_context(&call.root, &selection),
        count: (counted && first_page).then(|| criteria.count(&directory, population)),
        next_link,
        delta_link: None,
    };
    let body = frame.around(&value);
    Ok(odata::reply(StatusCode::OK, body)
        .with_header("x-ms-resource-unit", &cost(call).to_string()))
}

fn check_reach(
    claims: &Claims,
    selection: &Selection,
    expansion: Option<&ManagerExpansion>,
) -> Result<(), Failure> {
    selection.check_reach(claims)?;
    expansion.map_or(Ok(()), |expansion| {
        expansion.selection().check_reach(claims)
    })
}

/// Which list a request asks for: what its options say of who is on it, and in which order.
fn list_of(call: &Call) -> String {
    let options = ["$filter", "$search", "$orderby"];
    let stated = options.map(|option| call.query.filled(option).unwrap_or_default());
    stated.join("\n").trim().to_owned()
}

/// Where the page starts that a `$skiptoken` asks for. The header that chose the index is not part
/// of a nextLink, so a client that does not send it again asks for a page that does not exist.
fn start(service: &Service, call: &Call, list: &str) -> Result<Option<Position>, Failure> {
    let Some(token) = call.query.get("$skiptoken") else {
        return Ok(None);
    };
    let token: PageToken = service
        .sealer()
        .open(TOKEN, token)
        .ok_or_else(Failure::expired_page_token)?;
    if token.list != list || (token.eventual && !odata::is_eventual(call)) {
        return Err(Failure::expired_page_token());
    }
    Ok(Some(token.at))
}

/// The other query options as they were sent, and the token.
fn next_link(call: &Call, token: &str) -> String {
    let mut options: Vec<String> = call
        .query
        .raw_without(&["$skiptoken"])
        .into_iter()
        .map(str::to_owned)
        .collect();
    options.push(format!("$skiptoken={token}"));
    format!("{}{}?{}", call.root, call.path, options.join("&"))
}

/// Resource units of a list (<https://learn.microsoft.com/graph/throttling-limits>).
fn cost(call: &Call) -> i32 {
    let query = &call.query;
    let small = odata::page_size(query, DEFAULT_PAGE, LARGEST_PAGE).is_ok_and(|size| size < 20);
    let cost = 2 - i32::from(query.has("$select")) + i32::from(query.has("$expand"));
    (cost - i32::from(small)).max(1)
}

/// `/$count` of a population, in plain text.
///
/// # Errors
/// 400 without `ConsistencyLevel: eventual`.
pub(super) fn count(
    service: &Service,
    call: &Call,
    population: Population,
) -> Result<Reply, Failure> {
    odata::check(&call.query)?;
    if !odata::is_eventual(call) {
        return Err(Failure::bad_request("$count is not currently supported."));
    }
    let criteria = Criteria::parse(call, true, population)?;
    let count = criteria.count(&service.directory(), population);
    let reply = Reply::typed(StatusCode::OK, "text/plain", count.to_string().into_bytes());
    Ok(reply
        .with_header("odata-version", "4.0")
        .with_header("x-ms-resource-unit", "1"))
}

/// One user by object id or user principal name.
///
/// # Errors
/// 404 for nobody.
pub(super) fn get(
    service: &Service,
    call: &Call,
    claims: &Claims,
    key: &str,
) -> Result<Reply, Failure> {
    odata::check(&call.query)?;
    let directory = service.directory();
    let selection = Selection::parse(call.query.get("$select"), Reading::Single, &directory)?;
    let expansion = ManagerExpansion::parse(call, &directory)?;
    check_reach(claims, &selection, expansion.as_ref())?;
    if selection.has(SIGN_IN_ACTIVITY) && Uuid::parse_str(key).is_err() {
        return Err(Failure::invalid(
            "Get By Key only supports UserId and the key has to be a valid Guid",
        ));
    }
    let subject = directory
        .find(key)
        .and_then(|ordinal| directory.subject(ordinal))
        .ok_or_else(|| Failure::not_found(key))?;
    let context = format!("{}/$entity", page::users_context(&call.root, &selection));
    let expansion = expansion.as_ref().map(|expansion| (expansion, &*directory));
    let body = page::entity(&context, None, &subject, &selection, expansion);
    Ok(odata::reply(StatusCode::OK, body).with_header("x-ms-resource-unit", "1"))
}

/// The manager of a user.
///
/// # Errors
/// 404 for nobody, and for a user whose manager is not known.
pub(super) fn manager(
    service: &Service,
    call: &Call,
    claims: &Claims,
    key: &str,
) -> Result<Reply, Failure> {
    odata::check(&call.query)?;
    let directory = service.directory();
    let selection = Selection::parse(call.query.get("$select"), Reading::Collection, &directory)?;
    selection.check_reach(claims)?;
    let subject = directory
        .find(key)
        .and_then(|ordinal| directory.subject(ordinal))
        .ok_or_else(|| Failure::not_found(key))?;
    let manager = subject
        .manager()
        .and_then(|id| directory.find(&id))
        .and_then(|ordinal| directory.subject(ordinal))
        .ok_or_else(|| Failure::not_found("manager"))?;
    let context = format!("{}/v1.0/$metadata#directoryObjects/$entity", call.root);
    let object_type = Some("#microsoft.graph.user");
    let body = page::entity(&context, object_type, &manager, &selection, None);
    Ok(odata::reply(StatusCode::OK, body).with_header("x-ms-resource-unit", "1"))
}
