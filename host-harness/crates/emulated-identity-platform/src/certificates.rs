//! The certificates with which the application may prove itself
//! (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>).
//!
//! Only what a directory keeps of one: the public key, when it is valid, and its thumbprints. That
//! it signed itself is what Microsoft recommends for tests, so no chain is looked at.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use ring::signature::{UnparsedPublicKey, VerificationAlgorithm};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Serialize;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::{Builder, Uuid};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;

use emulated_directory::moments;

/// Why something cannot be registered.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateRefused {
    /// It is no certificate.
    #[error(
        "this is no X.509 certificate; give one in PEM (-----BEGIN CERTIFICATE-----), or its DER in base64"
    )]
    Unreadable,
    /// Whoever sends a private key here has mistaken the file.
    #[error(
        "this is a private key; register the certificate, and keep the key with the application"
    )]
    PrivateKey,
    /// Entra takes RSA keys only.
    #[error("the certificate's key is not RSA, which is the only kind that Entra ID takes")]
    NotRsa,
}

/// A registered certificate, as the control interface tells of it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateRecord {
    /// Its id among the application's keys; the same for the same certificate.
    pub key_id: String,
    /// SHA-1 over the certificate, in capital hexadecimal, as the Entra admin centre shows it.
    pub thumbprint: String,
    /// SHA-256 over the certificate, in capital hexadecimal.
    pub thumbprint_sha256: String,
    /// Whose it is.
    pub subject: String,
    /// When it begins to be valid.
    pub not_before: String,
    /// When it ceases to be.
    pub not_after: String,
}

/// A certificate, taken apart.
#[derive(Clone, Debug)]
pub struct Certificate {
    der: Vec<u8>,
    sha1: [u8; 20],
    sha256: [u8; 32],
    subject: String,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    /// The `RSAPublicKey` of RFC 8017, appendix A.1.1.
    key: Vec<u8>,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl Certificate {
    /// Reads PEM, or DER in base64.
    ///
    /// # Errors
    /// [`CertificateRefused`] for what is none, or not of an RSA key.
    pub fn parse(text: &str) -> Result<Self, CertificateRefused> {
        if text.contains("PRIVATE KEY-----") && !text.contains("BEGIN CERTIFICATE") {
            return Err(CertificateRefused::PrivateKey);
        }
        let der = if text.contains("-----BEGIN") {
            CertificateDer::from_pem_slice(text.as_bytes())
                .map_err(|_| CertificateRefused::Unreadable)?
                .to_vec()
        } else {
            let plain: String = text.split_whitespace().collect();
            STANDARD
                .decode(plain)
                .map_err(|_| CertificateRefused::Unreadable)?
        };
        Self::of_der(&der)
    }

    fn of_der(der: &[u8]) -> Result<Self, CertificateRefused> {
        let (rest, certificate) =
            X509Certificate::from_der(der).map_err(|_| CertificateRefused::Unreadable)?;
        if !rest.is_empty() {
            return Err(CertificateRefused::Unreadable);
        }
        let key = certificate.public_key();
        let Ok(PublicKey::RSA(rsa)) = key.parsed() else {
            return Err(CertificateRefused::NotRsa);
        };
        let mut sha1 = [0; 20];
        sha1.copy_from_slice(digest(&SHA1_FOR_LEGACY_USE_ONLY, der).as_ref());
        let validity = certificate.validity();
        Ok(Self {
            der: der.to_vec(),
            sha1,
            sha256: Sha256::digest(der).into(),
            subject: certificate.subject().to_string(),
            not_before: validity.not_before.to_datetime(),
            not_after: validity.not_after.to_datetime(),
            key: key.subject_public_key.data.to_vec(),
            modulus: unsigned(rsa.modulus),
            exponent: unsigned(rsa.exponent),
        })
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) fn sha1(&self) -> &[u8] {
        &self.sha1
    }

    pub(crate) fn sha256(&self) -> &[u8] {
        &self.sha256
    }

    /// Modulus and exponent, big-endian.
    pub(crate) fn rsa(&self) -> (&[u8], &[u8]) {
        (&self.modulus, &self.exponent)
    }

    /// When it is valid: from, until.
    pub(crate) fn validity(&self) -> (OffsetDateTime, OffsetDateTime) {
        (self.not_before, self.not_after)
    }

    /// Whether the key of this certificate signed a message.
    pub(crate) fn signed(
        &self,
        algorithm: &'static dyn VerificationAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let key = UnparsedPublicKey::new(algorithm, &self.key);
        key.verify(message, signature).is_ok()
    }

    /// Whether it goes by a name: its key id, or a thumbprint in hexadecimal.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        let record = self.record();
        [record.key_id, record.thumbprint, record.thumbprint_sha256]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    }

    fn key_id(&self) -> Uuid {
        let mut bytes = [0; 16];
        for (byte, drawn) in bytes.iter_mut().zip(self.sha256) {
            *byte = drawn;
        }
        Builder::from_random_bytes(bytes).into_uuid()
    }

    /// What is told of it.
    #[must_use]
    pub fn record(&self) -> CertificateRecord {
        CertificateRecord {
            key_id: self.key_id().to_string(),
            thumbprint: hexadecimal(&self.sha1),
            thumbprint_sha256: hexadecimal(&self.sha256),
            subject: self.subject.clone(),
            not_before: moments::zulu(self.not_before.into()),
            not_after: moments::zulu(self.not_after.into()),
        }
    }
}

/// Without the zero that keeps a DER integer from being negative.
fn unsigned(integer: &[u8]) -> Vec<u8> {
    let leading = integer.iter().take_while(|byte| **byte == 0).count();
    integer.get(leading..).unwrap_or_default().to_vec()
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::application;

    #[test]
    fn a_certificate_is_read_from_pem_and_from_base64_with_line_breaks() {
        let (pem, _) = application::certificate();
        let read = Certificate::parse(&pem).unwrap();
        let body: String = pem.lines().filter(|line| !line.contains("-----")).collect();
        let broken = format!("{}\r\n{}\n", &body[..64], &body[64..]);
        assert_eq!(Certificate::parse(&broken).unwrap().record(), read.record());
        let record = read.record();
        assert_eq!(record.thumbprint.len(), 40);
        assert!(read.is_named(&record.thumbprint.to_lowercase()));
        assert!(read.is_named(&record.key_id));
        assert!(!read.is_named(""));
    }

    #[test]
    fn what_is_no_rsa_certificate_is_refused_with_what_it_is() {
        let refused = |text: &str| Certificate::parse(text).unwrap_err();
        assert_eq!(refused(""), CertificateRefused::Unreadable);
        assert_eq!(refused("AAAA"), CertificateRefused::Unreadable);
        assert_eq!(
            refused("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            CertificateRefused::Unreadable
        );
        assert_eq!(refused(application::KEY), CertificateRefused::PrivateKey);
        let elliptic = rcgen::generate_simple_self_signed(vec!["app".to_owned()]).unwrap();
        assert_eq!(refused(&elliptic.cert.pem()), CertificateRefused::NotRsa);
    }
}
