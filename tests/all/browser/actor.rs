//! Who plays: Node drives Chromium with Playwright, installed once beside the build's other products.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::stage::Stage;
use crate::node;

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
        let browser = CHROMIUM.into_iter().find_map(node::installed)?;
        node::is_there().then(|| Actor::hire(browser))
    });
    if actor.is_none() {
        node::skip("Node, npm or Chromium is not installed, so the pages are not looked at");
    }
    actor.as_ref()
}

impl Actor {
    fn hire(browser: PathBuf) -> Self {
        let scripts = node::install("browser");
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
