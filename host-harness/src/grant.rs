//! What a configuration may reach: the operator's side of the connector's wishes.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::contract::Endpoint;
use crate::runtime::HttpPolicy;
use crate::runtime::http::InvalidEntry;

/// Why a document is granted nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// `endpoints` lets a document choose where a secret is sent; a run has to allow that.
    #[error(
        "the configuration names endpoints of its own, which are for tests and local runs, and this run does not \
         allow them; take \"endpoints\" out of the configuration"
    )]
    EndpointsNotAllowed,
    /// The connector wishes for something that is no host.
    #[error("the connector asks for a host that cannot be allowed: {0}")]
    Wish(#[from] InvalidEntry),
}

/// Grants a document exactly the hosts of its cloud among those the connector `describe`s, and, where
/// the run allows it, the servers on this machine that it names itself. A document that cannot be read
/// is granted the global cloud's: the connector says what is wrong with it without a network.
///
/// # Errors
///
/// See [`GrantError`].
pub fn grant(
    document: &str,
    endpoints: &[Endpoint],
    allow_loopback: bool,
) -> Result<HttpPolicy, GrantError> {
    let document: Value = serde_json::from_str(document).unwrap_or(Value::Null);
    let cloud = document
        .pointer("/tenant/cloud")
        .and_then(Value::as_str)
        .unwrap_or("global");
    let hosts: BTreeSet<&str> = endpoints
        .iter()
        .filter(|endpoint| endpoint.cloud == cloud)
        .map(|endpoint| endpoint.host.as_str())
        .collect();
    let mut policy = HttpPolicy::new(hosts)?;
    for pointer in ["/endpoints/login", "/endpoints/graph"] {
        let Some(url) = document.pointer(pointer).and_then(Value::as_str) else {
            continue;
        };
        if !allow_loopback {
            return Err(GrantError::EndpointsNotAllowed);
        }
        let Some(authority) = url
            .parse::<http::Uri>()
            .ok()
            .and_then(|uri| uri.authority().cloned())
        else {
            continue;
        };
        // An endpoint elsewhere than on this machine stays refused, whatever the run allows.
        if let Ok(wider) = policy.clone().with_loopback(authority.as_str()) {
            policy = wider;
        }
    }
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints() -> Vec<Endpoint> {
        [
            ("global", "graph.microsoft.com"),
            ("china", "microsoftgraph.chinacloudapi.cn"),
        ]
        .map(|(cloud, host)| Endpoint {
            cloud: cloud.to_owned(),
            host: host.to_owned(),
            why: String::new(),
        })
        .to_vec()
    }

    fn allows(document: &str, loopback: bool, url: &str) -> bool {
        grant(document, &endpoints(), loopback)
            .unwrap()
            .check(&url.parse().unwrap())
            .is_ok()
    }

    const LOCAL: &str = r#"{"endpoints": {"graph": "http://127.0.0.1:8080"}}"#;

    #[test]
    fn a_document_reaches_its_own_cloud_and_no_other() {
        assert!(allows(
            "{}",
            false,
            "https://graph.microsoft.com/v1.0/users"
        ));
        assert!(!allows(
            "{}",
            false,
            "https://microsoftgraph.chinacloudapi.cn/v1.0/users"
        ));
        let china = r#"{"tenant": {"cloud": "china"}}"#;
        assert!(allows(
            china,
            false,
            "https://microsoftgraph.chinacloudapi.cn/v1.0/users"
        ));
        assert!(!allows(
            china,
            false,
            "https://graph.microsoft.com/v1.0/users"
        ));
    }

    #[test]
    fn endpoints_of_its_own_need_the_runs_leave() {
        assert_eq!(
            grant(LOCAL, &endpoints(), false),
            Err(GrantError::EndpointsNotAllowed)
        );
        assert!(allows(LOCAL, true, "http://127.0.0.1:8080/v1.0/users"));
    }

    #[test]
    fn even_with_leave_nothing_beyond_this_machine_is_reached() {
        let elsewhere =
            r#"{"endpoints": {"graph": "https://evil.example", "login": "http://10.0.0.1"}}"#;
        assert!(!allows(elsewhere, true, "https://evil.example/v1.0/users"));
        assert!(!allows(elsewhere, true, "http://10.0.0.1/token"));
    }
}
