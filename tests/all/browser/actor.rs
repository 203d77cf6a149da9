//! Who plays: Node drives Chromium with Playwright, installed once beside the build's other products.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::stage::Stage;

/// npm is a script on some systems, which only a shell finds.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// The names under which systems have it.
const CHROMIUM: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// Node, with everything that the scripts need, and a browser.
pub(super) struct Actor {
    scripts: PathBuf,
    screenshots: PathBuf,
    browser: PathBuf,
}

/// The one that all scenarios share; `None`, and a line that says so, where there is no Node or no
/// Chromium. Continuous integration has to have both.
pub(super) fn actor() -> Option<&'static Actor> {
    static ACTOR: OnceLock<Option<Actor>> = OnceLock::new();
    let actor = ACTOR.get_or_init(|| {
        let browser = CHROMIUM.into_iter().find_map(installed)?;
        installed("node")?;
        installed(NPM)?;
        Some(Actor::hire(browser))
    });
    if actor.is_none() {
        let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(
            !required,
            "CI has to have Node, npm and Chromium for the tests in a browser"
        );
        // Past the capture, which would swallow what a test that passes says.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: Node, npm or Chromium is not installed, so the pages are not looked at"
        );
    }
    actor.as_ref()
}

/// Where a program is, if it is anywhere.
fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

impl Actor {
    fn hire(browser: PathBuf) -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
        let scripts = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
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
            "npm could not install Playwright: {}",
            String::from_utf8_lossy(&npm.stderr)
        );
        let screenshots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        std::fs::create_dir_all(&screenshots).unwrap();
        Self {
            scripts,
            screenshots,
            browser,
        }
    }

    /// Plays a scenario to its end.
    pub(super) async fn play(&'static self, script: &str, stage: &Stage) {
        let mut node = Command::new("node");
        node.arg(format!("{script}.mjs"))
            .current_dir(&self.scripts)
            .env("STAGE", stage.described())
            .env("SCREENSHOTS", &self.screenshots)
            .env("CHROMIUM", &self.browser);
        // The server lives on this runtime's threads, so none of them may wait for Node.
        let played = tokio::task::spawn_blocking(move || node.output());
        let played = played.await.unwrap().unwrap();
        let said = String::from_utf8_lossy(&played.stdout);
        println!("{said}");
        assert!(
            played.status.success(),
            "{script}: {said}\n{}",
            String::from_utf8_lossy(&played.stderr)
        );
    }
}
