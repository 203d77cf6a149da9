//! Why somebody is skipped, as far as it matters where that is shown.

/// Why somebody is skipped, as far as it matters where that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Skip<'a> {
    /// A value cannot be written; this is its code.
    Unwritten(&'a str),
    MissingMandatory,
    AddressExists,
    AddressAmbiguous,
    HeldByBreaker,
    Drifted,
    EditedSince,
    KeptByPolicy,
    AccountDisabled,
    /// The user of an agent, which is nobody's contact.
    Agent,
    OutOfScope,
    /// Without a license that the filter asks for.
    Unlicensed,
    /// Deleted from the directory, without ever having had a contact.
    NotLinked,
}

impl<'a> Skip<'a> {
    /// Of a reason as plans, runs and notes tell it. What is no reason of the contract's is the code of a
    /// value that cannot be written: the store's own codes are among them.
    pub(crate) fn of(reason: &'a str) -> Self {
        match reason {
            "missing-mandatory" => Self::MissingMandatory,
            "address-exists" => Self::AddressExists,
            "address-ambiguous" => Self::AddressAmbiguous,
            "held-by-breaker" => Self::HeldByBreaker,
            "drifted" => Self::Drifted,
            "edited-since" | "stays-in-directory" => Self::EditedSince,
            "kept-by-policy" => Self::KeptByPolicy,
            "account-disabled" => Self::AccountDisabled,
            "agent" => Self::Agent,
            "out-of-scope" => Self::OutOfScope,
            "unlicensed" => Self::Unlicensed,
            "not-linked" => Self::NotLinked,
            code => Self::Unwritten(code),
        }
    }
}
