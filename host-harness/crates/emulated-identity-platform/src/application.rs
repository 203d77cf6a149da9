//! The application: how it proves itself, and what it may do.

use std::fmt;
use std::time::Duration;

use crate::certificates::{Certificate, CertificateRecord, CertificateRefused};
use crate::federated_credential::{FederatedCredential, FederatedRefused};

/// An application that the tenant knows.
#[derive(Clone)]
pub struct Application {
    /// Its client id.
    pub client_id: String,
    /// The secret that is accepted.
    pub client_secret: String,
    /// A secret that is answered as expired.
    pub expired_secret: Option<String>,
    /// The certificates that it may prove itself with.
    pub certificates: Vec<Certificate>,
    /// The tokens of other issuers that it may prove itself with.
    pub federated_credentials: Vec<FederatedCredential>,
    /// The application permissions that an administrator consented to: what tokens carry.
    pub roles: Vec<String>,
    /// The application permissions that it is registered with: what `.default` asks for.
    pub permissions: Vec<String>,
    /// The addresses that the consent page may lead back to, compared exactly.
    pub redirect_uris: Vec<String>,
    /// How long an access token is good for.
    pub token_lifetime: Duration,
}

impl fmt::Debug for Application {
    /// Leaves the secrets out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("client_id", &self.client_id)
            .field("roles", &self.roles)
            .field("permissions", &self.permissions)
            .field("redirect_uris", &self.redirect_uris)
            .field("token_lifetime", &self.token_lifetime)
            .finish_non_exhaustive()
    }
}

impl Application {
    /// Registers a certificate (PEM, or DER in base64) that it may prove itself with.
    ///
    /// # Errors
    /// [`CertificateRefused`] for anything else.
    pub fn register_certificate(
        &mut self,
        text: &str,
    ) -> Result<CertificateRecord, CertificateRefused> {
        let certificate = Certificate::parse(text)?;
        let record = certificate.record();
        self.certificates
            .retain(|known| known.sha256() != certificate.sha256());
        self.certificates.push(certificate);
        Ok(record)
    }

    /// The certificates that it may prove itself with.
    #[must_use]
    pub fn certificate_records(&self) -> Vec<CertificateRecord> {
        self.certificates.iter().map(Certificate::record).collect()
    }

    /// Takes away the certificate of that key id or thumbprint; `false` where there is none.
    #[must_use]
    pub fn remove_certificate(&mut self, name: &str) -> bool {
        let before = self.certificates.len();
        self.certificates
            .retain(|certificate| !certificate.is_named(name));
        self.certificates.len() < before
    }

    /// Registers a token of another issuer that it may prove itself with, in the place of one of the same name.
    ///
    /// # Errors
    /// [`FederatedRefused`] for what Microsoft Graph would not take.
    pub fn register_federated_credential(
        &mut self,
        credential: FederatedCredential,
    ) -> Result<(), FederatedRefused> {
        let others = self.federated_credentials.iter();
        let others = others.filter(|known| known.name != credential.name);
        credential.check(others)?;
        self.federated_credentials
            .retain(|known| known.name != credential.name);
        self.federated_credentials.push(credential);
        Ok(())
    }

    /// Takes away the federated credential of that name; `false` where there is none.
    #[must_use]
    pub fn remove_federated_credential(&mut self, name: &str) -> bool {
        let before = self.federated_credentials.len();
        self.federated_credentials
            .retain(|known| known.name != name);
        self.federated_credentials.len() < before
    }

    /// Registers an address that the consent page may lead back to, beside those that are.
    pub fn register_redirect_uri(&mut self, uri: impl Into<String>) {
        let uri = uri.into();
        if !self.redirect_uris.contains(&uri) {
            self.redirect_uris.push(uri);
        }
    }

    /// Makes `secret` the one that is accepted; the one before is then answered as expired.
    pub fn expire_secret(&mut self, secret: impl Into<String>) {
        let former = std::mem::replace(&mut self.client_secret, secret.into());
        self.expired_secret = Some(former);
    }
}
