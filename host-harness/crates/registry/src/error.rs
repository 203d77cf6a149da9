//! What can go wrong with a registry.

use signatures::NotSigned;
use signatures::simple_signing::NotAbout;

/// Why nothing came of it. Nothing that a registry answered stands in these sentences but codes and digests.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The registry was not reached.
    #[error("the registry was not reached: {0}")]
    Transport(String),
    /// It does not let this one in.
    #[error(
        "the registry asks for a name and a password that may do this ({status}); give them with \
         --registry-credentials"
    )]
    Refused {
        /// The status.
        status: u16,
    },
    /// It has no such thing.
    #[error("the registry has no {0}")]
    NotFound(String),
    /// Another answer than the protocol has.
    #[error("the registry answered {doing} with {status}, which means nothing here")]
    Answer {
        /// What was asked.
        doing: &'static str,
        /// The status.
        status: u16,
    },
    /// An answer in another form.
    #[error("the registry's answer is no {0}")]
    Form(&'static str),
    /// An address in an answer that leads where nothing may be sent.
    #[error("the registry's answer leads to an address that is not asked")]
    Location,
    /// Something else than what was asked for.
    #[error(
        "the registry answered with another {what}: {expected} was asked for, and {found} came"
    )]
    AnotherDigest {
        /// What was asked for.
        what: &'static str,
        /// Its digest.
        expected: String,
        /// The digest of what came.
        found: String,
    },
    /// A manifest of something else.
    #[error("{0} is no component: its manifest is of something else")]
    NotAComponent(String),
    /// Too much.
    #[error("the component has {found} bytes, and {most} is the most that is taken")]
    TooLarge {
        /// As its manifest says.
        found: u64,
        /// What is taken.
        most: u64,
    },
    /// Nobody signed it.
    #[error("{0} is not signed, and a signature is asked for")]
    Unsigned(String),
    /// Signed by somebody else.
    #[error("no signature of {digest} is of the key {key}")]
    Foreign {
        /// What was asked for.
        digest: String,
        /// The fingerprint of the key.
        key: String,
    },
    /// Signed, and something else was meant.
    #[error(transparent)]
    NotAbout(#[from] NotAbout),
    /// The file's own signature is of another file.
    #[error("the signature of the file that came with it is wrong: {0}")]
    File(#[from] NotSigned),
    /// A layout that is none.
    #[error("this is no image layout: {0}")]
    Layout(String),
}
