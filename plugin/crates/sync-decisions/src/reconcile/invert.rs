//! What takes back one run's changes to one user, given the contact as it is now.
//!
//! Nothing that came after the run is thrown away. Each part of a contact goes back where it is still
//! as the run left it, see [`Account`]; a part that was changed since is left alone, and named. The
//! link comes first: where it is not as the run left it, or the user has another contact by now, the
//! contact is left as it is. A contact that the run made goes only where nothing at all was written
//! to it since; and who was made inactive since is put on no list.
//!
//! What the run gave the directory goes back together with its field, see [`given_back`](super::given_back).
//!
//! What is as it was before the run already, perhaps because it was taken back before, is left
//! unchanged, so that taking a run back twice does nothing the second time.

use crate::contact::{
    AttributeChange, Contact, Effect, Evidence, FieldWrite, Precondition, Reversal,
};
use crate::effects::{FieldChange, JournalEntry, PlanEntry};
use guest_kit::ordered::{self, Map};

use super::account::{Account, Made, Part, Since, Standing};
use super::given_back::{Back, Staying, Stays, There};
use super::reason::Reason;

/// What is to be done about one user whom the run changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undoing {
    /// As a plan tells it.
    pub entry: PlanEntry,
    /// As the store does it; `None` where nothing is to be done.
    pub reversal: Option<Reversal>,
    /// Parts that the run wrote and that were changed since, ordered. They stay as they are.
    pub left_alone: Vec<Part>,
    /// What the directory keeps of what the run gave it, ordered by attribute.
    pub stays: Vec<Staying>,
    /// The run gave the directory something of the contact.
    pub is_given: bool,
}

/// The contacts as they are now, as far as they concern one user.
#[derive(Clone, Copy, Debug)]
pub struct Now<'a> {
    /// The contact that the run changed; `None` where it is gone.
    pub contact: Option<&'a Contact>,
    /// The user has another contact: one that is linked to them, was theirs until the link was taken
    /// away, or is nobody's and has the address of the one that the run deleted.
    pub has_another: bool,
    /// Later changes have moved the contact to other lists.
    pub moved_since: bool,
    /// The directory's side; `None` where the run gave it nothing.
    pub there: Option<There<'a>>,
}

/// Decides about a user: `entries` is all that the run did to the user, newest first, and `now` tells
/// how a contact stands. `None` where there are no entries.
///
/// A run that changed several contacts of one user is taken back contact by contact, the one that it
/// changed last first: the earlier ones come when it is undone again.
#[must_use]
pub fn invert_user<'a>(
    run: &str,
    entries: &[JournalEntry],
    now: impl Fn(&JournalEntry) -> Now<'a>,
) -> Option<Undoing> {
    let mut contacts: Vec<&JournalEntry> = Vec::new();
    for entry in entries {
        if !contacts.iter().any(|known| known.contact == entry.contact) {
            contacts.push(entry);
        }
    }
    let mut decided = contacts.into_iter().filter_map(|newest| {
        let of_contact: Vec<_> = entries
            .iter()
            .filter(|entry| entry.contact == newest.contact)
            .collect();
        invert(run, &of_contact, now(newest))
    });
    let first = decided.next()?;
    if first.reversal.is_some() {
        return Some(first);
    }
    Some(
        decided
            .find(|undoing| undoing.reversal.is_some())
            .unwrap_or(first),
    )
}

/// Decides about one contact: `entries` is all that the run did to it for one user, newest first.
fn invert(run: &str, entries: &[&JournalEntry], now: Now<'_>) -> Option<Undoing> {
    let newest = *entries.first()?;
    let account = Account::of(entries)?;
    let Made { before, after } = account.link;
    let standing = Standing::of(now.contact, &newest.object_id);
    let link_since = account.link.since(&standing);
    let back = WayBack {
        run,
        entries,
        newest,
        account,
        now,
    };
    Some(match (before, now.contact) {
        (Standing::Absent, None) => back.unchanged(),
        (Standing::Absent, Some(contact)) if contact.version == newest.version => {
            back.delete(contact)
        }
        (Standing::Absent, Some(_)) => back.edited_since(Vec::new()),
        (_, None) if after == Standing::Absent && !now.has_another => back.make_again(),
        (_, None) => back.edited_since(Vec::new()),
        (_, Some(contact)) => match link_since {
            Since::Changed => back.edited_since(Vec::new()),
            Since::AsLeft if before == Standing::Unlinked => {
                back.alter(contact, Some(Effect::Unlink))
            }
            Since::AsLeft if now.has_another => back.edited_since(Vec::new()),
            Since::AsLeft => back.alter(contact, Some(Effect::Link)),
            // Made again, or linked again, since: it is as it should be.
            Since::AsBefore if after == Standing::Absent => back.unchanged(),
            // Somebody took the link away since. Without one the connector writes nothing.
            Since::AsBefore if standing == Standing::Unlinked && after != standing => {
                let altered = back.alter(contact, None);
                if altered.reversal.is_some() {
                    back.edited_since(altered.left_alone)
                } else {
                    altered
                }
            }
            Since::AsBefore => back.alter(contact, None),
        },
    })
}

/// The changes of one run to one contact, on their way back.
struct WayBack<'a> {
    run: &'a str,
    entries: &'a [&'a JournalEntry],
    newest: &'a JournalEntry,
    account: Account<'a>,
    now: Now<'a>,
}

impl WayBack<'_> {
    fn unchanged(&self) -> Undoing {
        self.nothing(Effect::Unchanged, Reason::Undo, Vec::new())
    }

    fn edited_since(&self, left_alone: Vec<Part>) -> Undoing {
        self.nothing(Effect::Skip, Reason::EditedSince, left_alone)
    }

    fn nothing(&self, effect: Effect, reason: Reason, left_alone: Vec<Part>) -> Undoing {
        Undoing {
            entry: PlanEntry {
                object_id: self.newest.object_id.clone(),
                contact: Some(self.newest.contact.clone()),
                effect,
                reason: reason.code().to_owned(),
                fields: Vec::new(),
                joins: Vec::new(),
                leaves: Vec::new(),
                evidence: None,
                directory: Vec::new(),
                version: None,
            },
            reversal: None,
            left_alone,
            stays: self.all_stays(),
            is_given: self.is_given(),
        }
    }

    fn is_given(&self) -> bool {
        !self.account.directory.is_empty()
    }

    /// What the directory was given of a contact that does not go back as it is.
    fn all_stays(&self) -> Vec<Staying> {
        let given = self.account.directory.iter();
        given
            .map(|(attribute, given)| Staying {
                attribute: (*attribute).to_owned(),
                field: given.field.to_owned(),
                why: Stays::Changed,
            })
            .collect()
    }

    /// The run made the contact, and it is as the run left it.
    fn delete(&self, contact: &Contact) -> Undoing {
        let moves = Moves {
            leaves: sorted(contact.lists.clone()),
            stays: self.all_stays(),
            ..Moves::default()
        };
        self.something(Effect::Delete, contact.precondition(), moves)
    }

    /// The run deleted the contact. Nobody can have edited it since, so it comes back with everything
    /// that it held, but for what the run wrote before.
    fn make_again(&self) -> Undoing {
        let lost = self.newest.fields.iter();
        let deleted = lost.filter_map(|lost| Some((lost.field.as_str(), lost.before.as_deref()?)));
        let deleted = Map::from_iter(deleted);
        let older = Account::of(self.entries.get(1..).unwrap_or_default());
        let mut fields = deleted.clone();
        let mut writes = Vec::new();
        for (name, made) in older.map(|account| account.fields).unwrap_or_default() {
            // A store that does not tell what a contact held when it went left it as it was.
            let held = if deleted.is_empty() {
                made.after
            } else {
                deleted.get(name).copied()
            };
            if made.since(&held) == Since::AsLeft {
                match made.before {
                    Some(value) => fields.insert(name, value),
                    None => fields.remove(name),
                };
                writes.push(FieldWrite {
                    name: name.to_owned(),
                    value: made.before.map(str::to_owned),
                });
            }
        }
        let precondition = Precondition {
            contact: self.newest.contact.clone(),
            version: self.newest.version,
        };
        let lists = self.account.lists.iter();
        let moves = Moves {
            fields: fields
                .into_iter()
                .map(|(name, value)| FieldChange {
                    field: name.to_owned(),
                    before: None,
                    after: Some(value.to_owned()),
                })
                .collect(),
            joins: lists
                .filter(|(_, made)| made.before)
                .map(|(list, _)| (*list).to_owned())
                .collect(),
            stays: self.all_stays(),
            ..Moves::default()
        };
        let mut undoing = self.something(Effect::Create, precondition, moves);
        if let Some(reversal) = &mut undoing.reversal {
            reversal.writes = writes;
        }
        undoing
    }

    /// The contact is there and stays: each part that is as the run left it goes back.
    fn alter(&self, contact: &Contact, link: Option<Effect>) -> Undoing {
        let mut moves = self.fields(contact);
        let activity = self.activity(contact);
        self.lists(contact, link.or(activity), activity, &mut moves);
        if link.is_none() {
            self.directory(contact, &mut moves);
        } else {
            moves.stays = self.all_stays();
        }
        let altered =
            !(moves.fields.is_empty() && moves.joins.is_empty() && moves.leaves.is_empty());
        let effect = link.or(activity).or(altered.then_some(Effect::Update));
        let is_changed = |staying: &Staying| staying.why == Stays::Changed;
        match effect {
            Some(effect) => self.something(effect, contact.precondition(), moves),
            None => {
                let stays = moves.stays;
                let nothing = if !moves.left_alone.is_empty() || stays.iter().any(is_changed) {
                    self.edited_since(moves.left_alone)
                } else if !stays.is_empty() {
                    self.nothing(Effect::Skip, Reason::StaysInDirectory, Vec::new())
                } else {
                    self.unchanged()
                };
                Undoing { stays, ..nothing }
            }
        }
    }

    /// What the run gave the directory, with the fields that go with it.
    fn directory(&self, contact: &Contact, moves: &mut Moves) {
        for (attribute, given) in &self.account.directory {
            let back = match (&self.now.there, contact.link.is_some()) {
                (Some(there), true) => there.back(attribute, given, contact),
                // Somebody took the link away since.
                _ => Back::Stays(Stays::Changed),
            };
            match back {
                Back::AsBefore => {}
                Back::Both(attribute, field) => {
                    moves.directory.push(attribute);
                    moves.fields.push(field);
                }
                Back::Stays(why) => moves.stays.push(Staying {
                    attribute: (*attribute).to_owned(),
                    field: given.field.to_owned(),
                    why,
                }),
            }
        }
        ordered::sort(&mut moves.fields);
    }

    fn something(&self, effect: Effect, contact: Precondition, moves: Moves) -> Undoing {
        let removes = matches!(effect, Effect::Unlink | Effect::Deactivate | Effect::Delete);
        let evidence = Evidence::Undone(self.run.to_owned());
        let writes = moves.fields.iter().map(|change| FieldWrite {
            name: change.field.clone(),
            value: change.after.clone(),
        });
        Undoing {
            reversal: Some(Reversal {
                contact: contact.clone(),
                object_id: self.newest.object_id.clone(),
                entries: self.entries.iter().map(|entry| entry.number).collect(),
                writes: writes.collect(),
                directory: Vec::new(),
                evidence: evidence.clone(),
            }),
            entry: PlanEntry {
                object_id: self.newest.object_id.clone(),
                contact: Some(contact.contact),
                effect,
                reason: Reason::Undo.code().to_owned(),
                fields: moves.fields,
                joins: moves.joins,
                leaves: moves.leaves,
                evidence: removes.then_some(evidence),
                directory: moves.directory,
                version: Some(contact.version),
            },
            left_alone: moves.left_alone,
            stays: moves.stays,
            is_given: self.is_given(),
        }
    }

    /// What the contact's activity has to become, if it has to.
    fn activity(&self, contact: &Contact) -> Option<Effect> {
        let made = self.account.activity?;
        match (made.since(&contact.active), made.before) {
            (Since::AsLeft, true) => Some(Effect::Reactivate),
            (Since::AsLeft, false) => Some(Effect::Deactivate),
            (Since::AsBefore | Since::Changed, _) => None,
        }
    }

    /// Each field that the run wrote, from what it holds now back to what it held before.
    fn fields(&self, contact: &Contact) -> Moves {
        let mut moves = Moves::default();
        let with_directory = |name: &str| {
            let mut given = self.account.directory.iter();
            given.any(|(_, given)| given.field == name)
        };
        for (name, made) in &self.account.fields {
            if with_directory(name) {
                continue;
            }
            let held = contact.field(name);
            match made.since(&held) {
                Since::AsBefore => {}
                Since::Changed => moves.left_alone.push(Part::Field((*name).to_owned())),
                Since::AsLeft => moves.fields.push(FieldChange {
                    field: (*name).to_owned(),
                    before: held.map(str::to_owned),
                    after: made.before.map(str::to_owned),
                }),
            }
        }
        moves
    }

    /// Lists to join and to leave. Whoever becomes inactive or loses the link leaves all of them.
    fn lists(
        &self,
        contact: &Contact,
        effect: Option<Effect>,
        activity: Option<Effect>,
        moves: &mut Moves,
    ) {
        let taken_off = [effect, activity]
            .iter()
            .any(|effect| matches!(effect, Some(Effect::Unlink | Effect::Deactivate)));
        if taken_off {
            moves.leaves = sorted(contact.lists.clone());
            return;
        }
        let since = self
            .account
            .lists_since(&contact.lists, self.now.moved_since);
        let back = |before| {
            let lists = self.account.lists.iter();
            let moved = lists.filter(move |(_, made)| made.before != made.after);
            moved
                .filter(move |(_, made)| made.before == before)
                .map(|(list, _)| (*list).to_owned())
                .collect::<Vec<_>>()
        };
        let (joins, leaves) = (back(true), back(false));
        let is_active = contact.active || activity == Some(Effect::Reactivate);
        let is_linked = contact.link.is_some() || effect == Some(Effect::Link);
        // Where nothing was written since, all is as it was to the last list.
        let untouched = contact.version == self.newest.version;
        let may_join = untouched || (is_active && is_linked);
        match since {
            Since::AsBefore => {}
            Since::AsLeft if joins.is_empty() || may_join => {
                moves.joins = joins;
                moves.leaves = leaves;
            }
            Since::AsLeft | Since::Changed => moves.left_alone.push(Part::Lists),
        }
    }
}

fn sorted(mut lists: Vec<String>) -> Vec<String> {
    ordered::sort(&mut lists);
    lists
}

/// What goes back beside link and activity.
#[derive(Default)]
struct Moves {
    fields: Vec<FieldChange>,
    joins: Vec<String>,
    leaves: Vec<String>,
    left_alone: Vec<Part>,
    directory: Vec<AttributeChange>,
    stays: Vec<Staying>,
}

#[cfg(test)]
#[path = "invert_tests.rs"]
mod tests;
