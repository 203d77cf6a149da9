//! What one call may use, and the meters that hold it to that.
//!
//! A limit that is met ends the call and nothing else: the next call gets a new instance.

use std::time::Duration;
use wasmtime::ResourceLimiter;

/// One mebibyte, in bytes.
const MIB: usize = 1 << 20;

/// What one call of a connector may use.
///
/// The defaults fit a connector that works page by page; each says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory of all the component's memories together, in bytes. Default 64 MiB: twice what
    /// the connector may need for a directory of any size.
    pub memory_bytes: usize,
    /// Elements of all tables together (function references). Default 100,000; the connector has about
    /// 1,000.
    pub table_elements: usize,
    /// From instantiation to answer, waiting included. Default 15 minutes: a slice of a sync is
    /// bounded by `sync-request.slice`, and this is for the connector that does not keep to it.
    pub call_time: Duration,
    /// Time in which the component itself computes; waiting for the network or the store is free.
    /// Measured in ticks of [`TICK`]. Default 5 minutes: a million users take seconds.
    pub cpu_time: Duration,
    /// Standard output and standard error, each, in bytes; the rest is swallowed. Default 64 KiB:
    /// a panic message fits, and a connector logs through `run-control`.
    pub output_bytes: usize,
    /// Events of `run-control.log`; further ones are swallowed and counted. Default 10,000.
    pub log_events: u32,
    /// Text of these events together, in bytes; what is beyond is swallowed and counted, too. Default
    /// 1 MiB: an event has about 100 bytes, and there are a few for each page.
    pub log_bytes: usize,
    /// Requests sent. Default 1,000,000; a full round of a million users takes about 1,100.
    pub http_requests: u64,
    /// Body of one response, in bytes. Default 64 MiB; a page of 999 users has less than 4 MiB.
    pub response_bytes: u64,
    /// Memory that the host may spend on the arguments of one import, or on one answer, roughly in
    /// bytes. Default 16 MiB; a page's `apply` has about 2 MiB.
    pub data_bytes: usize,
    /// Handles (secrets, requests, streams) that are open at once. Default 4,096; a request and its
    /// answer need about 10. Each costs the host some 200 bytes beside what it holds.
    pub handles: usize,
    /// What stands behind all open handles together: headers, paths, bodies that wait to be sent, in
    /// bytes. Default 8 MiB; a request has about 4 KiB.
    pub held_bytes: usize,
    /// One set of HTTP headers, in bytes, with the overhead of keeping them. Default 64 KiB;
    /// proxies commonly stop at 8 KiB.
    pub header_bytes: usize,
    /// Secrets asked for and revealed, keys asked for and signatures. Default 200; a token needs two, and lasts for an hour.
    pub secret_uses: u64,
    /// What one call may have the store keep by `contact-store.apply`: text, and 256 bytes for each
    /// row. Default 4 GiB: a first sync of a million people, in one call, has about 2 GiB.
    pub commit_bytes: u64,
    /// The part of it that is state. Default 512 MiB: a million staged removals have about 400 MiB.
    pub state_bytes: u64,
    /// One value of the state. Default 1 MiB; the record of a run, the longest, has a few KiB.
    pub state_value_bytes: u64,
    /// What one call may put into a plan: text, and 256 bytes for each entry. Default 1 GiB: a plan of
    /// a million new people has about 700 MiB.
    pub plan_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 * MIB,
            table_elements: 100_000,
            call_time: Duration::from_secs(15 * 60),
            cpu_time: Duration::from_secs(5 * 60),
            output_bytes: 64 << 10,
            log_events: 10_000,
            log_bytes: MIB,
            http_requests: 1_000_000,
            response_bytes: 64 << 20,
            data_bytes: 16 * MIB,
            handles: 4_096,
            held_bytes: 8 * MIB,
            header_bytes: 64 << 10,
            secret_uses: 200,
            commit_bytes: 4 << 30,
            state_bytes: 512 << 20,
            state_value_bytes: 1 << 20,
            plan_bytes: 1 << 30,
        }
    }
}

/// How often running components are looked at: they yield to the executor, and their use of the
/// processor is counted.
pub const TICK: Duration = Duration::from_millis(10);

/// Counts linear memory and tables as they grow.
#[derive(Debug)]
pub(super) struct MemoryMeter {
    memory_limit: usize,
    table_limit: usize,
    memory: usize,
    elements: usize,
    peak: usize,
    refused: bool,
}

impl MemoryMeter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            memory_limit: limits.memory_bytes,
            table_limit: limits.table_elements,
            memory: 0,
            elements: 0,
            peak: 0,
            refused: false,
        }
    }

    /// The most linear memory there was, in bytes. It never shrinks while an instance lives.
    pub(super) fn peak(&self) -> usize {
        self.peak
    }

    /// Growth was refused: an abort that follows is for want of memory.
    pub(super) fn has_refused(&self) -> bool {
        self.refused
    }
}

impl ResourceLimiter for MemoryMeter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let wanted = self.memory.saturating_add(desired.saturating_sub(current));
        if wanted > self.memory_limit {
            self.refused = true;
            return Ok(false);
        }
        self.memory = wanted;
        self.peak = self.peak.max(wanted);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let wanted = self
            .elements
            .saturating_add(desired.saturating_sub(current));
        if wanted > self.table_limit {
            return Ok(false);
        }
        self.elements = wanted;
        Ok(true)
    }

    // A component is a handful of core modules; far more is an attack on the allocator.
    fn instances(&self) -> usize {
        64
    }

    fn tables(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        16
    }
}

/// Counts the ticks in which the component was found computing.
#[derive(Debug)]
pub(super) struct CpuMeter {
    ticks_left: u64,
}

/// The component has computed for longer than [`Limits::cpu_time`].
#[derive(Debug, thiserror::Error)]
#[error("the call has used up its processor time")]
pub(super) struct CpuTimeSpent;

impl CpuMeter {
    pub(super) fn new(limits: &Limits) -> Self {
        let ticks = limits.cpu_time.as_millis().div_ceil(TICK.as_millis());
        Self {
            ticks_left: u64::try_from(ticks).unwrap_or(u64::MAX),
        }
    }

    pub(super) fn tick(&mut self) -> Result<(), CpuTimeSpent> {
        self.ticks_left = self.ticks_left.checked_sub(1).ok_or(CpuTimeSpent)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 64 << 10;

    #[test]
    fn memory_is_granted_up_to_the_limit_and_not_a_page_beyond() {
        let limits = Limits {
            memory_bytes: 3 * PAGE,
            ..Limits::default()
        };
        let mut meter = MemoryMeter::new(&limits);
        assert!(meter.memory_growing(0, 2 * PAGE, None).unwrap());
        assert!(meter.memory_growing(2 * PAGE, 3 * PAGE, None).unwrap());
        assert!(!meter.has_refused());
        assert!(!meter.memory_growing(3 * PAGE, 4 * PAGE, None).unwrap());
        assert!(meter.has_refused());
        assert_eq!(meter.peak(), 3 * PAGE);
    }

    #[test]
    fn all_memories_of_a_component_share_the_limit() {
        let limits = Limits {
            memory_bytes: 3 * PAGE,
            ..Limits::default()
        };
        let mut meter = MemoryMeter::new(&limits);
        assert!(meter.memory_growing(0, 2 * PAGE, None).unwrap());
        assert!(!meter.memory_growing(0, 2 * PAGE, None).unwrap());
    }

    #[test]
    fn processor_time_ends_after_its_ticks() {
        let limits = Limits {
            cpu_time: 2 * TICK,
            ..Limits::default()
        };
        let mut meter = CpuMeter::new(&limits);
        assert!(meter.tick().is_ok());
        assert!(meter.tick().is_ok());
        assert!(meter.tick().is_err());
    }
}
