//! Operations of a PATCH, as the server performs them.

use serde_json::{Map, Value, json};

use super::behaviour::{Behaviour, TakingOut};
use super::server::{takes_out, term};
use crate::fields::ENTERPRISE;

/// Why not: a `scimType`.
pub(super) struct Refused(pub(super) &'static str);

/// All names of attributes as the standard spells them.
const NAMES: [&str; 26] = [
    "schemas",
    "id",
    "externalId",
    "meta",
    "userName",
    "name",
    "givenName",
    "familyName",
    "formatted",
    "displayName",
    "title",
    "preferredLanguage",
    "active",
    "emails",
    "phoneNumbers",
    "value",
    "type",
    "primary",
    "members",
    "version",
    "created",
    "department",
    "organization",
    "costCenter",
    "nickName",
    ENTERPRISE,
];

/// A body with the names of the standard, however their case was.
pub(super) fn canonical(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let named = members.into_iter().map(|(name, value)| {
                let known = NAMES.iter().find(|known| known.eq_ignore_ascii_case(&name));
                let name = known.map_or(name.clone(), |known| (*known).to_owned());
                (name, canonical(value))
            });
            Value::Object(named.collect())
        }
        Value::Array(elements) => elements.into_iter().map(canonical).collect(),
        other => other,
    }
}

/// All operations, or none.
pub(super) fn patched(
    known: &Map<String, Value>,
    body: &Value,
    behaviour: &Behaviour,
) -> Result<Map<String, Value>, Refused> {
    let mut after = known.clone();
    let operations = body["Operations"]
        .as_array()
        .ok_or(Refused("invalidSyntax"))?;
    for operation in operations {
        let path = operation["path"].as_str().ok_or(Refused("invalidPath"))?;
        let value = canonical(operation["value"].clone());
        match operation["op"].as_str() {
            Some("add") if path == "members" => join(&mut after, &value, behaviour),
            Some("remove") if path.starts_with("members") => {
                leave(&mut after, path, &value, behaviour)?;
            }
            Some("replace") => set(&mut after, path, Some(value)),
            Some("remove") => set(&mut after, path, None),
            _ => return Err(Refused("invalidSyntax")),
        }
    }
    Ok(after)
}

fn set(resource: &mut Map<String, Value>, path: &str, value: Option<Value>) {
    let extension = path
        .strip_prefix(ENTERPRISE)
        .map(|rest| (ENTERPRISE, &rest[1..]));
    let Some((name, part)) = extension.or_else(|| path.split_once('.')) else {
        match value {
            Some(value) => resource.insert(path.to_owned(), value),
            None => resource.remove(path),
        };
        return;
    };
    let inside = resource.entry(name).or_insert_with(|| json!({}));
    let inside = inside.as_object_mut().expect("an attribute with parts");
    match value {
        Some(value) => inside.insert(part.to_owned(), value),
        None => inside.remove(part),
    };
    if inside.is_empty() {
        resource.remove(name);
    }
}

fn members(resource: &mut Map<String, Value>) -> &mut Vec<Value> {
    let members = resource.entry("members").or_insert_with(|| json!([]));
    members.as_array_mut().expect("members")
}

fn join(resource: &mut Map<String, Value>, value: &Value, behaviour: &Behaviour) {
    for member in value.as_array().into_iter().flatten() {
        let members = members(resource);
        let is_in = members
            .iter()
            .any(|known| known["value"] == member["value"]);
        if !is_in || behaviour.joins_twice {
            members.push(member.clone());
        }
    }
}

fn leave(
    resource: &mut Map<String, Value>,
    path: &str,
    value: &Value,
    behaviour: &Behaviour,
) -> Result<(), Refused> {
    let selected = path
        .strip_prefix("members[")
        .and_then(|rest| rest.strip_suffix(']'));
    takes_out(behaviour, selected.is_some())?;
    let members = members(resource);
    match (selected, behaviour.takes_out) {
        (Some(_), TakingOut::Silent) => {}
        (Some(selected), _) => {
            let terms: Vec<_> = selected.split(" or ").map(term).collect();
            members.retain(|member| terms.iter().all(|(_, id)| member["value"] != **id));
        }
        (None, TakingOut::Everybody) => members.clear(),
        (None, _) => {
            let gone = value.as_array().cloned().unwrap_or_default();
            members.retain(|member| gone.iter().all(|gone| gone["value"] != member["value"]));
        }
    }
    Ok(())
}
