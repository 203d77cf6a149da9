//! A page for people: self-contained, without script; the policy allows the one style sheet by its hash, and
//! nothing else.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use emulated_http::{Call, Reply};

const STYLE: &str = "\
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\
body{display:grid;place-items:center;min-height:100vh;margin:0}\
main{box-sizing:border-box;width:min(28rem,100%);padding:2rem}\
h1{font-size:1.5rem;line-height:1.2}\
dt{font-weight:600}dd{margin:0 0 .75rem;overflow-wrap:anywhere}\
nav{display:flex;flex-wrap:wrap;gap:1rem;justify-content:flex-end}\
nav a{padding:.5rem 1.5rem;border:1px solid currentcolor;text-decoration:none;color:inherit}\
nav a.accept{background:#0067b8;border-color:#0067b8;color:#fff}";

/// No source of anything but the style sheet; framed by nobody
/// (<https://www.w3.org/TR/CSP3/>).
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        STANDARD.encode(Sha256::digest(STYLE))
    )
});

/// A whole document.
pub(crate) fn document(status: StatusCode, title: &str, body: &Markup) -> Reply {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (body) } }
        }
    };
    let html = page.into_string().into_bytes();
    Reply::typed(status, "text/html; charset=utf-8", html)
        .with_header("content-security-policy", &POLICY)
        .with_header("referrer-policy", "no-referrer")
        .with_header("x-content-type-options", "nosniff")
        .with_header("x-frame-options", "DENY")
}

/// This request again, with what somebody chose on its page. Relative to the page, so that it stays with the
/// host that served it.
pub(crate) fn chosen(call: &Call, parameter: &str, choice: &str) -> String {
    let mut query = call.query.raw_without(&[parameter]);
    let chosen = format!("{parameter}={choice}");
    query.push(&chosen);
    format!("?{}", query.join("&"))
}
