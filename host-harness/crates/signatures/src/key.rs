//! The two halves of a key: what signs, and what anybody checks with.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use sha2::{Digest as _, Sha256};

use crate::signature::Signature;

/// What stands before the point in a public key of P-256 (RFC 5480, sections 2.1.1 and 2.2): the algorithm, the
/// curve, and the mark of a point that is not compressed.
const SUBJECT_PUBLIC_KEY_INFO: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

/// Bytes of a point without its mark.
const POINT: usize = 64;

/// Why a file is no key that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// No PEM, or one without a key.
    #[error("this is no key in PEM: it has no `{0}`")]
    NotPem(&'static str),
    /// A private key where the public one is enough.
    #[error(
        "this is a private key; to check a signature, give the public one (`openssl pkey -pubout`)"
    )]
    Private,
    /// A private key that a password protects.
    #[error(
        "this private key is protected by a password; give one in PKCS#8 without \
         (`openssl pkey -in KEY -out NEW`)"
    )]
    Protected,
    /// A private key in an older form.
    #[error("this private key is not PKCS#8; make it so (`openssl pkey -in KEY -out NEW`)")]
    NotPkcs8,
    /// Another algorithm, or another curve.
    #[error("this is not a key of the elliptic curve P-256, with which components are signed")]
    NotP256,
}

/// A signature does not belong to these bytes and this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not of this file and this key")]
pub struct NotSigned;

/// The system gives no random numbers, without which nothing can be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers, and nothing can be signed without")]
pub struct NothingRandom;

/// What anybody checks a signature with.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    point: [u8; POINT],
}

impl PublicKey {
    /// Reads a public key in PEM, as `openssl pkey -pubout` and `cosign public-key` write it.
    ///
    /// # Errors
    ///
    /// See [`InvalidKey`].
    pub fn read(pem: &[u8]) -> Result<Self, InvalidKey> {
        const LABEL: &str = "PUBLIC KEY";
        let pem = pem::parse(pem).map_err(|_| InvalidKey::NotPem(LABEL))?;
        match pem.tag() {
            LABEL => {}
            tag if tag.ends_with("PRIVATE KEY") => return Err(InvalidKey::Private),
            _ => return Err(InvalidKey::NotPem(LABEL)),
        }
        let point = pem.contents().strip_prefix(&SUBJECT_PUBLIC_KEY_INFO);
        let point = point.ok_or(InvalidKey::NotP256)?;
        let point = point.try_into().map_err(|_| InvalidKey::NotP256)?;
        Ok(Self { point })
    }

    /// In PEM.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode_config(
            &pem::Pem::new("PUBLIC KEY", self.der()),
            pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF),
        )
    }

    /// That somebody with the private half signed these bytes.
    ///
    /// # Errors
    ///
    /// Where nobody did.
    pub fn verify(&self, signed: &[u8], signature: &Signature) -> Result<(), NotSigned> {
        let mut point = vec![0x04];
        point.extend(self.point);
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
            .verify(signed, signature.der())
            .map_err(|_| NotSigned)
    }

    /// SHA-256 over the key, by which people tell keys apart; in hexadecimal.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.der());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// As `SubjectPublicKeyInfo`.
    fn der(&self) -> Vec<u8> {
        [&SUBJECT_PUBLIC_KEY_INFO[..], &self.point].concat()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("PublicKey")
            .field(&self.fingerprint())
            .finish()
    }
}

/// What signs.
pub struct PrivateKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl PrivateKey {
    /// Reads a private key in PEM (PKCS#8, without a password), as
    /// `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` writes it.
    ///
    /// # Errors
    ///
    /// See [`InvalidKey`].
    pub fn read(pem: &[u8]) -> Result<Self, InvalidKey> {
        const LABEL: &str = "PRIVATE KEY";
        let pem = pem::parse(pem).map_err(|_| InvalidKey::NotPem(LABEL))?;
        match pem.tag() {
            LABEL => {}
            tag if tag.starts_with("ENCRYPTED ") => return Err(InvalidKey::Protected),
            tag if tag.ends_with(" PRIVATE KEY") => return Err(InvalidKey::NotPkcs8),
            _ => return Err(InvalidKey::NotPem(LABEL)),
        }
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pem.contents(), &random);
        Ok(Self {
            pair: pair.map_err(|_| InvalidKey::NotP256)?,
            random,
        })
    }

    /// Signs. No two signatures of the same bytes are the same: each has a random number in it.
    ///
    /// # Errors
    ///
    /// Where the system gives no random numbers.
    pub fn sign(&self, bytes: &[u8]) -> Result<Signature, NothingRandom> {
        let signature = self.pair.sign(&self.random, bytes);
        let signature = signature.map_err(|_| NothingRandom)?;
        Ok(Signature::from_der(signature.as_ref()))
    }

    /// What the signatures are checked with.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let mut point = [0; POINT];
        // A point that is not compressed begins with its mark (SEC 1, section 2.3.3).
        let coordinates = self.pair.public_key().as_ref().iter().skip(1);
        for (byte, coordinate) in point.iter_mut().zip(coordinates) {
            *byte = *coordinate;
        }
        PublicKey { point }
    }
}

/// Shows the public half only.
impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("PrivateKey")
            .field(&self.public().fingerprint())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pair;

    #[test]
    fn what_one_half_signs_the_other_half_knows_again() {
        let (private, public) = pair();
        let private = PrivateKey::read(&private).unwrap();
        let public = PublicKey::read(&public).unwrap();
        assert_eq!(private.public(), public);
        let signature = private.sign(b"a component").unwrap();
        assert_eq!(public.verify(b"a component", &signature), Ok(()));
        assert_eq!(public.verify(b"a_component", &signature), Err(NotSigned));
        let (_, foreign) = pair();
        let foreign = PublicKey::read(&foreign).unwrap();
        assert_eq!(foreign.verify(b"a component", &signature), Err(NotSigned));
        assert_ne!(foreign.fingerprint(), public.fingerprint());
    }

    #[test]
    fn a_public_key_is_written_as_it_was_read() {
        let (_, public) = pair();
        let read = PublicKey::read(&public).unwrap();
        assert_eq!(read.to_pem().as_bytes(), public);
    }

    #[test]
    fn what_is_no_key_is_told_what_it_is() {
        let (private, public) = pair();
        let refused = |pem: &[u8]| PublicKey::read(pem).unwrap_err();
        assert_eq!(refused(&private), InvalidKey::Private);
        assert_eq!(refused(b"hello"), InvalidKey::NotPem("PUBLIC KEY"));
        let of = |tag: &str| pem::encode(&pem::Pem::new(tag, [1, 2, 3])).into_bytes();
        assert_eq!(refused(&of("PUBLIC KEY")), InvalidKey::NotP256);
        assert_eq!(
            refused(&of("CERTIFICATE")),
            InvalidKey::NotPem("PUBLIC KEY")
        );
        let refused = |pem: &[u8]| PrivateKey::read(pem).unwrap_err();
        assert_eq!(refused(&public), InvalidKey::NotPem("PRIVATE KEY"));
        assert_eq!(refused(&of("EC PRIVATE KEY")), InvalidKey::NotPkcs8);
        assert_eq!(
            refused(&of("ENCRYPTED SIGSTORE PRIVATE KEY")),
            InvalidKey::Protected
        );
        assert_eq!(refused(&of("PRIVATE KEY")), InvalidKey::NotP256);
    }

    #[test]
    fn no_private_key_is_printed() {
        let (private, _) = pair();
        let key = PrivateKey::read(&private).unwrap();
        let printed = format!("{key:?}");
        assert_eq!(
            printed,
            format!("PrivateKey(\"{}\")", key.public().fingerprint())
        );
    }
}
