//! Who reports to somebody (<https://learn.microsoft.com/graph/api/user-list-directreports>).
//!
//! A change feed shows a manager whose name changed, and none of those in whose contacts that name stands. They
//! are asked for, twenty questions in a request, and by their ids alone.

use contact_identity::LONGEST_OBJECT_ID;
use guest_kit::json;
use serde_json::Value;
use sync_core::contact::ObjectId;

use super::batch::Answer;
use super::client::Client;
use super::error::GraphError;
use super::link::Link;
use super::lookup::{Found, is_valid};
use super::purpose::Purpose;

/// Pages of one person's reports that are read beyond the first, of a hundred each.
const MOST_PAGES: usize = 1_000;
/// The kinds that are among the users; an organisational contact can report to somebody, too.
const USERS: [&str; 2] = ["microsoft.graph.user", "microsoft.graph.agentUser"];

/// Those who report to some people.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reports {
    /// Their ids; those of somebody who reports to two of the people, twice.
    pub users: Vec<ObjectId>,
    /// Of how many of the people the service did not say who reports to them, and the last code of why.
    pub unknown: Option<(usize, String)>,
}

impl Client<'_> {
    /// Who reports to these people. Nobody reports to who is not there.
    ///
    /// # Errors
    ///
    /// Where a batch as a whole fails, or the service asks to wait for longer than there is time: see
    /// [`GraphError`].
    pub fn reports(&self, managers: &[ObjectId]) -> Result<Reports, GraphError> {
        let ids = managers.iter().enumerate();
        let valid = ids.filter(|(_, id)| is_valid(id)).map(|(number, _)| number);
        let answers = self.ask(Purpose::Lookup, (managers, read), valid.collect(), &|id| {
            format!("/users/{id}/directReports?$select=id")
        })?;
        let mut reports = Reports::default();
        for (_, answer) in answers {
            match answer {
                Found::There(page) => self.read_on(page, &mut reports.users)?,
                Found::NotThere => {}
                Found::Unknown(code) => {
                    let before = reports.unknown.map_or(0, |(number, _)| number);
                    reports.unknown = Some((before + 1, code));
                }
            }
        }
        Ok(reports)
    }

    /// Reads a page of reports, and those after it.
    fn read_on(&self, first: Value, users: &mut Vec<ObjectId>) -> Result<(), GraphError> {
        let mut page = first;
        for _ in 0..=MOST_PAGES {
            users.extend(users_of(&page));
            let next = page.get("@odata.nextLink").and_then(Value::as_str);
            let Some(next) = next else {
                return Ok(());
            };
            let next: Link = self.restore_link(next)?;
            let body = self.fetch(&next)?;
            page = json::value(body.bytes())
                .filter(|page| page.get("value").is_some_and(Value::is_array))
                .ok_or_else(|| self.no_list())?;
        }
        Err(self.no_list())
    }

    fn no_list(&self) -> GraphError {
        GraphError::UnexpectedShape {
            host: self.host().to_owned(),
            detail: "it is no list of reports",
        }
    }
}

fn read(answer: Answer, code: Option<String>, _: &ObjectId) -> Found {
    match answer.status {
        200 if answer.body.get("value").is_some_and(Value::is_array) => Found::There(answer.body),
        200 => Found::Unknown("unexpected-shape".to_owned()),
        status => Found::refused(status, code),
    }
}

/// The ids of the users on a page.
fn users_of(page: &Value) -> impl Iterator<Item = ObjectId> {
    let objects = page.get("value").and_then(Value::as_array);
    objects.into_iter().flatten().filter_map(|object| {
        let kind = object.get("@odata.type").and_then(Value::as_str);
        let is_user = kind.is_none_or(|kind| USERS.contains(&kind.trim_start_matches('#')));
        let id = object
            .get("id")
            .and_then(Value::as_str)
            .filter(|_| is_user)?;
        (!id.is_empty() && id.len() <= LONGEST_OBJECT_ID).then(|| ObjectId::new(id))
    })
}

#[cfg(test)]
mod tests;
