//! `list`: which list of the host a contact is put on.

use contact_identity::text::folded;
use entra_users::mapping::catalogue::{self, Attribute, Kind};
use entra_users::mapping::exceeds;
use sync_core::ports::StoreLimits;
use sync_core::settings::ListRule;

use super::document::Node;
use super::located::{Keys, Located, Object};
use super::presets::LIST_DESCRIPTION;
use super::problem::Findings;
use super::wording::{hint, quoted};

const LIST: Keys = Keys {
    known: &["name", "perAttribute", "description"],
    refused: &[],
};

/// The word for no list at all.
const NONE: &str = "none";

const FORMS: &str = "write `none`, {\"name\": …} for one list, or {\"perAttribute\": \"department\"} for one per value.";

/// The preset's rule, or what the document says instead.
pub(super) fn read(
    sync: &Object<'_>,
    preset: ListRule,
    limits: StoreLimits,
    findings: &mut Findings,
) -> ListRule {
    let mut rule = sync
        .get("list")
        .and_then(|place| rule(&place, limits, findings))
        .unwrap_or(preset);
    if let ListRule::PerAttribute { longest, .. } = &mut rule {
        *longest = limits.list_name;
    }
    rule
}

fn rule(place: &Located<'_>, limits: StoreLimits, findings: &mut Findings) -> Option<ListRule> {
    match place.node {
        Node::Text(text) if text == NONE => return Some(ListRule::None),
        Node::Object(_) => {}
        _ => {
            findings.problem(
                place.pointer.as_str(),
                format!("This is no list rule: {FORMS}"),
            );
            return None;
        }
    }
    let list = place.object(&LIST, findings)?;
    let description = list.get("description").map_or_else(
        || Some(LIST_DESCRIPTION.to_owned()),
        |place| place.text(findings).map(str::to_owned),
    );
    let name = list
        .get("name")
        .map(|place| list_name(&place, limits, findings));
    let attribute = list
        .get("perAttribute")
        .map(|place| attribute(&place, findings));
    match (name, attribute) {
        (Some(name), None) => Some(ListRule::One {
            name: name?.to_owned(),
            description: description?,
        }),
        (None, Some(attribute)) => Some(ListRule::PerAttribute {
            attribute: attribute?,
            description: description?,
            longest: None,
        }),
        _ => {
            findings.problem(
                place.pointer.as_str(),
                format!("A list has either `name` or `perAttribute`: {FORMS}"),
            );
            None
        }
    }
}

/// The name of the one list, such as the store takes.
fn list_name<'d>(
    place: &Located<'d>,
    limits: StoreLimits,
    findings: &mut Findings,
) -> Option<&'d str> {
    let name = place.text(findings)?;
    if folded(name).is_empty() {
        findings.problem(
            place.pointer.as_str(),
            "Nothing of this name can be seen; write a name, or `none` for no list.",
        );
        return None;
    }
    match limits.list_name {
        Some(limit) if exceeds(name, limit) => {
            findings.problem(
                place.pointer.as_str(),
                format!("The store takes names of lists of at most {limit} characters; write a shorter one."),
            );
            None
        }
        _ => Some(name),
    }
}

/// An attribute whose values can be names of lists.
fn attribute(place: &Located<'_>, findings: &mut Findings) -> Option<&'static str> {
    let name = place.text(findings)?;
    let usable = |attribute: &Attribute| attribute.kind == Kind::Text;
    let found = catalogue::find(name).filter(|attribute| usable(attribute));
    if found.is_none() {
        let reason = match (catalogue::refusal(name), catalogue::find(name)) {
            (Some(refused), _) => format!(" {}", refused.reason),
            (None, Some(_)) => String::new(),
            (None, None) => hint(name, usable),
        };
        findings.problem(
            place.pointer.as_str(),
            format!(
                "{} cannot name lists; write an attribute with one text value, such as `department` or `city`.{reason}",
                quoted(name)
            ),
        );
    }
    found.map(|attribute| attribute.name)
}
