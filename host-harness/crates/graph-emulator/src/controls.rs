//! What the control interface offers, in words and for programs: `GET /emulator` states it, and
//! `graph-emulator --help` prints it.

use emulator_controls::interface::{ControlDescription, as_text};

/// All operations, in the order in which they are told.
pub const CONTROLS: &[ControlDescription] = &[
    ControlDescription::new(
        "GET",
        "/emulator",
        "",
        "how the tenant stands, and this list",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/users",
        r#"{"displayName": "Kim", "userPrincipalName": "kim@contoso.com"}"#,
        "adds a user",
    ),
    ControlDescription::new(
        "PATCH",
        "/emulator/users",
        r#"{"count": 10, "changes": {"jobTitle": "Title {number}"}}"#,
        "edits many users alike",
    ),
    ControlDescription::new(
        "GET",
        "/emulator/users/{id or name}",
        "",
        "everything that is set on a user",
    ),
    ControlDescription::new(
        "PATCH",
        "/emulator/users/{id or name}",
        r#"{"jobTitle": "Designer", "manager": "ID", "mail": null}"#,
        "edits a user; null clears",
    ),
    ControlDescription::new(
        "DELETE",
        "/emulator/users/{id or name}",
        "",
        "moves a user to the deleted items",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/users/{id or name}/disable",
        "",
        "disables the account",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/users/{id or name}/enable",
        "",
        "enables the account",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/users/{id}/restore",
        "",
        "brings a deleted user back",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/users/{id or name}/purge",
        "",
        "deletes a user for good",
    ),
    ControlDescription::new(
        "PUT",
        "/emulator/directory-roles/{id or name}",
        r#"["User Administrator"]"#,
        "the roles of the directory that a user has, or, by id, everybody in a group",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/groups",
        r#"{"displayName": "Sales", "groupTypes": ["Unified"], "members": ["ID"]}"#,
        "adds a group; without a type, a security group",
    ),
    ControlDescription::new(
        "GET",
        "/emulator/groups/{group}",
        "",
        "everything that is set on a group, and who is in it",
    ),
    ControlDescription::new(
        "PATCH",
        "/emulator/groups/{group}",
        r#"{"displayName": "Sales, all regions", "description": null}"#,
        "edits a group; null clears",
    ),
    ControlDescription::new(
        "DELETE",
        "/emulator/groups/{group}",
        "",
        "moves a group to the deleted items; one with mail that is not of Microsoft 365, or synced, is gone",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/groups/{group}/members",
        r#"{"members": ["ID"]}"#,
        "lets these join a group, or {\"count\": 1000} so many",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/groups/{group}/members/remove",
        r#"{"count": 10}"#,
        "lets so many leave a group, or {\"members\": [\"ID\"]} these",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/groups/{group}/rule",
        r#"{"rule": "(user.department -eq \"Sales\")", "members": ["ID"], "afterSeconds": 3600}"#,
        "gives a dynamic group another rule: it is emptied, and filled after a while",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/groups/{deleted group}/restore",
        "",
        "brings a deleted group back, with its members",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/groups/{group}/purge",
        "",
        "deletes a group for good",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/contacts",
        r#"{"displayName": "Kim", "mail": "kim@fabrikam.com", "phones": [{"type": "mobile", "number": "+1 206 555 0100"}]}"#,
        "adds an organisational contact",
    ),
    ControlDescription::new(
        "GET",
        "/emulator/contacts/{contact}",
        "",
        "everything that is set on an organisational contact",
    ),
    ControlDescription::new(
        "PATCH",
        "/emulator/contacts/{contact}",
        r#"{"companyName": "Fabrikam", "mail": null}"#,
        "edits an organisational contact; null clears",
    ),
    ControlDescription::new(
        "DELETE",
        "/emulator/contacts/{contact}",
        "",
        "deletes an organisational contact, for good",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/objects",
        r##"{"@odata.type": "#microsoft.graph.device", "displayName": "LAPTOP-1"}"##,
        "adds a device, a service principal or an organisational contact, which can then be a member",
    ),
    ControlDescription::new(
        "PUT",
        "/emulator/tenant",
        r#"{"id": "GUID", "users": []}"#,
        "gives the domains to another tenant, with these people",
    ),
    ControlDescription::new(
        "PUT",
        "/emulator/roles",
        r#"["User.Read.All"]"#,
        "the permissions that the next token carries",
    ),
    ControlDescription::new(
        "PUT",
        "/emulator/secret",
        r#"{"secret": "new", "formerExpired": true}"#,
        "the client secret that is accepted",
    ),
    ControlDescription::new(
        "GET",
        "/emulator/certificates",
        "",
        "the certificates that the application may sign in with",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/certificates",
        r#""-----BEGIN CERTIFICATE-----…""#,
        "registers a certificate: PEM as it is, or as a JSON string",
    ),
    ControlDescription::new(
        "DELETE",
        "/emulator/certificates/{key id or thumbprint}",
        "",
        "takes a certificate away",
    ),
    ControlDescription::new(
        "GET",
        "/emulator/federated-credentials",
        "",
        "the tokens of other issuers that the application may sign in with",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/federated-credentials",
        r#"{"credential": {"name": "cluster", "issuer": "https://oidc.example", "subject": "system:serviceaccount:sync:connector", "audiences": ["api://AzureADTokenExchange"], "jwks": {"keys": []}}, "afterSeconds": 0}"#,
        "registers one, which the sign-in service knows after so many seconds",
    ),
    ControlDescription::new(
        "DELETE",
        "/emulator/federated-credentials/{name}",
        "",
        "takes one away",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/redirect-uris",
        r#""https://sync.example/consent""#,
        "registers where the consent page may lead back to",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/tokens/revoke",
        "",
        "revokes every access token issued so far",
    ),
    ControlDescription::new(
        "PUT",
        "/emulator/tokens/lifetime",
        r#"{"seconds": 60}"#,
        "how long access tokens are good for",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/delta/expire",
        "",
        "lets every delta token issued so far expire",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/delta/reset",
        "",
        "resets the delta state: 410 with a Location",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/clock",
        r#"{"seconds": 3600}"#,
        "puts the emulator's clock forward",
    ),
    ControlDescription::new(
        "GET",
        "/emulator/behaviour",
        "",
        "how the tenant behaves: every knob with its value",
    ),
    ControlDescription::new(
        "PATCH",
        "/emulator/behaviour",
        r#"{"emptyFirstPage": true}"#,
        "turns knobs",
    ),
    ControlDescription::new(
        "GET",
        "/emulator/subscriptions",
        "",
        "the subscriptions, their client state included",
    ),
    ControlDescription::new(
        "DELETE",
        "/emulator/subscriptions/{subscription}",
        "",
        "takes a subscription away without a word",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/subscriptions/{subscription}/lifecycle",
        r#"{"event": "reauthorizationRequired"}"#,
        "tells a listener what happens to its subscription: subscriptionRemoved and missed, too",
    ),
    ControlDescription::new(
        "GET",
        "/emulator/notifications",
        "",
        "the newest tries to deliver notifications, and how they were answered",
    ),
    ControlDescription::new(
        "GET",
        "/emulator/faults",
        "",
        "the faults that are set, with what is left of their counts",
    ),
    ControlDescription::new(
        "POST",
        "/emulator/faults",
        r#"{"path": "/v1.0/users", "status": 429, "retryAfter": "2", "times": 3}"#,
        "injects a fault",
    ),
    ControlDescription::new("DELETE", "/emulator/faults", "", "clears all faults"),
    ControlDescription::new(
        "GET",
        "/emulator/storm",
        "",
        "the storm of faults that is on",
    ),
    ControlDescription::new(
        "PUT",
        "/emulator/storm",
        r#"{"seed": 42}"#,
        "begins a storm of faults drawn from a seed",
    ),
    ControlDescription::new("DELETE", "/emulator/storm", "", "ends the storm"),
    ControlDescription::new(
        "GET",
        "/emulator/requests",
        "",
        "the newest requests, and how they were answered",
    ),
    ControlDescription::new(
        "DELETE",
        "/emulator/requests",
        "",
        "forgets the requests and their counts",
    ),
];

/// The list as text, a line an operation.
#[must_use]
pub fn controls_as_text() -> String {
    as_text(CONTROLS, 55)
}
