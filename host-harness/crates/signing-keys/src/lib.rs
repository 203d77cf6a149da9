//! A certificate with its private key, with which an application signs in
//! (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>).
//!
//! [`SigningKey::read`] takes what people have: PEM as OpenSSL writes it, PKCS#12 as Windows and Azure Key Vault
//! export it, each with a password or without. What would be refused at the first sign-in is refused here, in a
//! sentence: a key that is not RSA, a certificate of another key, one that has expired. What is taken becomes one
//! text, [`SigningKey::to_pem`], which a vault can seal.
//!
//! A [`SigningKey`] is a [`Signer`](connector_contract::imports::Signer) of the contract. The private key is in none
//! of its outputs but that text, no `Debug` shows it, and memory that held it is wiped where it is ours.

mod error;
mod intake;
mod key;
mod moment;
#[cfg(test)]
mod tests;

pub use error::KeyRefused;
pub use key::SigningKey;
