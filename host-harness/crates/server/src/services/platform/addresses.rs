//! Where Microsoft's pages are, for one round trip.

use super::proof::SignInProof;

/// What leads to a page of Microsoft's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way<'a> {
    /// The root of the sign-in service.
    pub(crate) login: &'a str,
    pub(crate) client_id: &'a str,
    /// Where it leads back to.
    pub(crate) redirect_uri: &'a str,
    pub(crate) state: &'a str,
}

impl Way<'_> {
    /// The page on which an administrator consents for a tenant: its id, or `organizations` where it is not known yet
    /// (<https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>). Application permissions are asked
    /// for as everything that is registered.
    pub(crate) fn consent_page(&self, tenant: &str, graph: &str) -> String {
        let scope = format!("{graph}/.default");
        self.page(tenant, "v2.0/adminconsent", &[("scope", &scope)])
    }

    /// The page on which somebody signs in in a tenant
    /// (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>).
    pub(crate) fn sign_in_page(&self, tenant: &str, proof: &SignInProof) -> String {
        let parameters = [
            ("response_type", "code"),
            ("response_mode", "query"),
            ("scope", "openid profile"),
            ("nonce", proof.nonce()),
            ("code_challenge", &proof.challenge()),
            ("code_challenge_method", "S256"),
        ];
        self.page(tenant, "oauth2/v2.0/authorize", &parameters)
    }

    fn page(&self, tenant: &str, path: &str, parameters: &[(&str, &str)]) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", self.client_id)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("state", self.state)
            .extend_pairs(parameters)
            .finish();
        format!("{}/{tenant}/{path}?{query}", self.login)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAY: Way<'_> = Way {
        login: "https://login.microsoftonline.com",
        client_id: "client",
        redirect_uri: "https://sync.example/consent",
        state: "the-state",
    };

    #[test]
    fn consent_is_asked_for_with_everything_that_is_registered() {
        assert_eq!(
            WAY.consent_page("organizations", "https://graph.microsoft.com"),
            "https://login.microsoftonline.com/organizations/v2.0/adminconsent?client_id=client\
             &redirect_uri=https%3A%2F%2Fsync.example%2Fconsent&state=the-state\
             &scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
        );
    }

    #[test]
    fn a_sign_in_carries_a_nonce_and_the_hash_of_a_verifier_and_not_the_verifier() {
        let proof = SignInProof::of(b"session", "the-state");
        let page = WAY.sign_in_page("tenant", &proof);
        let begin = "https://login.microsoftonline.com/tenant/oauth2/v2.0/authorize?";
        assert!(page.starts_with(begin), "{page}");
        for part in [
            "response_type=code",
            "scope=openid+profile",
            "code_challenge_method=S256",
        ] {
            assert!(page.contains(part), "{page}");
        }
        assert!(page.contains(&format!("nonce={}", proof.nonce())), "{page}");
        assert!(page.contains(&proof.challenge()), "{page}");
        assert!(!page.contains(proof.verifier()), "{page}");
    }
}
