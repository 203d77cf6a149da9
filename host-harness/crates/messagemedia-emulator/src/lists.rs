//! `/lists`: pages, one list, and who is on it.

use std::collections::BTreeSet;

use emulated_http::{Call, Reply};
use http::StatusCode;
use serde_json::Value;

use crate::behaviour::{Twins, UnknownList, UnknownMembers};
use crate::contact::List;
use crate::ids;
use crate::page::Asked;
use crate::refusal::{Code, Flaw, Kind, Refusal, as_json};
use crate::state::{State, optional_text, required_text};

/// The most contacts that one request adds, and the most that it removes (`maxItems`).
const MOST_MEMBERS: usize = 1000;

/// Every list, as the API tells it.
pub(crate) fn all(state: &State) -> Vec<Value> {
    let lists = state.account.lists();
    lists
        .map(|(_, list)| list.told(state.behaviour.empty))
        .collect()
}

/// `GET /lists`.
pub(crate) fn page(state: &State, call: &Call) -> Result<Reply, Refusal> {
    let asked = Asked::read(&call.query, &state.behaviour)?;
    let list_ids = asked.ids("listIds")?;
    let (name, alias) = (asked.one("name"), asked.one("alias"));
    let found = state.account.lists().filter(|(_, list)| {
        list_ids.as_ref().is_none_or(|ids| ids.contains(&list.id))
            && name.is_none_or(|name| list.name == name)
            && alias.is_none_or(|alias| list.alias.as_deref() == Some(alias))
    });
    let found: Vec<(u64, &List)> = found.collect();
    let page = asked.page(&found, |list| list.told(state.behaviour.empty));
    Ok(as_json(StatusCode::OK, &page))
}

/// `POST /lists`.
pub(crate) fn create(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let body = state.body(call)?;
    let name = required_text(&body, "name")?;
    let alias = optional_text(&body, "alias")?;
    check_name(state, &name, None)?;
    let place = state.account.next();
    let list = List {
        id: ids::made("list", place),
        name,
        alias,
        created: state.now,
        modified: state.now,
    };
    let reply = as_json(StatusCode::CREATED, &list.told(state.behaviour.empty));
    state.account.add_list(place, list);
    Ok(reply)
}

/// `GET /lists/{listId}`.
pub(crate) fn get(state: &State, id: &str) -> Result<Reply, Refusal> {
    let list = state.account.list(&canonical(id)?).ok_or_else(missing)?;
    Ok(as_json(StatusCode::OK, &list.told(state.behaviour.empty)))
}

/// `PATCH /lists/{listId}`: `name` is required, even where only the alias changes.
pub(crate) fn update(state: &mut State, call: &Call, id: &str) -> Result<Reply, Refusal> {
    let body = state.body(call)?;
    let id = canonical(id)?;
    state.account.list(&id).ok_or_else(missing)?;
    let name = required_text(&body, "name")?;
    let alias = optional_text(&body, "alias")?;
    check_name(state, &name, Some(&id))?;
    let (now, empty) = (state.now, state.behaviour.empty);
    let list = state.account.list_mut(&id).ok_or_else(missing)?;
    list.name = name;
    if body.contains_key("alias") {
        list.alias = alias;
    }
    list.modified = now;
    Ok(as_json(StatusCode::OK, &list.told(empty)))
}

/// `DELETE /lists/{listId}`.
pub(crate) fn delete(state: &mut State, id: &str) -> Result<Reply, Refusal> {
    if state.account.delete_list(&canonical(id)?) {
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    } else {
        Err(missing())
    }
}

/// `PATCH /lists/{listId}/contacts`.
pub(crate) fn change_members(state: &mut State, call: &Call, id: &str) -> Result<Reply, Refusal> {
    let body = state.body(call)?;
    let list = of_members(state, id)?;
    let mut flaws = Vec::new();
    let mut members = |name: &str| match contact_ids(body.get(name), name) {
        Ok(ids) => ids,
        Err(flaw) => {
            flaws.push(flaw);
            Vec::new()
        }
    };
    let (add, remove) = (members("contactsToAddIds"), members("contactsToRemoveIds"));
    if state.behaviour.unknown_members == UnknownMembers::Refused {
        for (name, ids) in [("contactsToAddIds", &add), ("contactsToRemoveIds", &remove)] {
            let unknown = ids.iter().filter(|id| state.account.contact(id).is_none());
            let unknown: Vec<String> = unknown.cloned().collect();
            if !unknown.is_empty() {
                flaws.push(Flaw::new(name, Code::InvalidReference).with_ids(unknown));
            }
        }
    }
    if !flaws.is_empty() {
        return Err(Refusal::Invalid(flaws));
    }
    for contact in add {
        state.set_membership(&contact, &list.id, true);
    }
    for contact in remove {
        state.set_membership(&contact, &list.id, false);
    }
    Ok(as_json(StatusCode::OK, &list.told(state.behaviour.empty)))
}

/// `POST` and `DELETE /lists/{listId}/contacts/{contactId}`.
pub(crate) fn change_member(
    state: &mut State,
    id: &str,
    contact: &str,
    joins: bool,
) -> Result<Reply, Refusal> {
    let list = of_members(state, id)?;
    let contact = ids::canonical(contact)
        .ok_or_else(|| Refusal::invalid("contactId", Code::InvalidFormat))?;
    if state.account.contact(&contact).is_none() {
        let flaw = Flaw::new("contactId", Code::InvalidReference).with_ids(vec![contact]);
        return Err(Refusal::Invalid(vec![flaw]));
    }
    state.set_membership(&contact, &list.id, joins);
    Ok(match joins {
        true if state.behaviour.added_is_created => {
            as_json(StatusCode::CREATED, &list.told(state.behaviour.empty))
        }
        true => as_json(StatusCode::OK, &list.told(state.behaviour.empty)),
        false => Reply::empty(StatusCode::NO_CONTENT),
    })
}

fn contact_ids(stated: Option<&Value>, name: &str) -> Result<Vec<String>, Flaw> {
    let stated = match stated {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(stated)) if stated.len() > MOST_MEMBERS => {
            return Err(Flaw::new(name, Code::InvalidLength));
        }
        Some(Value::Array(stated)) => stated,
        Some(_) => return Err(Flaw::new(name, Code::TypeMismatch)),
    };
    let ids = stated.iter().enumerate().map(|(place, stated)| {
        let id = stated.as_str().and_then(ids::canonical);
        id.ok_or_else(|| Flaw::new(format!("{name}[{place}]"), Code::InvalidFormat))
    });
    // The same one twice is the same as once.
    let ids = ids.collect::<Result<BTreeSet<_>, _>>()?;
    Ok(ids.into_iter().collect())
}

/// The list whose members are asked for.
fn of_members(state: &State, id: &str) -> Result<List, Refusal> {
    let id = canonical(id)?;
    match (state.account.list(&id), state.behaviour.unknown_list) {
        (Some(list), _) => Ok(list.clone()),
        (None, UnknownList::NotFound) => Err(missing()),
        (None, UnknownList::InvalidReference) => {
            let flaw = Flaw::new("listId", Code::InvalidReference).with_ids(vec![id]);
            Err(Refusal::Invalid(vec![flaw]))
        }
    }
}

fn check_name(state: &State, name: &str, own: Option<&str>) -> Result<(), Refusal> {
    let is_taken = |list: &List| list.name == name && Some(&*list.id) != own;
    let taken = state.account.lists().any(|(_, list)| is_taken(list));
    if taken && state.behaviour.list_names == Twins::Conflict {
        let detail = "Another list has this name";
        return Err(Refusal::plain(Kind::Conflict, detail));
    }
    Ok(())
}

fn canonical(id: &str) -> Result<String, Refusal> {
    ids::canonical(id).ok_or_else(|| Refusal::invalid("listId", Code::InvalidFormat))
}

fn missing() -> Refusal {
    Refusal::plain(Kind::NotFound, "No such list")
}
