//! Values of users are written: read, compared, and sent, twenty people in a request
//! (<https://learn.microsoft.com/graph/json-batching>).

use std::time::Duration;

use entra_users::mapping::writing::{SYNCED, Writable};
use entra_users::permission::WRITES_USERS;
use entra_users::user::Selection;
use guest_kit::ordered::Map;
use guest_kit::{percent, retry};
use serde_json::Value;
use sync_core::contact::ObjectId;
use sync_core::ports::directory_writer::{PersonWrite, Refusal, WriteOutcome};

use crate::graph::batch::{self, Answer, Batch};
use crate::graph::client::Client;
use crate::graph::error::GraphError;
use crate::graph::lookup::{Found, Questions};
use crate::graph::purpose::Purpose;

use super::answer::{self, Again, Meaning, meaning};
use super::person::{Person, Standing, Together};

/// What became of the writes of some people, in the order in which they were given.
type Outcomes = Vec<Vec<WriteOutcome>>;

impl Client<'_> {
    /// Writes values of people: one outcome for each of their writes, in their order.
    ///
    /// # Errors
    ///
    /// Where nothing was sent that could write; see [`GraphError`].
    pub fn update(&self, people: &[PersonWrite]) -> Result<Outcomes, GraphError> {
        let roles = self.roles_with(&wanted_permissions(people))?;
        let is_granted = |writable: Writable| {
            roles
                .as_deref()
                .is_none_or(|roles| writable.is_granted(roles))
        };
        let people = people.iter().map(|person| Person::new(person, &is_granted));
        let mut writing = Writing {
            client: self,
            people: people.collect(),
            sees_roles: roles.is_some(),
            was_sent: false,
            again: None,
        };
        writing.finish()?;
        let people = writing.people.into_iter();
        Ok(people.map(Person::into_outcomes).collect())
    }

    /// Sends requests that write, as few batches as they fit into, and hands over what became of each of them: its
    /// number, and its answer or why there is none. Where a batch fails, those after it are not sent.
    pub(in crate::graph) fn send_writes(
        &self,
        purpose: Purpose,
        writes: impl IntoIterator<Item = (usize, String)>,
        take: &mut dyn FnMut(usize, Result<&Answer, &GraphError>),
    ) {
        let mut failed = None;
        for batch in batch::pack_writes(writes) {
            if failed.is_none() {
                failed = self.send_batch(purpose, &batch, take).err();
            } else if let Some(error) = failed.as_ref().filter(|error| is_final(error)) {
                for number in &batch.questions {
                    take(*number, Err(error));
                }
            }
        }
    }

    fn send_batch(
        &self,
        purpose: Purpose,
        batch: &Batch,
        take: &mut dyn FnMut(usize, Result<&Answer, &GraphError>),
    ) -> Result<(), GraphError> {
        let exchange = self.exchange();
        let sent = self.post(purpose, "/$batch", &batch.body, &[424]);
        // Each of them counts, whatever became of it.
        let now = exchange.ports().clock.elapsed();
        self.pace
            .set(self.pace.get().after(batch.questions.len(), now));
        let answers = sent.and_then(|response| {
            batch::read(batch, &response.body).ok_or_else(|| GraphError::UnexpectedShape {
                host: self.host().to_owned(),
                detail: "it is no answer to a batch",
            })
        });
        let missing = GraphError::UnexpectedShape {
            host: self.host().to_owned(),
            detail: "one of a batch has no answer",
        };
        for number in &batch.questions {
            match &answers {
                Ok(answers) => take(*number, answers.get(number).ok_or(&missing)),
                Err(error) => take(*number, Err(error)),
            }
        }
        answers.map(drop)
    }

    /// Waits as long as the limit of writes asks.
    pub(in crate::graph) fn keep_pace(&self) -> Result<(), GraphError> {
        let exchange = self.exchange();
        let wait = self.pace.get().wait(exchange.ports().clock.elapsed());
        if wait.is_zero() {
            return Ok(());
        }
        exchange.pause(wait)
    }
}

/// Whether what failed would fail with everybody else, too.
fn is_final(error: &GraphError) -> bool {
    answer::of_batch(error).is_none()
}

/// The permissions of what is wanted: those of a sensitive attribute write the others, too.
fn wanted_permissions(people: &[PersonWrite]) -> Vec<&'static str> {
    let writes = people.iter().flat_map(|person| &person.writes);
    let writable = writes.filter_map(|write| Writable::find(&write.attribute));
    let mut sensitive = writable.filter(|writable| writable.rules().is_sensitive);
    match sensitive.next() {
        Some(writable) => writable.rules().permissions.to_vec(),
        None => WRITES_USERS.to_vec(),
    }
}

/// People on their way.
struct Writing<'c, 'a, 'w> {
    client: &'c Client<'a>,
    people: Vec<Person<'w>>,
    /// The permissions of the token can be seen: whoever has one and is refused is refused for the person's sake.
    sees_roles: bool,
    /// Something was sent that could write.
    was_sent: bool,
    /// When something is to be sent again, and why.
    again: Option<Again>,
}

impl Writing<'_, '_, '_> {
    /// Rounds of reading, comparing and sending, until everything is settled or there is no time.
    fn finish(&mut self) -> Result<(), GraphError> {
        let mut attempts = 0;
        loop {
            let open = self.open();
            if open.is_empty() {
                return Ok(());
            }
            self.again = None;
            if let Err(error) = self.round(&open) {
                if !self.was_sent {
                    return Err(error);
                }
                self.give_up(&Again {
                    after: retry_after(&error),
                    code: error.code().to_owned(),
                    may_be_done: false,
                });
                return Ok(());
            }
            match self.again.take() {
                Some(again) => {
                    attempts += 1;
                    if !self.wait(&again, attempts) {
                        self.give_up(&again);
                        return Ok(());
                    }
                }
                None => self.take_in(),
            }
        }
    }

    fn open(&self) -> Vec<usize> {
        let people = self.people.iter().enumerate();
        let open = people.filter(|(_, person)| person.is_open());
        open.map(|(number, _)| number).collect()
    }

    fn give_up(&mut self, again: &Again) {
        for person in &mut self.people {
            person.given_up(again);
        }
    }

    fn take_in(&mut self) {
        for person in &mut self.people {
            person.take_in();
        }
    }

    fn wait(&self, again: &Again, attempts: u32) -> bool {
        let exchange = self.client.exchange();
        let random = exchange.ports().entropy.next_u64();
        let wait = retry::wait(again.after, attempts, random);
        let code = ("code", again.code.clone());
        let waited = exchange.wait(Purpose::Updates, wait, attempts, &[code]);
        waited.unwrap_or(false)
    }

    fn round(&mut self, open: &[usize]) -> Result<(), GraphError> {
        self.client.keep_pace()?;
        let mut standing = self.compare(open)?;
        if self.leave_out_who_has_a_role(&standing)? {
            // What is sent is the current whole with one thing changed: nothing else is asked between the two.
            standing = self.compare(&self.open())?;
        }
        let of = |together: fn(&Standing) -> &Together| {
            let people = standing.iter();
            people.map(move |(number, one)| (*number, together(one)))
        };
        let plain: Vec<_> = of(|one| &one.plain).collect();
        let sensitive: Vec<_> = of(|one| &one.sensitive).collect();
        self.send(&plain);
        self.send(&sensitive);
        Ok(())
    }

    /// Reads the people, and finds what of their writes still stands.
    fn compare(&mut self, open: &[usize]) -> Result<Vec<(usize, Standing)>, GraphError> {
        let ids = self.ids();
        let people = open.iter().filter_map(|number| self.people.get(*number));
        let properties = people.flat_map(|person| person.properties());
        let selection = Selection::new(properties.chain([SYNCED]));
        let options = selection.select_option();
        let about = (&*ids, Found::read as _);
        let found = self
            .client
            .ask(Purpose::Lookup, about, open.to_vec(), &|id| {
                format!("/users/{id}?{options}")
            })?;
        let mut standing = Vec::new();
        for (number, found) in found {
            let Some(person) = self.people.get_mut(number) else {
                continue;
            };
            match found {
                Found::There(body) => standing.push((number, person.compare(&body))),
                Found::NotThere => person.gone(),
                Found::Unknown(code) => person.given_up(&not_sent(code)),
            }
        }
        Ok(standing)
    }

    /// Settles the sensitive values of people who have a role in the directory, or may have one, and says whether
    /// anybody was asked for (<https://learn.microsoft.com/graph/api/user-list-transitivememberof>). A role for which
    /// somebody is only eligible (Privileged Identity Management) is not among those that they have
    /// (<https://learn.microsoft.com/entra/id-governance/privileged-identity-management/pim-configure>).
    fn leave_out_who_has_a_role(
        &mut self,
        standing: &[(usize, Standing)],
    ) -> Result<bool, GraphError> {
        let apart = standing
            .iter()
            .filter(|(_, one)| !one.sensitive.update.is_empty());
        let apart: Vec<usize> = apart.map(|(number, _)| *number).collect();
        if apart.is_empty() {
            return Ok(false);
        }
        let ids = self.ids();
        let questions = Questions {
            purpose: Purpose::Lookup,
            url: &|number| {
                let id = percent::encode(ids.get(number)?.as_str());
                Some(format!("/users/{id}/{ROLES}?$count=true&$select=id&$top=1"))
            },
            read: &|_, answer, code| Some(has_role(&answer, code)),
            of_index: true,
        };
        let found = self.client.ask_all(&questions, apart)?;
        for (number, found) in found {
            let outcome = match found {
                Found::There(Value::Bool(false)) => continue,
                Found::There(_) => WriteOutcome::Refused(Refusal::Privileged),
                Found::NotThere => WriteOutcome::Gone,
                Found::Unknown(code) if code == FORBIDDEN => {
                    WriteOutcome::Refused(Refusal::RolesUnknown)
                }
                Found::Unknown(code) => WriteOutcome::Later {
                    retry_after: None,
                    code,
                },
            };
            let places = standing.iter().find(|(of, _)| *of == number);
            if let (Some(person), Some((_, one))) = (self.people.get_mut(number), places) {
                person.settle(&one.sensitive.places, &|| outcome.clone());
            }
        }
        Ok(true)
    }

    fn ids(&self) -> Vec<ObjectId> {
        let people = self.people.iter();
        people.map(|person| person.user.clone()).collect()
    }

    fn send(&mut self, together: &[(usize, &Together)]) {
        let full = together.iter().filter(|(_, one)| !one.update.is_empty());
        let entries: Vec<_> = full
            .filter_map(|(number, one)| {
                let user = self.people.get(*number)?.user;
                Some((*number, one.update.entry(user)))
            })
            .collect();
        if entries.is_empty() {
            return;
        }
        self.was_sent = true;
        let client = self.client;
        let now = client.exchange().now();
        let of: Map<usize, &[usize]> = together
            .iter()
            .map(|(number, one)| (*number, &*one.places))
            .collect();
        client.send_writes(Purpose::Updates, entries, &mut |number, answered| {
            let places = of.get(&number).copied().unwrap_or_default();
            match answered {
                Ok(answer) => self.take(number, places, meaning(answer, now)),
                Err(error) => match answer::of_batch(error) {
                    Some(again) => self.take(number, places, Meaning::Again(again)),
                    None => self.later(number, places, error),
                },
            }
        });
    }

    fn take(&mut self, number: usize, places: &[usize], meaning: Meaning) {
        let sees_roles = self.sees_roles;
        let Some(person) = self.people.get_mut(number) else {
            return;
        };
        let refused = |refusal: Refusal| WriteOutcome::Refused(refusal);
        match meaning {
            Meaning::Done => person.done(places),
            Meaning::Gone => person.gone(),
            Meaning::Invalid { property, code } => {
                person.invalid(places, property.as_deref(), &code);
            }
            Meaning::Forbidden => person.settle_with(places, &|writable| {
                refused(match (sees_roles, writable.rules().is_sensitive) {
                    (true, true) => Refusal::Privileged,
                    _ => Refusal::Permission,
                })
            }),
            Meaning::Refused(code) => {
                person.settle(places, &|| refused(Refusal::Other { code: code.clone() }));
            }
            Meaning::Again(again) => {
                if again.may_be_done {
                    person.may_be_done(places);
                }
                let longest = self
                    .again
                    .take()
                    .map_or(again.after, |before| before.after.max(again.after));
                self.again = Some(Again {
                    after: longest,
                    ..again
                });
            }
        }
    }

    /// Nothing of it was done, and it is not sent again.
    fn later(&mut self, number: usize, places: &[usize], error: &GraphError) {
        if let Some(person) = self.people.get_mut(number) {
            person.settle(places, &|| WriteOutcome::Later {
                retry_after: retry_after(error),
                code: error.code().to_owned(),
            });
        }
    }
}

/// The roles of the directory that somebody has, at a user.
const ROLES: &str = "transitiveMemberOf/microsoft.graph.directoryRole";

const FORBIDDEN: &str = "Authorization_RequestDenied";

/// Whether somebody has a role, as a truth value.
fn has_role(answer: &Answer, code: Option<String>) -> Found {
    let has_more = answer.body.get("@odata.nextLink").is_some();
    match (answer.status, answer.body.get("value")) {
        (200, Some(Value::Array(roles))) if roles.is_empty() && has_more => {
            Found::Unknown("unexpected-shape".to_owned())
        }
        (200, Some(Value::Array(roles))) => Found::There(Value::Bool(!roles.is_empty())),
        (200, _) => Found::Unknown("unexpected-shape".to_owned()),
        (403, _) => Found::Unknown(FORBIDDEN.to_owned()),
        (status, _) => Found::refused(status, code),
    }
}

fn not_sent(code: String) -> Again {
    Again {
        after: None,
        code,
        may_be_done: false,
    }
}

fn retry_after(error: &GraphError) -> Option<Duration> {
    match error {
        GraphError::Throttled { retry_after, .. } => Some(*retry_after),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
