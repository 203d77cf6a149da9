//! The script, the packages that it needs, and Node, which runs it.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use graph_emulator::{Emulator, TenantOptions};
use serde::Deserialize;
use tempfile::TempDir;

use super::child::{self, ProcessCost};
use crate::Tell;

/// The files of `tests/compare`, with which the versions of the packages are fixed.
const FILES: [(&str, &str); 3] = [
    (
        "package.json",
        include_str!("../../../../../tests/compare/package.json"),
    ),
    (
        LOCK,
        include_str!("../../../../../tests/compare/package-lock.json"),
    ),
    (
        SCRIPT,
        include_str!("../../../../../tests/compare/sync.mjs"),
    ),
];
const LOCK: &str = "package-lock.json";
const SCRIPT: &str = "sync.mjs";

/// npm is a script on some systems, with an ending.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };
const NODE: &str = if cfg!(windows) { "node.exe" } else { "node" };

/// Why the script cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// There is no Node, or no npm.
    #[error(
        "{0} is not installed, so there is nothing to compare with: install Node 20 or newer, with npm, and \
         name their folder in PATH"
    )]
    NotInstalled(&'static str),
    /// The packages of the script could not be installed.
    #[error("npm could not install what the script needs in {}: {said}", folder.display())]
    Packages {
        /// Where.
        folder: PathBuf,
        /// What npm said.
        said: String,
    },
    /// The folder of the script cannot be written.
    #[error("the script cannot be put into {}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// The script, ready to run.
pub(super) struct Script {
    node: PathBuf,
    folder: PathBuf,
    version: String,
    _temporary: Option<TempDir>,
}

impl Script {
    /// Finds Node and installs the packages, where the folder that is named does not have them already.
    pub(super) fn prepare(folder: Option<&Path>, tell: Tell<'_>) -> anyhow::Result<Self> {
        let node = installed(NODE).ok_or(ScriptError::NotInstalled("Node"))?;
        let npm = installed(NPM).ok_or(ScriptError::NotInstalled("npm"))?;
        let (folder, temporary) = match folder {
            Some(folder) => (folder.to_owned(), None),
            None => {
                let made = tempfile::tempdir().context("no temporary directory can be made")?;
                (made.path().to_owned(), Some(made))
            }
        };
        if !has_packages(&folder) {
            tell("installing Microsoft's client and better-sqlite3 with npm");
        }
        install(&npm, &folder)?;
        let version = Command::new(&node)
            .arg("--version")
            .output()
            .context("Node cannot be started")?;
        Ok(Self {
            node,
            folder,
            version: String::from_utf8_lossy(&version.stdout).trim().to_owned(),
            _temporary: temporary,
        })
    }

    /// As Node says it: `v20.20.2`.
    pub(super) fn node_version(&self) -> String {
        self.version.clone()
    }

    /// Runs it against the emulator, into a database of its own.
    pub(super) fn run(
        &self,
        emulator: &Emulator,
        authority: &Path,
        database: &Path,
        people: u64,
    ) -> anyhow::Result<ProcessCost> {
        #[derive(Deserialize)]
        struct Done {
            people: u64,
        }
        let tenant = TenantOptions::default();
        let mut command = Command::new(&self.node);
        command
            .arg(SCRIPT)
            .arg(database)
            .current_dir(&self.folder)
            .env("EMULATOR_URL", emulator.graph_url())
            .env("TENANT_ID", &tenant.tenant_id)
            .env("CLIENT_ID", &tenant.client_id)
            .env("CLIENT_SECRET", &tenant.client_secret)
            .env("NODE_EXTRA_CA_CERTS", authority);
        for proxy in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            command.env_remove(proxy);
        }
        let ended = child::run(&mut command)?;
        let done: Done =
            serde_json::from_slice(&ended.out).context("the script did not say what it did")?;
        ensure!(
            done.people == people,
            "the script has written {} people, not {people}",
            done.people
        );
        Ok(ProcessCost {
            cost: ended.cost,
            peak_bytes: ended.peak_bytes,
            file_bytes: fs::metadata(database)?.len(),
        })
    }
}

/// Where a program is, if it is anywhere.
fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    found_in(&path, program)
}

fn found_in(path: &OsStr, program: &str) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Whether exactly these packages were installed there.
fn has_packages(folder: &Path) -> bool {
    let same = FILES.iter().all(|(name, text)| {
        fs::read_to_string(folder.join(name)).is_ok_and(|there| there == *text)
    });
    // npm writes it when everything else is in its place.
    same && folder.join("node_modules/.package-lock.json").is_file()
}

fn install(npm: &Path, folder: &Path) -> Result<(), ScriptError> {
    if has_packages(folder) {
        return Ok(());
    }
    let unwritable = |source| ScriptError::Folder {
        folder: folder.to_owned(),
        source,
    };
    fs::create_dir_all(folder).map_err(unwritable)?;
    for (name, text) in FILES {
        fs::write(folder.join(name), text).map_err(unwritable)?;
    }
    // better-sqlite3 is fetched for this system, or compiled, by its own script.
    let output = Command::new(npm)
        .args(["ci", "--no-audit", "--no-fund", "--prefer-offline"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output();
    let said = match output {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    Err(ScriptError::Packages {
        folder: folder.to_owned(),
        said,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_where_the_path_leads_and_a_folder_of_that_name_is_none() {
        let place = tempfile::tempdir().unwrap();
        let (first, second) = (place.path().join("first"), place.path().join("second"));
        fs::create_dir_all(first.join("node")).unwrap();
        fs::create_dir_all(&second).unwrap();
        let path = std::env::join_paths([&first, &second]).unwrap();
        assert_eq!(found_in(&path, "node"), None);
        fs::write(second.join("node"), "").unwrap();
        assert_eq!(found_in(&path, "node"), Some(second.join("node")));
    }

    #[test]
    fn packages_that_were_installed_for_other_versions_are_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        assert!(!has_packages(path));
        for (name, text) in FILES {
            fs::write(path.join(name), text).unwrap();
        }
        assert!(!has_packages(path), "nothing was installed");
        fs::create_dir(path.join("node_modules")).unwrap();
        fs::write(path.join("node_modules/.package-lock.json"), "{}").unwrap();
        assert!(has_packages(path));
        fs::write(path.join(LOCK), "{}").unwrap();
        assert!(!has_packages(path));
    }

    #[test]
    fn a_failed_installation_says_where_and_why() {
        let folder = tempfile::tempdir().unwrap();
        let npm = folder.path().join("no-npm-here");
        let said = install(&npm, folder.path()).unwrap_err().to_string();
        assert!(said.contains(folder.path().to_str().unwrap()), "{said}");
    }

    #[test]
    fn the_versions_of_what_is_compared_with_are_fixed() {
        let package: serde_json::Value = serde_json::from_str(FILES[0].1).unwrap();
        let versions = package["dependencies"].as_object().unwrap();
        for (name, version) in versions {
            let version = version.as_str().unwrap();
            assert!(version.starts_with(|c: char| c.is_ascii_digit()), "{name}");
        }
    }
}
