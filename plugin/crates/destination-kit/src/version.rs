//! The version of a contact: how often this store has written it, and a digest of what is there.
//!
//! The contract asks for a number that changes with every write, whoever made it, and that never returns. A
//! service tells of no such number, and an `ETag` returns when the content does. So the number of own writes, which
//! only grows, stands before a digest of the record as it was read: whatever somebody else writes makes another
//! version, without a note of it in the ledger, so that a call that only looks writes nothing. What somebody
//! changed and changed back between two looks stays unseen, and a change of somebody else has the digest of
//! what was there before once in 2^32 times.
//!
//! The whole fits 53 bits, which every language keeps exactly: 2,097,151 writes of one contact.

use sha2::{Digest as _, Sha256};

use crate::destination::Record;

const DIGEST_BITS: u32 = 32;
const MOST_WRITES: u64 = (1 << 21) - 1;

/// The version of a contact that was written so often and is as it was read. `active` is what the service says,
/// or where it says nothing, what is remembered.
pub(crate) fn version(writes: u64, record: &Record, active: bool) -> u64 {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    };
    let mut fields: Vec<_> = record.fields.iter().collect();
    fields.sort_unstable();
    for (name, value) in fields {
        part(name);
        part(value);
    }
    part(if active { "active" } else { "inactive" });
    let mut lists: Vec<_> = record.lists.iter().flatten().collect();
    lists.sort_unstable();
    for list in lists {
        part(list);
    }
    let digest = hash.finalize();
    let digest = digest
        .iter()
        .take(4)
        .fold(0, |number, byte| (number << 8) | u64::from(*byte));
    (writes.min(MOST_WRITES) << DIGEST_BITS) | digest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &[(&str, &str)], lists: Option<&[&str]>) -> Record {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Record {
            id: "1".to_owned(),
            fields: fields.iter().map(owned).collect(),
            active: None,
            lists: lists.map(|lists| lists.iter().map(|list| (*list).to_owned()).collect()),
            tie: None,
            guard: None,
            native: Vec::new(),
        }
    }

    #[test]
    fn an_own_write_is_always_a_greater_version() {
        let (before, after) = (record(&[("a", "1")], None), record(&[("a", "2")], None));
        for (before, after) in [(&before, &after), (&after, &before), (&before, &before)] {
            assert!(version(7, before, true) < version(8, after, true));
        }
    }

    #[test]
    fn what_somebody_else_writes_is_another_version() {
        let now = record(&[("a", "1"), ("b", "2")], Some(&["x"]));
        let known = version(7, &now, true);
        for other in [
            record(&[("a", "1"), ("b", "3")], Some(&["x"])),
            record(&[("a", "1")], Some(&["x"])),
            record(&[("a", "1b2")], Some(&["x"])),
            record(&[("a", "1"), ("b", "2")], Some(&[])),
            record(&[("a", "1"), ("b", "2")], Some(&["x", "y"])),
        ] {
            assert_ne!(version(7, &other, true), known);
        }
        assert_ne!(version(7, &now, false), known);
        let turned = record(&[("b", "2"), ("a", "1")], Some(&["x"]));
        assert_eq!(version(7, &turned, true), known);
    }

    #[test]
    fn a_version_is_a_number_that_every_language_keeps() {
        let most = version(u64::MAX, &record(&[], None), true);
        assert!(most < 1 << 53);
    }
}
