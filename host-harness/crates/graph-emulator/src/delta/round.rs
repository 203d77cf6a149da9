//! One page of a round: which users or organisational contacts it states, how each is written, and where the next page starts.

use std::collections::BTreeSet;

use super::super::behaviour::Behaviour;
use super::super::members::{Unset, write_text};
use super::super::page::PageValue;
use super::super::selection::Selection;
use super::objects::{Objects, Standing};
use super::token::{Cursor, Stage};
use emulated_directory::directory::Summary;
use emulated_directory::properties::MANAGER;
use emulated_directory::subject::Subject;

/// Everything that a page of a round depends on besides its cursor.
pub(super) struct Round<'a> {
    pub(super) objects: Objects<'a>,
    pub(super) behaviour: &'a Behaviour,
    pub(super) selection: &'a Selection,
    pub(super) ids: Option<&'a [String]>,
    pub(super) page_size: usize,
    pub(super) minimal: bool,
}

impl Round<'_> {
    /// Writes the page that a cursor stands before, and returns the cursor after it.
    pub(super) fn page(&self, cursor: Cursor, value: &mut PageValue) -> Cursor {
        if cursor.is_closed() {
            return cursor;
        }
        if cursor.stage == Stage::Fresh && self.behaviour.empty_first_page {
            return Cursor {
                stage: Stage::Underway,
                ..cursor
            };
        }
        match (cursor.from, self.ids) {
            (None, None) => self.enumerate(cursor, value),
            (None, Some(ids)) => {
                let ordinals: Vec<_> = self.named(ids).into_iter().collect();
                self.listed(cursor, &ordinals, value)
            }
            (Some(from), ids) => {
                let window = (from, cursor.until);
                let replayed = self.behaviour.replayed_changes;
                let log = self.objects.log();
                let mut ordinals =
                    log.touched(window, replayed, &|name| self.selection.shows(name));
                if let Some(ids) = ids {
                    let named = self.named(ids);
                    ordinals.retain(|ordinal| named.contains(ordinal));
                }
                self.listed(cursor, &ordinals, value)
            }
        }
    }

    fn named(&self, ids: &[String]) -> BTreeSet<u64> {
        ids.iter()
            .filter_map(|id| self.objects.ordinal(id))
            .collect()
    }

    /// A page of an initial round over everybody.
    fn enumerate(&self, cursor: Cursor, value: &mut PageValue) -> Cursor {
        self.repeat(&cursor, value);
        let full = value.len() + self.page_size;
        let mut last = None;
        for ordinal in cursor.at..self.objects.end() {
            if value.len() == full {
                return self.onward(cursor, ordinal, last);
            }
            let before = value.len();
            self.state_initially(ordinal, value);
            if value.len() > before {
                last = Some(ordinal);
            }
        }
        Cursor::closed(cursor.until)
    }

    /// A page of a round over a list of ordinals, which is the same for every page of the round.
    fn listed(&self, cursor: Cursor, ordinals: &[u64], value: &mut PageValue) -> Cursor {
        self.repeat(&cursor, value);
        let start = usize::try_from(cursor.at)
            .unwrap_or(usize::MAX)
            .min(ordinals.len());
        let end = start.saturating_add(self.page_size).min(ordinals.len());
        let page = ordinals.get(start..end).unwrap_or_default();
        match cursor.from {
            None => page
                .iter()
                .for_each(|&ordinal| self.state_initially(ordinal, value)),
            Some(from) => self.state_changes((from, cursor.until), page, value),
        }
        if end == ordinals.len() {
            return Cursor::closed(cursor.until);
        }
        self.onward(cursor, end as u64, page.last().copied())
    }

    fn onward(&self, cursor: Cursor, at: u64, last: Option<u64>) -> Cursor {
        Cursor {
            at,
            again: last.filter(|_| self.behaviour.repeat_over_pages),
            stage: Stage::Underway,
            ..cursor
        }
    }

    fn repeat(&self, cursor: &Cursor, value: &mut PageValue) {
        let Some(ordinal) = cursor.again else { return };
        match cursor.from {
            None => self.state_initially(ordinal, value),
            Some(from) => self.state_changes((from, cursor.until), &[ordinal], value),
        }
    }

    fn state_initially(&self, ordinal: u64, value: &mut PageValue) {
        match self.objects.standing(ordinal) {
            Standing::Live => self.state(ordinal, &Summary::default(), value),
            gone if self.behaviour.tombstones_in_initial_round => self.bury(ordinal, gone, value),
            _ => {}
        }
    }

    fn state_changes(&self, window: (u64, u64), ordinals: &[u64], value: &mut PageValue) {
        let summaries = self.objects.log().summaries(window, ordinals);
        for &ordinal in ordinals {
            let Some(summary) = summaries.get(&ordinal) else {
                continue;
            };
            match self.objects.standing(ordinal) {
                Standing::Live => self.state(ordinal, summary, value),
                gone => self.bury(ordinal, gone, value),
            }
        }
    }

    /// `changed` while the user can be restored, `deleted` once it is gone for good.
    fn bury(&self, ordinal: u64, standing: Standing, value: &mut PageValue) {
        let reason = match standing {
            Standing::Gone => "deleted",
            Standing::Live | Standing::Restorable => "changed",
        };
        if let Some(id) = self.objects.id(ordinal) {
            value.push_removed(&id, reason);
        }
    }

    fn state(&self, ordinal: u64, summary: &Summary<'_>, value: &mut PageValue) {
        let Some(subject) = self.objects.subject(ordinal) else {
            return;
        };
        let only_changes = self.minimal && !summary.standing && !summary.touched.is_empty();
        let manager = self.manager(&subject, summary, only_changes);
        let unset = Unset::OmittedBut(&summary.cleared);
        if only_changes {
            let mut selection = self.selection.clone();
            selection
                .columns
                .retain(|column| column.name == "id" || summary.touched.contains(&*column.name));
            value.push(&subject, &selection, unset, manager.as_deref());
        } else {
            value.push(&subject, self.selection, unset, manager.as_deref());
        }
    }

    /// `"manager@delta":[…]`: the manager, and the one that was taken away in the window.
    fn manager(
        &self,
        subject: &Subject<'_>,
        summary: &Summary<'_>,
        only_changes: bool,
    ) -> Option<Vec<u8>> {
        let tracked = self.selection.related || !self.selection.stated;
        if !tracked || (only_changes && !summary.touched.contains(MANAGER)) {
            return None;
        }
        let current = subject.manager();
        let former = summary.former_manager.filter(|_| current.is_none());
        let id = current.as_deref().or(former)?;
        let mut member = Vec::with_capacity(128);
        member.extend_from_slice(
            b"\"manager@delta\":[{\"@odata.type\":\"#microsoft.graph.user\",\"id\":",
        );
        write_text(id, &mut member);
        if former.is_some() {
            member.extend_from_slice(b",\"@removed\":{\"reason\":\"deleted\"}");
        }
        member.extend_from_slice(b"}]");
        Some(member)
    }
}
