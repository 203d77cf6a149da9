//! Which parts of a contact a reversal puts back beside its fields: whether it is active, and the lists
//! that the connection put it on.
//!
//! A part goes back where it is as the changes left it; what was changed since stays. Whoever loses the
//! link or becomes inactive leaves all lists; who lost the link or became inactive since joins none.

use std::collections::{BTreeMap, BTreeSet};

use connector_contract::Effect;
use rusqlite::params;

use super::apply::Page;
use super::errors::DatabaseError;
use super::lists::Spelling;
use super::replaced::{Moves, Replaced};

/// An entry of the journal that is taken back.
pub(super) struct Undone {
    pub(super) number: i64,
    pub(super) effect: Effect,
    pub(super) version: i64,
    pub(super) moves: Moves,
    pub(super) before: Replaced,
}

/// A contact on its way back, and the changes that are taken back, newest first.
pub(super) struct Parts<'u> {
    pub(super) undone: &'u [Undone],
    /// Nothing was written to it since.
    pub(super) untouched: bool,
    pub(super) was_active: bool,
    pub(super) was_linked: bool,
    /// Whether it is to be active.
    pub(super) active: bool,
    /// Whether it is to be linked.
    pub(super) linked: bool,
}

impl Parts<'_> {
    /// Whether the contact is to be active, given whether it is.
    pub(super) fn activity(undone: &[Undone], now: bool) -> bool {
        let mut touched = undone.iter().filter_map(|entry| entry.before.active);
        let Some(newest) = touched.next() else {
            return now;
        };
        let before = touched.next_back().unwrap_or(newest);
        // A change that tells what it replaced has made the opposite of it.
        let left = !newest;
        if now == left { before } else { now }
    }

    /// The lists that the contact was on before, as far as the changes tell.
    pub(super) fn before(undone: &[Undone]) -> BTreeSet<String> {
        let moved = moved(undone).into_iter();
        moved
            .filter(|(_, (before, _))| *before)
            .map(|(list, _)| list.to_owned())
            .collect()
    }

    /// The lists that the contact is to be on, given those it is on.
    pub(super) fn lists(
        &self,
        page: &Page<'_, '_, '_>,
        contact: i64,
        now: &[String],
    ) -> Result<BTreeSet<String>, DatabaseError> {
        let taken_off = (self.was_active && !self.active) || (self.was_linked && !self.linked);
        if taken_off {
            return Ok(BTreeSet::new());
        }
        let now: BTreeSet<String> = now.iter().cloned().collect();
        let moved = moved(self.undone);
        let is_as_left = moved
            .iter()
            .all(|(list, (_, after))| now.contains(*list) == *after);
        if !is_as_left || self.moved_since(page, contact, &now)? {
            return Ok(now);
        }
        let mut lists = now.clone();
        for (list, (before, _)) in moved {
            if before {
                lists.insert(list.to_owned());
            } else {
                lists.remove(list);
            }
        }
        let may_join = self.untouched || (self.active && self.linked);
        Ok(if may_join || lists.is_subset(&now) {
            lists
        } else {
            now
        })
    }

    /// Whether later changes come to other lists than the contact was left on.
    fn moved_since(
        &self,
        page: &Page<'_, '_, '_>,
        contact: i64,
        now: &BTreeSet<String>,
    ) -> Result<bool, DatabaseError> {
        let connection = page.tx.connection();
        let newest = self.undone.first().map(|entry| entry.number);
        let later: Vec<Option<String>> = connection
            .prepare_cached(
                "SELECT before FROM journal WHERE contact_id = ?1 AND source_id = ?2 \
                 AND number > ?3 ORDER BY number DESC",
            )?
            .query_map(params![contact, page.source_id, newest], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut then = now.clone();
        let mut spelling = Spelling::default();
        for text in later {
            let before = Replaced::read(text.as_deref())?.spelt(connection, &mut spelling)?;
            let moves = before.moves(connection, page.source_id)?;
            then.retain(|list| !moves.joins.contains(list));
            then.extend(moves.leaves);
        }
        Ok(then != *now)
    }
}

/// Each list that the changes moved: whether the contact was on it before them, and after them.
fn moved(undone: &[Undone]) -> BTreeMap<&str, (bool, bool)> {
    let mut moved: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for entry in undone.iter().rev() {
        let left = entry.moves.leaves.iter().map(|list| (list, false));
        let joined = entry.moves.joins.iter().map(|list| (list, true));
        for (list, on) in left.chain(joined) {
            moved.entry(list).or_insert((!on, on)).1 = on;
        }
    }
    moved
}
