//! What a contact is to be, and the bodies of the requests that make it so: pure functions.
//!
//! Whether an array in an update replaces the one that is there is not documented, so the array of custom fields is
//! stated whole, as it was read a moment before, and comes to the same either way. What is emptied cannot be stated
//! so: there are several ways, of which a service knows one, or none ([`Ways`]).

use std::collections::BTreeMap;

use destination_kit::contract::{FieldWrite, Refusal};
use destination_kit::destination::Tie;
use serde_json::{Map, Value, json};

use crate::field_book::FieldBook;
use crate::fields::{LINK, PHONE_NUMBER, PROPERTIES, WRITTEN_NUMBER};
use crate::number::{LONGEST_WRITTEN, e164};
use crate::record::written_tie;
use crate::refusal::{Sent, of_field};
use crate::wire::{Channel, ContactData};

/// How a property is emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClearProperty {
    /// With `""`.
    Text,
    /// With `null`.
    Null,
}

impl ClearProperty {
    pub(crate) const ALL: [Self; 2] = [Self::Text, Self::Null];
}

/// How the value of a custom field is emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClearValue {
    /// By leaving it out of the array, which takes the place of the one that is there.
    LeftOut,
    /// With `""`.
    Text,
    /// With `null`.
    Null,
}

impl ClearValue {
    pub(crate) const ALL: [Self; 3] = [Self::LeftOut, Self::Text, Self::Null];
}

/// What is known of how this account is written to. `Some(None)`: there is no way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ways {
    pub(crate) clear_property: Option<Option<ClearProperty>>,
    pub(crate) clear_value: Option<Option<ClearValue>>,
    /// Whether a number that is not stated any more goes.
    pub(crate) number_goes: Option<bool>,
}

/// What a contact is to have. Of what is not named here, everything stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    /// By the names of the API; `None` empties.
    pub(crate) properties: BTreeMap<&'static str, Option<String>>,
    /// By the merge tags of custom fields; `None` empties.
    pub(crate) values: BTreeMap<String, Option<String>>,
    /// In E.164.
    pub(crate) number: Option<String>,
}

impl Target {
    /// What some writes, and a tie, ask for.
    pub(crate) fn of(
        writes: &[FieldWrite],
        tie: Option<Option<&Tie>>,
        book: &FieldBook,
    ) -> Result<Self, Refusal> {
        let mut target = Self::default();
        for write in writes {
            target.add(&write.name, write.value.as_deref(), book)?;
        }
        if let Some(tie) = tie {
            let value = tie.map(written_tie);
            target.values.insert(LINK.merge_tag.to_owned(), value);
        }
        Ok(target)
    }

    fn add(&mut self, name: &str, value: Option<&str>, book: &FieldBook) -> Result<(), Refusal> {
        if name == PHONE_NUMBER {
            return self.add_number(value);
        }
        let value = value.map(str::to_owned);
        if let Some(property) = PROPERTIES.iter().find(|property| property.field == name) {
            self.properties.insert(property.name, value);
            return Ok(());
        }
        // A needed one that is not there yet is made when it is written.
        let tag = match book.by_name(name) {
            Some(field) => &*field.merge_tag,
            None => name,
        };
        let most = match book.by_tag(tag) {
            Some(field) => field.max_length,
            None => crate::fields::NEEDED_FIELDS
                .iter()
                .find(|needed| needed.merge_tag == tag)
                .map(|needed| needed.max_length)
                .ok_or_else(|| of_field(name, "unknown-field"))?,
        };
        let length = value.as_ref().map_or(0, |value| value.chars().count());
        if length > usize::try_from(most).unwrap_or(usize::MAX) {
            return Err(of_field(name, "too-long"));
        }
        self.values.insert(tag.to_owned(), value);
        Ok(())
    }

    fn add_number(&mut self, value: Option<&str>) -> Result<(), Refusal> {
        let Some(text) = value else {
            return Err(of_field(PHONE_NUMBER, "missing-mandatory"));
        };
        if text.chars().count() > LONGEST_WRITTEN {
            return Err(of_field(PHONE_NUMBER, "too-long"));
        }
        let Some(number) = e164(text) else {
            return Err(of_field(PHONE_NUMBER, "invalid-phone"));
        };
        let written = (number != text).then(|| text.to_owned());
        self.values
            .insert(WRITTEN_NUMBER.merge_tag.to_owned(), written);
        self.number = Some(number);
        Ok(())
    }

    /// Whether the arrays of a contact have to be known to write it.
    pub(crate) fn needs_arrays(&self) -> bool {
        self.number.is_some() || !self.values.is_empty()
    }

    /// The merge tags of custom fields that have to be there.
    pub(crate) fn filled_tags(&self) -> impl Iterator<Item = &str> {
        let values = self.values.iter().filter(|(_, value)| value.is_some());
        values.map(|(tag, _)| &**tag)
    }

    /// What of it a contact has not yet.
    pub(crate) fn left(&self, contact: &ContactData, book: &FieldBook) -> Self {
        let properties = self.properties.iter();
        let values = self.values.iter();
        Self {
            properties: properties
                .filter(|(name, value)| contact.property(name) != value.as_deref())
                .map(|(name, value)| (*name, value.clone()))
                .collect(),
            values: values
                .filter(|(tag, value)| value_of(contact, book, tag) != value.as_deref())
                .map(|(tag, value)| (tag.clone(), value.clone()))
                .collect(),
            number: self.number.clone().filter(|number| {
                contact
                    .number()
                    .is_none_or(|channel| channel.channel_id != *number)
            }),
        }
    }

    /// Only what is to be emptied of the properties.
    pub(crate) fn cleared_properties(&self) -> Self {
        let properties = self.properties.iter().filter(|(_, value)| value.is_none());
        Self {
            properties: properties.map(|(name, _)| (*name, None)).collect(),
            ..Self::default()
        }
    }

    /// Only what is to be emptied of the custom fields.
    pub(crate) fn cleared_values(&self) -> Self {
        let values = self.values.iter().filter(|(_, value)| value.is_none());
        Self {
            values: values.map(|(tag, _)| (tag.clone(), None)).collect(),
            ..Self::default()
        }
    }

    /// Only the number.
    pub(crate) fn number_alone(&self) -> Self {
        Self {
            number: self.number.clone(),
            ..Self::default()
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn value_of<'c>(contact: &'c ContactData, book: &FieldBook, tag: &str) -> Option<&'c str> {
    contact.value(&book.by_tag(tag)?.id)
}

/// A request, and what the places of its array of custom fields are.
pub(crate) struct Body {
    pub(crate) body: Value,
    pub(crate) sent: Vec<Sent>,
}

/// The body that makes a contact. Custom fields that the book does not have are left out: they have been made
/// before.
pub(crate) fn creation(target: &Target, lists: &[String], book: &FieldBook) -> Body {
    let mut body = Map::new();
    for (name, value) in &target.properties {
        if let Some(value) = value {
            body.insert((*name).to_owned(), json!(value));
        }
    }
    let channel = target
        .number
        .as_ref()
        .map(|number| json!({"channelId": number, "type": "SMS"}));
    body.insert("channels".to_owned(), channel.into_iter().collect());
    let filled = target.values.iter().filter_map(|(tag, value)| {
        let field = book.by_tag(tag)?;
        Some((&*field.id, json!(value.as_ref()?)))
    });
    let (values, sent) = values_array(filled, book);
    if !sent.is_empty() {
        body.insert("customFields".to_owned(), values);
    }
    if !lists.is_empty() {
        let lists = lists.iter().map(|id| json!({"id": id}));
        body.insert("lists".to_owned(), lists.collect());
    }
    Body {
        body: Value::Object(body),
        sent,
    }
}

/// The body that brings a contact to a target; what is to be emptied is emptied in these ways. `contact` is as it
/// was read a moment ago, unless the target needs no arrays. Lists are never stated: an array of them might throw
/// the contact off those of others.
pub(crate) fn update(
    target: &Target,
    contact: &ContactData,
    book: &FieldBook,
    (clear_property, clear_value): (ClearProperty, ClearValue),
) -> Body {
    let mut body = Map::new();
    for (name, value) in &target.properties {
        let value = match (value, clear_property) {
            (Some(value), _) => json!(value),
            (None, ClearProperty::Text) => json!(""),
            (None, ClearProperty::Null) => Value::Null,
        };
        body.insert((*name).to_owned(), value);
    }
    let mut sent = Vec::new();
    if !target.values.is_empty() {
        let array;
        (array, sent) = values_array(values_after(target, contact, book, clear_value), book);
        body.insert("customFields".to_owned(), array);
    }
    if let Some(number) = &target.number {
        body.insert(
            "channels".to_owned(),
            channels_after(number, contact).into(),
        );
    }
    Body {
        body: Value::Object(body),
        sent,
    }
}

/// All custom fields of a contact as they are to be.
fn values_after<'a>(
    target: &'a Target,
    contact: &'a ContactData,
    book: &'a FieldBook,
    clear: ClearValue,
) -> Vec<(&'a str, Value)> {
    let targets = target.values.iter();
    let changed: BTreeMap<&str, Option<&str>> = targets
        .filter_map(|(tag, value)| Some((&*book.by_tag(tag)?.id, value.as_deref())))
        .collect();
    let kept = contact.values().filter(|(id, _)| !changed.contains_key(id));
    let kept = kept.map(|(id, value)| (id, json!(value)));
    let written = changed
        .iter()
        .filter_map(|(id, value)| match (value, clear) {
            (Some(value), _) => Some((*id, json!(value))),
            (None, ClearValue::LeftOut) => None,
            (None, ClearValue::Text) => Some((*id, json!(""))),
            (None, ClearValue::Null) => Some((*id, Value::Null)),
        });
    kept.chain(written).collect()
}

fn values_array<'a>(
    values: impl IntoIterator<Item = (&'a str, Value)>,
    book: &FieldBook,
) -> (Value, Vec<Sent>) {
    let mut sent = Vec::new();
    let values = values.into_iter().map(|(id, value)| {
        let field = book.by_id(id);
        sent.push(Sent {
            field: field.and_then(|field| field.name.clone()),
            field_type: field.and_then(|field| field.field_type),
        });
        json!({"id": id, "value": value})
    });
    let array = values.collect();
    (array, sent)
}

/// All channels of a contact as they are to be: the new number in the place of the old one, and whoever has opted
/// out stays so, also with the new number, since it is the person who has opted out. `SUBSCRIBED` is never stated: a
/// person may have opted out since the contact was read.
fn channels_after(number: &str, contact: &ContactData) -> Vec<Value> {
    let state = |channel_id: &str, channel_type: &str, opted_out: bool| {
        if opted_out {
            json!({"channelId": channel_id, "type": channel_type, "subscriptionState": "UNSUBSCRIBED"})
        } else {
            json!({"channelId": channel_id, "type": channel_type})
        }
    };
    let is_new = |channel: &&Channel| channel.is_sms() && channel.channel_id == number;
    let there = contact.channels().iter().find(is_new);
    let replaced = contact.number();
    let opted_out = [there, replaced]
        .into_iter()
        .flatten()
        .any(Channel::has_opted_out);
    let mut channels = vec![state(number, "SMS", opted_out)];
    for channel in contact.channels() {
        let is_replaced = replaced == Some(channel) || is_new(&channel);
        if !is_replaced {
            let opted_out = channel.has_opted_out();
            channels.push(state(&channel.channel_id, &channel.channel_type, opted_out));
        }
    }
    channels
}

/// Whether the channels of a contact can be stated whole, so that a change of one leaves the others.
pub(crate) fn has_only_writable_channels(contact: &ContactData) -> bool {
    contact.channels().iter().all(Channel::is_writable)
}

/// Whether a contact has a number beside the one that it has as its own.
pub(crate) fn has_channel(contact: &ContactData, number: &str) -> bool {
    let mut channels = contact.channels().iter();
    channels.any(|channel| channel.is_sms() && channel.channel_id == number)
}

#[cfg(test)]
mod tests;
