//! `$expand=manager`: the one relationship that the emulator can put inside a user, and with
//! `$levels` the chain of managers up to the root
//! (<https://learn.microsoft.com/graph/api/user-list-manager>).

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::behaviour::Behaviour;
use super::members::{Unset, write_members, write_text};
use super::selection::{Reading, Selection};
use emulated_directory::directory::Directory;
use emulated_directory::properties::MANAGER;
use emulated_directory::subject::{Subject, USER_TYPE};
use emulated_http::Call;
use emulated_odata::failure::Failure;
use emulated_odata::protocol;
use emulated_odata::schema::Schema;

/// The most levels that a number may ask for.
const MOST_LEVELS: u64 = 1000;

/// A manager to be stated inside each user.
#[derive(Clone, Debug)]
pub(super) struct ManagerExpansion {
    selection: Selection,
    /// How many managers above one another; `None` for all.
    levels: Option<u64>,
}

impl ManagerExpansion {
    /// Reads `$expand`.
    ///
    /// # Errors
    /// 400 for any relationship but `manager`; for options other than `$select` and `$levels`; for
    /// levels that are neither `max` nor a number from 1 to 1000; and for `$select` beside `$levels`
    /// without `$count=true` and `ConsistencyLevel: eventual`, which it needs.
    pub(super) fn parse(call: &Call, directory: &Directory) -> Result<Option<Self>, Failure> {
        let Some(text) = call.query.filled("$expand").map(str::trim) else {
            return Ok(None);
        };
        let (name, options) = match text.split_once('(') {
            None => (text, ""),
            Some((name, rest)) => match rest.strip_suffix(')') {
                Some(options) => (name.trim(), options),
                None => return Err(malformed(text)),
            },
        };
        if !name.eq_ignore_ascii_case(MANAGER) {
            return Err(Failure::new(
                http::StatusCode::BAD_REQUEST,
                "ExpandNotSupported",
                format!("Expand is not allowed for property '{name}'."),
            ));
        }
        let (mut select, mut levels) = (None, None);
        for option in options.split(';').map(str::trim).filter(|o| !o.is_empty()) {
            let (name, value) = option.split_once('=').ok_or_else(|| malformed(text))?;
            let place = match &*name.trim().to_lowercase() {
                "$select" | "select" => &mut select,
                "$levels" | "levels" => &mut levels,
                _ => {
                    return Err(Failure::unsupported_query(format!(
                        "The expand option '{option}' is not supported."
                    )));
                }
            };
            if place.replace(value.trim()).is_some() {
                return Err(malformed(text));
            }
        }
        let advanced = protocol::is_eventual(call) && protocol::is_counted(&call.query)?;
        if select.is_some() && levels.is_some() && !advanced {
            return Err(Failure::needs_advanced("$levels"));
        }
        let selection =
            Selection::parse(Schema::User, select, Reading::Collection, directory)?.with_id();
        Ok(Some(Self {
            selection,
            levels: levels.map_or(Ok(Some(1)), number_of_levels)?,
        }))
    }

    /// Refuses the chain of managers, which is stated of a single user alone
    /// (<https://github.com/microsoftgraph/microsoft-graph-docs/issues/18615>).
    ///
    /// # Errors
    /// 400 for more than the immediate manager.
    pub(super) fn refuse_chain(&self) -> Result<(), Failure> {
        if self.levels == Some(1) {
            return Ok(());
        }
        Err(Failure::unsupported_query(
            "The chain of managers is served on /users/{id} only, not on a list.",
        ))
    }

    /// What is stated of each manager.
    pub(super) fn selection(&self) -> &Selection {
        &self.selection
    }

    /// `"manager":{…}` for a user whose manager is known and live, with that one's manager inside
    /// while there are levels. A circle ends where it begins again.
    pub(super) fn member(
        &self,
        subject: &Subject<'_>,
        directory: &Directory,
        behaviour: &Behaviour,
    ) -> Option<Vec<u8>> {
        let mut member = Vec::with_capacity(512);
        let mut above = BTreeSet::new();
        let mut id = subject.manager().map(Cow::into_owned);
        while let Some(ordinal) = id.and_then(|id| directory.find(&id)) {
            let full = self.levels.is_some_and(|most| above.len() as u64 == most);
            if full || !above.insert(ordinal) {
                break;
            }
            let Some(manager) = directory.subject(ordinal) else {
                break;
            };
            if !member.is_empty() {
                member.push(b',');
            }
            member.extend_from_slice(b"\"manager\":{");
            if manager.derived_type().is_none() {
                member.extend_from_slice(b"\"@odata.type\":");
                write_text(USER_TYPE, &mut member);
                member.push(b',');
            }
            if behaviour.unreadable_managers {
                let mut seen = manager.to_record();
                seen.retain(|name, _| name == "id");
                let seen = Subject::Stated(&seen);
                write_members(&seen, &self.selection, Unset::Null, &mut member);
            } else {
                write_members(&manager, &self.selection, Unset::Null, &mut member);
            }
            id = manager.manager().map(Cow::into_owned);
        }
        member.resize(member.len() + above.len(), b'}');
        (!member.is_empty()).then_some(member)
    }
}

fn number_of_levels(text: &str) -> Result<Option<u64>, Failure> {
    if text.eq_ignore_ascii_case("max") {
        return Ok(None);
    }
    let number = text.parse().ok();
    number
        .filter(|number| (1..=MOST_LEVELS).contains(number))
        .map(Some)
        .ok_or_else(|| {
            Failure::bad_request(format!(
                "Invalid value '{text}' for $levels. It is 'max' or a number from 1 to \
                 {MOST_LEVELS}."
            ))
        })
}

fn malformed(text: &str) -> Failure {
    Failure::invalid(format!(
        "Parsing OData Select and Expand failed: Syntax error in '{text}'."
    ))
}
