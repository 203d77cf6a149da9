//! `GET /users/{id}/transitiveMemberOf`, with a cast or without: the groups and the roles of the directory that a
//! user has, directly or through a group
//! (<https://learn.microsoft.com/graph/api/user-list-transitivememberof>).
//!
//! Whoever may read users may ask; of roles, without the permission to read those, there is the type and the id
//! (<https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects>).

use emulated_directory::directory::Directory;
use emulated_directory::member::MemberKind;
use emulated_directory::roles::{ROLE_TYPE, Role};
use emulated_directory::subject::{Subject, TYPE};
use emulated_directory::{Member, Record};
use emulated_http::{Call, Reply};
use emulated_identity_platform::Claims;
use http::StatusCode;
use serde_json::{Value, json};

use super::memberships_of::{Kind, MembershipsOf};
use super::object_columns::ObjectColumns;
use super::page::{Frame, PageValue};
use super::service::Service;
use emulated_odata::failure::Failure;
use emulated_odata::listing::{self, Criteria, DEFAULT_PAGE, LARGEST_PAGE};
use emulated_odata::ordering::sort_text;
use emulated_odata::population::Population;
use emulated_odata::protocol;
use emulated_odata::schema::Schema;

/// What of a role is seen besides its id.
const READ_ROLES: [&str; 4] = [
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Roles come after all groups.
const FIRST_ROLE: u64 = 1 << 48;

/// Lists memberships: groups, then roles.
///
/// # Errors
/// 404 for nobody; whatever the query options deserve; 400 for a cast without `ConsistencyLevel: eventual` and
/// `$count=true`.
pub(super) fn list(
    service: &Service,
    call: &Call,
    claims: &Claims,
    of: &MembershipsOf,
) -> Result<Reply, Failure> {
    let query = &call.query;
    protocol::check(query)?;
    listing::refuse_skip(call)?;
    let directory = service.directory();
    let behaviour = service.behaviour();
    let ordinal = directory
        .find(&of.user)
        .ok_or_else(|| Failure::not_found(&of.user))?;
    let advanced = protocol::is_counted(query)? && protocol::is_eventual(call);
    if of.cast.is_some() && !advanced && !behaviour.casts_by_default {
        return Err(Failure::needs_advanced("OData cast"));
    }
    let kind = (of.cast == Some(Kind::Group)).then_some(MemberKind::Group);
    let columns = ObjectColumns::parse(query.get("$select"), kind, &directory, claims)?;
    let size = protocol::page_size(query, DEFAULT_PAGE, LARGEST_PAGE)?;
    let criteria = Criteria::parse(call, advanced, (Schema::Group, Population::Live))?;
    let sealer = service.sealer();
    let path = format!("{ordinal} memberships {:?} ", of.cast);
    let start = listing::start(&sealer, call, &path)?;
    let first_page = start.is_none();

    let from = criteria.ordering.scan_start(start.as_ref()).unwrap_or(0);
    let all = memberships(&directory, ordinal, of.cast);
    let admitted = || {
        let admits = |(_, record): &(u64, Record)| criteria.admits(&Subject::Stated(record));
        all.iter().filter(move |one| admits(one))
    };
    let count = admitted().count() as u64;
    let candidates = admitted().filter(|(place, _)| *place >= from).cloned();
    let text = |record: &Record, property: &str| sort_text(&Subject::Stated(record), property);
    let (chosen, next) = criteria
        .ordering
        .page(candidates, start.as_ref(), size, text);
    let mut value = PageValue::with_capacity(chosen.len(), behaviour.unknown_property);
    for (place, record) in &chosen {
        let member = Member::Group(*place);
        match directory.member_view(member) {
            Some(view) if *place < FIRST_ROLE => {
                columns.push(&directory, (member, &view), &mut value);
            }
            _ => value.push_record(&role_as_seen(record, call, claims, of.cast)),
        }
    }
    let frame = Frame {
        context: columns.context(&call.root, kind),
        count: (advanced && first_page).then_some(count),
        next_link: next.map(|at| listing::next_link(&sealer, call, &path, at)),
        delta_link: None,
    };
    let reply = protocol::reply(StatusCode::OK, frame.around(&value));
    Ok(reply.with_header("x-ms-resource-unit", &listing::cost(call, 2)))
}

fn memberships(directory: &Directory, user: u64, cast: Option<Kind>) -> Vec<(u64, Record)> {
    let mut all = Vec::new();
    if cast != Some(Kind::Role) {
        let groups = directory.groups();
        let around = groups.around(Member::User(user)).into_iter();
        all.extend(around.filter_map(|group| Some((group, groups.group(group)?.into_owned()))));
    }
    if cast != Some(Kind::Group) {
        let roles = directory.roles_of(user);
        all.extend((FIRST_ROLE..).zip(roles.into_iter().map(stated)));
    }
    all
}

fn stated(role: &'static Role) -> Record {
    Record::from_iter([
        ("id".to_owned(), json!(role.id())),
        ("deletedDateTime".to_owned(), Value::Null),
        ("description".to_owned(), Value::Null),
        ("displayName".to_owned(), json!(role.name)),
        ("roleTemplateId".to_owned(), json!(role.template)),
    ])
}

fn role_as_seen(record: &Record, call: &Call, claims: &Claims, cast: Option<Kind>) -> Record {
    let whole = claims.has_any(&READ_ROLES);
    let mut seen = record.clone();
    if let Some(select) = call.query.filled("$select") {
        let names: Vec<&str> = select.split(',').map(str::trim).collect();
        seen.retain(|name, _| names.iter().any(|wanted| wanted.eq_ignore_ascii_case(name)));
    }
    if !whole {
        for (name, value) in &mut seen {
            if name != "id" {
                *value = Value::Null;
            }
        }
        seen.insert(
            "id".to_owned(),
            record.get("id").cloned().unwrap_or_default(),
        );
    }
    if !whole || cast.is_none() {
        seen.insert(TYPE.to_owned(), json!(ROLE_TYPE));
    }
    seen
}
