//! What a configuration may reach: the operator's side of the connector's wishes.

use std::collections::BTreeSet;

use configuration_document::{Outline, endpoint};
use connector_contract::{Endpoint, TargetServer};
use connector_runtime::HttpPolicy;
use connector_runtime::http::InvalidEntry;

/// Why a document is granted nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// `endpoints` lets a document choose where a secret is sent; a run has to allow that.
    #[error(
        "the configuration names endpoints of its own, which are for tests and local runs, and this run does not \
         allow them; take \"endpoints\" out of the configuration"
    )]
    EndpointsNotAllowed,
    /// The destination's settings name a server of their own, likewise.
    #[error(
        "the settings of the destination name a server of their own ({0}), which is for tests and local runs, and this \
         run does not allow it; name the service's own"
    )]
    ServerNotAllowed(String),
    /// The connector wishes for something that is no host.
    #[error("the connector asks for a host that cannot be allowed: {0}")]
    Wish(#[from] InvalidEntry),
}

/// Grants a document exactly the hosts of its cloud among those the connector `describe`s, and, where
/// the run allows it, the servers on this machine that it names itself. A document that is no JSON is
/// granted nothing: the connector says what is wrong with it without a network.
///
/// # Errors
///
/// See [`GrantError`].
pub fn grant(
    document: &str,
    endpoints: &[Endpoint],
    allow_loopback: bool,
) -> Result<HttpPolicy, GrantError> {
    let Ok(outline) = Outline::read(document) else {
        return Ok(HttpPolicy::default());
    };
    let hosts: BTreeSet<&str> = endpoints
        .iter()
        .filter(|endpoint| Some(endpoint.cloud.as_str()) == outline.cloud())
        .map(|endpoint| endpoint.host.as_str())
        .collect();
    let mut policy = HttpPolicy::new(hosts)?;
    if outline.names_endpoints() && !allow_loopback {
        return Err(GrantError::EndpointsNotAllowed);
    }
    for root in outline.endpoints() {
        // An endpoint elsewhere than on this machine stays refused, whatever the run allows.
        if let Ok(wider) = policy.clone().with_loopback(root.authority) {
            policy = wider;
        }
    }
    Ok(policy)
}

/// Grants, beside what a policy allows, the servers that the destination of a document `describe`s as needed: hosts by
/// https, and, where the run allows it, a server on this machine.
///
/// # Errors
///
/// See [`GrantError`].
pub fn grant_servers(
    policy: HttpPolicy,
    servers: &[TargetServer],
    allow_loopback: bool,
) -> Result<HttpPolicy, GrantError> {
    let mut policy = policy;
    for server in servers {
        let not_allowed = || GrantError::ServerNotAllowed(server.root.clone());
        let root = endpoint::root(&server.root).map_err(|_| not_allowed())?;
        policy = match policy.clone().with_loopback(root.authority) {
            Ok(wider) if allow_loopback => wider,
            Ok(_) => return Err(not_allowed()),
            Err(_) => policy.with_host(root.authority)?,
        };
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
    fn what_stands_around_a_document_changes_nothing() {
        let china = "{\r\n\"tenant\": {\"cloud\": \"china\"}\r\n}\r\n";
        for document in [china.to_owned(), format!("\u{feff}{china}")] {
            let url = "https://microsoftgraph.chinacloudapi.cn/v1.0/users";
            assert!(allows(&document, false, url), "{document:?}");
        }
        let local = format!("\u{feff}{LOCAL}");
        assert!(allows(&local, true, "http://127.0.0.1:8080/v1.0/users"));
        assert_eq!(
            grant(&local, &endpoints(), false),
            Err(GrantError::EndpointsNotAllowed)
        );
    }

    #[test]
    fn what_is_no_document_reaches_nothing() {
        for document in ["", "{", "{} {}", r#"{"tenant": {"cloud": 5}}"#] {
            assert!(
                !allows(document, true, "https://graph.microsoft.com/v1.0/users"),
                "{document}"
            );
        }
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

    fn server(root: &str) -> TargetServer {
        TargetServer {
            root: root.to_owned(),
            why: String::new(),
        }
    }

    #[test]
    fn a_destination_reaches_its_own_servers_beside_the_directory() {
        let policy = grant("{}", &endpoints(), false).unwrap();
        let servers = [server("https://eu.app.api.sinch.com")];
        let policy = grant_servers(policy, &servers, false).unwrap();
        let reaches = |url: &str| policy.check(&url.parse().unwrap()).is_ok();
        assert!(reaches("https://eu.app.api.sinch.com/api/v1/contacts"));
        assert!(reaches("https://graph.microsoft.com/v1.0/users"));
        assert!(!reaches("https://au.app.api.sinch.com/api/v1/contacts"));
        assert!(!reaches("http://eu.app.api.sinch.com/api/v1/contacts"));
    }

    #[test]
    fn a_server_on_this_machine_in_the_place_of_the_service_needs_the_runs_leave() {
        let servers = [server("http://127.0.0.1:8090")];
        let granted = |leave| grant_servers(HttpPolicy::default(), &servers, leave);
        assert_eq!(
            granted(false).unwrap_err(),
            GrantError::ServerNotAllowed("http://127.0.0.1:8090".to_owned())
        );
        let policy = granted(true).unwrap();
        let url = "http://127.0.0.1:8090/api/v1/contacts".parse().unwrap();
        assert!(policy.check(&url).is_ok());
    }

    #[test]
    fn what_is_no_server_is_none_that_is_granted() {
        for root in [
            "ftp://x.example",
            "http://x.example",
            "https://x.example/path",
            "x",
        ] {
            let granted = grant_servers(HttpPolicy::default(), &[server(root)], true);
            assert!(granted.is_err(), "{root}");
        }
    }
}
