//! Who has an address already, twenty people at a time.

use std::cell::OnceCell;

use guest_kit::ordered::{Map, Set};
use serde_json::Value;
use sync_core::contact::ObjectId;
use sync_core::reconcile::guest::Account;

use crate::graph::batch::Answer;
use crate::graph::client::Client;
use crate::graph::error::GraphError;
use crate::graph::lookup::{Found, Questions};
use crate::graph::organization::Organization;
use crate::graph::purpose::Purpose;

use super::questions::Place;

/// One thing that is asked.
struct Question {
    /// Whom it is about, by the place among those who were asked for.
    person: usize,
    place: Place,
    url: String,
}

/// What was found of one person.
#[derive(Default)]
struct Known {
    users: Set<ObjectId>,
    is_listed: bool,
    is_deleted: bool,
    /// A question that was not answered.
    is_open: bool,
    /// An answer had more than it showed.
    has_more: bool,
}

impl Client<'_> {
    /// Who has any of the addresses of each of these people, in their order.
    ///
    /// # Errors
    ///
    /// Where the tenant does not tell its domains, or a batch as a whole fails; see [`GraphError`]. Any other failure
    /// about one of them is an [`Account::Unknown`].
    pub fn accounts(
        &self,
        people: &[Vec<String>],
        organization: &OnceCell<Organization>,
    ) -> Result<Vec<Account>, GraphError> {
        let organization = match organization.get() {
            Some(known) => known,
            None => {
                let told = self.organization_with_domains()?;
                organization.get_or_init(|| told)
            }
        };
        let is_own = |address: &String| {
            let domain = address.rsplit_once('@').map(|(_, domain)| domain);
            domain.is_some_and(|domain| organization.has_domain(domain))
        };
        let initial = organization.initial_domain();
        let mut questions = Vec::new();
        for (person, addresses) in people.iter().enumerate() {
            for address in addresses {
                let places = Place::ALL.into_iter();
                questions.extend(places.filter_map(|place| {
                    let url = place.url(address, initial)?;
                    Some(Question { person, place, url })
                }));
            }
        }
        let mut known: Vec<Known> = people.iter().map(|_| Known::default()).collect();
        for of_index in [true, false] {
            let asked = Questions {
                purpose: Purpose::Accounts,
                url: &|number| questions.get(number).map(|question| question.url.clone()),
                read: &|_, answer, code| Some(found(&answer, code)),
                of_index,
            };
            let numbers = questions.iter().enumerate();
            let numbers = numbers.filter(|(_, question)| question.place.is_of_index() == of_index);
            let answers = self.ask_all(&asked, numbers.map(|(number, _)| number).collect())?;
            enter(&questions, of_index, &answers, &mut known);
        }
        let answered = people.iter().zip(known);
        let account = |(addresses, known): (&Vec<String>, Known)| match known.account() {
            // Its own people it knows by other names than their addresses.
            Account::Nobody if addresses.iter().any(is_own) => Account::OwnDomain,
            account => account,
        };
        Ok(answered.map(account).collect())
    }
}

/// A collection, which may be empty, as the value that it is.
fn found(answer: &Answer, code: Option<String>) -> Found {
    match (answer.status, answer.body.get("value")) {
        (200, Some(Value::Array(_))) => Found::There(answer.body.clone()),
        (200, _) => Found::Unknown("unexpected-shape".to_owned()),
        (status, _) => match Found::refused(status, code) {
            // A collection is there.
            Found::NotThere => Found::Unknown("unexpected-shape".to_owned()),
            refused => refused,
        },
    }
}

fn enter(questions: &[Question], of_index: bool, answers: &Map<usize, Found>, known: &mut [Known]) {
    let asked = questions.iter().enumerate();
    for (number, question) in asked.filter(|(_, it)| it.place.is_of_index() == of_index) {
        let Some(known) = known.get_mut(question.person) else {
            continue;
        };
        let Some(Found::There(body)) = answers.get(&number) else {
            known.is_open = true;
            continue;
        };
        let people = body.get("value").and_then(Value::as_array);
        let people = people.map(Vec::as_slice).unwrap_or_default();
        known.has_more |= body.get("@odata.nextLink").is_some();
        match question.place {
            Place::Users | Place::Identities => {
                let ids = people
                    .iter()
                    .map(|user| user.get("id").and_then(Value::as_str));
                for id in ids {
                    match id {
                        Some(id) => {
                            known.users.insert(ObjectId::new(id));
                        }
                        None => known.is_open = true,
                    }
                }
            }
            Place::OrgContacts => known.is_listed |= !people.is_empty(),
            Place::Deleted => known.is_deleted |= !people.is_empty(),
        }
    }
}

impl Known {
    fn account(self) -> Account {
        let mut users = self.users.into_iter();
        match (users.next(), users.next()) {
            // One of several is somebody, whatever else was not answered.
            (Some(_), Some(_)) => Account::Several,
            (Some(_), None) if self.has_more || self.is_open => Account::Unknown,
            (Some(user), None) => Account::One(user),
            (None, _) if self.is_open || self.has_more => Account::Unknown,
            (None, _) if self.is_listed => Account::Listed,
            (None, _) if self.is_deleted => Account::Deleted,
            (None, _) => Account::Nobody,
        }
    }
}
