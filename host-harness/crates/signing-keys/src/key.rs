//! The key: checked once, and then used.

use std::fmt;
use std::time::SystemTime;

use connector_contract::imports::Signer;
use connector_contract::{Certificate, SigningError};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use ring::rand::SystemRandom;
use ring::signature::{KeyPair as _, RSA_PSS_SHA256, RsaKeyPair};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

use crate::error::KeyRefused;
use crate::intake::{self, Content, PrivateKey};
use crate::moment::milliseconds;

/// A certificate with its private key.
pub struct SigningKey {
    key: RsaKeyPair,
    private: PrivateKey,
    /// The certificate, and those that issued it, in DER.
    chain: Vec<Vec<u8>>,
    certificate: Certificate,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

/// Shows the certificate only.
impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Reads PEM, PKCS#12 or PKCS#12 in base64, with the password that protects it. A password that is not
    /// needed does no harm. Whether the certificate is valid now is [`check_time`](Self::check_time)'s to say.
    ///
    /// # Errors
    ///
    /// See [`KeyRefused`].
    pub fn read(bytes: &[u8], password: Option<&SecretString>) -> Result<Self, KeyRefused> {
        let password = password.map(ExposeSecret::expose_secret);
        let Content {
            mut keys,
            certificates,
        } = intake::read(bytes, password)?;
        let private = keys.pop().ok_or(KeyRefused::NoKey)?;
        if !keys.is_empty() {
            return Err(KeyRefused::SeveralKeys);
        }
        if certificates.is_empty() {
            return Err(KeyRefused::NoCertificate);
        }
        let parsed = certificates
            .iter()
            .map(|der| parse(der))
            .collect::<Result<Vec<_>, _>>()?;
        let Some(key) = private.rsa() else {
            // The certificate says what kind of key it is; the key's own refusal does not.
            let is_rsa = |certificate: &X509Certificate<'_>| {
                matches!(certificate.public_key().parsed(), Ok(PublicKey::RSA(_)))
            };
            return Err(match parsed.iter().any(is_rsa) {
                true => KeyRefused::UnusableKey,
                false => KeyRefused::NotRsa,
            });
        };
        let of_key = |(_, certificate): &(usize, &X509Certificate<'_>)| {
            *certificate.public_key().subject_public_key.data == *key.public_key().as_ref()
        };
        let mut of_key = parsed.iter().enumerate().filter(of_key);
        let (leaf, certificate) = of_key.next().ok_or(KeyRefused::WrongKey)?;
        if of_key.any(|(other, _)| certificates.get(other) != certificates.get(leaf)) {
            return Err(KeyRefused::SeveralCertificates);
        }
        let chain = chain(leaf, &parsed);
        let chain: Vec<_> = chain
            .into_iter()
            .filter_map(|place| certificates.get(place).cloned())
            .collect();
        let validity = certificate.validity();
        let (not_before, not_after) = (
            validity.not_before.to_datetime(),
            validity.not_after.to_datetime(),
        );
        let der = chain.first().map(Vec::as_slice).unwrap_or_default();
        Ok(Self {
            certificate: Certificate {
                thumbprint_sha256: Sha256::digest(der).to_vec(),
                thumbprint_sha1: digest(&SHA1_FOR_LEGACY_USE_ONLY, der).as_ref().to_vec(),
                not_before_ms: milliseconds(not_before),
                not_after_ms: milliseconds(not_after),
            },
            key,
            private,
            chain,
            not_before,
            not_after,
        })
    }

    /// Whether the certificate is valid at that time.
    ///
    /// # Errors
    ///
    /// [`KeyRefused::Expired`] and [`KeyRefused::NotYetValid`].
    pub fn check_time(&self, now: SystemTime) -> Result<(), KeyRefused> {
        let now = OffsetDateTime::from(now);
        if now < self.not_before {
            Err(KeyRefused::NotYetValid(self.not_before))
        } else if now >= self.not_after {
            Err(KeyRefused::Expired(self.not_after))
        } else {
            Ok(())
        }
    }

    /// The key and its certificates as one text, without a password: to be sealed, and read again.
    #[must_use]
    pub fn to_pem(&self) -> SecretString {
        let mut text = Zeroizing::new(String::with_capacity(16 * 1024));
        text.push_str(&self.private.to_pem());
        for der in &self.chain {
            text.push_str(&pem::encode(&pem::Pem::new("CERTIFICATE", der.clone())));
        }
        SecretString::from(text.as_str())
    }

    /// The thumbprint that the Entra admin center shows: SHA-1, in capital hexadecimal.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let bytes = self.certificate.thumbprint_sha1.iter();
        bytes.map(|byte| format!("{byte:02X}")).collect()
    }

    /// The certificate alone, in PEM: what is uploaded to the app registration.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        let der = self.chain.first().cloned().unwrap_or_default();
        pem::encode(&pem::Pem::new("CERTIFICATE", der))
    }
}

impl Signer for SigningKey {
    fn certificate(&self) -> Certificate {
        self.certificate.clone()
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        self.chain.clone()
    }

    /// Signs while the certificate is valid, by this machine's clock.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.check_time(SystemTime::now())?;
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PSS_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .map_err(|_| {
                SigningError::Unavailable("the system gives no random bytes".to_owned())
            })?;
        Ok(signature)
    }
}

fn parse(der: &[u8]) -> Result<X509Certificate<'_>, KeyRefused> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|_| KeyRefused::Unreadable)?;
    Ok(certificate)
}

/// From a certificate to the one that issued it, and so on, each once.
fn chain(leaf: usize, all: &[X509Certificate<'_>]) -> Vec<usize> {
    let mut chain = vec![leaf];
    let mut current = leaf;
    while let Some(certificate) = all.get(current) {
        let issuer = all.iter().enumerate().find(|(place, other)| {
            !chain.contains(place) && other.subject() == certificate.issuer()
        });
        match issuer {
            Some((place, _)) if certificate.subject() != certificate.issuer() => {
                chain.push(place);
                current = place;
            }
            _ => break,
        }
    }
    chain
}
