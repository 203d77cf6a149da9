//! The Microsoft identity platform of one tenant: what `login.microsoftonline.com` answers
//! (<https://learn.microsoft.com/entra/identity-platform/>).
//!
//! An [`IdentityPlatform`] knows one [`Application`] and answers, for each [`Door`] of it, discovery
//! documents, tokens for a secret, for the assertion of a [`Certificate`] or for the token of another issuer
//! ([`FederatedCredential`]), the page on which an administrator consents, and the one on which people sign in,
//! with codes and ID tokens. It knows no socket, no person and no resource; who serves a resource asks it
//! what an access token [says](IdentityPlatform::authenticate).
//!
//! Three people sign in, who stand for all that an application has to tell apart: an administrator of the
//! tenant, somebody of it who administers nothing, and an administrator of another tenant, of which there is
//! nothing here but its id. Of the other endpoints that the discovery documents name as the real ones do, none
//! is here, and they answer 404.

mod access_token;
mod accounts;
mod admin_consent;
mod application;
mod assertion;
mod audience;
mod authorize;
mod base64url;
mod browser_request;
mod certificates;
mod codes;
mod context;
mod discovery;
mod door;
mod federated;
mod federated_credential;
mod id_token;
mod jwt;
mod keys;
mod page;
mod platform;
mod refusal;
mod tenant;
mod token;
mod version;

#[cfg(test)]
mod tests;

pub use access_token::{Claims, TokenFlaw};
pub use application::Application;
pub use certificates::{Certificate, CertificateRecord, CertificateRefused};
pub use context::Conditions;
pub use door::Door;
pub use federated_credential::{FederatedCredential, FederatedRefused, KeySet};
pub use platform::IdentityPlatform;
pub use version::Version;
