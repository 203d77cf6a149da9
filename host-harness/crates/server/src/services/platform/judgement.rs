//! Whether somebody who signed in may connect a workspace with their tenant: a function of values.

use id_token::SignedIn;

/// Why not. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotAllowed {
    /// The workspace is connected with another tenant.
    #[error("other tenant")]
    OtherTenant,
    /// They are not one of those who may consent for the tenant.
    #[error("no administrator")]
    NotAdministrator,
    /// The token does not say what they are, because the application is not registered so.
    #[error("roles not told")]
    RolesUntold,
}

/// The tenant that is connected, by its id.
///
/// `consented` is the tenant that the page said has consented, and `connected` the one with which the workspace is
/// connected already.
///
/// # Errors
///
/// See [`NotAllowed`].
pub(crate) fn tenant_to_connect<'a>(
    signed_in: &'a SignedIn,
    consented: &str,
    connected: Option<&str>,
) -> Result<&'a str, NotAllowed> {
    let tenant = signed_in.tenant_id.as_str();
    let is_it = |other: &str| tenant.eq_ignore_ascii_case(other);
    if !is_it(consented) || !connected.is_none_or(is_it) {
        return Err(NotAllowed::OtherTenant);
    }
    match signed_in.may_consent {
        Some(true) => Ok(tenant),
        Some(false) => Err(NotAllowed::NotAdministrator),
        None => Err(NotAllowed::RolesUntold),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "84841066-274d-4ec0-a5c1-276be684bdd3";
    const OTHER: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

    fn judged(
        may_consent: Option<bool>,
        consented: &str,
        connected: Option<&str>,
    ) -> Result<String, NotAllowed> {
        let signed_in = SignedIn {
            tenant_id: TENANT.to_owned(),
            may_consent,
        };
        tenant_to_connect(&signed_in, consented, connected).map(str::to_owned)
    }

    #[test]
    fn an_administrator_connects_their_own_tenant() {
        let upper = TENANT.to_uppercase();
        for connected in [None, Some(TENANT), Some(upper.as_str())] {
            assert_eq!(judged(Some(true), TENANT, connected), Ok(TENANT.to_owned()));
        }
    }

    #[test]
    fn a_tenant_that_the_page_named_is_not_connected_by_somebody_of_another_one() {
        assert_eq!(
            judged(Some(true), OTHER, None),
            Err(NotAllowed::OtherTenant)
        );
    }

    #[test]
    fn a_workspace_stays_with_its_tenant() {
        for connected in [OTHER, "contoso.com", ""] {
            let judged = judged(Some(true), TENANT, Some(connected));
            assert_eq!(judged, Err(NotAllowed::OtherTenant), "{connected}");
        }
    }

    #[test]
    fn to_belong_to_a_tenant_is_not_enough() {
        assert_eq!(
            judged(Some(false), TENANT, None),
            Err(NotAllowed::NotAdministrator)
        );
        assert_eq!(judged(None, TENANT, None), Err(NotAllowed::RolesUntold));
    }
}
