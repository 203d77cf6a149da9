//! `contactsWithoutUser` and `invitations`: what becomes of contacts that are nobody's, and how they are invited.
//!
//! A guest who was just invited has a name, an address and an account that is not disabled, and nothing else. Whatever
//! would leave such a guest out of the scope is a problem of the document: the contact would be taken away again as soon
//! as the guest is there.

use entra_users::mapping::filter::{Clause, Comparand, Filter, Test};
use sync_core::mapping::rows::Row;
use sync_core::ports::{FieldKind, FieldRole, StoreDescription};
use sync_core::settings::{GroupRules, Invitations};

use super::located::{Keys, Located, Object};
use super::problem::Findings;
use super::wording::quoted;

/// What becomes of contacts that are nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WithoutUser {
    Nothing,
    Invite,
}

const WITHOUT_USER: &[(&str, WithoutUser)] = &[
    ("nothing", WithoutUser::Nothing),
    ("invite", WithoutUser::Invite),
];

const INVITATIONS: Keys = Keys {
    known: &["redirectUrl", "sendMessage"],
    refused: &[],
};

/// The longest URL that is taken.
const LONGEST_URL: usize = 2_048;

const TOLD: &str = "`sync.contactsWithoutUser` invites people who are in the contact store alone as guests of the directory. \
    Nobody can take an invitation back, and nobody is deleted: who is not to be a guest any more is deleted in the directory.";

const WRITTEN_TO: &str = "`sync.invitations` lets Microsoft write to everybody who is invited.";

/// What else of the document decides whether guests would stay.
pub(super) struct Beside<'a> {
    pub(super) rows: &'a [Row],
    pub(super) filter: &'a Filter,
    pub(super) groups: Option<&'a GroupRules>,
    pub(super) store: &'a StoreDescription,
}

/// Reads the two keys.
pub(super) fn read(
    sync: &Object<'_>,
    beside: &Beside<'_>,
    findings: &mut Findings,
) -> Option<Invitations> {
    let place = sync.get("contactsWithoutUser");
    let chosen = place
        .as_ref()
        .and_then(|place| place.choice(WITHOUT_USER, findings));
    let terms = sync.get("invitations");
    let (Some(place), Some(WithoutUser::Invite)) = (place, chosen) else {
        if let Some(terms) = terms {
            findings.problem(
                terms.pointer,
                "It says how people are invited, and nobody is: write \"contactsWithoutUser\": \"invite\", or leave it out.",
            );
        }
        return None;
    };
    for obstacle in obstacles(beside) {
        findings.problem(
            place.pointer.as_str(),
            format!("{obstacle} Or write \"contactsWithoutUser\": \"nothing\"."),
        );
    }
    let invitations = read_terms(&place, terms.as_ref(), findings);
    if let Some(invitations) = &invitations {
        findings.warn(TOLD);
        if invitations.send_message {
            findings.warn(WRITTEN_TO);
        }
    }
    invitations
}

fn read_terms(
    place: &Located<'_>,
    terms: Option<&Located<'_>>,
    findings: &mut Findings,
) -> Option<Invitations> {
    let Some(terms) = terms else {
        findings.problem(
            place.pointer.as_str(),
            "Where guests are led who have accepted, `sync.invitations` says: write \"invitations\": {\"redirectUrl\": \
             \"https://…\"} beside it.",
        );
        return None;
    };
    let terms = terms.object(&INVITATIONS, findings)?;
    let url = terms.require(
        "redirectUrl",
        "write the page where guests begin.",
        findings,
    );
    let send_message = terms
        .get("sendMessage")
        .and_then(|place| place.boolean(findings))
        .unwrap_or_default();
    let url = url?;
    let redirect_url = url.text(findings)?;
    if !is_page(redirect_url) {
        findings.problem(
            url.pointer,
            "It is no address of a page; write one that begins with https://, such as \
             \"https://myapplications.microsoft.com\".",
        );
        return None;
    }
    Some(Invitations {
        redirect_url: redirect_url.to_owned(),
        send_message,
    })
}

fn is_page(url: &str) -> bool {
    let behind = url.strip_prefix("https://");
    let host = behind.and_then(|behind| behind.split(['/', '?', '#']).next());
    url.len() <= LONGEST_URL
        && host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
        && !url.chars().any(|it| it.is_whitespace() || it.is_control())
}

/// Why nobody could be invited, or would not stay; each a sentence or two.
fn obstacles(beside: &Beside<'_>) -> Vec<String> {
    let mut obstacles = Vec::new();
    let mut rows = beside.rows.iter();
    if !rows.any(|row| row.direction.writes_directory()) {
        obstacles.push(
            "Nothing of this document goes to the directory; give a row of the mapping the direction \"two-way\" or \
             \"reverse\"."
                .to_owned(),
        );
    }
    let by_mail = beside.store.field_with_role(&FieldRole::Email);
    if by_mail.is_none_or(|field| field.kind != FieldKind::Email) {
        obstacles.push(
            "The contacts of this store are not found by a mail address, to which an invitation could go."
                .to_owned(),
        );
    } else if !beside.store.unlinked {
        obstacles.push("This contact store does not tell which contacts are nobody's.".to_owned());
    }
    if beside.groups.is_some_and(|groups| groups.members_only) {
        obstacles.push(
            "A guest who was just invited is in no group, and `sync.groups` takes the members of groups alone; write \
             \"people\": \"all\" there."
                .to_owned(),
        );
    }
    for clause in beside
        .filter
        .clauses
        .iter()
        .filter(|clause| leaves_guests_out(clause))
    {
        obstacles.push(format!(
            "A guest who was just invited has an address, a name and nothing else, and the filter on {} would leave them out; \
             take it out of `sync.filters`.",
            quoted(clause.attribute.name)
        ));
    }
    obstacles
}

/// Whether somebody does not meet a clause of whom nothing is known but that they are a guest with an account.
fn leaves_guests_out(clause: &Clause) -> bool {
    let known = match clause.attribute.name {
        "userType" => Some("guest"),
        "accountEnabled" => Some("true"),
        _ => None,
    };
    let is_among = |values: &[Comparand]| values.iter().any(|value| Some(value.as_str()) == known);
    let is_filled = matches!(
        clause.attribute.name,
        "userType" | "accountEnabled" | "mail" | "displayName" | "userPrincipalName" | "otherMails"
    );
    match &clause.test {
        Test::AnyOf(values) => !is_among(values),
        Test::NoneOf(values) => is_among(values),
        Test::Exists(exists) => *exists != is_filled,
    }
}
