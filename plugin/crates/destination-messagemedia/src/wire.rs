//! What the API tells, as far as it is read. Whatever a schema calls required may be missing: which form an empty
//! property has (`""`, `null`, not there) is not documented, so all three are nothing.

use serde::Deserialize;

/// `ContactData`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ContactData {
    pub(crate) id: String,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) date_of_birth: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) created_date: Option<String>,
    pub(crate) channels: Option<Vec<Channel>>,
    pub(crate) lists: Option<Vec<ListReference>>,
    pub(crate) custom_fields: Option<Vec<CustomValue>>,
}

/// One way to reach a contact.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Channel {
    pub(crate) channel_id: String,
    #[serde(rename = "type")]
    pub(crate) channel_type: String,
    #[serde(default)]
    pub(crate) subscription_state: Option<String>,
}

/// A list that a contact is on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct ListReference {
    pub(crate) id: String,
}

/// The value of a custom field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct CustomValue {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) value: Option<String>,
}

/// `ListData`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct ListData {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// `CustomFieldData`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomFieldData {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) merge_tag: String,
    pub(crate) max_length: u32,
    #[serde(rename = "type")]
    pub(crate) field_type: String,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<T> {
    pub(crate) content: Vec<T>,
    #[serde(default)]
    pub(crate) next_page_token: Option<String>,
}

/// `ApiError`, and `InvalidInputApiError`. Neither `title` nor `detail` nor `reason` is read: they may repeat a
/// value, and have no place anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ApiError {
    pub(crate) invalid_fields: Option<Vec<InvalidField>>,
}

/// One value at fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct InvalidField {
    pub(crate) name: String,
    pub(crate) code: String,
    pub(crate) invalid_ids: Option<Vec<String>>,
}

impl ContactData {
    /// The value of a property, by its name in the API; `None` for nothing.
    pub(crate) fn property(&self, name: &str) -> Option<&str> {
        let value = match name {
            "firstName" => &self.first_name,
            "lastName" => &self.last_name,
            "dateOfBirth" => &self.date_of_birth,
            "country" => &self.country,
            "state" => &self.state,
            "location" => &self.location,
            "note" => &self.note,
            _ => &None,
        };
        filled(value)
    }

    /// The value of a custom field, by its id; `None` for nothing.
    pub(crate) fn value(&self, field_id: &str) -> Option<&str> {
        let mut values = self.values();
        values
            .find(|(id, _)| *id == field_id)
            .map(|(_, value)| value)
    }

    /// The filled custom fields: id and value.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        let values = self.custom_fields.iter().flatten();
        values.filter_map(|value| Some((&*value.id, filled(&value.value)?)))
    }

    pub(crate) fn channels(&self) -> &[Channel] {
        self.channels.as_deref().unwrap_or_default()
    }

    /// The channel that is the contact's number: the first one for text messages.
    pub(crate) fn number(&self) -> Option<&Channel> {
        self.channels().iter().find(|channel| channel.is_sms())
    }
}

impl Channel {
    pub(crate) fn is_sms(&self) -> bool {
        self.channel_type == "SMS"
    }

    /// Whether a request can state it; the other types are only told.
    pub(crate) fn is_writable(&self) -> bool {
        matches!(&*self.channel_type, "SMS" | "WHATSAPP")
    }

    pub(crate) fn has_opted_out(&self) -> bool {
        self.subscription_state.as_deref() == Some("UNSUBSCRIBED")
    }
}

fn filled(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|value| !value.is_empty())
}
