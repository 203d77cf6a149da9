//! What the store takes: every value is checked before anything of its change is written, so that a
//! refusal leaves no trace and stops no other change.

use connector_contract::{CodeDescription, CodeKind, ContactList, Refusal, StoreLimits};
use contact_identity::LONGEST_OBJECT_ID;
use contact_identity::list::comparable;

use super::custom::CustomFields;
use super::fields::{
    self, DESCRIBED, DESCRIBED_FIELDS, EMAIL, Filled, Kind, MAX_CUSTOM_FIELDS, MAX_CUSTOM_NAME,
    MAX_CUSTOM_VALUE,
};

/// Longest name of a list, in Unicode scalar values.
const MAX_LIST_NAME: usize = 256;

/// The codes of refusals that are this store's own.
const CODES: [(&str, &str); 9] = [
    ("empty-value", "A value is empty"),
    ("repeated-field", "A field is named twice"),
    (
        "invalid-field-name",
        "The name of a custom field is empty or too long",
    ),
    (
        "too-many-custom-fields",
        "The contacts have as many custom fields as they can have",
    ),
    ("invalid-object-id", "The object id is empty or too long"),
    ("invalid-list", "The name of a list is empty or too long"),
    (
        "needs-undone",
        "Something is taken back without saying which run",
    ),
    ("not-journaled", "Something is taken back that was not done"),
    (
        "unknown-entry",
        "The journal no longer has what is to be taken back",
    ),
];

/// The same, for whoever shows them.
pub(super) fn codes() -> Vec<CodeDescription> {
    let described = |(code, label): (&str, &str)| CodeDescription {
        code: code.to_owned(),
        kind: CodeKind::Refusal,
        label: label.to_owned(),
        advice: None,
    };
    CODES.into_iter().map(described).collect()
}

/// What names and custom values may be.
pub(super) fn limits() -> StoreLimits {
    let most = |limit: usize| u32::try_from(limit).ok();
    StoreLimits {
        custom_fields: most(MAX_CUSTOM_FIELDS),
        custom_field_label: most(MAX_CUSTOM_NAME),
        custom_field_value: most(MAX_CUSTOM_VALUE),
        list_name: most(MAX_LIST_NAME),
    }
}

/// How this store was opened: what it demands, and whether it takes custom fields and knows contacts again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) custom_fields: bool,
    pub(super) mandatory: Filled,
    pub(super) marks: bool,
}

/// Checked writes of one change. A field that is not among them is not touched.
#[derive(Debug, Default)]
pub(super) struct Values<'a> {
    described: [Option<Option<&'a str>>; DESCRIBED_FIELDS],
    /// Names are distinct; `None` empties the field.
    pub(super) custom: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> Values<'a> {
    /// The value that a described field is to hold; the outer `None` means: not written.
    pub(super) fn described(&self, place: usize) -> Option<Option<&'a str>> {
        self.described.get(place).copied().flatten()
    }

    /// Every described field in order, with its value where it is written and filled.
    pub(super) fn columns(&self) -> impl Iterator<Item = Option<&'a str>> {
        self.described.iter().map(|write| write.flatten())
    }

    /// The described fields that are written, emptied ones included.
    pub(super) fn written(&self) -> Filled {
        (0..DESCRIBED_FIELDS).fold(Filled::default(), |written, place| {
            written.with(place, self.described(place).is_some())
        })
    }

    /// Whether nothing is written.
    pub(super) fn is_empty(&self) -> bool {
        self.custom.is_empty() && self.described.iter().all(Option::is_none)
    }

    /// Whether the match key is written.
    pub(super) fn writes_email(&self) -> bool {
        self.described(EMAIL).is_some()
    }

    /// The key of the address that is written.
    pub(super) fn email_key(&self) -> Option<String> {
        self.described(EMAIL).flatten().map(fields::email_key)
    }
}

fn refusal(field: &str, code: &str) -> Refusal {
    Refusal {
        field: Some(field.to_owned()),
        code: code.to_owned(),
    }
}

impl Rules {
    /// Checks writes to a contact that exists.
    pub(super) fn accept<'a>(
        &self,
        writes: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
        known: &CustomFields,
    ) -> Result<Values<'a>, Refusal> {
        let mut values = Values::default();
        for (name, value) in writes {
            if value == Some("") {
                return Err(refusal(name, "empty-value"));
            }
            match fields::position(name) {
                Some(place) => self.accept_described(&mut values, place, value)?,
                None => self.accept_custom(&mut values, name, value)?,
            }
        }
        refuse_too_many(&values, known)?;
        Ok(values)
    }

    /// Checks the fields of a new contact: mandatory ones must be among them.
    pub(super) fn accept_new<'a>(
        &self,
        filled: impl IntoIterator<Item = (&'a str, &'a str)>,
        known: &CustomFields,
    ) -> Result<Values<'a>, Refusal> {
        let writes = filled.into_iter().map(|(name, value)| (name, Some(value)));
        let values = self.accept(writes, known)?;
        let lacking = DESCRIBED.iter().enumerate().find(|(place, _)| {
            self.mandatory.contains(*place) && values.described(*place).is_none()
        });
        match lacking {
            Some((_, field)) => Err(refusal(field.name, "missing-mandatory")),
            None => Ok(values),
        }
    }

    fn accept_described<'a>(
        &self,
        values: &mut Values<'a>,
        place: usize,
        value: Option<&'a str>,
    ) -> Result<(), Refusal> {
        let (Some(field), Some(slot)) = (DESCRIBED.get(place), values.described.get_mut(place))
        else {
            return Ok(());
        };
        match value {
            None if self.mandatory.contains(place) => {
                return Err(refusal(field.name, "missing-mandatory"));
            }
            Some(text) if is_longer(text, field.max_length) => {
                return Err(refusal(field.name, "too-long"));
            }
            Some(text) if field.kind == Kind::Email && !is_address(text) => {
                return Err(refusal(field.name, "invalid-email"));
            }
            _ => {}
        }
        if slot.replace(value).is_some() {
            return Err(refusal(field.name, "repeated-field"));
        }
        Ok(())
    }

    fn accept_custom<'a>(
        &self,
        values: &mut Values<'a>,
        name: &'a str,
        value: Option<&'a str>,
    ) -> Result<(), Refusal> {
        if !self.custom_fields {
            return Err(refusal(name, "unknown-field"));
        }
        if name.trim().is_empty() || is_longer(name, MAX_CUSTOM_NAME) {
            return Err(Refusal {
                field: None,
                code: "invalid-field-name".to_owned(),
            });
        }
        if value.is_some_and(|text| is_longer(text, MAX_CUSTOM_VALUE)) {
            return Err(refusal(name, "too-long"));
        }
        if values.custom.iter().any(|(known, _)| *known == name) {
            return Err(refusal(name, "repeated-field"));
        }
        values.custom.push((name, value));
        Ok(())
    }
}

fn refuse_too_many(values: &Values<'_>, known: &CustomFields) -> Result<(), Refusal> {
    let room = MAX_CUSTOM_FIELDS.saturating_sub(known.len());
    let mut new = values
        .custom
        .iter()
        .filter(|(name, value)| value.is_some() && known.id(name).is_none());
    match new.nth(room) {
        Some((name, _)) => Err(refusal(name, "too-many-custom-fields")),
        None => Ok(()),
    }
}

/// Checks the user that a contact is to be linked to.
pub(super) fn accept_object_id(object_id: &str) -> Result<(), Refusal> {
    if object_id.is_empty() || object_id.len() > LONGEST_OBJECT_ID {
        return Err(Refusal {
            field: None,
            code: "invalid-object-id".to_owned(),
        });
    }
    Ok(())
}

/// Checks the lists that a contact is to join.
pub(super) fn accept_lists(lists: &[ContactList]) -> Result<(), Refusal> {
    let invalid = |list: &ContactList| {
        comparable(&list.name).is_empty() || is_longer(&list.name, MAX_LIST_NAME)
    };
    if lists.iter().any(invalid) {
        return Err(Refusal {
            field: None,
            code: "invalid-list".to_owned(),
        });
    }
    Ok(())
}

fn is_longer(text: &str, limit: usize) -> bool {
    // Bytes bound scalar values from above, and nearly every value is short.
    text.len() > limit && text.chars().nth(limit).is_some()
}

/// Whether a text can be an address: one or more characters before the last `@`, a domain of
/// non-empty labels after it, and, around white space aside, neither white space nor control
/// characters. Deliberately less than RFC 5322: the directory has judged the address already, and
/// the store only keeps out what cannot be one.
fn is_address(text: &str) -> bool {
    let text = text.trim();
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && domain.split('.').all(|label| !label.is_empty())
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules {
            custom_fields: true,
            mandatory: Filled::default().with(EMAIL, true),
            marks: true,
        }
    }

    fn code(result: Result<Values<'_>, Refusal>) -> String {
        result.map_or_else(|refusal| refusal.code, |_| "accepted".to_owned())
    }

    fn written(name: &str, value: &str) -> String {
        code(rules().accept([(name, Some(value))], &CustomFields::default()))
    }

    #[test]
    fn what_cannot_be_an_address_is_refused_and_what_a_tenant_has_is_taken() {
        for address in [
            "",
            "jane",
            "@x.org",
            "jane@",
            "jane@x..org",
            "ja ne@x.org",
            "a@b\u{7}.c",
        ] {
            assert!(!is_address(address), "{address:?}");
        }
        for address in [
            "jane@example.org",
            "o'neil@example.org",
            "jane_ext.org#EXT#@tenant.onmicrosoft.com",
            "åsa@bücher.example",
            " jane@localhost ",
        ] {
            assert!(is_address(address), "{address:?}");
        }
    }

    #[test]
    fn length_is_counted_in_scalar_values_not_in_bytes() {
        assert_eq!(written("first_name", &"é".repeat(64)), "accepted");
        assert_eq!(written("first_name", &"e".repeat(65)), "too-long");
    }

    #[test]
    fn a_mandatory_field_can_be_neither_left_out_of_a_new_contact_nor_emptied() {
        let none = CustomFields::default();
        assert_eq!(
            code(rules().accept_new([("company", "X")], &none)),
            "missing-mandatory"
        );
        assert_eq!(
            code(rules().accept([("email", None)], &none)),
            "missing-mandatory"
        );
        assert_eq!(code(rules().accept([("company", None)], &none)), "accepted");
    }

    #[test]
    fn an_empty_text_is_no_value_and_a_field_is_written_once() {
        let none = CustomFields::default();
        assert_eq!(written("company", ""), "empty-value");
        let twice = [("company", Some("A")), ("company", None)];
        assert_eq!(code(rules().accept(twice, &none)), "repeated-field");
        let twice = [("Shoe size", Some("42")), ("Shoe size", Some("43"))];
        assert_eq!(code(rules().accept(twice, &none)), "repeated-field");
    }

    #[test]
    fn a_store_without_custom_fields_knows_only_its_own() {
        let closed = Rules {
            custom_fields: false,
            ..rules()
        };
        let none = CustomFields::default();
        let refused = closed
            .accept([("Shoe size", Some("42"))], &none)
            .unwrap_err();
        assert_eq!(refused.code, "unknown-field");
        assert_eq!(refused.field.as_deref(), Some("Shoe size"));
    }

    #[test]
    fn custom_fields_end_where_their_bits_end() {
        let names: Vec<String> = (0..=MAX_CUSTOM_FIELDS)
            .map(|n| format!("Field {n}"))
            .collect();
        let all = names.iter().map(|name| (name.as_str(), Some("x")));
        let none = CustomFields::default();
        assert_eq!(
            code(rules().accept(all.clone(), &none)),
            "too-many-custom-fields"
        );
        assert_eq!(
            code(rules().accept(all.take(MAX_CUSTOM_FIELDS), &none)),
            "accepted"
        );
    }
}
