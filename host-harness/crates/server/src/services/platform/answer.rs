//! What Microsoft's pages lead back with, and what it means. All of it comes by the browser, so that anybody could
//! have written it; of what it says in words nothing is kept or shown.

use configuration_document::names;

/// What an address has that one of Microsoft's pages led back to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageAnswer {
    pub(crate) error: Option<String>,
    /// The number of the code with which the description of the error begins.
    pub(crate) aadsts: Option<u32>,
    pub(crate) admin_consent: Option<String>,
    pub(crate) tenant: Option<String>,
    pub(crate) code: Option<String>,
}

/// Why an answer is none to go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoConsent {
    /// Whoever was asked declined.
    Declined,
    /// Whoever was asked may not consent.
    NeedsAdministrator,
    /// Microsoft did not take the request.
    Failed,
}

/// The number of an AADSTS code with which a text begins.
pub(crate) fn aadsts(description: &str) -> Option<u32> {
    let rest = description.trim_start().strip_prefix("AADSTS")?;
    let end = rest.find(|c: char| !c.is_ascii_digit());
    rest.get(..end.unwrap_or(rest.len()))?.parse().ok()
}

impl PageAnswer {
    /// Why there is no consent, or no sign-in, where an error was told. It is looked at first: `admin_consent` is
    /// `True` also where consent was refused.
    pub(crate) fn refusal(&self) -> Option<NoConsent> {
        let error = self.error.as_deref()?;
        Some(match (self.aadsts, error) {
            // The administrator has to be asked, or has been.
            (Some(90_094 | 90_095), _) => NoConsent::NeedsAdministrator,
            (Some(65_004), _) => NoConsent::Declined,
            // Any other code says what is wrong; without one, these are how a page says that somebody gave up.
            (None, "consent_required" | "permission_denied" | "access_denied") => {
                NoConsent::Declined
            }
            (Some(_), "access_denied" | "permission_denied") => NoConsent::Declined,
            _ => NoConsent::Failed,
        })
    }

    /// The tenant in which consent is said to have been given: an id, in lower case. It proves nothing.
    pub(crate) fn consented_tenant(&self) -> Result<String, NoConsent> {
        self.consent()?;
        match &self.tenant {
            Some(tenant) if names::is_guid(tenant) => Ok(tenant.to_ascii_lowercase()),
            _ => Err(NoConsent::Failed),
        }
    }

    /// Whether consent is said to have been given. It proves nothing.
    pub(crate) fn consent(&self) -> Result<(), NoConsent> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let granted = self.admin_consent.as_deref().unwrap_or_default();
        if granted.eq_ignore_ascii_case("true") {
            Ok(())
        } else if granted.eq_ignore_ascii_case("false") {
            Err(NoConsent::Declined)
        } else {
            Err(NoConsent::Failed)
        }
    }

    /// For the audit log: what Microsoft calls the error, where that is a code, and never its words.
    pub(crate) fn subject(&self, refusal: NoConsent) -> String {
        match (self.aadsts, refusal) {
            (Some(number), _) => format!("AADSTS{number}"),
            (None, NoConsent::Declined) => "declined".to_owned(),
            (None, NoConsent::NeedsAdministrator) => "administrator needed".to_owned(),
            (None, NoConsent::Failed) => "failed".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "84841066-274d-4EC0-a5c1-276be684bdd3";

    fn granted() -> PageAnswer {
        PageAnswer {
            admin_consent: Some("True".to_owned()),
            tenant: Some(TENANT.to_owned()),
            ..PageAnswer::default()
        }
    }

    fn refused(error: &str, aadsts: Option<u32>) -> Result<String, NoConsent> {
        let answer = PageAnswer {
            error: Some(error.to_owned()),
            aadsts,
            ..granted()
        };
        answer.consented_tenant()
    }

    #[test]
    fn consent_names_a_tenant() {
        assert_eq!(granted().consented_tenant(), Ok(TENANT.to_lowercase()));
        for answer in [
            PageAnswer {
                tenant: Some("contoso.com".to_owned()),
                ..granted()
            },
            PageAnswer {
                tenant: Some("../../evil".to_owned()),
                ..granted()
            },
            PageAnswer {
                tenant: None,
                ..granted()
            },
            PageAnswer {
                admin_consent: None,
                ..granted()
            },
        ] {
            assert_eq!(
                answer.consented_tenant(),
                Err(NoConsent::Failed),
                "{answer:?}"
            );
        }
    }

    #[test]
    fn who_says_no_without_an_error_has_declined() {
        let answer = PageAnswer {
            admin_consent: Some("False".to_owned()),
            ..granted()
        };
        assert_eq!(answer.consent(), Err(NoConsent::Declined));
        assert_eq!(answer.consented_tenant(), Err(NoConsent::Declined));
    }

    #[test]
    fn an_error_goes_before_what_else_is_said() {
        assert_eq!(
            refused("consent_required", Some(65_004)),
            Err(NoConsent::Declined)
        );
        assert_eq!(refused("permission_denied", None), Err(NoConsent::Declined));
        assert_eq!(
            refused("access_denied", Some(90_094)),
            Err(NoConsent::NeedsAdministrator)
        );
        assert_eq!(
            refused("consent_required", Some(90_095)),
            Err(NoConsent::NeedsAdministrator)
        );
        assert_eq!(
            refused("invalid_client", Some(650_059)),
            Err(NoConsent::Failed)
        );
        assert_eq!(refused("<script>", None), Err(NoConsent::Failed));
    }

    #[test]
    fn of_a_description_the_number_alone_is_taken() {
        assert_eq!(aadsts("AADSTS65004: The resource owner…"), Some(65_004));
        assert_eq!(aadsts("AADSTS90094"), Some(90_094));
        for none in [
            "",
            "AADSTS",
            "<b>AADSTS65004</b>",
            "AADSTS99999999999",
            "declined",
        ] {
            assert_eq!(aadsts(none), None, "{none}");
        }
        let answer = PageAnswer {
            error: Some("<img src=x>".to_owned()),
            ..granted()
        };
        assert_eq!(answer.subject(NoConsent::Failed), "failed");
    }
}
