//! What is linked into a component, as a list beside it.
//!
//! Neither the lock file nor the notes that a compiler leaves in a binary tell what is linked from what only runs while
//! building: of this component they name twice as many crates. Cargo knows, and is asked: dependencies of the
//! target, without those of build scripts and of procedural macros.

use std::collections::{BTreeSet, HashMap};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::component::{HOST_SETTINGS, TARGET, cargo_variable, fail, rustc_version};

/// What the file of a component gets for that of its list.
const SUFFIX: &str = "linked.tsv";

/// Lists what is linked into `package`, and hands the list's path to the crate as the compile-time environment
/// variable `variable`. Where `component` names a component that was built before, the list is the one beside it;
/// an empty one where there is none.
pub(crate) fn list(workspace: &str, package: &str, component: &str, variable: &str) {
    let out = PathBuf::from(cargo_variable("OUT_DIR"));
    let file = out.join(package.replace('-', "_")).with_extension(SUFFIX);
    let list = match env::var_os(component) {
        Some(path) => {
            let beside = PathBuf::from(path).with_extension(SUFFIX);
            println!("cargo::rerun-if-changed={}", beside.display());
            fs::read_to_string(beside).unwrap_or_default()
        }
        None => {
            let manifest = PathBuf::from(cargo_variable("CARGO_MANIFEST_DIR"));
            of(&manifest.join(workspace), package)
        }
    };
    if let Err(error) = fs::write(&file, list) {
        fail(&format!("{} cannot be written: {error}", file.display()));
    }
    println!("cargo::rustc-env={variable}={}", file.display());
}

/// A line for each crate, sorted: name, version, licences, repository and checksum between tabs.
fn of(workspace: &Path, package: &str) -> String {
    let checksums = checksums(&workspace.join("Cargo.lock"));
    let compiler = rustc_version();
    let compiler = compiler.split(' ').nth(1).unwrap_or_default();
    // The standard library is linked, too, and comes with the compiler.
    let library =
        format!("std\t{compiler}\tMIT OR Apache-2.0\thttps://github.com/rust-lang/rust\t");
    let mut rows = BTreeSet::from([library]);
    for line in tree(workspace, package).lines() {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default().trim();
        let (crate_and_version, licenses, repository) = (cell(), cell(), cell());
        let mut words = crate_and_version.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else {
            continue;
        };
        let version = version.trim_start_matches('v');
        let checksum = checksums.get(&(name.to_owned(), version.to_owned()));
        let checksum = checksum.map_or("", String::as_str);
        rows.insert(format!(
            "{name}\t{version}\t{licenses}\t{repository}\t{checksum}"
        ));
    }
    let mut list = String::new();
    for row in rows {
        list.push_str(&row);
        list.push('\n');
    }
    list
}

fn tree(workspace: &Path, package: &str) -> String {
    let mut cargo = Command::new(cargo_variable("CARGO"));
    cargo
        .current_dir(workspace)
        .args(["tree", "--locked", "--quiet", "--package", package])
        .args(["--target", TARGET, "--edges", "normal,no-proc-macro"])
        .args(["--prefix", "none", "--no-dedupe"])
        .args(["--format", "{p}\t{l}\t{r}"]);
    for setting in HOST_SETTINGS {
        cargo.env_remove(setting);
    }
    match cargo.output() {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
        Ok(output) => fail(&format!(
            "cargo could not list what is linked into {package}: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
        Err(error) => fail(&format!("cargo could not be started: {error}")),
    }
}

/// The checksum of each package of the registry, by name and version.
fn checksums(lock: &Path) -> HashMap<(String, String), String> {
    let Ok(text) = fs::read_to_string(lock) else {
        fail(&format!("{} cannot be read", lock.display()));
    };
    let packages = text.split("[[package]]").filter_map(|package| {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key))?;
            Some(line.trim_matches('"').to_owned())
        };
        Some((
            (value("name = ")?, value("version = ")?),
            value("checksum = ")?,
        ))
    });
    packages.collect()
}
