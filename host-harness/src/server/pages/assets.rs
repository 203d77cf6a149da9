//! Style and script. Their addresses change with their content, so that they are kept for ever.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("assets/app.css");
const SCRIPT: &str = include_str!("assets/app.js");

struct Asset {
    name: String,
    kind: &'static str,
    text: &'static str,
}

static ASSETS: LazyLock<[Asset; 2]> = LazyLock::new(|| {
    let asset = |extension: &str, kind, text: &'static str| {
        let digest = Sha256::digest(text);
        let mark: String = digest
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Asset {
            name: format!("app-{mark}.{extension}"),
            kind,
            text,
        }
    };
    [
        asset("css", "text/css; charset=utf-8", STYLE),
        asset("js", "text/javascript; charset=utf-8", SCRIPT),
    ]
});

/// Content type and content of an asset.
pub(crate) fn asset(name: &str) -> Option<(&'static str, &'static str)> {
    let found = ASSETS.iter().find(|asset| asset.name == name)?;
    Some((found.kind, found.text))
}

/// Where the style is.
pub(super) fn style() -> String {
    let [style, _] = &*ASSETS;
    format!("/assets/{}", style.name)
}

/// Where the script is.
pub(super) fn script() -> String {
    let [_, script] = &*ASSETS;
    format!("/assets/{}", script.name)
}
