//! What a Graph path leads to.

use super::failure::Failure;

/// A resource that the emulator serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    Users,
    UsersCount,
    UsersDelta,
    User(String),
    Manager(String),
    Organizations,
    Organization(String),
    DeletedUsers,
    DeletedItem(String),
    RestoreDeletedItem(String),
    Batch,
}

/// Finds the resource behind the segments after the version, which are decoded.
///
/// # Errors
/// 400 for a segment that leads nowhere, or into what an application cannot reach.
pub(super) fn resolve(segments: &[String]) -> Result<Resource, Failure> {
    let names: Vec<&str> = segments.iter().map(String::as_str).collect();
    let lower: Vec<String> = segments
        .iter()
        .map(|segment| segment.to_lowercase())
        .collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match (&*lower, &*names) {
        ([], _) => Err(Failure::unknown_segment("")),
        (["me", ..], _) => Err(Failure::invalid(
            "/me request is only valid with delegated authentication flow.",
        )),
        (["$batch"], _) => Ok(Resource::Batch),
        (["organization"], _) => Ok(Resource::Organizations),
        (["organization", _], [_, id]) => Ok(Resource::Organization((*id).to_owned())),
        (["directory", "deleteditems", rest @ ..], [_, _, names @ ..]) => deleted(rest, names),
        (["users"], _) => Ok(Resource::Users),
        (["users", rest @ ..], [_, names @ ..]) => users(rest, names),
        ([first], [name]) => keyed(first, name).map(Resource::User),
        ([first, "manager"], [name, _]) => keyed(first, name).map(Resource::Manager),
        (_, names) => Err(Failure::unknown_segment(names.first().unwrap_or(&""))),
    }
}

fn users(rest: &[&str], names: &[&str]) -> Result<Resource, Failure> {
    match (rest, names) {
        (["$count"], _) => Ok(Resource::UsersCount),
        (["delta" | "delta()" | "microsoft.graph.delta" | "microsoft.graph.delta()"], _) => {
            Ok(Resource::UsersDelta)
        }
        // A user principal name that begins with `$` is only reached as `users('$name')`.
        ([key], _) if key.starts_with('$') => Err(Failure::unknown_segment(key)),
        ([_], [key]) => Ok(Resource::User((*key).to_owned())),
        ([_, "manager"], [key, _]) => Ok(Resource::Manager((*key).to_owned())),
        (_, names) => Err(Failure::unknown_segment(names.last().unwrap_or(&""))),
    }
}

fn deleted(rest: &[&str], names: &[&str]) -> Result<Resource, Failure> {
    match (rest, names) {
        ([], _) => Err(Failure::bad_request(
            "Listing deleted items needs a type: /directory/deletedItems/microsoft.graph.user.",
        )),
        (["microsoft.graph.user"], _) => Ok(Resource::DeletedUsers),
        ([kind], [name]) if kind.starts_with("microsoft.graph.") => {
            Err(Failure::unknown_segment(name))
        }
        ([_], [id]) | ([_, "microsoft.graph.user"], [id, _]) => {
            Ok(Resource::DeletedItem((*id).to_owned()))
        }
        ([_, "restore" | "microsoft.graph.restore"], [id, _]) => {
            Ok(Resource::RestoreDeletedItem((*id).to_owned()))
        }
        (_, names) => Err(Failure::unknown_segment(names.last().unwrap_or(&""))),
    }
}

/// The key of `users('key')`; a quote inside is doubled.
fn keyed(lower: &str, name: &str) -> Result<String, Failure> {
    let inside = lower
        .starts_with("users('")
        .then(|| name.get("users('".len()..)?.strip_suffix("')"))
        .flatten();
    inside
        .map(|key| key.replace("''", "'"))
        .ok_or_else(|| Failure::unknown_segment(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(path: &str) -> Result<Resource, Failure> {
        let segments: Vec<_> = path.split('/').map(str::to_owned).collect();
        resolve(&segments)
    }

    #[test]
    fn equal_forms_of_a_path_lead_to_the_same_resource() {
        for path in [
            "users/delta",
            "users/delta()",
            "users/microsoft.graph.delta",
            "users/microsoft.graph.delta()",
            "Users/Delta",
        ] {
            assert_eq!(resource(path), Ok(Resource::UsersDelta), "{path}");
        }
        assert_eq!(
            resource("users/A@b.c"),
            Ok(Resource::User("A@b.c".to_owned()))
        );
        assert_eq!(
            resource("users('$o''b@c.d')/manager"),
            Ok(Resource::Manager("$o'b@c.d".to_owned()))
        );
        assert_eq!(
            resource("directory/deletedItems/microsoft.graph.user"),
            Ok(Resource::DeletedUsers)
        );
        assert_eq!(
            resource("directory/deleteditems/ID/restore"),
            Ok(Resource::RestoreDeletedItem("ID".to_owned()))
        );
    }

    #[test]
    fn a_segment_that_leads_nowhere_is_named() {
        for (path, segment) in [
            ("groups", "groups"),
            ("users/x/photo", "photo"),
            ("users/$x@y.z", "$x@y.z"),
            ("directory/roles", "directory"),
            (
                "directory/deletedItems/microsoft.graph.device",
                "microsoft.graph.device",
            ),
        ] {
            let failure = resource(path).expect_err(path);
            assert_eq!(
                failure.message,
                format!("Resource not found for the segment '{segment}'.")
            );
        }
        assert!(resource("directory/deletedItems").is_err());
        assert!(
            resource("me/memberOf")
                .expect_err("me")
                .message
                .contains("delegated")
        );
    }
}
