//! Guests are invited, where nobody is there who has their address.
//!
//! A second invitation makes the link of the first one void, an address may be anywhere on a user, and invitations
//! cannot be listed (<https://learn.microsoft.com/graph/api/invitation-post>). So whoever is to be invited is looked
//! for first: among the users by mail, by user name in both of its forms, by other and by proxy addresses, and among
//! the deleted ones.

use contact_identity::address;
use guest_kit::ordered::{Map, Set};
use guest_kit::percent;
use serde_json::Value;
use sync_core::contact::ObjectId;
use sync_core::ports::directory_writer::{Guest, InvitationOutcome, InvitationRefusal};

use crate::graph::batch::Answer;
use crate::graph::client::Client;
use crate::graph::error::GraphError;
use crate::graph::lookup::{Found, Questions};
use crate::graph::purpose::Purpose;

use super::answer::{self, Meaning, meaning};
use super::request::{Invitation, WriteRequest};

/// How guests are invited.
#[derive(Clone, Copy, Debug)]
pub struct Inviting<'i> {
    /// Where whoever accepts is led to.
    pub redirect_url: &'i str,
    /// Whether Microsoft sends them a message.
    pub send_message: bool,
}

/// Who has an address.
enum Holder {
    Nobody,
    User(ObjectId),
    Users,
    Deleted,
    Unknown(String),
}

impl Client<'_> {
    /// Invites people whom nobody finds: one outcome each, in their order.
    ///
    /// # Errors
    ///
    /// Where nobody was invited; see [`GraphError`].
    pub fn invite(
        &self,
        guests: &[Guest],
        inviting: Inviting<'_>,
    ) -> Result<Vec<InvitationOutcome>, GraphError> {
        self.keep_pace()?;
        let holders = self.holders(guests)?;
        let mut outcomes = Vec::with_capacity(guests.len());
        let mut entries = Vec::new();
        let mut seen = Set::new();
        for (number, (guest, holder)) in guests.iter().zip(holders).enumerate() {
            let is_new = seen.insert(address::comparable(&guest.address).into_owned());
            outcomes.push(match holder {
                Holder::User(user) => InvitationOutcome::Existed { user: Some(user) },
                Holder::Users => InvitationOutcome::Existed { user: None },
                Holder::Deleted => InvitationOutcome::Deleted,
                Holder::Unknown(code) => later(code),
                // Whoever is invited with the same address is found the next time.
                Holder::Nobody if !is_new => later("same-address".to_owned()),
                Holder::Nobody => {
                    let invitation = Invitation {
                        address: &guest.address,
                        display_name: guest.display_name.as_deref(),
                        redirect_url: inviting.redirect_url,
                        send_message: inviting.send_message,
                    };
                    entries.push((number, WriteRequest::Invite(&invitation).entry()));
                    later("not-sent".to_owned())
                }
            });
        }
        let now = self.exchange().now();
        self.send_writes(Purpose::Invitations, entries, &mut |number, answered| {
            let outcome = match answered {
                Ok(answer) => invited(answer, meaning(answer, now)),
                Err(error) => match answer::of_batch(error) {
                    Some(again) => of(Meaning::Again(again)),
                    None if matches!(error, GraphError::Forbidden(_)) => {
                        InvitationOutcome::Refused(InvitationRefusal::NotAllowed {
                            code: error.code().to_owned(),
                        })
                    }
                    None => later(error.code().to_owned()),
                },
            };
            if let Some(place) = outcomes.get_mut(number) {
                *place = outcome;
            }
        });
        Ok(outcomes)
    }

    /// Who has each of the addresses.
    fn holders(&self, guests: &[Guest]) -> Result<Vec<Holder>, GraphError> {
        let search = |url: fn(&str) -> String, of_index| {
            let questions = Questions {
                purpose: Purpose::Lookup,
                url: &|number| Some(url(&guests.get(number)?.address)),
                read: &|_, answer, code| Some(listed(answer, code)),
                of_index,
            };
            self.ask_all(&questions, (0..guests.len()).collect())
        };
        let users = [search(by_name, false)?, search(by_address, false)?];
        let deleted = search(among_deleted, true)?;
        let numbers = 0..guests.len();
        Ok(numbers
            .map(|number| holder(&users, &deleted, number))
            .collect())
    }
}

type Answers = Map<usize, Found>;

fn holder(users: &[Answers; 2], deleted: &Answers, number: usize) -> Holder {
    let mut holders = Set::new();
    for answers in users {
        match ids(answers, number) {
            Ok(ids) => holders.extend(ids),
            Err(code) => return Holder::Unknown(code),
        }
    }
    let mut holders = holders.into_iter();
    match (holders.next(), holders.next(), ids(deleted, number)) {
        (Some(user), None, _) => Holder::User(ObjectId::new(user)),
        (Some(_), Some(_), _) => Holder::Users,
        (None, _, Ok(deleted)) if deleted.is_empty() => Holder::Nobody,
        (None, _, Ok(_)) => Holder::Deleted,
        (None, _, Err(code)) => Holder::Unknown(code),
    }
}

/// The ids on the list that was the answer to a question.
fn ids(answers: &Answers, number: usize) -> Result<Vec<&str>, String> {
    match answers.get(&number) {
        Some(Found::There(Value::Array(users))) => {
            let ids = users.iter().map(|user| user.get("id")?.as_str());
            let ids: Option<Vec<_>> = ids.collect();
            ids.ok_or_else(|| "unexpected-shape".to_owned())
        }
        Some(Found::Unknown(code)) => Err(code.clone()),
        _ => Err("unexpected-shape".to_owned()),
    }
}

/// The list in an answer. An empty page that is not the last one says nothing.
fn listed(mut answer: Answer, code: Option<String>) -> Found {
    let has_more = answer.body.get("@odata.nextLink").is_some();
    match (answer.status, answer.body.get_mut("value").map(Value::take)) {
        (200, Some(Value::Array(users))) if !(users.is_empty() && has_more) => {
            Found::There(Value::Array(users))
        }
        (200, _) => Found::Unknown("unexpected-shape".to_owned()),
        (status, _) => Found::refused(status, code),
    }
}

/// A text inside a filter.
fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}

fn among_users(filter: &str) -> String {
    format!(
        "/users?$filter={}&$select=id&$top=2",
        percent::encode(filter)
    )
}

/// Those who have it as their mail, or as their user name: as it is, or as that of a guest.
fn by_name(address: &str) -> String {
    let own = quoted(address.trim());
    let guest = own.replace('@', "_");
    among_users(&format!(
        "mail eq '{own}' or userPrincipalName eq '{own}' or startswith(userPrincipalName,'{guest}#EXT#')"
    ))
}

/// Those who have it among their other addresses. Whoever was invited while a contact had the address has it there
/// alone (<https://learn.microsoft.com/entra/external-id/troubleshoot>).
fn by_address(address: &str) -> String {
    let own = quoted(address.trim());
    among_users(&format!(
        "otherMails/any(a:a eq '{own}') or proxyAddresses/any(a:a eq 'smtp:{own}')"
    ))
}

fn among_deleted(address: &str) -> String {
    let own = quoted(address.trim());
    let filter = format!("mail eq '{own}' or otherMails/any(a:a eq '{own}')");
    format!(
        "/directory/deletedItems/microsoft.graph.user?$count=true&$filter={}&$select=id&$top=1",
        percent::encode(&filter)
    )
}

fn later(code: String) -> InvitationOutcome {
    InvitationOutcome::Later {
        retry_after: None,
        code,
    }
}

/// What an answer to an invitation means.
fn invited(answer: &Answer, meaning: Meaning) -> InvitationOutcome {
    let guest = answer.body.pointer("/invitedUser/id");
    match (meaning, guest.and_then(Value::as_str)) {
        (Meaning::Done, Some(id)) => InvitationOutcome::Invited {
            user: ObjectId::new(id),
        },
        (meaning, _) => of(meaning),
    }
}

fn of(meaning: Meaning) -> InvitationOutcome {
    let refused = InvitationOutcome::Refused;
    match meaning {
        // Somebody was invited, and it is not known who.
        Meaning::Done => InvitationOutcome::Unknown {
            code: "unexpected-shape".to_owned(),
        },
        Meaning::Forbidden => refused(InvitationRefusal::NotAllowed {
            code: "Authorization_RequestDenied".to_owned(),
        }),
        Meaning::Invalid { code, .. } => refused(InvitationRefusal::Address { code }),
        Meaning::Refused(code) => refused(InvitationRefusal::Other { code }),
        Meaning::Gone => refused(InvitationRefusal::Other {
            code: "Request_ResourceNotFound".to_owned(),
        }),
        Meaning::Again(again) if again.may_be_done => {
            InvitationOutcome::Unknown { code: again.code }
        }
        Meaning::Again(again) => InvitationOutcome::Later {
            retry_after: again.after,
            code: again.code,
        },
    }
}

#[cfg(test)]
mod tests;
