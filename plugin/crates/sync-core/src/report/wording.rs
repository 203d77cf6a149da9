//! Reasons and evidence in words, for people.
//!
//! Each is a clause that stands after a colon or after "because". None holds personal data.

use crate::contact::Evidence;
use crate::reconcile::decide::ORG_CONTACTS;
use crate::reconcile::reason::Reason;

/// Why a decision was taken.
#[must_use]
pub const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NewUser => "nobody had a contact for this user",
        Reason::MatchedByAddress => "an unlinked contact had the same address",
        Reason::MatchedById => "an unlinked contact had been this user's before",
        Reason::DirectoryChanged => "the directory had other values than the contact",
        Reason::ContactChanged => "the contact had other values than the directory",
        Reason::ListsChanged => "the contact belonged on other lists",
        Reason::BaseOnly => "what directory and contact were last reconciled with had to be noted",
        Reason::ActiveAgain => "the user is there and in scope, and the contact was inactive",
        Reason::InStep => {
            "contact and directory agree, or the configuration keeps the contact as it is"
        }
        Reason::Undecided => "both sides changed a value, and nobody has decided whose counts",
        Reason::UpdatesOff => "the configuration never updates contacts that are there",
        Reason::AlreadyInactive => "the contact was inactive already",
        Reason::StillPresent => {
            "a full round did not show the user, but the directory, asked by id, still has them"
        }
        Reason::Deleted => "the directory deleted the user",
        Reason::AccountDisabled => {
            "the account is disabled, and the configuration makes no contacts for disabled accounts"
        }
        Reason::OutOfScope => "the user does not match the filter of the configuration",
        Reason::Unlicensed => {
            "the user has no license that the filter of the configuration asks for"
        }
        Reason::Agent => {
            "the account is an AI agent's, and the configuration does not ask for those"
        }
        Reason::KeptByPolicy => {
            "the user is gone or no longer matches the filter, and the configuration keeps such \
             contacts"
        }
        Reason::NotLinked => "the directory deleted the user, and no contact is linked to them",
        Reason::UnknownUser => {
            "the directory, asked by id, has no such user, and no contact is linked to them"
        }
        Reason::AddressExists => {
            "a contact with this address was there, and the configuration leaves such contacts alone"
        }
        Reason::FormerlyLinked => {
            "an unlinked contact had been this user's before, and the configuration leaves such \
             contacts alone"
        }
        Reason::AddressAmbiguous => {
            "several unlinked contacts have the user's address, and none is chosen by chance"
        }
        Reason::MissingMandatory => "the directory has no value for a mandatory field",
        Reason::HeldByBreaker => {
            "so much would have been taken away at once that a limit stopped all of it"
        }
        Reason::NotWritten => "the record could not be written",
        Reason::Drifted => "what would have been done was no longer what had been approved",
        Reason::NotApproved => {
            "something was to be done, and it was no part of the plan that had been approved"
        }
        Reason::Undo => "a person approved that an earlier run is taken back",
        Reason::EditedSince => "taking it back would have thrown away what was edited since",
        Reason::StaysInDirectory => {
            "what the directory was given could not be given back, so both sides keep it"
        }
        Reason::NotInDirectory => "nobody in the directory has an address of the contact",
        Reason::Invited => "the person was invited as a guest of the directory",
        Reason::InvitedLately => {
            "the person was invited a short while ago, and the directory does not show them yet"
        }
        Reason::HasAccount => {
            "somebody in the directory has an address of the contact, and cannot be linked to it: they have a contact \
             already, or are found by another address"
        }
        Reason::AccountsAmbiguous => {
            "several people in the directory have an address of the contact, and none is chosen by chance"
        }
        Reason::ListedWithoutAccount => {
            "an organisational contact of the directory has an address of the contact"
        }
        Reason::AccountDeleted => {
            "a deleted account of the directory has an address of the contact, and may be restored"
        }
        Reason::OwnDomain => {
            "the address is of a domain of the organisation, and no guest can have it"
        }
        Reason::NoValidAddress => "the contact has no address to which an invitation could go",
        Reason::AddressChanged => "the contact was changed before the person was invited",
        Reason::InvitationRefused => "the directory refuses to invite this address",
        Reason::InvitationUnanswered => {
            "an invitation was sent, and whether the directory took it is not known; it is looked for, and not sent again \
             within the hour"
        }
        Reason::AccountUnknown => {
            "the directory did not answer whether somebody has an address of the contact"
        }
    }
}

/// Why a decision was taken, by its code. A code that no decision has is told as it is: a store or an
/// earlier version may have had it.
#[must_use]
pub fn reason_by_code(code: &str) -> String {
    Reason::of_code(code).map_or_else(
        || format!("the reason was {code}"),
        |known| reason(known).to_owned(),
    )
}

/// Why a removal was right.
#[must_use]
pub fn evidence(evidence: &Evidence) -> String {
    match evidence {
        Evidence::DeletedSoft => {
            "the directory said that the user was deleted, and may be restored for 30 days"
                .to_owned()
        }
        Evidence::DeletedPermanently => {
            "the directory said that the user was deleted for good".to_owned()
        }
        Evidence::FoundInDeletedItems => {
            "a full round did not show the user, and the directory, asked by id, had them among its \
             deleted items only"
                .to_owned()
        }
        Evidence::NotFoundAnywhere => {
            "a full round did not show the user, and the directory, asked by id, had them neither \
             among its users nor among its deleted items"
                .to_owned()
        }
        Evidence::AccountDisabled => "the directory said that the account is disabled".to_owned(),
        Evidence::LeftScope(clause) if clause == ORG_CONTACTS => {
            "this is an organisational contact, and the configuration does not take those any more"
                .to_owned()
        }
        Evidence::LeftScope(clause) => {
            format!("the user no longer matches the filter on {clause}")
        }
        Evidence::Undone(run) => {
            format!("a person approved that the run {run} is taken back")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_found_by_the_code_it_has() {
        for known in [
            Reason::NewUser,
            Reason::AddressAmbiguous,
            Reason::EditedSince,
        ] {
            assert_eq!(reason_by_code(known.code()), reason(known));
        }
        assert_eq!(reason_by_code("too-long"), "the reason was too-long");
    }

    #[test]
    fn the_evidence_of_a_filter_names_the_attribute_and_that_of_an_undo_the_run() {
        let filter = evidence(&Evidence::LeftScope("department".to_owned()));
        assert!(filter.ends_with("the filter on department"), "{filter}");
        let undone = evidence(&Evidence::Undone("r1".to_owned()));
        assert!(undone.contains("the run r1"), "{undone}");
    }
}
