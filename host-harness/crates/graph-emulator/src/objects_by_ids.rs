//! `POST /directoryObjects/getByIds` (<https://learn.microsoft.com/graph/api/directoryobject-getbyids>).

use emulated_directory::directory::Directory;
use emulated_directory::member::MemberKind;
use emulated_http::{Call, Reply};
use emulated_identity_platform::Claims;
use http::StatusCode;
use serde::Deserialize;

use super::object_columns::ObjectColumns;
use super::page::{Frame, PageValue};
use super::service::Service;
use emulated_odata::failure::Failure;
use emulated_odata::protocol;

/// The most ids of one request.
const MOST_IDS: usize = 1000;

#[derive(Deserialize)]
struct Wanted {
    ids: Vec<String>,
    #[serde(default)]
    types: Option<Vec<String>>,
}

/// States the live objects of some ids; those that are nobody's are left out.
///
/// # Errors
/// 400 for a body that is none, more than a thousand ids, a type that nothing is of.
pub(super) fn post(service: &Service, call: &Call, claims: &Claims) -> Result<Reply, Failure> {
    protocol::check(&call.query)?;
    let Wanted { ids, types } = serde_json::from_slice(&call.body).map_err(|_| {
        Failure::bad_request("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
    })?;
    if ids.is_empty() || ids.len() > MOST_IDS {
        return Err(Failure::bad_request(format!(
            "Invalid value specified for property 'ids' of resource 'GetByIds'. It takes 1 to \
             {MOST_IDS} ids."
        )));
    }
    let kinds = types.as_deref().map(kinds).transpose()?;
    let directory = service.directory();
    let select = call.query.get("$select");
    let columns = ObjectColumns::parse(select, None, &directory, claims)?;
    let mut value = PageValue::with_capacity(ids.len(), service.behaviour().unknown_property);
    for id in &ids {
        state(&directory, (id, kinds.as_deref()), &columns, &mut value);
    }
    let frame = Frame {
        context: columns.context(&call.root, None),
        ..Frame::default()
    };
    let cost = if select.is_some() { "2" } else { "5" };
    let reply = protocol::reply(StatusCode::OK, frame.around(&value));
    Ok(reply.with_header("x-ms-resource-unit", cost))
}

fn kinds(names: &[String]) -> Result<Vec<MemberKind>, Failure> {
    let mut kinds = Vec::with_capacity(names.len());
    for name in names {
        if name.eq_ignore_ascii_case("directoryObject") {
            return Ok(MemberKind::ALL.to_vec());
        }
        kinds.push(MemberKind::named(name).ok_or_else(|| {
            Failure::bad_request(format!(
                "The type '{name}' is not one that the directory has."
            ))
        })?);
    }
    Ok(kinds)
}

fn state(
    directory: &Directory,
    (id, kinds): (&str, Option<&[MemberKind]>),
    columns: &ObjectColumns<'_>,
    value: &mut PageValue,
) {
    // A name is no id.
    let member = directory.member(id).filter(|_| !id.contains('@'));
    let Some(member) = member else { return };
    let kind = directory.member_kind(member);
    if kinds.is_none_or(|kinds| kinds.contains(&kind))
        && let Some(view) = directory.member_view(member)
    {
        columns.push(directory, (member, &view), value);
    }
}
