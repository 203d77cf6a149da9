//! What an earlier version of the program wrote, in a copy of its own.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file or folder that commit 044fdb7 wrote.
pub fn written(name: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/data-044fdb7");
    fixtures.join(name)
}

/// What that version told.
pub fn told(name: &str) -> Value {
    let text = fs::read_to_string(written(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Copies a folder; files are their owner's alone, as the program makes them, which no repository keeps.
pub fn copy(from: &Path, to: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
            fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// Marks a database as one of a version that nobody knows yet.
pub fn of_the_future(database: &Path) {
    let connection = rusqlite::Connection::open(database).unwrap();
    connection
        .pragma_update(None, "user_version", 1_000)
        .unwrap();
    connection.close().unwrap();
}

/// That what is told now holds everything that was told then; keys may have come since.
#[track_caller]
pub fn assert_still_told(now: &Value, then: &Value) {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => {
            for (key, then) in then {
                assert!(now.contains_key(key), "{key} is no longer told");
                assert_still_told(&now[key], then);
            }
        }
        (Value::Array(now), Value::Array(then)) => {
            assert_eq!(now.len(), then.len(), "{now:?}");
            for (now, then) in now.iter().zip(then) {
                assert_still_told(now, then);
            }
        }
        _ => assert_eq!(now, then),
    }
}
