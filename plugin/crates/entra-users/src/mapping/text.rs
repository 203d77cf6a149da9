//! How long a text of the directory is.

/// Whether a value is longer than so many Unicode scalar values.
pub fn exceeds(text: &str, limit: u32) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    // A character takes at least one byte.
    text.len() > limit && text.chars().count() > limit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters_not_in_bytes() {
        assert!(!exceeds("ÄÖÜ", 3));
        assert!(exceeds("ÄÖÜß", 3));
        assert!(!exceeds("", 0));
    }
}
