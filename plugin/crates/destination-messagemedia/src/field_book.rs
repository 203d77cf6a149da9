//! The custom fields of an account, and which fields of a contact they are.

use destination_kit::contract::{FieldDescription, FieldKind};

use crate::fields::{
    CUSTOM_LENGTH, FieldType, NEEDED, NEEDED_FIELDS, Needed, PHONE_NUMBER, PROPERTIES, merge_tag,
};
use crate::number::LONGEST_WRITTEN;
use crate::wire::CustomFieldData;

/// A custom field of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CustomField {
    pub(crate) id: String,
    pub(crate) merge_tag: String,
    label: String,
    pub(crate) max_length: u32,
    /// `None`: one that this destination does not know, and neither reads nor writes.
    pub(crate) field_type: Option<FieldType>,
    /// The name of the field that it is; `None` where it is none.
    pub(crate) name: Option<String>,
}

/// The custom fields of an account, as far as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldBook {
    fields: Vec<CustomField>,
}

/// A custom field to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewField {
    pub(crate) label: String,
    pub(crate) merge_tag: String,
    pub(crate) max_length: u32,
    pub(crate) field_type: FieldType,
}

impl From<Needed> for NewField {
    fn from(needed: Needed) -> Self {
        Self {
            label: needed.label.to_owned(),
            merge_tag: needed.merge_tag.to_owned(),
            max_length: needed.max_length,
            field_type: needed.made_as,
        }
    }
}

impl FieldBook {
    /// The book of these fields. A field is known by its label, as people name it in a configuration; where that is
    /// another one's name already, by its merge tag; where that is, too, it is no field.
    pub(crate) fn of(told: Vec<CustomFieldData>) -> Self {
        let mut names: Vec<String> = vec![PHONE_NUMBER.to_owned()];
        names.extend(PROPERTIES.iter().map(|property| property.field.to_owned()));
        names.extend(
            NEEDED_FIELDS
                .iter()
                .map(|needed| needed.merge_tag.to_owned()),
        );
        let mut fields: Vec<CustomField> = Vec::new();
        for data in told {
            // Of two with one merge tag, the first counts.
            if fields.iter().any(|field| field.merge_tag == data.merge_tag) {
                continue;
            }
            let field_type = FieldType::named(&data.field_type);
            let is = |needed: &&Needed| needed.merge_tag == data.merge_tag;
            let name = if NEEDED_FIELDS.iter().any(|needed| is(&needed)) {
                Some(data.merge_tag.clone())
            } else if NEEDED.iter().any(|needed| is(&needed)) || field_type.is_none() {
                None
            } else {
                let candidates = [&data.label, &data.merge_tag];
                let free = candidates
                    .into_iter()
                    .find(|name| !names.contains(name) && !name.is_empty());
                free.cloned()
            };
            names.extend(name.clone());
            fields.push(CustomField {
                id: data.id,
                merge_tag: data.merge_tag,
                label: data.label,
                max_length: data.max_length,
                field_type,
                name,
            });
        }
        Self { fields }
    }

    /// The book with one more.
    pub(crate) fn with(&self, told: CustomFieldData) -> Self {
        let fields = self.fields.iter().cloned();
        let told_before = fields.map(|field| CustomFieldData {
            id: field.id,
            label: field.label,
            merge_tag: field.merge_tag,
            max_length: field.max_length,
            field_type: field
                .field_type
                .map_or_else(String::new, |kind| kind.name().to_owned()),
        });
        Self::of(told_before.chain([told]).collect())
    }

    pub(crate) fn by_tag(&self, merge_tag: &str) -> Option<&CustomField> {
        self.fields
            .iter()
            .find(|field| field.merge_tag == merge_tag)
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<&CustomField> {
        let mut fields = self.fields.iter();
        fields.find(|field| field.name.as_deref() == Some(name))
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&CustomField> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// What is wrong with a custom field that this destination needs, in a sentence: its type cannot be changed, so
    /// a person has to make room.
    pub(crate) fn flaw(&self) -> Option<String> {
        NEEDED.iter().find_map(|needed| {
            let field = self.by_tag(needed.merge_tag)?;
            let tag = needed.merge_tag;
            let fits = field.field_type.is_some_and(|kind| needed.takes.contains(&kind));
            if !fits {
                let types: Vec<&str> = needed.takes.iter().map(|kind| kind.name()).collect();
                let types = types.join(" or ");
                return Some(format!(
                    "the custom field with the merge tag {tag} is not of type {types}, and a type cannot be \
                     changed: delete it in MessageMedia, or give that tag up there"
                ));
            }
            let is_field = NEEDED_FIELDS.iter().any(|other| other.merge_tag == tag);
            (!is_field && field.max_length < needed.max_length).then(|| {
                let length = needed.max_length;
                format!("the custom field with the merge tag {tag} must take {length} characters: change its length in MessageMedia")
            })
        })
    }

    /// A custom field for a new name, with a merge tag that no other one has; `None` where the name cannot have one.
    pub(crate) fn new_field(&self, name: &str) -> Option<NewField> {
        let tag = merge_tag(name)?;
        let numbered = (2..100).map(|number| format!("{tag}_{number}"));
        let mut tags = std::iter::once(tag.clone()).chain(numbered);
        let is_free = |tag: &String| {
            let needed = NEEDED.iter().any(|needed| needed.merge_tag == tag);
            !needed && self.by_tag(tag).is_none()
        };
        Some(NewField {
            label: name.to_owned(),
            merge_tag: tags.find(is_free)?,
            max_length: CUSTOM_LENGTH,
            field_type: FieldType::Text,
        })
    }

    /// The fields that every contact has or can have.
    pub(crate) fn descriptions(&self) -> Vec<FieldDescription> {
        let mut described = vec![FieldDescription {
            name: PHONE_NUMBER.to_owned(),
            label: "Phone number".to_owned(),
            kind: FieldKind::Phone,
            mandatory: true,
            max_length: u32::try_from(LONGEST_WRITTEN).ok(),
            role: Some(destination_kit::contract::FieldRole::Phone),
        }];
        let plain = |name: &str, label: &str, kind: FieldKind| FieldDescription {
            name: name.to_owned(),
            label: label.to_owned(),
            kind,
            mandatory: false,
            max_length: None,
            role: None,
        };
        for needed in NEEDED_FIELDS {
            let there = self.by_tag(needed.merge_tag);
            described.push(FieldDescription {
                max_length: Some(there.map_or(needed.max_length, |field| field.max_length)),
                role: needed.role.map(|role| role.contract()),
                ..plain(needed.merge_tag, needed.label, needed.made_as.kind())
            });
        }
        for property in PROPERTIES {
            let kind = if property.is_date {
                FieldKind::Date
            } else {
                FieldKind::Text
            };
            described.push(FieldDescription {
                role: property.role.map(|role| role.contract()),
                ..plain(property.field, property.label, kind)
            });
        }
        for field in &self.fields {
            let is_needed = NEEDED
                .iter()
                .any(|needed| needed.merge_tag == field.merge_tag);
            if let (false, Some(name), Some(kind)) = (is_needed, &field.name, field.field_type) {
                described.push(FieldDescription {
                    max_length: Some(field.max_length),
                    ..plain(name, &field.label, kind.kind())
                });
            }
        }
        described
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(label: &str, merge_tag: &str, field_type: &str) -> CustomFieldData {
        CustomFieldData {
            id: format!("id of {merge_tag}"),
            label: label.to_owned(),
            merge_tag: merge_tag.to_owned(),
            max_length: 255,
            field_type: field_type.to_owned(),
        }
    }

    fn names(book: &FieldBook) -> Vec<Option<&str>> {
        book.fields
            .iter()
            .map(|field| field.name.as_deref())
            .collect()
    }

    #[test]
    fn a_custom_field_is_known_by_its_label_unless_that_is_taken() {
        let book = FieldBook::of(vec![
            field("Mail", "email", "EMAIL"),
            field("Cost centre", "cc", "TEXT"),
            field("Cost centre", "cc2", "TEXT"),
            field("note", "their_note", "TEXT"),
            field("note", "state", "TEXT"),
            field("Whose", "entra_object_id", "TEXT"),
            field("Of tomorrow", "later", "COLOUR"),
        ]);
        let expected = [
            Some("email"),
            Some("Cost centre"),
            Some("cc2"),
            Some("their_note"),
            None,
            None,
            None,
        ];
        assert_eq!(names(&book), expected);
        let described: Vec<String> = book
            .descriptions()
            .into_iter()
            .map(|field| field.name)
            .collect();
        assert_eq!(described.first().map(String::as_str), Some("phone_number"));
        assert!(described.ends_with(&[
            "Cost centre".to_owned(),
            "cc2".to_owned(),
            "their_note".to_owned()
        ]));
    }

    #[test]
    fn exactly_one_field_is_the_match_key_and_the_number_alone_is_mandatory() {
        let described = FieldBook::default().descriptions();
        let keys = described.iter().filter(|field| {
            matches!(
                field.role,
                Some(destination_kit::contract::FieldRole::Email)
            )
        });
        assert_eq!(keys.count(), 1);
        let mandatory: Vec<&str> = described
            .iter()
            .filter(|field| field.mandatory)
            .map(|field| &*field.name)
            .collect();
        assert_eq!(mandatory, ["phone_number"]);
    }

    #[test]
    fn a_needed_field_of_another_type_or_too_short_is_a_persons_to_put_right() {
        assert_eq!(
            FieldBook::of(vec![field("E", "email", "TEXT")]).flaw(),
            None
        );
        let flaw = FieldBook::of(vec![field("E", "email", "NUMBER")])
            .flaw()
            .unwrap();
        assert!(
            flaw.contains("email") && flaw.contains("EMAIL or TEXT"),
            "{flaw}"
        );
        let mut short = field("L", "entra_object_id", "TEXT");
        short.max_length = 36;
        assert!(
            FieldBook::of(vec![short])
                .flaw()
                .unwrap()
                .contains("255 characters")
        );
        let mut short = field("E", "email", "EMAIL");
        short.max_length = 30;
        let book = FieldBook::of(vec![short]);
        assert_eq!(
            book.flaw(),
            None,
            "the mapping is checked against its length"
        );
        let described = book.descriptions();
        let email = described
            .iter()
            .find(|field| field.name == "email")
            .unwrap();
        assert_eq!(email.max_length, Some(30));
    }

    #[test]
    fn a_new_field_has_a_merge_tag_of_its_own() {
        let book = FieldBook::of(vec![field("Old", "cost_centre", "TEXT")]);
        assert_eq!(
            book.new_field("Cost centre").unwrap().merge_tag,
            "cost_centre_2"
        );
        assert_eq!(book.new_field("Email").unwrap().merge_tag, "email_2");
        assert_eq!(book.new_field("Region").unwrap().merge_tag, "region");
    }
}
