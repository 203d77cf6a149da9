//! What is linked into a component, as the build listed it.

/// A crate that is linked into a component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Linked {
    /// What it is called.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licences, as an expression of SPDX; empty where it states none.
    pub licenses: String,
    /// Where its sources are, as a URL; empty where it states none.
    pub repository: String,
    /// SHA-256 of the package in the registry, in hexadecimal; empty for what comes from elsewhere: the crates of
    /// this workspace, and the standard library, which comes with the compiler.
    pub checksum: String,
}

impl Linked {
    /// Whether it comes from the registry.
    pub(crate) fn is_from_registry(&self) -> bool {
        !self.checksum.is_empty()
    }

    /// The package URL of what comes from the registry (package-url/purl-spec, type `cargo`).
    pub(crate) fn purl(&self) -> Option<String> {
        // Of the characters that a version has, `+` is one that a package URL has to escape.
        let version = self.version.replace('+', "%2B");
        self.is_from_registry()
            .then(|| format!("pkg:cargo/{}@{version}", self.name))
    }
}

/// It is not known what is linked into the component.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotListed {
    /// The build took a file that was there.
    #[error(
        "what is linked into this component is not known, because the build was given a file that is there \
         already; build without ENTRA_CONNECTOR_WASM"
    )]
    Prebuilt,
    /// A row that is none.
    #[error("line {0} of the list of what is linked is no row of it")]
    Row(usize),
}

/// Reads the list that the build makes: a line for each crate, with name, version, licences, repository and checksum
/// between tabs.
///
/// # Errors
///
/// Where the list is empty, or is none.
pub fn linked(list: &str) -> Result<Vec<Linked>, NotListed> {
    let rows = list.lines().enumerate().map(|(number, line)| {
        let mut cells = line.split('\t').map(str::to_owned);
        let mut cell = || cells.next().ok_or(NotListed::Row(number + 1));
        Ok(Linked {
            name: cell()?,
            version: cell()?,
            licenses: cell()?,
            repository: cell()?,
            checksum: cell()?,
        })
    });
    let mut linked: Vec<_> = rows.collect::<Result<_, NotListed>>()?;
    if linked.is_empty() {
        return Err(NotListed::Prebuilt);
    }
    linked.sort();
    Ok(linked)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn list() -> Vec<Linked> {
        linked(concat!(
            "std\t1.95.0\tMIT OR Apache-2.0\thttps://github.com/rust-lang/rust\t\n",
            "sync-core\t0.1.0\tMIT OR Apache-2.0\t\t\n",
            "itoa\t1.0.0+x\tMIT OR Apache-2.0\thttps://github.com/dtolnay/itoa\tab12\n",
        ))
        .unwrap()
    }

    #[test]
    fn the_list_is_read_and_sorted_by_name() {
        let linked = list();
        let names: Vec<_> = linked.iter().map(|linked| &*linked.name).collect();
        assert_eq!(names, ["itoa", "std", "sync-core"]);
        let urls: Vec<_> = linked.iter().map(Linked::purl).collect();
        assert_eq!(
            urls,
            [Some("pkg:cargo/itoa@1.0.0%2Bx".to_owned()), None, None]
        );
    }

    #[test]
    fn a_build_that_lists_nothing_is_told_from_a_damaged_list() {
        assert_eq!(linked(""), Err(NotListed::Prebuilt));
        assert_eq!(linked("a\tb\tc\td\te\nitoa"), Err(NotListed::Row(2)));
    }
}
