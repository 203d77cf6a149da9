//! The destinations that this program has, and the connector with one of them in it.

use std::borrow::Cow;

use bytes::Bytes;
use composition::Part;
use connector_artifacts::{DESTINATIONS, destination_bytes};
use store_api::AdminStore;
use sync_runner::ChosenDestination;

/// A component with the destination in it that a document chooses. One that imports no store of contacts has a
/// destination already, and stays what it is; so does one that is no component, of which the runtime says so.
pub(super) fn with_destination<'c>(
    component: &'c [u8],
    destination: Option<&ChosenDestination>,
) -> anyhow::Result<Cow<'c, [u8]>> {
    let Some(destination) = destination else {
        return Ok(Cow::Borrowed(component));
    };
    let Ok(connector) = connector(component) else {
        return Ok(Cow::Borrowed(component));
    };
    let wants_a_store =
        |import: &String| import.starts_with("contact-sync:connector/contact-store@");
    if !connector.imports().iter().any(wants_a_store) {
        return Ok(Cow::Borrowed(component));
    }
    let named = destination.name.as_deref();
    let Some((name, bytes)) = named.and_then(|name| Some((name, destination_bytes(name)?))) else {
        return Err(destination.unknown(&DESTINATIONS).into());
    };
    let plug = Part::new(format!("the destination {name}"), bytes.to_vec())?;
    let whole = composition::plugged(&connector, &[plug])?;
    Ok(Cow::Owned(whole.bytes().to_vec()))
}

/// The destinations that this program has, by name.
pub(super) fn all() -> Vec<(String, Bytes)> {
    let named = DESTINATIONS.iter().filter_map(|name| {
        let bytes = destination_bytes(name)?;
        Some(((*name).to_owned(), Bytes::from_static(bytes)))
    });
    named.collect()
}

/// The destination of the document that is saved with a store; `None` where the contacts are in the store itself.
pub(super) fn destination_of(store: &dyn AdminStore) -> anyhow::Result<Option<ChosenDestination>> {
    let document = store.document()?;
    Ok(document.as_deref().and_then(ChosenDestination::of))
}

/// A component as what something is plugged into.
pub(super) fn connector(component: &[u8]) -> Result<Part, composition::CompositionError> {
    Part::new("the connector", component.to_vec())
}
