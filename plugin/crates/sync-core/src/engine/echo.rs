//! The echo of what the directory was given: an own write that a page shows, late or early, is nobody's change.

use std::borrow::Cow;

use guest_kit::ordered::Map;

use crate::contact::{Contact, Field, GivenChange, ObjectId, Update};
use crate::mapping::person::{Item, Person, Stated};
use crate::mapping::rows::Row;
use crate::ports::{AttributeChange, StateWrite, Timestamp};
use crate::reconcile::decision::{Action, Addition, Decision};

use super::given::{Given, GivenValue};
use super::run_abort::RunAbort;
use super::session::Session;

/// What the directory was given of the people of a page.
pub(super) struct Echoes<'s, 'a> {
    session: &'s Session<'a>,
    given: Map<ObjectId, Given>,
}

impl<'s, 'a> Echoes<'s, 'a> {
    /// # Errors
    ///
    /// Where the state cannot be read.
    pub(super) fn among(session: &'s Session<'a>, items: &[Item]) -> Result<Self, RunAbort> {
        let given = if session.settings.writes_directory() {
            Given::lately_of(
                session.ports.state,
                items.iter().filter_map(Item::object_id),
            )?
        } else {
            Map::new()
        };
        Ok(Self { session, given })
    }

    /// The people, without what has not arrived yet: of that the page says nothing.
    pub(super) fn without_late<'i>(&self, items: &'i [Item]) -> Cow<'i, [Item]> {
        if self.given.is_empty() {
            return Cow::Borrowed(items);
        }
        let told = |item: &Item| match item {
            Item::Live(person) => match self.given.get(&person.object_id) {
                Some(given) => Item::Live(self.without_late_values(person, given)),
                None => item.clone(),
            },
            Item::Gone { .. } | Item::Nameless => item.clone(),
        };
        items.iter().map(told).collect()
    }

    /// Whether something of a person on the page has not arrived yet.
    pub(super) fn is_late(&self, item: &Item) -> bool {
        let Item::Live(person) = item else {
            return false;
        };
        let now = self.session.ports.clock.now();
        self.given.get(&person.object_id).is_some_and(|given| {
            let mut stated = self.stated(person);
            stated.any(|(row, stated)| is_late(given, row, stated, now))
        })
    }

    fn without_late_values(&self, person: &Person, given: &Given) -> Person {
        let now = self.session.ports.clock.now();
        let fields = self.stated(person).map(|(row, stated)| {
            if is_late(given, row, stated, now) {
                Stated::Unstated
            } else {
                stated.clone()
            }
        });
        Person {
            fields: fields.collect(),
            ..person.clone()
        }
    }

    /// Somebody as they are once what was given has arrived.
    pub(super) fn arrived(&self, item: &Item) -> Item {
        let (Item::Live(person), Some(given)) =
            (item, item.object_id().and_then(|user| self.given.get(user)))
        else {
            return item.clone();
        };
        let now = self.session.ports.clock.now();
        let fields = self.stated(person).map(|(row, stated)| {
            if !is_late(given, row, stated, now) {
                return stated.clone();
            }
            match given.newest(row) {
                Some(Some(value)) => Stated::Value(value.to_owned()),
                Some(None) => Stated::Empty,
                None => stated.clone(),
            }
        });
        Item::Live(Person {
            fields: fields.collect(),
            ..person.clone()
        })
    }

    /// What the directory was asked to take of somebody without an answer that tells whether it did.
    pub(super) fn unanswered(&self, user: &ObjectId) -> Vec<AttributeChange> {
        let given = self.given.get(user);
        let lately = given.into_iter().flat_map(|given| &given.lately);
        lately
            .filter(|known| !known.is_certain)
            .map(|known| known.change.clone())
            .collect()
    }

    /// What a run that died gave the directory, and what a decision finds there: it comes into the journal with the
    /// change that moves the base, and is certain from then on. What is to be kept for that.
    pub(super) fn journal_arrived(
        &self,
        decision: &mut Decision,
    ) -> Result<Vec<StateWrite>, RunAbort> {
        let user = &decision.object_id;
        let Action::Add(Addition::Update(Update {
            base: Some(base),
            directory,
            ..
        })) = &mut decision.action
        else {
            return Ok(Vec::new());
        };
        let Some(given) = self.given.get(user) else {
            return Ok(Vec::new());
        };
        let rows = self.session.settings.rows.iter();
        let written = rows.filter(|row| row.direction.writes_directory());
        let arrived: Vec<_> = written
            .filter_map(|row| {
                let agreed = base.iter().find(|field| field.name == row.field);
                let agreed = agreed.map(|field| field.value.as_str());
                given.arrived(row, agreed).map(|known| (row, known))
            })
            .collect();
        if arrived.is_empty() {
            return Ok(Vec::new());
        }
        let state = self.session.ports.state;
        let mut kept = Given::of(state, std::iter::once(user))?;
        let mut kept = kept.remove(user).unwrap_or_default();
        for (row, known) in arrived {
            directory.push(GivenChange {
                change: known.change.clone(),
                field: row.field.clone(),
                answered: true,
            });
            kept.put(GivenValue {
                is_certain: true,
                ..known.clone()
            });
        }
        kept.save(user)
    }

    /// Sets the base of contacts whose directory user shows what was given, while the base is still what it was
    /// given in the place of: whoever gave it died, or the contact was edited, before the base had moved. From
    /// there on it is told which side moves; otherwise the own write would be taken for somebody's edit, and could
    /// overrule a newer one of the contact.
    pub(super) fn agree(&self, items: &[Item], contacts: &mut [Contact]) {
        if self.given.is_empty() {
            return;
        }
        for Contact { link, fields, .. } in contacts {
            let Some(link) = link else {
                continue;
            };
            let Some(given) = self.given.get(&link.object_id) else {
                continue;
            };
            let person = items.iter().find_map(|item| match item {
                Item::Live(person) if person.object_id == link.object_id => Some(person),
                _ => None,
            });
            for (row, stated) in person.into_iter().flat_map(|person| self.stated(person)) {
                let Some(value) = value_of(stated) else {
                    continue;
                };
                let place = link.base.iter().position(|field| field.name == row.field);
                let base = place.and_then(|place| link.base.get(place));
                let held = fields.iter().find(|field| field.name == row.field);
                let base = base.map(|field| field.value.as_str());
                let is_echo = given.is_echo(row, value, base);
                // Where the contact holds it, too, the merge moves the base itself, and keeps that.
                let held = held.map(|field| field.value.as_str());
                if !is_echo || row.form().is_same(held, value) {
                    continue;
                }
                if let Some(place) = place {
                    link.base.remove(place);
                }
                link.base.extend(value.map(|value| Field {
                    name: row.field.clone(),
                    value: value.to_owned(),
                }));
            }
        }
    }

    fn stated<'p>(&'p self, person: &'p Person) -> impl Iterator<Item = (&'p Row, &'p Stated)> {
        self.session.settings.rows.iter().zip(&person.fields)
    }
}

fn is_late(given: &Given, row: &Row, stated: &Stated, now: Timestamp) -> bool {
    row.direction.writes_directory()
        && value_of(stated).is_some_and(|value| given.is_late(row, value, now))
}

/// The value that is stated, or that there is none; `None` where nothing is said.
fn value_of(stated: &Stated) -> Option<Option<&str>> {
    match stated {
        Stated::Value(value) => Some(Some(value)),
        Stated::Empty => Some(None),
        Stated::Unstated | Stated::Assumed(_) => None,
    }
}
