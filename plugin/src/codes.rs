//! The codes of reasons and refusals, for people: what a host shows beside its own store's.

use sync_core::reconcile::reason::Reason;

/// What a code is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeKind {
    /// Why a contact is made, altered or taken away.
    Change,
    /// Why nothing is to be done about somebody whose contact is as it should be.
    Unchanged,
    /// Why somebody leads to no change.
    Skip,
    /// Why a record could not be written.
    Refusal,
}

/// A code, described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable, in kebab case.
    pub code: &'static str,
    /// What it is about.
    pub kind: CodeKind,
    /// In a few words, in the singular.
    pub label: &'static str,
    /// What an administrator can do about it.
    pub advice: Option<&'static str>,
}

const fn of(reason: Reason, kind: CodeKind, label: &'static str) -> Code {
    Code {
        code: reason.code(),
        kind,
        label,
        advice: None,
    }
}

const fn advised(reason: Reason, label: &'static str, advice: &'static str) -> Code {
    Code {
        advice: Some(advice),
        ..of(reason, CodeKind::Skip, label)
    }
}

const fn refusal(code: &'static str, label: &'static str) -> Code {
    Code {
        code,
        kind: CodeKind::Refusal,
        label,
        advice: None,
    }
}

const fn advised_refusal(code: &'static str, label: &'static str, advice: &'static str) -> Code {
    Code {
        advice: Some(advice),
        ..refusal(code, label)
    }
}

const NO_COUNTRY: &str = "Neither the number nor the person's usage location says a country. Set one of them in the \
                          directory, or phoneCountry in the settings.";
const LEFT_OUT: &str = "The settings leave them out. Nothing is kept of them but their id.";
const KEPT: &str =
    "They left the directory or the filter, and the settings keep their contact as it is.";
const THERE: &str = "Contacts with their address are there and are not linked to them. Whether such contacts are linked, \
                     the settings say.";
const LACKING: &str = "The directory has no value for a field that must not be empty. It is filled there, and they arrive \
                       with the next sync.";

const REFUSED: &str = "Microsoft Graph refuses the value, or another that was sent with it, and need not say which. Correct \
                       the contact. Extension attributes of people who were once synchronised from on-premises are kept \
                       by Exchange: change them there, or make the row one-way.";
const UNDECIDED: &str = "Neither side is written until somebody decides whose value counts.";
const UNFIT: &str =
    "The contact holds something that the directory is not given. Correct it in the contact.";

const HAS_ACCOUNT: &str = "Nobody is invited who is in the directory already. Correct the address of the contact, or of the \
                           person in the directory; a full sync looks again.";
const DELETED: &str = "Nobody is invited whose account was deleted. Restore it in the directory, or delete it for good; a \
                       full sync looks again.";
const NOT_INVITED: &str = "Microsoft refuses to invite this address: its domain may be blocked by the settings for external \
                           collaboration, or it is none of a mailbox. It is tried again when the address changes, or after \
                           30 days.";

const fn cured(code: &'static str, label: &'static str, advice: &'static str) -> Code {
    Code {
        advice: Some(advice),
        ..refusal(code, label)
    }
}

/// All codes of this connector. A removal of a disabled or filtered account, and a skip of one, share a code.
pub const CODES: [Code; 77] = [
    of(Reason::NewUser, CodeKind::Change, "New in the directory"),
    of(
        Reason::MatchedByAddress,
        CodeKind::Change,
        "A contact has this address",
    ),
    of(
        Reason::MatchedById,
        CodeKind::Change,
        "A contact was theirs before",
    ),
    of(
        Reason::DirectoryChanged,
        CodeKind::Change,
        "Changed in the directory",
    ),
    of(Reason::ContactChanged, CodeKind::Change, "Changed here"),
    of(Reason::ListsChanged, CodeKind::Change, "Other lists"),
    of(Reason::ActiveAgain, CodeKind::Change, "Active again"),
    of(
        Reason::BaseOnly,
        CodeKind::Change,
        "Nothing visible changes",
    ),
    of(
        Reason::Deleted,
        CodeKind::Change,
        "Deleted from the directory",
    ),
    of(Reason::Undo, CodeKind::Change, "Taken back"),
    of(Reason::InStep, CodeKind::Unchanged, "Nothing to do"),
    Code {
        advice: Some(UNDECIDED),
        ..of(
            Reason::Undecided,
            CodeKind::Unchanged,
            "Changed on both sides",
        )
    },
    of(Reason::UpdatesOff, CodeKind::Unchanged, "Updates are off"),
    of(
        Reason::AlreadyInactive,
        CodeKind::Unchanged,
        "Inactive already",
    ),
    of(
        Reason::StillPresent,
        CodeKind::Unchanged,
        "Still in the directory",
    ),
    advised(Reason::AccountDisabled, "The account is disabled", LEFT_OUT),
    advised(Reason::OutOfScope, "Not in the filter", LEFT_OUT),
    advised(Reason::Unlicensed, "Without a license", LEFT_OUT),
    of(Reason::Agent, CodeKind::Skip, "An AI agent"),
    advised(Reason::KeptByPolicy, "Kept, as the settings say", KEPT),
    of(Reason::NotLinked, CodeKind::Skip, "No contact to update"),
    of(
        Reason::UnknownUser,
        CodeKind::Skip,
        "The directory has no such user",
    ),
    advised(
        Reason::AddressExists,
        "A contact with this address exists",
        THERE,
    ),
    of(
        Reason::FormerlyLinked,
        CodeKind::Skip,
        "A contact was theirs before",
    ),
    advised(
        Reason::AddressAmbiguous,
        "Several contacts have this address",
        THERE,
    ),
    advised(
        Reason::MissingMandatory,
        "A mandatory field is missing",
        LACKING,
    ),
    of(
        Reason::HeldByBreaker,
        CodeKind::Skip,
        "Held back by a limit",
    ),
    of(
        Reason::Drifted,
        CodeKind::Skip,
        "No longer what was approved",
    ),
    of(
        Reason::NotApproved,
        CodeKind::Skip,
        "Not part of what was approved",
    ),
    of(Reason::EditedSince, CodeKind::Skip, "Edited since"),
    of(
        Reason::StaysInDirectory,
        CodeKind::Skip,
        "What the directory was given stays",
    ),
    of(
        Reason::NotInDirectory,
        CodeKind::Change,
        "Only here, to be invited",
    ),
    of(Reason::Invited, CodeKind::Change, "Invited as a guest"),
    of(
        Reason::InvitedLately,
        CodeKind::Unchanged,
        "Invited, and not seen in the directory yet",
    ),
    advised(
        Reason::HasAccount,
        "Somebody in the directory has this address",
        HAS_ACCOUNT,
    ),
    advised(
        Reason::AccountsAmbiguous,
        "Several people in the directory have this address",
        HAS_ACCOUNT,
    ),
    of(
        Reason::ListedWithoutAccount,
        CodeKind::Skip,
        "An organisational contact of the directory",
    ),
    advised(
        Reason::AccountDeleted,
        "A deleted account has this address",
        DELETED,
    ),
    of(
        Reason::OwnDomain,
        CodeKind::Skip,
        "An address of the organisation itself",
    ),
    of(
        Reason::NoValidAddress,
        CodeKind::Skip,
        "No address to invite",
    ),
    of(
        Reason::AddressChanged,
        CodeKind::Skip,
        "Changed before being invited",
    ),
    advised(
        Reason::InvitationRefused,
        "The directory refuses the invitation",
        NOT_INVITED,
    ),
    of(
        Reason::InvitationUnanswered,
        CodeKind::Skip,
        "Invited, and not answered yet",
    ),
    of(
        Reason::AccountUnknown,
        CodeKind::Skip,
        "The directory did not say who has the address",
    ),
    of(
        Reason::NotWritten,
        CodeKind::Refusal,
        "A value could not be written",
    ),
    refusal("too-long", "A value is longer than a contact can hold"),
    refusal("unexpected-shape", "A value is of an unexpected kind"),
    refusal("user-without-id", "A record of the directory without an id"),
    refusal(
        "invalid-email",
        "The address is none that a contact can hold",
    ),
    refusal(
        "invalid-phone",
        "The telephone number is none that a contact can hold",
    ),
    refusal("phone-several", "Two telephone numbers in one field"),
    advised_refusal(
        "phone-no-country",
        "A telephone number without a country code",
        NO_COUNTRY,
    ),
    refusal("phone-short", "An internal or short telephone number"),
    refusal(
        "phone-renumbered-2019",
        "A telephone number from before 2019",
    ),
    refusal(
        "phone-renumbered-2021",
        "A telephone number from before 2021",
    ),
    refusal(
        "phone-renumbered-2024",
        "A telephone number from before 2024",
    ),
    refusal(
        "phone-unassigned",
        "A telephone number that its country has not given out",
    ),
    refusal(
        "phone-unclear",
        "A telephone number that can be read in more than one way",
    ),
    refusal(
        "phone-extension",
        "A telephone number with an extension, which takes no messages",
    ),
    refusal("phone-fixed-line", "A fixed line, which takes no messages"),
    refusal("phone-service", "A service number, which takes no messages"),
    refusal(
        "version-conflict",
        "The contact kept changing while it was written",
    ),
    refusal("not-applied", "The contact store did not take it"),
    refusal("duplicate", "Another contact has this value"),
    refusal(
        "moved-meanwhile",
        "Changed before the directory was given it",
    ),
    refusal("mastered-elsewhere", "Synchronised from on-premises"),
    refusal("read-only-attribute", "The directory lets nobody write it"),
    refusal("privileged-person", "Has an active role in the directory"),
    refusal("roles-unknown", "Roles in the directory cannot be seen"),
    refusal("several-values", "The directory has several values"),
    cured(
        "value-refused",
        "The directory does not take the value",
        REFUSED,
    ),
    refusal("directory-refused", "The directory refused it"),
    cured(
        "unfit-for-directory",
        "The directory is not given such a value",
        UNFIT,
    ),
    refusal(
        "write-not-permitted",
        "The application may not write to the directory",
    ),
    refusal("gone-from-directory", "No longer in the directory"),
    refusal(
        "directory-unavailable",
        "The directory did not take it for too long",
    ),
    refusal(
        "lookup-failed",
        "The directory did not say whether the user still exists",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use phone_numbers::Refusal;
    use sync_core::run::refused_number;

    use super::*;

    #[test]
    fn every_refusal_of_a_number_is_described_and_has_the_words_of_the_gate() {
        for refusal in Refusal::ALL {
            // A text without a digit is empty, and nothing is refused.
            if refusal == Refusal::Nothing {
                continue;
            }
            let code = refusal.code();
            let described = CODES.iter().find(|described| described.code == code);
            assert_eq!(
                described.map(|described| described.kind),
                Some(CodeKind::Refusal),
                "{code}"
            );
            let words = refusal.to_string();
            assert_eq!(refused_number::in_words(code), Some(words.as_str()));
        }
    }

    #[test]
    fn every_reason_is_described_once_and_every_label_is_a_few_words() {
        let codes: BTreeSet<_> = CODES.iter().map(|code| code.code).collect();
        assert_eq!(codes.len(), CODES.len());
        for reason in Reason::ALL {
            assert!(codes.contains(reason.code()), "{reason}");
        }
        for code in CODES {
            let label = code.label;
            assert!(!label.ends_with('.') && label.len() < 70, "{label}");
            assert!(code.advice.is_none_or(|advice| advice.ends_with('.')));
        }
    }
}
