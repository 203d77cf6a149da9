//! What a tenant keeps from an application although it exists: properties that a lowered permission
//! turns to `null` or leaves out for everybody, and people whom only one of two ways leads to.
//!
//! What an application may not read is null, and the status is 200 all the same
//! (<https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects>).
//! That the list and the look-up by id disagree for a while follows from
//! <https://devblogs.microsoft.com/identity/designing-for-eventual-consistency-for-microsoft-entra/>.

use serde_json::{Map, Value};

use super::behaviour::Behaviour;
use super::routes::Resource;
use emulated_http::Reply;
use emulated_odata::failure::Failure;

/// Whether a user is looked up by its id and nobody is to be found there.
///
/// # Errors
/// 404, as for a user that never was.
pub(super) fn check_reach(behaviour: &Behaviour, resource: &Resource) -> Result<(), Failure> {
    match resource {
        Resource::User(key) if names(&behaviour.unreachable_users, key) => {
            Err(Failure::not_found(key))
        }
        _ => Ok(()),
    }
}

/// Takes from an answer what the tenant keeps to itself.
pub(super) fn mask(behaviour: &Behaviour, resource: &Resource, reply: &mut Reply) {
    let collection = matches!(resource, Resource::Users | Resource::UsersDelta);
    let single = matches!(resource, Resource::User(_));
    let hides_people = collection && !behaviour.unlisted_users.is_empty();
    let hides_properties = (collection || single)
        && !(behaviour.nulled_properties.is_empty() && behaviour.withheld_properties.is_empty());
    mask_groups(behaviour, resource, reply);
    if !reply.status.is_success() || !(hides_people || hides_properties) {
        return;
    }
    let Ok(Value::Object(mut body)) = serde_json::from_slice(&reply.body) else {
        return;
    };
    if single {
        cover(behaviour, &mut body);
    } else if let Some(Value::Array(people)) = body.get_mut("value") {
        people.retain(|person| {
            let id = person.get("id").and_then(Value::as_str);
            id.is_none_or(|id| !names(&behaviour.unlisted_users, id))
        });
        for person in people.iter_mut().filter_map(Value::as_object_mut) {
            cover(behaviour, person);
        }
    }
    reply.body = Value::Object(body).to_string().into_bytes();
}

fn mask_groups(behaviour: &Behaviour, resource: &Resource, reply: &mut Reply) {
    let hidden = &behaviour.nulled_group_properties;
    let concerned = matches!(
        resource,
        Resource::Groups | Resource::GroupsDelta | Resource::Group(_)
    );
    if !concerned || hidden.is_empty() || !reply.status.is_success() {
        return;
    }
    let Ok(Value::Object(mut body)) = serde_json::from_slice(&reply.body) else {
        return;
    };
    match body.get_mut("value") {
        Some(Value::Array(groups)) => {
            for group in groups.iter_mut().filter_map(Value::as_object_mut) {
                null(hidden, group);
            }
        }
        _ => null(hidden, &mut body),
    }
    reply.body = Value::Object(body).to_string().into_bytes();
}

/// A collection is never null, but empty.
fn null(properties: &[String], object: &mut Map<String, Value>) {
    for property in properties {
        if let Some(value) = object.get_mut(property) {
            *value = match value {
                Value::Array(_) => Value::Array(Vec::new()),
                _ => Value::Null,
            };
        }
    }
}

fn cover(behaviour: &Behaviour, person: &mut Map<String, Value>) {
    null(&behaviour.nulled_properties, person);
    for property in &behaviour.withheld_properties {
        person.remove(property);
    }
}

fn names(ids: &[String], id: &str) -> bool {
    ids.iter().any(|known| known.eq_ignore_ascii_case(id))
}
