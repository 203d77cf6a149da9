//! What a store of the engine holds for one call: the workspace, handles, meters, and what WASI needs.

use super::http::{Holding, PolicedHttp};
use super::limits::{CpuMeter, MemoryMeter};
use super::meter::Meter;
use super::operations::Operations;
use super::output::GuestOutput;
use super::workspace::Workspace;
use connector_contract::WallClock;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{HostWallClock, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView};

/// Random bytes that are given at once; they are made before they are handed over.
const LONGEST_RANDOM: u64 = 64 << 10;

/// What a store holds for one call.
pub(super) struct CallState {
    pub(super) workspace: Workspace,
    pub(super) table: ResourceTable,
    pub(super) operations: Operations,
    pub(super) meter: Meter,
    pub(super) swallowed_log_events: u64,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    pub(super) policed: PolicedHttp,
    pub(super) memory: MemoryMeter,
    pub(super) cpu: CpuMeter,
}

impl CallState {
    pub(super) fn new(workspace: Workspace, output: &GuestOutput) -> Self {
        let limits = &workspace.limits;
        let mut table = ResourceTable::new();
        // What is waited for stands on what it is waited for: a handle is up to two entries. How many handles there
        // are, the engine counts.
        table.set_max_capacity(limits.handles.saturating_mul(2));
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(limits.header_bytes);
        // A builder gives no files, no environment, no arguments, no input and no sockets.
        let mut wasi = WasiCtx::builder();
        wasi.stdout(output.stdout.clone())
            .stderr(output.stderr.clone());
        wasi.allow_tcp(false).allow_udp(false);
        wasi.max_random_size(LONGEST_RANDOM);
        if let Some(clock) = &workspace.clock {
            wasi.wall_clock(GivenClock(Arc::clone(clock)));
        }
        Self {
            table,
            http,
            wasi: wasi.build(),
            operations: Operations::default(),
            meter: Meter::new(limits),
            swallowed_log_events: 0,
            policed: PolicedHttp::new(workspace.http.clone(), limits),
            memory: MemoryMeter::new(limits),
            cpu: CpuMeter::new(limits),
            workspace,
        }
    }
}

impl WasiView for CallState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl CallState {
    /// The view of `wasi:http` in which everything that handles hold is counted.
    pub(super) fn holding(&mut self) -> Holding<'_> {
        Holding {
            http: WasiHttpCtxView {
                hooks: &mut self.policed,
                table: &mut self.table,
                ctx: &mut self.http,
            },
            held: &mut self.meter.held,
        }
    }
}

/// Shows the workspace's clock to the component.
struct GivenClock(Arc<dyn WallClock>);

impl HostWallClock for GivenClock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        self.0.since_epoch()
    }
}
