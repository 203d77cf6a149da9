//! Who is certainly not there: a Bloom filter over everything that the indexes find.
//!
//! In a first sync every page asks for people who have no contact yet, by their object ids and by their
//! addresses, and each look that finds nothing has searched three levels of an index for it. The filter answers
//! "no" from memory; what it does not rule out is looked for as ever, so it decides how long a look takes
//! and never what it finds.
//!
//! It is learned where a page has found hardly anybody, so that who is in step or changes a little never
//! pays for it. It holds for one connection: what that one adds is added here, in the commit that does; where
//! others wrote to the file, which SQLite tells, it is forgotten. What is deleted stays in it until then.

use rusqlite::Connection;

use super::errors::DatabaseError;
use super::levels::{ADDRESSES, OBJECTS};
use super::object_key::IndexKey;

/// Fewer ids of one look are not worth a filter.
const WORTH_IT: usize = if cfg!(test) { 1 } else { 200 };

/// Keys of the smallest filter. As few as the tests have contacts, there, so that they see it fill up.
const SMALLEST: usize = if cfg!(test) { 8 } else { 1 << 18 };

/// Bits of the filter for each key; what is not there is then taken for perhaps there once in 200 times.
const BITS_A_KEY: usize = 16;

/// Bits of one word that each key sets.
const BITS_SET: u32 = 4;

/// What is known of who is there. By default nothing is known, and nobody ruled out.
#[derive(Debug, Default)]
pub(super) struct Presence(Option<Filter>);

#[derive(Debug)]
struct Filter {
    /// SQLite's number of what others have written, when this was true.
    others: i64,
    /// How many more keys it is made for.
    room: usize,
    words: Vec<u64>,
}

impl Presence {
    /// Whether a user may be linked.
    pub(super) fn may_have_user(&self, source_id: i64, object_id: &str) -> bool {
        self.may_have(|| user(source_id, object_id.into()))
    }

    /// Whether a contact may have an address of this hash.
    pub(super) fn may_have_address(&self, hash: i64) -> bool {
        self.may_have(|| address(hash))
    }

    fn may_have(&self, key: impl FnOnce() -> u64) -> bool {
        self.0.as_ref().is_none_or(|filter| filter.has(key()))
    }

    /// A user is linked now.
    pub(super) fn add_user(&mut self, source_id: i64, object_id: &str) {
        self.add(|| user(source_id, object_id.into()));
    }

    /// A contact has an address of this hash now.
    pub(super) fn add_address(&mut self, hash: i64) {
        self.add(|| address(hash));
    }

    fn add(&mut self, key: impl FnOnce() -> u64) {
        if let Some(filter) = &mut self.0
            && !filter.add(key())
        {
            self.forget();
        }
    }

    /// Nothing is known any more.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }

    /// Forgets what others may have made untrue. To be called in the transaction that goes by it.
    pub(super) fn settle(&mut self, connection: &Connection) -> Result<(), DatabaseError> {
        if let Some(filter) = &self.0
            && filter.others != others(connection)?
        {
            self.forget();
        }
        Ok(())
    }

    /// Learns who is there, in the transaction of a look in which so few were found of those that were asked for
    /// that the next ones are likely to be like it.
    pub(super) fn learn(
        &mut self,
        connection: &Connection,
        asked: usize,
        found: usize,
    ) -> Result<(), DatabaseError> {
        if self.0.is_none() && asked >= WORTH_IT && found <= asked / 8 {
            self.0 = Some(Filter::of_all(connection)?);
        }
        Ok(())
    }
}

impl Filter {
    fn of_all(connection: &Connection) -> Result<Self, DatabaseError> {
        let count = OBJECTS.over(|objects| format!("SELECT count(*) AS rows FROM {objects}"));
        let users: i64 = connection
            .prepare_cached(&format!("SELECT sum(rows) FROM ({count})"))?
            .query_row([], |row| row.get(0))?;
        // Nearly everybody has an address, and there is to be room for as many again.
        let users = usize::try_from(users).unwrap_or_default();
        let keys = (4 * users).max(SMALLEST);
        let mut filter = Self {
            others: others(connection)?,
            room: keys,
            words: vec![0; keys * BITS_A_KEY / 64],
        };
        let sql = OBJECTS.over(|objects| format!("SELECT source_id, object_id FROM {objects}"));
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let object_id = IndexKey::read(row.get_ref(1)?)
                .ok_or_else(|| DatabaseError::unreadable("an object id"))?;
            filter.add(user(row.get(0)?, object_id));
        }
        let sql = ADDRESSES.over(|addresses| format!("SELECT hash FROM {addresses}"));
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            filter.add(address(row.get(0)?));
        }
        Ok(filter)
    }

    /// Whether there was room for it.
    fn add(&mut self, key: u64) -> bool {
        let (place, bits) = self.place(key);
        if let Some(word) = self.words.get_mut(place) {
            *word |= bits;
        }
        let has_room = self.room > 0;
        self.room = self.room.saturating_sub(1);
        has_room
    }

    fn has(&self, key: u64) -> bool {
        let (place, bits) = self.place(key);
        self.words.get(place).is_none_or(|word| word & bits == bits)
    }

    /// The word in which a key has its bits, and these: each key has one word, so that a look is one access to
    /// memory.
    fn place(&self, key: u64) -> (usize, u64) {
        let words = self.words.len() as u128;
        let place = (u128::from(key) * words) >> 64;
        let bits = (0..BITS_SET).fold(0, |bits, bit| bits | 1 << (key >> (6 * bit) & 63));
        (usize::try_from(place).unwrap_or_default(), bits)
    }
}

/// A number that changes with every commit of another connection, and with none of this one
/// (<https://www.sqlite.org/pragma.html#pragma_data_version>).
fn others(connection: &Connection) -> Result<i64, DatabaseError> {
    let others = connection
        .prepare_cached("PRAGMA data_version")?
        .query_row([], |row| row.get(0))?;
    Ok(others)
}

fn user(source_id: i64, object_id: IndexKey<'_>) -> u64 {
    let (words, rest) = object_id.bytes().as_chunks::<8>();
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let start = mixed(source_id.cast_unsigned());
    let words = words.iter().chain([&last]).copied();
    words.fold(start, |key, word| mixed(key ^ u64::from_le_bytes(word)))
}

fn address(hash: i64) -> u64 {
    // Not what the user of a source has.
    mixed(hash.cast_unsigned() ^ u64::MAX)
}

/// Spreads a number over all bits (the finalizer of SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(keys: usize) -> Presence {
        Presence(Some(Filter {
            others: 0,
            room: keys,
            words: vec![0; keys * BITS_A_KEY / 64],
        }))
    }

    fn id(number: u64) -> String {
        format!("{:08x}-0000-4000-8000-{:012x}", number % 7, number)
    }

    #[test]
    fn whoever_is_there_is_never_ruled_out_and_of_the_others_hardly_anybody_is_not() {
        let mut presence = filter(20_000);
        for number in 0..10_000 {
            presence.add_user(1, &id(number));
            presence.add_address(i64::try_from(number).unwrap());
        }
        let has = |number: &u64| presence.may_have_user(1, &id(*number));
        assert!((0..10_000).all(|number| has(&number)));
        assert!((0..10_000).all(|hash| presence.may_have_address(hash)));
        let taken_for_there = (10_000..20_000).filter(has).count();
        assert!(taken_for_there < 100, "{taken_for_there}");
        let of_another = (0..10_000).filter(|number| presence.may_have_user(2, &id(*number)));
        assert!(of_another.count() < 100);
    }

    #[test]
    fn nobody_is_ruled_out_while_nothing_is_known_nor_once_there_are_too_many() {
        assert!(Presence::default().may_have_user(1, "user"));
        let mut presence = filter(64);
        assert!(!presence.may_have_user(1, "user"));
        for hash in 0..65 {
            presence.add_address(hash);
        }
        assert!(presence.may_have_user(1, "user"));
    }
}
