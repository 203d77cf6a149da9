//! `GET /contacts`, `/contacts/$count` and `/contacts/{id}`: organisational contacts, people whom the directory lists
//! without an account (<https://learn.microsoft.com/graph/api/orgcontact-list>,
//! <https://learn.microsoft.com/graph/api/orgcontact-get>).

use emulated_directory::Record;
use emulated_directory::directory::Directory;
use emulated_directory::subject::Subject;
use emulated_http::{Call, Reply};
use http::StatusCode;

use super::members::Unset;
use super::page::{self, Frame, PageValue};
use super::selection::{Reading, Selection};
use super::service::Service;
use emulated_odata::failure::Failure;
use emulated_odata::listing::{self, Criteria, DEFAULT_PAGE, LARGEST_PAGE};
use emulated_odata::ordering::sort_text;
use emulated_odata::population::Population;
use emulated_odata::protocol;
use emulated_odata::schema::Schema;

/// Makes a page token one of this list alone.
const LIST: &str = "contacts ";

fn number(criteria: &Criteria, directory: &Directory) -> u64 {
    let others = directory.groups().others();
    if criteria.everybody() {
        return others.contacts();
    }
    let admitted = others
        .contacts_from(0)
        .filter(|(_, record)| criteria.admits(&Subject::Stated(record)));
    admitted.count() as u64
}

fn selection(call: &Call, reading: Reading, directory: &Directory) -> Result<Selection, Failure> {
    if call.query.has("$expand") {
        return Err(Failure::unsupported_query(
            "Expand is not supported on organizational contacts here.",
        ));
    }
    Selection::parse(
        Schema::OrgContact,
        call.query.get("$select"),
        reading,
        directory,
    )
}

/// Lists organisational contacts.
///
/// # Errors
/// Whatever the query options deserve.
pub(super) fn list(service: &Service, call: &Call) -> Result<Reply, Failure> {
    let query = &call.query;
    protocol::check(query)?;
    listing::refuse_skip(call)?;
    let directory = service.directory();
    let selection = selection(call, Reading::Collection, &directory)?;
    let size = protocol::page_size(query, DEFAULT_PAGE, LARGEST_PAGE)?;
    let counted = protocol::is_counted(query)? && protocol::is_eventual(call);
    let criteria = Criteria::parse(call, counted, (Schema::OrgContact, Population::Live))?;
    let sealer = service.sealer();
    let start = listing::start(&sealer, call, LIST)?;
    let first_page = start.is_none();

    let from = criteria.ordering.scan_start(start.as_ref()).unwrap_or(0);
    let admitted = directory
        .groups()
        .others()
        .contacts_from(from)
        .filter(|(_, record)| criteria.admits(&Subject::Stated(record)));
    let text = |record: &&Record, property: &str| sort_text(&Subject::Stated(record), property);
    let (chosen, next) = criteria.ordering.page(admitted, start.as_ref(), size, text);
    let mut value = PageValue::with_capacity(chosen.len(), service.behaviour().unknown_property);
    for (_, record) in &chosen {
        value.push(&Subject::Stated(record), &selection, Unset::Null, None);
    }
    let frame = Frame {
        context: page::context(&call.root, &selection),
        count: (counted && first_page).then(|| number(&criteria, &directory)),
        next_link: next.map(|at| listing::next_link(&sealer, call, LIST, at)),
        delta_link: None,
    };
    let reply = protocol::reply(StatusCode::OK, frame.around(&value));
    Ok(reply.with_header("x-ms-resource-unit", &listing::cost(call, 1)))
}

/// `/$count`, in plain text.
///
/// # Errors
/// 400 without `ConsistencyLevel: eventual`.
pub(super) fn count(service: &Service, call: &Call) -> Result<Reply, Failure> {
    listing::check_count(call)?;
    let criteria = Criteria::parse(call, true, (Schema::OrgContact, Population::Live))?;
    Ok(listing::count_reply(number(
        &criteria,
        &service.directory(),
    )))
}

/// One organisational contact by object id.
///
/// # Errors
/// 404 for none.
pub(super) fn get(service: &Service, call: &Call, id: &str) -> Result<Reply, Failure> {
    protocol::check(&call.query)?;
    let directory = service.directory();
    let selection = selection(call, Reading::Single, &directory)?;
    let others = directory.groups().others();
    let record = others
        .find_contact(id)
        .and_then(|place| others.contact(place))
        .ok_or_else(|| Failure::not_found(id))?;
    let context = format!("{}/$entity", page::context(&call.root, &selection));
    let body = page::entity(&context, None, &Subject::Stated(record), &selection, None);
    Ok(protocol::reply(StatusCode::OK, body).with_header("x-ms-resource-unit", "1"))
}
