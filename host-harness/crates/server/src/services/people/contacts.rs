//! The contacts, and those of them that lack a value.

use api_types::views::{ContactsView, PeopleView};
use store_api::ContactFilter;

use super::person::{PAGE, person_of_contact};
use crate::services::context::WorkspaceContext;
use crate::services::destination::{contacts_are_here, kept_by};
use crate::services::error::ServiceError;
use crate::services::setup::tested::InForce;

/// Active linked contacts without a value in a field.
pub(crate) async fn missing_people(
    ws: &WorkspaceContext,
    field: String,
    label: String,
    after: Option<String>,
) -> Result<PeopleView, ServiceError> {
    if !has_field(ws, &field).await? {
        return Err(ServiceError::Unknown(
            "Contacts have no field of this name.".to_owned(),
        ));
    }
    contacts_are_here(ws).await?;
    ws.look(move |store| {
        let page = store.missing(None, &field, after.as_deref(), PAGE)?;
        Ok(PeopleView {
            title: format!("{label} is missing"),
            explanation: format!(
                "The directory has no value for {label} of these people. It is filled there, and \
                 arrives with the next sync."
            ),
            total: None,
            people: page.contacts.into_iter().map(person_of_contact).collect(),
            next: page.next,
        })
    })
    .await
}

/// Whether contacts have a field: one of the store's, or one that the mapping fills.
async fn has_field(ws: &WorkspaceContext, field: &str) -> Result<bool, ServiceError> {
    let mappings = InForce::of(&ws.record()?).mappings;
    if mappings
        .iter()
        .any(|row| row.field == field || row.label == field)
    {
        return Ok(true);
    }
    let described = ws.store().await?.describe().map_err(|error| {
        ServiceError::NotNow(format!(
            "the contact store does not describe itself: {error:?}"
        ))
    })?;
    Ok(described.fields.iter().any(|known| known.name == field))
}

/// A page of the contacts, or those with an address.
pub(crate) async fn contacts(
    ws: &WorkspaceContext,
    address: Option<String>,
    after: Option<String>,
) -> Result<ContactsView, ServiceError> {
    if let Some(label) = kept_by(ws).await? {
        return Ok(ContactsView {
            address: None,
            kept_by: Some(label),
            people: Vec::new(),
            next: None,
        });
    }
    ws.look(move |store| {
        let (rows, next) = match &address {
            Some(address) => (store.by_address(address)?, None),
            None => {
                let page = store.page(&ContactFilter::default(), after.as_deref(), PAGE)?;
                (page.contacts, page.next)
            }
        };
        Ok(ContactsView {
            address,
            kept_by: None,
            people: rows.into_iter().map(person_of_contact).collect(),
            next,
        })
    })
    .await
}
