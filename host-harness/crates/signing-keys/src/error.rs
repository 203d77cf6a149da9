//! Why a file holds no key that an application could sign in with.

use connector_contract::SigningError;
use time::OffsetDateTime;

use crate::moment::{day, milliseconds};

/// Why a file is not taken. No text holds anything of the file, or of its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRefused {
    /// Neither of the formats.
    #[error(
        "this is neither PEM nor PKCS#12: give the certificate with its private key, as OpenSSL (.pem) or Windows (.pfx, .p12) writes it"
    )]
    Unreadable,
    /// A certificate, or nothing.
    #[error("there is no private key in it: give the certificate together with its private key")]
    NoKey,
    /// A private key by itself.
    #[error("there is no certificate in it: give the private key together with its certificate")]
    NoCertificate,
    /// Several private keys.
    #[error("there are several private keys in it: give one, with its certificate")]
    SeveralKeys,
    /// It is encrypted, and nobody said with what.
    #[error("it is protected by a password: give the password, too")]
    PasswordMissing,
    /// The password does not open it.
    #[error("the password does not open it, or the file is damaged")]
    WrongPassword,
    /// Its encryption, or its content, is none that is known here.
    #[error(
        "it is encrypted in a way that is not known here: export it anew, with AES-256 or TripleDES and SHA-256 or SHA-1"
    )]
    UnknownEncryption,
    /// Entra takes RSA keys only.
    #[error(
        "the key is not RSA, which is the only kind that Entra ID takes for an application: make an RSA key of 2048 bits, and a certificate for it"
    )]
    NotRsa,
    /// Shorter than 2048 bits, longer than 4096, or malformed.
    #[error("the private key cannot be used: Entra ID takes RSA keys of 2048 to 4096 bits")]
    UnusableKey,
    /// The certificate is another key's.
    #[error("the private key is not that of the certificate: give the two that belong together")]
    WrongKey,
    /// Several certificates have the key.
    #[error(
        "several of the certificates are for this private key: give the one that is registered"
    )]
    SeveralCertificates,
    /// Too late.
    #[error("the certificate expired on {}: make a new one, and upload it to the app registration", day(*.0))]
    Expired(OffsetDateTime),
    /// Too early.
    #[error("the certificate is not valid before {}", day(*.0))]
    NotYetValid(OffsetDateTime),
    /// Longer than any certificate chain.
    #[error("this is longer than any certificate with its key")]
    TooLong,
}

impl From<KeyRefused> for SigningError {
    fn from(refused: KeyRefused) -> Self {
        match refused {
            KeyRefused::Expired(at) => Self::Expired(milliseconds(at)),
            other => Self::NotUsable(other.to_string()),
        }
    }
}
