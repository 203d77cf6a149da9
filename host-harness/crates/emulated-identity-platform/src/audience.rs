//! For which resource a token is: Graph, by any of its names.

use crate::refusal::Refusal;
use emulated_http::is_loopback_root;

/// Graph roots that clients are configured with: the national clouds.
const GRAPH_ROOTS: [&str; 4] = [
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
];

/// Graph as an application
/// (<https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in>).
const GRAPH_APPLICATION: &str = "00000003-0000-0000-c000-000000000000";

const DEFAULT: &str = "/.default";

/// Whether a resource is Graph: in any cloud, as an application, or the emulator itself.
pub(crate) fn is_graph(resource: &str, root: &str) -> bool {
    let resource = resource.strip_suffix('/').unwrap_or(resource);
    GRAPH_ROOTS
        .iter()
        .chain([&GRAPH_APPLICATION, &root])
        .any(|known| resource.eq_ignore_ascii_case(known))
        || is_loopback_root(resource)
}

/// The resource of a scope: an application without a user asks for all that it was granted on
/// exactly one resource, `<resource>/.default`
/// (<https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope>).
///
/// # Errors
/// 400 `invalid_scope` for anything else, `invalid_resource` for another resource than Graph.
pub(crate) fn of_scope(scope: &str, root: &str, tenant: &str) -> Result<String, Refusal> {
    let scopes: Vec<&str> = scope.split_whitespace().collect();
    let mut resources = Vec::with_capacity(scopes.len());
    for scope in &scopes {
        let resource = scope
            .strip_suffix(DEFAULT)
            .filter(|resource| !resource.is_empty())
            .ok_or_else(|| not_default(scope))?;
        if !resources.contains(&resource) {
            resources.push(resource);
        }
    }
    match &*resources {
        [resource] => of_resource(resource, root, tenant),
        [] => Err(Refusal::missing("scope")),
        _ => Err(Refusal::bad(
            "invalid_scope",
            700_022,
            format!(
                "The provided value for the input parameter scope '{scope}' is not valid because \
                 it contains more than one resource."
            ),
        )),
    }
}

fn not_default(scope: &str) -> Refusal {
    Refusal::bad(
        "invalid_scope",
        1_002_012,
        format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have \
             a scope value with /.default suffixed to the resource identifier (application ID URI)."
        ),
    )
}

/// A resource that the tenant knows, as the token states it.
///
/// # Errors
/// 400 `invalid_resource` for any but Graph.
pub(crate) fn of_resource(resource: &str, root: &str, tenant: &str) -> Result<String, Refusal> {
    if is_graph(resource, root) {
        return Ok(resource.to_owned());
    }
    Err(Refusal::bad(
        "invalid_resource",
        500_011,
        format!(
            "The resource principal named {resource} was not found in the tenant named {tenant}. \
             This can happen if the application has not been installed by the administrator of the \
             tenant or consented to by any user in the tenant. You might have sent your \
             authentication request to the wrong tenant."
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "http://127.0.0.1:4000";

    #[test]
    fn a_token_is_for_the_resource_as_it_was_named() {
        for resource in [
            "https://graph.microsoft.com",
            "https://graph.microsoft.com/",
            "https://GRAPH.microsoft.com",
            "https://graph.microsoft.us",
            GRAPH_APPLICATION,
            ROOT,
            "https://localhost:8443",
        ] {
            let scope = format!("{resource}/.default");
            assert_eq!(of_scope(&scope, ROOT, "Contoso").as_deref(), Ok(resource));
        }
        let twice = "https://graph.microsoft.com/.default https://graph.microsoft.com/.default";
        assert!(of_scope(twice, ROOT, "Contoso").is_ok());
    }
}
