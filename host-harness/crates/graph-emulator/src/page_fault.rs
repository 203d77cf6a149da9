//! What a directory may do to a page that is otherwise right: people left out, twice, in another
//! order, contradicted by a stale statement; links missing, leading back, leading nowhere new.
//!
//! The delta query promises no order, and that an object is stated once it does not promise either;
//! an empty page is no last page (<https://learn.microsoft.com/graph/delta-query-overview>). What
//! breaks a promise (a list that ends early, links in a circle) is what a defective back end does.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

const NEXT_LINK: &str = "@odata.nextLink";
const DELTA_LINK: &str = "@odata.deltaLink";

/// What becomes of the people on a page.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Items {
    /// They stay as they are.
    #[default]
    Kept,
    /// None is stated. A client has to follow the nextLink all the same.
    Removed,
    /// Only so many are stated; the others are nowhere.
    First(usize),
    /// Each is stated twice.
    Twice,
    /// They are stated in the opposite order.
    Reversed,
    /// Each is preceded by a stale statement that says the opposite: a user by a tombstone, as if
    /// it had been restored since, a tombstone by the user, as if it had been deleted since. What
    /// is stated last is true.
    Contradicted,
}

/// What becomes of the links of a page.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Links {
    /// They stay as they are.
    #[default]
    Kept,
    /// There is neither a nextLink nor a deltaLink: a list ends early, a round ends without its
    /// close.
    Removed,
    /// The nextLink leads to the page of this collection that was asked for so many requests ago:
    /// with 0 to this page, with more around in a circle. A deltaLink gives way to it.
    Back(usize),
    /// The nextLink leads to this page under an address that was never given out before. A
    /// deltaLink gives way to it.
    Renewed,
}

impl Items {
    fn apply(self, items: &mut Vec<Value>) {
        match self {
            Self::Kept => {}
            Self::Removed => items.clear(),
            Self::First(most) => items.truncate(most),
            Self::Twice => {
                *items = items
                    .drain(..)
                    .flat_map(|item| [item.clone(), item])
                    .collect()
            }
            Self::Reversed => items.reverse(),
            Self::Contradicted => {
                *items = items
                    .drain(..)
                    .flat_map(|item| [opposite(&item), item])
                    .collect();
            }
        }
    }
}

/// A tombstone for a user, and a user (of whom nothing but the id is known) for a tombstone.
fn opposite(item: &Value) -> Value {
    let id = item.get("id");
    if item.get("@removed").is_some() {
        json!({"id": id})
    } else {
        json!({"id": id, "@removed": {"reason": "changed"}})
    }
}

/// Where a page's links may lead instead.
pub(super) struct Ways<'a> {
    /// Answers, for a number of requests ago, the address of that page.
    pub(super) back: &'a dyn Fn(usize) -> String,
    /// This page under a new address.
    pub(super) renewed: &'a dyn Fn() -> String,
}

impl Links {
    fn apply(self, page: &mut Map<String, Value>, ways: &Ways<'_>) {
        let next = match self {
            Self::Kept => return,
            Self::Removed => None,
            Self::Back(requests) => Some((ways.back)(requests)),
            Self::Renewed => Some((ways.renewed)()),
        };
        page.remove(DELTA_LINK);
        page.remove(NEXT_LINK);
        if let Some(next) = next {
            page.insert(NEXT_LINK.to_owned(), Value::from(next));
        }
    }
}

/// Changes a page; `None` where nothing is to be changed, or the body is no page.
pub(super) fn distorted(
    body: &[u8],
    (items, links): (Items, Links),
    ways: &Ways<'_>,
) -> Option<Vec<u8>> {
    if (items, links) == (Items::Kept, Links::Kept) {
        return None;
    }
    let mut page: Value = serde_json::from_slice(body).ok()?;
    let members = page.as_object_mut()?;
    items.apply(members.get_mut("value")?.as_array_mut()?);
    links.apply(members, ways);
    serde_json::to_vec(&page).ok()
}
