//! Users made, each once: a request whose answer was lost is never sent again, but looked for by whose user it is.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use destination_kit::Unanswered;
use destination_kit::destination::{Attempt, DestinationError, Draft, Failure, Patch, Record};
use guest_kit::calendar;

use crate::change::Change;
use crate::client::Failed;
use crate::fields::USER_NAME;
use crate::paging::{Kind, Place};
use crate::refusal::{MANAGED_ELSEWHERE, refusal};
use crate::resource::Resource;
use crate::scim::Scim;
use crate::tie::{self, Owner};
use crate::writing::taken;

/// How far the clocks of two machines may be apart.
const CLOCKS_APART_MS: u64 = 5 * 60 * 1000;

/// Ids of all users that belong to a connector, by their `externalId`: for servers whose filters do not find them.
/// Good for as long as no request that makes somebody is sent, or answered.
#[derive(Default)]
pub(crate) struct OwnersIndex {
    generation: Cell<u64>,
    known: RefCell<Option<(u64, Rc<Owners>)>>,
}

type Owners = BTreeMap<String, Vec<String>>;

impl OwnersIndex {
    fn something_happens(&self) {
        self.generation.set(self.generation.get() + 1);
    }

    fn current(&self) -> Option<Rc<Owners>> {
        let known = self.known.borrow();
        let (generation, owners) = known.as_ref()?;
        (*generation == self.generation.get()).then(|| Rc::clone(owners))
    }
}

impl Scim<'_> {
    pub(crate) async fn create_one(&self, draft: &Draft) -> Attempt<Record> {
        let server = self.server().await?;
        let change = Change::making(draft, server.deactivates).map_err(Failure::Refused)?;
        if !change.writes_user_name() {
            let refusal = refusal(Some(USER_NAME), "missing-mandatory");
            return Err(Failure::Refused(refusal));
        }
        let failed = match self.post(&change).await {
            Ok(answer) => match Resource::read(&answer) {
                Some(user) => return self.completed(draft, user).await,
                None => Failed::Unanswered(Unanswered::Lost("answer-not-readable")),
            },
            Err(failed) => failed,
        };
        match failed {
            Failed::Unanswered(Unanswered::Lost(why)) => match self.made_before(draft).await {
                Ok(Some(record)) => Ok(record),
                Ok(None) | Err(_) => Err(Failure::Unknown(why.to_owned())),
            },
            // Somebody has the user name: an earlier request for the same draft, or somebody else.
            Failed::Conflict => self.found_instead(draft).await,
            Failed::Invalid(complaint) if complaint.is_uniqueness() => {
                self.found_instead(draft).await
            }
            failed => Err(failed.plain()),
        }
    }

    /// Sends what makes a user; where it is refused, once more with `active` in its other form.
    async fn post(&self, change: &Change) -> Result<Vec<u8>, Failed> {
        let text = self.ways.active_as_text.get();
        let made = self.post_in(change, text).await;
        match made {
            Err(Failed::Invalid(complaint))
                if change.active.is_some() && !complaint.is_uniqueness() =>
            {
                let again = self.post_in(change, !text).await;
                match again {
                    // It was about something else.
                    Err(Failed::Invalid(_)) => Err(Failed::Invalid(complaint)),
                    Ok(made) => {
                        self.ways.active_as_text.set(!text);
                        Ok(made)
                    }
                    failed => failed,
                }
            }
            made => made,
        }
    }

    async fn post_in(&self, change: &Change, active_as_text: bool) -> Result<Vec<u8>, Failed> {
        let body = change.created(active_as_text);
        self.owners.something_happens();
        let made = self.client.make(Kind::Users.path(), &body).await;
        self.owners.something_happens();
        made
    }

    /// The user as it was made, where the answer leaves something out, or `active` is not what it was to be.
    async fn completed(&self, draft: &Draft, user: Resource) -> Attempt<Record> {
        let server = self.server().await?;
        let user = match crate::resource::text(&user.0, "userName") {
            Some(_) => user,
            None => {
                let read = self.by_id(user.id()).await;
                // It is made, and what the answer tells is enough to know it again.
                read.ok().flatten().unwrap_or(user)
            }
        };
        let record = self.told(&server, &user);
        if record.active.is_none_or(|active| active == draft.active) {
            return Ok(record);
        }
        let patch = Patch {
            known: record,
            writes: Vec::new(),
            active: Some(draft.active),
            tie: None,
        };
        self.write_one(&patch).await
    }

    /// The user that an earlier request for this draft has made; else the refusal that says who has the user name.
    async fn found_instead(&self, draft: &Draft) -> Attempt<Record> {
        if let Some(record) = self.made_before(draft).await? {
            return Ok(record);
        }
        let user_name = user_name_of(draft).unwrap_or_default();
        let there = self.by_user_name(user_name).await?;
        let is_somebodys = |user: &Resource| user.owner() == Owner::Somebody;
        if there.iter().any(is_somebodys) {
            let refusal = refusal(Some(USER_NAME), MANAGED_ELSEWHERE);
            return Err(Failure::Refused(refusal));
        }
        Err(taken())
    }

    /// The user that an earlier request for this draft has made. One of the same user name is it only where it belongs
    /// to the same person; one that is nobody's only with the same fields, and not from before.
    pub(crate) async fn made_before(
        &self,
        draft: &Draft,
    ) -> Result<Option<Record>, DestinationError> {
        let server = self.server().await?;
        let found = match &draft.tie {
            Some(tie) => self.owned(&tie::written(tie)).await?,
            None => self.nobodys(draft).await?,
        };
        let mut ids: Vec<_> = found.iter().map(Resource::id).collect();
        ids.sort_unstable();
        let Some(id) = ids.first() else {
            return Ok(None);
        };
        // A page may show it as it was.
        let user = self.by_id(id).await?;
        Ok(user.map(|user| self.told(&server, &user)))
    }

    /// The users with an `externalId`.
    async fn owned(&self, external_id: &str) -> Result<Vec<Resource>, DestinationError> {
        if let Some(users) = self.by_external_id(external_id).await? {
            return Ok(users);
        }
        let owners = self.all_owners().await?;
        let ids = owners.get(external_id).cloned().unwrap_or_default();
        let users = self.by_ids(&ids).await?.into_iter().flatten();
        Ok(users
            .filter(|user| user.external_id() == Some(external_id))
            .collect())
    }

    /// Reads everybody, unless that was done and nobody was made since.
    async fn all_owners(&self) -> Result<Rc<Owners>, DestinationError> {
        let _turn = self.making.begin("owners").await;
        if let Some(owners) = self.owners.current() {
            return Ok(owners);
        }
        let generation = self.owners.generation.get();
        let mut owners = Owners::new();
        let mut place = Some(Place::default());
        while let Some(from) = place {
            let listed = self.paging.from(&self.client, Kind::Users, from.start);
            let listed = listed.await?;
            for user in &listed.resources {
                if let (Owner::Connector(_), Some(text)) = (user.owner(), user.external_id()) {
                    let ids = owners.entry(text.to_owned()).or_default();
                    ids.push(user.id().to_owned());
                }
                self.reading.remember(user);
            }
            place = from.after(&listed);
        }
        let owners = Rc::new(owners);
        *self.owners.known.borrow_mut() = Some((generation, Rc::clone(&owners)));
        Ok(owners)
    }

    /// Users that belong to nobody and are as a draft says, made since it was decided.
    async fn nobodys(&self, draft: &Draft) -> Result<Vec<Resource>, DestinationError> {
        let server = self.server().await?;
        let Some(user_name) = user_name_of(draft) else {
            return Ok(Vec::new());
        };
        let mut fields = draft.fields.clone();
        fields.sort();
        let users = self.by_user_name(user_name).await?.into_iter();
        Ok(users
            .filter(|user| {
                let made = user.created().and_then(moment);
                let is_new = made.is_some_and(|made| made + CLOCKS_APART_MS >= draft.decided_at_ms);
                let record = self.told(&server, user);
                user.owner() == Owner::Nobody && record.fields == fields && is_new
            })
            .collect())
    }
}

fn user_name_of(draft: &Draft) -> Option<&str> {
    let mut fields = draft.fields.iter();
    fields
        .find(|(name, _)| name == USER_NAME)
        .map(|(_, value)| &**value)
}

/// Milliseconds since 1970 of a moment as servers write it, `2026-01-02T03:04:05.678Z`.
fn moment(text: &str) -> Option<u64> {
    Some(calendar::read_date_time(text)?.saturating_mul(1000))
}
