//! What stands in environment variables, and under which names.

/// The variable with the object at `/sync/target` of the document, as JSON.
pub const TARGET_SETTINGS: &str = "TARGET_SETTINGS";

/// The variable with the roots that a document may name in the place of Microsoft's, with spaces in between.
pub const ALLOWED_ENDPOINTS: &str = "ALLOWED_ENDPOINTS";

/// The variable that holds a secret: `SECRET_` and its name in capitals, with `_` for what is neither letter nor digit. A
/// document can name these variables alone. `None` for a name of which two could share one: with other characters than
/// letters, digits and hyphens.
#[must_use]
pub fn secret_variable(name: &str) -> Option<String> {
    let is_usual = |character: char| character.is_ascii_alphanumeric() || character == '-';
    if name.is_empty() || !name.chars().all(is_usual) {
        return None;
    }
    let name = name.to_ascii_uppercase().replace('-', "_");
    Some(format!("SECRET_{name}"))
}

/// Whether a root is one of those that are allowed: word for word, but for a slash at its end.
#[must_use]
pub fn allows(allowed: &str, root: &str) -> bool {
    let plain = |root: &str| root.trim_end_matches('/').to_owned();
    allowed
        .split_whitespace()
        .any(|one| plain(one) == plain(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_in_the_variable_of_its_name() {
        assert_eq!(
            secret_variable("client-secret").as_deref(),
            Some("SECRET_CLIENT_SECRET")
        );
        for refused in ["", "client_secret", "PATH=", "../x", "se cret", "é"] {
            assert_eq!(secret_variable(refused), None, "{refused}");
        }
    }

    #[test]
    fn only_what_is_named_is_allowed() {
        let allowed = "http://127.0.0.1:8080 http://localhost:1/";
        assert!(allows(allowed, "http://127.0.0.1:8080/"));
        assert!(allows(allowed, "http://localhost:1"));
        for refused in ["http://127.0.0.1:80", "http://127.0.0.1:8080/x", ""] {
            assert!(!allows(allowed, refused), "{refused}");
        }
        assert!(!allows("", "https://elsewhere.example"));
    }
}
