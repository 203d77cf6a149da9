//! The request that writes. There is one, and it cannot make, delete, disable or unlock an account: it is made of
//! [`Writable`] attributes, of which there are none that could.

use contact_identity::form::Form;
use entra_users::mapping::writing::Writable;
use guest_kit::{json, percent};
use serde_json::{Map, Value};
use sync_core::contact::ObjectId;

use super::held::changed;

/// The values of one user that are written together (<https://learn.microsoft.com/graph/api/user-update>).
#[derive(Debug, Default, PartialEq)]
pub(super) struct Update {
    properties: Map<String, Value>,
}

impl Update {
    /// Sets an attribute, or empties it. `body` is the user as read; of what Exchange keeps the service changes the
    /// members that are sent, and no others.
    pub(super) fn set(
        &mut self,
        writable: Writable,
        form: Form,
        value: Option<&str>,
        body: &Value,
    ) {
        let property = writable.attribute().property;
        let current = match self.properties.get(property) {
            None if writable.rules().is_of_exchange => None,
            None => body.get(property),
            set => set,
        };
        let changed = changed(writable, form, value, current.unwrap_or(&Value::Null));
        self.properties.insert(property.to_owned(), changed);
    }

    /// The members of its entry in a batch, beside the id. Bulk work gives way to others
    /// (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>).
    pub(super) fn entry(&self, user: &ObjectId) -> String {
        let url = percent::encode(user.as_str());
        let body = json::to_text(&Value::Object(self.properties.clone()));
        format!(
            r#""method":"PATCH","url":"/users/{url}","headers":{{"Content-Type":"application/json","x-ms-throttle-priority":"low"}},"body":{body}"#
        )
    }

    pub(super) fn is_empty(&self) -> bool {
        self.properties.is_empty()
    }

    /// The properties that it writes, in order.
    #[cfg(test)]
    pub(super) fn properties(&self) -> &Map<String, Value> {
        &self.properties
    }
}

#[cfg(test)]
mod tests {
    use entra_users::mapping::catalogue::{ATTRIBUTES, REFUSED};
    use serde_json::json;

    use super::*;

    fn updated(writes: &[(&str, Option<&str>)], body: &Value) -> Value {
        let mut update = Update::default();
        for (name, value) in writes {
            update.set(Writable::find(name).unwrap(), Form::Text, *value, body);
        }
        Value::Object(update.properties)
    }

    #[test]
    fn no_request_can_make_delete_disable_or_unlock_an_account() {
        let mut update = Update::default();
        let names = ATTRIBUTES.iter().map(|attribute| attribute.name);
        let all = names.chain(REFUSED.iter().map(|refused| refused.name));
        for writable in all.filter_map(Writable::find) {
            update.set(writable, Form::Text, Some("x"), &json!({}));
        }
        for name in [
            "accountEnabled",
            "assignedLicenses",
            "identities",
            "mail",
            "onPremisesImmutableId",
            "passwordPolicies",
            "passwordProfile",
            "proxyAddresses",
            "userPrincipalName",
            "userType",
        ] {
            assert!(!update.properties.contains_key(name), "{name}");
        }
        let entry = update.entry(&ObjectId::new("a/b"));
        let entry: Value = serde_json::from_str(&format!("{{{entry}}}")).unwrap();
        assert_eq!(
            (&entry["method"], &entry["url"]),
            (&json!("PATCH"), &json!("/users/a%2Fb"))
        );
    }

    #[test]
    fn null_empties_a_text_and_nothing_a_collection() {
        let body = json!({"businessPhones": ["+1 425 555 0100"], "jobTitle": "Designer"});
        assert_eq!(
            updated(&[("jobTitle", None), ("businessPhones", None)], &body),
            json!({"jobTitle": null, "businessPhones": []})
        );
    }

    #[test]
    fn of_an_object_that_is_replaced_all_members_go_and_of_another_those_that_change() {
        let body = json!({
            "employeeOrgData": {"costCenter": "c", "division": "d"},
            "onPremisesExtensionAttributes": {"extensionAttribute1": "a", "extensionAttribute2": "b"},
        });
        assert_eq!(
            updated(
                &[
                    ("employeeOrgData/division", Some("e")),
                    ("employeeOrgData/costCenter", None),
                    ("onPremisesExtensionAttributes/extensionAttribute2", None),
                    (
                        "onPremisesExtensionAttributes/extensionAttribute3",
                        Some("f")
                    ),
                ],
                &body
            ),
            json!({
                "employeeOrgData": {"costCenter": null, "division": "e"},
                "onPremisesExtensionAttributes": {"extensionAttribute2": null, "extensionAttribute3": "f"},
            })
        );
    }
}
