//! Law 14: memory does not grow with the directory.

use host_harness::contract::RunMode;
use host_harness::graph_emulator::DirectorySource;
use serde_json::json;

use crate::world::{World, connector, request};

#[tokio::test(flavor = "multi_thread")]
async fn law_14_memory_does_not_grow_with_the_directory() {
    let (few, many) = (peak_memory(2_000).await, peak_memory(10_000).await);
    assert!(
        many <= few + few / 10,
        "{few} bytes for 2,000 people, {many} bytes for 10,000"
    );
}

/// The most linear memory of a first full sync.
async fn peak_memory(users: u64) -> usize {
    let world = World::with(Vec::new(), json!({ "preset": "mirror" }))
        .emulator(|options| options.directory = DirectorySource::Synthetic { users, seed: 1 })
        .begin()
        .await;
    let answer = connector()
        .sync(&world.workspace, &world.document, request(RunMode::Full))
        .await;
    let run = answer.result.unwrap().run;
    assert_eq!(run.counts.processed, users);
    answer.stats.peak_memory_bytes
}
