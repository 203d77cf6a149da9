//! The tenant that a path of the sign-in service names.

use uuid::Uuid;

use crate::accounts::OTHER_TENANT;
use crate::context::Context;
use crate::refusal::Refusal;

/// The tenant of personal accounts, which is the same everywhere.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// What stands for the tenant's id in what is said of all tenants.
const ANY: &str = "{tenantid}";

/// A tenant as the discovery documents speak of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// How addresses name it.
    pub(crate) segment: String,
    /// How issuers name it.
    pub(crate) issuer: String,
    /// Whether it is this one, and none of those that stand for many.
    pub(crate) alone: bool,
}

/// Whether a segment can be nothing but a tenant: an id, a domain, or one that stands for many.
pub(crate) fn is_one(segment: &str) -> bool {
    is_collective(segment) || is_plausible(segment)
}

fn is_collective(segment: &str) -> bool {
    ["common", "organizations", "consumers"]
        .iter()
        .any(|known| segment.eq_ignore_ascii_case(known))
}

fn is_plausible(segment: &str) -> bool {
    let domain = segment.contains('.') && !segment.starts_with('.') && !segment.ends_with('.');
    domain || Uuid::parse_str(segment).is_ok()
}

/// The tenant that a discovery document is about.
///
/// # Errors
/// [`check`]'s, for a tenant that is not there.
pub(crate) fn of_document(service: &Context<'_>, tenant: &str) -> Result<Named, Refusal> {
    let lower = tenant.to_lowercase();
    let issuer = match &*lower {
        "common" | "organizations" => ANY,
        "consumers" => CONSUMERS,
        // Somebody of it signs in here, so its documents are here, too.
        OTHER_TENANT => {
            return Ok(Named {
                segment: lower.clone(),
                issuer: lower,
                alone: true,
            });
        }
        _ => {
            check(service, tenant)?;
            let id = service.tenant_id();
            return Ok(Named {
                segment: id.clone(),
                issuer: id,
                alone: true,
            });
        }
    };
    Ok(Named {
        segment: lower,
        issuer: issuer.to_owned(),
        alone: false,
    })
}

/// Whether a tenant is this one, by its id or one of its domains, in any case.
///
/// # Errors
/// 400 `invalid_tenant` for one that is not there, `invalid_request` for what can be none.
pub(crate) fn check(service: &Context<'_>, tenant: &str) -> Result<(), Refusal> {
    if service.is_named(tenant) {
        return Ok(());
    }
    if !is_plausible(tenant) {
        return Err(Refusal::bad(
            "invalid_request",
            900_023,
            format!(
                "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid \
                 external domain."
            ),
        ));
    }
    Err(Refusal::bad(
        "invalid_tenant",
        90_002,
        format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and \
             are signing into the correct cloud. Check with your subscription administrator, this \
             may happen if there are no active subscriptions for the tenant."
        ),
    ))
}

/// The tenant that an application without a user asks a token of: exactly one.
///
/// # Errors
/// [`check`]'s, and 400 `invalid_request` for those that stand for many.
pub(crate) fn of_application(service: &Context<'_>, tenant: &str) -> Result<(), Refusal> {
    match &*tenant.to_lowercase() {
        "common" | "consumers" => Err(Refusal::bad(
            "invalid_request",
            9_001_023,
            "The grant type isn't supported over the /common or /consumers endpoints. Please use \
             the /organizations or tenant-specific endpoint.",
        )),
        // Without a user there is nothing from which the tenant could follow.
        "organizations" => Err(Refusal::bad(
            "invalid_request",
            50_059,
            "No tenant-identifying information found in either the request or implied by any \
             provided credentials.",
        )),
        _ => check(service, tenant),
    }
}
