//! Node, for what only JavaScript can judge: Microsoft's own client, and a browser.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// npm is a script on some systems, which only a shell finds.
pub const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Where a program is, if it is anywhere.
pub fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Whether scripts can be installed and run.
pub fn is_there() -> bool {
    installed("node").is_some() && installed(NPM).is_some()
}

/// Says that a test is skipped for want of what it needs, which continuous integration has to have.
pub fn skip(wanting: &str) {
    let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!required, "CI has to have what this needs: {wanting}");
    // Past the capture, which would swallow what a test that passes says.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {wanting}");
}

/// Copies a folder of scripts beside the build's other products and installs what they need there, once: whoever else
/// asks for it may be running some of them.
pub fn install(folder: &str) -> PathBuf {
    static INSTALLED: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    let there = installed.entry(folder.to_owned());
    there.or_insert_with(|| install_anew(folder)).clone()
}

fn install_anew(folder: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let scripts = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    std::fs::create_dir_all(&scripts).unwrap();
    for entry in std::fs::read_dir(source).unwrap() {
        let file = entry.unwrap();
        if file.path().is_file() {
            std::fs::copy(file.path(), scripts.join(file.file_name())).unwrap();
        }
    }
    let npm = Command::new(NPM)
        .args([
            "ci",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefer-offline",
        ])
        .current_dir(&scripts)
        .output()
        .unwrap();
    assert!(
        npm.status.success(),
        "npm could not install what {folder} needs: {}",
        String::from_utf8_lossy(&npm.stderr)
    );
    scripts
}
