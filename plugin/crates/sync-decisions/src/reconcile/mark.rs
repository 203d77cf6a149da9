//! Knowing a contact again that needs nothing.
//!
//! Who has not changed in the directory, and whose contact nobody has touched, is decided about as before:
//! nothing is to be done. So a contact that was found, or left, in step gets a **mark**, which is a hash of all that
//! the decision followed from beside the contact itself: the person, the settings, the version of these rules. The store
//! keeps it until the contact is written. Where it finds the mark again that is expected of somebody, neither the
//! contact need be fetched nor anything decided.
//!
//! That holds because a decision is a function of its arguments, and for these three reasons: a mark is given only
//! where the next decision about the same would be to leave the contact alone ([`Rules::leaves_in_step`]); nobody is
//! expected to have one about whom a page says too little, or of whom more is to be done or told than nothing
//! ([`Marks::of`]); and of what earlier rounds have left behind, what is known to be
//! [reconciled](Rules::reconciled) does not matter to somebody in step, and who made a contact
//! [inactive](Rules::inactive) not to one that is active.

use sha2::{Digest as _, Sha256};

pub use crate::contact::Mark;
use crate::mapping::person::{Person, Scope, Stated, WantedLists};
use crate::mapping::rows::{Direction, Row, Winner};
use crate::settings::{Agents, Disabled, ListRule, Policies, Settings};

use super::correlate::Correlation;
use super::decide::{Rules, missing};
use super::decision::{Action, Addition, Decision};
use super::reason::Reason;
use super::siphash;

/// The marks of one connection under its settings.
#[derive(Clone, Copy, Debug)]
pub struct Marks<'a> {
    /// Stands for everything that is the same for everybody.
    key: (u64, u64),
    policies: &'a Policies,
}

/// The rules may be others in each version of the connector: then everybody is decided about again, once.
const VERSION: &str = env!("CARGO_PKG_VERSION");

impl<'a> Marks<'a> {
    /// The marks of people of a source.
    #[must_use]
    pub fn new(source: &str, settings: &'a Settings) -> Self {
        // Each setting is named here, so that a new one has to be thought of.
        let Settings {
            rows,
            policies,
            lists,
            fingerprint,
            // What they lead to stands in each person: the lists, and whether the person is in scope.
            groups: _,
            // Of whoever is not read, nobody asks for a mark.
            org_contacts: _,
            // When and how often is read, what a run may take away, and what a plan remarks: of nobody does
            // that decide anything.
            schedule: _,
            full_round_every: _,
            removal_limit: _,
            blank_limit: _,
            directory_limit: _,
            directory_blank_limit: _,
            filter_remarks: _,
            invitations: _,
            invitation_limit: _,
        } = settings;
        let mut bytes = Bytes::default();
        bytes.text(VERSION);
        bytes.text(source);
        bytes.text(fingerprint);
        bytes.number(rows.len());
        for row in rows {
            bytes.row(row);
        }
        bytes.policies(policies);
        bytes.list_rule(lists);
        let digest: [u8; 32] = Sha256::digest(&bytes.0).into();
        let (words, _) = digest.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
        Self {
            key: (
                words.next().unwrap_or_default(),
                words.next().unwrap_or_default(),
            ),
            policies,
        }
    }

    /// The mark that somebody's contact has where it is in step. `None` where the person alone does not tell
    /// that nothing is to be done: more has to be known, something may have to be taken away, or there is
    /// a reason to be told.
    #[must_use]
    pub fn of(&self, person: &Person) -> Option<Mark> {
        let Person {
            object_id,
            // Stays what it is as long as the id does.
            kind: _,
            enabled,
            scope,
            fields,
            // Whoever is linked is not looked for by it.
            match_key: _,
            lists,
            is_whole,
            address_is_open,
            address_may_be_gone,
            number_is_open,
            states_changes_only,
            is_agent,
            names_by_id,
            mastered_elsewhere,
            invalid,
        } = person;
        let says_too_little = !is_whole
            || *address_is_open
            || *address_may_be_gone
            || *number_is_open
            || *states_changes_only
            || *names_by_id
            || fields
                .iter()
                .any(|stated| matches!(stated, Stated::Assumed(_)));
        let is_left_out = *scope != Scope::Inside
            || (*is_agent && self.policies.agents == Agents::Skip)
            || (*enabled == Some(false) && self.minds_disabled());
        if says_too_little || is_left_out || invalid.is_some() {
            return None;
        }
        let mut bytes = Bytes(Vec::with_capacity(256));
        bytes.text(object_id.as_str());
        bytes.tag(match enabled {
            None => 0,
            Some(false) => 1,
            Some(true) => 2,
        });
        for stated in fields {
            bytes.stated(stated);
        }
        bytes.tag(u8::from(*mastered_elsewhere));
        bytes.lists(lists);
        let (high, low) = siphash::hash(self.key, &bytes.0);
        Some(Mark { high, low })
    }

    fn minds_disabled(&self) -> bool {
        match self.policies.disabled {
            Disabled::NotCreated | Disabled::Deactivate => true,
            // Who leaves the scope for it is outside.
            Disabled::Ignore | Disabled::LeavesScope => false,
        }
    }
}

impl Rules<'_> {
    /// Whether a contact, once the decision is carried out, needs nothing as long as neither it nor the person
    /// changes. `found` is what was decided about.
    #[must_use]
    pub fn leaves_in_step(&self, decision: &Decision, found: Correlation<'_>) -> bool {
        let was_active = match found {
            Correlation::Linked(contact)
            | Correlation::Former(contact)
            | Correlation::Matching(contact) => contact.active,
            Correlation::Ambiguous | Correlation::Nobody => true,
        };
        let (is_done, reactivates) = match &decision.action {
            Action::Add(Addition::Create(_)) => (true, false),
            Action::Add(Addition::Update(update)) => (true, update.reactivate),
            // What the contact holds and the directory does not is given by the next comparison.
            Action::Add(Addition::Link(link)) => (!self.writes_directory(), link.reactivate),
            Action::Leave(_) => (decision.reason == self.reason_in_step(), false),
            Action::Same
            | Action::Remove(_)
            | Action::Wait
            | Action::Skip(_)
            | Action::Invite(_)
            | Action::Fail { .. } => (false, false),
        };
        // What is withheld now may be given once it is permitted, and what is asked once it is decided.
        is_done
            && decision.staged.is_none()
            && decision.withheld.is_empty()
            && decision.asked.is_empty()
            && (was_active || reactivates)
    }

    /// The decision about somebody whose contact has the mark that is expected of it.
    #[must_use]
    pub fn same(&self, person: &Person) -> Decision {
        Decision {
            missing: missing(&person.fields, true),
            ..Decision::plain(
                person.object_id.clone(),
                Action::Same,
                self.reason_in_step(),
            )
        }
    }

    fn writes_directory(&self) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|row| row.direction.writes_directory())
    }

    fn reason_in_step(&self) -> Reason {
        if self.policies.update {
            Reason::InStep
        } else {
            Reason::UpdatesOff
        }
    }
}

/// Values, written so that no two different ones are written the same way.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn tag(&mut self, tag: u8) {
        self.0.push(tag);
    }

    fn number(&mut self, number: usize) {
        self.0.extend((number as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.extend(text.as_bytes());
    }

    fn stated(&mut self, stated: &Stated) {
        match stated {
            Stated::Unstated => self.tag(0),
            Stated::Empty => self.tag(1),
            Stated::Value(value) => {
                self.tag(2);
                self.text(value);
            }
            Stated::Assumed(value) => {
                self.tag(3);
                self.text(value);
            }
        }
    }

    fn lists(&mut self, lists: &WantedLists) {
        match lists {
            WantedLists::Unstated => self.tag(0),
            WantedLists::Exactly(lists) => {
                self.tag(1);
                self.number(lists.len());
                for list in lists {
                    // Its description is for a list that is not there yet.
                    self.text(&list.name);
                }
            }
        }
    }

    fn row(&mut self, row: &Row) {
        let Row {
            attribute,
            field,
            // For people.
            label: _,
            purpose,
            mandatory,
            only_on_create,
            max_length,
            direction,
            always_filled,
        } = row;
        self.text(attribute);
        self.text(field);
        self.tag(*purpose as u8);
        self.tag(u8::from(*mandatory));
        self.tag(u8::from(*only_on_create));
        self.text(&max_length.map_or_else(String::new, |length| length.to_string()));
        self.tag(match direction {
            Direction::OneWay => 0,
            Direction::Reverse => 1,
            Direction::TwoWay(Winner::Directory) => 2,
            Direction::TwoWay(Winner::Contact) => 3,
            Direction::TwoWay(Winner::Ask) => 4,
        });
        self.tag(u8::from(*always_filled));
    }

    fn policies(&mut self, policies: &Policies) {
        let Policies {
            existing,
            update,
            conflict,
            removed,
            left_scope,
            disabled,
            agents,
        } = policies;
        self.0.extend([
            *existing as u8,
            u8::from(*update),
            *conflict as u8,
            *removed as u8,
            *left_scope as u8,
            *disabled as u8,
            *agents as u8,
        ]);
    }

    fn list_rule(&mut self, rule: &ListRule) {
        match rule {
            ListRule::None => self.tag(0),
            ListRule::One {
                name,
                description: _,
            } => {
                self.tag(1);
                self.text(name);
            }
            ListRule::PerAttribute {
                attribute,
                description: _,
                longest,
            } => {
                self.tag(2);
                self.text(attribute);
                self.text(&longest.map_or_else(String::new, |length| length.to_string()));
            }
        }
    }
}

#[cfg(test)]
#[path = "mark_tests.rs"]
mod tests;
