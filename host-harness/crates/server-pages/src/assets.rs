//! The stylesheet and the script, which every page names by what is in them.
//!
//! The address carries a hash of the content, so that a browser may keep the file for ever and still
//! never shows a page with the file of another version.

use std::fmt::Write as _;
use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

/// A file that pages refer to.
#[derive(Debug)]
pub struct Asset {
    /// Where it is served, without the hash.
    pub path: &'static str,
    /// Where pages refer to it: the path, and the hash as `v`.
    pub address: String,
    /// As HTTP names it.
    pub content_type: &'static str,
    /// What is served.
    pub content: String,
}

/// How the pages look.
pub static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "/assets/app.css",
        "text/css; charset=utf-8",
        without_indentation(include_str!("assets/app.css")),
    )
});

/// What the pages do by themselves.
pub static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "/assets/app.js",
        "text/javascript; charset=utf-8",
        without_indentation(include_str!("assets/app.js")),
    )
});

impl Asset {
    fn new(path: &'static str, content_type: &'static str, content: impl Into<String>) -> Self {
        let content = content.into();
        let mut address = format!("{path}?v=");
        for byte in Sha256::digest(&content).iter().take(8) {
            // Writing to a string cannot fail.
            let _ = write!(address, "{byte:02x}");
        }
        Self {
            path,
            address,
            content_type,
            content,
        }
    }
}

/// Browsers need none of it, and it is a tenth of what they load.
fn without_indentation(text: &str) -> String {
    let lines = text.lines().map(str::trim_start);
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_content_has_another_address() {
        let first = Asset::new("/a", "text/plain", "one");
        let second = Asset::new("/a", "text/plain", "two");
        assert_ne!(first.address, second.address);
        assert_eq!(first.address, Asset::new("/a", "text/plain", "one").address);
    }
}
