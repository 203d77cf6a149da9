//! The directory is given what contacts hold: each value that still stands, people by people.
//!
//! Both sides are looked at once more. What the contact no longer holds is left to the next run, and so is what the
//! directory no longer holds, which the [writer](crate::ports::DirectoryWriter) compares. What was to be written is
//! [noted](super::given) in a commit of its own before anything is sent; that the directory holds it, in the same
//! commit as the contact's new base. A process that dies in between finds the value staged as before, compares, and
//! sees that it is in place.

use std::time::Duration;

use guest_kit::ordered::Map;

use crate::contact::{Blanking, Contact, ObjectId};
use crate::ports::directory_writer::{
    AttributeWrite, PEOPLE_A_WRITE, PersonWrite, Refusal, WriteOutcome,
};
use crate::ports::{
    AttributeChange, DirectoryError, DirectoryErrorKind, Failure, Level, StateWrite,
};

use super::finish_run::RUN_PATIENCE;
use super::format;
use super::given::{Given, GivenValue};
use super::run_abort::RunAbort;
use super::run_log::RunLog;
use super::session::Session;

/// People whose turn comes in one commit.
pub(super) const BATCH: u32 = 100;

/// How long to wait where the directory does not say it.
const PAUSE: Duration = Duration::from_secs(5);

/// What both sides hold by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) field: String,
    /// As mapping reads it.
    pub(super) value: Option<String>,
}

/// Why the directory does not hold what it was to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) field: Option<String>,
    pub(super) code: String,
}

/// What became of one person's turn.
#[derive(Debug, Default)]
pub(super) struct Turn {
    pub(super) held: Vec<Held>,
    /// The directory holds something because it was given it.
    pub(super) is_given: bool,
    /// The first that went wrong.
    pub(super) trouble: Option<Trouble>,
    /// What is kept of it, in the commit that moves the base.
    pub(super) record: Option<StateWrite>,
    /// It has to come again.
    pub(super) is_later: bool,
}

/// What became of a portion.
#[derive(Debug, Default)]
pub(super) struct Portion {
    pub(super) people: Map<ObjectId, Turn>,
    /// When those come again whose turn has to.
    pub(super) later: Option<Duration>,
}

/// Gives the directory what these contacts hold. `may_come_again`: whoever cannot be written now waits; otherwise
/// they have failed.
///
/// # Errors
///
/// Where the directory, store or state does not work, and where the application may write nothing at all.
pub(super) fn give<'s>(
    session: &Session<'_>,
    run_log: &mut RunLog<'_>,
    due: impl Iterator<Item = (&'s Blanking, &'s Contact)>,
    may_come_again: bool,
) -> Result<Portion, RunAbort> {
    let mut portion = Portion::default();
    let mut writes = Vec::new();
    for (blanking, contact) in due.filter(|(blanking, _)| !blanking.directory.is_empty()) {
        let user = &blanking.object_id;
        let (stands, edited): (Vec<_>, Vec<_>) = blanking
            .directory
            .iter()
            .partition(|change| still_holds(session, contact, change));
        let turn = Turn {
            trouble: edited
                .first()
                .map(|change| trouble(session, change, "moved-meanwhile")),
            ..Turn::default()
        };
        portion.people.insert(user.clone(), turn);
        if !stands.is_empty() {
            writes.push(person_write(user, &stands));
        }
    }
    let Some(writer) = session.directory.writer().filter(|_| !writes.is_empty()) else {
        return Ok(portion);
    };
    let before = Given::of(
        session.ports.state,
        writes.iter().map(|person| &person.user),
    )?;
    note_intents(session, run_log, &writes, &before)?;
    let mut answered = Vec::with_capacity(writes.len());
    for people in writes.chunks(PEOPLE_A_WRITE) {
        answered.extend(writer.write(people)?);
    }
    if let Some(error) = refused_to_everybody(&answered) {
        return Err(error.into());
    }
    portion.later = longest_wait(&answered)
        .filter(|wait| may_come_again && run_log.run.may_wait(*wait, RUN_PATIENCE));
    for (person, outcomes) in writes.iter().zip(answered) {
        let turn = portion.people.or_default(person.user.clone());
        let mut record = before.get(&person.user).cloned().unwrap_or_default();
        for (write, outcome) in person.writes.iter().zip(outcomes) {
            let answer = Answer {
                session,
                write,
                run: &run_log.run.id,
                comes_again: portion.later.is_some(),
            };
            answer.enter(outcome, turn, &mut record);
        }
        if turn.is_later {
            // All of it comes again; what was written is in place then.
            continue;
        }
        if let Some(trouble) = &turn.trouble {
            let fields = [
                ("object-id", person.user.to_string()),
                ("code", trouble.code.clone()),
            ];
            let control = session.ports.control;
            control.log(Level::Warn, "directory-not-given", &fields);
        }
        turn.record = Some(record.save(&person.user)?);
    }
    Ok(portion)
}

/// Whether the contact holds what the directory was to be given.
fn still_holds(session: &Session<'_>, contact: &Contact, change: &AttributeChange) -> bool {
    let field = session.field_given_to(&change.attribute);
    field.is_some_and(|field| {
        let value = contact.field(field).map(str::trim);
        value.filter(|value| !value.is_empty()) == change.after.as_deref()
    })
}

fn trouble(session: &Session<'_>, change: &AttributeChange, code: &str) -> Trouble {
    Trouble {
        field: session.field_given_to(&change.attribute).map(str::to_owned),
        code: code.to_owned(),
    }
}

fn person_write(user: &ObjectId, changes: &[&AttributeChange]) -> PersonWrite {
    let write = |change: &&AttributeChange| AttributeWrite {
        attribute: change.attribute.clone(),
        decided_on: change.before.clone(),
        value: change.after.clone(),
    };
    PersonWrite {
        user: user.clone(),
        writes: changes.iter().map(write).collect(),
    }
}

/// Notes what is about to be written.
fn note_intents(
    session: &Session<'_>,
    run_log: &RunLog<'_>,
    writes: &[PersonWrite],
    before: &Map<ObjectId, Given>,
) -> Result<(), RunAbort> {
    let at = session.ports.clock.now();
    let mut commit = session.commit_of(&run_log.run);
    for person in writes {
        let mut given = before.get(&person.user).cloned().unwrap_or_default();
        for write in &person.writes {
            given.put(GivenValue {
                change: change_of(write),
                at,
                run: run_log.run.id.clone(),
                is_certain: false,
            });
        }
        commit.state.push(given.save(&person.user)?);
    }
    format::commit(session.ports, commit)?;
    Ok(())
}

fn change_of(write: &AttributeWrite) -> AttributeChange {
    AttributeChange {
        attribute: write.attribute.clone(),
        before: write.decided_on.clone(),
        after: write.value.clone(),
    }
}

/// Where everybody of so many is refused for want of a permission, it was taken away: there is no use in asking for
/// the others. A few may be refused for what they are.
fn refused_to_everybody(answered: &[Vec<WriteOutcome>]) -> Option<DirectoryError> {
    if answered.len() < PEOPLE_A_WRITE {
        return None;
    }
    let mut outcomes = answered.iter().flatten();
    let is_refusal = |outcome: &WriteOutcome| {
        matches!(outcome, WriteOutcome::Refused(Refusal::Permission { .. }))
    };
    outcomes.all(is_refusal).then(|| {
        let told = "the directory lets the application write to nobody".to_owned();
        DirectoryError {
            kind: DirectoryErrorKind::Forbidden,
            told: told.clone(),
            failure: Box::new(Failure {
                code: "write-not-permitted".to_owned(),
                message: told,
                advice: "Give the application the permission to write, with an administrator's consent, or make \
                         the rows of the mapping one-way."
                    .to_owned(),
                status: None,
                request_id: None,
            }),
        }
    })
}

/// How long those have to wait who are to come again.
fn longest_wait(answered: &[Vec<WriteOutcome>]) -> Option<Duration> {
    let waits = answered
        .iter()
        .flatten()
        .filter_map(|outcome| match outcome {
            WriteOutcome::Later { retry_after, .. } => Some(retry_after.unwrap_or(PAUSE)),
            // Whether it was written is seen by reading, and a read may lag.
            WriteOutcome::Unknown { .. } => Some(PAUSE),
            _ => None,
        });
    waits.max()
}

/// The directory's answer about one value.
struct Answer<'a> {
    session: &'a Session<'a>,
    write: &'a AttributeWrite,
    run: &'a str,
    comes_again: bool,
}

impl Answer<'_> {
    fn enter(&self, outcome: WriteOutcome, turn: &mut Turn, record: &mut Given) {
        match outcome {
            WriteOutcome::Written { .. } => {
                turn.is_given = true;
                record.put(self.given());
                self.hold(self.write.value.clone(), turn);
            }
            WriteOutcome::InPlace { now } => {
                let is_ours = record.value(&self.write.attribute).is_some_and(|value| {
                    !value.is_certain && value.change.after == self.write.value
                });
                if is_ours {
                    turn.is_given = true;
                    record.put(self.given());
                }
                self.hold(now, turn);
            }
            WriteOutcome::Later { .. } | WriteOutcome::Unknown { .. } if self.comes_again => {
                turn.is_later = true;
            }
            WriteOutcome::Later { .. } => self.fail("directory-unavailable", turn),
            WriteOutcome::Unknown { .. } => {
                // It may be there: what tells of it stays.
                let given = GivenValue {
                    is_certain: false,
                    ..self.given()
                };
                record.put(given);
                self.fail("directory-unavailable", turn);
            }
            WriteOutcome::Moved { .. } => self.fail("moved-meanwhile", turn),
            WriteOutcome::Gone => self.fail("gone-from-directory", turn),
            WriteOutcome::Refused(refusal) => self.fail(code_of(&refusal), turn),
        }
    }

    fn given(&self) -> GivenValue {
        GivenValue {
            change: change_of(self.write),
            at: self.session.ports.clock.now(),
            run: self.run.to_owned(),
            is_certain: true,
        }
    }

    fn field(&self) -> Option<String> {
        let field = self.session.field_given_to(&self.write.attribute);
        field.map(str::to_owned)
    }

    fn hold(&self, value: Option<String>, turn: &mut Turn) {
        let held = self.field().map(|field| Held { field, value });
        turn.held.extend(held);
    }

    fn fail(&self, code: &str, turn: &mut Turn) {
        let trouble = || Trouble {
            field: self.field(),
            code: code.to_owned(),
        };
        turn.trouble.get_or_insert_with(trouble);
    }
}

fn code_of(refusal: &Refusal) -> &str {
    match refusal {
        Refusal::Permission { .. } => "write-not-permitted",
        Refusal::MasteredElsewhere => "mastered-elsewhere",
        Refusal::ReadOnly => "read-only-attribute",
        Refusal::Privileged => "privileged-person",
        Refusal::RolesUnknown { .. } => "roles-unknown",
        Refusal::SeveralValues => "several-values",
        Refusal::InvalidValue { .. } => "value-refused",
        Refusal::Other { code } => code,
    }
}

#[cfg(test)]
#[path = "giving_tests/mod.rs"]
mod tests;
