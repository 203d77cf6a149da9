//! `GET /users`, `/users/$count` and `/users/{id}`
//! (<https://learn.microsoft.com/graph/api/user-list>, <https://learn.microsoft.com/graph/paging>).
//!
//! The list of deleted users is the same thing over another population. A page is found by scanning
//! on from where the last one ended; nothing is kept between two pages but the token in the
//! client's hand.

use http::StatusCode;
use uuid::Uuid;

use super::expand::ManagerExpansion;
use super::members::Unset;
use super::page::{self, Frame, PageValue};
use super::selection::{Reading, Selection};
use super::service::Service;
use emulated_directory::directory::Directory;
use emulated_directory::subject::Subject;
use emulated_http::{Call, Reply};
use emulated_identity_platform::Claims;
use emulated_odata::failure::Failure;
use emulated_odata::filter::Filter;
use emulated_odata::listing::{self, Criteria, DEFAULT_PAGE, LARGEST_PAGE};
use emulated_odata::ordering::sort_text;
use emulated_odata::population::Population;
use emulated_odata::protocol;
use emulated_odata::schema::Schema;

/// The largest `$top` where sign-ins are selected
/// (<https://learn.microsoft.com/graph/throttling-limits>).
const LARGEST_PAGE_OF_SIGN_INS: usize = 500;
/// The largest page that states managers, whatever `$top` asks for
/// (<https://developer.microsoft.com/graph/known-issues/?search=13635>).
const LARGEST_PAGE_OF_MANAGERS: usize = 100;
const SIGN_IN_ACTIVITY: &str = "signInActivity";

/// Those who may be listed, from an ordinal on: with a period, few others than those who are.
fn candidates<'d>(
    criteria: &Criteria,
    directory: &'d Directory,
    population: Population,
    start: u64,
) -> Box<dyn Iterator<Item = (u64, Subject<'d>)> + 'd> {
    let period = criteria.filter.as_ref().and_then(Filter::period);
    match (population, period) {
        (Population::Live, Some(period)) => Box::new(directory.live_within(period, start)),
        (Population::Live, None) => Box::new(directory.live_from(start)),
        (Population::Deleted, _) => Box::new(directory.deleted_from(start)),
    }
}

fn number(criteria: &Criteria, directory: &Directory, population: Population) -> u64 {
    match (population, criteria.everybody()) {
        (Population::Live, true) => directory.live(),
        (Population::Deleted, true) => directory.deleted(),
        _ => candidates(criteria, directory, population, 0)
            .filter(|(_, subject)| criteria.admits(subject))
            .count() as u64,
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
    protocol::check(query)?;
    listing::refuse_skip(call)?;
    let directory = service.directory();
    let selection = Selection::parse(
        Schema::User,
        query.get("$select"),
        Reading::Collection,
        &directory,
    )?;
    let expansion = ManagerExpansion::parse(call, &directory)?;
    if let Some(expansion) = &expansion {
        expansion.refuse_chain()?;
    }
    check_reach(claims, &selection, expansion.as_ref())?;
    let largest = match selection.has(SIGN_IN_ACTIVITY) {
        true => LARGEST_PAGE_OF_SIGN_INS,
        false => LARGEST_PAGE,
    };
    let size = protocol::page_size(query, DEFAULT_PAGE, largest)?;
    let size = match expansion {
        Some(_) => size.min(LARGEST_PAGE_OF_MANAGERS),
        None => size,
    };
    let counted = protocol::is_counted(query)? && protocol::is_eventual(call);
    let criteria = Criteria::parse(call, counted, (Schema::User, population))?;
    let sealer = service.sealer();
    // Makes a page token one of this list alone.
    let list = match population {
        Population::Live => "users ",
        Population::Deleted => "deleted users ",
    };
    let start = listing::start(&sealer, call, list)?;
    let first_page = start.is_none();

    let from = criteria.ordering.scan_start(start.as_ref()).unwrap_or(0);
    let candidates = candidates(&criteria, &directory, population, from);
    let admitted = candidates.filter(|(_, subject)| criteria.admits(subject));
    let (chosen, next) = criteria
        .ordering
        .page(admitted, start.as_ref(), size, sort_text);
    let behaviour = service.behaviour();
    let mut value = PageValue::with_capacity(chosen.len(), behaviour.unknown_property);
    for (_, subject) in &chosen {
        let manager = expansion
            .as_ref()
            .and_then(|e| e.member(subject, &directory, &behaviour));
        value.push(subject, &selection, Unset::Null, manager.as_deref());
    }
    let next_link = next.map(|at| listing::next_link(&sealer, call, list, at));
    let frame = Frame {
        context: page::context(&call.root, &selection),
        count: (counted && first_page).then(|| number(&criteria, &directory, population)),
        next_link,
        delta_link: None,
    };
    let body = frame.around(&value);
    Ok(protocol::reply(StatusCode::OK, body)
        .with_header("x-ms-resource-unit", &listing::cost(call, 2)))
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

/// `/$count` of a population, in plain text.
///
/// # Errors
/// 400 without `ConsistencyLevel: eventual`.
pub(super) fn count(
    service: &Service,
    call: &Call,
    population: Population,
) -> Result<Reply, Failure> {
    listing::check_count(call)?;
    let criteria = Criteria::parse(call, true, (Schema::User, population))?;
    let count = number(&criteria, &service.directory(), population);
    Ok(listing::count_reply(count))
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
    protocol::check(&call.query)?;
    let directory = service.directory();
    let selection = Selection::parse(
        Schema::User,
        call.query.get("$select"),
        Reading::Single,
        &directory,
    )?;
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
    let context = format!("{}/$entity", page::context(&call.root, &selection));
    let manager = expansion
        .as_ref()
        .and_then(|expansion| expansion.member(&subject, &directory, &service.behaviour()));
    let body = page::entity(&context, None, &subject, &selection, manager.as_deref());
    Ok(protocol::reply(StatusCode::OK, body).with_header("x-ms-resource-unit", "1"))
}
