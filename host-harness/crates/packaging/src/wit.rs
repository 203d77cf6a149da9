//! The contract, as text, for whoever writes a host or another component for it.

/// Its files, by their paths below `wit`.
pub(crate) const FILES: [(&str, &str); 17] = [
    (
        "conflicts.wit",
        include_str!("../../../../wit/conflicts.wit"),
    ),
    (
        "connector.wit",
        include_str!("../../../../wit/connector.wit"),
    ),
    (
        "contact-store.wit",
        include_str!("../../../../wit/contact-store.wit"),
    ),
    ("deps/cli.wit", include_str!("../../../../wit/deps/cli.wit")),
    (
        "deps/clocks.wit",
        include_str!("../../../../wit/deps/clocks.wit"),
    ),
    (
        "deps/filesystem.wit",
        include_str!("../../../../wit/deps/filesystem.wit"),
    ),
    (
        "deps/http.wit",
        include_str!("../../../../wit/deps/http.wit"),
    ),
    ("deps/io.wit", include_str!("../../../../wit/deps/io.wit")),
    (
        "deps/random.wit",
        include_str!("../../../../wit/deps/random.wit"),
    ),
    (
        "deps/sockets.wit",
        include_str!("../../../../wit/deps/sockets.wit"),
    ),
    ("host.wit", include_str!("../../../../wit/host.wit")),
    ("ledger.wit", include_str!("../../../../wit/ledger.wit")),
    ("notify.wit", include_str!("../../../../wit/notify.wit")),
    ("target.wit", include_str!("../../../../wit/target.wit")),
    ("trust.wit", include_str!("../../../../wit/trust.wit")),
    ("types.wit", include_str!("../../../../wit/types.wit")),
    ("worlds.wit", include_str!("../../../../wit/worlds.wit")),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_contract_is_given_away() {
        let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../wit");
        let mut found = BTreeSet::new();
        for folder in ["", "deps/"] {
            for entry in fs::read_dir(wit.join(folder)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    found.insert(format!("{folder}{}", entry.file_name().to_str().unwrap()));
                }
            }
        }
        let given = FILES.map(|(path, _)| path.to_owned());
        assert_eq!(BTreeSet::from(given), found);
    }
}
