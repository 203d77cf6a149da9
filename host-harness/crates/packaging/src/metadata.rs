//! What is told about a component beside what it does.

use serde::Serialize;

/// What is told about a component. In the file each is a custom section of the same name, as
/// WebAssembly/tool-conventions registers them; in a registry, an annotation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// In a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authors: Option<String>,
    /// Under which licences, as an expression of SPDX.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licenses: Option<String>,
    /// Where its sources are, as a URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Of which revision of them it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Where more is told, as a URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
}

impl Metadata {
    /// Each that is there, with the name of its section and of its annotation; the component's name, whose section
    /// is another, is left out.
    pub(crate) fn told(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        FIELDS.iter().filter_map(|(section, annotation, of)| {
            let value = of(self).as_deref()?;
            Some((*section, *annotation, value))
        })
    }

    /// Where a section is kept; nothing for one that is none of these.
    pub(crate) fn field(&mut self, section: &str) -> Option<&mut Option<String>> {
        Some(match section {
            "authors" => &mut self.authors,
            "description" => &mut self.description,
            "homepage" => &mut self.homepage,
            "licenses" => &mut self.licenses,
            "revision" => &mut self.revision,
            "source" => &mut self.source,
            "version" => &mut self.version,
            _ => return None,
        })
    }
}

type Field = (&'static str, &'static str, fn(&Metadata) -> &Option<String>);

/// Section, annotation (opencontainers/image-spec, `annotations.md`), and what is told in it; sorted, since files are
/// made in this order.
const FIELDS: [Field; 7] = [
    ("authors", "org.opencontainers.image.authors", |of| {
        &of.authors
    }),
    (
        "description",
        "org.opencontainers.image.description",
        |of| &of.description,
    ),
    ("homepage", "org.opencontainers.image.url", |of| {
        &of.homepage
    }),
    ("licenses", "org.opencontainers.image.licenses", |of| {
        &of.licenses
    }),
    ("revision", "org.opencontainers.image.revision", |of| {
        &of.revision
    }),
    ("source", "org.opencontainers.image.source", |of| &of.source),
    ("version", "org.opencontainers.image.version", |of| {
        &of.version
    }),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_that_is_told_has_a_section_that_is_read_again() {
        let told = Metadata {
            version: Some("0.1.0".to_owned()),
            authors: Some("Some authors".to_owned()),
            homepage: Some("https://example.com".to_owned()),
            ..Metadata::default()
        };
        let mut read = Metadata::default();
        for (section, _, value) in told.told() {
            *read.field(section).unwrap() = Some(value.to_owned());
        }
        assert_eq!(read, told);
        for (section, annotation, _) in FIELDS {
            assert!(read.field(section).is_some(), "{section}");
            assert!(annotation.starts_with("org.opencontainers.image."));
        }
        assert_eq!(read.field("name"), None);
    }
}
