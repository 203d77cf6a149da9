//! Who only looks waits for nobody.

use std::sync::Barrier;
use std::sync::mpsc;
use std::time::Duration;

use connector_contract::Who;

use super::*;

#[test]
fn what_a_report_and_an_explanation_read_is_answered_while_a_transaction_is_open() {
    let workspace = Workspace::new();
    let store = workspace.store.clone();
    let mut commit = commit(vec![create("a", &[("company", "X")]).into()]);
    commit.state = vec![StateWrite {
        key: "run/log/1".to_owned(),
        value: Some(b"{}".to_vec()),
    }];
    store.apply(commit).unwrap();

    let (written, done) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let writer = std::thread::spawn({
        let (store, written, done) = (store.clone(), written.clone(), done.clone());
        move || {
            let connection = &mut store.connector().connection;
            let transaction = connection.transaction().unwrap();
            transaction.execute("DELETE FROM contacts", []).unwrap();
            written.wait();
            done.wait();
        }
    });
    written.wait();
    let (tell, told) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let looking = store.read_only();
        let who = Who::User("a".to_owned());
        let numbers = looking
            .get_statistics(SOURCE, &names(&["company"]))
            .unwrap();
        let found = looking.lookup(Query {
            object_ids: vec!["a".to_owned()],
            ..query()
        });
        let journal = looking.journal(SOURCE, &who, 20).unwrap();
        let notes = looking.notes(SOURCE, &who).unwrap();
        let state = looking.list("run/", None, 30).unwrap();
        let seen = (
            found.unwrap().len(),
            journal.len(),
            notes.len(),
            state.len(),
        );
        tell.send((numbers.active, seen)).unwrap();
    });
    // Only a read that waits for the writer, who waits for us, would take as long.
    let answer = told.recv_timeout(Duration::from_secs(60));
    done.wait();
    assert_eq!(answer.expect("an answer"), (1, (1, 1, 0, 1)));
    reader.join().unwrap();
    writer.join().unwrap();
}
