//! Why a decision was taken, as stable codes.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a directory user leads to a change, or to none. The text is part of the contract: hosts show
/// it, scripts branch on it, and it never holds personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Nobody had a contact for this user.
    NewUser,
    /// An unlinked contact has the user's address.
    MatchedByAddress,
    /// An unlinked contact was the user's before.
    MatchedById,
    /// The directory's values differ from the contact's.
    DirectoryChanged,
    /// The contact's values differ from the directory's, which is to be given them.
    ContactChanged,
    /// The values agree, and the contact belongs on other lists.
    ListsChanged,
    /// The contact was inactive, and the user is there and in scope.
    ActiveAgain,
    /// Nothing of the contact changes: only what both sides last agreed on is written down.
    BaseOnly,
    /// Contact and directory agree, or policy keeps the contact as it is.
    InStep,
    /// Contact and directory have both changed a value, and nobody has decided whose counts.
    Undecided,
    /// Policy never updates contacts that are there.
    UpdatesOff,
    /// The contact is inactive already, and stays so.
    AlreadyInactive,
    /// Asked for by id, because the round did not show it: the user is there.
    StillPresent,
    /// The directory deleted the user.
    Deleted,
    /// The account is disabled.
    AccountDisabled,
    /// The user is not, or no longer, in scope of the filter.
    OutOfScope,
    /// The filter asks for a license, and the user has none, or no longer.
    Unlicensed,
    /// The account is an AI agent's, and the configuration does not ask for those.
    Agent,
    /// The user is gone or out of scope, and policy keeps the contact.
    KeptByPolicy,
    /// A tombstone of a user who has no contact.
    NotLinked,
    /// Asked for by id, the directory has no such user, and no contact is linked to them.
    UnknownUser,
    /// A contact with this address exists, and policy leaves it alone.
    AddressExists,
    /// An unlinked contact was the user's before, and policy leaves it alone.
    FormerlyLinked,
    /// Several unlinked contacts have this address.
    AddressAmbiguous,
    /// A mandatory field has no value.
    MissingMandatory,
    /// A breaker held the removal back.
    HeldByBreaker,
    /// The record cannot be written; its own code says why.
    NotWritten,
    /// Approved, and not performed: what would be done is no longer that, or nothing.
    Drifted,
    /// Something is to be done about somebody who is not part of the plan that was approved.
    NotApproved,
    /// A person approved that an earlier run is taken back.
    Undo,
    /// Taking back would overwrite what was edited since.
    EditedSince,
    /// The directory keeps what a run gave it, and so does the contact.
    StaysInDirectory,
    /// Only the store knows the person: nobody in the directory has the address.
    NotInDirectory,
    /// The person was invited as a guest of the directory.
    Invited,
    /// The person was invited a short while ago, and the directory does not show them yet.
    InvitedLately,
    /// Somebody in the directory has the address of this contact, and cannot be linked to it.
    HasAccount,
    /// Several people in the directory have an address of this contact.
    AccountsAmbiguous,
    /// An organisational contact of the directory has the address.
    ListedWithoutAccount,
    /// A deleted account of the directory has the address.
    AccountDeleted,
    /// The address is of a domain of the organisation itself.
    OwnDomain,
    /// The contact has no address to which an invitation could go.
    NoValidAddress,
    /// The contact was changed before the person was invited.
    AddressChanged,
    /// The directory refuses to invite this address.
    InvitationRefused,
    /// An invitation was sent, and whether the directory took it is not known yet.
    InvitationUnanswered,
    /// The directory did not answer whether somebody has the address.
    AccountUnknown,
}

impl Reason {
    /// Every reason there is.
    pub const ALL: [Self; 45] = [
        Self::NewUser,
        Self::MatchedByAddress,
        Self::MatchedById,
        Self::DirectoryChanged,
        Self::ContactChanged,
        Self::ListsChanged,
        Self::ActiveAgain,
        Self::BaseOnly,
        Self::InStep,
        Self::Undecided,
        Self::UpdatesOff,
        Self::AlreadyInactive,
        Self::StillPresent,
        Self::Deleted,
        Self::AccountDisabled,
        Self::OutOfScope,
        Self::Unlicensed,
        Self::Agent,
        Self::KeptByPolicy,
        Self::NotLinked,
        Self::UnknownUser,
        Self::AddressExists,
        Self::FormerlyLinked,
        Self::AddressAmbiguous,
        Self::MissingMandatory,
        Self::HeldByBreaker,
        Self::NotWritten,
        Self::Drifted,
        Self::NotApproved,
        Self::Undo,
        Self::EditedSince,
        Self::StaysInDirectory,
        Self::NotInDirectory,
        Self::Invited,
        Self::InvitedLately,
        Self::HasAccount,
        Self::AccountsAmbiguous,
        Self::ListedWithoutAccount,
        Self::AccountDeleted,
        Self::OwnDomain,
        Self::NoValidAddress,
        Self::AddressChanged,
        Self::InvitationRefused,
        Self::InvitationUnanswered,
        Self::AccountUnknown,
    ];

    /// The code, in kebab case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NewUser => "new-user",
            Self::MatchedByAddress => "matched-by-address",
            Self::MatchedById => "matched-by-id",
            Self::DirectoryChanged => "directory-changed",
            Self::ContactChanged => "contact-changed",
            Self::ListsChanged => "lists-changed",
            Self::ActiveAgain => "active-again",
            Self::BaseOnly => "base-only",
            Self::InStep => "in-step",
            Self::Undecided => "undecided",
            Self::UpdatesOff => "updates-off",
            Self::AlreadyInactive => "already-inactive",
            Self::StillPresent => "still-present",
            Self::Deleted => "deleted",
            Self::AccountDisabled => "account-disabled",
            Self::OutOfScope => "out-of-scope",
            Self::Unlicensed => "unlicensed",
            Self::Agent => "agent",
            Self::KeptByPolicy => "kept-by-policy",
            Self::NotLinked => "not-linked",
            Self::UnknownUser => "unknown-user",
            Self::AddressExists => "address-exists",
            Self::FormerlyLinked => "formerly-linked",
            Self::AddressAmbiguous => "address-ambiguous",
            Self::MissingMandatory => "missing-mandatory",
            Self::HeldByBreaker => "held-by-breaker",
            Self::NotWritten => "not-written",
            Self::Drifted => "drifted",
            Self::NotApproved => "not-approved",
            Self::Undo => "undo",
            Self::EditedSince => "edited-since",
            Self::StaysInDirectory => "stays-in-directory",
            Self::NotInDirectory => "not-in-directory",
            Self::Invited => "invited",
            Self::InvitedLately => "invited-lately",
            Self::HasAccount => "has-account",
            Self::AccountsAmbiguous => "accounts-ambiguous",
            Self::ListedWithoutAccount => "listed-without-account",
            Self::AccountDeleted => "account-deleted",
            Self::OwnDomain => "own-domain",
            Self::NoValidAddress => "no-valid-address",
            Self::AddressChanged => "address-changed",
            Self::InvitationRefused => "invitation-refused",
            Self::InvitationUnanswered => "invitation-unanswered",
            Self::AccountUnknown => "account-unknown",
        }
    }

    /// The reason of a code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::of_code(&code).ok_or_else(|| D::Error::custom("there is no such reason"))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_leads_back_to_its_reason_and_the_code_of_a_failure_to_none() {
        for reason in Reason::ALL {
            assert_eq!(Reason::of_code(reason.code()), Some(reason));
            let written = serde_json::to_string(&reason).unwrap();
            assert_eq!(written, format!("\"{reason}\""));
            assert_eq!(serde_json::from_str::<Reason>(&written).unwrap(), reason);
        }
        for failure in ["too-long", "lookup-failed", "", "NewUser"] {
            assert_eq!(Reason::of_code(failure), None);
        }
    }
}
