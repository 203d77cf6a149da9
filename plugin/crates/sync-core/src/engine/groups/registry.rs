//! What is known of each group: by which a number among somebody's memberships becomes a list.

use std::cell::OnceCell;

use contact_identity::list::comparable;
use guest_kit::json;
use guest_kit::ordered::Map;
use serde::{Deserialize, Serialize};

use crate::contact::{ContactList, ObjectId};
use crate::ports::{State, StateWrite, Timestamp};
use crate::settings::{GROUP, GROUP_DESCRIPTION, GroupKind, GroupRules, GroupSelection};

use super::super::checkpoint::write;
use super::super::run_abort::RunAbort;
use super::feed::GroupProperties;

/// Records of one request to the state.
const BATCH: u32 = 1_000;

/// A group. Kept in the state as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) id: ObjectId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// `None` until the directory has said what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<GroupKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<u64>,
    /// When the rule was seen to be another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rule_changed_at: Option<Timestamp>,
    /// Its members are not told.
    #[serde(default)]
    pub(crate) is_hidden: bool,
    /// People who are directly in it, those included who are about to leave.
    pub(crate) members: u64,
    /// Of them, those whom the directory says are in it no longer, until that is believed.
    #[serde(default)]
    pub(crate) leaving: u64,
    /// The numbers of the groups that it is directly in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) inside: Vec<u32>,
    /// Of them, those that the directory says it is in no longer, until that is believed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) leaves: Vec<u32>,
    /// Since when it waits to be believed that so many left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) waits_since: Option<Timestamp>,
    /// The directory says that it is gone.
    #[serde(default, skip_serializing_if = "Existence::is_there")]
    pub(super) existence: Existence,
    /// Whether its members are kept; otherwise they were passed over, since it did not count.
    pub(super) is_followed: bool,
}

impl Group {
    /// Whether the directory fills it by a rule.
    pub(super) fn is_filled(&self) -> bool {
        self.rule.is_some()
    }

    pub(super) fn has_the_rule_of(&self, other: &Self) -> bool {
        self.rule == other.rule
    }
}

/// Whether a group is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Existence {
    #[default]
    There,
    /// The directory says that it is gone, and it was not asked yet whether all of its members may leave.
    Going,
    /// It is gone, and nobody is in it.
    Gone,
}

impl Existence {
    fn is_there(&self) -> bool {
        *self == Self::There
    }
}

/// What a statement about a group changes for those who are in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Consequences {
    /// Everybody in it is on another list from now on, or on one more, or on one less.
    pub(super) for_members: bool,
    /// It counts from now on, and its members were passed over so far.
    pub(super) unknown_members: bool,
}

/// The list that those in a group are on.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) list: ContactList,
    /// What it is known by, however it is spelt.
    pub(super) key: String,
}

/// The groups of one reading, by their number.
pub(crate) struct Registry {
    prefix: String,
    rules: GroupRules,
    groups: Vec<Group>,
    numbers: Map<ObjectId, u32>,
    /// By number: whether it counts.
    selected: Vec<bool>,
    /// By number: the list that it leads to, worked out when somebody is on it first.
    lists: Vec<OnceCell<Option<Listed>>>,
    dirty: Vec<bool>,
}

impl Registry {
    /// The groups that are kept under a prefix.
    ///
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub(super) fn load(
        state: &dyn State,
        prefix: String,
        rules: &GroupRules,
    ) -> Result<Self, RunAbort> {
        let mut registry = Self {
            prefix,
            rules: rules.clone(),
            groups: Vec::new(),
            numbers: Map::new(),
            selected: Vec::new(),
            lists: Vec::new(),
            dirty: Vec::new(),
        };
        let mut after: Option<String> = None;
        loop {
            let page = state.list(&registry.prefix, after.as_deref(), BATCH)?;
            let Some((last, _)) = page.last() else {
                return Ok(registry);
            };
            after = Some(last.clone());
            for (key, value) in page {
                let group = json::from_bytes(&value).ok_or(RunAbort::Unreadable { key })?;
                registry.add(group, false);
            }
        }
    }

    fn add(&mut self, group: Group, is_new: bool) -> u32 {
        let number = self.groups.len() as u32;
        if group.existence != Existence::Gone {
            self.numbers.insert(group.id.clone(), number);
        }
        self.selected.push(counts(&self.rules.selection, &group));
        self.lists.push(OnceCell::new());
        self.dirty.push(is_new);
        self.groups.push(group);
        number
    }

    /// The number of a group, as of which nothing more need be known.
    pub(super) fn number_of(&mut self, id: &ObjectId) -> u32 {
        match self.numbers.get(id) {
            Some(number) => *number,
            None => {
                let group = Group {
                    id: id.clone(),
                    name: None,
                    description: None,
                    kind: None,
                    rule: None,
                    rule_changed_at: None,
                    is_hidden: false,
                    members: 0,
                    leaving: 0,
                    inside: Vec::new(),
                    leaves: Vec::new(),
                    waits_since: None,
                    existence: Existence::There,
                    is_followed: true,
                };
                self.add(group, true)
            }
        }
    }

    pub(super) fn find(&self, id: &ObjectId) -> Option<(u32, &Group)> {
        let number = *self.numbers.get(id)?;
        Some((number, self.group(number)?))
    }

    pub(crate) fn group(&self, number: u32) -> Option<&Group> {
        self.groups.get(number as usize)
    }

    /// A group, to be changed: it is written with the next commit.
    pub(super) fn group_mut(&mut self, number: u32) -> Option<&mut Group> {
        if let Some(dirty) = self.dirty.get_mut(number as usize) {
            *dirty = true;
        }
        self.groups.get_mut(number as usize)
    }

    /// All groups that are not gone for good.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Group)> {
        let numbered = (0_u32..).zip(&self.groups);
        numbered.filter(|(_, group)| group.existence != Existence::Gone)
    }

    /// Takes note of what a group is, in a reading from the beginning or since the last one: nobody goes by the groups
    /// of one from the beginning yet.
    pub(super) fn state(
        &mut self,
        number: u32,
        told: GroupProperties,
        (now, is_fresh): (Timestamp, bool),
    ) -> Consequences {
        let follows_all = self.rules.transitive;
        let counted = self.is_selected(number);
        // All groups are looked at for it: not once for each of a reading from the beginning.
        let holds_groups = follows_all
            && !is_fresh
            && self
                .groups
                .iter()
                .any(|inner| inner.inside.contains(&number));
        let place = number as usize;
        if let Some(dirty) = self.dirty.get_mut(place) {
            *dirty = true;
        }
        let Some(group) = self.groups.get_mut(place) else {
            return Consequences::default();
        };
        let is_new = group.kind.is_none();
        let before = (group.name.clone(), group.description.clone());
        // A name that is not told has not become empty.
        group.name = told.name.or(group.name.take());
        group.description = told.description;
        group.kind = Some(told.kind);
        group.is_hidden = told.is_hidden;
        if group.rule != told.rule {
            group.rule = told.rule;
            group.rule_changed_at = (!is_new).then_some(now);
        }
        if group.existence == Existence::Going {
            group.existence = Existence::There;
        }
        let renamed = before.0 != group.name;
        let was_followed = group.is_followed;
        let counts = counts(&self.rules.selection, group);
        // What its members are is known to whoever has followed it from the beginning.
        let is_followed = was_followed && (counts || follows_all || !is_new || group.members > 0);
        group.is_followed = is_followed;
        if let Some(selected) = self.selected.get_mut(place) {
            *selected = counts;
        }
        if let Some(list) = self.lists.get_mut(place) {
            *list = OnceCell::new();
        }
        Consequences {
            // Members may be told before what they are members of.
            for_members: !is_fresh
                && (!is_new || group.members > 0 || holds_groups)
                && (counts != counted || (counts && renamed)),
            unknown_members: counts && !was_followed,
        }
    }

    /// Says how many members groups have, by their number.
    pub(super) fn count(&mut self, members: &[u64]) {
        let groups = self.groups.iter_mut().zip(&mut self.dirty);
        for ((group, dirty), members) in groups.zip(members) {
            *dirty |= group.members != *members;
            group.members = *members;
        }
    }

    /// How many numbers were given out.
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether the group counts.
    pub(crate) fn is_selected(&self, number: u32) -> bool {
        self.selected
            .get(number as usize)
            .copied()
            .unwrap_or_default()
    }

    /// The groups that count, of those that somebody is in, be it directly or through other groups; by
    /// the number of the group that they are directly in.
    pub(crate) fn reached(&self, numbers: &[u32]) -> Vec<u32> {
        let mut reached: Vec<u32> = Vec::new();
        let mut open: Vec<u32> = numbers.to_vec();
        while let Some(number) = open.pop() {
            let Some(group) = self.group(number) else {
                continue;
            };
            if group.existence == Existence::Gone || reached.contains(&number) {
                continue;
            }
            reached.push(number);
            if self.rules.transitive {
                open.extend(&group.inside);
            }
        }
        reached.retain(|number| self.is_selected(*number));
        reached
    }

    /// Lets no group wait that loses nobody.
    pub(super) fn wait_no_more(&mut self) {
        for (group, dirty) in self.groups.iter_mut().zip(&mut self.dirty) {
            if group.leaving == 0 && group.waits_since.is_some() {
                group.waits_since = None;
                *dirty = true;
            }
        }
    }

    /// Whether some group is gone of which it was not asked yet whether its members may leave.
    pub(super) fn any_going(&self) -> bool {
        let mut groups = self.iter();
        groups.any(|(_, group)| group.existence == Existence::Going)
    }

    /// How many people are in a group, be it through other groups where that counts; who is in two of them counts
    /// twice.
    pub(super) fn people_in(&self, number: u32) -> u64 {
        if !self.rules.transitive {
            return self.group(number).map_or(0, |group| group.members);
        }
        let mut inside: Vec<u32> = vec![number];
        let mut looked_at = 0;
        while let Some(outer) = inside.get(looked_at).copied() {
            looked_at += 1;
            for (inner, group) in self.iter() {
                if group.inside.contains(&outer) && !inside.contains(&inner) {
                    inside.push(inner);
                }
            }
        }
        let groups = inside.iter().filter_map(|number| self.group(*number));
        groups.map(|group| group.members).sum()
    }

    /// The list of a group that counts and whose name is known.
    pub(crate) fn list(&self, number: u32) -> Option<&Listed> {
        let list = self.lists.get(number as usize)?;
        list.get_or_init(|| self.listed(number)).as_ref()
    }

    fn listed(&self, number: u32) -> Option<Listed> {
        let rule = self.rules.list.as_ref()?;
        let group = self.group(number)?;
        let name = group.name.as_deref()?;
        let description = group.description.as_deref().unwrap_or_default();
        // What is filled in may look like a place for something else.
        let parts = rule.description.split(GROUP);
        let parts = parts.map(|part| part.replace(GROUP_DESCRIPTION, description));
        let list = ContactList {
            name: rule.name.replace(GROUP, name),
            description: parts.collect::<Vec<_>>().join(name).trim().to_owned(),
        };
        let key = comparable(&list.name).into_owned();
        let is_too_long = rule
            .longest
            .is_some_and(|longest| list.name.chars().count() > longest as usize);
        (!is_too_long && !key.is_empty()).then_some(Listed { list, key })
    }

    pub(crate) fn rules(&self) -> &GroupRules {
        &self.rules
    }

    /// What keeps the groups that have changed since the last time this was asked.
    ///
    /// # Errors
    ///
    /// Where a record cannot be written as JSON.
    pub(super) fn changed(&mut self) -> Result<Vec<StateWrite>, RunAbort> {
        let mut writes = Vec::new();
        for (number, (group, dirty)) in self.groups.iter().zip(&mut self.dirty).enumerate() {
            if std::mem::take(dirty) {
                writes.push(write(&format!("{}{number:010}", self.prefix), group)?);
            }
        }
        Ok(writes)
    }
}

/// Whether a group is one of those that were chosen.
fn counts(selection: &GroupSelection, group: &Group) -> bool {
    let Some(kind) = group.kind else { return false };
    let GroupSelection {
        ids,
        names,
        prefixes,
        kinds,
    } = selection;
    if !kinds.is_empty() && !kinds.contains(&kind) {
        return false;
    }
    if ids.is_empty() && names.is_empty() && prefixes.is_empty() {
        return true;
    }
    let name = group.name.as_deref().map(comparable);
    let is_named = name.is_some_and(|name| {
        names.iter().any(|wanted| comparable(wanted) == name)
            || prefixes
                .iter()
                .any(|prefix| name.starts_with(&*comparable(prefix)))
    });
    ids.contains(&group.id) || is_named
}
