//! The names of files: numbers of twenty digits, so that they stand in order.

/// What a file is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// The commit of this number.
    Commit(u64),
    /// All entries, as they were after the commit of this number.
    Table(u64),
    /// Being written, by this process or by one that is gone.
    Unfinished,
    /// Not of the ledger.
    Foreign,
}

impl Named {
    pub(crate) fn of(name: &str) -> Self {
        let number = |digits: &str| {
            let is_number = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| is_number)
        };
        if let Some(number) = name.strip_prefix("commit-").and_then(number) {
            return Self::Commit(number);
        }
        if let Some(number) = name.strip_prefix("table-").and_then(number) {
            return Self::Table(number);
        }
        let ours = name.starts_with("commit-") || name.starts_with("table-");
        if ours && name.ends_with(".new") {
            Self::Unfinished
        } else {
            Self::Foreign
        }
    }
}

pub(crate) fn commit(number: u64) -> String {
    format!("commit-{number:020}")
}

pub(crate) fn table(number: u64) -> String {
    format!("table-{number:020}")
}

/// The name under which a file is written before it has its own.
pub(crate) fn unfinished(name: &str, mark: u64) -> String {
    format!("{name}.{mark:016x}.new")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written_and_nothing_else_is_one() {
        assert_eq!(Named::of(&commit(7)), Named::Commit(7));
        assert_eq!(Named::of(&table(u64::MAX)), Named::Table(u64::MAX));
        assert_eq!(Named::of(&unfinished(&commit(7), 2)), Named::Unfinished);
        for foreign in [
            "commit-7",
            "table-",
            "notes.new",
            "commit-99999999999999999999",
        ] {
            assert_eq!(Named::of(foreign), Named::Foreign, "{foreign}");
        }
    }
}
