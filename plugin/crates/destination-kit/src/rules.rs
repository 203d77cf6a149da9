//! What a destination takes: every change is checked before anything of it is sent, so that a refusal costs no
//! request and leaves no trace. What the service refuses beside this, it says itself.

use std::collections::BTreeSet;

use contact_identity::LONGEST_OBJECT_ID;
use contact_identity::list::comparable;

use crate::contract::{Change, ContactList};
use crate::contract::{
    CodeDescription, CodeKind, Commit, Field, FieldDescription, FieldKind, FieldRole, FieldWrite,
    Refusal, StateWrite, StoreError,
};
use crate::destination::Capabilities;

/// Most changes of a commit, and entries of a query.
pub(crate) const MAX_BATCH: u32 = 2_000;

/// Longest key of the state, in bytes, as the contract says.
const MAX_KEY: usize = 256;

/// Longest value of the state, in bytes, as the contract says.
const MAX_VALUE: usize = 1 << 20;

/// The codes that every store of this kit has beside those that the contract names.
const CODES: [(&str, &str); 13] = [
    ("empty-value", "A value is empty"),
    ("repeated-field", "A field is named twice"),
    (
        "invalid-field-name",
        "The name of a custom field is empty or too long",
    ),
    ("invalid-object-id", "The object id is empty or too long"),
    ("invalid-list", "The name of a list is empty or too long"),
    (
        "needs-removal",
        "A contact is to become inactive without evidence",
    ),
    (
        "needs-undone",
        "Something is taken back without saying which run",
    ),
    ("not-journaled", "Something is taken back that was not done"),
    (
        "unknown-entry",
        "The journal no longer has what is to be taken back",
    ),
    ("cannot-deactivate", "The service has no inactive contacts"),
    (
        "unknown",
        "Whether the service has done it is not known yet",
    ),
    (
        "lists-missed",
        "The contact was written, and not put on a list or taken off it",
    ),
    ("not-tried", "The service was not asked any more"),
];

/// The same, for whoever shows them.
pub(crate) fn codes() -> impl Iterator<Item = CodeDescription> {
    CODES.into_iter().map(|(code, label)| CodeDescription {
        code: code.to_owned(),
        kind: CodeKind::Refusal,
        label: label.to_owned(),
        advice: None,
    })
}

pub(crate) fn refusal(field: Option<&str>, code: &str) -> Refusal {
    Refusal {
        field: field.map(str::to_owned),
        code: code.to_owned(),
    }
}

/// The field by whose value a contact is found.
pub(crate) fn match_key(capabilities: &Capabilities) -> Option<&str> {
    let fields = &capabilities.fields;
    let is_key = |field: &&FieldDescription| matches!(field.role, Some(FieldRole::Email));
    fields.iter().find(is_key).map(|field| field.name.as_str())
}

/// Checks writes to a contact that exists.
pub(crate) fn accept_writes(
    capabilities: &Capabilities,
    writes: &[FieldWrite],
) -> Result<(), Refusal> {
    let mut named = BTreeSet::new();
    for FieldWrite { name, value } in writes {
        if value.as_deref() == Some("") {
            return Err(refusal(Some(name), "empty-value"));
        }
        let described = capabilities.fields.iter().find(|field| field.name == *name);
        match described {
            Some(field) => accept_described(field, value.as_deref())?,
            None => accept_custom(capabilities, name, value.as_deref())?,
        }
        if !named.insert(name) {
            return Err(refusal(Some(name), "repeated-field"));
        }
    }
    Ok(())
}

/// Checks the fields of a new contact: mandatory ones must be among them.
pub(crate) fn accept_new(capabilities: &Capabilities, fields: &[Field]) -> Result<(), Refusal> {
    let writes: Vec<_> = fields
        .iter()
        .map(|field| FieldWrite {
            name: field.name.clone(),
            value: Some(field.value.clone()),
        })
        .collect();
    accept_writes(capabilities, &writes)?;
    let has = |name: &str| fields.iter().any(|field| field.name == name);
    let mut mandatory = capabilities.fields.iter().filter(|field| field.mandatory);
    match mandatory.find(|field| !has(&field.name)) {
        Some(field) => Err(refusal(Some(&field.name), "missing-mandatory")),
        None => Ok(()),
    }
}

fn accept_described(field: &FieldDescription, value: Option<&str>) -> Result<(), Refusal> {
    let code = match value {
        None if field.mandatory => "missing-mandatory",
        Some(text) if is_longer(text, field.max_length) => "too-long",
        Some(text) if matches!(field.kind, FieldKind::Email) && !is_address(text) => {
            "invalid-email"
        }
        _ => return Ok(()),
    };
    Err(refusal(Some(&field.name), code))
}

fn accept_custom(
    capabilities: &Capabilities,
    name: &str,
    value: Option<&str>,
) -> Result<(), Refusal> {
    let limits = &capabilities.limits;
    if !capabilities.custom_fields {
        return Err(refusal(Some(name), "unknown-field"));
    }
    if name.trim().is_empty() || is_longer(name, limits.custom_field_label) {
        return Err(refusal(None, "invalid-field-name"));
    }
    if value.is_some_and(|text| is_longer(text, limits.custom_field_value)) {
        return Err(refusal(Some(name), "too-long"));
    }
    Ok(())
}

/// Checks the user to whom a contact is to be linked.
pub(crate) fn accept_object_id(object_id: &str) -> Result<(), Refusal> {
    if object_id.is_empty() || object_id.len() > LONGEST_OBJECT_ID {
        return Err(refusal(None, "invalid-object-id"));
    }
    Ok(())
}

/// Checks the lists that a contact is to join.
pub(crate) fn accept_lists(
    capabilities: &Capabilities,
    lists: &[ContactList],
) -> Result<(), Refusal> {
    let invalid = |list: &ContactList| {
        comparable(&list.name).is_empty() || is_longer(&list.name, capabilities.limits.list_name)
    };
    if lists.iter().any(invalid) {
        return Err(refusal(None, "invalid-list"));
    }
    Ok(())
}

/// A base is the directory's data and follows its rules, except that an empty text is no value.
pub(crate) fn accept_base(base: &[Field]) -> Result<(), Refusal> {
    match base.iter().find(|field| field.value.is_empty()) {
        Some(field) => Err(refusal(Some(&field.name), "empty-value")),
        None => Ok(()),
    }
}

/// Making a contact inactive takes something away, so it needs a removal with its evidence.
pub(crate) fn accept_active(active: Option<bool>) -> Result<(), Refusal> {
    match active {
        Some(false) => Err(refusal(None, "needs-removal")),
        _ => Ok(()),
    }
}

/// Checks a commit as a whole: what fails here fails before anything of it is done.
pub(crate) fn accept_commit(commit: &Commit) -> Result<(), StoreError> {
    let other = |message: &str| Err(StoreError::Other(message.to_owned()));
    if u32::try_from(commit.changes.len()).map_or(true, |changes| changes > MAX_BATCH) {
        return Err(StoreError::BatchTooLarge(MAX_BATCH));
    }
    if commit.source.is_empty() {
        return other("a commit names no source");
    }
    for StateWrite { key, value } in &commit.state {
        accept_state(key.len(), value.as_ref().map_or(0, Vec::len))?;
    }
    for contingency in &commit.otherwise {
        for position in &contingency.changes {
            let Some(change) = commit.changes.get(*position as usize) else {
                return other("a contingency names a change that the commit does not have");
            };
            let key = contingency.key_prefix.len() + user_of(change).len();
            accept_state(key, contingency.value.len())?;
        }
    }
    Ok(())
}

fn accept_state(key: usize, value: usize) -> Result<(), StoreError> {
    let too_long = if key > MAX_KEY {
        format!("a key of the connector's state is longer than {MAX_KEY} bytes")
    } else if value > MAX_VALUE {
        format!("a value of the connector's state is longer than {MAX_VALUE} bytes")
    } else {
        return Ok(());
    };
    Err(StoreError::Other(too_long))
}

/// The user whom a change is about.
pub(crate) fn user_of(change: &Change) -> &str {
    match change {
        Change::Create(create) => &create.object_id,
        Change::Update(update) => &update.object_id,
        Change::Link(link) => &link.object_id,
        Change::Remove(removal) => &removal.object_id,
        Change::Revert(reversal) => &reversal.object_id,
    }
}

fn is_longer(text: &str, limit: Option<u32>) -> bool {
    // Bytes bound scalar values from above, and nearly every value is short.
    limit.is_some_and(|limit| {
        let limit = limit as usize;
        text.len() > limit && text.chars().nth(limit).is_some()
    })
}

/// Whether a text can be an address: one or more characters before the last `@`, a domain of non-empty labels
/// after it, and, around white space aside, neither white space nor control characters. Deliberately less than
/// RFC 5322: the directory has judged the address already, and what remains the service judges.
fn is_address(text: &str) -> bool {
    let text = text.trim();
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && domain.split('.').all(|label| !label.is_empty())
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}
