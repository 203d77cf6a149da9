//! What the control interface offers, in words and for programs: `GET /emulator` states it, and
//! `graph-emulator --help` prints it.

use serde::Serialize;

/// One operation of the control interface.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ControlDescription {
    /// The method.
    pub method: &'static str,
    /// The path; what stands in braces is put in.
    pub path: &'static str,
    /// An example of the body, in JSON; nothing where there is none.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub body: &'static str,
    /// What it does.
    pub does: &'static str,
}

const fn control(
    method: &'static str,
    path: &'static str,
    body: &'static str,
    does: &'static str,
) -> ControlDescription {
    ControlDescription {
        method,
        path,
        body,
        does,
    }
}

/// All operations, in the order in which they are told.
pub const CONTROLS: &[ControlDescription] = &[
    control(
        "GET",
        "/emulator",
        "",
        "how the tenant stands, and this list",
    ),
    control(
        "POST",
        "/emulator/users",
        r#"{"displayName": "Kim", "userPrincipalName": "kim@contoso.com"}"#,
        "adds a user",
    ),
    control(
        "PATCH",
        "/emulator/users",
        r#"{"count": 10, "changes": {"jobTitle": "Title {number}"}}"#,
        "edits many users alike",
    ),
    control(
        "GET",
        "/emulator/users/{id or name}",
        "",
        "everything that is set on a user",
    ),
    control(
        "PATCH",
        "/emulator/users/{id or name}",
        r#"{"jobTitle": "Designer", "manager": "ID", "mail": null}"#,
        "edits a user; null clears",
    ),
    control(
        "DELETE",
        "/emulator/users/{id or name}",
        "",
        "moves a user to the deleted items",
    ),
    control(
        "POST",
        "/emulator/users/{id or name}/disable",
        "",
        "disables the account",
    ),
    control(
        "POST",
        "/emulator/users/{id or name}/enable",
        "",
        "enables the account",
    ),
    control(
        "POST",
        "/emulator/users/{id}/restore",
        "",
        "brings a deleted user back",
    ),
    control(
        "POST",
        "/emulator/users/{id or name}/purge",
        "",
        "deletes a user for good",
    ),
    control(
        "PUT",
        "/emulator/directory-roles/{id or name}",
        r#"["User Administrator"]"#,
        "the roles of the directory that a user has, or, by id, everybody in a group",
    ),
    control(
        "POST",
        "/emulator/groups",
        r#"{"displayName": "Sales", "groupTypes": ["Unified"], "members": ["ID"]}"#,
        "adds a group; without a type, a security group",
    ),
    control(
        "GET",
        "/emulator/groups/{group}",
        "",
        "everything that is set on a group, and who is in it",
    ),
    control(
        "PATCH",
        "/emulator/groups/{group}",
        r#"{"displayName": "Sales, all regions", "description": null}"#,
        "edits a group; null clears",
    ),
    control(
        "DELETE",
        "/emulator/groups/{group}",
        "",
        "moves a group to the deleted items; one with mail that is not of Microsoft 365, or synced, is gone",
    ),
    control(
        "POST",
        "/emulator/groups/{group}/members",
        r#"{"members": ["ID"]}"#,
        "lets these join a group, or {\"count\": 1000} so many",
    ),
    control(
        "POST",
        "/emulator/groups/{group}/members/remove",
        r#"{"count": 10}"#,
        "lets so many leave a group, or {\"members\": [\"ID\"]} these",
    ),
    control(
        "POST",
        "/emulator/groups/{group}/rule",
        r#"{"rule": "(user.department -eq \"Sales\")", "members": ["ID"], "afterSeconds": 3600}"#,
        "gives a dynamic group another rule: it is emptied, and filled after a while",
    ),
    control(
        "POST",
        "/emulator/groups/{deleted group}/restore",
        "",
        "brings a deleted group back, with its members",
    ),
    control(
        "POST",
        "/emulator/groups/{group}/purge",
        "",
        "deletes a group for good",
    ),
    control(
        "POST",
        "/emulator/objects",
        r##"{"@odata.type": "#microsoft.graph.device", "displayName": "LAPTOP-1"}"##,
        "adds a device, a service principal or an organisational contact, which can then be a member",
    ),
    control(
        "PUT",
        "/emulator/tenant",
        r#"{"id": "GUID", "users": []}"#,
        "gives the domains to another tenant, with these people",
    ),
    control(
        "PUT",
        "/emulator/roles",
        r#"["User.Read.All"]"#,
        "the permissions that the next token carries",
    ),
    control(
        "PUT",
        "/emulator/secret",
        r#"{"secret": "new", "formerExpired": true}"#,
        "the client secret that is accepted",
    ),
    control(
        "GET",
        "/emulator/certificates",
        "",
        "the certificates that the application may sign in with",
    ),
    control(
        "POST",
        "/emulator/certificates",
        r#""-----BEGIN CERTIFICATE-----…""#,
        "registers a certificate: PEM as it is, or as a JSON string",
    ),
    control(
        "DELETE",
        "/emulator/certificates/{key id or thumbprint}",
        "",
        "takes a certificate away",
    ),
    control(
        "GET",
        "/emulator/federated-credentials",
        "",
        "the tokens of other issuers that the application may sign in with",
    ),
    control(
        "POST",
        "/emulator/federated-credentials",
        r#"{"credential": {"name": "cluster", "issuer": "https://oidc.example", "subject": "system:serviceaccount:sync:connector", "audiences": ["api://AzureADTokenExchange"], "jwks": {"keys": []}}, "afterSeconds": 0}"#,
        "registers one, which the sign-in service knows after so many seconds",
    ),
    control(
        "DELETE",
        "/emulator/federated-credentials/{name}",
        "",
        "takes one away",
    ),
    control(
        "POST",
        "/emulator/redirect-uris",
        r#""https://sync.example/consent""#,
        "registers where the consent page may lead back to",
    ),
    control(
        "POST",
        "/emulator/tokens/revoke",
        "",
        "revokes every access token issued so far",
    ),
    control(
        "PUT",
        "/emulator/tokens/lifetime",
        r#"{"seconds": 60}"#,
        "how long access tokens are good for",
    ),
    control(
        "POST",
        "/emulator/delta/expire",
        "",
        "lets every delta token issued so far expire",
    ),
    control(
        "POST",
        "/emulator/delta/reset",
        "",
        "resets the delta state: 410 with a Location",
    ),
    control(
        "POST",
        "/emulator/clock",
        r#"{"seconds": 3600}"#,
        "puts the emulator's clock forward",
    ),
    control(
        "GET",
        "/emulator/behaviour",
        "",
        "how the tenant behaves: every knob with its value",
    ),
    control(
        "PATCH",
        "/emulator/behaviour",
        r#"{"emptyFirstPage": true}"#,
        "turns knobs",
    ),
    control(
        "GET",
        "/emulator/subscriptions",
        "",
        "the subscriptions, their client state included",
    ),
    control(
        "DELETE",
        "/emulator/subscriptions/{subscription}",
        "",
        "takes a subscription away without a word",
    ),
    control(
        "POST",
        "/emulator/subscriptions/{subscription}/lifecycle",
        r#"{"event": "reauthorizationRequired"}"#,
        "tells a listener what happens to its subscription: subscriptionRemoved and missed, too",
    ),
    control(
        "GET",
        "/emulator/notifications",
        "",
        "the newest tries to deliver notifications, and how they were answered",
    ),
    control(
        "GET",
        "/emulator/faults",
        "",
        "the faults that are set, with what is left of their counts",
    ),
    control(
        "POST",
        "/emulator/faults",
        r#"{"path": "/v1.0/users", "status": 429, "retryAfter": "2", "times": 3}"#,
        "injects a fault",
    ),
    control("DELETE", "/emulator/faults", "", "clears all faults"),
    control(
        "GET",
        "/emulator/storm",
        "",
        "the storm of faults that is on",
    ),
    control(
        "PUT",
        "/emulator/storm",
        r#"{"seed": 42}"#,
        "begins a storm of faults drawn from a seed",
    ),
    control("DELETE", "/emulator/storm", "", "ends the storm"),
    control(
        "GET",
        "/emulator/requests",
        "",
        "the newest requests, and how they were answered",
    ),
    control(
        "DELETE",
        "/emulator/requests",
        "",
        "forgets the requests and their counts",
    ),
];

impl ControlDescription {
    /// Whether a path, in segments, is this one's.
    pub(super) fn is_at(&self, segments: &[String]) -> bool {
        let pattern: Vec<&str> = self.path.split('/').skip(1).collect();
        pattern.len() == segments.len()
            && pattern
                .iter()
                .zip(segments)
                .all(|(known, segment)| known.starts_with('{') || known == segment)
    }
}

/// The list as text, a line an operation.
#[must_use]
pub fn controls_as_text() -> String {
    let mut text = String::new();
    for control in CONTROLS {
        let request = format!("{} {}", control.method, control.path);
        text.push_str(&format!("  {request:<55} {}\n", control.does));
        if !control.body.is_empty() {
            text.push_str(&format!("      {}\n", control.body));
        }
    }
    text
}
