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
    DeletedUsersCount,
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
        ([first, rest @ ..], [name, names @ ..]) => {
            let key = keyed(first, name)?;
            user(rest, names).map(|resource| resource.of(key))
        }
        (_, names) => Err(Failure::unknown_segment(names.first().unwrap_or(&""))),
    }
}

fn users(rest: &[&str], names: &[&str]) -> Result<Resource, Failure> {
    match (rest, names) {
        (["$count"], _) => Ok(Resource::UsersCount),
        (["delta" | "delta()"], _) => Ok(Resource::UsersDelta),
        ([qualified], _) if matches!(unqualified(qualified), Some("delta" | "delta()")) => {
            Ok(Resource::UsersDelta)
        }
        ([cast, rest @ ..], [_, names @ ..]) if is_user(cast) => match rest {
            [] => Ok(Resource::Users),
            _ => users(rest, names),
        },
        // A type that users are not of.
        ([cast, ..], [name, ..]) if unqualified(cast).is_some() => {
            Err(Failure::unknown_segment(name))
        }
        // A user principal name that begins with `$` is only reached as `users('$name')`.
        ([key], _) if key.starts_with('$') => Err(Failure::unknown_segment(key)),
        ([_, rest @ ..], [key, names @ ..]) => {
            user(rest, names).map(|resource| resource.of((*key).to_owned()))
        }
        (_, names) => Err(Failure::unknown_segment(names.last().unwrap_or(&""))),
    }
}

/// What is at a user.
enum AtUser {
    Itself,
    Manager,
}

impl AtUser {
    fn of(self, key: String) -> Resource {
        match self {
            Self::Itself => Resource::User(key),
            Self::Manager => Resource::Manager(key),
        }
    }
}

fn user(rest: &[&str], names: &[&str]) -> Result<AtUser, Failure> {
    match rest {
        [] => Ok(AtUser::Itself),
        [cast] if is_user(cast) => Ok(AtUser::Itself),
        ["manager"] => Ok(AtUser::Manager),
        ["manager", cast] if is_user(cast) => Ok(AtUser::Manager),
        [cast, "manager"] if is_user(cast) => Ok(AtUser::Manager),
        _ => Err(Failure::unknown_segment(names.last().unwrap_or(&""))),
    }
}

/// A name of the service's schema without the schema's own: `microsoft.graph`, or its alias `graph`,
/// which the generated SDKs send.
fn unqualified(segment: &str) -> Option<&str> {
    ["microsoft.graph.", "graph."]
        .iter()
        .find_map(|schema| segment.strip_prefix(schema))
        // What has an `@` is a user's name, whatever it begins with.
        .filter(|name| !name.contains('@'))
}

fn is_user(segment: &str) -> bool {
    unqualified(segment) == Some("user")
}

fn deleted(rest: &[&str], names: &[&str]) -> Result<Resource, Failure> {
    match (rest, names) {
        ([], _) => Err(Failure::bad_request(
            "Listing deleted items needs a type: /directory/deletedItems/microsoft.graph.user.",
        )),
        ([cast], _) if is_user(cast) => Ok(Resource::DeletedUsers),
        ([cast, "$count"], _) if is_user(cast) => Ok(Resource::DeletedUsersCount),
        ([cast, ..], [name, ..]) if unqualified(cast).is_some() => {
            Err(Failure::unknown_segment(name))
        }
        ([_], [id]) => Ok(Resource::DeletedItem((*id).to_owned())),
        ([_, cast], [id, _]) if is_user(cast) => Ok(Resource::DeletedItem((*id).to_owned())),
        ([_, action], [id, _])
            if *action == "restore" || unqualified(action) == Some("restore") =>
        {
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
            "users/graph.delta",
            "users/Graph.delta()",
            "users/graph.user/delta()",
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
            resource("users/graph.o'brien@contoso.com"),
            Ok(Resource::User("graph.o'brien@contoso.com".to_owned()))
        );
        assert_eq!(
            resource("directory/deleteditems/ID/restore"),
            Ok(Resource::RestoreDeletedItem("ID".to_owned()))
        );
    }

    #[test]
    fn a_cast_may_name_the_schema_or_its_alias_and_leads_where_the_path_without_it_does() {
        let user = || Resource::User("ID".to_owned());
        let manager = || Resource::Manager("ID".to_owned());
        for schema in ["microsoft.graph", "graph", "Microsoft.Graph"] {
            for (path, expected) in [
                ("users/@.user", Resource::Users),
                ("users/@.user/$count", Resource::UsersCount),
                ("users/@.user/ID", user()),
                ("users/ID/@.user", user()),
                ("users('ID')/@.user", user()),
                ("users/ID/manager/@.user", manager()),
                ("users/ID/@.user/manager", manager()),
                ("directory/deletedItems/@.user", Resource::DeletedUsers),
                (
                    "directory/deletedItems/@.user/$count",
                    Resource::DeletedUsersCount,
                ),
                (
                    "directory/deletedItems/ID/@.user",
                    Resource::DeletedItem("ID".to_owned()),
                ),
                (
                    "directory/deletedItems/ID/@.restore",
                    Resource::RestoreDeletedItem("ID".to_owned()),
                ),
            ] {
                let path = path.replace('@', schema);
                assert_eq!(resource(&path), Ok(expected), "{path}");
            }
        }
    }

    #[test]
    fn a_segment_that_leads_nowhere_is_named() {
        for (path, segment) in [
            ("users/graph.group", "graph.group"),
            ("users/x/graph.device", "graph.device"),
            ("directory/deletedItems/graph.group", "graph.group"),
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
