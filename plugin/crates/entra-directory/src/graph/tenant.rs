//! Which tenant answers.
//!
//! A tenant is known by its id. A domain is only a name for one, and can come to name another: when
//! a company moves, it takes its domains along
//! (<https://learn.microsoft.com/entra/identity/users/domains-manage>). Object ids of the one tenant
//! mean nothing in the other, so each access token is looked at for the tenant that issued it.

use std::fmt;

use super::error::{Failure, GraphError};

/// A tenant's id: a GUID in small letters, however it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantId(String);

impl TenantId {
    /// Reads an id; `None` where the text is none, as the name of a domain.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let groups: Vec<_> = text.split('-').map(str::len).collect();
        let is_id =
            groups == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
        is_id.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The sign-in named a tenant by its id, and another one answered.
#[must_use]
pub fn other_tenant(configured: &TenantId, answered: &TenantId) -> GraphError {
    stop(
        "other-tenant",
        format!("the tenant {configured} was asked, and the tenant {answered} answered"),
        "Check that no proxy answers in Microsoft's place. Nothing is read, written or taken away on that \
         answer."
            .to_owned(),
    )
}

/// A domain that stood for one tenant stands for another.
#[must_use]
pub fn moved(domain: &str, before: &TenantId, now: &TenantId) -> GraphError {
    stop(
        "tenant-moved",
        format!("the domain {domain} belongs to another tenant now: {now}, and before {before}"),
        format!(
            "Nothing is read, written or taken away, and where the last sync stood is kept. If the \
             organisation has moved to the other tenant, write its id, {now}, as tenant.id: its people \
             then find their contacts by their addresses. If not, ask an administrator of the domain; \
             the id of the tenant that was meant is {before}."
        ),
    )
}

fn stop(code: &str, message: String, advice: String) -> GraphError {
    GraphError::Unauthorized(Box::new(Failure {
        code: code.to_owned(),
        message,
        advice,
        status: None,
        request_id: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_in_capitals_and_a_domain_is_none() {
        let small = TenantId::parse("84841066-274d-4ec0-a5c1-276be684bdd3").unwrap();
        let capital = TenantId::parse(" 84841066-274D-4EC0-A5C1-276BE684BDD3 ").unwrap();
        assert_eq!(small, capital);
        for other in [
            "contoso.example",
            "",
            "84841066274d4ec0a5c1276be684bdd3",
            "84841066-274d-4ec0-a5c1-276be684bdg3",
        ] {
            assert_eq!(TenantId::parse(other), None, "{other}");
        }
    }
}
