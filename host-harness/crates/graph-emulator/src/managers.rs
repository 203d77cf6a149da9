//! `/users/{id}/manager`, what sets and clears it, and `/users/{id}/directReports`
//! (<https://learn.microsoft.com/graph/api/user-list-manager>,
//! <https://learn.microsoft.com/graph/api/user-post-manager>,
//! <https://learn.microsoft.com/graph/api/user-list-directreports>).

use emulated_directory::Member;
use emulated_directory::directory::{ChangeError, Directory, MemberView};
use emulated_directory::properties::MANAGER;
use emulated_http::{Call, Reply};
use emulated_identity_platform::Claims;
use http::StatusCode;
use serde_json::{Map, Value};

use super::object_columns::ObjectColumns;
use super::page::{self, Frame, PageValue};
use super::selection::{Reading, Selection};
use super::service::Service;
use emulated_odata::failure::Failure;
use emulated_odata::listing::{self, Criteria, DEFAULT_PAGE, LARGEST_PAGE};
use emulated_odata::ordering::sort_text;
use emulated_odata::population::Population;
use emulated_odata::protocol;
use emulated_odata::schema::Schema;

/// The address of an object, from the set on.
const SETS: [&str; 2] = ["/users/", "/directoryObjects/"];

/// The manager of a user.
///
/// # Errors
/// 404 for nobody, and for a user whose manager is not known.
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
        Reading::Collection,
        &directory,
    )?;
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
    Ok(protocol::reply(StatusCode::OK, body).with_header("x-ms-resource-unit", "1"))
}

/// Sets the manager of a user.
///
/// # Errors
/// 404 for nobody, as user or as manager; 400 where the body names no object by its address.
pub(super) fn put(service: &Service, call: &Call, key: &str) -> Result<Reply, Failure> {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let address = body.get("@odata.id").and_then(Value::as_str);
    let manager = address.and_then(named).ok_or_else(|| {
        Failure::bad_request(
            "The body names a manager as {\"@odata.id\": \"https://graph.microsoft.com/v1.0/users/{id}\"}.",
        )
    })?;
    if service.directory().find(&manager).is_none() {
        return Err(Failure::not_found(&manager));
    }
    edit(service, key, Value::from(manager))
}

/// Leaves a user without a manager.
///
/// # Errors
/// 404 for nobody, and for a user who has none.
pub(super) fn delete(service: &Service, key: &str) -> Result<Reply, Failure> {
    let has_one = {
        let directory = service.directory();
        let ordinal = directory.find(key).ok_or_else(|| Failure::not_found(key))?;
        let subject = directory.subject(ordinal);
        subject.is_some_and(|subject| subject.manager().is_some())
    };
    if !has_one {
        return Err(Failure::not_found(MANAGER));
    }
    edit(service, key, Value::Null)
}

fn edit(service: &Service, key: &str, manager: Value) -> Result<Reply, Failure> {
    let change = Map::from_iter([(MANAGER.to_owned(), manager)]);
    let edited = service.directory_mut().edit(key, change, service.now());
    edited.map_err(|error| match error {
        ChangeError::NoSuchUser(_) => Failure::not_found(key),
        other => Failure::bad_request(other.to_string()),
    })?;
    Ok(Reply::empty(StatusCode::NO_CONTENT).with_header("x-ms-resource-unit", "1"))
}

/// The key of the object that an address leads to.
fn named(address: &str) -> Option<String> {
    let key = SETS.iter().find_map(|set| {
        let (_, key) = address.split_once(set)?;
        Some(key)
    })?;
    (!key.is_empty() && !key.contains(['/', '?', '#'])).then(|| key.to_owned())
}

/// Lists those whose manager a user is.
///
/// # Errors
/// 404 for nobody; whatever the query options deserve.
pub(super) fn direct_reports(
    service: &Service,
    call: &Call,
    claims: &Claims,
    key: &str,
) -> Result<Reply, Failure> {
    let query = &call.query;
    protocol::check(query)?;
    listing::refuse_skip(call)?;
    if query.has("$expand") {
        return Err(Failure::unsupported_query(
            "Expand is not supported on direct reports.",
        ));
    }
    let directory = service.directory();
    let manager = id_of(&directory, key)?;
    let advanced = protocol::is_counted(query)? && protocol::is_eventual(call);
    let columns = ObjectColumns::parse(query.get("$select"), None, &directory, claims)?;
    let size = protocol::page_size(query, DEFAULT_PAGE, LARGEST_PAGE)?;
    let criteria = Criteria::parse(call, advanced, (Schema::User, Population::Live))?;
    let sealer = service.sealer();
    let list = format!("{manager} direct reports ");
    let start = listing::start(&sealer, call, &list)?;

    let from = criteria.ordering.scan_start(start.as_ref()).unwrap_or(0);
    let reports = directory.live_from(from).filter(|(_, subject)| {
        let reports = subject
            .manager()
            .is_some_and(|id| id.eq_ignore_ascii_case(&manager));
        reports && criteria.admits(subject)
    });
    let (chosen, next) = criteria
        .ordering
        .page(reports, start.as_ref(), size, sort_text);
    let mut value = PageValue::with_capacity(chosen.len(), service.behaviour().unknown_property);
    for (ordinal, subject) in chosen {
        let view = MemberView::User(subject);
        columns.push(&directory, (Member::User(ordinal), &view), &mut value);
    }
    let frame = Frame {
        context: columns.context(&call.root, None),
        next_link: next.map(|at| listing::next_link(&sealer, call, &list, at)),
        ..Frame::default()
    };
    let reply = protocol::reply(StatusCode::OK, frame.around(&value));
    Ok(reply.with_header("x-ms-resource-unit", &listing::cost(call, 1)))
}

fn id_of(directory: &Directory, key: &str) -> Result<String, Failure> {
    let ordinal = directory.find(key);
    let id = ordinal.and_then(|ordinal| directory.id(ordinal));
    id.map(|id| id.to_lowercase())
        .ok_or_else(|| Failure::not_found(key))
}
