//! `limits`: how much one run may take away, and give the directory, before it stops and asks.
//!
//! The defaults need no set-up and are meant never to be met by an ordinary day. What they must
//! catch is a mistake that looks like a mass departure: a filter with a typing error, a tenant that
//! was swapped, an attribute that another tool emptied.

use sync_core::settings::Limit;

use super::located::{Keys, Located, Object};
use super::problem::Findings;

const LIMITS: Keys = Keys {
    known: &[
        "removals",
        "blanks",
        "directory",
        "directoryBlanks",
        "invitations",
    ],
    refused: &[],
};

const LIMIT: Keys = Keys {
    known: &["count", "percent", "floor"],
    refused: &[],
};

/// A tenth of a workspace does not leave between two runs; and 500 people are too many to lose
/// unseen however large the workspace is. Five may always leave: a tenth of a workspace of twenty
/// is two, and a team of five that is let go is an ordinary event.
pub(super) const REMOVALS: Limit = Limit {
    count: 500,
    percent: 10,
    floor: 5,
};

/// Twice as lenient: an emptied field comes back with the next run, a lost contact may not.
pub(super) const BLANKS: Limit = Limit {
    count: 1_000,
    percent: 20,
    floor: 10,
};

/// Tighter than those of contacts: what is wrong in the directory is wrong for the whole organisation, and a bulk
/// edit or an import of contacts looks like this. Three people are edited by hand on any day.
pub(super) const DIRECTORY: Limit = Limit {
    count: 100,
    percent: 5,
    floor: 3,
};

/// Tighter still: hardly anybody empties a value on purpose, and an import that lacks a column empties all of them.
pub(super) const DIRECTORY_BLANKS: Limit = Limit {
    count: 20,
    percent: 2,
    floor: 1,
};

/// The tightest: nobody can take an invitation back, and a contact without an account is no reason by itself.
pub(super) const INVITATIONS: Limit = Limit {
    count: 10,
    percent: 5,
    floor: 3,
};

/// No workspace has more contacts than this.
const MOST: u64 = 10_000_000;

/// How much one run may take away, and give the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Contacts that are removed.
    pub(super) removals: Limit,
    /// Values of one field that are emptied.
    pub(super) blanks: Limit,
    /// People whom the directory is given something about.
    pub(super) directory: Limit,
    /// Values of one attribute of the directory that are emptied.
    pub(super) directory_blanks: Limit,
    /// People who are invited.
    pub(super) invitations: Limit,
}

/// The limits, with the defaults for what is not written.
pub(super) fn read(sync: &Object<'_>, findings: &mut Findings) -> Limits {
    let limits = sync
        .get("limits")
        .and_then(|place| place.object(&LIMITS, findings));
    let mut limit = |key, default| {
        limits
            .as_ref()
            .and_then(|limits| limits.get(key))
            .map_or(default, |place| read_limit(&place, default, findings))
    };
    Limits {
        removals: limit("removals", REMOVALS),
        blanks: limit("blanks", BLANKS),
        directory: limit("directory", DIRECTORY),
        directory_blanks: limit("directoryBlanks", DIRECTORY_BLANKS),
        invitations: limit("invitations", INVITATIONS),
    }
}

fn read_limit(place: &Located<'_>, default: Limit, findings: &mut Findings) -> Limit {
    let Some(limit) = place.object(&LIMIT, findings) else {
        return default;
    };
    let mut number = |key, most| {
        limit
            .get(key)
            .and_then(|place| place.whole(0..=most, findings))
    };
    let count = number("count", MOST).unwrap_or(default.count);
    let percent = number("percent", 100)
        .and_then(|percent| u8::try_from(percent).ok())
        .unwrap_or(default.percent);
    let stated_floor = number("floor", MOST);
    // Whoever sets a small count without a word of the floor means the count.
    let floor = stated_floor.unwrap_or(default.floor.min(count));
    if floor > count {
        findings.problem(
            place.pointer.as_str(),
            format!(
                "`floor` is always allowed, so `count` ({count}) would never be reached: write a `floor` of at most {count}, or a larger `count`."
            ),
        );
    }
    Limit {
        count,
        percent,
        floor,
    }
}
