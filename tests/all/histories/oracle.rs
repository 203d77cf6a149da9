//! What the contacts should be: said directly, of one moment, with no memory of rounds or cursors.
//!
//! Written from the documentation of the presets and policies, and not with the core's own rules. A
//! person with a value that cannot be written is left out: the law says only that nobody else is hurt.

use contact_identity::list::is_same;
use serde_json::{Map, Value};

use super::configuration::{Clause, Configuration, List, Row};
use super::directory::Tenant;
use super::laws::{LawResult, Violation};
use super::snapshot::{ContactSnapshot, Snapshot};

/// A user as the directory truly has it.
pub type User = Map<String, Value>;

/// Longer than any field that people here have is long, shorter than the values that poison.
const LONGEST: usize = 200;

/// What the directory holds for one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    Nothing,
    Value(String),
    /// No contact can have it.
    Unfit,
}

/// One line, without white space around it.
fn tidy(text: &str) -> Option<String> {
    let parts = text.split(char::is_control).map(str::trim);
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn text(user: &User, attribute: &str) -> Option<String> {
    user.get(attribute)?.as_str().and_then(tidy)
}

/// The address that a person is written to.
pub fn address(user: &User, configuration: &Configuration) -> Option<String> {
    let other_mails = || {
        let other = user
            .get("otherMails")
            .filter(|_| configuration.other_mails)?;
        other
            .as_array()?
            .iter()
            .find_map(|mail| tidy(mail.as_str()?))
    };
    let login = || {
        let login = text(user, "userPrincipalName")?;
        match login.split_once("#EXT#") {
            Some((guest, _)) => {
                let (local, domain) = guest.rsplit_once('_')?;
                Some(format!("{local}@{domain}"))
            }
            None => Some(login),
        }
    };
    text(user, "mail").or_else(other_mails).or_else(login)
}

/// The number that messages are sent to, which is in E.164.
const CHANNEL: &str = "phone_number";

/// What a number of somebody's is there. All that take messages are of one range here, and written with its country.
fn in_e164(written: &str) -> Truth {
    if written.starts_with("+1 206 555 ") {
        Truth::Value(written.replace(' ', ""))
    } else {
        Truth::Unfit
    }
}

impl Configuration {
    /// What the directory holds for a row.
    pub fn truth(&self, user: &User, row: &Row) -> Truth {
        if row.attribute != "mail" && user.get(row.attribute).is_some_and(Value::is_array) {
            return Truth::Unfit;
        }
        let value = if row.attribute == "mail" {
            address(user, self)
        } else {
            text(user, row.attribute)
        };
        match value {
            None => Truth::Nothing,
            Some(value) if value.chars().count() > LONGEST => Truth::Unfit,
            Some(value) if row.attribute == "mail" && !value.contains('@') => Truth::Unfit,
            Some(value) if row.field == CHANNEL => in_e164(&value),
            Some(value) => Truth::Value(value),
        }
    }

    pub fn is_poisoned(&self, user: &User) -> bool {
        self.rows
            .iter()
            .any(|row| self.truth(user, row) == Truth::Unfit)
    }

    pub fn is_in_scope(&self, user: &User) -> bool {
        let kept_out = self.disabled == "leaves-scope" && !is_enabled(user);
        !kept_out
            && self
                .filters
                .iter()
                .all(|(name, clause)| holds(clause, user, name))
    }

    /// Why somebody who is here gets no contact.
    fn turns_away(&self, user: &User) -> bool {
        let enabled_only = ["not-created", "deactivate"].contains(&self.disabled);
        !self.is_in_scope(user) || (enabled_only && !is_enabled(user))
    }

    fn lacks_mandatory(&self, user: &User) -> bool {
        let mut mandatory = self.rows.iter().filter(|row| row.mandatory);
        mandatory.any(|row| self.truth(user, row) == Truth::Nothing)
    }

    fn list_of(&self, user: &User) -> Option<String> {
        match self.list {
            List::None => None,
            List::One(name) => Some(name.to_owned()),
            List::PerDepartment => text(user, "department"),
        }
    }
}

pub fn is_enabled(user: &User) -> bool {
    user.get("accountEnabled").and_then(Value::as_bool) == Some(true)
}

fn holds(clause: &Clause, user: &User, attribute: &str) -> bool {
    let value = text(user, attribute).map(|value| value.to_lowercase());
    match clause {
        Clause::AnyOf(wanted) => wanted
            .iter()
            .any(|wanted| value == Some(wanted.trim().to_lowercase())),
        Clause::Not(unwanted) => value != Some(unwanted.to_lowercase()),
        Clause::Exists(exists) => value.is_some() == *exists,
        Clause::Is(wanted) => user.get(attribute).and_then(Value::as_bool) == Some(*wanted),
    }
}

/// How a contact and a person come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    Made,
    FoundByAddress,
    /// It was theirs before.
    FoundById,
    /// Linked before.
    Linked,
}

/// What a field of a contact holds after a complete round. `reconciled`: the two were compared before,
/// and where there is no base, the directory had nothing.
fn settled(
    conflict: &str,
    truth: Option<&str>,
    local: Option<&str>,
    base: Option<&str>,
    mandatory: bool,
    met: Meeting,
    reconciled: bool,
) -> Option<String> {
    let settled = match (conflict, truth) {
        ("source-wins", Some(value)) => Some(value),
        ("source-wins", None) if base.is_some() && !mandatory => None,
        ("keep-local", value) => local.or(value),
        // The directory says what it said: whatever was done here stays.
        ("merge", Some(value)) if base == Some(value) => local,
        // What was here first stays, where the two were never compared.
        ("merge", Some(value)) if base.is_none() && !reconciled && met != Meeting::FoundById => {
            local.or(Some(value))
        }
        ("merge", Some(value)) => Some(value),
        ("merge", None) if base.is_some() && local == base && !mandatory => None,
        _ => local,
    };
    settled.map(str::to_owned)
}

/// Judges the contacts after a complete round that nothing stopped, over everybody.
pub struct Oracle<'a> {
    pub configuration: &'a Configuration,
    pub tenant: &'a Tenant,
    pub before: &'a Snapshot,
    pub after: &'a Snapshot,
    /// Fields of which every base speaks: the last complete round over everybody settled them.
    pub reconciled: &'a [&'static str],
}

fn linked<'p>(snapshot: &'p Snapshot, user: &str) -> Option<(&'p String, &'p ContactSnapshot)> {
    snapshot
        .iter()
        .find(|(_, contact)| contact.user.as_deref() == Some(user))
}

impl Oracle<'_> {
    /// # Errors
    ///
    /// The first person, or contact, that is not as it should be.
    pub fn judge(&self) -> LawResult {
        for (id, user) in self.tenant {
            if self.configuration.is_poisoned(user) {
                continue;
            }
            self.judge_person(id, user)?;
        }
        for (contact, before) in self.before {
            if let Some(user) = before
                .user
                .as_deref()
                .filter(|user| !self.tenant.contains_key(*user))
            {
                self.judge_removed(user, contact, before, self.configuration.removed)?;
            }
        }
        for (contact, after) in self.after {
            if !self.before.contains_key(contact) && after.user.is_none() {
                return Err(self.breach(contact, "was made for nobody"));
            }
        }
        Ok(())
    }

    /// # Errors
    ///
    /// Where the contact of somebody who is there is not as it should be.
    pub fn judge_person(&self, id: &str, user: &User) -> LawResult {
        match linked(self.before, id) {
            Some((contact, before)) => self.judge_linked(id, user, contact, before),
            None => self.judge_unlinked(id, user),
        }
    }

    fn breach(&self, about: &str, what: impl std::fmt::Display) -> Violation {
        Violation {
            law: "oracle",
            what: format!("{about} {what}"),
        }
    }

    /// The contact of somebody who is gone or out of scope.
    fn judge_removed(
        &self,
        user: &str,
        contact: &str,
        before: &ContactSnapshot,
        removing: &str,
    ) -> LawResult {
        let after = self.after.get(contact);
        let as_it_should_be = match (removing, after) {
            ("delete", after) => after.is_none(),
            (_, None) => false,
            ("keep", Some(after)) => after == before,
            ("unlink", Some(after)) => after.user.is_none(),
            (_, Some(after)) => !after.active && after.user.as_deref() == Some(user),
        };
        if as_it_should_be {
            return Ok(());
        }
        Err(self.breach(
            user,
            format_args!("should be removed ({removing}): {before:?} became {after:?}"),
        ))
    }

    fn judge_linked(
        &self,
        id: &str,
        user: &User,
        contact: &str,
        before: &ContactSnapshot,
    ) -> LawResult {
        let configuration = self.configuration;
        if !configuration.is_in_scope(user) {
            return self.judge_removed(id, contact, before, configuration.left_scope);
        }
        if configuration.disabled == "deactivate" && !is_enabled(user) {
            return self.judge_removed(id, contact, before, "deactivate");
        }
        let Some(after) = self.after.get(contact) else {
            return Err(self.breach(id, "is there, and its contact is gone"));
        };
        if configuration.disabled == "not-created" && !is_enabled(user) {
            return self.judge_left_alone(id, before, after);
        }
        // Nobody here makes a contact inactive by hand.
        if after.user.as_deref() != Some(id) || !after.active {
            return Err(self.breach(id, format_args!("should be linked and active: {after:?}")));
        }
        if !configuration.update {
            return if before.active {
                self.judge_left_alone(id, before, after)
            } else {
                self.judge_list(id, user, after)
            };
        }
        for row in configuration.rows.iter().filter(|row| !row.only_on_create) {
            self.judge_field(id, user, row, Some(before), after, Meeting::Linked)?;
        }
        self.judge_list(id, user, after)
    }

    fn judge_left_alone(
        &self,
        id: &str,
        before: &ContactSnapshot,
        after: &ContactSnapshot,
    ) -> LawResult {
        if after == before {
            return Ok(());
        }
        Err(self.breach(
            id,
            format_args!("should be left alone: {before:?} became {after:?}"),
        ))
    }

    fn judge_field(
        &self,
        id: &str,
        user: &User,
        row: &Row,
        before: Option<&ContactSnapshot>,
        after: &ContactSnapshot,
        met: Meeting,
    ) -> LawResult {
        let truth = match self.configuration.truth(user, row) {
            Truth::Value(value) => Some(value),
            Truth::Nothing | Truth::Unfit => None,
        };
        let local = before.and_then(|before| before.fields.get(row.field));
        let base = before.and_then(|before| before.base.get(row.field));
        let expected = settled(
            self.configuration.conflict,
            truth.as_deref(),
            local.map(String::as_str),
            base.map(String::as_str),
            row.mandatory,
            met,
            met == Meeting::Linked && self.reconciled.contains(&row.field),
        );
        let expected = if row.only_on_create && met != Meeting::Made {
            local.cloned()
        } else {
            expected
        };
        let found = after.fields.get(row.field);
        if found == expected.as_ref() {
            return Ok(());
        }
        Err(self.breach(
            id,
            format_args!(
                "holds {found:?} in {}, and should hold {expected:?} (directory {truth:?}, local {local:?}, base {base:?})",
                row.field
            ),
        ))
    }

    /// A list is the same however a department spells it.
    fn judge_list(&self, id: &str, user: &User, after: &ContactSnapshot) -> LawResult {
        match self.configuration.list_of(user) {
            Some(list) if after.active && !is_on(after, &list) => Err(self.breach(
                id,
                format_args!("is not on {list}, but on {:?}", after.lists),
            )),
            _ => Ok(()),
        }
    }

    /// Somebody who had no contact: whether one is made or found, and with which values.
    fn judge_unlinked(&self, id: &str, user: &User) -> LawResult {
        let configuration = self.configuration;
        let found = linked(self.after, id);
        let address = address(user, configuration).map(|address| address.to_lowercase());
        let same_address = |contact: &&ContactSnapshot| {
            let email = contact.fields.get("email");
            let is_nobodys = contact.user.is_none() && contact.former.is_none();
            is_nobodys && email.map(|email| email.trim().to_lowercase()) == address
        };
        let was_theirs = |contact: &ContactSnapshot| contact.former.as_deref() == Some(id);
        let candidates = match address {
            _ if self.before.values().any(was_theirs) => 1,
            Some(_) => self.before.values().filter(same_address).count(),
            None => 0,
        };
        let wanted = match candidates {
            _ if configuration.turns_away(user) => false,
            0 => !configuration.lacks_mandatory(user),
            1 if configuration.existing == "skip" => false,
            // Whoever gets the contact may find the mandatory value there.
            1 if configuration.lacks_mandatory(user) => return Ok(()),
            1 => true,
            _ => false,
        };
        let (contact, after) = match (found, wanted) {
            (Some(found), true) => found,
            (None, false) => return Ok(()),
            (found, _) => {
                return Err(self.breach(
                    id,
                    format_args!(
                        "should have a contact: {wanted}; of {candidates} candidates {found:?}"
                    ),
                ));
            }
        };
        let before = self.before.get(contact);
        if !after.active {
            return Err(self.breach(id, "should be active"));
        }
        let met = match before {
            None => Meeting::Made,
            Some(before) if before.former.is_some() => Meeting::FoundById,
            Some(_) => Meeting::FoundByAddress,
        };
        for row in &configuration.rows {
            self.judge_field(id, user, row, before, after, met)?;
        }
        self.judge_list(id, user, after)
    }
}

fn is_on(contact: &ContactSnapshot, list: &str) -> bool {
    contact.lists.iter().any(|name| is_same(name, list))
}
