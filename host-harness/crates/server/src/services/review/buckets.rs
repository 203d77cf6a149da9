//! The numbers of the review, and which entries of a plan each counts.

use api_types::shapes::PlanShape;
use api_types::views::ReviewCount;
use connector_contract::Effect;

use crate::services::people::skip::Skip;

/// A number of the review: which entries of a plan it counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReviewBucket {
    /// In addresses.
    pub(crate) code: &'static str,
    pub(crate) label: &'static str,
    pub(crate) sentence: &'static str,
    /// The label and the sentence where a run is taken back.
    pub(crate) undoing: (&'static str, &'static str),
    pub(crate) entries: Entries,
    pub(crate) takes_away: bool,
}

/// Which entries of a plan a number counts. Every skip is counted by exactly one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entries {
    /// Those with one of these effects.
    With(&'static [Effect]),
    /// Skips of whoever has a contact's address.
    AddressTaken,
    /// Skips of whoever lacks a mandatory value.
    Lacking,
    /// Every other skip.
    OtherSkips,
}

impl ReviewBucket {
    fn counts_creates(&self) -> bool {
        self.entries.effects() == [Effect::Create]
    }

    /// What it is called, and what it means, in a plan of a sync or of an undo.
    pub(crate) fn words(&self, undoes: bool) -> (&'static str, &'static str) {
        if undoes {
            self.undoing
        } else {
            (self.label, self.sentence)
        }
    }
}

impl Entries {
    /// The effects of the entries.
    pub(crate) fn effects(self) -> &'static [Effect] {
        match self {
            Self::With(effects) => effects,
            Self::AddressTaken | Self::Lacking | Self::OtherSkips => &[Effect::Skip],
        }
    }

    /// Whether it counts an entry of its effects with this reason.
    pub(crate) fn counts(self, reason: &str) -> bool {
        let skips = match Skip::of(reason) {
            Skip::AddressExists | Skip::AddressAmbiguous => Self::AddressTaken,
            Skip::MissingMandatory => Self::Lacking,
            _ => Self::OtherSkips,
        };
        match self {
            Self::With(_) => true,
            Self::AddressTaken => matches!(skips, Self::AddressTaken),
            Self::Lacking => matches!(skips, Self::Lacking),
            Self::OtherSkips => matches!(skips, Self::OtherSkips),
        }
    }
}

/// Every number of the review, in the order in which they are shown.
pub(crate) const BUCKETS: &[ReviewBucket] = &[
    ReviewBucket {
        code: "create",
        label: "Will be created",
        sentence: "People of the directory who have no contact yet.",
        undoing: ("Will be made again", "Contacts that the run has deleted."),
        entries: Entries::With(&[Effect::Create]),
        takes_away: false,
    },
    ReviewBucket {
        code: "link",
        label: "Will be linked",
        sentence: "Contacts that are there already, found by their address.",
        undoing: (
            "Will be linked again",
            "Contacts that the run has unlinked.",
        ),
        entries: Entries::With(&[Effect::Link]),
        takes_away: false,
    },
    ReviewBucket {
        code: "update",
        label: "Will be updated",
        sentence: "Linked contacts that get new values, or become active again.",
        undoing: (
            "Will be as before",
            "Contacts that get back their values, lists or activity.",
        ),
        entries: Entries::With(&[Effect::Update, Effect::Reactivate]),
        takes_away: false,
    },
    ReviewBucket {
        code: "invite",
        label: "Will be invited",
        sentence: "People who are among the contacts alone: each becomes a guest of the directory, which nobody can take \
                   back.",
        // An undo invites nobody.
        undoing: ("Will be invited", "An undo invites nobody."),
        entries: Entries::With(&[Effect::Invite]),
        takes_away: false,
    },
    ReviewBucket {
        code: "delete",
        label: "Will be deleted",
        sentence: "Contacts that will be gone, with every value they have.",
        undoing: ("Will be deleted", "Contacts that the run has made."),
        entries: Entries::With(&[Effect::Delete]),
        takes_away: true,
    },
    ReviewBucket {
        code: "deactivate",
        label: "Will be deactivated",
        sentence: "Contacts that stay, become inactive and leave the connector’s lists.",
        undoing: (
            "Will be deactivated",
            "Contacts that the run has made active.",
        ),
        entries: Entries::With(&[Effect::Deactivate]),
        takes_away: true,
    },
    ReviewBucket {
        code: "unlink",
        label: "Will be unlinked",
        sentence: "Contacts that stay, leave the connector’s lists and are kept in step no longer.",
        undoing: (
            "Will be unlinked",
            "Contacts that the run has linked; they stay as they were before.",
        ),
        entries: Entries::With(&[Effect::Unlink]),
        takes_away: true,
    },
    ReviewBucket {
        code: "unchanged",
        label: "In step",
        sentence: "Linked contacts to which nothing happens.",
        undoing: ("In step", "Contacts to which nothing happens."),
        entries: Entries::With(&[Effect::Unchanged]),
        takes_away: false,
    },
    ReviewBucket {
        code: "exists",
        label: "Not synced: contact exists",
        sentence: "A contact with this address is there, and is left alone.",
        undoing: ("Left alone: contact exists", "A contact has the address."),
        entries: Entries::AddressTaken,
        takes_away: false,
    },
    ReviewBucket {
        code: "missing",
        label: "Not synced: mandatory field missing",
        sentence: "The directory has no value for a field that must not be empty.",
        undoing: (
            "Left alone: mandatory field missing",
            "A field that must not be empty has no value.",
        ),
        entries: Entries::Lacking,
        takes_away: false,
    },
    ReviewBucket {
        code: "other",
        label: "Not synced: for other reasons",
        sentence: "Not in the filter, disabled, with a value that no contact can hold, or left as they are \
                   by the settings.",
        undoing: (
            "Left alone",
            "Contacts that were edited since, or of which nothing is left to take back.",
        ),
        entries: Entries::OtherSkips,
        takes_away: false,
    },
];

/// All kinds of removal together, for whoever asks for all who lose something.
const REMOVED: ReviewBucket = ReviewBucket {
    code: "remove",
    label: "Will be removed",
    sentence: "Contacts that are deleted, deactivated or unlinked.",
    undoing: (
        "Will be removed",
        "Contacts that are deleted, deactivated or unlinked.",
    ),
    entries: Entries::With(&[Effect::Unlink, Effect::Deactivate, Effect::Delete]),
    takes_away: true,
};

/// A number of the review by its code; also `remove`, for all kinds of removal together.
pub(crate) fn bucket(code: &str) -> Option<&'static ReviewBucket> {
    let mut all = BUCKETS.iter().chain([&REMOVED]);
    all.find(|bucket| bucket.code == code)
}

/// The numbers of a plan. Those of nobody are left out, but for the one of who is created. Every skip is
/// in one of them, whatever its reason.
pub(crate) fn counts(plan: &PlanShape) -> Vec<ReviewCount> {
    let undoes = plan.undoes.is_some();
    let count = |entries: Entries| match entries {
        Entries::With(effects) => plan.count(effects),
        skips => {
            let counted = plan.skips.iter().filter(|skip| skips.counts(&skip.reason));
            counted.map(|skip| skip.count).sum()
        }
    };
    BUCKETS
        .iter()
        .map(|bucket| (bucket, count(bucket.entries)))
        .filter(|(bucket, count)| *count > 0 || (bucket.counts_creates() && !undoes))
        .map(|(bucket, count)| {
            let (label, sentence) = bucket.words(undoes);
            ReviewCount {
                code: bucket.code.to_owned(),
                label: label.to_owned(),
                sentence: sentence.to_owned(),
                count,
                takes_away: bucket.takes_away,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use connector_contract::{Effect, EffectCount, PlanSummary, ReasonCount, RunMode};

    fn plan(effects: &[(Effect, u64)], skips: &[(&str, u64)]) -> PlanShape {
        let skipped = skips.iter().map(|(_, count)| count).sum();
        let effects = effects.iter().copied().chain([(Effect::Skip, skipped)]);
        PlanSummary {
            digest: String::new(),
            mode: RunMode::Full,
            counts: effects
                .map(|(effect, count)| EffectCount { effect, count })
                .collect(),
            skips: skips
                .iter()
                .map(|(reason, count)| ReasonCount {
                    reason: (*reason).to_owned(),
                    count: *count,
                })
                .collect(),
            warnings: Vec::new(),
            requests: 0,
            blocks: Vec::new(),
            given: 0,
        }
        .into()
    }

    fn shown(plan: &PlanShape) -> Vec<(String, u64)> {
        let counts = counts(plan).into_iter();
        counts.map(|count| (count.code, count.count)).collect()
    }

    #[test]
    fn every_person_of_a_plan_is_behind_exactly_one_number() {
        let skips = ["address-exists", "missing-mandatory", "out-of-scope"].map(|skip| (skip, 2));
        let plan = plan(&[(Effect::Create, 5), (Effect::Reactivate, 2)], &skips);
        let expected = [
            ("create", 5),
            ("update", 2),
            ("exists", 2),
            ("missing", 2),
            ("other", 2),
        ];
        assert_eq!(
            shown(&plan),
            expected.map(|(code, count)| (code.to_owned(), count))
        );
    }

    #[test]
    fn whoever_would_be_invited_has_a_number_of_their_own() {
        let expected = [("create", 0), ("invite", 4)];
        assert_eq!(
            shown(&plan(&[(Effect::Invite, 4)], &[])),
            expected.map(|(code, count)| (code.to_owned(), count))
        );
    }

    #[test]
    fn each_kind_of_removal_has_its_own_number() {
        let effects = [
            (Effect::Unlink, 3),
            (Effect::Deactivate, 2),
            (Effect::Delete, 1),
        ];
        let expected = [
            ("create", 0),
            ("delete", 1),
            ("deactivate", 2),
            ("unlink", 3),
        ];
        assert_eq!(
            shown(&plan(&effects, &[])),
            expected.map(|(code, count)| (code.to_owned(), count))
        );
    }

    proptest! {
        #[test]
        fn no_skip_is_behind_no_number_whatever_a_store_calls_it(
            skips in prop::collection::btree_map(
                prop::sample::select(vec![
                    "too-long", "unexpected-shape", "invalid-phone", "lookup-failed", "a-code-of-the-store",
                    "missing-mandatory", "address-exists", "address-ambiguous", "out-of-scope",
                    "account-disabled", "not-linked", "kept-by-policy", "held-by-breaker", "drifted",
                    "edited-since", "",
                ]),
                1..9_u64,
                0..9,
            ),
            created in 0..9_u64,
        ) {
            let skips: Vec<_> = skips.into_iter().collect();
            let plan = plan(&[(Effect::Create, created)], &skips);
            let behind: u64 = shown(&plan).iter().map(|(_, count)| count).sum();
            let all: u64 = plan.counts.values().sum();
            prop_assert_eq!(behind, all);
        }
    }
}
