//! Python, for Microsoft's clients in that language.

use std::path::{Path, PathBuf};
use std::process::Command;

const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// Whether packages can be installed for a script, and scripts be run. Some systems ship Python without
/// what an environment of its own needs.
pub fn is_there() -> bool {
    Command::new(PYTHON)
        .args(["-c", "import ensurepip, venv"])
        .output()
        .is_ok_and(|output| output.status.success())
}

/// An environment of its own, beside the build's other products, in which the packages are that a folder of
/// scripts asks for in its `requirements.txt`. Returns the interpreter. One that has them already is kept.
pub fn install(folder: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let interpreter = if cfg!(windows) {
        environment.join("Scripts").join("python.exe")
    } else {
        environment.join("bin").join("python")
    };
    let requirements = source.join("requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).unwrap();
    let installed = environment.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|known| known == wanted) {
        return interpreter;
    }
    run(Command::new(PYTHON)
        .args(["-m", "venv", "--clear"])
        .arg(&environment));
    run(Command::new(&interpreter)
        .args(["-m", "pip", "install", "--quiet", "--no-input"])
        .args(["--disable-pip-version-check", "--requirement"])
        .arg(&requirements));
    std::fs::write(installed, wanted).unwrap();
    interpreter
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
