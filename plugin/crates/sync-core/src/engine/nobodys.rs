//! Looks for contacts that are nobody's, once everybody was read: who is in the directory after all, and who is to be
//! invited as a guest.
//!
//! It comes last of all that a round reads, when whoever can be linked to somebody is. Contacts that were looked up
//! before are passed over in an incremental round; a full one looks again, but for addresses that the directory has
//! refused lately. Who is found is decided about like anybody who was asked for by id.

use crate::contact::{Contact, ContactId, Invitation, ObjectId};
use crate::ports::inviter::PEOPLE_AT_ONCE;
use crate::ports::{FieldChange, Query, StateWrite};
use crate::reconcile::decision::{Action, Decision};
use crate::reconcile::guest::{
    Account, GuestFields, REFUSED_MS, Verdict, is_within, key_of, verdict,
};
use crate::reconcile::reason::Reason;
use crate::run::RunMode;
use guest_kit::ordered::{Map, Set};

use super::checkpoint::{Round, Step};
use super::guests::{self, Memory};
use super::reading::Reading;
use super::run_abort::RunAbort;
use super::session::Session;
use super::stage::Settlement;
use super::stepped::Stepped;

/// Contacts that are looked at in one step.
const AT_ONCE: u32 = 200;

/// A contact that is nobody's.
struct Nobodys {
    contact: Contact,
    /// Of its address, or of what it has in the place of one.
    key: String,
}

/// What is to be done about one.
struct Judged<'n> {
    nobodys: &'n Nobodys,
    verdict: Verdict,
    /// The user who has the address, where the directory said that it is one.
    user: Option<ObjectId>,
}

/// What comes after everybody was asked for.
pub(super) fn after_all(session: &Session<'_>, delta_link: &str) -> Step {
    let delta_link = delta_link.to_owned();
    match session.guests {
        Some(_) => Step::Inviting {
            after: None,
            delta_link,
        },
        None => Step::Closed { delta_link },
    }
}

impl Reading<'_, '_> {
    /// Looks at the next contacts that are nobody's.
    pub(super) fn look_for_guests(
        &mut self,
        round: &Round,
        after: Option<&ContactId>,
        delta_link: &str,
    ) -> Result<Stepped, RunAbort> {
        let session = self.session;
        let mut next = round.clone();
        let closed = Step::Closed {
            delta_link: delta_link.to_owned(),
        };
        let Some(fields) = &session.guests else {
            next.step = closed;
            return Ok(Stepped::Passed(next));
        };
        let store = session.ports.store;
        let limit = AT_ONCE.min(session.batch as u32).max(1);
        let contacts = store.unlinked(&session.source, after, limit, &fields.names())?;
        let Some(last) = contacts.last() else {
            next.step = closed;
            return Ok(Stepped::Passed(next));
        };
        let step = Step::Inviting {
            after: Some(last.id.clone()),
            delta_link: delta_link.to_owned(),
        };
        let nobodys: Vec<_> = contacts
            .into_iter()
            .map(|contact| Nobodys::of(contact, fields))
            .collect();
        let memory = Memory::of(session.ports.state, nobodys.iter().map(Nobodys::named))?;
        let is_full = round.mode == RunMode::Full;
        let open: Vec<_> = nobodys
            .iter()
            .filter(|one| is_full || memory.passed(&one.contact.id, &one.key).is_none())
            .collect();
        let open = self.still_nobodys(open)?;
        if open.is_empty() {
            next.step = step;
            return Ok(Stepped::Passed(next));
        }
        let mut judged = self.judge(open, fields, &memory)?;
        if !is_full {
            next = self.correlate(&judged, next)?;
            let still = self.still_nobodys(judged.iter().map(|one| one.nobodys).collect())?;
            let still = Set::from_iter(still.into_iter().map(|one| &one.contact.id));
            judged.retain(|one| still.contains(&one.nobodys.contact.id));
        }
        next.step = step;
        self.enter(&judged, fields, next)
    }

    /// Those whom no decision of this round links.
    fn still_nobodys<'n>(&self, nobodys: Vec<&'n Nobodys>) -> Result<Vec<&'n Nobodys>, RunAbort> {
        if nobodys.is_empty() {
            return Ok(nobodys);
        }
        let ids: Vec<_> = nobodys.iter().map(|one| one.contact.id.clone()).collect();
        let claimed = self.stage.claimed(&ids)?.into_iter();
        let mut taken: Set<ContactId> = claimed.map(|(contact, _)| contact).collect();
        let session = self.session;
        let now = session.ports.store.lookup(&Query {
            source: session.source.clone(),
            contacts: ids,
            ..Query::default()
        })?;
        let linked = now.into_iter().filter(|contact| contact.link.is_some());
        taken.extend(linked.map(|contact| contact.id));
        let still = nobodys
            .into_iter()
            .filter(|one| !taken.contains(&one.contact.id));
        Ok(still.collect())
    }

    /// Decides about each, with what the directory says of those who have to be looked up.
    fn judge<'n>(
        &self,
        nobodys: Vec<&'n Nobodys>,
        fields: &GuestFields,
        memory: &Memory,
    ) -> Result<Vec<Judged<'n>>, RunAbort> {
        let now = self.session.ports.clock.now();
        let shared = shared_addresses(self.session, fields, &nobodys)?;
        let mut judged = Vec::with_capacity(nobodys.len());
        let mut asked = Vec::new();
        for nobodys in nobodys {
            let refused = memory
                .passed(&nobodys.contact.id, &nobodys.key)
                .filter(|passed| {
                    passed.reason == Reason::InvitationRefused
                        && is_within(REFUSED_MS, passed.at, now)
                });
            let known = if fields.addressee(&nobodys.contact).is_none() {
                Some(Reason::NoValidAddress)
            } else if shared.contains(&nobodys.key) {
                Some(Reason::AddressAmbiguous)
            } else {
                refused.map(|passed| passed.reason)
            };
            match known {
                Some(reason) => judged.push(Judged {
                    nobodys,
                    verdict: Verdict::Pass(reason),
                    user: None,
                }),
                None => asked.push(nobodys),
            }
        }
        let Some(inviter) = self
            .session
            .directory
            .inviter()
            .filter(|_| !asked.is_empty())
        else {
            return Ok(judged);
        };
        for portion in asked.chunks(PEOPLE_AT_ONCE) {
            let people = portion.iter().map(|one| fields.addresses(&one.contact));
            let accounts = inviter.accounts(&people.collect::<Vec<_>>())?;
            for (nobodys, account) in portion.iter().zip(accounts) {
                let sent = memory.sent(&nobodys.key).map(|it| (&it.sent, it.at));
                judged.push(Judged {
                    nobodys,
                    verdict: verdict(&account, sent, now),
                    user: match account {
                        Account::One(user) => Some(user),
                        _ => None,
                    },
                });
            }
        }
        self.leave_out_linked(&mut judged)?;
        Ok(judged)
    }

    /// Whoever has a contact already is not to be another contact's, too.
    fn leave_out_linked(&self, judged: &mut [Judged<'_>]) -> Result<(), RunAbort> {
        let wanted = judged.iter().filter_map(|one| match &one.verdict {
            Verdict::Link(user) => Some(user.clone()),
            Verdict::Invite | Verdict::Pass(_) => one.user.clone(),
        });
        let linked = linked_among(self.session, wanted.collect())?;
        for one in judged {
            let is_taken = |user: &ObjectId| linked.contains(user);
            if matches!(&one.verdict, Verdict::Link(user) if is_taken(user)) {
                one.verdict = Verdict::Pass(Reason::HasAccount);
            }
            one.user = one.user.take().filter(|user| !is_taken(user));
        }
        Ok(())
    }

    /// Decides about those who were found like about anybody who was asked for by id: whoever has the address in the
    /// way by which contacts are found is linked. In a full round that has happened.
    fn correlate(&mut self, judged: &[Judged<'_>], round: Round) -> Result<Round, RunAbort> {
        let found = judged
            .iter()
            .filter(|one| matches!(one.verdict, Verdict::Pass(_)));
        let users = Set::from_iter(found.filter_map(|one| one.user.clone()));
        let users: Vec<_> = users.into_iter().collect();
        if users.is_empty() {
            return Ok(round);
        }
        let before = round.clone();
        self.settle_verified(&users, Vec::new(), &before, round)
    }

    /// Hands over what is decided, with what is remembered of it.
    fn enter(
        &mut self,
        judged: &[Judged<'_>],
        fields: &GuestFields,
        mut next: Round,
    ) -> Result<Stepped, RunAbort> {
        let now = self.session.ports.clock.now();
        let shows_people = self.stage.shows_people();
        let mut decisions = Vec::with_capacity(judged.len());
        let mut remembered: Vec<StateWrite> = Vec::new();
        for one in judged {
            let Nobodys { contact, key } = one.nobodys;
            decisions.push(decision(one, fields, shows_people));
            if let Verdict::Pass(reason) = one.verdict {
                remembered.extend(guests::note_passed(&contact.id, key, reason, now)?);
            }
        }
        next.staged |= decisions.iter().any(Decision::takes_away);
        self.stage.settle(Settlement {
            decisions,
            remembered,
            deferred: Vec::new(),
            nameless: 0,
            sightings: None,
            round: Some(&next),
        })?;
        Ok(Stepped::Settled(next))
    }
}

impl Nobodys {
    fn of(contact: Contact, fields: &GuestFields) -> Self {
        let key = key_of(contact.field(&fields.address).unwrap_or_default());
        Self { contact, key }
    }

    fn named(&self) -> (&ContactId, &str) {
        (&self.contact.id, &self.key)
    }
}

fn decision(judged: &Judged<'_>, fields: &GuestFields, shows_people: bool) -> Decision {
    let contact = &judged.nobodys.contact;
    let user = Invitation::stand_in(&contact.id);
    let written = contact.field(&fields.address).map(str::to_owned);
    let (action, reason) = match (&judged.verdict, fields.addressee(contact)) {
        (Verdict::Pass(reason), _) => (Action::Skip(Some(contact.id.clone())), *reason),
        (Verdict::Invite | Verdict::Link(_), None) => (
            Action::Skip(Some(contact.id.clone())),
            Reason::NoValidAddress,
        ),
        (Verdict::Invite | Verdict::Link(_), Some(address)) => {
            let invitation = Invitation {
                contact: contact.precondition(),
                object_id: user.clone(),
                address,
                display_name: fields.name(contact),
            };
            (Action::Invite(invitation), Reason::NotInDirectory)
        }
    };
    let is_skip = matches!(action, Action::Skip(_));
    let mut decision = Decision::plain(user, action, reason);
    if is_skip && shows_people {
        decision.fields.push(FieldChange {
            field: fields.address.clone(),
            before: None,
            after: written.clone(),
        });
    }
    decision.address = written;
    decision
}

/// Keys of addresses that another contact has, too, whoever's it is: which of them the person is, nobody can tell.
fn shared_addresses(
    session: &Session<'_>,
    fields: &GuestFields,
    nobodys: &[&Nobodys],
) -> Result<Set<String>, RunAbort> {
    let held = nobodys
        .iter()
        .filter_map(|one| one.contact.field(&fields.address));
    let found = session.ports.store.lookup(&Query {
        source: session.source.clone(),
        match_keys: held.map(str::to_owned).collect(),
        fields: vec![fields.address.clone()],
        ..Query::default()
    })?;
    let mut contacts: Map<String, u64> = Map::new();
    for contact in found.iter().filter(|contact| contact.active) {
        if let Some(held) = contact.field(&fields.address) {
            *contacts.or_default(key_of(held)) += 1;
        }
    }
    let shared = contacts.into_iter().filter(|(_, contacts)| *contacts > 1);
    Ok(shared.map(|(key, _)| key).collect())
}

/// Those of the users who have a contact.
fn linked_among(session: &Session<'_>, users: Vec<ObjectId>) -> Result<Set<ObjectId>, RunAbort> {
    if users.is_empty() {
        return Ok(Set::new());
    }
    let contacts = session.ports.store.lookup(&Query {
        source: session.source.clone(),
        object_ids: users,
        ..Query::default()
    })?;
    let links = contacts.into_iter().filter_map(|contact| contact.link);
    Ok(links.map(|link| link.object_id).collect())
}
