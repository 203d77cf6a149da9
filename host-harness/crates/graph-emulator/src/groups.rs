//! `GET /groups`, `/groups/$count` and `/groups/{id}`
//! (<https://learn.microsoft.com/graph/api/group-list>, <https://learn.microsoft.com/graph/api/group-get>),
//! and the deleted groups, which are the same list over another population.

use std::borrow::Cow;

use emulated_directory::directory::Directory;
use emulated_directory::groups::GroupState;
use emulated_directory::subject::Subject;
use emulated_directory::{Member, Record};
use emulated_http::{Call, Reply};
use emulated_identity_platform::Claims;
use http::StatusCode;

use super::group_members::{self, may_know_members};
use super::members::Unset;
use super::object_columns::ObjectColumns;
use super::page::{self, Frame, PageValue};
use super::selection::{Reading, Selection};
use super::service::Service;
use emulated_odata::failure::Failure;
use emulated_odata::listing::{self, Criteria, DEFAULT_PAGE, LARGEST_PAGE};
use emulated_odata::ordering::sort_text;
use emulated_odata::population::Population;
use emulated_odata::protocol;
use emulated_odata::schema::Schema;

/// How many members `$expand` shows, without a word on the others
/// (<https://learn.microsoft.com/graph/query-parameters#expand-parameter>).
const EXPANDED: usize = 20;

fn standing(population: Population) -> GroupState {
    match population {
        Population::Live => GroupState::Live,
        Population::Deleted => GroupState::Deleted,
    }
}

fn number(criteria: &Criteria, directory: &Directory, population: Population) -> u64 {
    let groups = directory.groups();
    match (population, criteria.everybody()) {
        (Population::Live, true) => groups.live(),
        (Population::Deleted, true) => groups.deleted(),
        _ => groups
            .of_standing(standing(population), 0)
            .filter(|(_, record)| criteria.admits(&Subject::Stated(record)))
            .count() as u64,
    }
}

/// Lists groups.
///
/// # Errors
/// Whatever the query options deserve.
pub(super) fn list(
    service: &Service,
    call: &Call,
    claims: &Claims,
    population: Population,
) -> Result<Reply, Failure> {
    let query = &call.query;
    protocol::check(query)?;
    listing::refuse_skip(call)?;
    let directory = service.directory();
    let selection = Selection::parse(
        Schema::Group,
        query.get("$select"),
        Reading::Collection,
        &directory,
    )?;
    let size = protocol::page_size(query, DEFAULT_PAGE, LARGEST_PAGE)?;
    let counted = protocol::is_counted(query)? && protocol::is_eventual(call);
    let expansion = Expansion::parse(call, &directory, claims)?;
    if expansion.is_some() && counted {
        return Err(Failure::unsupported_query(
            "$expand is not supported with advanced queries.",
        ));
    }
    let criteria = Criteria::parse(call, counted, (Schema::Group, population))?;
    let list = match population {
        Population::Live => "groups ",
        Population::Deleted => "deleted groups ",
    };
    let sealer = service.sealer();
    let start = listing::start(&sealer, call, list)?;
    let first_page = start.is_none();

    let from = criteria.ordering.scan_start(start.as_ref()).unwrap_or(0);
    let admitted = directory
        .groups()
        .of_standing(standing(population), from)
        .filter(|(_, record)| criteria.admits(&Subject::Stated(record)));
    let text =
        |record: &Cow<'_, Record>, property: &str| sort_text(&Subject::Stated(record), property);
    let (chosen, next) = criteria.ordering.page(admitted, start.as_ref(), size, text);
    let mut value = PageValue::with_capacity(chosen.len(), service.behaviour().unknown_property);
    for (ordinal, record) in &chosen {
        let members = expansion
            .as_ref()
            .map(|expansion| expansion.member(&directory, (*ordinal, record)));
        let subject = Subject::Stated(record);
        value.push(&subject, &selection, Unset::Null, members.as_deref());
    }
    let frame = Frame {
        context: page::context(&call.root, &selection),
        count: (counted && first_page).then(|| number(&criteria, &directory, population)),
        next_link: next.map(|at| listing::next_link(&sealer, call, list, at)),
        delta_link: None,
    };
    let reply = protocol::reply(StatusCode::OK, frame.around(&value));
    Ok(reply.with_header("x-ms-resource-unit", &listing::cost(call, 1)))
}

/// `/$count` of a population, in plain text.
///
/// # Errors
/// 400 without `ConsistencyLevel: eventual`.
pub(super) fn count(
    service: &Service,
    call: &Call,
    population: Population,
) -> Result<Reply, Failure> {
    listing::check_count(call)?;
    let criteria = Criteria::parse(call, true, (Schema::Group, population))?;
    let directory = service.directory();
    Ok(listing::count_reply(number(
        &criteria, &directory, population,
    )))
}

/// One group by object id.
///
/// # Errors
/// 404 for none, 400 for what is no id.
pub(super) fn get(
    service: &Service,
    call: &Call,
    claims: &Claims,
    id: &str,
) -> Result<Reply, Failure> {
    protocol::check(&call.query)?;
    let directory = service.directory();
    let select = call.query.get("$select");
    let selection = Selection::parse(Schema::Group, select, Reading::Single, &directory)?;
    let expansion = Expansion::parse(call, &directory, claims)?;
    let ordinal = group_members::find(&directory, id)?;
    let record = directory
        .groups()
        .group(ordinal)
        .ok_or_else(|| Failure::not_found(id))?;
    let context = format!("{}/$entity", page::context(&call.root, &selection));
    let members = expansion
        .as_ref()
        .map(|expansion| expansion.member(&directory, (ordinal, &record)));
    let subject = Subject::Stated(&record);
    let body = page::entity(&context, None, &subject, &selection, members.as_deref());
    Ok(protocol::reply(StatusCode::OK, body).with_header("x-ms-resource-unit", "1"))
}

/// `$expand=members`: the first twenty, service principals among them
/// (<https://learn.microsoft.com/graph/api/group-list-members#http-request>).
struct Expansion<'c> {
    columns: ObjectColumns<'c>,
    claims: &'c Claims,
}

impl<'c> Expansion<'c> {
    fn parse(
        call: &Call,
        directory: &Directory,
        claims: &'c Claims,
    ) -> Result<Option<Self>, Failure> {
        let Some(text) = call.query.filled("$expand").map(str::trim) else {
            return Ok(None);
        };
        let (name, options) = text.split_once('(').unwrap_or((text, ")"));
        let options = options.strip_suffix(')').unwrap_or_default().trim();
        let select = options.strip_prefix("$select=");
        if !name
            .trim()
            .eq_ignore_ascii_case(Schema::Group.relationship())
            || (select.is_none() && !options.is_empty())
        {
            return Err(Failure::new(
                StatusCode::BAD_REQUEST,
                "ExpandNotSupported",
                format!("Expand is not allowed for property '{text}'."),
            ));
        }
        Ok(Some(Self {
            columns: ObjectColumns::parse(select, None, directory, claims)?,
            claims,
        }))
    }

    fn member(&self, directory: &Directory, (ordinal, record): (u64, &Record)) -> Vec<u8> {
        let known = may_know_members(record, self.claims);
        let members = directory.groups().members_from(ordinal, None);
        let views = members
            .filter(|_| known)
            .filter_map(|member| Some((member, directory.member_view(member)?)));
        let mut value = PageValue::with_capacity(EXPANDED, false);
        for (member, view) in views.take(EXPANDED) {
            let member: Member = member;
            self.columns.push(directory, (member, &view), &mut value);
        }
        value.named("members")
    }
}
