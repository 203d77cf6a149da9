//! `/directory/deletedItems`: users and groups that can still be restored
//! (<https://learn.microsoft.com/graph/api/directory-deleteditems-list>).

use std::borrow::Cow;

use http::StatusCode;

use super::page;
use super::selection::{Reading, Selection};
use super::service::Service;
use super::users;
use emulated_directory::Record;
use emulated_directory::directory::{ChangeError, Directory, UserState};
use emulated_directory::groups::GroupState;
use emulated_directory::member::GROUP_TYPE;
use emulated_directory::subject::Subject;
use emulated_http::{Call, Reply};
use emulated_identity_platform::Claims;
use emulated_odata::failure::Failure;
use emulated_odata::population::Population;
use emulated_odata::protocol;
use emulated_odata::schema::Schema;

/// Lists the deleted users.
///
/// # Errors
/// Whatever the query options deserve.
pub(super) fn list(service: &Service, call: &Call, claims: &Claims) -> Result<Reply, Failure> {
    users::list(service, call, claims, Population::Deleted)
}

/// One deleted user or group by object id.
///
/// # Errors
/// 404 for one that is not there: never deleted, restored, or gone for good.
pub(super) fn get(
    service: &Service,
    call: &Call,
    claims: &Claims,
    id: &str,
) -> Result<Reply, Failure> {
    protocol::check(&call.query)?;
    let directory = service.directory();
    if let Some(record) = deleted_group(&directory, id) {
        let select = call.query.get("$select");
        let selection = Selection::parse(Schema::Group, select, Reading::Collection, &directory)?;
        return Ok(group_reply(call, &record, &selection));
    }
    let selection = Selection::parse(
        Schema::User,
        call.query.get("$select"),
        Reading::Collection,
        &directory,
    )?;
    selection.check_reach(claims)?;
    let subject = directory
        .ordinal(id)
        .filter(|ordinal| matches!(directory.standing(*ordinal), UserState::Deleted { .. }))
        .and_then(|ordinal| directory.subject(ordinal))
        .ok_or_else(|| Failure::not_found(id))?;
    let context = format!("{}/v1.0/$metadata#directoryObjects/$entity", call.root);
    let object_type = Some("#microsoft.graph.user");
    let body = page::entity(&context, object_type, &subject, &selection, None);
    Ok(protocol::reply(StatusCode::OK, body).with_header("x-ms-resource-unit", "1"))
}

fn deleted_group<'d>(directory: &'d Directory, id: &str) -> Option<Cow<'d, Record>> {
    let groups = directory.groups();
    let ordinal = groups.ordinal(id)?;
    let deleted = groups.standing(ordinal) == GroupState::Deleted;
    deleted.then(|| groups.group(ordinal)).flatten()
}

fn group_reply(call: &Call, record: &Record, selection: &Selection) -> Reply {
    let context = format!("{}/v1.0/$metadata#directoryObjects/$entity", call.root);
    let subject = Subject::Stated(record);
    let body = page::entity(&context, Some(GROUP_TYPE), &subject, selection, None);
    protocol::reply(StatusCode::OK, body).with_header("x-ms-resource-unit", "1")
}

/// Restores a deleted user or group and answers it.
///
/// # Errors
/// 404 for a user that is not there, 400 where its name was given away.
pub(super) fn restore(service: &Service, call: &Call, id: &str) -> Result<Reply, Failure> {
    let now = service.now();
    let group = deleted_group(&service.directory(), id).is_some();
    if group {
        let restored = service.directory_mut().restore_group(id, now);
        restored.map_err(|error| refused(error, id))?;
        let directory = service.directory();
        let ordinal = directory.groups().find(id);
        let record = ordinal.and_then(|ordinal| directory.groups().group(ordinal));
        let record = record.ok_or_else(|| Failure::not_found(id))?;
        return Ok(group_reply(
            call,
            &record,
            &Selection::default_set(Schema::Group),
        ));
    }
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
    let selection = Selection::default_set(Schema::User);
    let body = page::entity(&context, object_type, &subject, &selection, None);
    Ok(protocol::reply(StatusCode::OK, body).with_header("x-ms-resource-unit", "1"))
}

/// Deletes a deleted user or group for good.
///
/// # Errors
/// 404 for one that is not there.
pub(super) fn purge(service: &Service, id: &str) -> Result<Reply, Failure> {
    let now = service.now();
    let mut directory = service.directory_mut();
    if deleted_group(&directory, id).is_some() {
        let purged = directory.purge_group(id, now);
        purged.map_err(|error| refused(error, id))?;
        return Ok(Reply::empty(StatusCode::NO_CONTENT).with_header("x-ms-resource-unit", "1"));
    }
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
        ChangeError::NoSuchUser(_)
        | ChangeError::NoSuchGroup(_)
        | ChangeError::NoSuchContact(_)
        | ChangeError::NoSuchMember(_)
        | ChangeError::IdTaken(_) => Failure::not_found(id),
        ChangeError::Taken { property, .. } => Failure::bad_request(format!(
            "Another object with the same value for property {property} already exists."
        )),
        ChangeError::Invalid(reason) => Failure::bad_request(reason),
    }
}
