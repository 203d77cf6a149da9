//! What is asked for: a registry, a repository in it, and a tag or a digest.

use std::fmt;
use std::str::FromStr;

/// Where a component is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The registry: a host, with a port where it is not that of https.
    pub registry: String,
    /// The repository in it.
    pub repository: String,
    /// Which of its manifests; nothing where that is to be found out.
    pub target: Option<Target>,
}

/// A manifest of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The one that has this tag now.
    Tag(String),
    /// The one with this digest, for ever.
    Digest(String),
}

/// A text names no place in a registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names nothing in a registry; write REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:DIGEST, such as \
     registry.example/acme/connector:0.1.0"
)]
pub struct InvalidReference(String);

impl Reference {
    /// The repository with its registry.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }
}

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let invalid = || InvalidReference(text.to_owned());
        let (registry, rest) = text.split_once('/').ok_or_else(invalid)?;
        let (repository, target) = if let Some((repository, digest)) = rest.split_once('@') {
            (repository, Some(Target::Digest(digest.to_owned())))
        } else if let Some((repository, tag)) = rest.split_once(':') {
            (repository, Some(Target::Tag(tag.to_owned())))
        } else {
            (rest, None)
        };
        let is_whole = is_registry(registry)
            && is_repository(repository)
            && target.as_ref().is_none_or(Target::is_valid);
        is_whole
            .then(|| Self {
                registry: registry.to_owned(),
                repository: repository.to_owned(),
                target,
            })
            .ok_or_else(invalid)
    }
}

fn is_registry(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

/// Parts between slashes, of small letters and figures with separators between them.
fn is_repository(text: &str) -> bool {
    let is_figure = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| {
        let (first, last) = (part.bytes().next(), part.bytes().last());
        first.is_some_and(is_figure)
            && last.is_some_and(is_figure)
            && part
                .bytes()
                .all(|byte| is_figure(byte) || b"._-".contains(&byte))
    };
    text.split('/').all(is_part)
}

impl Target {
    fn is_valid(&self) -> bool {
        match self {
            Self::Tag(tag) => is_tag(tag),
            Self::Digest(digest) => is_digest(digest),
        }
    }

    /// As it stands in a path.
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Tag(tag) => tag,
            Self::Digest(digest) => digest,
        }
    }
}

/// Up to 128 letters, figures, dots, dashes and underlines, and not one of the first two kinds of sign first.
pub(crate) fn is_tag(tag: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(is_word)
        && tag
            .bytes()
            .all(|byte| is_word(byte) || b".-".contains(&byte))
}

/// SHA-256, the one digest that every registry has.
pub(crate) fn is_digest(text: &str) -> bool {
    let figures = text.strip_prefix("sha256:");
    figures.is_some_and(|figures| {
        let is_figure = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        figures.len() == 64 && figures.bytes().all(is_figure)
    })
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.place())?;
        match &self.target {
            None => Ok(()),
            Some(Target::Tag(tag)) => write!(formatter, ":{tag}"),
            Some(Target::Digest(digest)) => write!(formatter, "@{digest}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for text in [
            "registry.example/connector:0.1.0",
            "127.0.0.1:5000/acme/entra-connector",
            &format!("localhost/acme/connector@{digest}"),
        ] {
            let reference: Reference = text.parse().unwrap();
            assert_eq!(reference.to_string(), text);
        }
        let reference: Reference = "localhost:5000/a/b:0.1.0".parse().unwrap();
        assert_eq!(reference.place(), "localhost:5000/a/b");
        assert_eq!(reference.target, Some(Target::Tag("0.1.0".to_owned())));
    }

    #[test]
    fn what_could_mean_another_path_is_refused() {
        for text in [
            "connector",
            "registry.example/",
            "registry.example/Connector",
            "registry.example/a/../b",
            "registry.example/a//b",
            "registry.example/a:b c",
            "registry.example/a:-b",
            "registry.example/a@sha256:00",
            "registry.example/a@md5:00",
            "https://registry.example/a",
            "user@registry.example/a",
            "registry.example/a?b",
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }
}
