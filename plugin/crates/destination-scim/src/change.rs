//! A change of a user as a value: what is to be different, and the two forms in which a server takes it.
//!
//! By PATCH (RFC 7644, section 3.5.2), every value has an operation of its own, by a path that names an attribute. A
//! path that selects an element by a filter is never sent: of an element that is not there, servers refuse it. So all
//! elements of an attribute are stated as they were read, with the one that changes among them.
//!
//! By PUT (section 3.5.1), the whole user is stated as it was read, with what changes.

use std::collections::BTreeMap;

use destination_kit::contract::{FieldWrite, Refusal};
use destination_kit::destination::{Draft, Tie};
use guest_kit::json;
use serde_json::{Map, Value};

use crate::fields::{ENTERPRISE, Place, USER, Values, place};
use crate::refusal::refusal;
use crate::resource::{Object, Resource, element_of, elements};
use crate::tie;

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What a server makes itself, and is not stated (RFC 7643, sections 3.1 and 4.1.2).
const READ_ONLY: [&str; 2] = ["meta", "groups"];

/// What is to be different of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    values: BTreeMap<Place, Option<String>>,
    pub(crate) active: Option<bool>,
    external_id: Option<Option<String>>,
}

impl Change {
    /// # Errors
    ///
    /// For a field that a user has not.
    pub(crate) fn of(
        writes: &[FieldWrite],
        active: Option<bool>,
        tie: Option<Option<&Tie>>,
    ) -> Result<Self, Refusal> {
        let mut values = BTreeMap::new();
        for FieldWrite { name, value } in writes {
            let place = place(name).ok_or_else(|| refusal(Some(name), "unknown-field"))?;
            values.insert(place, value.clone());
        }
        Ok(Self {
            values,
            active,
            external_id: tie.map(|tie| tie.map(tie::written)),
        })
    }

    /// A user that is made.
    ///
    /// # Errors
    ///
    /// As [`Change::of`].
    pub(crate) fn making(draft: &Draft, deactivates: bool) -> Result<Self, Refusal> {
        let fields = draft.fields.iter();
        let writes: Vec<_> = fields
            .map(|(name, value)| FieldWrite {
                name: name.clone(),
                value: Some(value.clone()),
            })
            .collect();
        let active = deactivates.then_some(draft.active);
        Self::of(&writes, active, draft.tie.as_ref().map(Some))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.active.is_none() && self.external_id.is_none()
    }

    /// Whether elements are stated that do not change.
    pub(crate) fn states_elements(&self) -> bool {
        let mut places = self.values.keys();
        places.any(|place| matches!(place, Place::Element(..)))
    }

    pub(crate) fn writes_user_name(&self) -> bool {
        self.values.contains_key(&Place::Attribute("userName"))
    }

    /// Whether a user is as it was to be.
    pub(crate) fn is_shown_by(&self, user: &Resource) -> bool {
        self.left(user).is_empty()
    }

    /// What of it a user does not show.
    pub(crate) fn left(&self, user: &Resource) -> Self {
        let values = self.values.iter();
        let missing = values.filter(|(place, value)| user.value(**place) != value.as_deref());
        Self {
            values: missing
                .map(|(place, value)| (*place, value.clone()))
                .collect(),
            active: self
                .active
                .filter(|active| user.active().unwrap_or(true) != *active),
            external_id: self
                .external_id
                .clone()
                .filter(|to_be| user.external_id() != to_be.as_deref()),
        }
    }

    /// What of it a user shows as it was before: what the server has not done. A value that is neither what was there
    /// nor what was sent is the server's own form of what was sent.
    pub(crate) fn not_done(&self, before: &Resource, after: &Resource) -> Self {
        let mut left = self.left(after);
        left.values
            .retain(|place, value| value.is_none() || after.value(*place) == before.value(*place));
        left.external_id = left
            .external_id
            .filter(|to_be| to_be.is_none() || after.external_id() == before.external_id());
        left
    }

    /// The field that is first among what is to be different.
    pub(crate) fn first_field(&self) -> Option<&'static str> {
        let place = self.values.keys().next()?;
        let mut fields = crate::fields::FIELDS.iter();
        fields
            .find(|field| field.place == *place)
            .map(|field| field.name)
    }

    /// The body of a POST.
    pub(crate) fn created(&self, active_as_text: bool) -> Value {
        self.whole(&Resource::default(), active_as_text)
    }

    /// The body of a PUT: the user as it was read, with what changes.
    pub(crate) fn whole(&self, known: &Resource, active_as_text: bool) -> Value {
        let mut members = known.0.clone();
        members.retain(|name, _| {
            !READ_ONLY
                .iter()
                .any(|read_only| name.eq_ignore_ascii_case(read_only))
        });
        for (place, value) in &self.values {
            let text = value.as_deref().map(Value::from);
            match place {
                Place::Attribute(name) => set(&mut members, name, text),
                Place::Part(name, part) => set_in(&mut members, name, part, text),
                Place::Enterprise(name) => set_in(&mut members, ENTERPRISE, name, text),
                Place::Element(..) => {}
            }
        }
        for (values, elements) in self.elements(known) {
            let elements = (!elements.is_empty()).then_some(Value::Array(elements));
            set(&mut members, values.name(), elements);
        }
        if let Some(active) = self.active {
            set(&mut members, "active", Some(truth(active, active_as_text)));
        }
        if let Some(external_id) = &self.external_id {
            let text = external_id.as_deref().map(Value::from);
            set(&mut members, "externalId", text);
        }
        let has_extension = members
            .keys()
            .any(|name| name.eq_ignore_ascii_case(ENTERPRISE));
        let mut schemas = schemas_of(known);
        if has_extension && !schemas.iter().any(|schema| schema == ENTERPRISE) {
            schemas.push(ENTERPRISE.to_owned());
        }
        set(&mut members, "schemas", Some(Value::from(schemas)));
        Value::Object(members)
    }

    /// The body of a PATCH of a user as it was read.
    pub(crate) fn patch(&self, known: &Resource, active_as_text: bool) -> Value {
        let mut operations = Vec::new();
        for (place, value) in &self.values {
            let path = match place {
                Place::Attribute(name) => (*name).to_owned(),
                Place::Part(name, part) => format!("{name}.{part}"),
                Place::Enterprise(name) => format!("{ENTERPRISE}:{name}"),
                Place::Element(..) => continue,
            };
            operations.push(operation(path, value.as_deref().map(Value::from)));
        }
        for (values, elements) in self.elements(known) {
            let elements = (!elements.is_empty()).then_some(Value::Array(elements));
            operations.push(operation(values.name().to_owned(), elements));
        }
        if let Some(active) = self.active {
            let truth = truth(active, active_as_text);
            operations.push(operation("active".to_owned(), Some(truth)));
        }
        if let Some(external_id) = &self.external_id {
            let text = external_id.as_deref().map(Value::from);
            operations.push(operation("externalId".to_owned(), text));
        }
        patch(operations)
    }

    /// The elements of each attribute of which one changes, as they are to be.
    fn elements(&self, known: &Resource) -> BTreeMap<Values, Vec<Value>> {
        let mut changed: BTreeMap<Values, Vec<Object>> = BTreeMap::new();
        for (place, value) in &self.values {
            let Place::Element(values, kind) = place else {
                continue;
            };
            let now = changed.entry(*values).or_insert_with(|| {
                let elements = elements(&known.0, values.name()).into_iter();
                elements.cloned().collect()
            });
            let there = element_of(&now.iter().collect::<Vec<_>>(), *values, kind);
            match (there, value) {
                (Some(there), Some(value)) => {
                    if let Some(element) = now.get_mut(there) {
                        set(element, "value", Some(Value::from(&**value)));
                        // Of another number, or address, than this one.
                        set(element, "display", None);
                    }
                }
                (Some(there), None) => {
                    now.remove(there);
                }
                (None, Some(value)) => now.push(element(*values, kind, value, now.is_empty())),
                (None, None) => {}
            }
        }
        let as_values = |elements: Vec<Object>| elements.into_iter().map(Value::Object).collect();
        changed
            .into_iter()
            .map(|(values, elements)| (values, as_values(elements)))
            .collect()
    }
}

/// The body of a PATCH.
pub(crate) fn patch(operations: Vec<Value>) -> Value {
    json::object([
        ("schemas", Value::from(vec![PATCH])),
        ("Operations", Value::Array(operations)),
    ])
}

/// An operation that states a value, or takes it away.
pub(crate) fn operation(path: String, value: Option<Value>) -> Value {
    match value {
        Some(value) => json::object([
            ("op", Value::from("replace")),
            ("path", Value::from(path)),
            ("value", value),
        ]),
        None => json::object([("op", Value::from("remove")), ("path", Value::from(path))]),
    }
}

/// A new element. The first address is the one that mail goes to.
fn element(values: Values, kind: &str, value: &str, is_first: bool) -> Object {
    let mut element = Map::new();
    element.insert("value".to_owned(), Value::from(value));
    element.insert("type".to_owned(), Value::from(kind));
    if is_first && values == Values::Emails {
        element.insert("primary".to_owned(), Value::from(true));
    }
    element
}

fn truth(truth: bool, as_text: bool) -> Value {
    match (truth, as_text) {
        (truth, false) => Value::from(truth),
        (true, true) => Value::from("True"),
        (false, true) => Value::from("False"),
    }
}

/// The schemas that a user says to be of, and at least that of users.
fn schemas_of(known: &Resource) -> Vec<String> {
    let told = crate::resource::member(&known.0, "schemas").and_then(Value::as_array);
    let told = told.into_iter().flatten().filter_map(Value::as_str);
    let mut schemas: Vec<_> = told.map(str::to_owned).collect();
    if !schemas.iter().any(|schema| schema == USER) {
        schemas.insert(0, USER.to_owned());
    }
    schemas
}

/// Sets a member, under the name that it has there, or takes it away.
fn set(members: &mut Object, name: &str, value: Option<Value>) {
    let known = members
        .keys()
        .find(|known| known.eq_ignore_ascii_case(name));
    let name = known.cloned().unwrap_or_else(|| name.to_owned());
    match value {
        Some(value) => members.insert(name, value),
        None => members.remove(&name),
    };
}

/// The same, of a member of a member.
fn set_in(members: &mut Object, name: &str, part: &str, value: Option<Value>) {
    let mut inside = crate::resource::object(members, name)
        .cloned()
        .unwrap_or_default();
    set(&mut inside, part, value);
    let inside = (!inside.is_empty()).then_some(Value::Object(inside));
    set(members, name, inside);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(writes: &[(&str, Option<&str>)]) -> Change {
        let writes: Vec<_> = writes
            .iter()
            .map(|(name, value)| FieldWrite {
                name: (*name).to_owned(),
                value: value.map(str::to_owned),
            })
            .collect();
        Change::of(&writes, None, None).unwrap()
    }

    fn user(value: Value) -> Resource {
        Resource::of(value).unwrap()
    }

    fn operations(change: &Change, known: &Resource) -> Value {
        change.patch(known, false)["Operations"].clone()
    }

    #[test]
    fn a_user_is_made_of_attributes_parts_elements_and_the_extension() {
        let made = change(&[
            ("user_name", Some("ana@contoso.example")),
            ("first_name", Some("Ana")),
            ("email", Some("ana@contoso.example")),
            ("phone_number", Some("+12065550001")),
            ("group", Some("Sales")),
        ]);
        let expected = json!({
            "schemas": [USER, ENTERPRISE],
            "userName": "ana@contoso.example",
            "name": {"givenName": "Ana"},
            "emails": [{"value": "ana@contoso.example", "type": "work", "primary": true}],
            "phoneNumbers": [{"value": "+12065550001", "type": "mobile"}],
            ENTERPRISE: {"department": "Sales"},
        });
        assert_eq!(made.created(false), expected);
    }

    #[test]
    fn an_operation_names_an_attribute_and_never_an_element() {
        let known = user(json!({
            "id": "1", "displayName": "Ana",
            "emails": [
                {"value": "a@home.example", "type": "home", "primary": true},
                {"value": "a@work.example", "type": "Work", "display": "At work", "x": 1},
            ],
        }));
        let change = change(&[
            ("email", Some("b@work.example")),
            ("contact_name", None),
            ("group", Some("Sales")),
            ("last_name", Some("B")),
        ]);
        let expected = json!([
            {"op": "remove", "path": "displayName"},
            {"op": "replace", "path": "name.familyName", "value": "B"},
            {"op": "replace", "path": format!("{ENTERPRISE}:department"), "value": "Sales"},
            {"op": "replace", "path": "emails", "value": [
                {"value": "a@home.example", "type": "home", "primary": true},
                {"value": "b@work.example", "type": "Work", "x": 1},
            ]},
        ]);
        assert_eq!(operations(&change, &known), expected);
    }

    #[test]
    fn two_elements_of_one_attribute_are_one_operation() {
        let known = user(json!({"id": "1", "phoneNumbers": [
            {"value": "1", "type": "mobile"}, {"value": "2", "type": "fax"}, {"value": "3", "type": "work"},
        ]}));
        let change = change(&[("phone_number", None), ("work_phone", Some("4"))]);
        let expected = json!([{"op": "replace", "path": "phoneNumbers", "value": [
            {"value": "2", "type": "fax"}, {"value": "4", "type": "work"},
        ]}]);
        assert_eq!(operations(&change, &known), expected);
    }

    #[test]
    fn the_last_element_that_goes_takes_the_attribute_with_it() {
        let known = user(json!({"id": "1", "emails": [{"value": "a@x.example"}]}));
        let change = change(&[("email", None)]);
        assert_eq!(
            operations(&change, &known),
            json!([{"op": "remove", "path": "emails"}])
        );
        assert_eq!(
            change.whole(&known, false),
            json!({"id": "1", "schemas": [USER]})
        );
    }

    #[test]
    fn a_whole_user_keeps_what_is_others_and_the_names_that_are_there() {
        let known = user(json!({
            "schemas": ["urn:x", USER], "id": "1", "UserName": "ana", "Title": "A", "urn:x": {"size": 38},
            "name": {"givenName": "Ana", "honorificPrefix": "Dr."},
            "meta": {"version": "1"}, "groups": [{"value": "g"}],
        }));
        let mut change = change(&[("job_title", Some("B")), ("first_name", None)]);
        change.active = Some(false);
        let expected = json!({
            "schemas": ["urn:x", USER], "id": "1", "UserName": "ana", "Title": "B", "urn:x": {"size": 38},
            "name": {"honorificPrefix": "Dr."}, "active": "False",
        });
        assert_eq!(change.whole(&known, true), expected);
    }

    #[test]
    fn what_a_server_writes_in_its_own_form_is_done_and_what_it_leaves_is_not() {
        let before = user(
            json!({"id": "1", "displayName": "Ana", "title": "A", "phoneNumbers": [
                {"value": "1", "type": "mobile"},
            ]}),
        );
        let change = change(&[
            ("contact_name", Some("Bea")),
            ("job_title", None),
            ("phone_number", Some("+1 206 555 0001")),
        ]);
        let normalised = user(json!({"id": "1", "displayName": "Bea", "phoneNumbers": [
            {"value": "tel:+12065550001", "type": "mobile"},
        ]}));
        assert!(change.not_done(&before, &normalised).is_empty());
        assert!(!change.is_shown_by(&normalised));
        let kept = user(
            json!({"id": "1", "displayName": "Bea", "title": "A", "phoneNumbers": [
                {"value": "+1 206 555 0001", "type": "mobile"},
            ]}),
        );
        let left = change.not_done(&before, &kept);
        assert_eq!(left.first_field(), Some("job_title"));
    }
}
