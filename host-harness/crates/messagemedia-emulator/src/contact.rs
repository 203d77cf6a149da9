//! Contacts, lists and custom fields as they are kept, and as the API tells them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::behaviour::Empty;
use crate::moments;
use crate::values::FieldType;

/// The account of everything here.
const ACCOUNT: &str = "EmulatedAccount001";
/// Whose product the account has.
const VENDOR: &str = "EmulatedVendor";

/// The properties that a request can write, by their names; the last one is told where it has a value, the others
/// always. `fullName` is none of them: it is made of two others.
pub(crate) const PROPERTIES: [&str; 8] = [
    "firstName",
    "lastName",
    "alias",
    "country",
    "state",
    "location",
    "note",
    DATE_OF_BIRTH,
];
pub(crate) const DATE_OF_BIRTH: &str = "dateOfBirth";

/// The types of channels. A request can write the first two; the others come by themselves, when somebody begins to
/// write to the account.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ChannelType {
    Sms,
    Whatsapp,
    Gbm,
    Instagram,
    Facebook,
    Email,
}

impl ChannelType {
    /// Its name in errors.
    pub(crate) fn in_errors(self) -> &'static str {
        match self {
            Self::Sms => "PHONE",
            _ => self.name(),
        }
    }

    /// Its name everywhere else.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Whatsapp => "WHATSAPP",
            Self::Gbm => "GBM",
            Self::Instagram => "INSTAGRAM",
            Self::Facebook => "FACEBOOK",
            Self::Email => "EMAIL",
        }
    }

    /// The type of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = [
            Self::Sms,
            Self::Whatsapp,
            Self::Gbm,
            Self::Instagram,
            Self::Facebook,
            Self::Email,
        ];
        all.into_iter()
            .find(|channel_type| channel_type.name() == name)
    }

    /// Whether it is a number, which a request can write.
    pub(crate) fn is_writable(self) -> bool {
        matches!(self, Self::Sms | Self::Whatsapp)
    }
}

/// Whether somebody wants messages.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Subscription {
    Subscribed,
    Unsubscribed,
}

/// One way to reach a contact.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Channel {
    pub(crate) channel_id: String,
    #[serde(rename = "type")]
    pub(crate) channel_type: ChannelType,
    pub(crate) subscription_state: Subscription,
}

impl Channel {
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.channel_type == other.channel_type && self.channel_id == other.channel_id
    }
}

/// A contact.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    pub(crate) id: String,
    /// The filled ones of [`PROPERTIES`].
    pub(crate) properties: BTreeMap<&'static str, String>,
    pub(crate) channels: Vec<Channel>,
    /// Ids of lists.
    pub(crate) lists: BTreeSet<String>,
    /// Values by the ids of their custom fields.
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) created: SystemTime,
    pub(crate) modified: SystemTime,
}

/// A list of contacts.
#[derive(Clone, Debug)]
pub(crate) struct List {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) alias: Option<String>,
    pub(crate) created: SystemTime,
    pub(crate) modified: SystemTime,
}

/// A custom field.
#[derive(Clone, Debug)]
pub(crate) struct CustomField {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) merge_tag: String,
    pub(crate) max_length: i32,
    pub(crate) field_type: FieldType,
    pub(crate) created: SystemTime,
    pub(crate) modified: SystemTime,
}

fn begin(id: &str) -> Map<String, Value> {
    let mut told = Map::new();
    for (name, value) in [("id", id), ("accountId", ACCOUNT), ("vendorId", VENDOR)] {
        told.insert(name.to_owned(), json!(value));
    }
    told
}

fn end(told: &mut Map<String, Value>, created: SystemTime, modified: SystemTime) {
    for (name, moment) in [("createdDate", created), ("lastModifiedDate", modified)] {
        told.insert(name.to_owned(), json!(moments::written(moment)));
    }
}

fn tell(told: &mut Map<String, Value>, name: &str, value: Option<&str>, empty: Empty) {
    let value = match (value, empty) {
        (Some(value), _) => json!(value),
        (None, Empty::EmptyString) => json!(""),
        (None, Empty::Null) => Value::Null,
        (None, Empty::Absent) => return,
    };
    told.insert(name.to_owned(), value);
}

impl Contact {
    /// As `ContactData`. `list_name` and `field` tell what an id is of; what is gone is left out.
    pub(crate) fn told<'a>(
        &self,
        empty: Empty,
        list_name: impl Fn(&str) -> Option<&'a str>,
        field: impl Fn(&str) -> Option<&'a CustomField>,
    ) -> Value {
        let mut told = begin(&self.id);
        let value = |name: &str| self.properties.get(name).map(String::as_str);
        for name in PROPERTIES {
            let has_to_be_told = name != DATE_OF_BIRTH || value(name).is_some();
            if has_to_be_told {
                tell(&mut told, name, value(name), empty);
            }
        }
        let names = [value("firstName"), value("lastName")];
        let full_name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let full_name = Some(&*full_name).filter(|name| !name.is_empty());
        tell(&mut told, "fullName", full_name, empty);
        let values = self.values.iter().filter_map(|(id, value)| {
            let field = field(id)?;
            Some(json!({
                "id": id, "mergeTag": field.merge_tag, "value": value, "type": field.field_type,
            }))
        });
        let lists = self.lists.iter().filter_map(|id| {
            let name = list_name(id)?;
            Some(json!({"id": id, "name": name}))
        });
        told.insert("customFields".to_owned(), values.collect());
        told.insert("channels".to_owned(), json!(self.channels));
        told.insert("lists".to_owned(), lists.collect());
        end(&mut told, self.created, self.modified);
        Value::Object(told)
    }
}

impl List {
    /// As `ListData`.
    pub(crate) fn told(&self, empty: Empty) -> Value {
        let mut told = begin(&self.id);
        told.insert("name".to_owned(), json!(self.name));
        tell(&mut told, "alias", self.alias.as_deref(), empty);
        end(&mut told, self.created, self.modified);
        Value::Object(told)
    }
}

impl CustomField {
    /// As `CustomFieldData`.
    pub(crate) fn told(&self) -> Value {
        let mut told = begin(&self.id);
        for (name, value) in [
            ("label", json!(self.label)),
            ("mergeTag", json!(self.merge_tag)),
            ("maxLength", json!(self.max_length)),
            ("type", json!(self.field_type)),
        ] {
            told.insert(name.to_owned(), value);
        }
        end(&mut told, self.created, self.modified);
        Value::Object(told)
    }
}
