//! Why a token is not believed.

/// What is wrong with an ID token. Nothing of what the token says is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenFlaw {
    /// It is no JSON web token, or lacks a claim.
    #[error("the ID token is not well formed")]
    NotWellFormed,
    /// It is signed in another way than Microsoft signs.
    #[error("the ID token is signed with another algorithm than RS256")]
    Algorithm,
    /// The key set has no such key.
    #[error("the ID token is signed with a key that the sign-in service does not have")]
    UnknownKey,
    /// Somebody else signed it, or it was altered.
    #[error("the signature of the ID token is not that of the sign-in service")]
    Signature,
    /// Another service issued it, or for another tenant than it says.
    #[error("the ID token was issued by somebody else")]
    Issuer,
    /// It is for another application.
    #[error("the ID token is for another application")]
    Audience,
    /// It answers another request.
    #[error("the ID token answers another sign-in")]
    Nonce,
    /// It is over, or not good yet.
    #[error("the ID token has expired, or is not valid yet; check this machine's clock")]
    Time,
    /// Its tenant is none, or that of personal accounts.
    #[error("the sign-in was in no organisation's directory")]
    Tenant,
}
