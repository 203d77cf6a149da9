//! Keys for tests and examples.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};

use crate::key::PrivateKey;

/// A new key: its private and its public half, in PEM.
///
/// # Panics
///
/// Where the system gives no random numbers.
#[must_use]
pub fn pair() -> (Vec<u8>, Vec<u8>) {
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random)
        .expect("the system gives random numbers");
    let private = pem::encode_config(
        &pem::Pem::new("PRIVATE KEY", key.as_ref()),
        pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF),
    );
    let private = private.into_bytes();
    let public = PrivateKey::read(&private).map(|key| key.public().to_pem());
    let public = public.expect("a key that was made can be read");
    (private, public.into_bytes())
}
