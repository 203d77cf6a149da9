//! Contact ids and versions: row numbers inside, opaque texts and counters outside.

/// The version of a contact that was just made.
pub(super) const FIRST_VERSION: i64 = 1;

/// The contract's id of a contact.
pub(super) fn to_text(contact: i64) -> String {
    contact.to_string()
}

/// The row of a contact id; `None` for a text that this store never gave out, also where it would
/// read as the same number (`+7`, `007`).
pub(super) fn from_text(id: &str) -> Option<i64> {
    let canonical = !id.starts_with('0') && id.bytes().all(|byte| byte.is_ascii_digit());
    canonical.then(|| id.parse().ok()).flatten()
}

/// The contract's version.
pub(super) fn to_version(version: i64) -> u64 {
    version.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_the_store_gave_out_are_read() {
        assert_eq!(from_text(&to_text(42)), Some(42));
        for text in [
            "",
            "0",
            "007",
            "+7",
            "-7",
            "7 ",
            "x",
            "99999999999999999999",
        ] {
            assert_eq!(from_text(text), None, "{text:?}");
        }
    }
}
