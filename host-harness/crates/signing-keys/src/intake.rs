//! What is in a file: private keys and certificates, in whichever format.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::error::Error as Pkcs12Error;
use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use ring::signature::RsaKeyPair;
use secrecy::zeroize::Zeroizing;

use crate::error::KeyRefused;

/// A key of 4096 bits and a long chain have about 20 kB.
const LONGEST: usize = 256 * 1024;

/// OpenSSL takes 2,048 iterations by itself, and a careful person a million.
const MOST_ITERATIONS: u32 = 10_000_000;
/// OpenSSL's scrypt takes 16 MiB.
const MOST_MEMORY: u128 = 128 << 20;
const MOST_LANES: u16 = 16;

/// What is in a file.
pub(crate) struct Content {
    pub(crate) keys: Vec<PrivateKey>,
    /// In DER.
    pub(crate) certificates: Vec<Vec<u8>>,
}

/// A private key in DER. It has no `Debug`.
pub(crate) struct PrivateKey {
    form: Form,
    der: Zeroizing<Vec<u8>>,
}

/// How its DER is to be read.
#[derive(Clone, Copy)]
enum Form {
    /// RFC 5958.
    Pkcs8,
    /// RFC 8017, appendix A.1.2: RSA only.
    Pkcs1,
    /// RFC 5915: an elliptic curve, which nobody takes.
    Sec1,
}

impl PrivateKey {
    fn new(form: Form, der: Vec<u8>) -> Self {
        Self {
            form,
            der: Zeroizing::new(der),
        }
    }

    /// The key as one that can sign; `None` where it is no RSA key of a usable length.
    pub(crate) fn rsa(&self) -> Option<RsaKeyPair> {
        match self.form {
            Form::Pkcs8 => RsaKeyPair::from_pkcs8(&self.der).ok(),
            Form::Pkcs1 => RsaKeyPair::from_der(&self.der).ok(),
            Form::Sec1 => None,
        }
    }

    pub(crate) fn to_pem(&self) -> Zeroizing<String> {
        let label = match self.form {
            Form::Pkcs8 => "PRIVATE KEY",
            Form::Pkcs1 => "RSA PRIVATE KEY",
            Form::Sec1 => "EC PRIVATE KEY",
        };
        Zeroizing::new(pem::encode(&pem::Pem::new(label, self.der.to_vec())))
    }
}

/// Reads a file.
pub(crate) fn read(bytes: &[u8], password: Option<&str>) -> Result<Content, KeyRefused> {
    if bytes.len() > LONGEST {
        return Err(KeyRefused::TooLong);
    }
    let text = std::str::from_utf8(bytes).ok();
    if text.is_some_and(|text| text.contains("-----BEGIN")) {
        return from_pem(bytes, password);
    }
    // A file that is pasted into a form is text, too.
    let decoded = text.and_then(|text| {
        let plain: String = text.split_whitespace().collect();
        STANDARD.decode(plain).ok().map(Zeroizing::new)
    });
    from_pkcs12(
        decoded.as_ref().map_or(bytes, |decoded| decoded.as_slice()),
        password,
    )
}

fn from_pem(bytes: &[u8], password: Option<&str>) -> Result<Content, KeyRefused> {
    let sections = pem::parse_many(bytes).map_err(|_| KeyRefused::Unreadable)?;
    let mut content = Content {
        keys: Vec::new(),
        certificates: Vec::new(),
    };
    for section in sections {
        let is_legacy = section.headers().get("DEK-Info").is_some();
        let form = match section.tag() {
            "CERTIFICATE" => {
                content.certificates.push(section.into_contents());
                continue;
            }
            "ENCRYPTED PRIVATE KEY" => {
                let der = decrypted(section.contents(), password)?;
                content.keys.push(PrivateKey::new(Form::Pkcs8, der));
                continue;
            }
            "PRIVATE KEY" => Form::Pkcs8,
            "RSA PRIVATE KEY" => Form::Pkcs1,
            "EC PRIVATE KEY" => Form::Sec1,
            // Parameters, requests and the like are no part of a credential.
            _ => continue,
        };
        // The encryption of OpenSSL before 1.0 (RFC 1423), whose key is an MD5 of the password.
        if is_legacy {
            return Err(KeyRefused::UnknownEncryption);
        }
        content
            .keys
            .push(PrivateKey::new(form, section.into_contents()));
    }
    Ok(content)
}

/// PKCS#8, as `openssl pkcs8 -topk8` encrypts it.
fn decrypted(der: &[u8], password: Option<&str>) -> Result<Vec<u8>, KeyRefused> {
    let encrypted =
        EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| KeyRefused::UnknownEncryption)?;
    if !is_affordable(&encrypted.encryption_algorithm) {
        return Err(KeyRefused::UnknownEncryption);
    }
    let password = password.ok_or(KeyRefused::PasswordMissing)?;
    let document = encrypted
        .decrypt(password)
        .map_err(|_| KeyRefused::WrongPassword)?;
    Ok(document.as_bytes().to_vec())
}

/// Whether to find the key from the password takes no more than it does for a file that a person made: the file
/// says itself how much time and memory that is to take.
fn is_affordable(scheme: &EncryptionScheme) -> bool {
    let EncryptionScheme::Pbes2(parameters) = scheme else {
        return true;
    };
    match &parameters.kdf {
        Kdf::Pbkdf2(kdf) => kdf.iteration_count <= MOST_ITERATIONS,
        Kdf::Scrypt(kdf) => {
            let memory = u128::from(kdf.cost_parameter) * u128::from(kdf.block_size) * 128;
            memory <= MOST_MEMORY && kdf.parallelization <= MOST_LANES
        }
        _ => false,
    }
}

fn from_pkcs12(der: &[u8], password: Option<&str>) -> Result<Content, KeyRefused> {
    let read = KeyStore::from_pkcs12(
        der,
        password.unwrap_or_default(),
        Pkcs12ImportPolicy::Strict,
    );
    let store = read.map_err(|error| refused(&error, password.is_some()))?;
    let mut content = Content {
        keys: Vec::new(),
        certificates: Vec::new(),
    };
    for (_, entry) in store.entries() {
        match entry {
            KeyStoreEntry::PrivateKeyChain(chain) => {
                let key = chain.key().as_der().to_vec();
                content.keys.push(PrivateKey::new(Form::Pkcs8, key));
                let certificates = chain.certs().iter();
                content
                    .certificates
                    .extend(certificates.map(|certificate| certificate.as_der().to_vec()));
            }
            KeyStoreEntry::Certificate(certificate) => {
                content.certificates.push(certificate.as_der().to_vec());
            }
            KeyStoreEntry::Secret(_) => {}
        }
    }
    Ok(content)
}

fn refused(error: &Pkcs12Error, has_password: bool) -> KeyRefused {
    match error {
        Pkcs12Error::MacError(_) if has_password => KeyRefused::WrongPassword,
        Pkcs12Error::MacError(_) => KeyRefused::PasswordMissing,
        Pkcs12Error::UnsupportedEncryptionScheme | Pkcs12Error::UnsupportedMacAlgorithm => {
            KeyRefused::UnknownEncryption
        }
        _ => KeyRefused::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file asks for, of a key that `openssl` encrypted.
    fn encrypted(change: impl FnOnce(&mut Kdf)) -> EncryptionScheme {
        let text = include_bytes!("../fixtures/encrypted.pem");
        let sections = pem::parse_many(text).unwrap();
        let is_key = |section: &&pem::Pem| section.tag() == "ENCRYPTED PRIVATE KEY";
        let section = sections.iter().find(is_key);
        let der = section.unwrap().contents();
        let info = EncryptedPrivateKeyInfoRef::try_from(der).unwrap();
        let EncryptionScheme::Pbes2(mut parameters) = info.encryption_algorithm else {
            panic!("not of PKCS#5, version 2");
        };
        change(&mut parameters.kdf);
        EncryptionScheme::Pbes2(parameters)
    }

    #[test]
    fn a_file_that_asks_for_more_than_a_person_would_is_not_decrypted() {
        assert!(is_affordable(&encrypted(|_| {})));
        let many = encrypted(|kdf| match kdf {
            Kdf::Pbkdf2(kdf) => kdf.iteration_count = MOST_ITERATIONS + 1,
            Kdf::Scrypt(kdf) => kdf.parallelization = MOST_LANES + 1,
            _ => panic!("another way to a key"),
        });
        assert!(!is_affordable(&many));
    }
}
