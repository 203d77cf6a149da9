//! What a fault does to a page: to the users on it, and to the link that leads on.
//!
//! Two kinds are told apart, because a client owes them different things. *Odd* pages are untidy and
//! true: users stated twice, out of order, once more, with a tombstone before them, on a page that
//! is empty. Documented or seen
//! (<https://learn.microsoft.com/graph/delta-query-overview>: "replays", "empty page";
//! <https://learn.microsoft.com/graph/paging>), and a client must end where it would have ended
//! without them. *Untrue* pages leave people out or never end. Nobody documents them; they stand for
//! a broken backend or proxy, and a client must notice or at least not believe them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::exchange::Call;
use super::faults::Fault;
use super::injection;
use super::service::Service;

const NEXT: &str = "@odata.nextLink";
const DELTA: &str = "@odata.deltaLink";
const REMOVED: &str = "@removed";
/// What a page says of a user that a tombstone then takes away.
const LAST_KNOWN: [&str; 6] = [
    "id",
    "displayName",
    "givenName",
    "surname",
    "mail",
    "accountEnabled",
];

/// What is done to the users of a page.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ItemFault {
    /// The page is empty. Untrue, unless its link leads to the same page again.
    Empty,
    /// The page ends after half of its users, the rest is lost. Untrue.
    Halved,
    /// Every user is stated twice. Odd.
    Doubled,
    /// The users come in reverse order. Odd by itself; after a tombstone fault the last word about a
    /// user is then no longer the true one.
    Reversed,
    /// The users of an earlier page come first, as they are now: of the n-th request before this one
    /// for the same path, or of the oldest that is remembered. Odd.
    Replayed(u64),
    /// In a page of changes, a tombstone stands before every user that is there: deleted and
    /// restored within the round. Odd.
    TombstonesFirst,
    /// In a page of changes, every user that is gone is stated before its tombstone: changed and
    /// deleted within the round. Odd.
    TombstonesLast,
}

/// What is done to the link of a page. A page that had none has one afterwards, except with
/// [`LinkFault::Missing`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LinkFault {
    /// The page has neither nextLink nor deltaLink: a list ends early, a page of changes leads
    /// nowhere. Untrue.
    Missing,
    /// The nextLink leads to where the n-th request before this one for the same path went, or to
    /// the oldest that is remembered; 0 is the page itself. Where the fault stays, the client goes
    /// in a circle. Untrue.
    Back(u64),
    /// The nextLink leads to the page itself under an address that was never given before. Met once
    /// it is odd, the page comes again; where the fault stays, the list never ends, which is untrue.
    Fresh,
    /// The nextLink is this text: another host, another resource, or no address at all. Untrue.
    To(String),
}

/// The page as a fault leaves it; `None` where the fault does nothing to pages or the answer is
/// none.
pub(super) fn changed(
    service: &Service,
    call: &Call,
    fault: &Fault,
    body: &[u8],
) -> Option<Vec<u8>> {
    if fault.items.is_empty() && fault.link.is_none() && !fault.empty_page {
        return None;
    }
    let mut page = parsed(body)?;
    let users = page.get_mut("value")?.as_array_mut()?;
    if fault.empty_page {
        users.clear();
    }
    for item_fault in &fault.items {
        let before = std::mem::take(users);
        *users = rearranged(service, call, *item_fault, before);
    }
    let again = fault.empty_page.then_some(LinkFault::Back(0));
    let link = fault.link.clone().or(again);
    if let Some(link) = link {
        relink(service, call, link, &mut page);
    }
    serde_json::to_vec(&page).ok()
}

fn parsed(body: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(body).ok()
}

fn rearranged(
    service: &Service,
    call: &Call,
    fault: ItemFault,
    mut users: Vec<Value>,
) -> Vec<Value> {
    let of_changes = call.path.to_lowercase().contains("delta");
    match fault {
        ItemFault::Empty => Vec::new(),
        ItemFault::Halved => {
            users.truncate(users.len() / 2);
            users
        }
        ItemFault::Doubled => in_pairs(users, |user| Some(user.clone())),
        ItemFault::Reversed => {
            users.reverse();
            users
        }
        ItemFault::Replayed(back) => {
            let earlier = injection::earlier_page(service, call, back);
            let page = earlier.and_then(|body| parsed(&body));
            let replayed = page.and_then(|mut page| page.remove("value"));
            let mut all = match replayed {
                Some(Value::Array(replayed)) => replayed,
                _ => Vec::new(),
            };
            all.append(&mut users);
            all
        }
        ItemFault::TombstonesFirst if of_changes => in_pairs(users, tombstone),
        ItemFault::TombstonesLast if of_changes => {
            in_pairs(users, |user| last_known(service, user))
        }
        ItemFault::TombstonesFirst | ItemFault::TombstonesLast => users,
    }
}

/// Every user with what comes before it.
fn in_pairs(users: Vec<Value>, before: impl Fn(&Value) -> Option<Value>) -> Vec<Value> {
    users
        .into_iter()
        .flat_map(|user| [before(&user), Some(user)])
        .flatten()
        .collect()
}

fn tombstone(user: &Value) -> Option<Value> {
    let gone = user.get(REMOVED).is_some();
    let id = user.get("id").filter(|_| !gone)?;
    Some(json!({"id": id, REMOVED: {"reason": "changed"}}))
}

/// A user that is gone, as it was; without its properties where it is gone for good.
fn last_known(service: &Service, user: &Value) -> Option<Value> {
    user.get(REMOVED)?;
    let id = user.get("id")?.as_str()?;
    let directory = service.directory();
    let subject = directory
        .ordinal(id)
        .and_then(|ordinal| directory.subject(ordinal));
    let mut known = subject.map_or_else(Map::new, |subject| subject.to_record());
    known.retain(|name, _| LAST_KNOWN.contains(&&**name));
    known.insert("id".to_owned(), Value::from(id));
    Some(Value::Object(known))
}

fn relink(service: &Service, call: &Call, fault: LinkFault, page: &mut Map<String, Value>) {
    page.remove(DELTA);
    page.remove(NEXT);
    let target = match fault {
        LinkFault::Missing => return,
        LinkFault::Back(0) => call.target(),
        LinkFault::Back(back) => {
            let earlier = service.log().earlier(&call.path, back);
            earlier.unwrap_or_else(|| call.target())
        }
        LinkFault::Fresh => renamed(service, call),
        LinkFault::To(link) => {
            page.insert(NEXT.to_owned(), Value::from(link));
            return;
        }
    };
    page.insert(NEXT.to_owned(), Value::from(call.root.clone() + &target));
}

/// The same page under another address: a parameter without `$` is the client's own, which the
/// service ignores (OData 4.01, URL conventions, section 5.2).
fn renamed(service: &Service, call: &Call) -> String {
    let mut options = call.query.raw_without(&["again"]);
    let again = format!("again={}", service.log().next_number());
    options.push(&again);
    format!("{}?{}", call.path, options.join("&"))
}
