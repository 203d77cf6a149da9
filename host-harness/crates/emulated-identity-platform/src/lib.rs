//! The Microsoft identity platform of one tenant: what `login.microsoftonline.com` answers
//! (<https://learn.microsoft.com/entra/identity-platform/>).
//!
//! An [`IdentityPlatform`] knows one [`Application`] and answers, for each [`Door`] of it, discovery
//! documents, tokens for a secret, for the assertion of a [`Certificate`] or for the token of another issuer
//! ([`FederatedCredential`]), and the page on which an
//! administrator consents. It knows no socket, no person and no resource; who serves a resource asks it
//! what an access token [says](IdentityPlatform::authenticate).
//!
//! Nobody signs in: the discovery documents name the endpoints of people's sign-in, as the real ones
//! do, and those answer 404.

mod access_token;
mod admin_consent;
mod application;
mod assertion;
mod audience;
mod base64url;
mod certificates;
mod context;
mod discovery;
mod door;
mod federated;
mod federated_credential;
mod jwt;
mod keys;
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
