//! The directory in memory as one that takes guests.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use sync_decisions::reconcile::guest::Account;

use super::company::{COMPANY, World, gone_dark};
use crate::contact::{Contact, ContactId, Field, ObjectId};
use crate::ports::DirectoryError;
use crate::ports::directory_writer::Permitted;
use crate::ports::inviter::{Guest, InviteOutcome, Inviter};
use crate::settings::{Invitations, Limit};

/// What becomes of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Fate {
    /// It is taken, and the answer is lost.
    TakenUnheard,
    /// It is not taken, and there is no answer.
    LostUnheard,
    Refused,
    Barred,
    Later,
}

/// Who comes in, and how.
#[derive(Default)]
pub(in crate::engine) struct Door {
    /// What becomes of the next invitation to an address, once.
    pub(super) fates: RefCell<BTreeMap<String, Fate>>,
    /// Guests whom nobody sees yet.
    hidden: RefCell<BTreeSet<ObjectId>>,
    /// Whether new guests are seen late.
    pub(super) lags: Cell<bool>,
    /// Addresses to which an invitation was sent, in order.
    pub(super) sent: RefCell<Vec<String>>,
    /// Of those, addresses that somebody had.
    pub(super) sent_to_somebody: RefCell<Vec<String>>,
    /// Addresses that were looked up.
    pub(super) looked_up: RefCell<Vec<String>>,
    /// Addresses of others than users.
    pub(super) others: RefCell<BTreeMap<String, Account>>,
    pub(super) permits: Cell<Option<&'static str>>,
    /// The directory does not answer who has an address.
    pub(super) is_dark: Cell<bool>,
    made: Cell<usize>,
}

impl Door {
    pub(super) fn hides(&self, user: &ObjectId) -> bool {
        self.hidden.borrow().contains(user)
    }

    pub(super) fn fate(&self, address: &str, fate: Fate) {
        self.fates.borrow_mut().insert(address.to_owned(), fate);
    }
}

impl World {
    /// Contacts without a user are invited.
    pub(super) fn and_invites(self) -> Self {
        if let Some(prepared) = self.prepared.borrow_mut().as_mut() {
            prepared.settings.invitations = Some(Invitations {
                redirect_url: "https://contoso.example/".to_owned(),
                send_message: false,
            });
            prepared.settings.invitation_limit = Limit {
                count: 10,
                percent: 100,
                floor: 10,
            };
        }
        self
    }

    /// A contact that is nobody's.
    pub(super) fn stranger(&self, id: &str, address: &str) {
        let field = |name: &str, value: &str| Field {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        self.memory.put(Contact {
            id: ContactId::new(id),
            version: 1_000,
            active: true,
            fields: vec![
                field("first_name", "Kim"),
                field("email", address),
                field(COMPANY.1, "Fabrikam"),
            ],
            link: None,
            former: None,
            lists: Vec::new(),
        });
    }

    /// Whoever was hidden is seen, and the feed shows them.
    pub(super) fn guests_arrive(&self) {
        for user in std::mem::take(&mut *self.door.hidden.borrow_mut()) {
            self.shown_whole(&user);
        }
    }

    fn shown_whole(&self, user: &ObjectId) {
        let all = ["givenName", "surname", "mail", "mobilePhone", COMPANY.0];
        let shown = all.map(|attribute| (user.clone(), attribute));
        self.changes.borrow_mut().extend(shown);
    }

    /// Whose contact this is.
    pub(super) fn whose(&self, contact: &str) -> Option<ObjectId> {
        let contact = self.memory.contact(contact)?;
        contact.link.map(|link| link.object_id)
    }

    /// Everybody with an address, seen or not.
    pub(super) fn with_mail(&self, address: &str) -> Vec<ObjectId> {
        let users = self.users.borrow();
        let has = |values: &super::company::Values| {
            values
                .get("mail")
                .is_some_and(|mail| mail.eq_ignore_ascii_case(address))
        };
        let users = users.iter().filter(|(_, values)| has(values));
        users.map(|(user, _)| user.clone()).collect()
    }

    fn take_in(&self, guest: &Guest) -> ObjectId {
        if let Some(there) = self.with_mail(&guest.address).first() {
            let mut again = self.door.sent_to_somebody.borrow_mut();
            again.push(guest.address.clone());
            return there.clone();
        }
        let number = self.door.made.get();
        self.door.made.set(number + 1);
        let user = ObjectId::new(format!("guest-{number}"));
        let values = [("mail", guest.address.clone())];
        let users = &mut *self.users.borrow_mut();
        users.insert(user.clone(), values.into_iter().collect());
        if self.door.lags.get() {
            self.door.hidden.borrow_mut().insert(user.clone());
        } else {
            self.shown_whole(&user);
        }
        user
    }
}

impl Inviter for &World {
    fn permits(&self) -> Result<Permitted, DirectoryError> {
        Ok(match self.door.permits.get() {
            Some(permission) => Permitted::No { permission },
            None => Permitted::Yes,
        })
    }

    fn accounts(&self, people: &[Vec<String>]) -> Result<Vec<Account>, DirectoryError> {
        if self.door.is_dark.get() {
            return Ok(people.iter().map(|_| Account::Unknown).collect());
        }
        let account = |addresses: &Vec<String>| {
            self.door
                .looked_up
                .borrow_mut()
                .extend(addresses.iter().cloned());
            let mut found: Vec<_> = addresses.iter().flat_map(|it| self.with_mail(it)).collect();
            found.retain(|user| !self.door.hides(user));
            let others = self.door.others.borrow();
            match &found[..] {
                [] => {
                    let mut others = addresses.iter().filter_map(|it| others.get(it));
                    others.next().cloned().unwrap_or(Account::Nobody)
                }
                [user] => Account::One(user.clone()),
                _ => Account::Several,
            }
        };
        Ok(people.iter().map(account).collect())
    }

    fn invite(&self, guests: &[Guest]) -> Result<Vec<InviteOutcome>, DirectoryError> {
        if self.fails_after.get() == Some(0) {
            return Err(gone_dark());
        }
        let invite = |guest: &Guest| {
            let fate = self.door.fates.borrow_mut().remove(&guest.address);
            let code = "told".to_owned();
            self.door.sent.borrow_mut().push(guest.address.clone());
            match fate {
                None => InviteOutcome::Invited(self.take_in(guest)),
                Some(Fate::TakenUnheard) => {
                    self.take_in(guest);
                    InviteOutcome::Unknown { code }
                }
                Some(Fate::LostUnheard) => InviteOutcome::Unknown { code },
                Some(Fate::Refused) => InviteOutcome::Refused { code },
                Some(Fate::Barred) => InviteOutcome::Barred { code },
                Some(Fate::Later) => InviteOutcome::Later {
                    retry_after: None,
                    code,
                },
            }
        };
        Ok(guests.iter().map(invite).collect())
    }
}
