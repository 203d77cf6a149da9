//! What is sound: a valid document, and what a directory of two pages answers.

use serde_json::{Value, json};

use super::mutation::{ADDRESS, NAME};

pub(crate) const GRAPH: &str = "https://graph.microsoft.com";
const TENANT: &str = "84841066-274d-4ec0-a5c1-276be684bdd3";

/// A document that is valid.
pub(crate) fn document() -> Value {
    json!({
        "tenant": { "id": TENANT },
        "credentials": { "clientId": "535fb089-9ff3-47b6-9bfb-4f1264799865", "secret": "client-secret" },
        "sync": {
            "direction": "one-way",
            "source": "entra-id",
            "target": "tests",
            "preset": "mirror",
            "schedule": "0 6 * * *",
            "mapping": { "displayName": "display_name", "mail": "email", "department": "Team" },
            "filters": { "department": ["Sales", "Support"], "accountEnabled": true, "userType": { "not": "Guest" } },
            "existing": "link",
            "update": true,
            "conflict": "merge",
            "removed": "delete",
            "leftScope": "unlink",
            "disabled": "deactivate",
            "list": { "perAttribute": "department", "description": "Synced" },
            "addresses": ["mail", "userPrincipalName"],
            "fullSyncEveryDays": 7,
            "limits": { "removals": { "count": 5, "percent": 50, "floor": 2 } },
        },
    })
}

fn user(number: u32) -> Value {
    json!({
        "id": format!("user-{number}"),
        "displayName": NAME,
        "mail": format!("{number}.{ADDRESS}"),
        "userPrincipalName": format!("{number}.{ADDRESS}"),
        "department": "Sales",
        "accountEnabled": true,
        "userType": "Member",
    })
}

/// What the directory answers when nothing is wrong.
pub(crate) fn sound_answer(url: &str, body: &[u8]) -> Value {
    if url.ends_with("/token") {
        return json!({ "token_type": "Bearer", "expires_in": 3_599, "access_token": "a.b.c" });
    }
    if url.contains("/organization") {
        return json!({ "value": [{ "id": TENANT, "displayName": "Contoso" }] });
    }
    if url.ends_with("/$batch") {
        return batch(body);
    }
    let delta = format!("{GRAPH}/v1.0/users/delta?$deltatoken=1");
    if url.contains("/users/delta") {
        let gone = json!({ "id": "user-80", "@removed": { "reason": "deleted" } });
        let value = if url.contains("latest") {
            json!([])
        } else {
            json!([user(1), gone, { "id": "user-3", "department": "Support" }])
        };
        return json!({ "value": value, "@odata.deltaLink": delta });
    }
    if url.contains("skiptoken") {
        return json!({ "value": [user(3), user(4), user(4)] });
    }
    let next = format!("{GRAPH}/v1.0/users?$skiptoken=2");
    json!({ "value": [user(1), user(2)], "@odata.nextLink": next })
}

fn batch(body: &[u8]) -> Value {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let requests = asked["requests"].as_array().cloned().unwrap_or_default();
    let answers: Vec<_> = requests
        .iter()
        .map(|request| {
            json!({
                "id": request["id"],
                "status": 404,
                "headers": { "Content-Type": "application/json" },
                "body": envelope("Request_ResourceNotFound"),
            })
        })
        .collect();
    json!({ "responses": answers })
}

/// An error as Graph words it, with somebody's name in the message, as they do have.
pub(crate) fn envelope(code: &str) -> Value {
    json!({ "error": {
        "code": code,
        "message": format!("Resource '{NAME}' ({ADDRESS}) does not exist."),
        "innerError": { "date": "2026-01-01T00:00:00", "request-id": "84841066-274d-4ec0-a5c1-276be684bdd3" },
    }})
}
