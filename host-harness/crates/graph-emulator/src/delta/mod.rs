//! `GET /users/delta` (<https://learn.microsoft.com/graph/delta-query-users>), `GET /groups/delta`
//! (<https://learn.microsoft.com/graph/delta-query-groups>) and `GET /contacts/delta`
//! (<https://learn.microsoft.com/graph/api/orgcontact-delta>).
//!
//! A round is a window of the change log. An *initial* round enumerates the directory and closes
//! with a deltaLink that points at the log as it was when the round began, so that what changed
//! meanwhile comes with the next round. An *incremental* round states every object that the window
//! touched in a way the selection shows, as that object is now. Nothing is remembered between two
//! requests: the state is in the tokens.

mod group_round;
mod objects;
mod round;
pub(super) mod token;

use http::StatusCode;

use super::group_members::may_know_members;
use super::page::{self, Frame, PageValue};
use super::selection::{Reading, Selection};
use super::service::Service;
use emulated_http::{Call, Reply};
use emulated_identity_platform::Claims;
use emulated_odata::failure::Failure;
use emulated_odata::filter::Filter;
use emulated_odata::protocol;
use emulated_odata::schema::Schema;
use group_round::GroupRound;
use objects::Objects;
use round::Round;
use token::{Cursor, Scope};

/// The most objects that a `$filter` may name.
const MOST_IDS: usize = 50;
/// `$deltatoken` for "from now on".
const LATEST: &str = "latest";

/// What one request asks for.
struct Request {
    scope: Scope,
    cursor: Cursor,
    /// Whether it opens a round without a token: only then does the context name the selection.
    opening: bool,
}

/// Answers one request of a round.
///
/// # Errors
/// 400 for a query that delta does not serve or a token that is none, 400 or 410 for an expired
/// token, 410 with `Location` after a reset.
pub(super) fn get(
    service: &Service,
    call: &Call,
    claims: &Claims,
    schema: Schema,
) -> Result<Reply, Failure> {
    protocol::check(&call.query)?;
    let directory = service.directory();
    let behaviour = service.behaviour();
    let log = match schema {
        Schema::User => directory.log(),
        Schema::Group => directory.groups().log(),
        Schema::OrgContact => directory.groups().others().log(),
    };
    let heads = (log.head_at(service.visible_until()), log.head());
    let request = Request::parse(service, (call, schema), heads)?;
    let select = request.scope.select.as_deref();
    let selection = Selection::parse(schema, select, Reading::Delta, &directory)?;
    selection.check_reach(claims)?;
    let context = if request.opening {
        page::context(&call.root, &selection)
    } else {
        format!("{}/v1.0/$metadata#{}", call.root, schema.set())
    };
    let selection = selection.with_id();
    let page_size = service.delta_page_size();
    let minimal = call.prefers("return=minimal");
    let mut value = PageValue::with_capacity(page_size, behaviour.unknown_property);
    let ids = request.scope.ids.as_deref();
    let objects = match schema {
        Schema::OrgContact => Objects::OrgContacts(&directory),
        Schema::User | Schema::Group => Objects::Users(&directory),
    };
    let next = match schema {
        Schema::User | Schema::OrgContact => Round {
            objects,
            behaviour: &behaviour,
            selection: &selection,
            ids,
            page_size,
            minimal,
        }
        .page(request.cursor, &mut value),
        Schema::Group => GroupRound {
            directory: &directory,
            behaviour: &behaviour,
            selection: &selection,
            ids,
            page_size,
            minimal,
            may_know: &|record| may_know_members(record, claims),
        }
        .page(request.cursor, &mut value),
    };
    let path = link_path(call, schema, behaviour.cast_path_in_links);
    let closed = next.is_closed();
    let token = service.seal_delta(schema.set(), next, request.scope);
    let mut frame = Frame {
        context,
        ..Frame::default()
    };
    if closed {
        frame.delta_link = Some(format!("{path}?$deltatoken={token}"));
    } else {
        frame.next_link = Some(format!("{path}?$skiptoken={token}"));
    }
    let mut reply = protocol::reply(StatusCode::OK, frame.around(&value));
    reply.set("x-ms-resource-unit", "1");
    if minimal {
        reply.set("preference-applied", "return=minimal");
    }
    Ok(reply)
}

/// The address that links lead to. The functional form is an equal one.
fn link_path(call: &Call, schema: Schema, cast: bool) -> String {
    let form = if cast {
        "microsoft.graph.delta()"
    } else {
        "delta"
    };
    format!("{}/v1.0/{}/{form}", call.root, schema.set())
}

impl Request {
    fn parse(
        service: &Service,
        (call, schema): (&Call, Schema),
        (head, log_head): (u64, u64),
    ) -> Result<Self, Failure> {
        let query = &call.query;
        for unsupported in ["$expand", "$orderby", "$search", "$skip"] {
            if query.has(unsupported) {
                return Err(Failure::bad_request(format!(
                    "'{unsupported}' is not supported by the service for a delta query."
                )));
            }
        }
        let page = query.get("$skiptoken");
        let delta = query.filled("$deltatoken").map(str::trim);
        match (page, delta) {
            (Some(_), Some(_)) => Err(Failure::bad_request(
                "A delta query takes either $skiptoken or $deltatoken.",
            )),
            (Some(token), None) => Self::of_page(service, (call, schema), token, log_head),
            (None, Some(token)) if token.eq_ignore_ascii_case(LATEST) => Ok(Self {
                scope: Self::scope(call)?,
                cursor: Cursor::closed(head),
                opening: true,
            }),
            (None, Some(token)) => {
                let mut request = Self::of_round(service, (call, schema), token, log_head)?;
                request.cursor = request.cursor.next_round(head);
                Ok(request)
            }
            // No token, or the empty one that the `Location` of a reset carries.
            (None, None) => Ok(Self {
                scope: Self::scope(call)?,
                cursor: Cursor::initial(head),
                opening: true,
            }),
        }
    }

    /// The next page of a round: everything is in the token, and `$select` beside it is refused.
    fn of_page(
        service: &Service,
        (call, schema): (&Call, Schema),
        token: &str,
        log_head: u64,
    ) -> Result<Self, Failure> {
        for repeated in ["$select", "$filter"] {
            if call.query.has(repeated) {
                return Err(Failure::bad_request(format!(
                    "'{repeated}' cannot be combined with $skiptoken: the token carries it."
                )));
            }
        }
        let (cursor, scope) = service.open_delta(
            (schema.set(), "page", token),
            &link_path(call, schema, false),
            log_head,
        )?;
        Ok(Self {
            scope,
            cursor,
            opening: false,
        })
    }

    /// The closed round that a deltaLink ends. `$select` beside it tracks other properties from here on.
    fn of_round(
        service: &Service,
        (call, schema): (&Call, Schema),
        token: &str,
        log_head: u64,
    ) -> Result<Self, Failure> {
        if call.query.has("$filter") {
            return Err(Failure::bad_request(
                "'$filter' cannot be combined with $deltatoken: the token carries it.",
            ));
        }
        let (cursor, mut scope) = service.open_delta(
            (schema.set(), "delta", token),
            &link_path(call, schema, false),
            log_head,
        )?;
        if let Some(select) = call.query.filled("$select") {
            scope.select = Some(select.to_owned());
        }
        Ok(Self {
            scope,
            cursor,
            opening: false,
        })
    }

    /// What a round covers, from the options of its first request. `$top` is ignored.
    fn scope(call: &Call) -> Result<Scope, Failure> {
        let select = call.query.filled("$select").map(str::to_owned);
        let Some(filter) = call.query.filled("$filter") else {
            return Ok(Scope { select, ids: None });
        };
        let ids = Filter::parse_ids(filter)?.ok_or_else(|| {
            Failure::unsupported_query(
                "A delta query supports $filter only on 'id', with 'eq' and joined by 'or'.",
            )
        })?;
        if ids.len() > MOST_IDS {
            return Err(Failure::bad_request(format!(
                "A delta query can be filtered to {MOST_IDS} objects at most."
            )));
        }
        Ok(Scope {
            select,
            ids: Some(ids),
        })
    }
}
