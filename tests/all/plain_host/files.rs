//! The ledger in a directory, as the component that is shipped: killed in the middle of a commit, it leaves all of it or
//! nothing.

use std::path::Path;
use std::sync::LazyLock;

use host_harness::component::ledger_bytes;
use wasmtime::Store;
use wasmtime::component::Component;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

use super::plain::{ENGINE, State, linker, store};

wasmtime::component::bindgen!({
    path: "../wit",
    world: "ledger-provider",
    exports: { default: async },
    additional_derives: [PartialEq],
});

use exports::contact_sync::connector::ledger::{Committed, Entry, Expectation, Write};

static LEDGER: LazyLock<Component> =
    LazyLock::new(|| Component::new(&ENGINE, ledger_bytes()).unwrap());

/// Instances of the ledger in one directory.
struct Instance {
    store: Store<State>,
    ledger: LedgerProvider,
}

impl Instance {
    async fn of(folder: &Path) -> Self {
        let mut store = store(folder, &[], &MemoryOutputPipe::new(1 << 16));
        let ledger = LedgerProvider::instantiate_async(&mut store, &LEDGER, &linker()).await;
        Self {
            store,
            ledger: ledger.unwrap(),
        }
    }

    async fn commit(
        &mut self,
        expect: &[Expectation],
        writes: &[Write],
    ) -> wasmtime::Result<Result<Committed, String>> {
        let ledger = self.ledger.contact_sync_connector_ledger();
        let told = ledger.call_commit(&mut self.store, expect, writes).await?;
        Ok(told.map_err(|error| format!("{error:?}")))
    }

    async fn all(&mut self) -> Vec<Entry> {
        let ledger = self.ledger.contact_sync_connector_ledger();
        let told = ledger.call_scan(&mut self.store, "", None, 1_000).await;
        told.unwrap().unwrap()
    }
}

fn write(key: &str, value: &str) -> Write {
    Write {
        key: key.to_owned(),
        value: Some(value.as_bytes().to_vec()),
    }
}

/// Of entries that are always written together.
fn pair(value: &str) -> [Write; 2] {
    [write("one", value), write("other", value)]
}

async fn values(folder: &Path) -> Vec<String> {
    let entries = Instance::of(folder).await.all().await;
    let text = |entry: Entry| String::from_utf8(entry.value).unwrap();
    entries.into_iter().map(text).collect()
}

#[tokio::test]
async fn an_instance_that_is_ended_anywhere_in_a_commit_leaves_all_of_it_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut instance = Instance::of(folder).await;
    instance.commit(&[], &pair("0")).await.unwrap().unwrap();
    let (mut fuel, mut last, mut ended) = (2_000, "0".to_owned(), 0);
    loop {
        let mut instance = Instance::of(folder).await;
        instance.store.set_fuel(fuel).unwrap();
        let next = fuel.to_string();
        let told = instance.commit(&[], &pair(&next)).await;
        drop(instance);
        let found = values(folder).await;
        assert!(
            found == [last.clone(), last.clone()] || found == [next.clone(), next.clone()],
            "after {fuel}: {found:?}"
        );
        last.clone_from(&found[0]);
        match told {
            Err(_) => ended += 1,
            Ok(told) => {
                assert_eq!(told, Ok(Committed::Kept));
                assert_eq!(last, next, "what was promised is there");
                break;
            }
        }
        fuel += fuel / 25;
    }
    assert!(ended > 10, "it was ended {ended} times");
}

#[tokio::test]
async fn of_two_instances_that_have_read_the_same_the_second_one_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (mut first, mut second) = (Instance::of(folder).await, Instance::of(folder).await);
    assert!(first.all().await.is_empty() && second.all().await.is_empty());
    first.commit(&[], &pair("first")).await.unwrap().unwrap();
    let told = second.commit(&[], &pair("second")).await.unwrap();
    let told = told.unwrap_err();
    assert!(
        told.contains("LeaseLost") && told.contains("one at a time"),
        "{told}"
    );
    assert_eq!(values(folder).await, ["first", "first"]);
}

#[tokio::test]
async fn an_expectation_that_is_not_met_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut instance = Instance::of(folder.path()).await;
    let unmet = Expectation {
        key: "one".to_owned(),
        value: Some(b"other".to_vec()),
    };
    let told = instance.commit(&[unmet], &pair("1")).await.unwrap();
    assert_eq!(told, Ok(Committed::Unexpected));
}
