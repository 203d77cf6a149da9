//! One person, as they are shown.

use std::collections::BTreeMap;

use api_types::views::{PersonView, ValueView};
use connector_contract::{AttributeChange, FieldChange, PlanEntry};
use store_api::ContactRow;

use crate::codes::CodeLabels;
use crate::labels;

/// People of a page.
pub(crate) const PAGE: u32 = 50;

pub(crate) fn person_of_entry(
    codes: &CodeLabels,
    entry: PlanEntry,
    contacts: &BTreeMap<String, ContactRow>,
) -> PersonView {
    let contact = entry.contact.as_ref().and_then(|id| contacts.get(id));
    let what = entry.what;
    let value = |field: &str| {
        let planned = what
            .fields
            .iter()
            .find(|change| change.field == field)
            .and_then(|change| change.after.clone().or_else(|| change.before.clone()));
        planned.or_else(|| contact.and_then(|contact| contact.fields.get(field).cloned()))
    };
    let address = value("email");
    let name = name_of(&value).or_else(|| address.clone());
    let mut why = codes.label(&what.reason).to_owned();
    if let Some(evidence) = &what.evidence {
        why = format!("{why} ({})", evidence.text());
    }
    PersonView {
        name: name.unwrap_or_else(|| what.object_id.clone()),
        address,
        contact_id: entry.contact,
        change: Some(what.effect),
        why: Some(why),
        active: contact.is_none_or(|contact| contact.active),
        lists: what.joins,
        leaves: what.leaves,
        values: what
            .fields
            .into_iter()
            .map(value_view)
            .chain(entry.directory.into_iter().map(given_view))
            .collect(),
        object_id: Some(what.object_id),
    }
}

/// Somebody of whom no more is known than values that the directory gave.
pub(crate) fn named_by_values(object_id: String, fields: Vec<FieldChange>) -> PersonView {
    let value = |field: &str| {
        let mut fields = fields.iter();
        let known = fields.find(|change| change.field == field)?;
        known.after.clone().or_else(|| known.before.clone())
    };
    let address = value("email");
    let name = name_of(&value).or_else(|| address.clone());
    PersonView {
        name: name.unwrap_or_else(|| object_id.clone()),
        address,
        contact_id: None,
        change: None,
        why: None,
        active: true,
        lists: Vec::new(),
        leaves: Vec::new(),
        values: fields.into_iter().map(value_view).collect(),
        object_id: Some(object_id),
    }
}

fn value_view(change: FieldChange) -> ValueView {
    ValueView {
        label: labels::field(&change.field),
        before: change.before,
        after: change.after,
    }
}

/// What the directory is given.
fn given_view(change: AttributeChange) -> ValueView {
    ValueView {
        label: format!("{} in the directory", change.attribute),
        before: change.before,
        after: change.after,
    }
}

pub(crate) fn person_of_contact(contact: ContactRow) -> PersonView {
    let value = |field: &str| contact.fields.get(field).cloned();
    let address = value("email");
    let name = name_of(&value).or_else(|| address.clone());
    PersonView {
        name: name.unwrap_or_else(|| format!("Contact {}", contact.id)),
        address,
        object_id: contact.object_id,
        change: None,
        why: None,
        active: contact.active,
        lists: contact.lists,
        leaves: Vec::new(),
        values: contact
            .fields
            .into_iter()
            .map(|(field, value)| ValueView {
                label: labels::field(&field),
                before: None,
                after: Some(value),
            })
            .collect(),
        contact_id: Some(contact.id),
    }
}

/// What somebody is called, by the fields that hold names.
fn name_of(value: &impl Fn(&str) -> Option<String>) -> Option<String> {
    if let Some(name) = value("display_name").or_else(|| value("contact_name")) {
        return Some(name);
    }
    let parts: Vec<String> = [value("first_name"), value("last_name")]
        .into_iter()
        .flatten()
        .collect();
    Some(parts.join(" ")).filter(|name| !name.is_empty())
}
