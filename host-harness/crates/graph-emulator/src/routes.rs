//! What a Graph path leads to.

use emulated_directory::member::MemberKind;

use super::memberships_of::{Kind, MembershipsOf};
use emulated_odata::failure::Failure;

/// A resource that the emulator serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    Users,
    UsersCount,
    UsersDelta,
    User(String),
    Manager(String),
    ManagerReference(String),
    DirectReports(String),
    Memberships(MembershipsOf),
    Invitations,
    Organizations,
    Organization(String),
    Groups,
    GroupsCount,
    GroupsDelta,
    Group(String),
    Contacts,
    ContactsCount,
    ContactsDelta,
    Contact(String),
    Members(MembersOf),
    MembersCount(MembersOf),
    ObjectsByIds,
    DeletedUsers,
    DeletedUsersCount,
    DeletedGroups,
    DeletedGroupsCount,
    DeletedItem(String),
    RestoreDeletedItem(String),
    Batch,
    Subscriptions,
    Subscription(String),
    Reauthorize(String),
}

/// Which members of which group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MembersOf {
    /// The group's id.
    pub(super) group: String,
    /// Whether those of the groups inside it are meant, too.
    pub(super) transitive: bool,
    /// The only kind that is wanted.
    pub(super) cast: Option<MemberKind>,
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
        (["invitations"], _) => Ok(Resource::Invitations),
        (["subscriptions"], _) => Ok(Resource::Subscriptions),
        (["subscriptions", _], [_, id]) => Ok(Resource::Subscription((*id).to_owned())),
        (["subscriptions", _, action], [_, id, _])
            if *action == "reauthorize" || unqualified(action) == Some("reauthorize") =>
        {
            Ok(Resource::Reauthorize((*id).to_owned()))
        }
        (["organization"], _) => Ok(Resource::Organizations),
        (["organization", _], [_, id]) => Ok(Resource::Organization((*id).to_owned())),
        (["directory", "deleteditems", rest @ ..], [_, _, names @ ..]) => deleted(rest, names),
        (["directoryobjects", action], _)
            if *action == "getbyids" || unqualified(action) == Some("getbyids") =>
        {
            Ok(Resource::ObjectsByIds)
        }
        (["groups"], _) => Ok(Resource::Groups),
        (["groups", rest @ ..], [_, names @ ..]) => groups(rest, names),
        ([first, rest @ ..], [name, names @ ..]) if first.starts_with("groups('") => {
            group(keyed("groups", first, name)?, rest, names)
        }
        (["contacts"], _) => Ok(Resource::Contacts),
        (["contacts", rest @ ..], [_, names @ ..]) => contacts(rest, names),
        ([first, rest @ ..], [name, names @ ..]) if first.starts_with("contacts('") => {
            contact(keyed("contacts", first, name)?, rest, names)
        }
        (["users"], _) => Ok(Resource::Users),
        (["users", rest @ ..], [_, names @ ..]) => users(rest, names),
        ([first, rest @ ..], [name, names @ ..]) => {
            let key = keyed("users", first, name)?;
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

fn groups(rest: &[&str], names: &[&str]) -> Result<Resource, Failure> {
    match (rest, names) {
        (["$count"], _) => Ok(Resource::GroupsCount),
        (["delta" | "delta()"], _) => Ok(Resource::GroupsDelta),
        ([qualified], _) if matches!(unqualified(qualified), Some("delta" | "delta()")) => {
            Ok(Resource::GroupsDelta)
        }
        ([cast, rest @ ..], [_, names @ ..]) if is_group(cast) => match rest {
            [] => Ok(Resource::Groups),
            _ => groups(rest, names),
        },
        ([cast, ..], [name, ..]) if unqualified(cast).is_some() => {
            Err(Failure::unknown_segment(name))
        }
        ([_, rest @ ..], [key, names @ ..]) => group((*key).to_owned(), rest, names),
        (_, names) => Err(Failure::unknown_segment(names.last().unwrap_or(&""))),
    }
}

fn contacts(rest: &[&str], names: &[&str]) -> Result<Resource, Failure> {
    match (rest, names) {
        (["$count"], _) => Ok(Resource::ContactsCount),
        (["delta" | "delta()"], _) => Ok(Resource::ContactsDelta),
        ([qualified], _) if matches!(unqualified(qualified), Some("delta" | "delta()")) => {
            Ok(Resource::ContactsDelta)
        }
        ([cast, ..], [name, ..]) if unqualified(cast).is_some() => {
            Err(Failure::unknown_segment(name))
        }
        ([_, rest @ ..], [key, names @ ..]) => contact((*key).to_owned(), rest, names),
        (_, names) => Err(Failure::unknown_segment(names.last().unwrap_or(&""))),
    }
}

/// What is at an organisational contact.
fn contact(contact: String, rest: &[&str], names: &[&str]) -> Result<Resource, Failure> {
    match rest {
        [] => Ok(Resource::Contact(contact)),
        _ => Err(Failure::unknown_segment(names.last().unwrap_or(&""))),
    }
}

/// What is at a group.
fn group(group: String, rest: &[&str], names: &[&str]) -> Result<Resource, Failure> {
    let unknown = || Failure::unknown_segment(names.last().unwrap_or(&""));
    let rest = match rest {
        [cast, rest @ ..] if is_group(cast) => rest,
        rest => rest,
    };
    let (transitive, rest) = match rest {
        [] => return Ok(Resource::Group(group)),
        ["members", rest @ ..] => (false, rest),
        ["transitivemembers", rest @ ..] => (true, rest),
        _ => return Err(unknown()),
    };
    let (cast, rest) = match rest {
        [name, rest @ ..] if *name != "$count" => {
            let kind = unqualified(name).and_then(MemberKind::named);
            (Some(kind.ok_or_else(unknown)?), rest)
        }
        rest => (None, rest),
    };
    let members = MembersOf {
        group,
        transitive,
        cast,
    };
    match rest {
        [] => Ok(Resource::Members(members)),
        ["$count"] => Ok(Resource::MembersCount(members)),
        _ => Err(unknown()),
    }
}

/// What is at a user.
enum AtUser {
    Itself,
    Manager,
    ManagerReference,
    DirectReports,
    Memberships(Option<Kind>),
}

impl AtUser {
    fn of(self, key: String) -> Resource {
        match self {
            Self::Itself => Resource::User(key),
            Self::Manager => Resource::Manager(key),
            Self::ManagerReference => Resource::ManagerReference(key),
            Self::DirectReports => Resource::DirectReports(key),
            Self::Memberships(cast) => Resource::Memberships(MembershipsOf { user: key, cast }),
        }
    }
}

fn user(rest: &[&str], names: &[&str]) -> Result<AtUser, Failure> {
    match rest {
        [] => Ok(AtUser::Itself),
        [cast] if is_user(cast) => Ok(AtUser::Itself),
        ["manager"] => Ok(AtUser::Manager),
        ["manager", "$ref"] => Ok(AtUser::ManagerReference),
        ["directreports"] => Ok(AtUser::DirectReports),
        ["transitivememberof"] => Ok(AtUser::Memberships(None)),
        ["transitivememberof", cast] if unqualified(cast).and_then(Kind::named).is_some() => {
            Ok(AtUser::Memberships(unqualified(cast).and_then(Kind::named)))
        }
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

fn is_group(segment: &str) -> bool {
    unqualified(segment) == Some("group")
}

fn deleted(rest: &[&str], names: &[&str]) -> Result<Resource, Failure> {
    match (rest, names) {
        ([], _) => Err(Failure::bad_request(
            "Listing deleted items needs a type: /directory/deletedItems/microsoft.graph.user.",
        )),
        ([cast], _) if is_user(cast) => Ok(Resource::DeletedUsers),
        ([cast, "$count"], _) if is_user(cast) => Ok(Resource::DeletedUsersCount),
        ([cast], _) if is_group(cast) => Ok(Resource::DeletedGroups),
        ([cast, "$count"], _) if is_group(cast) => Ok(Resource::DeletedGroupsCount),
        ([cast, ..], [name, ..]) if unqualified(cast).is_some() => {
            Err(Failure::unknown_segment(name))
        }
        ([_], [id]) => Ok(Resource::DeletedItem((*id).to_owned())),
        ([_, cast], [id, _]) if is_user(cast) || is_group(cast) => {
            Ok(Resource::DeletedItem((*id).to_owned()))
        }
        ([_, action], [id, _])
            if *action == "restore" || unqualified(action) == Some("restore") =>
        {
            Ok(Resource::RestoreDeletedItem((*id).to_owned()))
        }
        (_, names) => Err(Failure::unknown_segment(names.last().unwrap_or(&""))),
    }
}

/// The key of `users('key')`; a quote inside is doubled.
fn keyed(set: &str, lower: &str, name: &str) -> Result<String, Failure> {
    let opening = format!("{set}('");
    let inside = lower
        .starts_with(&opening)
        .then(|| name.get(opening.len()..)?.strip_suffix("')"))
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
                (
                    "users/ID/manager/$ref",
                    Resource::ManagerReference("ID".to_owned()),
                ),
                (
                    "users/ID/directReports",
                    Resource::DirectReports("ID".to_owned()),
                ),
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
    fn the_members_of_a_group_are_direct_or_transitive_and_of_one_kind_or_of_all() {
        let members = |transitive, cast| MembersOf {
            group: "ID".to_owned(),
            transitive,
            cast,
        };
        for (path, expected) in [
            ("groups", Resource::Groups),
            ("groups/$count", Resource::GroupsCount),
            ("groups/microsoft.graph.delta()", Resource::GroupsDelta),
            ("groups/ID", Resource::Group("ID".to_owned())),
            ("groups('ID')", Resource::Group("ID".to_owned())),
            ("groups/ID/members", Resource::Members(members(false, None))),
            (
                "groups('ID')/members",
                Resource::Members(members(false, None)),
            ),
            (
                "groups/ID/Members/microsoft.graph.user",
                Resource::Members(members(false, Some(MemberKind::User))),
            ),
            (
                "groups/ID/transitiveMembers/graph.orgContact/$count",
                Resource::MembersCount(members(true, Some(MemberKind::OrgContact))),
            ),
            (
                "groups/ID/transitiveMembers/$count",
                Resource::MembersCount(members(true, None)),
            ),
            ("directoryObjects/getByIds", Resource::ObjectsByIds),
            (
                "directoryObjects/microsoft.graph.getByIds",
                Resource::ObjectsByIds,
            ),
            (
                "directory/deletedItems/microsoft.graph.group",
                Resource::DeletedGroups,
            ),
        ] {
            assert_eq!(resource(path), Ok(expected), "{path}");
        }
    }

    #[test]
    fn organisational_contacts_are_listed_counted_tracked_and_found_by_id() {
        for (path, expected) in [
            ("contacts", Resource::Contacts),
            ("Contacts/$count", Resource::ContactsCount),
            ("contacts/delta", Resource::ContactsDelta),
            ("contacts/microsoft.graph.delta()", Resource::ContactsDelta),
            ("contacts/ID", Resource::Contact("ID".to_owned())),
            ("contacts('ID')", Resource::Contact("ID".to_owned())),
        ] {
            assert_eq!(resource(path), Ok(expected), "{path}");
        }
    }

    #[test]
    fn a_segment_that_leads_nowhere_is_named() {
        for (path, segment) in [
            ("contacts/x/photo", "photo"),
            ("contacts/graph.user", "graph.user"),
            ("users/graph.group", "graph.group"),
            ("users/x/graph.device", "graph.device"),
            ("directory/deletedItems/graph.device", "graph.device"),
            ("devices", "devices"),
            ("groups/graph.user", "graph.user"),
            ("groups/x/owners", "owners"),
            ("groups/x/members/graph.print", "graph.print"),
            ("groups/x/members/graph.user/y", "y"),
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
