//! Weeks of bad weather, each from a seed that is printed: whatever it was, nobody who is there is
//! removed, and with the first calm run everything is as the directory says.

use host_harness::contract::RunMode;
use host_harness::graph_emulator::{Storm, Trouble};
use serde_json::json;

use super::{PEOPLE, deletes};
use crate::world::messy::seed;
use crate::world::{World, object_id, people, person};

/// Runs in one storm.
const RUNS: u32 = 12;

/// A storm in which no wait is longer than the test can wait.
pub fn storm(seed: u64, deceives: bool) -> Storm {
    let troubles = Trouble::ALL.into_iter().filter(|trouble| {
        *trouble != Trouble::ThrottledForLong && (deceives || !trouble.deceives())
    });
    let mut storm = Storm::only(seed, troubles, 25);
    storm.retry_after = ["0.01", "0"].map(str::to_owned).to_vec();
    storm
}

/// Lives a life under a storm; how many requests met some trouble.
pub async fn live_through(storm: Storm) -> usize {
    let seed = storm.seed;
    let world = World::with(people(PEOPLE), deletes())
        .emulator(|options| options.delta_page_size = 2)
        .begin()
        .await;
    world.sync().await;
    world.control().clear_requests();
    world.control().begin_storm(storm);
    let mut gone = Vec::new();
    for run in 1..=RUNS {
        let control = world.control();
        if run % 3 == 0 {
            control.delete_user(&object_id(run / 3)).unwrap();
            gone.push(run / 3);
            control
                .add_user(person(100 + run, "New", &format!("Hire{run}")))
                .unwrap();
        }
        for id in 7..=PEOPLE {
            let change = json!({ "surname": format!("Renamed{run}") });
            control.edit_user(&object_id(id), change).unwrap();
        }
        let mode = if run % 4 == 0 {
            RunMode::Full
        } else {
            RunMode::Incremental
        };
        world.impatient_run(mode).await;
        let linked = world.linked(PEOPLE);
        for id in (1..=PEOPLE).filter(|id| !gone.contains(id)) {
            assert!(
                linked.contains(&id),
                "seed {seed}, run {run}: {id} was removed"
            );
        }
    }
    let requests = world.control().requests();
    world.control().end_storm();

    for mode in [RunMode::Incremental, RunMode::Full] {
        world.run(crate::world::request(mode)).await;
    }
    assert_eq!(world.linked(4), [0; 0], "seed {seed}");
    assert_eq!(world.contacts().len(), 12, "seed {seed}");
    for id in 7..=PEOPLE {
        let name = world.field_of(id, "last_name").unwrap();
        assert_eq!(name, format!("Renamed{RUNS}"), "seed {seed}: {id}");
    }
    for run in (3..=RUNS).step_by(3) {
        assert!(
            world.contact_of(100 + run).is_some(),
            "seed {seed}: hire {run}"
        );
    }
    let troubled = requests.iter().filter(|request| request.trouble.is_some());
    troubled.count()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_storm_removes_who_is_there_and_after_it_everything_is_right() {
    let first = seed();
    for seed in first..first + 6 {
        let troubled = live_through(storm(seed, false)).await;
        assert!(troubled > 10, "seed {seed} was calm: {troubled}");
    }
}
