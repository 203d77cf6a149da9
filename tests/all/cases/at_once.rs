//! Two runs of one workspace at the same time, as an impatient person and a schedule start them.

use std::collections::BTreeSet;

use host_harness::contract::RunMode;
use host_harness::graph_emulator::Fault;

use super::{PEOPLE, deletes};
use crate::world::{World, people, request};

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_make_no_contact_twice_and_lose_nobody() {
    let world = World::with(people(PEOPLE), deletes()).begin().await;
    // Both have read that nobody is linked before either writes.
    world.control().inject(Fault {
        path: Some("/v1.0/users?".to_owned()),
        delay_ms: 300,
        times: Some(2),
        ..Fault::default()
    });
    let run = || world.try_sync(request(RunMode::Full));
    let (one, other) = tokio::join!(run(), run());
    // A platform may refuse the second one. Where it does not, the second begins a run of its own or goes
    // on with the first, as it finds that begun or not.
    let ended = [one, other];
    let runs: BTreeSet<&str> = ended
        .iter()
        .flatten()
        .map(|result| result.run.id.as_str())
        .collect();
    assert!(!runs.is_empty(), "{ended:?}");
    assert_eq!(world.linked(PEOPLE).len(), 12);
    assert_eq!(world.contacts().len(), 12, "nobody is there twice");

    let last = world.full_sync().await;
    assert_eq!((last.counts.unchanged, last.counts.processed), (12, 12));
    let report = world.report().await;
    let told: BTreeSet<&str> = report.history.iter().map(|run| run.id.as_str()).collect();
    let mut expected = runs;
    expected.insert(&last.id);
    assert_eq!(told, expected, "each run is told of");
}
