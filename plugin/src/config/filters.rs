//! `filters`: who is in scope, attribute by attribute.

use contact_identity::ObjectId;
use entra_users::mapping::catalogue::{self, Attribute, FILTERED, Kind};
use entra_users::mapping::filter::{Clause, Comparand, Filter, Test, holds_uuids};
use guest_kit::ordered;

use super::document::Node;
use super::located::{Keys, Located};
use super::problem::Findings;
use super::wording::{hint, one_of, quoted};

const OPERATORS: Keys = Keys {
    known: &["not", "exists"],
    refused: &[],
};

const ANY_LICENSE: &str = "Write {\"exists\": true} for people with a license, or {\"exists\": false} for \
                           people without any; one license is filtered by as `assignedLicenses/skuId`.";

/// Attributes with a closed set of values, so that a typing error cannot empty the scope.
const CLOSED: &[(&str, &[&str])] = &[("userType", &["Member", "Guest"])];

/// The filter of the document; without one, everybody is in scope.
pub(super) fn read(place: Option<Located<'_>>, findings: &mut Findings) -> Filter {
    let entries = place
        .and_then(|place| place.entries(findings))
        .unwrap_or_default();
    let clause = |(name, place): (&str, Located<'_>)| {
        let attribute = filterable(name, &place, findings)?;
        let test = test(attribute, &place, findings)?;
        Some(Clause { attribute, test })
    };
    Filter {
        clauses: entries.into_iter().filter_map(clause).collect(),
    }
}

fn filterable(
    name: &str,
    place: &Located<'_>,
    findings: &mut Findings,
) -> Option<&'static Attribute> {
    let can_be = |attribute: &Attribute| attribute.kind != Kind::DateTime;
    if let Some(attribute) = catalogue::find_for_filter(name) {
        if can_be(attribute) {
            return Some(attribute);
        }
        findings.problem(
            place.pointer.as_str(),
            format!(
                "{} is a date; filter by text or by true and false instead.",
                quoted(name)
            ),
        );
        return None;
    }
    let message = match catalogue::refusal(name) {
        Some(refused) => format!("{} cannot be filtered by. {}", quoted(name), refused.reason),
        None => format!(
            "{} is no attribute of the catalogue; write one of its names.{}",
            quoted(name),
            FILTERED
                .iter()
                .find(|known| known.name.eq_ignore_ascii_case(name))
                .map_or_else(
                    || hint(name, can_be),
                    |meant| format!(" Did you mean {}?", quoted(meant.name))
                )
        ),
    };
    findings.problem(place.pointer.as_str(), message);
    None
}

fn test(attribute: &Attribute, place: &Located<'_>, findings: &mut Findings) -> Option<Test> {
    let asks_whether_any = match place.node {
        Node::Object(members) => members.iter().all(|(name, _)| name != "not"),
        _ => false,
    };
    if attribute.is_any_assignment() && !asks_whether_any {
        findings.problem(place.pointer.as_str(), ANY_LICENSE);
        return None;
    }
    let Node::Object(_) = place.node else {
        return comparands(attribute, place, findings).map(Test::AnyOf);
    };
    let operators = place.object(&OPERATORS, findings)?;
    match (operators.get("not"), operators.get("exists")) {
        (Some(not), None) => comparands(attribute, &not, findings).map(Test::NoneOf),
        (None, Some(exists)) => exists.boolean(findings).map(Test::Exists),
        _ => {
            findings.problem(
                place.pointer.as_str(),
                "Write exactly one of {\"not\": …} and {\"exists\": true} or {\"exists\": false}.",
            );
            None
        }
    }
}

/// One value or a list of them, ordered and without repetition.
fn comparands(
    attribute: &Attribute,
    place: &Located<'_>,
    findings: &mut Findings,
) -> Option<Vec<Comparand>> {
    let places = match place.node {
        Node::List(_) => place.elements(findings)?,
        _ => vec![place.clone()],
    };
    let wanted = places.len();
    let mut values: Vec<_> = places
        .iter()
        .filter_map(|place| comparand(attribute, place, findings))
        .collect();
    let all_valid = values.len() == wanted;
    ordered::sort_by(&mut values, Ord::cmp);
    values.dedup();
    all_valid.then_some(values)
}

fn comparand(
    attribute: &Attribute,
    place: &Located<'_>,
    findings: &mut Findings,
) -> Option<Comparand> {
    if attribute.kind == Kind::Boolean {
        return place
            .boolean(findings)
            .map(|value| Comparand::new(attribute, if value { "true" } else { "false" }));
    }
    let Node::Text(text) = place.node else {
        let wanted = match place.node {
            Node::Null => "For people without a value write {\"exists\": false}.",
            Node::Whole(_) | Node::OtherNumber => {
                "Write the number in double quotes: the directory keeps it as text."
            }
            _ => "Write text in double quotes, or a list of such texts.",
        };
        findings.problem(place.pointer.as_str(), wanted);
        return None;
    };
    let value = Comparand::new(attribute, text);
    if value.as_str().is_empty() {
        findings.problem(
            place.pointer.as_str(),
            "No value is ever empty; for people without a value write {\"exists\": false}.",
        );
        return None;
    }
    if holds_uuids(attribute) && !ObjectId::is_uuid(value.as_str()) {
        let (what, whose) = match attribute.member {
            None => ("object id", "the directory's own page of the user"),
            Some(member) => (member, "Microsoft's table of products and service plans"),
        };
        findings.problem(
            place.pointer.as_str(),
            format!(
                "{} is no {what}, and nobody has it; copy it from {whose}. It looks like \
                 00000000-0000-4000-8000-000000000001.",
                quoted(text)
            ),
        );
        return None;
    }
    let closed = CLOSED.iter().find(|(name, _)| *name == attribute.name);
    if let Some((_, allowed)) = closed
        && !allowed
            .iter()
            .any(|word| Comparand::new(attribute, word) == value)
    {
        findings.problem(
            place.pointer.as_str(),
            format!(
                "{} has no value {}; write {}.",
                attribute.name,
                quoted(text),
                one_of(allowed.iter().copied())
            ),
        );
        return None;
    }
    Some(value)
}
