//! Node, which drives Chromium with Playwright, installed once beside the build's other products.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::fixture::BrowserFixture;
use crate::node;

/// The names under which systems have it.
const CHROMIUM: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// Node, with everything that the scripts need, and a browser.
pub(super) struct Playwright {
    scripts: PathBuf,
    screenshots: PathBuf,
    browser: PathBuf,
}

/// The one that all scenarios share; `None`, and a line that says so, where there is no Node or no
/// Chromium. Continuous integration has to have both.
pub(super) fn playwright() -> Option<&'static Playwright> {
    static PLAYWRIGHT: OnceLock<Option<Playwright>> = OnceLock::new();
    let playwright = PLAYWRIGHT.get_or_init(|| {
        let browser = CHROMIUM.into_iter().find_map(node::installed)?;
        node::is_there().then(|| Playwright::install(browser))
    });
    if playwright.is_none() {
        node::skip("Node, npm or Chromium is not installed, so the pages are not looked at");
    }
    playwright.as_ref()
}

impl Playwright {
    fn install(browser: PathBuf) -> Self {
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
    pub(super) async fn run(&'static self, script: &str, fixture: &BrowserFixture) {
        let mut node = Command::new("node");
        node.arg(format!("{script}.mjs"))
            .current_dir(&self.scripts)
            .env("FIXTURE", fixture.described())
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
