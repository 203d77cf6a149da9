//! `/contacts`: pages, and one contact.

use std::collections::{BTreeMap, BTreeSet};

use emulated_http::{Call, Reply};
use http::StatusCode;
use serde_json::Value;

use crate::account::Account;
use crate::behaviour::{Arrays, Behaviour, OmittedSubscription, Twins};
use crate::contact::{Channel, ChannelType, Contact, Subscription};
use crate::drafts::{self, ChannelDraft, Draft, Purpose};
use crate::ids;
use crate::page::Asked;
use crate::refusal::{Code, Kind, Refusal, as_json};
use crate::state::State;

fn told(state: &State, contact: &Contact) -> Value {
    let account = &state.account;
    let list_name = |id: &str| account.list(id).map(|list| &*list.name);
    contact.told(state.behaviour.empty, list_name, |id| account.field(id))
}

/// Every contact as it is now, as the API tells it.
pub(crate) fn all(state: &State) -> Vec<Value> {
    let contacts = state.account.contacts();
    contacts.map(|contact| told(state, contact)).collect()
}

/// `GET /contacts`.
pub(crate) fn page(state: &State, call: &Call) -> Result<Reply, Refusal> {
    let asked = Asked::read(&call.query, &state.behaviour)?;
    let contact_ids = asked.ids("contactIds")?;
    let list_ids = asked.ids("listIds")?;
    let channel_ids = asked.many("channelIds");
    let channel_types = asked.many("channelTypes");
    let subscription = match asked.one("channelSubscriptionState") {
        None => None,
        Some("SUBSCRIBED") => Some(Subscription::Subscribed),
        Some("UNSUBSCRIBED") => Some(Subscription::Unsubscribed),
        Some(_) => {
            let name = "channelSubscriptionState";
            return Err(Refusal::invalid(name, Code::InvalidFormat));
        }
    };
    let unknown = |named: &&str| ChannelType::named(named).is_none();
    if channel_types.iter().flatten().any(unknown) {
        return Err(Refusal::invalid("channelTypes", Code::InvalidFormat));
    }
    let channel_fits = |channel: &Channel| {
        let by_id = channel_ids.as_ref();
        let by_type = channel_types.as_ref();
        by_id.is_none_or(|ids| ids.contains(&&*channel.channel_id))
            && by_type.is_none_or(|types| types.contains(&channel.channel_type.name()))
            && subscription.is_none_or(|wanted| channel.subscription_state == wanted)
    };
    let of_channels = channel_ids.is_some() || channel_types.is_some() || subscription.is_some();
    let fits = |contact: &Contact| {
        let listed = |ids: &Vec<String>| ids.iter().any(|id| contact.lists.contains(id));
        list_ids.as_ref().is_none_or(listed)
            && (!of_channels || contact.channels.iter().any(channel_fits))
    };
    let seen = state.seen();
    let candidates: Vec<(u64, &Contact)> = match (&contact_ids, &channel_ids) {
        (Some(ids), _) => {
            let ids: BTreeSet<String> = ids.iter().cloned().collect();
            state.account.some_contacts_at(&ids, seen)
        }
        // Who has a channel now has it for pages that do not lag behind.
        (None, Some(channels)) if state.behaviour.visibility_delay_ms == 0 => {
            let holders = channels
                .iter()
                .flat_map(|channel| state.account.holders(channel));
            let by_place: BTreeMap<u64, &Contact> = holders.collect();
            by_place.into_iter().collect()
        }
        _ => state.account.contacts_at(seen).collect(),
    };
    let found = candidates.into_iter().filter(|(_, contact)| fits(contact));
    let found: Vec<(u64, &Contact)> = found.collect();
    let page = asked.page(&found, |contact| told(state, contact));
    Ok(as_json(StatusCode::OK, &page))
}

/// `POST /contacts`.
pub(crate) fn create(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let body = state.body(call)?;
    let draft = drafts::read(&body, Purpose::Create, state);
    let draft = draft.map_err(Refusal::Invalid)?;
    let place = state.account.next();
    let contact = Contact {
        id: ids::made("contact", place),
        properties: BTreeMap::new(),
        channels: Vec::new(),
        lists: BTreeSet::new(),
        values: BTreeMap::new(),
        created: state.now,
        modified: state.now,
    };
    let contact = written(contact, draft, &state.behaviour);
    check_channels(&state.account, &contact, &state.behaviour)?;
    let reply = as_json(StatusCode::CREATED, &told(state, &contact));
    state.put(place, contact);
    Ok(reply)
}

/// `GET /contacts/{contactId}`.
pub(crate) fn get(state: &State, id: &str) -> Result<Reply, Refusal> {
    let (_, contact) = found(state, id)?;
    Ok(as_json(StatusCode::OK, &told(state, contact)))
}

/// `PATCH /contacts/{contactId}`.
pub(crate) fn update(state: &mut State, call: &Call, id: &str) -> Result<Reply, Refusal> {
    let body = state.body(call)?;
    let (place, contact) = found(state, id)?;
    let contact = contact.clone();
    let draft = drafts::read(&body, Purpose::Update, state);
    let mut contact = written(contact, draft.map_err(Refusal::Invalid)?, &state.behaviour);
    check_channels(&state.account, &contact, &state.behaviour)?;
    contact.modified = state.now;
    let reply = as_json(StatusCode::OK, &told(state, &contact));
    state.put(place, contact);
    Ok(reply)
}

/// `DELETE /contacts/{contactId}`.
pub(crate) fn delete(state: &mut State, id: &str) -> Result<Reply, Refusal> {
    let id = canonical(id)?;
    let (now, delay) = (state.now, state.delay());
    if state.account.delete(&id, now, delay) {
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    } else {
        Err(missing())
    }
}

fn canonical(id: &str) -> Result<String, Refusal> {
    ids::canonical(id).ok_or_else(|| Refusal::invalid("contactId", Code::InvalidFormat))
}

fn missing() -> Refusal {
    Refusal::plain(Kind::NotFound, "No such contact")
}

fn found<'s>(state: &'s State, id: &str) -> Result<(u64, &'s Contact), Refusal> {
    state.account.contact(&canonical(id)?).ok_or_else(missing)
}

/// A contact as a draft leaves it.
fn written(mut contact: Contact, draft: Draft, behaviour: &Behaviour) -> Contact {
    let replaces = behaviour.arrays == Arrays::Replace;
    for (name, value) in draft.properties {
        match value {
            Some(value) => contact.properties.insert(name, value),
            None => contact.properties.remove(name),
        };
    }
    if let Some(lists) = draft.lists {
        if replaces {
            contact.lists.clear();
        }
        contact.lists.extend(lists);
    }
    if let Some(values) = draft.values {
        if replaces {
            contact.values.clear();
        }
        for (id, value) in values {
            match value {
                Some(value) => contact.values.insert(id, value),
                None => contact.values.remove(&id),
            };
        }
    }
    if let Some(channels) = draft.channels {
        let before = contact.channels.clone();
        if replaces {
            contact.channels.clear();
        }
        for draft in channels {
            let channel = channel(draft, &before, behaviour);
            match contact
                .channels
                .iter_mut()
                .find(|other| other.is_same(&channel))
            {
                Some(there) => *there = channel,
                None => contact.channels.push(channel),
            }
        }
    }
    contact
}

fn channel(draft: ChannelDraft, before: &[Channel], behaviour: &Behaviour) -> Channel {
    let mut channel = Channel {
        channel_id: draft.channel_id,
        channel_type: draft.channel_type,
        subscription_state: draft.subscription.unwrap_or(Subscription::Subscribed),
    };
    let there = before.iter().find(|other| other.is_same(&channel));
    if let (None, Some(there)) = (draft.subscription, there)
        && behaviour.omitted_subscription == OmittedSubscription::Kept
    {
        channel.subscription_state = there.subscription_state;
    }
    channel
}

/// Whether the channels of a contact may be its.
fn check_channels(
    account: &Account,
    contact: &Contact,
    behaviour: &Behaviour,
) -> Result<(), Refusal> {
    if behaviour.duplicate_channels == Twins::Allowed {
        return Ok(());
    }
    let taken = contact.channels.iter().any(|channel| {
        let mut holders = account.holders(&channel.channel_id);
        holders.any(|(_, other)| {
            other.id != contact.id && other.channels.iter().any(|held| held.is_same(channel))
        })
    });
    if taken {
        let detail = "Another contact has one of the channels";
        return Err(Refusal::plain(Kind::Conflict, detail));
    }
    Ok(())
}
