//! `direction`, `conflicts` and `writes`: which side of a row follows the other, and what the directory may be given.

use entra_directory::directory::WRITES_A_SECOND;
use entra_users::mapping::catalogue::Attribute;
use entra_users::mapping::writing::{self, Writable};
use sync_core::mapping::rows::{Direction, Row, Winner};
use sync_core::settings::{Disabled, Policies, Removing};

use super::located::{Keys, Located, Object};
use super::numbers;
use super::problem::Findings;
use super::wording::quoted;

/// Which way a row goes, as a document says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    OneWay,
    Reverse,
    TwoWay,
}

pub(super) const WAYS: &[(&str, Flow)] = &[
    ("one-way", Flow::OneWay),
    ("reverse", Flow::Reverse),
    ("two-way", Flow::TwoWay),
];

pub(super) const WINNERS: &[(&str, Winner)] = &[
    ("directory-wins", Winner::Directory),
    ("contact-wins", Winner::Contact),
    ("ask", Winner::Ask),
];

const WRITES: Keys = Keys {
    known: &["sensitive", "perSecond"],
    refused: &[],
};

const SENSITIVE: &str = "`sync.writes` lets contacts change telephone numbers and other addresses in the directory. \
    They can be what a password is reset with: whoever may edit such a contact may get into the account. People with an \
    active role in the directory are left out; who is only eligible for one (Privileged Identity Management) is not seen, \
    and not left out. A number of the same digits is never rewritten.";

const READS_EVERYBODY: &str = "Rows of `sync.mapping` write to the directory. What was edited here the contact store \
    tells; where it cannot, each run reads everybody.";

/// A row, as far as it decides which way it can go.
#[derive(Clone, Copy)]
pub(super) struct OfRow<'a> {
    pub(super) attribute: &'a Attribute,
    pub(super) only_on_create: bool,
    /// The row itself says that its numbers are in E.164.
    pub(super) in_e164: bool,
}

/// The most that is taken for `perSecond`. The service takes 20; a local one may take more.
const MOST_A_SECOND: u64 = 100_000;

/// `writes.perSecond`: how fast the directory is written to. It decides nothing of what is written, so it is no part of
/// the fingerprint.
pub(super) fn writes_a_second(sync: &Object<'_>, findings: &mut Findings) -> u32 {
    // What else is wrong with it is said where the directions are read.
    let writes = sync.get("writes");
    let writes = writes.and_then(|place| place.object(&WRITES, &mut Findings::default()));
    let number = writes
        .as_ref()
        .and_then(|writes| writes.get("perSecond"))
        .and_then(|place| place.whole(1..=MOST_A_SECOND, findings));
    let number = number.and_then(|number| u32::try_from(number).ok());
    number.unwrap_or(WRITES_A_SECOND)
}

/// Other words for the ways, for a hint.
pub(super) fn meant(word: &str) -> Option<&'static str> {
    match word {
        "entra-to-host" => Some("one-way"),
        "host-to-entra" => Some("reverse"),
        "both" | "bidirectional" => Some("two-way"),
        _ => None,
    }
}

/// What the document says of all rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Directions {
    way: Flow,
    winner: Winner,
    sensitive: bool,
    update: bool,
}

impl Directions {
    /// Reads the three keys.
    pub(super) fn read(sync: &Object<'_>, policies: &Policies, findings: &mut Findings) -> Self {
        let way = sync
            .get("direction")
            .and_then(|place| place.choice_of(WAYS, meant, findings))
            .unwrap_or(Flow::OneWay);
        let writes = sync
            .get("writes")
            .and_then(|place| place.object(&WRITES, findings));
        let sensitive = writes
            .as_ref()
            .and_then(|writes| writes.get("sensitive"))
            .and_then(|place| place.boolean(findings))
            .unwrap_or_default();
        let directions = Self {
            way,
            winner: winner(sync, findings),
            sensitive,
            update: policies.update,
        };
        directions.check(sync, policies, findings);
        directions
    }

    fn check(&self, sync: &Object<'_>, policies: &Policies, findings: &mut Findings) {
        let Some(place) = sync.get("direction") else {
            return;
        };
        if self.way != Flow::OneWay && !self.update {
            findings.problem(
                place.pointer,
                "Contacts that are there are not updated, so nothing is compared; write \"update\": true, or \
                 \"direction\": \"one-way\".",
            );
        } else if self.way == Flow::Reverse && removes(policies) {
            findings.problem(
                place.pointer,
                "With \"reverse\" the contacts are what counts, and none may be taken away because the directory lost \
                 somebody: write \"removed\": \"keep\", \"leftScope\": \"keep\" and a `disabled` other than \
                 \"deactivate\", or \"direction\": \"two-way\".",
            );
        }
    }

    /// Which way a row goes. One that says so itself is taken at its word; one that does not goes one way where
    /// it cannot go another.
    pub(super) fn of_row(
        &self,
        row: OfRow<'_>,
        own: Option<(Flow, String)>,
        findings: &mut Findings,
    ) -> Direction {
        let way = own.as_ref().map_or(self.way, |(way, _)| *way);
        if way == Flow::OneWay {
            return Direction::OneWay;
        }
        match (self.obstacle(row), own) {
            (None, _) if way == Flow::Reverse => Direction::Reverse,
            (None, _) => Direction::TwoWay(self.winner),
            (Some(obstacle), Some((_, pointer))) => {
                findings.problem(pointer, obstacle);
                Direction::OneWay
            }
            (Some(obstacle), None) => {
                let name = quoted(row.attribute.name);
                findings.warn(format!("{name} is read only. {obstacle}"));
                Direction::OneWay
            }
        }
    }

    /// Why the directory cannot be given an attribute.
    fn obstacle(&self, row: OfRow<'_>) -> Option<String> {
        let OfRow {
            attribute,
            only_on_create,
            in_e164,
        } = row;
        let Some(writable) = Writable::find(attribute.name) else {
            let reason = writing::refusal(attribute.name).unwrap_or("It cannot be written.");
            return Some(format!("{reason} A row of it goes \"one-way\" alone."));
        };
        if writable.rules().is_sensitive && !self.sensitive {
            return Some(
                "Telephone numbers and other addresses can be what a password is reset with; to let contacts change \
                 them in the directory all the same, write \"writes\": {\"sensitive\": true} in `sync`."
                    .to_owned(),
            );
        }
        if in_e164 {
            return Some(numbers::NOT_WRITTEN.to_owned());
        }
        if only_on_create {
            return Some(
                "What is written only when a contact is made is not compared afterwards."
                    .to_owned(),
            );
        }
        (!self.update)
            .then(|| "Contacts that are there are not updated, so nothing is compared.".to_owned())
    }
}

/// Tells an administrator of rows that write.
pub(super) fn tell(rows: &[Row], findings: &mut Findings) {
    let mut written = rows
        .iter()
        .filter(|row| row.direction.writes_directory())
        .peekable();
    if written.peek().is_none() {
        return;
    }
    findings.warn(READS_EVERYBODY);
    if written.any(|row| is_sensitive(row.attribute)) {
        findings.warn(SENSITIVE);
    }
}

/// Whether an attribute may lead into an account.
pub(super) fn is_sensitive(attribute: &str) -> bool {
    Writable::find(attribute).is_some_and(|writable| writable.rules().is_sensitive)
}

/// Whether the directory refuses to empty an attribute.
pub(super) fn is_always_filled(attribute: &str) -> bool {
    Writable::find(attribute).is_some_and(|writable| !writable.rules().may_be_empty)
}

/// The row's own word, and where it stands.
pub(super) fn of_target(target: &Object<'_>, findings: &mut Findings) -> Option<(Flow, String)> {
    let place = target.get("direction")?;
    let way = place.choice_of(WAYS, meant, findings)?;
    Some((way, place.pointer))
}

fn winner(sync: &Object<'_>, findings: &mut Findings) -> Winner {
    let Some(place) = sync.get("conflicts") else {
        return Winner::default();
    };
    if matches!(place.node, super::document::Node::Text(word) if word == "newest") {
        findings.problem(
            place.pointer,
            "Neither the directory nor the contacts tell when a value was changed: Microsoft Graph has no time for an \
             attribute; write \"directory-wins\", \"contact-wins\" or \"ask\".",
        );
        return Winner::default();
    }
    chosen(&place, findings)
}

fn chosen(place: &Located<'_>, findings: &mut Findings) -> Winner {
    place.choice(WINNERS, findings).unwrap_or_default()
}

/// Whether contacts are taken away for what the directory says.
fn removes(policies: &Policies) -> bool {
    policies.removed != Removing::Keep
        || policies.left_scope != Removing::Keep
        || policies.disabled == Disabled::Deactivate
}
