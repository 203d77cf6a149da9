//! What of the writes of one person still stands: a pure function of what was decided and of the person as read a
//! moment ago.

use std::time::Duration;

use entra_users::mapping::writing::{SYNCED, Writable, refusal};
use serde_json::Value;
use sync_core::contact::ObjectId;
use sync_core::ports::directory_writer::{AttributeWrite, PersonWrite, Refusal, WriteOutcome};

use crate::graph::lookup::is_valid;

use super::answer::Again;
use super::held::{Held, held};
use super::request::Update;

/// The writes of one person, on their way.
pub(super) struct Person<'w> {
    pub(super) user: &'w ObjectId,
    writes: Vec<Write<'w>>,
}

/// One write: on its way, or done with.
enum Write<'w> {
    Open(Open<'w>),
    Settled(WriteOutcome),
}

struct Open<'w> {
    wanted: &'w AttributeWrite,
    writable: Writable,
    /// It was sent, and may have been taken.
    may_be_done: bool,
    /// It goes alone: with others it was refused, with this code, for the sake of something that is not named.
    left_out: Option<String>,
}

/// What goes into one request: an update, and the places of the writes in it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Together {
    pub(super) update: Update,
    pub(super) places: Vec<usize>,
}

/// What is to be sent about one person.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Standing {
    /// What is not sensitive.
    pub(super) plain: Together,
    /// What may lead into an account: refused by itself, it does not take the rest along.
    pub(super) sensitive: Together,
}

impl<'w> Person<'w> {
    /// Settles what needs no look at the person. `is_granted` says whether the application has the permission,
    /// as far as that can be seen.
    pub(super) fn new(person: &'w PersonWrite, is_granted: &dyn Fn(Writable) -> bool) -> Self {
        let is_valid = is_valid(&person.user);
        let writes = person.writes.iter().map(|wanted| {
            let refused = |refusal| Write::Settled(WriteOutcome::Refused(refusal));
            let Some(writable) = Writable::find(&wanted.attribute) else {
                return refused(match refusal(&wanted.attribute) {
                    Some(_) => Refusal::ReadOnly,
                    None => other("unknown-attribute"),
                });
            };
            if !is_valid {
                return refused(other("invalid-id"));
            }
            if let Some(flaw) = writable.flaw(wanted.value.as_deref()) {
                return refused(Refusal::Unfit { code: flaw });
            }
            if !is_granted(writable) {
                return refused(Refusal::Permission);
            }
            Write::Open(Open {
                wanted,
                writable,
                may_be_done: false,
                left_out: None,
            })
        });
        Self {
            user: &person.user,
            writes: writes.collect(),
        }
    }

    /// Whether something is on its way.
    pub(super) fn is_open(&self) -> bool {
        self.writes
            .iter()
            .any(|write| matches!(write, Write::Open(_)))
    }

    /// The properties of what is on its way.
    pub(super) fn properties(&self) -> impl Iterator<Item = &'static str> {
        self.writes.iter().filter_map(|write| match write {
            Write::Open(open) => Some(open.writable.attribute().property),
            Write::Settled(_) => None,
        })
    }

    /// Compares with the person as read, and says what is to be sent. What is in place, has moved, or is mastered
    /// elsewhere is settled.
    pub(super) fn compare(&mut self, body: &Value) -> Standing {
        let mut standing = Standing::default();
        for (place, write) in self.writes.iter_mut().enumerate() {
            let Write::Open(open) = write else { continue };
            match open.compare(body) {
                Some(outcome) => *write = Write::Settled(outcome),
                None => {
                    let together = if open.writable.rules().is_sensitive {
                        &mut standing.sensitive
                    } else if open.left_out.is_some() {
                        // In a later round, when the others are done with.
                        continue;
                    } else {
                        &mut standing.plain
                    };
                    let AttributeWrite { form, value, .. } = open.wanted;
                    let value = value.as_deref();
                    together.update.set(open.writable, *form, value, body);
                    together.places.push(place);
                }
            }
        }
        standing
    }

    /// Settles some writes.
    pub(super) fn settle(&mut self, places: &[usize], outcome: &dyn Fn() -> WriteOutcome) {
        self.each_open(places, |_| Some(outcome()));
    }

    /// Settles some writes by what they write.
    pub(super) fn settle_with(
        &mut self,
        places: &[usize],
        outcome: &dyn Fn(Writable) -> WriteOutcome,
    ) {
        self.each_open(places, |open| Some(outcome(open.writable)));
    }

    /// The directory took some writes. What was left out of them is what it had refused.
    pub(super) fn done(&mut self, places: &[usize]) {
        let is_plain = |open: &Open<'_>| !open.writable.rules().is_sensitive;
        let were_plain = self.count(places, &is_plain) > 0;
        self.each_open(places, |_| Some(WriteOutcome::Written));
        for write in &mut self.writes {
            if let Write::Open(open) = write
                && let Some(code) = open.left_out.take_if(|_| were_plain)
            {
                *write = Write::Settled(WriteOutcome::Refused(Refusal::Value { code }));
            }
        }
    }

    /// Some writes may have been taken.
    pub(super) fn may_be_done(&mut self, places: &[usize]) {
        self.each_open(places, |open| {
            open.may_be_done = true;
            None
        });
    }

    /// An update was refused for a value, of this property where it is named. Whatever else was in it goes again:
    /// without that property, or, where none is named, without what Exchange may keep. What goes again without
    /// having lost anything would be refused again.
    pub(super) fn invalid(&mut self, places: &[usize], property: Option<&str>, code: &str) {
        let is_at_fault = |open: &Open<'_>| match property {
            Some(property) => open.writable.attribute().property == property,
            None => open.writable.rules().is_of_exchange,
        };
        let at_fault = self.count(places, &is_at_fault);
        let goes_again = at_fault > 0 && at_fault < self.count(places, &|_| true);
        self.each_open(places, |open| {
            let is_at_fault = is_at_fault(open);
            match (is_at_fault, goes_again) {
                (false, true) => None,
                (true, true) if property.is_none() => {
                    open.left_out = Some(code.to_owned());
                    None
                }
                _ => Some(WriteOutcome::Refused(Refusal::Value {
                    code: code.to_owned(),
                })),
            }
        });
    }

    /// What was left out for the others' sake goes by itself, once nothing else is on its way.
    pub(super) fn take_in(&mut self) {
        let others =
            |write: &Write<'_>| matches!(write, Write::Open(open) if open.left_out.is_none());
        if self.writes.iter().any(others) {
            return;
        }
        for write in &mut self.writes {
            if let Write::Open(open) = write {
                open.left_out = None;
            }
        }
    }

    /// The person is gone.
    pub(super) fn gone(&mut self) {
        self.all_open(|_| WriteOutcome::Gone);
    }

    /// Nothing more is tried: what may have been taken is unknown, the rest can be tried later.
    pub(super) fn given_up(&mut self, again: &Again) {
        self.all_open(|open| given_up(open, again));
    }

    /// The outcomes, in the order of the writes.
    pub(super) fn into_outcomes(mut self) -> Vec<WriteOutcome> {
        self.given_up(&Again {
            after: None,
            code: "not-sent".to_owned(),
            may_be_done: false,
        });
        let settled = self.writes.into_iter().filter_map(|write| match write {
            Write::Settled(outcome) => Some(outcome),
            Write::Open(_) => None,
        });
        settled.collect()
    }

    fn count(&self, places: &[usize], is_meant: &dyn Fn(&Open<'_>) -> bool) -> usize {
        let writes = places.iter().filter_map(|place| self.writes.get(*place));
        writes
            .filter(|write| matches!(write, Write::Open(open) if is_meant(open)))
            .count()
    }

    fn each_open(
        &mut self,
        places: &[usize],
        mut becomes: impl FnMut(&mut Open<'w>) -> Option<WriteOutcome>,
    ) {
        for place in places {
            let Some(write) = self.writes.get_mut(*place) else {
                continue;
            };
            if let Write::Open(open) = write
                && let Some(outcome) = becomes(open)
            {
                *write = Write::Settled(outcome);
            }
        }
    }

    fn all_open(&mut self, outcome: impl Fn(&Open<'w>) -> WriteOutcome) {
        for write in &mut self.writes {
            if let Write::Open(open) = write {
                *write = Write::Settled(outcome(open));
            }
        }
    }
}

fn given_up(open: &Open<'_>, again: &Again) -> WriteOutcome {
    let code = again.code.clone();
    if open.may_be_done {
        return WriteOutcome::Unknown { code };
    }
    WriteOutcome::Later {
        retry_after: again.after.filter(|after| *after > Duration::ZERO),
        code,
    }
}

impl Open<'_> {
    /// What the person as read makes of the write; `None` where it is to be sent.
    fn compare(&self, body: &Value) -> Option<WriteOutcome> {
        let refused = |refusal| Some(WriteOutcome::Refused(refusal));
        let AttributeWrite {
            form,
            decided_on,
            value,
            ..
        } = self.wanted;
        let Some(Held { value: now, values }) = held(self.writable, *form, body) else {
            return refused(other("unexpected-shape"));
        };
        if form.is_same(now.as_deref(), value.as_deref()) {
            return Some(if self.may_be_done {
                WriteOutcome::Written
            } else {
                WriteOutcome::InPlace { now }
            });
        }
        if !form.is_same(now.as_deref(), decided_on.as_deref()) {
            return Some(WriteOutcome::Moved);
        }
        let synced = body.get(SYNCED).and_then(Value::as_bool);
        if synced == Some(true) || (synced == Some(false) && self.writable.rules().is_of_exchange) {
            return refused(Refusal::MasteredElsewhere);
        }
        if value.is_none() && values > 1 {
            return refused(Refusal::SeveralValues);
        }
        None
    }
}

fn other(code: &str) -> Refusal {
    Refusal::Other {
        code: code.to_owned(),
    }
}

#[cfg(test)]
mod tests;
