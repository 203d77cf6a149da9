//! `GET /organization`: a collection of exactly one
//! (<https://learn.microsoft.com/graph/api/organization-list>).

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::access::READ_ORGANIZATION;
use super::service::Service;
use emulated_directory::synthetic::domains;
use emulated_http::{Call, Reply};
use emulated_identity_platform::Claims;
use emulated_odata::failure::Failure;
use emulated_odata::protocol;

/// Who sees an organisation at all: whoever may read it, and whoever may read users.
pub(super) const VISIBLE_TO: [&str; 6] = [
    "Organization.Read.All",
    "Organization.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "User.Read.All",
    "User.ReadWrite.All",
];

/// What an application sees that may read users only; everything else is null to it.
const LIMITED: [&str; 3] = ["id", "displayName", "verifiedDomains"];

/// Lists the organisation.
///
/// # Errors
/// 400 for a property that an organisation has not.
pub(super) fn list(service: &Service, call: &Call, claims: &Claims) -> Result<Reply, Failure> {
    protocol::check(&call.query)?;
    let organization = visible(service, call, claims)?;
    let body = json!({
        "@odata.context": context(call),
        "value": [organization],
    });
    Ok(answer(&body))
}

/// Reads the organisation by its id.
///
/// # Errors
/// 404 for any other id.
pub(super) fn get(
    service: &Service,
    call: &Call,
    claims: &Claims,
    id: &str,
) -> Result<Reply, Failure> {
    protocol::check(&call.query)?;
    if !id.eq_ignore_ascii_case(&service.tenant_id()) {
        return Err(Failure::not_found(id));
    }
    let mut body = Map::new();
    let context = format!("{}/$entity", context(call));
    body.insert("@odata.context".to_owned(), Value::from(context));
    body.extend(visible(service, call, claims)?);
    Ok(answer(&Value::Object(body)))
}

fn answer(body: &Value) -> Reply {
    protocol::reply(StatusCode::OK, body.to_string().into_bytes())
        .with_header("x-ms-resource-unit", "1")
}

fn context(call: &Call) -> String {
    match call.query.filled("$select") {
        Some(select) => format!("{}/v1.0/$metadata#organization({select})", call.root),
        None => format!("{}/v1.0/$metadata#organization", call.root),
    }
}

fn visible(service: &Service, call: &Call, claims: &Claims) -> Result<Map<String, Value>, Failure> {
    let mut organization = organization(service);
    if !claims.has_any(&READ_ORGANIZATION) {
        for (name, value) in &mut organization {
            if !LIMITED.contains(&&**name) {
                *value = Value::Null;
            }
        }
    }
    let Some(select) = call.query.filled("$select") else {
        return Ok(organization);
    };
    let mut selected = Map::new();
    for wanted in select
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        let (name, value) = organization
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .ok_or_else(|| {
                Failure::invalid(format!(
                    "Parsing OData Select and Expand failed: Could not find a property named \
                     '{wanted}' on type 'microsoft.graph.organization'."
                ))
            })?;
        selected.insert(name.clone(), value.clone());
    }
    Ok(selected)
}

fn organization(service: &Service) -> Map<String, Value> {
    let name = service.organization_name();
    let (domain, initial_domain) = domains(name);
    let organization = json!({
        "id": service.tenant_id(),
        "deletedDateTime": null,
        "businessPhones": ["8006427676"],
        "city": "Redmond",
        "country": null,
        "countryLetterCode": "US",
        "createdDateTime": "2015-03-01T09:00:00Z",
        "displayName": name,
        "marketingNotificationEmails": [],
        "onPremisesLastSyncDateTime": null,
        "onPremisesSyncEnabled": null,
        "postalCode": "98052",
        "preferredLanguage": "en",
        "securityComplianceNotificationMails": [],
        "securityComplianceNotificationPhones": [],
        "state": "WA",
        "street": "One Contoso Way",
        "technicalNotificationMails": [format!("admin@{domain}")],
        "tenantType": "AAD",
        "assignedPlans": [],
        "provisionedPlans": [],
        "verifiedDomains": [
            {
                "capabilities": "Email, OfficeCommunicationsOnline",
                "isDefault": true,
                "isInitial": false,
                "name": domain,
                "type": "Managed",
            },
            {
                "capabilities": "Email, OfficeCommunicationsOnline",
                "isDefault": false,
                "isInitial": true,
                "name": initial_domain,
                "type": "Managed",
            },
        ],
    });
    match organization {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
