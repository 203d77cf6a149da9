//! `POST /users` and `DELETE /users/{id}`: accounts that come and go
//! (<https://learn.microsoft.com/graph/api/user-post-users>, <https://learn.microsoft.com/graph/api/user-delete>).

use emulated_directory::writing;
use emulated_directory::{ChangeError, Record, properties};
use emulated_http::{Call, Reply};
use http::StatusCode;
use serde_json::Value;

use super::page;
use super::selection::Selection;
use super::service::Service;
use super::user_update;
use emulated_odata::failure::Failure;
use emulated_odata::protocol;
use emulated_odata::schema::Schema;

const REQUIRED: [&str; 5] = [
    "accountEnabled",
    "displayName",
    "mailNickname",
    "passwordProfile",
    "userPrincipalName",
];

/// Makes a user and answers the default properties.
///
/// # Errors
/// 400 for a property that is missing, unknown or of another kind, and for a name that another has.
pub(super) fn post(service: &Service, call: &Call) -> Result<Reply, Failure> {
    let Ok(Value::Object(body)) = serde_json::from_slice(&call.body) else {
        return Err(Failure::invalid("Unable to read JSON request payload."));
    };
    let mut record = Record::new();
    for (name, value) in body {
        let property = properties::find(&name).ok_or_else(|| {
            Failure::bad_request(format!(
                "Could not find a property named '{name}' on type 'microsoft.graph.user'."
            ))
        })?;
        writing::written(property.name)
            .check(&value)
            .map_err(|_| invalid(property.name))?;
        record.insert(property.name.to_owned(), value);
    }
    if let Some(missing) = REQUIRED.iter().find(|name| !record.contains_key(**name)) {
        let message = "A value is required for property '_' of resource 'User'.";
        return Err(Failure::bad_request(message.replace('_', missing)));
    }
    record.remove("passwordProfile");
    record.entry("userType").or_insert_with(|| "Member".into());
    let added = service.directory_mut().add(record, service.now());
    let id = added.map_err(|error| match error {
        ChangeError::Taken { property, .. } => Failure::conflict(property),
        other => Failure::bad_request(other.to_string()),
    })?;
    let directory = service.directory();
    let subject = directory
        .find(&id)
        .and_then(|ordinal| directory.subject(ordinal))
        .ok_or_else(|| Failure::not_found(&id))?;
    let selection = Selection::default_set(Schema::User);
    let context = format!("{}/$entity", page::context(&call.root, &selection));
    let body = page::entity(&context, None, &subject, &selection, None);
    Ok(protocol::reply(StatusCode::CREATED, body).with_header("x-ms-resource-unit", "1"))
}

fn invalid(name: &str) -> Failure {
    Failure::bad_request(format!(
        "Invalid value specified for property '{name}' of resource 'User'."
    ))
}

/// Moves a user to the deleted items.
///
/// # Errors
/// 404 for nobody, 403 for somebody with a role that the application is not above.
pub(super) fn delete(service: &Service, key: &str) -> Result<Reply, Failure> {
    let behaviour = service.behaviour();
    {
        let directory = service.directory();
        let ordinal = directory.find(key).ok_or_else(|| Failure::not_found(key))?;
        user_update::check_reach(&directory, &behaviour, ordinal)?;
    }
    let deleted = service.directory_mut().delete(key, service.now());
    deleted.map_err(|_| Failure::not_found(key))?;
    Ok(Reply::empty(StatusCode::NO_CONTENT).with_header("x-ms-resource-unit", "1"))
}
