//! What an undo makes of each contact: what it was before the run, except what was edited since.
//!
//! Written from the README: "`undo` puts back what one run did, except what was edited since".

use super::laws::{LawResult, Violation};
use super::life::Deed;
use super::snapshot::{ContactSnapshot, Snapshot};

/// A run, and the contacts before and after it was taken back.
pub struct TakenBack<'a> {
    pub deed: &'a Deed,
    pub before: &'a Snapshot,
    pub after: &'a Snapshot,
}

/// One contact: before the run and after it, before the undo and after that.
struct Lot<'a> {
    id: &'a str,
    before_run: Option<&'a ContactSnapshot>,
    after_run: Option<&'a ContactSnapshot>,
    before: Option<&'a ContactSnapshot>,
    after: Option<&'a ContactSnapshot>,
}

/// What a person can see of a contact.
fn essence(contact: Option<&ContactSnapshot>) -> Option<ContactSnapshot> {
    contact.map(|contact| ContactSnapshot {
        version: 0,
        ..contact.clone()
    })
}

impl TakenBack<'_> {
    pub fn judge(&self) -> LawResult {
        let everywhere = [&self.deed.before, &self.deed.after, self.before, self.after];
        for id in everywhere.into_iter().flat_map(|snapshot| snapshot.keys()) {
            let lot = Lot {
                id,
                before_run: self.deed.before.get(id),
                after_run: self.deed.after.get(id),
                before: self.before.get(id),
                after: self.after.get(id),
            };
            self.judge_contact(&lot)?;
        }
        Ok(())
    }

    fn judge_contact(&self, lot: &Lot<'_>) -> LawResult {
        let is_restored = essence(lot.after) == essence(lot.before_run);
        let is_untouched = lot.after == lot.before;
        if lot.before_run == lot.after_run {
            return lot.holds(is_untouched, "the run did nothing to it");
        }
        if lot.before == lot.after_run {
            let may_stay = self.somebody_else_has(lot.user()) || self.has_their_address(lot);
            return lot.holds(
                is_restored || (may_stay && is_untouched),
                "nobody touched it since, and it is to be as before the run",
            );
        }
        let Some(now) = lot.before else {
            return lot.holds(is_untouched, "somebody deleted it since");
        };
        let Some(after) = lot.after else {
            return lot.holds(false, "it was touched since, and is not to be deleted");
        };
        lot.judge_touched(now, after)
    }

    /// Whether the user has, or had, another contact by now.
    fn somebody_else_has(&self, user: Option<&String>) -> bool {
        let has = |contact: &ContactSnapshot| {
            user.is_some() && (contact.user.as_ref() == user || contact.former.as_ref() == user)
        };
        self.before.values().any(has)
    }

    /// Whether somebody has since made a contact with the address of the one that the run deleted.
    fn has_their_address(&self, lot: &Lot<'_>) -> bool {
        let comparable = |contact: &ContactSnapshot| {
            let address = contact.fields.get("email");
            address.map(|address| address.trim().to_lowercase())
        };
        let lost = lot.before_run.and_then(comparable);
        let is_theirs = |contact: &ContactSnapshot| {
            contact.user.is_none() && contact.former.is_none() && comparable(contact) == lost
        };
        lot.after_run.is_none() && lost.is_some() && self.before.values().any(is_theirs)
    }
}

impl Lot<'_> {
    fn holds(&self, holds: bool, what: &str) -> LawResult {
        if holds {
            return Ok(());
        }
        Err(Violation {
            law: "an undo puts back what the run did",
            what: format!(
                "contact {}: {what}; {:?} became {:?}, was {:?}, became {:?}",
                self.id, self.before_run, self.after_run, self.before, self.after
            ),
        })
    }

    /// Whose contact the run was about.
    fn user(&self) -> Option<&String> {
        [self.before_run, self.after_run]
            .into_iter()
            .flatten()
            .find_map(|contact| contact.user.as_ref())
    }

    /// What was edited since stays, each thing by itself; and what the run did not do is not taken back.
    fn judge_touched(&self, now: &ContactSnapshot, after: &ContactSnapshot) -> LawResult {
        let (then, left) = (self.before_run, self.after_run);
        let names = now.fields.keys().chain(after.fields.keys());
        for name in names {
            let of = |contact: Option<&ContactSnapshot>| {
                contact.and_then(|c| c.fields.get(name).cloned())
            };
            let edited = now.fields.get(name) != of(left).as_ref();
            let was_written = of(then) != of(left);
            let stays = after.fields.get(name) == now.fields.get(name);
            let restored = after.fields.get(name).cloned() == of(then);
            self.holds(
                stays || (restored && was_written && !edited),
                &format!("{name} was edited since, or not written by the run"),
            )?;
        }
        let active = |contact: Option<&ContactSnapshot>| contact.map(|contact| contact.active);
        let was_switched = active(then) != active(left) && active(left) == Some(now.active);
        self.holds(
            after.active == now.active || was_switched,
            "it was made active or inactive since, or not by the run",
        )?;
        let user =
            |contact: Option<&ContactSnapshot>| contact.and_then(|contact| contact.user.clone());
        let was_tied = user(then) != user(left) && user(left) == now.user;
        self.holds(
            after.user == now.user || was_tied,
            "it was linked or unlinked since, or not by the run",
        )
    }
}
