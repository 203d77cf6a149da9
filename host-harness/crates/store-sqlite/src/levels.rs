//! Indexes whose keys come in no order, in three levels: a log-structured merge tree, made of tables.
//!
//! The object ids of a page of the directory are spread over the whole range, and so are hashes of
//! addresses: in one large b-tree each page of people would touch, and so write, nearly every leaf. So an
//! index is three tables of the same columns. A new row goes into the first (`_0`), which stays so small that its
//! leaves are few. When it has [`FIRST`] rows they move into the second, in order of their keys, and when that
//! is full, too, into the third. A leaf of the large table is then written once for many rows and not once
//! for each.
//!
//! A key is in one level at a time, so whoever looks for one looks into all three, and whoever walks in
//! order walks three tables at once. Rows move in the transaction that made the level too full: each state
//! of the database, whoever reads it and whenever the process ended, has every row once.

use rusqlite::{Connection, Params};

use super::errors::DatabaseError;

/// Rows of the first level, at most, after a transaction: those of four pages of the directory. As few as
/// the tests have contacts, there, so that they meet rows on each level.
const FIRST: i64 = if cfg!(test) { 2 } else { 4_000 };

/// Rows of the second level while there are few in all: those of a middling directory are written four times.
const SECOND: i64 = if cfg!(test) { 5 } else { 24_000 };

/// The second level may have such a part of all rows, so that the third one, which is written as a whole each
/// time, is not written more often the larger it is.
const PART: i64 = 16;

/// How many levels there are.
const LEVELS: usize = 3;

/// An index in three levels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Index {
    tables: [&'static str; LEVELS],
}

/// Links by source and user: `contact_id`, and the number of the `link`.
pub(super) const OBJECTS: Index = Index {
    tables: ["objects_0", "objects_1", "objects_2"],
};

/// Contacts by the hash of their address.
pub(super) const ADDRESSES: Index = Index {
    tables: ["addresses_0", "addresses_1", "addresses_2"],
};

/// Entries of plans by plan and user: the `entry`, and whether it `changes` something.
pub(super) const PLAN_USERS: Index = Index {
    tables: ["plan_users_0", "plan_users_1", "plan_users_2"],
};

impl Index {
    /// A query over all levels, given what it is on one of them.
    pub(super) fn over(self, query: impl Fn(&str) -> String) -> String {
        self.tables.map(query).join(" UNION ALL ")
    }

    /// Deletes rows; how many.
    pub(super) fn delete(
        self,
        connection: &Connection,
        condition: &str,
        parameters: impl Params + Clone,
    ) -> Result<usize, DatabaseError> {
        let mut deleted = 0;
        for table in self.tables {
            deleted += connection
                .prepare_cached(&format!("DELETE FROM {table} WHERE {condition}"))?
                .execute(parameters.clone())?;
        }
        Ok(deleted)
    }

    /// Moves rows on where a level has become too full. To be called in the transaction that inserted, with
    /// about how many rows there are in all.
    pub(super) fn compact(self, connection: &Connection, all: i64) -> Result<(), DatabaseError> {
        let [first, second, third] = self.tables;
        if rows(connection, first)? >= FIRST {
            merge(connection, first, second)?;
            if rows(connection, second)? >= SECOND.max(all / PART) {
                merge(connection, second, third)?;
            }
        }
        Ok(())
    }
}

fn rows(connection: &Connection, table: &str) -> Result<i64, DatabaseError> {
    let rows = connection
        .prepare_cached(&format!("SELECT count(*) FROM {table}"))?
        .query_row([], |row| row.get(0))?;
    Ok(rows)
}

/// Moves all rows. A table without row ids is read in the order of its key.
fn merge(connection: &Connection, from: &str, to: &str) -> Result<(), DatabaseError> {
    connection
        .prepare_cached(&format!("INSERT INTO {to} SELECT * FROM {from}"))?
        .execute([])?;
    connection
        .prepare_cached(&format!("DELETE FROM {from}"))?
        .execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const NUMBERS: Index = Index {
        tables: ["numbers_0", "numbers_1", "numbers_2"],
    };

    fn tables() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        for table in NUMBERS.tables {
            let columns = "key INTEGER PRIMARY KEY, value INTEGER NOT NULL";
            let sql = format!("CREATE TABLE {table} ({columns}) STRICT, WITHOUT ROWID");
            connection.execute_batch(&sql).unwrap();
        }
        connection
    }

    fn all(connection: &Connection) -> Vec<(i64, i64)> {
        let query = NUMBERS.over(|table| format!("SELECT key, value FROM {table}"));
        let mut statement = connection.prepare(&format!("{query} ORDER BY 1")).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn a_level_that_is_full_moves_on_and_the_smaller_ones_stay_small() {
        let connection = tables();
        for key in 0..100 {
            let sql = "INSERT INTO numbers_0 VALUES (?1, 0)";
            connection.execute(sql, [key * 37 % 100]).unwrap();
            NUMBERS.compact(&connection, 100).unwrap();
            assert!(rows(&connection, "numbers_0").unwrap() < FIRST);
            assert!(rows(&connection, "numbers_1").unwrap() < 100 / PART);
        }
        assert!(rows(&connection, "numbers_2").unwrap() > 90);
        assert_eq!(all(&connection).len(), 100);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(i64, i64),
        Delete(i64),
        Compact,
        /// A transaction that does the steps before it and is rolled back, as by a kill.
        Undo(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (0..40_i64, any::<i64>()).prop_map(|(key, value)| Step::Insert(key, value)),
            2 => (0..40_i64).prop_map(Step::Delete),
            2 => Just(Step::Compact),
            1 => (100..140_i64).prop_map(Step::Undo),
        ]
    }

    proptest! {
        #[test]
        fn an_index_holds_what_a_map_holds_in_its_order(steps in prop::collection::vec(step(), 1..80)) {
            let mut connection = tables();
            let mut model = BTreeMap::new();
            let insert = "INSERT INTO numbers_0 VALUES (?1, ?2)";
            for step in steps {
                match step {
                    Step::Insert(key, value) => {
                        NUMBERS.delete(&connection, "key = ?1", [key]).unwrap();
                        connection.execute(insert, [key, value]).unwrap();
                        model.insert(key, value);
                    }
                    Step::Delete(key) => {
                        let deleted = NUMBERS.delete(&connection, "key = ?1", [key]).unwrap();
                        prop_assert_eq!(deleted == 1, model.remove(&key).is_some());
                    }
                    Step::Compact => NUMBERS.compact(&connection, 0).unwrap(),
                    Step::Undo(key) => {
                        let transaction = connection.transaction().unwrap();
                        transaction.execute(insert, [key, 0]).unwrap();
                        NUMBERS.compact(&transaction, 0).unwrap();
                        transaction.rollback().unwrap();
                    }
                }
                prop_assert_eq!(all(&connection), Vec::from_iter(model.clone()));
            }
        }
    }
}
