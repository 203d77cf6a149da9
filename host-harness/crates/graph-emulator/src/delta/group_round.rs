//! One page of a round over groups: which it states, with which of their members, and where the next page
//! starts (<https://learn.microsoft.com/graph/delta-query-groups>).
//!
//! A page states so many members at most. A group that has more is stated again on the next page, or, where
//! the tenant behaves so, after all the others; each time with everything that is selected, and with other
//! members. What a round tells of a hidden membership Microsoft does not say; here it is what the list of its
//! members tells: nothing, without `Member.Read.Hidden`.

use std::collections::{BTreeMap, BTreeSet};

use emulated_directory::change_log::{MEMBERS, MemberChange, Summary, settled};
use emulated_directory::directory::Directory;
use emulated_directory::groups::GroupState;
use emulated_directory::subject::Subject;
use emulated_directory::{Member, Record};

use super::super::behaviour::Behaviour;
use super::super::members::{Unset, write_text};
use super::super::page::PageValue;
use super::super::selection::Selection;
use super::token::{Cursor, Inside, Postponed, Stage};

/// How many groups can wait for the end of a round: they stand in the token.
const MOST_POSTPONED: usize = 20;

/// Everything that a page of a round depends on besides its cursor.
pub(super) struct GroupRound<'a> {
    pub(super) directory: &'a Directory,
    pub(super) behaviour: &'a Behaviour,
    pub(super) selection: &'a Selection,
    pub(super) ids: Option<&'a [String]>,
    pub(super) page_size: usize,
    pub(super) minimal: bool,
    /// Whether the members of a group may be told.
    pub(super) may_know: &'a dyn Fn(&Record) -> bool,
}

/// The groups that a round covers, by the place at which it comes to them.
enum Covered {
    Everything(u64),
    These(Vec<u64>),
}

impl Covered {
    fn at(&self, place: u64) -> Option<u64> {
        match self {
            Self::Everything(end) => (place < *end).then_some(place),
            Self::These(ordinals) => ordinals.get(usize::try_from(place).ok()?).copied(),
        }
    }
}

/// What a round is about, the same for all of its pages.
struct Window<'a> {
    /// `None` for an initial round.
    from: Option<u64>,
    covered: Covered,
    /// What happened to the groups in the window; of an initial round, since the emulator started.
    summaries: BTreeMap<u64, Summary<'a>>,
}

/// How much of a group was stated.
#[derive(Clone, Copy, Debug, Default)]
struct Stated {
    members: usize,
    /// Where those of its members begin that were not.
    rest: Option<Inside>,
}

impl<'a> GroupRound<'a> {
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
        let window = self.window(&cursor);
        if let Some(ordinal) = cursor.again {
            let most = self.members_a_page();
            // From where that part began: what the group went through before it is told already, and
            // told again after it, it would undo what the part tells.
            self.state(&window, (ordinal, cursor.again_inside), most, value);
        }
        self.fill(cursor, &window, value)
    }

    fn members_a_page(&self) -> usize {
        self.behaviour.members_per_page.max(1)
    }

    fn fill(&self, mut cursor: Cursor, window: &Window<'_>, value: &mut PageValue) -> Cursor {
        cursor.stage = Stage::Underway;
        cursor.again = None;
        cursor.again_inside = None;
        let full = value.len() + self.page_size;
        let mut members_left = self.members_a_page();
        let mut last = None;
        loop {
            let main = window.covered.at(cursor.at);
            let postponed = || Some(cursor.postponed.first()?.group);
            let Some(ordinal) = main.or_else(postponed) else {
                return Cursor::closed(cursor.until);
            };
            if value.len() >= full || members_left == 0 {
                if let Some((ordinal, inside)) = last.filter(|_| self.behaviour.repeat_over_pages) {
                    cursor.again = Some(ordinal);
                    cursor.again_inside = inside;
                }
                return cursor;
            }
            let inside = match main {
                Some(_) => cursor.inside.take(),
                None => Some(cursor.postponed.remove(0).inside),
            };
            let before = value.len();
            let stated = self.state(window, (ordinal, inside), members_left, value);
            members_left = members_left.saturating_sub(stated.members);
            if value.len() > before {
                last = Some((ordinal, inside));
            }
            let apart = self.behaviour.group_parts_apart;
            cursor.go_on((ordinal, main.is_some()), stated.rest, apart);
        }
    }

    fn named(&self, ids: &[String]) -> BTreeSet<u64> {
        let groups = self.directory.groups();
        ids.iter().filter_map(|id| groups.ordinal(id)).collect()
    }

    /// What a round covers, and what happened to that.
    fn window(&self, cursor: &Cursor) -> Window<'a> {
        let groups = self.directory.groups();
        let log = groups.log();
        let named = self.ids.map(|ids| self.named(ids));
        let Some(from) = cursor.from else {
            // Only who left is of interest.
            let touched = match self.behaviour.former_members_in_initial_round {
                true => log.touched((0, cursor.until), 0, &|name| name == MEMBERS),
                false => Vec::new(),
            };
            return Window {
                from: None,
                covered: match named {
                    None => Covered::Everything(groups.end()),
                    Some(named) => Covered::These(named.into_iter().collect()),
                },
                summaries: log.summaries((0, cursor.until), &touched),
            };
        };
        let replayed = self.behaviour.replayed_changes;
        let window = (from, cursor.until);
        let mut touched = log.touched(window, replayed, &|name| self.selection.shows(name));
        if let Some(named) = named {
            touched.retain(|ordinal| named.contains(ordinal));
        }
        // What is replayed happened before the window.
        let start = if replayed > 0 { 0 } else { from };
        Window {
            from: Some(from),
            summaries: log.summaries((start, cursor.until), &touched),
            covered: Covered::These(touched),
        }
    }

    /// States a group with at most so many of its members.
    fn state(
        &self,
        window: &Window<'_>,
        (ordinal, inside): (u64, Option<Inside>),
        most: usize,
        value: &mut PageValue,
    ) -> Stated {
        let groups = self.directory.groups();
        match (groups.standing(ordinal), window.from) {
            (GroupState::Live, _) => {}
            (_, None) if !self.behaviour.tombstones_in_initial_round => return Stated::default(),
            (standing, _) => {
                self.bury(ordinal, standing, value);
                return Stated::default();
            }
        }
        let Some(record) = groups.group(ordinal) else {
            return Stated::default();
        };
        let none = Summary::default();
        let summary = window.summaries.get(&ordinal).unwrap_or(&none);
        let initial = window.from.is_none();
        let (members, rest) = if !self.selection.tracks() || !(self.may_know)(&record) {
            (Vec::new(), None)
        } else if initial || summary.standing {
            self.everybody(ordinal, (summary, initial), inside, most)
        } else {
            let changes = match self.behaviour.every_membership_change {
                true => summary.members.clone(),
                false => settled(&summary.members),
            };
            part(&changes, inside, most)
        };
        let changed = (!initial && !summary.standing).then_some(summary);
        self.write((&record, &members), changed, value);
        Stated {
            members: members.len(),
            rest,
        }
    }

    fn bury(&self, ordinal: u64, standing: GroupState, value: &mut PageValue) {
        let reason = match standing {
            GroupState::Purged => "deleted",
            _ => "changed",
        };
        if let Some(id) = self.directory.groups().id(ordinal) {
            value.push_removed(&id, reason);
        }
    }

    /// At most so many of all the members of a group from a place on, and where they go on. Who left is
    /// told first, with the first of those who are there; by an initial round, to which it is nothing new,
    /// only as far as a page goes.
    fn everybody(
        &self,
        ordinal: u64,
        (summary, initial): (&Summary<'_>, bool),
        inside: Option<Inside>,
        most: usize,
    ) -> (Vec<MemberChange>, Option<Inside>) {
        let mut told = Vec::new();
        if inside.is_none() {
            let left = settled(&summary.members).into_iter();
            let bound = if initial { most } else { usize::MAX };
            told.extend(left.filter(|change| !change.joined).take(bound));
        }
        let start = match inside {
            Some(Inside::Member(member)) => Some(member),
            _ => None,
        };
        let groups = self.directory.groups();
        let mut members = groups.members_from(ordinal, start);
        let joined = |member: Member| MemberChange {
            member,
            joined: true,
        };
        told.extend(members.by_ref().take(most).map(joined));
        (told, members.next().map(Inside::Member))
    }

    fn write(
        &self,
        (record, members): (&Record, &[MemberChange]),
        changed: Option<&Summary<'_>>,
        value: &mut PageValue,
    ) {
        let subject = Subject::Stated(record);
        let members = self.member_delta(members);
        let cleared = changed.map(|summary| &summary.cleared);
        let none = BTreeSet::new();
        let unset = Unset::OmittedBut(cleared.unwrap_or(&none));
        match changed.filter(|_| self.minimal) {
            Some(summary) => {
                let mut selection = self.selection.clone();
                selection.columns.retain(|column| {
                    column.name == "id" || summary.touched.contains(&*column.name)
                });
                value.push(&subject, &selection, unset, members.as_deref());
            }
            None => value.push(&subject, self.selection, unset, members.as_deref()),
        }
    }

    /// `"members@delta":[…]`; nothing for a group without members, or without a change of them.
    fn member_delta(&self, members: &[MemberChange]) -> Option<Vec<u8>> {
        if members.is_empty() {
            return None;
        }
        let mut told = Vec::with_capacity(members.len() * 100 + 32);
        told.extend_from_slice(b"\"members@delta\":[");
        for (place, change) in members.iter().enumerate() {
            if place > 0 {
                told.push(b',');
            }
            told.extend_from_slice(b"{\"@odata.type\":");
            let kind = self.directory.member_kind(change.member);
            write_text(kind.type_name(), &mut told);
            told.extend_from_slice(b",\"id\":");
            let id = self.directory.member_id(change.member);
            write_text(&id.unwrap_or_default(), &mut told);
            if !change.joined {
                told.extend_from_slice(b",\"@removed\":{\"reason\":\"deleted\"}");
            }
            told.push(b'}');
        }
        told.push(b']');
        Some(told)
    }
}

fn part(
    changes: &[MemberChange],
    inside: Option<Inside>,
    most: usize,
) -> (Vec<MemberChange>, Option<Inside>) {
    let start = match inside {
        Some(Inside::Change(place)) => usize::try_from(place).unwrap_or(usize::MAX),
        _ => 0,
    };
    let start = start.min(changes.len());
    let end = start.saturating_add(most).min(changes.len());
    let told = changes.get(start..end).unwrap_or_default().to_vec();
    let rest = (end < changes.len()).then_some(Inside::Change(end as u64));
    (told, rest)
}

impl Cursor {
    /// Goes on from a group of which this is not stated yet: to the next group, or to the rest of it.
    fn go_on(&mut self, (group, main): (u64, bool), rest: Option<Inside>, apart: bool) {
        let waits = !main || (apart && self.postponed.len() < MOST_POSTPONED);
        match rest {
            Some(inside) if waits => self.postponed.push(Postponed { group, inside }),
            Some(inside) => {
                self.inside = Some(inside);
                return;
            }
            None => {}
        }
        if main {
            self.at += 1;
        }
    }
}
