//! The requests that write. There are two, and none of them can make, delete, disable or unlock an account: an
//! update is made of [`Writable`] attributes, of which there are none that could.

use entra_users::mapping::catalogue::Kind;
use entra_users::mapping::writing::Writable;
use guest_kit::{json, percent};
use serde_json::{Map, Value};
use sync_core::contact::ObjectId;

/// A request that writes.
pub(super) enum WriteRequest<'r> {
    /// Values of a user (<https://learn.microsoft.com/graph/api/user-update>).
    Update(&'r ObjectId, &'r Update),
    /// A guest (<https://learn.microsoft.com/graph/api/invitation-post>).
    Invite(&'r Invitation<'r>),
}

/// The values of one user that are written together.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Update {
    properties: Map<String, Value>,
}

/// Somebody to be invited.
pub(super) struct Invitation<'r> {
    /// Their address.
    pub(super) address: &'r str,
    /// How they are called.
    pub(super) display_name: Option<&'r str>,
    /// Where whoever accepts is led to.
    pub(super) redirect_url: &'r str,
    /// Whether Microsoft sends them a message.
    pub(super) send_message: bool,
}

impl WriteRequest<'_> {
    /// The members of its entry in a batch, beside the id. Bulk work gives way to others
    /// (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>).
    pub(super) fn entry(&self) -> String {
        let (method, url, body) = match self {
            Self::Update(user, update) => {
                let url = format!("/users/{}", percent::encode(user.as_str()));
                ("PATCH", url, Value::Object(update.properties.clone()))
            }
            Self::Invite(invitation) => ("POST", "/invitations".to_owned(), invitation.body()),
        };
        format!(
            r#""method":"{method}","url":"{url}","headers":{{"Content-Type":"application/json","x-ms-throttle-priority":"low"}},"body":{}"#,
            json::to_text(&body)
        )
    }
}

impl Update {
    /// Sets an attribute, or empties it. `body` is the user as read: a collection keeps its other values, and the
    /// members of an object that the service replaces as a whole go with the one that is set.
    pub(super) fn set(&mut self, writable: Writable, value: Option<&str>, body: &Value) {
        let attribute = writable.attribute();
        let property = attribute.property;
        let value = value.map(Value::from);
        let Some(member) = attribute.member else {
            let value = match attribute.kind {
                Kind::Texts => Value::Array(with_first(writable, value, body)),
                _ => value.unwrap_or_default(),
            };
            self.properties.insert(property.to_owned(), value);
            return;
        };
        let known = || match body.get(property) {
            Some(Value::Object(members)) if !writable.rules().is_of_exchange => members.clone(),
            _ => Map::new(),
        };
        let members = self
            .properties
            .entry(property)
            .or_insert_with(|| Value::Object(known()));
        if let Value::Object(members) = members {
            members.insert(member.to_owned(), value.unwrap_or_default());
        }
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

/// The collection with another value in the place of the one that mapping reads.
fn with_first(writable: Writable, value: Option<Value>, body: &Value) -> Vec<Value> {
    let known = body.get(writable.attribute().property);
    let known = known.and_then(Value::as_array).into_iter().flatten();
    let mut is_open = true;
    let others = known.filter(|text| {
        let is_value = text
            .as_str()
            .is_some_and(|text| writable.as_read(text).is_some());
        let is_replaced = is_value && is_open;
        is_open &= !is_replaced;
        is_value && !is_replaced
    });
    let others: Vec<_> = others.cloned().collect();
    value.into_iter().chain(others).collect()
}

impl Invitation<'_> {
    fn body(&self) -> Value {
        let mut body = json::object([
            ("invitedUserEmailAddress", Value::from(self.address)),
            ("inviteRedirectUrl", Value::from(self.redirect_url)),
            ("sendInvitationMessage", Value::from(self.send_message)),
        ]);
        if let (Value::Object(members), Some(name)) = (&mut body, self.display_name) {
            members.insert("invitedUserDisplayName".to_owned(), Value::from(name));
        }
        body
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
            update.set(Writable::find(name).unwrap(), *value, body);
        }
        Value::Object(update.properties)
    }

    fn entry(request: &WriteRequest<'_>) -> Value {
        serde_json::from_str(&format!("{{{}}}", request.entry())).unwrap()
    }

    #[test]
    fn no_request_can_make_delete_disable_or_unlock_an_account() {
        let mut update = Update::default();
        let names = ATTRIBUTES.iter().map(|attribute| attribute.name);
        let all = names.chain(REFUSED.iter().map(|refused| refused.name));
        for writable in all.filter_map(Writable::find) {
            update.set(writable, Some("x"), &json!({}));
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
        let user = ObjectId::new("a/b");
        let invitation = Invitation {
            address: "kim@fabrikam.com",
            display_name: Some("Kim"),
            redirect_url: "https://myapp.contoso.com",
            send_message: false,
        };
        // Whoever adds another kind of request has to say here what it may do.
        for request in [
            WriteRequest::Update(&user, &update),
            WriteRequest::Invite(&invitation),
        ] {
            let entry = entry(&request);
            match request {
                WriteRequest::Update(..) => {
                    assert_eq!(
                        (&entry["method"], &entry["url"]),
                        (&json!("PATCH"), &json!("/users/a%2Fb"))
                    );
                }
                WriteRequest::Invite(_) => {
                    assert_eq!(
                        (&entry["method"], &entry["url"]),
                        (&json!("POST"), &json!("/invitations"))
                    );
                    assert_eq!(entry["body"]["sendInvitationMessage"], false);
                }
            }
        }
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
    fn a_collection_keeps_its_other_values() {
        let body = json!({"otherMails": ["", "a@x.example", "b@x.example"]});
        assert_eq!(
            updated(&[("otherMails", Some("c@x.example"))], &body),
            json!({"otherMails": ["c@x.example", "b@x.example"]})
        );
    }

    #[test]
    fn members_that_the_service_replaces_together_are_sent_together() {
        let body = json!({
            "employeeOrgData": {"costCenter": "c", "division": "d"},
            "onPremisesExtensionAttributes": {"extensionAttribute1": "a", "extensionAttribute2": "b"},
        });
        assert_eq!(
            updated(
                &[
                    ("employeeOrgData/division", Some("e")),
                    ("onPremisesExtensionAttributes/extensionAttribute2", None),
                    (
                        "onPremisesExtensionAttributes/extensionAttribute3",
                        Some("f")
                    ),
                ],
                &body
            ),
            json!({
                "employeeOrgData": {"costCenter": "c", "division": "e"},
                "onPremisesExtensionAttributes": {"extensionAttribute2": null, "extensionAttribute3": "f"},
            })
        );
    }
}
