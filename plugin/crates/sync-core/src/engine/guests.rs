//! What is remembered of those who were invited as guests, or were not.
//!
//! The directory has no list of invitations, and shows a new guest late. So before one is sent it is noted that it is
//! about to be, by a hash of the address, and after the answer which user it made. Who was passed over is remembered by
//! the contact, so that nobody is looked up in every run. No address is kept.

use guest_kit::json;
use guest_kit::ordered::{Map, Set};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::contact::{AttributeChange, ContactId, Effect, ObjectId};
use crate::ports::{
    FieldKind, FieldRole, PlanEntry, Ports, State, StateWrite, StoreDescription, Timestamp,
};
use crate::reconcile::guest::{GuestFields, Sent, UNSEEN_MS, is_within, key_of};
use crate::reconcile::reason::Reason;

use super::checkpoint::{delete, write};
use super::discard::discard_prefix;
use super::run_abort::RunAbort;

/// What was sent to an address, by its key.
const SENT: &str = "guest/";
/// Why nobody was invited for a contact, by its id.
const PASSED: &str = "guest-passed/";
/// Users who were invited lately, by their id.
const LATELY: &str = "guest-lately/";
/// That the tenant lets the application invite nobody.
const BARRED: &str = "guests-barred";

/// For how long nobody is invited after the tenant has refused it, in milliseconds: a day. A setting of the tenant takes
/// up to an hour to act, and each try costs requests.
const BARRED_MS: u64 = UNSEEN_MS;

/// What is dropped at a time.
const BATCH: u32 = 500;

/// What was sent to one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SentTo {
    pub(super) sent: Sent,
    pub(super) at: Timestamp,
    pub(super) run: String,
}

/// Why nobody was invited for a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Passed {
    /// Of the address that the contact had.
    key: String,
    pub(super) reason: Reason,
    pub(super) at: Timestamp,
}

/// Who was invited, and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Lately {
    at: Timestamp,
}

/// That nobody can be invited.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Barred {
    code: String,
    at: Timestamp,
}

/// What is remembered of some contacts.
#[derive(Default)]
pub(super) struct Memory {
    sent: Map<String, SentTo>,
    passed: Map<ContactId, Passed>,
}

impl Memory {
    /// Of contacts with the keys of their addresses.
    pub(super) fn of<'c>(
        state: &dyn State,
        contacts: impl Iterator<Item = (&'c ContactId, &'c str)> + Clone,
    ) -> Result<Self, RunAbort> {
        let sent = contacts.clone().map(|(_, key)| format!("{SENT}{key}"));
        let passed = contacts.map(|(contact, _)| format!("{PASSED}{contact}"));
        let sent = found(state, SENT, sent.collect())?.into_iter();
        let passed = found(state, PASSED, passed.collect())?.into_iter();
        Ok(Self {
            sent: sent.collect(),
            passed: passed
                .map(|(id, passed)| (ContactId::new(id), passed))
                .collect(),
        })
    }

    /// What was sent to an address.
    pub(super) fn sent(&self, key: &str) -> Option<&SentTo> {
        self.sent.get(&key.to_owned())
    }

    /// Why the contact was passed over, while it has the same address.
    pub(super) fn passed(&self, contact: &ContactId, key: &str) -> Option<&Passed> {
        self.passed.get(contact).filter(|passed| passed.key == key)
    }
}

fn found<T: DeserializeOwned>(
    state: &dyn State,
    prefix: &str,
    keys: Vec<String>,
) -> Result<Vec<(String, T)>, RunAbort> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let read = |(key, value): (String, Vec<u8>)| {
        let name = key.strip_prefix(prefix).map(str::to_owned);
        let read = name.zip(json::from_bytes(&value));
        read.ok_or(RunAbort::Unreadable { key })
    };
    state.get_many(keys)?.into_iter().map(read).collect()
}

/// What makes it remembered that something was sent to an address.
pub(super) fn note_sent(key: &str, sent: &SentTo) -> Result<StateWrite, RunAbort> {
    write(&format!("{SENT}{key}"), sent)
}

/// What puts back what was remembered of an address: nothing was sent after all.
pub(super) fn put_back(key: &str, before: Option<&SentTo>) -> Result<StateWrite, RunAbort> {
    match before {
        Some(before) => note_sent(key, before),
        None => Ok(delete(format!("{SENT}{key}"))),
    }
}

/// What makes it remembered why a contact was passed over, where that need not be looked at in each run.
pub(super) fn note_passed(
    contact: &ContactId,
    key: &str,
    reason: Reason,
    at: Timestamp,
) -> Result<Option<StateWrite>, RunAbort> {
    let is_settled = !matches!(
        reason,
        Reason::AccountUnknown | Reason::InvitationUnanswered | Reason::AddressChanged
    );
    let passed = Passed {
        key: key.to_owned(),
        reason,
        at,
    };
    let note = is_settled.then(|| write(&format!("{PASSED}{contact}"), &passed));
    note.transpose()
}

/// The contact is somebody's by now.
pub(super) fn forget_passed(contact: &ContactId) -> StateWrite {
    delete(format!("{PASSED}{contact}"))
}

/// What makes it known for a while that the directory need not show somebody yet.
pub(super) fn note_lately(user: &ObjectId, at: Timestamp) -> Result<StateWrite, RunAbort> {
    write(&format!("{LATELY}{user}"), &Lately { at })
}

/// Those of the users whom the directory need not show yet.
pub(super) fn lately_among(
    ports: Ports<'_>,
    users: &[ObjectId],
) -> Result<Set<ObjectId>, RunAbort> {
    let keys = users.iter().map(|user| format!("{LATELY}{user}"));
    let now = ports.clock.now();
    let found = found::<Lately>(ports.state, LATELY, keys.collect())?;
    let lately = found
        .into_iter()
        .filter(|(_, it)| is_within(UNSEEN_MS, it.at, now));
    Ok(lately.map(|(user, _)| ObjectId::new(user)).collect())
}

/// Drops who need no longer be waited for. What is returned goes into a commit that is made anyway.
pub(super) fn drop_seen(ports: Ports<'_>) -> Result<Vec<StateWrite>, RunAbort> {
    let now = ports.clock.now();
    let is_over = |(_, value): &(String, Vec<u8>)| {
        let lately: Option<Lately> = json::from_bytes(value);
        !lately.is_some_and(|lately| is_within(UNSEEN_MS, lately.at, now))
    };
    let all = ports.state.list(LATELY, None, BATCH)?.into_iter();
    Ok(all.filter(is_over).map(|(key, _)| delete(key)).collect())
}

/// What makes it remembered that the tenant lets the application invite nobody.
pub(super) fn note_barred(code: &str, at: Timestamp) -> Result<StateWrite, RunAbort> {
    let code = code.to_owned();
    write(BARRED, &Barred { code, at })
}

/// The directory's code, while it is of no use to ask again.
pub(super) fn barred(ports: Ports<'_>) -> Result<Option<String>, RunAbort> {
    let barred = ports.state.get(BARRED)?;
    // What cannot be read bars nobody.
    let barred: Option<Barred> = barred.and_then(|barred| json::from_bytes(&barred));
    let now = ports.clock.now();
    let barred = barred.filter(|barred| is_within(BARRED_MS, barred.at, now));
    Ok(barred.map(|barred| barred.code))
}

/// Those of the contacts of a plan's entries that a run has invited.
pub(super) fn invited_by(
    state: &dyn State,
    planned: &[PlanEntry],
    run: &str,
) -> Result<Set<ObjectId>, RunAbort> {
    let invitations = planned
        .iter()
        .filter(|entry| entry.effect == Effect::Invite);
    let by_key: Vec<_> = invitations
        .filter_map(|entry| Some((key_of(invited(&entry.directory)?), &entry.object_id)))
        .collect();
    let keys = by_key.iter().map(|(key, _)| format!("{SENT}{key}"));
    let sent: Map<String, SentTo> = found(state, SENT, keys.collect())?.into_iter().collect();
    let is_of_run = |key: &String| {
        let sent = sent.get(key);
        sent.is_some_and(|sent| sent.run == run && matches!(sent.sent, Sent::Invited(_)))
    };
    let invited = by_key.into_iter().filter(|(key, _)| is_of_run(key));
    Ok(invited.map(|(_, user)| user.clone()).collect())
}

/// How many people a run has invited.
pub(super) fn number_invited_by(state: &dyn State, run: &str) -> Result<u64, RunAbort> {
    let mut invited = 0;
    let mut after: Option<String> = None;
    loop {
        let page = state.list(SENT, after.as_deref(), BATCH)?;
        let Some((last, _)) = page.last() else {
            return Ok(invited);
        };
        after = Some(last.clone());
        let sent = page.iter().filter_map(|(_, value)| json::from_bytes(value));
        let of_run = |sent: &SentTo| sent.run == run && matches!(sent.sent, Sent::Invited(_));
        invited += sent.filter(of_run).count() as u64;
    }
}

/// To which address a planned invitation goes.
fn invited(guest: &[AttributeChange]) -> Option<&str> {
    let mail = guest.iter().find(|change| change.attribute == "mail")?;
    mail.after.as_deref()
}

/// Forgets all of it.
pub(super) fn discard(ports: Ports<'_>, source: &str) -> Result<(), RunAbort> {
    for prefix in [LATELY, PASSED, SENT, BARRED] {
        discard_prefix(ports, source, prefix)?;
    }
    Ok(())
}

/// The fields of a store that say to whom an invitation goes; `None` where contacts are not found by a mail address, or
/// the store does not tell whose are nobody's.
pub(super) fn fields_of(store: &StoreDescription) -> Option<GuestFields> {
    let named = |role| store.field_with_role(&role).map(|field| field.name.clone());
    let address = store.field_with_role(&FieldRole::Email)?;
    let takes_mail = address.kind == FieldKind::Email && store.unlinked;
    let others = store
        .fields
        .iter()
        .filter(|field| field.kind == FieldKind::Email);
    takes_mail.then(|| GuestFields {
        address: address.name.clone(),
        others: others
            .filter(|field| field.name != address.name)
            .map(|field| field.name.clone())
            .collect(),
        display_name: named(FieldRole::DisplayName),
        given_name: named(FieldRole::GivenName),
        family_name: named(FieldRole::FamilyName),
    })
}
