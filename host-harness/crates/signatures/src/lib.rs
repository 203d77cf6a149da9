//! Signatures of components, with a key and without a transparency log.
//!
//! One algorithm, which `cosign` has by default and every library of cryptography knows: ECDSA over P-256 with
//! SHA-256, as DER, in base64. There are two things to sign with it:
//!
//! * A **file**: the signature is over its bytes and lies beside it, as `FILE.sig`. It is for hosts without a
//!   registry, and is what `cosign sign-blob` makes and `openssl dgst -sha256 -verify` checks.
//! * A **manifest** of a registry, by its digest ([`simple_signing`]): the signature is over a small document that
//!   names the digest, and lies beside the manifest in the registry. It is what `cosign sign` makes with a key.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (private, public) = signatures::testing::pair();
//! use signatures::{PrivateKey, PublicKey, Signature};
//!
//! let private = PrivateKey::read(&private)?;
//! let signature = private.sign(b"\0asm...")?.to_string();
//!
//! let public = PublicKey::read(&public)?;
//! public.verify(b"\0asm...", &signature.parse::<Signature>()?)?;
//! # Ok(())
//! # }
//! ```

mod key;
mod signature;
pub mod simple_signing;
#[doc(hidden)]
pub mod testing;

pub use key::{InvalidKey, NotSigned, NothingRandom, PrivateKey, PublicKey};
pub use signature::{InvalidSignature, Signature};
