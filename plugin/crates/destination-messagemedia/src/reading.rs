//! Contacts read: by their ids, by a number, and all of them in pages.

use std::cell::Cell;
use std::collections::BTreeMap;

use destination_kit::destination::{DestinationError, RemoteId};
use destination_kit::together;
use guest_kit::percent::encode;
use serde::de::DeserializeOwned;

use crate::client::{Client, Failed, unexpected};
use crate::wire::{ContactData, Page};

/// Ids in one request: a target of 5 kB, where proxies commonly stop at 8.
pub(crate) const MOST_IDS: usize = 100;
/// Contacts on a page of all of them: half of what the service allows, so that an answer stays small.
const SCANNED: usize = 500;
/// Pages of lists and of custom fields, of 1,000 each. More than that is not a list that ends.
const MOST_PAGES: usize = 1_000;

/// How a filter names several ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `contactIds=a&contactIds=b`.
    Repeated,
    /// `contactIds=a,b`.
    Comma,
}

impl Form {
    fn target(self, ids: &[&RemoteId]) -> String {
        let mut target = format!("/contacts?pageSize={MOST_IDS}");
        for (place, id) in ids.iter().enumerate() {
            match self {
                Self::Comma if place > 0 => target.push_str("%2C"),
                _ => target.push_str("&contactIds="),
            }
            target.push_str(&encode(id));
        }
        target
    }
}

/// How contacts are read, with what is known of it so far.
#[derive(Default)]
pub(crate) struct Reading {
    form: Cell<Option<Form>>,
}

impl Reading {
    /// The contacts of these ids. `None` only where the service says by id that there is none: a page may lag
    /// behind, and how it names several ids is not documented.
    pub(crate) async fn by_ids(
        &self,
        client: &Client<'_>,
        ids: &[RemoteId],
    ) -> Result<Vec<Option<ContactData>>, DestinationError> {
        let mut found: BTreeMap<String, ContactData> = BTreeMap::new();
        if ids.len() > 1 {
            let forms: &[Form] = match self.form.get() {
                Some(Form::Repeated) => &[Form::Repeated],
                Some(Form::Comma) => &[Form::Comma],
                None => &[Form::Repeated, Form::Comma],
            };
            for form in forms {
                let missing: Vec<&RemoteId> =
                    ids.iter().filter(|id| !found.contains_key(*id)).collect();
                if missing.len() < 2 {
                    break;
                }
                let page: Page<ContactData> = match client.read(&form.target(&missing)).await {
                    Ok(page) => page,
                    // Not a form that this service reads.
                    Err(Failed::Invalid(_)) => continue,
                    Err(failed) => return Err(failed.of_reading()),
                };
                let contacts = page.content.into_iter();
                let asked = contacts.filter(|contact| missing.contains(&&contact.id));
                let before = found.len();
                found.extend(asked.map(|contact| (contact.id.clone(), contact)));
                if found.len() > before + 1 {
                    self.form.set(Some(*form));
                    break;
                }
            }
        }
        let singly = together(ids.iter().map(|id| {
            let paged = found.get(id).cloned();
            async move {
                match paged {
                    Some(contact) => Ok(Some(contact)),
                    None => by_id(client, id).await,
                }
            }
        }));
        singly.await.into_iter().collect()
    }
}

/// The contact of an id, as it is now.
pub(crate) async fn by_id(
    client: &Client<'_>,
    id: &str,
) -> Result<Option<ContactData>, DestinationError> {
    match client.read(&format!("/contacts/{}", encode(id))).await {
        Ok(contact) => Ok(Some(contact)),
        Err(Failed::Missing) => Ok(None),
        Err(failed) => Err(failed.of_reading()),
    }
}

/// The contacts that have a number, as far as pages show them.
pub(crate) async fn by_number(
    client: &Client<'_>,
    number: &str,
) -> Result<Vec<ContactData>, DestinationError> {
    let filter = format!("&channelTypes=SMS&channelIds={}", encode(number));
    every(client, "/contacts", &filter).await
}

/// A page of all contacts, and where the next one begins.
pub(crate) async fn page(
    client: &Client<'_>,
    cursor: Option<&str>,
) -> Result<(Vec<ContactData>, Option<String>), DestinationError> {
    let page = next_page(client, &format!("/contacts?pageSize={SCANNED}"), cursor).await?;
    Ok((page.content, page.next_page_token))
}

/// All elements of a list.
pub(crate) async fn every<T: DeserializeOwned>(
    client: &Client<'_>,
    path: &str,
    filter: &str,
) -> Result<Vec<T>, DestinationError> {
    let target = format!("{path}?pageSize=1000{filter}");
    let mut elements = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let page: Page<T> = next_page(client, &target, cursor.as_deref()).await?;
        elements.extend(page.content);
        cursor = page.next_page_token;
        if cursor.is_none() {
            return Ok(elements);
        }
    }
    Err(DestinationError::Unexpected(
        "a list that does not end".to_owned(),
    ))
}

async fn next_page<T: DeserializeOwned>(
    client: &Client<'_>,
    target: &str,
    cursor: Option<&str>,
) -> Result<Page<T>, DestinationError> {
    let target = match cursor {
        None => target.to_owned(),
        Some(token) => format!("{target}&nextPageToken={}", encode(token)),
    };
    let mut page: Page<T> = match client.read(&target).await {
        Ok(page) => page,
        // A token may be too old.
        Err(Failed::Invalid(_)) if cursor.is_some() => {
            let why = "the place in its list is not known any more";
            return Err(DestinationError::Unavailable(why.to_owned()));
        }
        Err(Failed::Missing) => return Err(unexpected(404)),
        Err(failed) => return Err(failed.of_reading()),
    };
    page.next_page_token = page.next_page_token.filter(|token| !token.is_empty());
    if page.next_page_token.is_some() && page.next_page_token.as_deref() == cursor {
        let what = "a page whose next one is itself";
        return Err(DestinationError::Unexpected(what.to_owned()));
    }
    Ok(page)
}
