//! What a run that found nothing to do writes.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::visit::Place;

/// How many transactions are in the log of a database, since it was last begun anew: a frame that ends one names
/// the size of the database (<https://www.sqlite.org/fileformat2.html#the_write_ahead_log>).
fn transactions(log: &Path) -> usize {
    let bytes = std::fs::read(log).unwrap();
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    let (page, salts) = (number(8) as usize, &bytes[16..24]);
    let frames = bytes[32..].chunks_exact(24 + page);
    let of_now = frames.filter(|frame| frame[8..16] == *salts);
    of_now.filter(|frame| frame[4..8] != [0; 4]).count()
}

/// The logs of the workspace's contacts, and of the server's records.
fn logs(place: &Place) -> [PathBuf; 2] {
    let contacts = place.folder().join("workspaces/acme/connector.db-wal");
    [contacts, place.folder().join("server.db-wal")]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_changed_nothing_is_one_transaction_in_the_contacts() {
    let place = Place::with_people(20).await;
    place.connected("acme", json!({ "preset": "mirror" })).await;
    let [contacts, _] = logs(&place);
    for _ in 0..3 {
        let before = transactions(&contacts);
        place.sync("acme", false).await;
        assert_eq!(transactions(&contacts) - before, 1);
    }
    let person = json!({ "givenName": "Another" });
    let users = place.control().edit_users(1, person).unwrap();
    assert_eq!(users, 1);
    let before = transactions(&contacts);
    place.sync("acme", false).await;
    assert!(
        transactions(&contacts) - before > 1,
        "a page of changes is one, too"
    );
}
