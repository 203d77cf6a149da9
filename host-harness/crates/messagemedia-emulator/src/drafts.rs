//! What a body asks of a contact: read with all of its flaws at once.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::account::Account;
use crate::behaviour::Clear;
use crate::contact::{ChannelType, DATE_OF_BIRTH, PROPERTIES, Subscription};
use crate::ids;
use crate::moments;
use crate::refusal::{Code, Flaw};
use crate::state::State;
use crate::values::is_e164;

/// What a body is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    Create,
    Update,
}

/// A channel as it is asked for.
#[derive(Debug)]
pub(crate) struct ChannelDraft {
    pub(crate) channel_id: String,
    pub(crate) channel_type: ChannelType,
    pub(crate) subscription: Option<Subscription>,
}

/// What is to be written. `None` stays as it is, and of a value `None` empties it.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) properties: Vec<(&'static str, Option<String>)>,
    pub(crate) channels: Option<Vec<ChannelDraft>>,
    pub(crate) lists: Option<Vec<String>>,
    pub(crate) values: Option<Vec<(String, Option<String>)>>,
}

/// Reads `CreateContactRequest` or `UpdateContactRequest`. Members that neither has are passed over, `fullName`
/// among them.
pub(crate) fn read(
    body: &Map<String, Value>,
    purpose: Purpose,
    state: &State,
) -> Result<Draft, Vec<Flaw>> {
    let account = &state.account;
    let mut reader = Reader {
        purpose,
        clear: state.behaviour.clear,
        any_channel: state.any_channel,
        flaws: Vec::new(),
    };
    let draft = Draft {
        properties: reader.properties(body),
        channels: reader.channels(body.get("channels")),
        lists: reader.lists(body.get("lists"), account),
        values: reader.values(body.get("customFields"), account),
    };
    if reader.flaws.is_empty() {
        Ok(draft)
    } else {
        Err(reader.flaws)
    }
}

struct Reader {
    purpose: Purpose,
    clear: Clear,
    /// Whether channels that no request can write are taken, too.
    any_channel: bool,
    flaws: Vec<Flaw>,
}

impl Reader {
    fn flaw<T>(&mut self, name: impl Into<String>, code: Code) -> Option<T> {
        self.flaws.push(Flaw::new(name, code));
        None
    }

    fn properties(&mut self, body: &Map<String, Value>) -> Vec<(&'static str, Option<String>)> {
        let named = PROPERTIES.into_iter();
        let stated = named.filter_map(|name| Some((name, body.get(name)?)));
        let stated: Vec<(&'static str, &Value)> = stated.collect();
        let read = stated.into_iter().filter_map(|(name, value)| {
            let written = self.property(name, value)?;
            Some((name, written))
        });
        read.collect()
    }

    /// The outer `None`: it stays as it is, or there is a flaw.
    fn property(&mut self, name: &str, value: &Value) -> Option<Option<String>> {
        let creating = self.purpose == Purpose::Create;
        match (value, self.clear) {
            (Value::Null, _) if creating => None,
            (Value::Null, Clear::Null) => Some(None),
            (Value::Null, Clear::EmptyString) => None,
            (Value::Null, Clear::Refused) => self.flaw(name, Code::MustNotBeNull),
            (Value::String(text), _) if text.is_empty() && creating => None,
            (Value::String(text), Clear::EmptyString) if text.is_empty() => Some(None),
            (Value::String(text), _) if text.is_empty() => self.flaw(name, Code::MustNotBeEmpty),
            (Value::String(text), _) if name == DATE_OF_BIRTH && !moments::is_date(text) => {
                self.flaw(name, Code::InvalidFormat)
            }
            (Value::String(text), _) => Some(Some(text.clone())),
            _ => self.flaw(name, Code::TypeMismatch),
        }
    }

    fn channels(&mut self, stated: Option<&Value>) -> Option<Vec<ChannelDraft>> {
        let stated = match stated {
            Some(Value::Array(stated)) => stated,
            None | Some(Value::Null) if self.purpose == Purpose::Update => return None,
            None | Some(Value::Null) => return self.flaw("channels", Code::MustNotBeNull),
            Some(_) => return self.flaw("channels", Code::TypeMismatch),
        };
        if stated.is_empty() {
            return self.flaw("channels", Code::MustNotBeEmpty);
        }
        let mut known = BTreeSet::new();
        let mut channels = Vec::new();
        for (place, channel) in stated.iter().enumerate() {
            let Some(channel) = self.channel(place, channel) else {
                continue;
            };
            if !known.insert((channel.channel_type, channel.channel_id.clone())) {
                let flaw = Flaw::new(
                    format!("channels[{place}].channelId"),
                    Code::DuplicatedValue,
                );
                let flaw = flaw.of_channel(channel.channel_type.in_errors());
                self.flaws.push(flaw);
                continue;
            }
            channels.push(channel);
        }
        Some(channels)
    }

    fn channel(&mut self, place: usize, stated: &Value) -> Option<ChannelDraft> {
        let name = |member: &str| format!("channels[{place}].{member}");
        let stated_type = stated["type"].as_str().and_then(ChannelType::named);
        let is_taken = |channel_type: &ChannelType| channel_type.is_writable() || self.any_channel;
        let channel_type = match stated_type.filter(is_taken) {
            None if stated["type"].is_null() => self.flaw(name("type"), Code::MustNotBeNull),
            None => self.flaw(name("type"), Code::InvalidFormat),
            known => known,
        };
        let is_number = channel_type.is_none_or(ChannelType::is_writable);
        let channel_id = match &stated["channelId"] {
            Value::String(text) if is_e164(text) => Some(text.clone()),
            Value::String(text) if !is_number && !text.is_empty() => Some(text.clone()),
            Value::String(text) => {
                let code = if text.is_empty() {
                    Code::MustNotBeEmpty
                } else {
                    Code::InvalidFormat
                };
                let of = channel_type.unwrap_or(ChannelType::Sms).in_errors();
                self.flaws
                    .push(Flaw::new(name("channelId"), code).of_channel(of));
                None
            }
            Value::Null => self.flaw(name("channelId"), Code::MustNotBeNull),
            _ => self.flaw(name("channelId"), Code::TypeMismatch),
        };
        let subscription = match &stated["subscriptionState"] {
            Value::Null => Some(None),
            Value::String(text) if text == "SUBSCRIBED" => Some(Some(Subscription::Subscribed)),
            Value::String(text) if text == "UNSUBSCRIBED" => Some(Some(Subscription::Unsubscribed)),
            _ => self.flaw(name("subscriptionState"), Code::InvalidFormat),
        };
        Some(ChannelDraft {
            channel_id: channel_id?,
            channel_type: channel_type?,
            subscription: subscription?,
        })
    }

    fn lists(&mut self, stated: Option<&Value>, account: &Account) -> Option<Vec<String>> {
        let stated = self.array("lists", stated)?;
        let mut lists = Vec::new();
        for (place, list) in stated.iter().enumerate() {
            let name = format!("lists[{place}].id");
            let known = |id: &str| account.list(id).is_some();
            lists.extend(self.reference(name, &list["id"], known));
        }
        Some(lists)
    }

    fn values(
        &mut self,
        stated: Option<&Value>,
        account: &Account,
    ) -> Option<Vec<(String, Option<String>)>> {
        let stated = self.array("customFields", stated)?;
        let mut values: Vec<(String, Option<String>)> = Vec::new();
        for (place, item) in stated.iter().enumerate() {
            let name = format!("customFields[{place}].id");
            let known = |id: &str| account.field(id).is_some();
            let Some(id) = self.reference(name.clone(), &item["id"], known) else {
                continue;
            };
            if values.iter().any(|(other, _)| *other == id) {
                self.flaws.push(Flaw::new(name, Code::DuplicatedValue));
                continue;
            }
            if let Some(value) = self.value(place, &item["value"], &id, account) {
                values.push((id, value));
            }
        }
        Some(values)
    }

    /// The outer `None`: there is a flaw.
    fn value(
        &mut self,
        place: usize,
        value: &Value,
        id: &str,
        account: &Account,
    ) -> Option<Option<String>> {
        let name = format!("customFields[{place}].value");
        let updating = self.purpose == Purpose::Update;
        match value {
            Value::Null if updating && self.clear == Clear::Null => Some(None),
            Value::Null => self.flaw(name, Code::MustNotBeNull),
            Value::String(text) if text.is_empty() => {
                if updating && self.clear == Clear::EmptyString {
                    Some(None)
                } else {
                    self.flaw(name, Code::MustNotBeEmpty)
                }
            }
            Value::String(text) => {
                let field = account.field(id)?;
                let most = usize::try_from(field.max_length).unwrap_or(0);
                if text.chars().count() > most {
                    self.flaw(name, Code::InvalidLength)
                } else if field.field_type.takes(text) {
                    Some(Some(text.clone()))
                } else {
                    self.flaw(name, Code::InvalidFormat)
                }
            }
            _ => self.flaw(name, Code::TypeMismatch),
        }
    }

    fn array<'v>(&mut self, name: &str, stated: Option<&'v Value>) -> Option<&'v Vec<Value>> {
        match stated {
            Some(Value::Array(stated)) => Some(stated),
            None | Some(Value::Null) => None,
            Some(_) => self.flaw(name, Code::TypeMismatch),
        }
    }

    fn reference(
        &mut self,
        name: String,
        stated: &Value,
        known: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let Some(text) = stated.as_str() else {
            let code = if stated.is_null() {
                Code::MustNotBeNull
            } else {
                Code::TypeMismatch
            };
            return self.flaw(name, code);
        };
        let Some(id) = ids::canonical(text) else {
            return self.flaw(name, Code::InvalidFormat);
        };
        if known(&id) {
            return Some(id);
        }
        let flaw = Flaw::new(name, Code::InvalidReference).with_ids(vec![id]);
        self.flaws.push(flaw);
        None
    }
}
