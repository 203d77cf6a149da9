//! `GET /groups/{id}/members` and `/transitiveMembers`, with a cast or without, and their `/$count`
//! (<https://learn.microsoft.com/graph/api/group-list-members>,
//! <https://learn.microsoft.com/graph/api/group-list-transitivemembers>).
//!
//! As documented of version 1.0, the direct members are told without the service principals among them. Who
//! is deleted is on no list although the membership is kept. A list is read on from any member, so that
//! nothing grows with it.

use std::collections::BTreeSet;

use emulated_directory::directory::{Directory, MemberView};
use emulated_directory::groups::GroupKind;
use emulated_directory::member::MemberKind;
use emulated_directory::{Member, Record};
use emulated_http::{Call, Reply};
use emulated_identity_platform::Claims;
use http::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use super::access::READ_HIDDEN;
use super::behaviour::Behaviour;
use super::object_columns::{ObjectColumns, subject};
use super::page::{Frame, PageValue};
use super::routes::MembersOf;
use super::service::Service;
use emulated_odata::failure::Failure;
use emulated_odata::listing::{self, Criteria, DEFAULT_PAGE, LARGEST_PAGE};
use emulated_odata::ordering::sort_text;
use emulated_odata::population::Population;
use emulated_odata::protocol;
use emulated_odata::schema::Schema;

/// The ordinal of a live group.
///
/// # Errors
/// 404 for none, 400 for what is no id.
pub(super) fn find(directory: &Directory, id: &str) -> Result<u64, Failure> {
    if Uuid::parse_str(id).is_err() {
        return Err(Failure::bad_request(format!(
            "Invalid object identifier '{id}'."
        )));
    }
    let ordinal = directory.groups().find(id);
    ordinal.ok_or_else(|| Failure::not_found(id))
}

/// Whether these claims may know who is in a group: everybody's members, but for those that are hidden
/// (<https://learn.microsoft.com/graph/permissions-reference#memberreadhidden>).
pub(super) fn may_know_members(record: &Record, claims: &Claims) -> bool {
    let hidden = record.get("visibility").and_then(Value::as_str) == Some("HiddenMembership");
    !hidden || claims.has_any(&READ_HIDDEN)
}

/// Who is asked for, among whom.
struct Asked<'a> {
    directory: &'a Directory,
    /// The group itself, and those inside it where they are meant; none whose members are hidden, nor what only
    /// they lead to.
    groups: BTreeSet<u64>,
    itself: u64,
    of: &'a MembersOf,
}

impl<'a> Asked<'a> {
    fn new(
        directory: &'a Directory,
        claims: &Claims,
        behaviour: &Behaviour,
        of: &'a MembersOf,
    ) -> Result<Self, Failure> {
        let itself = find(directory, &of.group)?;
        let groups = directory.groups();
        let record = groups
            .group(itself)
            .ok_or_else(|| Failure::not_found(&of.group))?;
        let flat = GroupKind::of(&record) == GroupKind::Microsoft365;
        if flat && of.cast == Some(MemberKind::Group) {
            return Err(Failure::unsupported_query(
                "A Microsoft 365 group cannot contain other groups.",
            ));
        }
        let is_open = |record: &Record| may_know_members(record, claims);
        let known = is_open(&record);
        if !known && behaviour.hidden_membership_refused {
            return Err(Failure::denied());
        }
        let mut reached = BTreeSet::from([itself]);
        if of.transitive {
            reached.extend(groups.nested(itself, is_open));
        }
        reached.retain(|group| {
            let record = groups.group(*group);
            record.is_some_and(|record| is_open(&record))
        });
        Ok(Self {
            directory,
            groups: reached,
            itself,
            of,
        })
    }

    fn members(&self, start: Option<Member>) -> impl Iterator<Item = (Member, MemberView<'a>)> {
        let groups = self.directory.groups();
        groups
            .members_of_any(&self.groups, start)
            .filter(|member| *member != Member::Group(self.itself))
            .filter(|member| {
                let kind = self.directory.member_kind(*member);
                let told = self.of.transitive || kind != MemberKind::ServicePrincipal;
                told && self.of.cast.is_none_or(|wanted| wanted == kind)
            })
            .filter_map(|member| Some((member, self.directory.member_view(member)?)))
    }

    fn count(&self, criteria: &Criteria) -> u64 {
        let admitted = self
            .members(None)
            .filter(|(_, view)| subject(view, |subject| criteria.admits(subject)));
        admitted.count() as u64
    }

    fn schema(&self) -> Schema {
        match self.of.cast {
            Some(MemberKind::Group) => Schema::Group,
            _ => Schema::User,
        }
    }

    /// What makes a page token one of this list alone.
    fn list(&self) -> String {
        let MembersOf {
            group,
            transitive,
            cast,
        } = self.of;
        format!("{} {transitive} {cast:?} ", group.to_lowercase())
    }
}

/// Lists members.
///
/// # Errors
/// 404 for no group; whatever the query options deserve; 400 for a cast, `$filter` or `$orderby` without
/// `ConsistencyLevel: eventual` and `$count=true`.
pub(super) fn list(
    service: &Service,
    call: &Call,
    claims: &Claims,
    of: &MembersOf,
) -> Result<Reply, Failure> {
    let query = &call.query;
    protocol::check(query)?;
    listing::refuse_skip(call)?;
    if query.has("$expand") {
        return Err(Failure::unsupported_query(
            "Expand is not supported on the members of a group.",
        ));
    }
    let directory = service.directory();
    let behaviour = service.behaviour();
    let asked = Asked::new(&directory, claims, &behaviour, of)?;
    let advanced = protocol::is_counted(query)? && protocol::is_eventual(call);
    if !advanced {
        refuse_default(call, of, &behaviour)?;
    }
    let columns = ObjectColumns::parse(query.get("$select"), of.cast, &directory, claims)?;
    let size = protocol::page_size(query, DEFAULT_PAGE, LARGEST_PAGE)?;
    let criteria = Criteria::parse(call, advanced, (asked.schema(), Population::Live))?;
    let sealer = service.sealer();
    let start = listing::start(&sealer, call, &asked.list())?;
    let first_page = start.is_none();

    let from = criteria.ordering.scan_start(start.as_ref());
    let admitted = asked
        .members(from)
        .filter(|(_, view)| subject(view, |subject| criteria.admits(subject)));
    let text = |view: &MemberView<'_>, property: &str| {
        subject(view, |subject| sort_text(subject, property))
    };
    let (chosen, next) = criteria.ordering.page(admitted, start.as_ref(), size, text);
    let mut value = PageValue::with_capacity(chosen.len(), behaviour.unknown_property);
    for (member, view) in &chosen {
        columns.push(&directory, (*member, view), &mut value);
    }
    let frame = Frame {
        context: columns.context(&call.root, of.cast),
        count: (advanced && first_page).then(|| asked.count(&criteria)),
        next_link: next.map(|at| listing::next_link(&sealer, call, &asked.list(), at)),
        delta_link: None,
    };
    let cost = listing::cost(call, if of.transitive { 5 } else { 3 });
    let reply = protocol::reply(StatusCode::OK, frame.around(&value));
    Ok(reply.with_header("x-ms-resource-unit", &cost))
}

/// What the directory itself does not serve, only its index
/// (<https://learn.microsoft.com/graph/aad-advanced-queries#query-scenarios-that-require-advanced-query-capabilities>).
fn refuse_default(call: &Call, of: &MembersOf, behaviour: &Behaviour) -> Result<(), Failure> {
    if of.cast.is_some() && !behaviour.casts_by_default {
        return Err(Failure::needs_advanced("OData cast"));
    }
    for (option, operator) in [("$filter", "Filter"), ("$orderby", "OrderBy")] {
        if call.query.filled(option).is_some() {
            return Err(Failure::needs_advanced(operator));
        }
    }
    Ok(())
}

/// `/$count` of members, in plain text.
///
/// # Errors
/// 400 without `ConsistencyLevel: eventual`, 404 for no group.
pub(super) fn count(
    service: &Service,
    call: &Call,
    claims: &Claims,
    of: &MembersOf,
) -> Result<Reply, Failure> {
    listing::check_count(call)?;
    let directory = service.directory();
    let asked = Asked::new(&directory, claims, &service.behaviour(), of)?;
    let criteria = Criteria::parse(call, true, (asked.schema(), Population::Live))?;
    Ok(listing::count_reply(asked.count(&criteria)))
}
