//! The tenant in words, for a person to recognise.

use guest_kit::json;
use serde_json::Value;

use super::error::GraphError;

/// The tenant (<https://learn.microsoft.com/graph/api/organization-list>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// The tenant id.
    pub id: String,
    /// As its administrators called it.
    pub display_name: Option<String>,
    /// The domains that are proven to be its own, in small letters; none where they were not asked for.
    pub domains: Vec<String>,
    /// The domain that it began with, which always stays its own.
    pub initial: Option<String>,
}

impl Organization {
    /// Reads the answer: a collection of exactly one.
    pub(super) fn read(body: &[u8], host: &str) -> Result<Self, GraphError> {
        let host = || host.to_owned();
        let body = json::value(body).ok_or_else(|| GraphError::NotJson { host: host() })?;
        let first = body.get("value").and_then(|value| value.get(0));
        first
            .and_then(Self::of)
            .ok_or_else(|| GraphError::UnexpectedShape {
                host: host(),
                detail: "it names no organisation",
            })
    }

    /// Whether a domain is its own.
    pub(super) fn has_domain(&self, domain: &str) -> bool {
        self.domains
            .iter()
            .any(|own| own.eq_ignore_ascii_case(domain))
    }

    /// The domain that it began with, `contoso.onmicrosoft.com`; `None` where that was not told.
    pub(super) fn initial_domain(&self) -> Option<&str> {
        self.initial.as_deref()
    }

    fn of(told: &Value) -> Option<Self> {
        let domains = told.get("verifiedDomains").and_then(Value::as_array);
        let domains = domains.map(Vec::as_slice).unwrap_or_default();
        let name = |domain: &Value| Some(domain.get("name")?.as_str()?.to_ascii_lowercase());
        let is_initial = |domain: &&Value| domain.get("isInitial") == Some(&Value::Bool(true));
        Some(Self {
            domains: domains.iter().filter_map(name).collect(),
            initial: domains.iter().find(is_initial).and_then(name),
            id: told.get("id")?.as_str()?.to_owned(),
            display_name: match told.get("displayName") {
                None | Some(Value::Null) => None,
                Some(name) => Some(name.as_str()?.to_owned()),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_organisation_is_read() {
        let body = br#"{"value":[{"id":"t-1","displayName":"Contoso","city":null}]}"#;
        let organization = Organization::read(body, "h").unwrap();
        assert_eq!(organization.id, "t-1");
        assert_eq!(organization.display_name.as_deref(), Some("Contoso"));
    }

    #[test]
    fn its_domains_are_its_own_in_any_case() {
        let body =
            br#"{"value":[{"id":"t-1","verifiedDomains":[{"name":"Contoso.com","isInitial":false},
            {"name":"contoso.onmicrosoft.com","isInitial":true}]}]}"#;
        let organization = Organization::read(body, "h").unwrap();
        assert!(organization.has_domain("CONTOSO.com"));
        assert!(!organization.has_domain("fabrikam.com"));
        assert_eq!(
            organization.initial_domain(),
            Some("contoso.onmicrosoft.com")
        );
    }

    #[test]
    fn a_name_may_be_missing_but_an_id_may_not() {
        let unnamed = Organization::read(br#"{"value":[{"id":"t-1"}]}"#, "h").unwrap();
        assert_eq!(unnamed.display_name, None);
        for body in [
            r#"{"value":[{"displayName":"x"}]}"#,
            r#"{"value":[]}"#,
            "{}",
            "[]",
        ] {
            let error = Organization::read(body.as_bytes(), "h").unwrap_err();
            assert_eq!(error.code(), "unexpected-shape", "{body}");
        }
        assert_eq!(
            Organization::read(b"{", "h").unwrap_err().code(),
            "not-json"
        );
    }
}
