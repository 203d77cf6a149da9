//! What pages of 999 users cost through the whole of it: read over HTTP, parsed and decided on by the component in
//! its sandbox, looked up and applied by the store on SQLite. Run with `cargo bench -p bench`, before a change and
//! after it.
//!
//! The emulator is in this process, so its work is in the numbers; it does not change with the connector. The
//! store flushes nothing: how fast a disk is, `host-harness bench` measures. What the pure core costs of a page,
//! `cargo bench -p entra-connector` says, and what the store's calls cost, `cargo bench -p store-sqlite`.

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark on made-up data that stops where the data is wrong"
)]
#![allow(
    missing_docs,
    reason = "`criterion_group!` makes undocumented functions"
)]

use std::sync::Arc;

use connector_artifacts::component_bytes;
use connector_contract::imports::SecretsInMemory;
use connector_contract::{Run, RunMode, Slice, SliceEnd, SyncRequest};
use connector_runtime::{Connector, HttpAccess, HttpOptions, Runtime, RuntimeOptions, Workspace};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use graph_emulator::{DirectorySource, Emulator, EmulatorOptions, TenantOptions};
use serde_json::json;
use store_sqlite::{SqliteStore, StoreOptions};
use sync_runner::grant::grant;
use tempfile::TempDir;

/// Users of a page, as Microsoft Graph gives at most.
const PAGE: u64 = 999;

/// Pages of a sync: what comes once a sync (token, organisation, bookmark) is to be little beside them.
const PAGES: u64 = 5;

struct Bench {
    runtime: tokio::runtime::Runtime,
    emulator: Emulator,
    connector: Connector,
    document: String,
}

/// A workspace in a directory of its own.
struct Measured {
    workspace: Workspace,
    _directory: TempDir,
}

impl Bench {
    fn set_up() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let emulator = runtime.block_on(Emulator::start(EmulatorOptions {
            directory: DirectorySource::Synthetic {
                users: PAGES * PAGE,
                seed: 1,
            },
            ..EmulatorOptions::default()
        }));
        let emulator = emulator.unwrap();
        let tenant = TenantOptions::default();
        let document = json!({
            "tenant": { "id": tenant.tenant_id },
            "credentials": { "clientId": tenant.client_id, "secret": "client-secret" },
            "endpoints": { "login": emulator.login_url(), "graph": emulator.graph_url() },
            "sync": { "preset": "mirror" },
        });
        let engine = Runtime::new(RuntimeOptions::default()).unwrap();
        Self {
            connector: engine.load(component_bytes()).unwrap(),
            document: document.to_string(),
            runtime,
            emulator,
        }
    }

    /// A workspace with nobody in it.
    fn empty(&self) -> Measured {
        let directory = TempDir::new().unwrap();
        let options = StoreOptions {
            durable: false,
            ..StoreOptions::default()
        };
        let store = SqliteStore::open(directory.path(), &options).unwrap();
        let mut workspace = Workspace::new(Arc::new(store));
        let secret = TenantOptions::default().client_secret;
        workspace.secrets = Arc::new(SecretsInMemory::new([("client-secret", secret)]));
        let policy = grant(&self.document, &[], true).unwrap();
        // A connection belongs to the runtime that made it, and lives as long.
        workspace.http = HttpAccess::new(policy, &HttpOptions::default()).unwrap();
        Measured {
            workspace,
            _directory: directory,
        }
    }

    fn full_sync(&self, measured: &Measured) -> Run {
        let request = SyncRequest {
            mode: RunMode::Full,
            trigger: "bench".to_owned(),
            slice: Slice {
                max_pages: None,
                max_ms: None,
            },
            approval: None,
        };
        let call = self
            .connector
            .sync(&measured.workspace, &self.document, request);
        let result = self.runtime.block_on(call).result.unwrap();
        assert_eq!(result.end, SliceEnd::Finished);
        assert_eq!(result.run.counts.processed, PAGES * PAGE);
        result.run
    }
}

fn pages(criterion: &mut Criterion) {
    let bench = Bench::set_up();
    let mut group = criterion.benchmark_group("pages through the guest");
    group.sample_size(20);
    group.throughput(Throughput::Elements(PAGES * PAGE));
    group.bench_function("first full sync", |bencher| {
        let sync = |measured: Measured| {
            bench.full_sync(&measured);
            measured
        };
        bencher.iter_batched(|| bench.empty(), sync, BatchSize::PerIteration);
    });
    let synced = bench.empty();
    assert!(bench.full_sync(&synced).counts.created > 0);
    group.bench_function("full sync, no change", |bencher| {
        bencher.iter(|| {
            let run = bench.full_sync(&synced);
            assert_eq!(run.counts.created, 0);
        });
    });
    group.finish();
    let Bench {
        runtime, emulator, ..
    } = bench;
    runtime.block_on(emulator.stop());
}

criterion_group!(benches, pages);
criterion_main!(benches);
