//! Authorisation codes: what each stands for, for ten minutes and one use
//! (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>, RFC 6749 and, of the
//! proof that whoever redeems one has asked for it, RFC 7636).

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::accounts::Account;
use crate::refusal::Refusal;

/// How long a code is good for.
const LIFETIME: Duration = Duration::from_mins(10);

/// How long one that was used or is over is still told from one that never was.
const REMEMBERED: Duration = Duration::from_hours(1);

/// What somebody signed in for.
#[derive(Clone, Debug)]
pub(crate) struct SignIn {
    pub(crate) account: Account,
    /// The tenant's id.
    pub(crate) tenant_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
}

/// What a verifier is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    Plain(String),
    Sha256(String),
}

impl Challenge {
    fn is_met_by(&self, verifier: &str) -> bool {
        match self {
            Self::Plain(challenge) => verifier == challenge,
            Self::Sha256(challenge) => {
                URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == *challenge
            }
        }
    }
}

#[derive(Debug)]
struct Issued {
    sign_in: SignIn,
    at: SystemTime,
    redeemed: bool,
}

/// The codes that were issued.
#[derive(Debug, Default)]
pub(crate) struct Codes(HashMap<String, Issued>);

/// Who redeems a code, and how.
pub(crate) struct Redemption<'a> {
    pub(crate) code: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) verifier: Option<&'a str>,
}

impl Codes {
    /// A code for somebody who signed in.
    pub(crate) fn issue(&mut self, sign_in: SignIn, now: SystemTime) -> String {
        self.0
            .retain(|_, issued| now < issued.at + LIFETIME + REMEMBERED);
        let code = format!("1.{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let issued = Issued {
            sign_in,
            at: now,
            redeemed: false,
        };
        self.0.insert(code.clone(), issued);
        code
    }

    /// What a code stands for; it is used up by that, unless the request is wrong.
    ///
    /// # Errors
    /// 70000 for one that was never issued, 54005 for one that was used, 70008 for one that is over, 500112
    /// for another redirect URI, 501481 for a verifier that is missing or another.
    pub(crate) fn redeem(
        &mut self,
        redemption: &Redemption<'_>,
        now: SystemTime,
    ) -> Result<SignIn, Refusal> {
        let invalid = |code, message: &str| Err(Refusal::bad("invalid_grant", code, message));
        let Some(issued) = self.0.get_mut(redemption.code) else {
            return invalid(
                70_000,
                "The provided value for the 'code' parameter is not valid.",
            );
        };
        if issued.redeemed {
            return invalid(
                54_005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or \
                 use an existing refresh token.",
            );
        }
        if issued.at + LIFETIME <= now {
            return invalid(
                70_008,
                "The provided authorization code or refresh token has expired due to inactivity. Send a \
                 new interactive authorization request for this user and resource.",
            );
        }
        if issued.sign_in.redirect_uri != redemption.redirect_uri {
            return Err(Refusal::client(
                500_112,
                "The reply address does not match the reply address provided when requesting \
                 Authorization code.",
            ));
        }
        let verifier = redemption.verifier.unwrap_or_default();
        let challenge = issued.sign_in.challenge.as_ref();
        if challenge.is_some_and(|challenge| !challenge.is_met_by(verifier)) {
            return invalid(
                501_481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            );
        }
        issued.redeemed = true;
        Ok(issued.sign_in.clone())
    }
}
