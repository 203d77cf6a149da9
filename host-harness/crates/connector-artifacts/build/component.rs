//! Builds one package of this workspace as a WASI 0.2 component, with a nested cargo.
//!
//! Shared by the build scripts of `connector-artifacts` (the connector, and what tries a host) and `tests` (the
//! misbehaving guest, which nobody else should wait for). The nested cargo has a target directory of its own under
//! `OUT_DIR`: in the outer one it would wait for ever for the lock that its parent holds
//! (rust-lang/cargo#8938).

#[path = "shrink.rs"]
mod shrink;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

pub(crate) const TARGET: &str = "wasm32-wasip2";

/// Between two flags of `CARGO_ENCODED_RUSTFLAGS`.
const SEPARATOR: &str = "\u{1f}";

/// Bytes of the stack, below which nothing lies: what overflows it is a trap. What is static comes behind it,
/// and up to the first megabyte an address takes a byte less.
const STACK: usize = 768 * 1024;

/// What is meant for the host and would be wrong, or deadlock, for the component.
pub(crate) const HOST_SETTINGS: &[&str] = &[
    "CARGO_BUILD_BUILD_DIR",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
];

/// Builds `package` and hands its path to the crate as the compile-time environment variable
/// `variable`. The workspace is at `workspace`, seen from the crate.
///
/// Where `variable` is set in the environment of the build, it names a component that was built
/// before, and nothing is built.
pub(crate) fn build(workspace: &str, package: &str, variable: &str) {
    println!("cargo::rerun-if-env-changed={variable}");
    let component = match env::var_os(variable) {
        Some(path) => prebuilt(PathBuf::from(path), variable),
        None => {
            ensure_target();
            compile(workspace, package)
        }
    };
    println!("cargo::rustc-env={variable}={}", component.display());
}

fn prebuilt(path: PathBuf, variable: &str) -> PathBuf {
    let path = fs::canonicalize(&path).unwrap_or_else(|error| {
        fail(&format!(
            "{variable} names {}, which cannot be read: {error}",
            path.display()
        ))
    });
    println!("cargo::rerun-if-changed={}", path.display());
    path
}

/// Makes sure that the active toolchain can compile for `wasm32-wasip2`.
///
/// rustup may be told not to install anything by itself (`RUSTUP_AUTO_INSTALL=0`), and then a
/// missing target is noticed only by a compiler error that nobody understands.
fn ensure_target() {
    if target_is_installed() {
        return;
    }
    // Inside a build rustup has set RUSTUP_TOOLCHAIN, so this is the toolchain that compiles us.
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .status();
    if added.is_ok_and(|status| status.success()) && target_is_installed() {
        return;
    }
    let toolchain = env::var("RUSTUP_TOOLCHAIN").map(|name| format!(" --toolchain {name}"));
    fail(&format!(
        "the Rust target {TARGET}, for which the component is compiled, is missing and could not \
         be added.\nRun this once, with a network connection, and build again:\n\n    \
         rustup target add {TARGET}{}\n\nWithout rustup, install the {TARGET} standard library of \
         this compiler version ({}).",
        toolchain.unwrap_or_default(),
        rustc_version(),
    ));
}

fn target_is_installed() -> bool {
    rustc_says(&["--print", "target-libdir", "--target", TARGET])
        .is_some_and(|directory| Path::new(directory.trim()).is_dir())
}

pub(crate) fn rustc_version() -> String {
    rustc_says(&["--version"]).map_or_else(|| "unknown".to_owned(), |line| line.trim().to_owned())
}

fn rustc_says(arguments: &[&str]) -> Option<String> {
    let output = Command::new(cargo_variable("RUSTC"))
        .args(arguments)
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn compile(workspace: &str, package: &str) -> PathBuf {
    let workspace = PathBuf::from(cargo_variable("CARGO_MANIFEST_DIR")).join(workspace);
    let target_dir = PathBuf::from(cargo_variable("OUT_DIR")).join("component");
    let mut cargo = Command::new(cargo_variable("CARGO"));
    cargo
        .current_dir(&workspace)
        .args(["rustc", "--locked", "--profile", "plugin"])
        .args(["--target", TARGET, "--package", package])
        // As a component alone: where cargo makes a library for other crates beside it, it leaves out
        // the optimisation over all crates, and says nothing.
        .args(["--lib", "--crate-type", "cdylib"])
        .arg("--")
        // Without this the linker leaves five bytes for every address and index that it fills in.
        .args(["-C", "link-arg=--compress-relocations"])
        // A component is loaded at one place only; by default every address is reckoned from a base.
        .args(["-C", "relocation-model=static"])
        .args(["-C", &format!("link-arg=-zstack-size={STACK}")])
        .env("CARGO_TARGET_DIR", &target_dir);
    for setting in HOST_SETTINGS {
        cargo.env_remove(setting);
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", relative_sources());
    match cargo.status() {
        Ok(status) if status.success() => {}
        Ok(status) => fail(&format!(
            "cargo could not build the component {package}: {status}"
        )),
        Err(error) => fail(&format!(
            "cargo could not be started for {package}: {error}"
        )),
    }
    let artifact = target_dir
        .join(TARGET)
        .join("plugin")
        .join(package.replace('-', "_"));
    for file in ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml"] {
        println!("cargo::rerun-if-changed={}", workspace.join(file).display());
    }
    watch_sources(&artifact.with_extension("d"));
    let component = PathBuf::from(cargo_variable("OUT_DIR"))
        .join(package.replace('-', "_"))
        .with_extension("wasm");
    shrink(&artifact.with_extension("wasm"), &component);
    component
}

/// The flags that leave out of the component where this machine keeps the sources of dependencies: it is in
/// the place of every panic.
fn relative_sources() -> OsString {
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = || env::home_dir().map(|home| home.join(".cargo"));
    let registries = cargo_home
        .or_else(home)
        .map(|home| home.join("registry/src"));
    let registries = registries.and_then(|registries| fs::read_dir(registries).ok());
    let mut flags = OsString::new();
    for registry in registries.into_iter().flatten().flatten() {
        if !flags.is_empty() {
            flags.push(SEPARATOR);
        }
        flags.push("--remap-path-prefix=");
        flags.push(registry.path());
        flags.push("=");
    }
    flags
}

fn shrink(artifact: &Path, component: &Path) {
    let written = fs::read(artifact).and_then(|bytes| {
        let bytes = shrink::shrunk(&bytes)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        fs::write(component, bytes)
    });
    if let Err(error) = written {
        fail(&format!(
            "{} could not be made of {}: {error}",
            component.display(),
            artifact.display()
        ));
    }
}

/// Lets cargo run the script again when a source of the component changes, going by the artifact's
/// own dependency file: it lists the Rust files and the WIT files.
fn watch_sources(dependency_file: &Path) {
    let Ok(content) = fs::read_to_string(dependency_file) else {
        fail(&format!(
            "cargo left no dependency file at {}",
            dependency_file.display()
        ));
    };
    let sources = content.split_once(": ").map_or("", |(_, sources)| sources);
    // Make syntax: spaces separate, unless escaped.
    for source in sources.trim().replace("\\ ", "\0").split_whitespace() {
        println!("cargo::rerun-if-changed={}", source.replace('\0', " "));
    }
}

pub(crate) fn cargo_variable(name: &str) -> OsString {
    env::var_os(name).unwrap_or_else(|| fail(&format!("{name} is not set: not run by cargo?")))
}

pub(crate) fn fail(message: &str) -> ! {
    eprintln!("\nerror: {message}\n");
    process::exit(1)
}
