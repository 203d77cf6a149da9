//! `/directory/deletedItems`: users that can still be restored
//! (<https://learn.microsoft.com/graph/api/directory-deleteditems-list>).

use http::StatusCode;

use super::failure::Failure;
use super::odata;
use super::page;
use super::population::Population;
use super::selection::{Reading, Selection};
use super::service::Service;
use super::users;
use emulated_directory::directory::{ChangeError, UserState};
use emulated_http::{Call, Reply};
use emulated_identity_platform::Claims;

/// Lists the deleted users.
///
/// # Errors
/// Whatever the query options deserve.
pub(super) fn list(service: &Service, call: &Call, claims: &Claims) -> Result<Reply, Failure> {
    users::list(service, call, claims, Population::Deleted)
}

/// One deleted user by object id.
///
/// # Errors
/// 404 for a user that is not there: never deleted, restored, or gone for good.
pub(super) fn get(
    service: &Service,
    call: &Call,
    claims: &Claims,
    id: &str,
) -> Result<Reply, Failure> {
    odata::check(&call.query)?;
    let directory = service.directory();
    let selection = Selection::parse(call.query.get("$select"), Reading::Collection, &directory)?;
    selection.check_reach(claims)?;
    let subject = directory
        .ordinal(id)
        .filter(|ordinal| matches!(directory.standing(*ordinal), UserState::Deleted { .. }))
        .and_then(|ordinal| directory.subject(ordinal))
        .ok_or_else(|| Failure::not_found(id))?;
    let context = format!("{}/v1.0/$metadata#directoryObjects/$entity", call.root);
    let object_type = Some("#microsoft.graph.user");
    let body = page::entity(&context, object_type, &subject, &selection, None);
    Ok(odata::reply(StatusCode::OK, body).with_header("x-ms-resource-unit", "1"))
}

/// Restores a deleted user and answers it.
///
/// # Errors
/// 404 for a user that is not there, 400 where its name was given away.
pub(super) fn restore(service: &Service, call: &Call, id: &str) -> Result<Reply, Failure> {
    let now = service.now();
    service
        .directory_mut()
        .restore(id, now)
        .map_err(|error| refused(error, id))?;
    let directory = service.directory();
    let subject = directory
        .find(id)
        .and_then(|ordinal| directory.subject(ordinal))
        .ok_or_else(|| Failure::not_found(id))?;
    let context = format!("{}/v1.0/$metadata#directoryObjects/$entity", call.root);
    let object_type = Some("#microsoft.graph.user");
    let selection = Selection::default_set();
    let body = page::entity(&context, object_type, &subject, &selection, None);
    Ok(odata::reply(StatusCode::OK, body).with_header("x-ms-resource-unit", "1"))
}

/// Deletes a deleted user for good.
///
/// # Errors
/// 404 for a user that is not there.
pub(super) fn purge(service: &Service, id: &str) -> Result<Reply, Failure> {
    let now = service.now();
    let mut directory = service.directory_mut();
    let deleted = directory
        .ordinal(id)
        .is_some_and(|ordinal| matches!(directory.standing(ordinal), UserState::Deleted { .. }));
    if !deleted {
        return Err(Failure::not_found(id));
    }
    directory
        .purge(id, now)
        .map_err(|error| refused(error, id))?;
    Ok(Reply::empty(StatusCode::NO_CONTENT).with_header("x-ms-resource-unit", "1"))
}

fn refused(error: ChangeError, id: &str) -> Failure {
    match error {
        ChangeError::NoSuchUser(_) => Failure::not_found(id),
        ChangeError::Taken { property, .. } => Failure::bad_request(format!(
            "Another object with the same value for property {property} already exists."
        )),
        ChangeError::Invalid(reason) => Failure::bad_request(reason),
    }
}
