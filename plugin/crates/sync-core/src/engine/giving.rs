//! The directory is given what contacts hold: each value that still stands, people by people.
//!
//! Both sides are looked at once more. What the contact no longer holds is left to the next run, and so is what the
//! directory no longer holds, which the [writer](crate::ports::DirectoryWriter) compares. What was to be written is
//! [noted](super::given) in a commit of its own before anything is sent; that the directory holds it, in the same
//! commit as the contact's new base. A process that dies in between finds the value staged as before, compares, and
//! sees that it is in place. What was not sent is noted no more in the commit that says so.

use std::time::Duration;

use guest_kit::ordered::Map;

use crate::contact::{Contact, GivenChange, ObjectId};
use crate::mapping::rows::Row;
use crate::ports::directory_writer::{
    AttributeWrite, PEOPLE_A_WRITE, PersonWrite, Refusal, WriteOutcome,
};
use crate::ports::{
    AttributeChange, DirectoryError, DirectoryErrorKind, Failure, Level, StateWrite,
};
use crate::run::RunRecord;

use super::finish_run::RUN_PATIENCE;
use super::format;
use super::given::{Given, GivenValue};
use super::run_abort::RunAbort;
use super::session::Session;

/// People whose turn comes in one commit.
pub(super) const BATCH: u32 = 100;

/// How long to wait where the directory does not say it.
const PAUSE: Duration = Duration::from_secs(5);

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The directory is given what the contact holds.
    Forth,
    /// Both go back: the contact holds what the directory is to hold no longer.
    Back,
}

/// Somebody of whom the directory is to be given something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due<'a> {
    pub(super) user: &'a ObjectId,
    pub(super) directory: &'a [AttributeChange],
    pub(super) contact: &'a Contact,
}

/// The code of a value that is shown as it was before.
const LATE: &str = "not-arrived-yet";

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
    /// The directory's own code, where it refused.
    pub(super) told: Option<String>,
}

/// What became of one person's turn.
#[derive(Debug, Default)]
pub(super) struct Turn {
    pub(super) held: Vec<Held>,
    /// What the directory was given, or may have been: for the journal.
    pub(super) given: Vec<GivenChange>,
    /// The first that went wrong.
    pub(super) trouble: Option<Trouble>,
    /// What is kept of it, in the commit that moves the base.
    pub(super) record: Vec<StateWrite>,
    /// It has to come again.
    pub(super) is_later: bool,
}

/// What became of a portion.
#[derive(Debug, Default)]
pub(super) struct Portion {
    pub(super) people: Map<ObjectId, Turn>,
    /// When those come again whose turn has to.
    pub(super) later: Option<Duration>,
    /// What ends the run once it is kept what was done until then.
    pub(super) abort: Option<RunAbort>,
}

/// Gives the directory what these contacts hold. `may_come_again`: whoever cannot be written now waits; otherwise
/// they have failed.
///
/// # Errors
///
/// Where store or state does not work. What goes wrong with the directory is in the portion, beside what it has
/// answered until then.
pub(super) fn give<'s>(
    session: &Session<'_>,
    run: &mut RunRecord,
    way: Way,
    due: impl Iterator<Item = Due<'s>>,
    may_come_again: bool,
) -> Result<Portion, RunAbort> {
    let mut portion = Portion::default();
    let mut writes = Vec::new();
    let mut bases = Vec::new();
    for Due {
        user,
        directory,
        contact,
    } in due.filter(|due| !due.directory.is_empty())
    {
        let mut turn = Turn::default();
        let mut person = PersonWrite {
            user: user.clone(),
            writes: Vec::new(),
        };
        let mut base = Vec::new();
        for change in directory {
            match session.row_of(&change.attribute) {
                Some(row) if still_holds(row, contact, way.held(change)) => {
                    person.writes.push(write_of(row, change));
                    base.push(contact.base(&row.field).map(str::to_owned));
                }
                row => turn.fail(row, "moved-meanwhile", None),
            }
        }
        portion.people.insert(person.user.clone(), turn);
        if !person.writes.is_empty() {
            writes.push(person);
            bases.push(base);
        }
    }
    let Some(writer) = session.directory.writer().filter(|_| !writes.is_empty()) else {
        return Ok(portion);
    };
    let before = Given::of(
        session.ports.state,
        writes.iter().map(|person| &person.user),
    )?;
    note_intents(session, run, writes.iter().zip(&bases), &before)?;
    let mut answered = Vec::with_capacity(writes.len());
    for people in writes.chunks(PEOPLE_A_WRITE) {
        match writer.write(people) {
            Ok(outcomes) => answered.extend(outcomes),
            Err(error) => {
                portion.abort = Some(error.into());
                break;
            }
        }
    }
    if let Some(error) = refused_to_everybody(&answered) {
        portion.abort = Some(error.into());
        answered.clear();
    }
    if way == Way::Back {
        doubt(session, run, &writes, &before, &mut answered);
    }
    portion.later =
        longest_wait(&answered).filter(|wait| may_come_again && run.may_wait(*wait, RUN_PATIENCE));
    let mut answered = answered.into_iter();
    for (person, bases) in writes.iter().zip(&bases) {
        let turn = portion.people.or_default(person.user.clone());
        // What was about to be asked is noted no more, but where nobody can tell whether it was.
        let mut record = before.get(&person.user).cloned().unwrap_or_default();
        match answered.next() {
            Some(outcomes) => {
                let written = person.writes.iter().zip(bases).zip(outcomes);
                for ((write, base), outcome) in written {
                    let answer = Answer {
                        session,
                        write,
                        base: base.as_deref(),
                        run: &run.id,
                        comes_again: portion.later.is_some(),
                    };
                    answer.enter(outcome, turn, &mut record);
                }
            }
            // Nothing of it was sent.
            None => turn.is_later = true,
        }
        turn.record = record.save(&person.user)?;
        if let Some(trouble) = turn.trouble.as_ref().filter(|_| !turn.is_later) {
            log(session, &person.user, trouble);
        }
    }
    Ok(portion)
}

fn log(session: &Session<'_>, user: &ObjectId, trouble: &Trouble) {
    let mut fields = vec![
        ("object-id", user.to_string()),
        ("code", trouble.code.clone()),
    ];
    fields.extend(trouble.told.clone().map(|told| ("told", told)));
    let control = session.ports.control;
    control.log(Level::Warn, "directory-not-given", &fields);
}

impl Way {
    /// What the contact holds by this, so that the change is right.
    fn held(self, change: &AttributeChange) -> Option<&str> {
        match self {
            Self::Forth => change.after.as_deref(),
            Self::Back => change.before.as_deref(),
        }
    }
}

/// Whether the contact holds what this was decided on.
fn still_holds(row: &Row, contact: &Contact, value: Option<&str>) -> bool {
    let held = contact.field(&row.field);
    let held = held.and_then(|held| row.form().given(held));
    held.as_deref() == value
}

fn write_of(row: &Row, change: &AttributeChange) -> AttributeWrite {
    AttributeWrite {
        attribute: change.attribute.clone(),
        form: row.form(),
        decided_on: change.before.clone(),
        value: change.after.clone(),
    }
}

/// Notes what is about to be written.
fn note_intents<'w>(
    session: &Session<'_>,
    run: &RunRecord,
    writes: impl Iterator<Item = (&'w PersonWrite, &'w Vec<Option<String>>)>,
    before: &Map<ObjectId, Given>,
) -> Result<(), RunAbort> {
    let at = session.ports.clock.now();
    let mut commit = session.commit_of(run);
    for (person, bases) in writes {
        let mut given = before.get(&person.user).cloned().unwrap_or_default();
        for (write, base) in person.writes.iter().zip(bases) {
            given.intend(GivenValue {
                change: change_of(write),
                at,
                run: run.id.clone(),
                is_certain: false,
                base: base.clone(),
            });
        }
        commit.state.push(given.save_lately(&person.user)?);
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
    let is_refusal =
        |outcome: &WriteOutcome| matches!(outcome, WriteOutcome::Refused(Refusal::Permission));
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

/// A value that is to be there again may be shown as it was before the run that is taken back, of which the write has
/// not arrived yet: then it is not there, and comes later. What somebody who died was about to give back may well be
/// there.
fn doubt(
    session: &Session<'_>,
    run: &RunRecord,
    writes: &[PersonWrite],
    before: &Map<ObjectId, Given>,
    answered: &mut [Vec<WriteOutcome>],
) {
    let at = session.ports.clock.now();
    for (person, outcomes) in writes.iter().zip(answered) {
        let Some(record) = before.get(&person.user) else {
            continue;
        };
        for (write, outcome) in person.writes.iter().zip(outcomes) {
            let WriteOutcome::InPlace { now } = outcome else {
                continue;
            };
            let is_ours = record.is_of_ours(&write.attribute, write.value.as_deref(), &run.id);
            let row = session.row_of(&write.attribute).filter(|_| !is_ours);
            if row.is_some_and(|row| record.is_late(row, now.as_deref(), at)) {
                *outcome = WriteOutcome::Later {
                    retry_after: None,
                    code: LATE.to_owned(),
                };
            }
        }
    }
}

/// The directory's answer about one value.
struct Answer<'a> {
    session: &'a Session<'a>,
    write: &'a AttributeWrite,
    /// The base of the contact.
    base: Option<&'a str>,
    run: &'a str,
    comes_again: bool,
}

impl Answer<'_> {
    fn enter(&self, outcome: WriteOutcome, turn: &mut Turn, record: &mut Given) {
        let write = self.write;
        let unavailable = "directory-unavailable";
        match outcome {
            WriteOutcome::Written => {
                turn.given.push(self.journaled(true));
                record.put(self.given(true));
                self.hold(write.value.clone(), turn);
            }
            WriteOutcome::InPlace { now } => {
                if record.is_of_ours(&write.attribute, write.value.as_deref(), self.run) {
                    turn.given.push(self.journaled(true));
                    record.put(self.given(true));
                }
                self.hold(now, turn);
            }
            WriteOutcome::Later { .. } if self.comes_again => turn.is_later = true,
            WriteOutcome::Later { code, .. } => self.fail(unavailable, Some(code), turn),
            WriteOutcome::Unknown { code } => {
                // It may be there: what tells of it stays.
                record.intend(self.given(false));
                if self.comes_again {
                    turn.is_later = true;
                } else {
                    turn.given.push(self.journaled(false));
                    self.fail(unavailable, Some(code), turn);
                }
            }
            WriteOutcome::Moved => self.fail("moved-meanwhile", None, turn),
            WriteOutcome::Gone => self.fail("gone-from-directory", None, turn),
            WriteOutcome::Refused(refusal) => {
                let (code, told) = code_of(refusal);
                self.fail(code, told, turn);
            }
        }
    }

    fn given(&self, is_certain: bool) -> GivenValue {
        GivenValue {
            change: change_of(self.write),
            at: self.session.ports.clock.now(),
            run: self.run.to_owned(),
            is_certain,
            base: self.base.map(str::to_owned),
        }
    }

    fn journaled(&self, answered: bool) -> GivenChange {
        GivenChange {
            change: change_of(self.write),
            field: self.row().map(|row| row.field.clone()).unwrap_or_default(),
            answered,
        }
    }

    fn row(&self) -> Option<&Row> {
        self.session.row_of(&self.write.attribute)
    }

    fn hold(&self, value: Option<String>, turn: &mut Turn) {
        turn.held.extend(self.row().map(|row| Held {
            field: row.field.clone(),
            value,
        }));
    }

    fn fail(&self, code: &str, told: Option<String>, turn: &mut Turn) {
        turn.fail(self.row(), code, told);
    }
}

impl Turn {
    /// Keeps the first that goes wrong.
    fn fail(&mut self, row: Option<&Row>, code: &str, told: Option<String>) {
        self.trouble.get_or_insert_with(|| Trouble {
            field: row.map(|row| row.field.clone()),
            code: code.to_owned(),
            told,
        });
    }
}

fn code_of(refusal: Refusal) -> (&'static str, Option<String>) {
    let code = match refusal {
        Refusal::Permission => "write-not-permitted",
        Refusal::MasteredElsewhere => "mastered-elsewhere",
        Refusal::ReadOnly => "read-only-attribute",
        Refusal::Privileged => "privileged-person",
        Refusal::RolesUnknown => "roles-unknown",
        Refusal::SeveralValues => "several-values",
        Refusal::Unfit { code } => return ("unfit-for-directory", Some(code.to_owned())),
        Refusal::Value { code } => return ("value-refused", Some(code)),
        Refusal::Other { code } => return ("directory-refused", Some(code)),
    };
    (code, None)
}

#[cfg(test)]
#[path = "giving_tests/mod.rs"]
pub(super) mod tests;
