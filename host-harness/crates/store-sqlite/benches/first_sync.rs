//! What the store costs a first sync, a sync without changes and a plan: the calls that a connector makes
//! for each page of 999 users, without a connector. Run with `cargo bench -p store-sqlite`.
//!
//! Before the times, one sync of each size is told with what times do not show: processor time, bytes
//! written and the size of the file. They are of this process, as Linux counts them. The databases are made
//! in the temporary directory (`TMPDIR`), which should be on a real disk. `PEOPLE=10000,1000000` chooses
//! other sizes.

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark on made-up data that stops where the data is wrong"
)]
#![allow(
    missing_docs,
    reason = "`criterion_group!` makes undocumented functions"
)]

use std::fs;
use std::time::Instant;

use connector_contract::imports::{ContactStore as _, PlanSink as _};
use connector_contract::{
    Change, Commit, ContactList, Create, Effect, EffectOnContact, Expected, Field, FieldChange,
    Mark, Marked, Marking, PlanEntry, Query, Sightings, StateWrite,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use store_api::AdminStore as _;
use store_sqlite::{FILE_NAME, SqliteStore, StoreOptions};
use tempfile::TempDir;

/// Users of a page, as Microsoft Graph gives at most.
const PAGE: u64 = 999;

/// People of the benchmarks that Criterion repeats.
const REPEATED: u64 = 20_000;

const SOURCE: &str = "entra:00000000-aaaa-1111-bbbb-222222222222";

/// A number without order, as those of object ids are (SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn object_id(person: u64) -> String {
    let (high, low) = (mixed(person), mixed(person ^ 0x5555));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

fn address(person: u64) -> String {
    format!(
        "first{}.last{person}@contoso.example",
        mixed(person) % 9_000
    )
}

fn fields(person: u64) -> Vec<Field> {
    let values = [
        ("first_name", format!("First{}", mixed(person) % 9_000)),
        ("last_name", format!("Last{person}")),
        ("email", address(person)),
        ("mobile_phone", format!("+44 7700 {person:06}")),
        ("company", "Contoso Ltd".to_owned()),
    ];
    values
        .into_iter()
        .map(|(name, value)| Field {
            name: name.to_owned(),
            value,
        })
        .collect()
}

fn create(person: u64) -> Change {
    Change::Create(Create {
        object_id: object_id(person),
        fields: fields(person),
        base: fields(person),
        active: true,
        lists: vec![ContactList {
            name: "Contoso Users".to_owned(),
            description: "Synced contacts".to_owned(),
        }],
        reason: "new-user".to_owned(),
    })
}

fn mark(person: u64) -> Mark {
    Mark {
        high: mixed(person),
        low: person,
    }
}

/// The pages of so many people.
fn pages(people: u64) -> impl Iterator<Item = std::ops::Range<u64>> {
    (0..people.div_ceil(PAGE)).map(move |page| page * PAGE..((page + 1) * PAGE).min(people))
}

fn query(page: std::ops::Range<u64>) -> Query {
    let names = fields(0).into_iter().map(|field| field.name);
    Query {
        source: SOURCE.to_owned(),
        object_ids: page.clone().map(object_id).collect(),
        match_keys: page.map(address).collect(),
        contacts: Vec::new(),
        fields: names.collect(),
    }
}

/// A commit that moves the cursor.
fn commit(changes: Vec<Change>, page: u64) -> Commit {
    Commit {
        source: SOURCE.to_owned(),
        run: Some("run-1".to_owned()),
        changes,
        otherwise: Vec::new(),
        notes: Vec::new(),
        settled: Vec::new(),
        sightings: None,
        marks: Vec::new(),
        state: vec![StateWrite {
            key: "round".to_owned(),
            value: Some(format!("{{\"page\":{page}}}").into_bytes()),
        }],
    }
}

fn empty() -> (TempDir, SqliteStore) {
    let directory = TempDir::new().unwrap();
    let store = SqliteStore::open(directory.path(), &StoreOptions::default()).unwrap();
    (directory, store)
}

/// Looks a page up and creates everybody on it, page after page.
fn first_sync(store: &SqliteStore, people: u64) {
    for page in pages(people) {
        let found = store.lookup(query(page.clone())).unwrap();
        assert!(found.is_empty(), "nobody is there twice");
        let mut made = commit(page.clone().map(create).collect(), page.start);
        let marked = (0..).zip(page).map(|(position, person)| Marking {
            what: Marked::Change(position),
            mark: mark(person),
        });
        made.marks = marked.collect();
        let outcomes = store.apply(made).unwrap();
        assert!(!outcomes.is_empty());
    }
}

/// A full round that knows everybody again.
fn no_change(store: &SqliteStore, people: u64) {
    store.open_round(SOURCE, "round", false).unwrap();
    for page in pages(people) {
        let (start, length) = (page.start, page.end - page.start);
        let expected = page.map(|person| Expected {
            object_id: object_id(person),
            mark: mark(person),
        });
        let same = store.same(SOURCE, expected.collect()).unwrap();
        assert_eq!(same.len() as u64, length);
        let mut seen = commit(Vec::new(), start);
        seen.sightings = Some(Sightings {
            round: "round".to_owned(),
            object_ids: Vec::new(),
            links: same.into_iter().map(|same| same.link).collect(),
        });
        store.apply(seen).unwrap();
    }
    close(store);
}

/// A full round that fetches everybody, and finds them as they are.
fn no_change_fetched(store: &SqliteStore, people: u64) {
    store.open_round(SOURCE, "round", false).unwrap();
    for page in pages(people) {
        let found = store.lookup(query(page.clone())).unwrap();
        assert_eq!(found.len() as u64, page.end - page.start);
        let mut seen = commit(Vec::new(), page.start);
        seen.sightings = Some(Sightings {
            round: "round".to_owned(),
            object_ids: page.map(object_id).collect(),
            links: Vec::new(),
        });
        store.apply(seen).unwrap();
    }
    close(store);
}

fn close(store: &SqliteStore) {
    let unseen = store.unseen(SOURCE, "round", None, 999, &[]).unwrap();
    assert!(unseen.is_empty());
    store.close_round(SOURCE, "round").unwrap();
}

fn planned(person: u64) -> PlanEntry {
    PlanEntry {
        contact: None,
        version: None,
        directory: Vec::new(),
        what: EffectOnContact {
            object_id: object_id(person),
            effect: Effect::Create,
            reason: "new-user".to_owned(),
            evidence: None,
            fields: fields(person)
                .into_iter()
                .map(|field| FieldChange {
                    field: field.name,
                    before: None,
                    after: Some(field.value),
                })
                .collect(),
            joins: vec!["Contoso Users".to_owned()],
            leaves: Vec::new(),
        },
    }
}

/// Puts everybody into a plan, then reads it in the order of its digest.
fn plan(store: &SqliteStore, people: u64) {
    store.begin_plan().unwrap();
    for page in pages(people) {
        store.put(page.map(planned).collect()).unwrap();
    }
    let (mut after, mut read) = (None, 0);
    loop {
        let entries = store.changes(None, after.as_deref(), 1_000).unwrap();
        read += entries.len() as u64;
        let Some(last) = entries.into_iter().next_back() else {
            break;
        };
        after = Some(last.what.object_id);
    }
    assert_eq!(read, people);
}

/// What Linux says of this process: processor time in seconds, and bytes written.
fn spent() -> Option<(f64, u64)> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let mut ticks = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let ticks = ticks.next()?.parse::<f64>().ok()? + ticks.next()?.parse::<f64>().ok()?;
    let io = fs::read_to_string("/proc/self/io").ok()?;
    let written = io.lines().find_map(|line| line.strip_prefix("wchar: "))?;
    // Ticks are hundredths of a second wherever Linux runs (USER_HZ).
    Some((ticks / 100.0, written.parse().ok()?))
}

fn measured(name: &str, people: u64, directory: &TempDir, work: impl FnOnce()) {
    let (before, started) = (spent(), Instant::now());
    work();
    let (wall, after) = (started.elapsed().as_secs_f64(), spent());
    let file = fs::metadata(directory.path().join(FILE_NAME))
        .unwrap()
        .len();
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let Some(((cpu, written), (cpu_before, written_before))) = after.zip(before) else {
        println!("{name}, {people} people: {wall:.2} s");
        return;
    };
    let written = written - written_before;
    println!(
        "{name}, {people} people: {wall:.2} s wall, {:.2} s processor ({:.1} us a person), {:.0} MiB \
         written, file {:.1} MiB ({} bytes a person, written {:.1} times)",
        cpu - cpu_before,
        (cpu - cpu_before) * 1e6 / people as f64,
        mebibytes(written),
        mebibytes(file),
        file / people,
        written as f64 / file as f64,
    );
}

fn store(criterion: &mut Criterion) {
    let sizes = std::env::var("PEOPLE").unwrap_or_else(|_| "100000".to_owned());
    for people in sizes.split(',').filter_map(|size| size.parse().ok()) {
        let (directory, store) = empty();
        measured("first sync", people, &directory, || {
            first_sync(&store, people)
        });
        measured("no change, everybody fetched", people, &directory, || {
            no_change_fetched(&store, people)
        });
        measured("no change", people, &directory, || {
            no_change(&store, people)
        });
        let (directory, store) = empty();
        measured("plan", people, &directory, || plan(&store, people));
    }
    let mut group = criterion.benchmark_group("store");
    group.sample_size(10);
    group.throughput(Throughput::Elements(REPEATED));
    group.bench_function("first sync", |bencher| {
        let sync = |(directory, store): (TempDir, SqliteStore)| {
            first_sync(&store, REPEATED);
            (directory, store)
        };
        bencher.iter_batched(empty, sync, BatchSize::PerIteration);
    });
    let (_directory, full) = empty();
    first_sync(&full, REPEATED);
    group.bench_function("no change, everybody fetched", |bencher| {
        bencher.iter(|| no_change_fetched(&full, REPEATED))
    });
    group.bench_function("no change", |bencher| {
        bencher.iter(|| no_change(&full, REPEATED))
    });
    group.finish();
}

criterion_group!(benches, store);
criterion_main!(benches);
