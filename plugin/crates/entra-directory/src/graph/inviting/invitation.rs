//! The request that invites. There is one, and it makes a guest: nothing in it can be a password, or another kind of
//! account.

use std::time::Duration;

use guest_kit::json;
use guest_kit::ordered::Map;
use serde_json::Value;
use sync_core::ports::inviter::{Guest, InviteOutcome};
use sync_core::settings::Invitations;

use crate::graph::client::Client;
use crate::graph::error::GraphError;
use crate::graph::purpose::Purpose;

use super::answer;

impl Client<'_> {
    /// Invites people (<https://learn.microsoft.com/graph/api/invitation-post>): one outcome for each, in their order.
    /// Nothing is sent twice.
    ///
    /// # Errors
    ///
    /// Where nothing was sent; see [`GraphError`].
    pub fn invite(
        &self,
        guests: &[Guest],
        terms: &Invitations,
    ) -> Result<Vec<InviteOutcome>, GraphError> {
        self.keep_pace()?;
        let entries = guests.iter().map(|guest| entry(guest, terms));
        let now = self.exchange().now();
        let mut outcomes: Map<usize, InviteOutcome> = Map::new();
        self.send_writes(
            Purpose::Invitations,
            entries.enumerate(),
            &mut |number, answered| {
                let outcome = match answered {
                    Ok(told) => answer::outcome(told, now),
                    Err(error) => answer::of_batch(error),
                };
                outcomes.insert(number, outcome);
            },
        );
        // Where one batch failed, those after it are not sent.
        let not_sent = || InviteOutcome::Later {
            retry_after: None::<Duration>,
            code: "not-sent".to_owned(),
        };
        let numbers = 0..guests.len();
        Ok(numbers
            .map(|number| outcomes.remove(&number).unwrap_or_else(not_sent))
            .collect())
    }
}

/// The members of an entry in a batch, beside the id.
fn entry(guest: &Guest, terms: &Invitations) -> String {
    let name = guest.display_name.as_deref();
    let name = name.map(|name| ("invitedUserDisplayName", Value::from(name)));
    let members = [
        (
            "invitedUserEmailAddress",
            Value::from(guest.address.as_str()),
        ),
        (
            "inviteRedirectUrl",
            Value::from(terms.redirect_url.as_str()),
        ),
        ("sendInvitationMessage", Value::from(terms.send_message)),
    ];
    let mut body = serde_json::Map::new();
    json::insert(&mut body, &mut members.into_iter().chain(name));
    let body = json::to_text(&Value::Object(body));
    format!(
        r#""method":"POST","url":"/invitations","headers":{{"Content-Type":"application/json","x-ms-throttle-priority":"low"}},"body":{body}"#
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent(name: Option<&str>, send_message: bool) -> Value {
        let guest = Guest {
            address: "kim@fabrikam.com".to_owned(),
            display_name: name.map(str::to_owned),
        };
        let terms = Invitations {
            redirect_url: "https://contoso.example/".to_owned(),
            send_message,
        };
        serde_json::from_str(&format!("{{{}}}", entry(&guest, &terms))).unwrap()
    }

    #[test]
    fn an_invitation_is_the_documented_request_and_makes_a_guest() {
        let entry = sent(Some("Kim"), false);
        assert_eq!(
            (&entry["method"], &entry["url"]),
            (&json!("POST"), &json!("/invitations"))
        );
        assert_eq!(
            entry["body"],
            json!({
                "invitedUserEmailAddress": "kim@fabrikam.com",
                "inviteRedirectUrl": "https://contoso.example/",
                "sendInvitationMessage": false,
                "invitedUserDisplayName": "Kim",
            })
        );
    }

    #[test]
    fn no_invitation_can_make_another_account_or_reset_one() {
        for entry in [sent(None, true), sent(Some("passwordProfile"), false)] {
            let body = entry["body"].as_object().unwrap();
            let allowed = [
                "invitedUserEmailAddress",
                "inviteRedirectUrl",
                "sendInvitationMessage",
                "invitedUserDisplayName",
            ];
            assert!(
                body.keys().all(|name| allowed.contains(&name.as_str())),
                "{body:?}"
            );
        }
    }
}
