//! Which attribute fits into which field of the store.

use entra_users::mapping::catalogue::{ATTRIBUTES, Attribute, Content, Kind};
use entra_users::user::MANAGER;
use sync_core::ports::{FieldDescription, FieldKind, FieldRole, StoreDescription};

use super::wording::{one_of, quoted};

/// Whether a field of that kind takes the attribute. Extension attributes hold whatever the
/// organisation put there, so they fit wherever text does; the store judges their values.
pub(super) fn takes(kind: &FieldKind, attribute: &Attribute) -> bool {
    let is_boolean = attribute.kind == Kind::Boolean;
    match kind {
        FieldKind::Boolean => is_boolean,
        _ if is_boolean => false,
        FieldKind::Text | FieldKind::Other(_) => true,
        _ if attribute.content == Content::Free => true,
        FieldKind::Email => attribute.content == Content::Address,
        FieldKind::Phone => attribute.content == Content::Phone,
        FieldKind::Date => attribute.kind == Kind::DateTime,
    }
}

/// Whether the field would make everybody who reports to the same person one contact: it is the one by which
/// contacts are found, and the attribute is somebody else's.
pub(super) fn is_somebody_elses(attribute: &Attribute, field: &FieldDescription) -> bool {
    attribute.property == MANAGER && field.role == Some(FieldRole::Email)
}

/// The sentence about an attribute that does not fit into a field.
pub(super) fn misfit(
    attribute: &Attribute,
    field: &FieldDescription,
    store: &StoreDescription,
) -> String {
    if attribute.kind == Kind::Boolean {
        return format!(
            "{} is true or false, which the field {} does not hold; {}.",
            quoted(attribute.name),
            quoted(&field.name),
            home_of_booleans(store)
        );
    }
    let fitting = ATTRIBUTES
        .iter()
        .filter(|other| other.content != Content::Free && other.property != MANAGER)
        .filter(|other| takes(&field.kind, other))
        .map(|other| other.name);
    format!(
        "The field {} holds {}, which {} is not; map {} to it instead.",
        quoted(&field.name),
        noun(&field.kind),
        quoted(attribute.name),
        one_of(fitting)
    )
}

fn home_of_booleans(store: &StoreDescription) -> String {
    let fields: Vec<_> = store
        .fields
        .iter()
        .filter(|field| field.kind == FieldKind::Boolean)
        .map(|field| field.name.as_str())
        .collect();
    match (fields.is_empty(), store.custom_fields) {
        (false, _) => format!("map it to {}", one_of(fields)),
        (true, true) => "map it to a custom field".to_owned(),
        (true, false) => "leave it out of the mapping".to_owned(),
    }
}

fn noun(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Email => "an email address",
        FieldKind::Phone => "a telephone number",
        FieldKind::Boolean => "true or false",
        FieldKind::Date => "a date",
        FieldKind::Text | FieldKind::Other(_) => "text",
    }
}
