//! Addresses of this machine.

use std::net::IpAddr;

/// Whether a scheme and authority name this machine's loopback interface.
#[must_use]
pub fn is_loopback_root(root: &str) -> bool {
    let Ok(uri) = root.parse::<http::Uri>() else {
        return false;
    };
    let plain = uri.path().len() <= 1 && uri.query().is_none();
    let host = uri.host().unwrap_or_default();
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    plain && loopback && !root.contains('@')
}
