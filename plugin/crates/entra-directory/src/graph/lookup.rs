//! Asks for single people and groups by id: those whom a full round did not show, and those who are tried again.
//!
//! Absence from a page says nothing; this asks for each, first among the users, then among the
//! deleted items (<https://learn.microsoft.com/graph/api/directory-deleteditems-get>). The answers
//! are evidence for removals, so only the documented ones count: a 404 whose code says that the
//! object is not there, a 200 whose body is about the object that was asked for. Everything else is
//! [`Whereabouts::Unknown`], which is evidence of nothing.

use entra_users::page;
use entra_users::user::{Selection, User};
use guest_kit::json;
use guest_kit::ordered::Map;
use std::time::Duration;

use contact_identity::LONGEST_OBJECT_ID;
use guest_kit::percent;
use guest_kit::retry;
use serde_json::Value;
use sync_core::contact::ObjectId;

use super::batch::{self, Answer, Batch};
use super::client::Client;
use super::envelope::Envelope;
use super::error::GraphError;
use super::purpose::Purpose;
use super::refusal;
use super::transient;

/// What became of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// Among the users; with what was asked about them, as JSON text, to be read with
    /// [`Client::found_user`].
    Present(String),
    /// Among the organisational contacts, where those were asked for; with what was asked about them.
    OrgContact(String),
    /// Not among the users, but among the deleted items: may be restored.
    SoftDeleted,
    /// Neither among the users nor among the deleted items.
    NotFound,
    /// No answer that could be understood; the code says why.
    Unknown(String),
}

impl Client<'_> {
    /// What became of some users: one answer each, in their order. Of those who are there, the
    /// selected properties are asked.
    ///
    /// # Errors
    ///
    /// Where a batch as a whole fails; see [`GraphError`]. [`GraphError::Throttled`] also where the
    /// service wants somebody asked for later than there is time to wait. Any other failure about one
    /// user is an [`Whereabouts::Unknown`].
    pub fn whereabouts(
        &self,
        ids: &[ObjectId],
        selection: &Selection,
    ) -> Result<Vec<Whereabouts>, GraphError> {
        self.whereabouts_of_people(ids, selection, None)
    }

    /// What became of some people: one answer each, in their order. Who is not among the users is asked for
    /// among the organisational contacts, where there is a selection for those.
    ///
    /// # Errors
    ///
    /// As [`whereabouts`](Self::whereabouts).
    pub fn whereabouts_of_people(
        &self,
        ids: &[ObjectId],
        users: &Selection,
        contacts: Option<&Selection>,
    ) -> Result<Vec<Whereabouts>, GraphError> {
        let among = |selection: &Selection| {
            let (collection, options) = (selection.collection(), selection.list_options());
            move |id: &str| format!("{collection}/{id}?{options}")
        };
        let contacts = contacts.map(among);
        self.find(
            Purpose::Lookup,
            ids,
            &among(users),
            contacts.as_ref().map(|url| url as &dyn Fn(&str) -> String),
        )
    }

    /// What became of some groups: one answer each, in their order.
    ///
    /// # Errors
    ///
    /// As [`whereabouts`](Self::whereabouts).
    pub fn whereabouts_of_groups(&self, ids: &[ObjectId]) -> Result<Vec<Whereabouts>, GraphError> {
        let among = |id: &str| format!("/groups/{id}?$select=id");
        self.find(Purpose::GroupLookup, ids, &among, None)
    }

    fn find(
        &self,
        purpose: Purpose,
        ids: &[ObjectId],
        among: &dyn Fn(&str) -> String,
        else_among: Option<&dyn Fn(&str) -> String>,
    ) -> Result<Vec<Whereabouts>, GraphError> {
        let mut found = vec![Whereabouts::Unknown("invalid-id".to_owned()); ids.len()];
        let valid = ids
            .iter()
            .enumerate()
            .filter(|(_, id)| is_valid(id))
            .map(|(number, _)| number);

        let mut missing: Vec<usize> = valid.collect();
        let present: fn(String) -> Whereabouts = Whereabouts::Present;
        let elsewhere = else_among.map(|among| (among, Whereabouts::OrgContact as _));
        for (among, present) in std::iter::once((among, present)).chain(elsewhere) {
            let asked = std::mem::take(&mut missing);
            for (number, answer) in self.ask(purpose, (ids, Found::read), asked, among)? {
                match answer {
                    Found::There(body) => set(&mut found, number, present(json::to_text(&body))),
                    Found::NotThere => missing.push(number),
                    Found::Unknown(code) => set(&mut found, number, Whereabouts::Unknown(code)),
                }
            }
        }

        let among_deleted = self.ask(purpose, (ids, Found::read), missing, &|id| {
            format!("/directory/deletedItems/{id}?$select=id")
        })?;
        for (number, answer) in among_deleted {
            set(
                &mut found,
                number,
                match answer {
                    Found::There(_) => Whereabouts::SoftDeleted,
                    Found::NotThere => Whereabouts::NotFound,
                    Found::Unknown(code) => Whereabouts::Unknown(code),
                },
            );
        }
        Ok(found)
    }

    /// Reads a user who was asked for. `None` where the answer is no user.
    #[must_use]
    pub fn found_user<'answer>(
        &self,
        answer: &'answer str,
        selection: &Selection,
    ) -> Option<User<'answer>> {
        page::user(answer, selection)
    }

    /// Asks one question about each of the objects with these numbers, again where that may help.
    pub(super) fn ask(
        &self,
        purpose: Purpose,
        (ids, read): (&[ObjectId], Reading),
        numbers: Vec<usize>,
        url: &dyn Fn(&str) -> String,
    ) -> Result<Map<usize, Found>, GraphError> {
        let questions = Questions {
            purpose,
            url: &|number| Some(url(&percent::encode(ids.get(number)?.as_str()))),
            read: &|number, answer, code| Some(read(answer, code, ids.get(number)?)),
            of_index: false,
        };
        self.ask_all(&questions, numbers)
    }

    /// Asks the questions of these numbers, again where that may help.
    pub(super) fn ask_all(
        &self,
        questions: &Questions<'_>,
        numbers: Vec<usize>,
    ) -> Result<Map<usize, Found>, GraphError> {
        let mut answered = Map::new();
        let mut open = numbers;
        let mut attempts = 0;
        while !open.is_empty() {
            attempts += 1;
            let mut again = Again::default();
            for batch in questions.pack(&open) {
                self.ask_batch(questions, &batch, &mut answered, &mut again)?;
            }
            open = std::mem::take(&mut again.numbers);
            if open.is_empty() {
                break;
            }
            if !self.wait_for(again.longest, again.transient.clone(), attempts)? {
                return again.given_up(self.exchange().may_repeat(attempts), answered);
            }
        }
        Ok(answered)
    }

    fn ask_batch(
        &self,
        questions: &Questions<'_>,
        batch: &Batch,
        answered: &mut Map<usize, Found>,
        again: &mut Again,
    ) -> Result<(), GraphError> {
        // Some deployments answer 424 where an inner answer was throttled; the body is the same.
        let response = self.post(questions.purpose, "/$batch", &batch.body, &[424])?;
        let Some(mut answers) = batch::read(batch, &response.body) else {
            return Err(GraphError::UnexpectedShape {
                host: self.host().to_owned(),
                detail: "it is no answer to a batch",
            });
        };
        for number in &batch.questions {
            let Some(answer) = answers.remove(number) else {
                answered.insert(*number, Found::Unknown("no-answer".to_owned()));
                continue;
            };
            let code = Envelope::of(&answer.body).code;
            if transient::is_transient(answer.status, code.as_deref()) {
                let asked = answer.header("retry-after");
                let asked =
                    asked.and_then(|value| retry::retry_after(&value, self.exchange().now()));
                again.note(*number, asked, (answer.status, code.clone()));
            }
            if let Some(found) = (questions.read)(*number, answer, code) {
                answered.insert(*number, found);
            }
        }
        Ok(())
    }

    fn wait_for(
        &self,
        asked: Option<Duration>,
        code: Option<String>,
        attempts: u32,
    ) -> Result<bool, GraphError> {
        let exchange = self.exchange();
        let wait = retry::wait(asked, attempts, exchange.ports().entropy.next_u64());
        let code = ("code", code.unwrap_or_default());
        exchange.wait(Purpose::Lookup, wait, attempts, &[code])
    }
}

/// Questions by number.
pub(super) struct Questions<'q> {
    pub(super) purpose: Purpose,
    /// Where one is asked, percent-encoded; nowhere for a number that there is no question of.
    pub(super) url: &'q dyn Fn(usize) -> Option<String>,
    /// What its answer means, with the code that is in the body.
    pub(super) read: &'q dyn Fn(usize, Answer, Option<String>) -> Option<Found>,
    /// They are answered by the index of the directory alone
    /// (<https://learn.microsoft.com/graph/aad-advanced-queries>).
    pub(super) of_index: bool,
}

impl Questions<'_> {
    fn pack(&self, numbers: &[usize]) -> Vec<Batch> {
        let urls = numbers
            .iter()
            .filter_map(|number| Some((*number, (self.url)(*number)?)));
        let are_long = self.purpose == Purpose::Accounts;
        match (self.of_index, are_long) {
            (true, _) => batch::pack_advanced(urls, are_long),
            (false, true) => batch::pack_long(urls),
            (false, false) => batch::pack(urls),
        }
    }
}

/// How an answer about a user is read, with the code that is in its body.
pub(super) type Reading = fn(Answer, Option<String>, &ObjectId) -> Found;

/// What one question was answered with.
#[derive(Debug)]
pub(super) enum Found {
    There(Value),
    NotThere,
    Unknown(String),
}

impl Found {
    pub(super) fn read(answer: Answer, code: Option<String>, id: &ObjectId) -> Self {
        match answer.status {
            200 => {
                let named = answer.body.get("id").and_then(Value::as_str);
                if named.is_some_and(|named| is_same(named, id)) {
                    Self::There(answer.body)
                } else {
                    Self::Unknown("answer-about-another".to_owned())
                }
            }
            status => Self::refused(status, code),
        }
    }

    /// What an answer means that is no success.
    pub(super) fn refused(status: u16, code: Option<String>) -> Self {
        match status {
            404 if code.as_deref() == Some("Request_ResourceNotFound") => Self::NotThere,
            status => Self::Unknown(code.unwrap_or_else(|| format!("http-{status}"))),
        }
    }
}

/// Questions to ask again, and the longest wait that one of the answers asked for.
#[derive(Default)]
struct Again {
    numbers: Vec<usize>,
    longest: Option<Duration>,
    transient: Option<String>,
    status: u16,
}

impl Again {
    fn note(
        &mut self,
        number: usize,
        asked: Option<Duration>,
        (status, code): (u16, Option<String>),
    ) {
        self.numbers.push(number);
        self.longest = self.longest.max(asked);
        self.transient = code.or(self.transient.take());
        self.status = status;
    }

    /// What is answered so far, where nothing is asked again. What only lacks the time that the
    /// service asks for is not unknown: it is to be asked for then.
    fn given_up(
        self,
        lacks_time: bool,
        answered: Map<usize, Found>,
    ) -> Result<Map<usize, Found>, GraphError> {
        match self.longest {
            Some(retry_after) if lacks_time => Err(refusal::throttled(
                Purpose::Lookup,
                self.status,
                self.transient.as_deref(),
                None,
                retry_after,
            )),
            _ => Ok(answered),
        }
    }
}

fn set(found: &mut [Whereabouts], number: usize, whereabouts: Whereabouts) {
    if let Some(place) = found.get_mut(number) {
        *place = whereabouts;
    }
}

/// Whether the service names the user that was asked for. It takes any id in either case.
fn is_same(named: &str, asked: &ObjectId) -> bool {
    named.eq_ignore_ascii_case(asked.as_str()) || ObjectId::new(named) == *asked
}

/// Whether an id can stand in a URL's path without meaning something else there.
pub(super) fn is_valid(id: &ObjectId) -> bool {
    let id = id.as_str();
    !id.is_empty() && id.len() <= LONGEST_OBJECT_ID && !id.bytes().all(|byte| byte == b'.')
}

#[cfg(test)]
mod tests;
