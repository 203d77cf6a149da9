//! `addresses`: where a person's address is looked for, in order.

use entra_users::mapping::rows::AddressSource;
use entra_users::mapping::synonyms::{self, Meant};

use super::located::Object;
use super::problem::Findings;

pub(super) const SOURCES: &[(&str, AddressSource)] = &[
    ("mail", AddressSource::Mail),
    ("otherMails", AddressSource::OtherMails),
    ("proxyAddresses", AddressSource::ProxyAddresses),
    ("userPrincipalName", AddressSource::UserPrincipalName),
];

/// The preset's order, or the document's instead.
pub(super) fn read(
    sync: &Object<'_>,
    preset: &[AddressSource],
    findings: &mut Findings,
) -> Vec<AddressSource> {
    let Some(elements) = sync
        .get("addresses")
        .and_then(|place| place.elements(findings))
    else {
        return preset.to_vec();
    };
    let mut sources = Vec::new();
    for element in elements {
        let Some(source) = element.choice_of(SOURCES, source_meant, findings) else {
            continue;
        };
        if sources.contains(&source) {
            findings.problem(
                element.pointer,
                "This attribute stands earlier in the list; remove it here.",
            );
        } else {
            sources.push(source);
        }
    }
    sources
}

/// The source that one of the field's words means.
fn source_meant(word: &str) -> Option<&'static str> {
    match synonyms::meant(word) {
        Some(Meant::Attribute(name, _)) => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_written_as_the_attribute_it_reads() {
        for (word, source) in SOURCES {
            assert_eq!(source.attribute(), *word);
            assert_eq!(serde_json::json!(source), *word);
        }
    }
}
