//! Secrets at rest.
//!
//! What is stored is sealed, and a sealed value opens only with the key ring and only in the place it
//! was sealed for. Invariants:
//!
//! * A [`Sealed`] value says nothing but the id of its key and the length of its secret. It can be
//!   kept in a database, and in that database's backups.
//! * The [`SecretScope`] is authenticated with the value, so a value that is moved to another workspace or
//!   to another name does not open, whoever moved it; nor does an earlier secret that is put back in
//!   the place of a later one of the same name.
//! * The key is never beside what it seals: it comes from a file that its owner alone can read, or
//!   from the environment.
//! * Neither a key nor a secret is part of any `Debug` or `Display` output here, errors included.
//!
//! The cipher is XChaCha20-Poly1305 (`draft-irtf-cfrg-xchacha`): its nonce of 24 bytes is long enough
//! to be drawn at random for every value, so no counter has to survive a restore from a backup.
//!
//! Keys are changed in three steps, each of which leaves everything readable: put a new key in front
//! ([`KeyRing::rotated`]) and save it, seal every stored value anew ([`KeyRing::reseal`]) and commit,
//! then drop the former keys ([`KeyRing::without_former`]) and save again. A process that meets a key
//! id it does not know while this goes on reads the key file again. One that seals something to be kept
//! reads it too, and holds the same lock as whoever changes the keys, from there until it is kept: what
//! is sealed with a key that was dropped meanwhile would be lost.
//!
//! ```
//! use vault::{KeyRing, OpenError, SecretScope};
//! use secrecy::{ExposeSecret as _, SecretString};
//!
//! let keys = KeyRing::generate()?;
//! let scope = SecretScope { workspace: "contoso", name: "client-secret", version: 1 };
//! let sealed = keys.seal(scope, &SecretString::from("correct horse"))?;
//!
//! assert_eq!(keys.open(scope, &sealed)?.expose_secret(), "correct horse");
//! let elsewhere = SecretScope { workspace: "fabrikam", ..scope };
//! assert!(matches!(keys.open(elsewhere, &sealed), Err(OpenError::DoesNotOpen)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod key;
mod key_file;
mod key_ring;
mod scope;
mod sealed;
#[cfg(test)]
mod tests;

pub use key::KeyLineProblem;
pub use key_file::KeyFileError;
pub use key_ring::{KeyRing, KeyTextError, OpenError, RandomnessError, ResealError, SealError};
pub use scope::SecretScope;
pub use sealed::{MalformedSealed, Sealed};
