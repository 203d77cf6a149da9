//! Where an attribute's value stands in a user of one selection, and how it is read there.

use std::borrow::Cow;

use contact_identity::ObjectId;
use contact_identity::form::{Form, is_filled};
use contact_identity::text::trimmed;
use sync_core::mapping::person::Stated;

use crate::user::{MANAGER, Members, Selection, User, Value};

use super::address;
use super::catalogue::{self, Attribute, Kind};

/// A property has a shape that its type does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnexpectedShape;

/// Whether a user has a certain value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occurrence {
    /// Yes.
    Found,
    /// No, and the page says so.
    NotFound,
    /// The page says nothing.
    Unstated,
    /// The page says something that cannot be read: neither yes nor no.
    Unknown,
}

/// An attribute, resolved to its position in the users of one selection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    attribute: &'static Attribute,
    form: Form,
    /// `None` only for `id`, which stands beside the selected values.
    position: Option<usize>,
}

impl Slot {
    pub(super) fn new(attribute: &'static Attribute, selection: &Selection) -> Self {
        Self {
            attribute,
            form: Form::Text,
            position: selection.position(attribute.property),
        }
    }

    /// Where people of the selection's kind have an attribute; `None` where nobody of them has it.
    pub(super) fn of(attribute: &'static Attribute, selection: &Selection) -> Option<Self> {
        let placed = catalogue::placed(attribute, selection.kind())?;
        Some(Self::new(placed, selection))
    }

    /// The same attribute, read as something else than a text.
    pub(super) fn read_as(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// The value, as a contact's field holds it.
    pub(super) fn read(&self, user: &User<'_>) -> Result<Stated, UnexpectedShape> {
        if let Some(id) = self.own_id(user) {
            return Ok(self.stated(id));
        }
        let value = self.value(user);
        match (self.attribute.kind, value) {
            (_, Value::Absent) => Ok(Stated::Unstated),
            (_, Value::Null) => Ok(Stated::Empty),
            (Kind::Boolean, Value::Bool(value)) => Ok(Stated::Value(value.to_string())),
            (Kind::Texts, Value::Texts(elements)) => Ok(self.first(elements)),
            (Kind::Text, Value::Members(members)) => {
                self.member(members).map(|member| match member {
                    None => Stated::Unstated,
                    Some(None) => Stated::Empty,
                    Some(Some(text)) => self.stated(text),
                })
            }
            (Kind::Text, Value::Reference(id)) => Ok(if self.is_id() {
                self.stated(id)
            } else {
                Stated::Unstated
            }),
            // A page states all records of a collection, or none.
            (Kind::Record(of_type), Value::Records(records)) => Ok(self
                .recorded(records, of_type)
                .map_or(Stated::Empty, |text| self.stated(text))),
            (Kind::Text | Kind::DateTime, Value::Text(text)) if self.attribute.member.is_none() => {
                Ok(self.stated(text))
            }
            _ => Err(UnexpectedShape),
        }
    }

    fn stated(&self, text: &str) -> Stated {
        let text = if self.is_id() {
            ObjectId::canonical(text)
        } else {
            Cow::Borrowed(text)
        };
        self.form
            .value(&text)
            .map_or(Stated::Empty, |value| Stated::Value(value.into_owned()))
    }

    /// Whether any value of the attribute fulfils the condition. Values are handed over without
    /// surrounding white space; empty ones are none.
    pub(super) fn any(
        &self,
        user: &User<'_>,
        condition: impl Fn(&str) -> bool,
    ) -> Result<Occurrence, UnexpectedShape> {
        let holds = |text: &str| {
            let text = trimmed(text);
            is_filled(text) && condition(text)
        };
        if let Some(id) = self.own_id(user) {
            return Ok(found(holds(id)));
        }
        let value = self.value(user);
        match (self.attribute.kind, value) {
            (_, Value::Absent) => Ok(Occurrence::Unstated),
            (_, Value::Null) => Ok(Occurrence::NotFound),
            (Kind::Boolean, Value::Bool(value)) => {
                Ok(found(holds(if *value { "true" } else { "false" })))
            }
            (Kind::Texts, Value::Texts(elements)) => {
                Ok(found(elements.iter().any(|element| holds(element))))
            }
            (Kind::Text, Value::Members(members)) => {
                self.member(members).map(|member| match member {
                    None => Occurrence::Unstated,
                    Some(text) => found(text.is_some_and(holds)),
                })
            }
            (Kind::Text, Value::Reference(id)) => Ok(if self.is_id() {
                found(holds(id))
            } else {
                Occurrence::Unstated
            }),
            (Kind::Record(of_type), Value::Records(records)) => {
                Ok(found(self.recorded(records, of_type).is_some_and(holds)))
            }
            (Kind::Assignments, Value::Records(records)) => Ok(self.assigned(records, holds)),
            // What cannot be read of assignments is no reason to fail with somebody: nobody writes them.
            (Kind::Assignments, _) => Ok(Occurrence::Unknown),
            (Kind::Text | Kind::DateTime, Value::Text(text)) if self.attribute.member.is_none() => {
                Ok(found(holds(text)))
            }
            _ => Err(UnexpectedShape),
        }
    }

    /// Whether an assignment that is in force is of a wanted id. One whose id cannot be read may be.
    fn assigned(&self, records: &[Members<'_>], wanted: impl Fn(&str) -> bool) -> Occurrence {
        let mut unknown = false;
        for record in records.iter().filter(|record| is_in_force(record)) {
            match self.member(record) {
                Ok(Some(Some(id))) if is_filled(trimmed(id)) => {
                    if wanted(id) {
                        return Occurrence::Found;
                    }
                }
                _ => unknown = true,
            }
        }
        if unknown {
            Occurrence::Unknown
        } else {
            Occurrence::NotFound
        }
    }

    /// The member of the record that stands for the collection, where there is one.
    fn recorded<'value>(
        &self,
        records: &'value [Members<'_>],
        of_type: Option<&str>,
    ) -> Option<&'value str> {
        let is_wanted = |record: &&Members<'_>| {
            of_type.is_none_or(|wanted| {
                let mut types = record.iter().filter(|(name, _)| name == "type");
                types.any(|(_, text)| text.as_deref() == Some(wanted))
            })
        };
        let record = records.iter().find(is_wanted)?;
        let name = self.attribute.member?;
        let member = record.iter().find(|(candidate, _)| candidate == name);
        member?.1.as_deref()
    }

    fn value<'user, 'page>(&self, user: &'user User<'page>) -> &'user Value<'page> {
        self.position
            .map_or(&Value::Absent, |position| user.value(position))
    }

    fn own_id<'user>(&self, user: &'user User<'_>) -> Option<&'user str> {
        match self.attribute.property {
            "id" => user.id.as_deref(),
            _ => None,
        }
    }

    /// The element of a collection that stands for it: the primary address of `proxyAddresses`, the
    /// first that is a value of every other.
    fn first(&self, elements: &[Cow<'_, str>]) -> Stated {
        let texts = elements.iter().map(|element| trimmed(element));
        let chosen = match self.attribute.property {
            "proxyAddresses" => address::primary(texts).and_then(|text| self.form.value(text)),
            _ => texts.into_iter().find_map(|text| self.form.value(text)),
        };
        chosen.map_or(Stated::Empty, |value| Stated::Value(value.into_owned()))
    }

    /// Whether the attribute is the id of another object.
    fn is_id(&self) -> bool {
        self.attribute.member == Some("id")
    }

    /// The attribute's member of a complex value; `None` where the value does not mention it, or is of
    /// somebody whom the application may not read.
    fn member<'value>(
        &self,
        members: &'value Members<'_>,
    ) -> Result<Option<Option<&'value str>>, UnexpectedShape> {
        let name = self.attribute.member.ok_or(UnexpectedShape)?;
        if self.attribute.property == MANAGER && !self.is_id() && !is_readable(members) {
            return Ok(None);
        }
        let member = members.iter().find(|(candidate, _)| candidate == name);
        Ok(member.map(|(_, text)| text.as_deref()))
    }
}

/// Whether what is stated of somebody is what the directory has. Of an object of a kind that the application
/// may not read Graph states the type and the id, and null for all the rest
/// (<https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects>);
/// everybody has a display name.
fn is_readable(members: &Members<'_>) -> bool {
    let mut names = members.iter().filter(|(name, _)| name == "displayName");
    names.any(|(_, text)| text.as_deref().is_some_and(is_filled))
}

/// Whether somebody may use what is assigned. A plan stays assigned when it is suspended or switched off; in
/// the days of grace after a subscription, it is `Warning`
/// (<https://learn.microsoft.com/graph/api/resources/assignedplan>). Licenses have no such state.
fn is_in_force(record: &Members<'_>) -> bool {
    let state = record.iter().find(|(name, _)| name == "capabilityStatus");
    let state = state.and_then(|(_, state)| state.as_deref());
    state.is_none_or(|state| ["Enabled", "Warning"].contains(&state))
}

fn found(found: bool) -> Occurrence {
    if found {
        Occurrence::Found
    } else {
        Occurrence::NotFound
    }
}
