//! What a tenant and an application are named by.

/// Whether a text can name a tenant: an id, or a domain name.
#[must_use]
pub fn names_a_tenant(text: &str) -> bool {
    is_guid(text) || is_domain_name(text)
}

/// Whether a text has the form of a domain name of two labels or more (RFC 1035).
#[must_use]
pub fn is_domain_name(text: &str) -> bool {
    text.contains('.') && text.len() <= 253 && text.split('.').all(is_label)
}

/// Whether a text is one label of a domain name.
#[must_use]
pub fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether a text is a GUID with its hyphens, in either case (RFC 9562).
#[must_use]
pub fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_named_by_its_id_or_a_domain() {
        for name in [
            "00001111-aaaa-2222-bbbb-3333cccc4444",
            "00001111-AAAA-2222-BBBB-3333CCCC4444",
            "contoso.com",
            "contoso.onmicrosoft.com",
        ] {
            assert!(names_a_tenant(name), "{name}");
        }
        for name in [
            "",
            "contoso",
            "https://contoso.com",
            "contoso..com",
            "-a.com",
            "a b.com",
        ] {
            assert!(!names_a_tenant(name), "{name}");
        }
    }
}
