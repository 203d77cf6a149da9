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

    fn of(told: &Value) -> Option<Self> {
        Some(Self {
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
