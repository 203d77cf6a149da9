//! Python, for Microsoft's clients in that language, and a host.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Python itself, without packages.
pub const PROGRAM: &str = if cfg!(windows) { "python" } else { "python3" };

/// Whether packages can be installed for a script, and scripts be run. Some systems ship Python without
/// what an environment of its own needs.
pub fn is_there() -> bool {
    Command::new(PROGRAM)
        .args(["-c", "import ensurepip, venv"])
        .output()
        .is_ok_and(|output| output.status.success())
}

/// An environment with the packages that a folder of scripts asks for in its `requirements.txt`. Returns the
/// interpreter.
pub fn install(folder: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    environment(folder, &source.join("requirements.txt"))
}

/// An environment of that name, beside the build's other products, in which the packages are that a file asks
/// for. Returns the interpreter. One that has them already is kept.
pub fn environment(name: &str, requirements: &Path) -> PathBuf {
    // Two that ask for one would make it in each other's way.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let interpreter = if cfg!(windows) {
        environment.join("Scripts").join("python.exe")
    } else {
        environment.join("bin").join("python")
    };
    let wanted = std::fs::read_to_string(requirements).unwrap();
    let installed = environment.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|known| known == wanted) {
        return interpreter;
    }
    run(Command::new(PROGRAM)
        .args(["-m", "venv", "--clear"])
        .arg(&environment));
    run(Command::new(&interpreter)
        .args(["-m", "pip", "install", "--quiet", "--no-input"])
        .args(["--disable-pip-version-check", "--requirement"])
        .arg(requirements));
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
