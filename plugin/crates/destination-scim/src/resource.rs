//! A resource as a server tells it. Names of attributes are compared without regard to case (RFC 7643, section 2.1),
//! and an attribute that is empty, `null` or not there is all the same (section 2.5).

use destination_kit::destination::{Guard, Record};
use guest_kit::json;
use serde_json::{Map, Value};

use crate::fields::{ENTERPRISE, FIELDS, Place, Values};
use crate::tie::Owner;

/// The members of a JSON object.
pub(crate) type Object = Map<String, Value>;

/// The member of a name, however its case is; `None` where it is `null`.
pub(crate) fn member<'o>(object: &'o Object, name: &str) -> Option<&'o Value> {
    let exact = object.get(name);
    let found = exact.or_else(|| {
        let mut members = object.iter();
        members
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    });
    found.filter(|value| !value.is_null())
}

/// The text of a member; `None` where it is empty, or no text.
pub(crate) fn text<'o>(object: &'o Object, name: &str) -> Option<&'o str> {
    let text = member(object, name)?.as_str()?;
    (!text.is_empty()).then_some(text)
}

pub(crate) fn object<'o>(parent: &'o Object, name: &str) -> Option<&'o Object> {
    member(parent, name)?.as_object()
}

/// The number of a member, also where it is written as text.
pub(crate) fn number(object: &Object, name: &str) -> Option<u64> {
    let value = member(object, name)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Truth, also where it is written as text: servers exist that were made for clients that do so.
pub(crate) fn truth(object: &Object, name: &str) -> Option<bool> {
    match member(object, name)? {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The elements of a member with several values; a single one may stand for itself.
pub(crate) fn elements<'o>(object: &'o Object, name: &str) -> Vec<&'o Object> {
    match member(object, name) {
        Some(Value::Array(elements)) => elements.iter().filter_map(Value::as_object).collect(),
        Some(Value::Object(element)) => vec![element],
        _ => Vec::new(),
    }
}

/// A user, or a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Resource(pub(crate) Object);

impl Resource {
    /// Reads the body of an answer; `None` where it is not one resource.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        Self::of(json::value(body)?)
    }

    /// `None` where it is no object, or has no id.
    pub(crate) fn of(value: Value) -> Option<Self> {
        let Value::Object(members) = value else {
            return None;
        };
        let resource = Self(members);
        (!resource.id().is_empty()).then_some(resource)
    }

    pub(crate) fn id(&self) -> &str {
        text(&self.0, "id").unwrap_or_default()
    }

    pub(crate) fn display_name(&self) -> Option<&str> {
        text(&self.0, "displayName")
    }

    pub(crate) fn external_id(&self) -> Option<&str> {
        text(&self.0, "externalId")
    }

    pub(crate) fn owner(&self) -> Owner {
        Owner::of(self.external_id())
    }

    /// `meta.version`: the entity tag of the resource (RFC 7644, section 3.14).
    pub(crate) fn version(&self) -> Option<&str> {
        text(object(&self.0, "meta")?, "version")
    }

    /// When it was made, as it is written there.
    pub(crate) fn created(&self) -> Option<&str> {
        text(object(&self.0, "meta")?, "created")
    }

    pub(crate) fn active(&self) -> Option<bool> {
        truth(&self.0, "active")
    }

    /// Ids of the members of a group, each as often as it is there; `None` where they are not told.
    pub(crate) fn members(&self) -> Option<Vec<&str>> {
        member(&self.0, "members")?;
        let elements = elements(&self.0, "members").into_iter();
        Some(
            elements
                .filter_map(|element| text(element, "value"))
                .collect(),
        )
    }

    /// The value at a place.
    pub(crate) fn value(&self, place: Place) -> Option<&str> {
        match place {
            Place::Attribute(name) => text(&self.0, name),
            Place::Part(name, part) => text(object(&self.0, name)?, part),
            Place::Enterprise(name) => text(object(&self.0, ENTERPRISE)?, name),
            Place::Element(values, kind) => {
                let elements = elements(&self.0, values.name());
                let place = element_of(&elements, values, kind)?;
                text(elements.get(place)?, "value")
            }
        }
    }

    /// The user in the contract's words. `is_told`: users of this server are active or not; `is_guarded`: their
    /// versions keep others out.
    pub(crate) fn record(&self, is_told: bool, is_guarded: bool) -> Record {
        let filled = FIELDS.iter().filter_map(|field| {
            let value = self.value(field.place)?;
            Some((field.name.to_owned(), value.to_owned()))
        });
        let mut fields: Vec<_> = filled.collect();
        fields.sort();
        Record {
            id: self.id().to_owned(),
            fields,
            // Whoever is not said to be inactive is active.
            active: is_told.then(|| self.active().unwrap_or(true)),
            lists: None,
            tie: match self.owner() {
                Owner::Connector(tie) => Some(tie),
                Owner::Nobody | Owner::Somebody => None,
            },
            guard: self
                .version()
                .filter(|_| is_guarded)
                .map(|version| Guard(version.to_owned())),
            native: json::to_bytes(&self.0).unwrap_or_default(),
        }
    }

    /// The user that a record was made of.
    pub(crate) fn of_record(record: &Record) -> Self {
        Self::read(&record.native).unwrap_or_default()
    }
}

/// Which of the elements is that of a type: one that has it, else one that has none, where those count for it.
pub(crate) fn element_of(elements: &[&Object], values: Values, kind: &str) -> Option<usize> {
    let is_filled = |element: &&Object| text(element, "value").is_some();
    let typed = elements.iter().position(|element| {
        let of_kind = text(element, "type").is_some_and(|known| known.eq_ignore_ascii_case(kind));
        of_kind && is_filled(element)
    });
    let untyped = || {
        let untyped = |element: &&Object| text(element, "type").is_none() && is_filled(element);
        elements.iter().position(untyped)
    };
    typed.or_else(|| (values.untyped() == kind).then(untyped).flatten())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(user: Value) -> Record {
        Resource::of(user).unwrap().record(true, true)
    }

    fn field<'r>(record: &'r Record, name: &str) -> Option<&'r str> {
        let mut fields = record.fields.iter();
        fields
            .find(|(field, _)| field == name)
            .map(|(_, value)| &**value)
    }

    #[test]
    fn nothing_has_many_forms() {
        for nothing in [
            json!({"id": "1"}),
            json!({"id": "1", "displayName": "", "title": null, "name": null, "emails": [], "phoneNumbers": {}}),
            json!({"id": "1", "name": {"givenName": ""}, "emails": [{"type": "work"}], ENTERPRISE: {}}),
            json!({"id": "1", "name": "Ana", "emails": ["ana@contoso.example"], "externalId": ""}),
        ] {
            let record = record(nothing);
            assert_eq!((record.fields, record.tie), (vec![], None));
            assert_eq!((record.active, record.guard), (Some(true), None));
        }
    }

    #[test]
    fn names_are_compared_without_regard_to_case() {
        let record = record(json!({
            "ID": "1", "UserName": "ana", "Name": {"GivenName": "Ana"}, "Active": false,
            "Emails": [{"Value": "ana@contoso.example", "Type": "Work"}],
            "URN:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"Department": "Sales"},
            "Meta": {"Version": "W/\"1\""},
        }));
        let told: Vec<_> = record
            .fields
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        let expected = [
            ("email", "ana@contoso.example"),
            ("first_name", "Ana"),
            ("group", "Sales"),
            ("user_name", "ana"),
        ];
        assert_eq!(told, expected);
        assert_eq!(record.active, Some(false));
        assert_eq!(record.guard, Some(Guard("W/\"1\"".to_owned())));
    }

    #[test]
    fn the_address_at_work_is_the_one_and_one_without_a_type_stands_for_it() {
        let address = |value: &str, kind: Option<&str>| match kind {
            Some(kind) => json!({"value": value, "type": kind}),
            None => json!({"value": value}),
        };
        for (addresses, expected) in [
            (
                vec![
                    address("a@home.example", Some("home")),
                    address("a@work.example", Some("work")),
                ],
                Some("a@work.example"),
            ),
            (
                vec![
                    address("a@any.example", None),
                    address("a@work.example", Some("work")),
                ],
                Some("a@work.example"),
            ),
            (vec![address("a@any.example", None)], Some("a@any.example")),
            (vec![address("a@home.example", Some("home"))], None),
        ] {
            let record = record(json!({"id": "1", "emails": addresses}));
            assert_eq!(field(&record, "email"), expected);
        }
    }

    #[test]
    fn truth_is_read_also_from_text() {
        for (active, expected) in [
            (json!(false), Some(false)),
            (json!("False"), Some(false)),
            (json!("TRUE"), Some(true)),
            (json!(0), Some(true)),
        ] {
            assert_eq!(
                record(json!({"id": "1", "active": active})).active,
                expected
            );
        }
        let user = Resource::of(json!({"id": "1", "active": false})).unwrap();
        assert_eq!(user.record(false, false).active, None);
    }

    #[test]
    fn members_that_are_not_told_are_not_none() {
        let group = |group: Value| Resource::of(group).unwrap();
        assert_eq!(group(json!({"id": "1"})).members(), None);
        assert_eq!(
            group(json!({"id": "1", "members": []})).members(),
            Some(vec![])
        );
        let two = json!({"id": "1", "members": [{"value": "a"}, {"value": "b", "display": "B"}]});
        assert_eq!(group(two).members(), Some(vec!["a", "b"]));
    }

    #[test]
    fn what_has_no_id_is_no_resource() {
        for value in [json!([]), json!({}), json!({"id": ""}), json!({"id": 5})] {
            assert_eq!(Resource::of(value), None);
        }
    }
}
