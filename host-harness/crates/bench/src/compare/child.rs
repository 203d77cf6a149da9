//! A process and what it cost, from its start to its end.
//!
//! Processor time is that which the system adds to ours for a process that was waited for. Waiting and memory are
//! lost with the process, so they are read again and again while it runs.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde::Serialize;

use crate::proc::{self, Waited};
use crate::{Cost, cost};

/// How often a process is looked at.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// What a process cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessCost {
    /// Time and writing.
    #[serde(flatten)]
    pub cost: Cost,
    /// The most resident memory that it had, in bytes; `None`: this system does not say.
    pub peak_bytes: Option<u64>,
    /// The size of the database that it left, in bytes.
    pub file_bytes: u64,
}

/// How a process ended well.
pub(super) struct Ended {
    pub(super) cost: Cost,
    pub(super) peak_bytes: Option<u64>,
    /// Its standard output.
    pub(super) out: Vec<u8>,
}

/// Runs a command to its end. No other process may be waited for meanwhile.
///
/// # Errors
///
/// Where it cannot be started or does not succeed; then with what it said on standard error.
pub(super) fn run(command: &mut Command) -> anyhow::Result<Ended> {
    let name = command.get_program().display().to_string();
    let processor = children();
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{name} cannot be started"))?;
    let watch = Watch::default();
    let (read, seen) = thread::scope(|scope| {
        let process = child.id().to_string();
        let watching = scope.spawn({
            let (watch, process) = (&watch, process.clone());
            move || watch.until_told(&process)
        });
        let read = read_to_the_end(&mut child);
        // Its files are closed and it is not gone yet: nobody has waited for it.
        let written = proc::written(&process);
        watch.end.store(true, Ordering::Relaxed);
        watching.thread().unpark();
        let mut seen = watching.join().unwrap_or_default();
        seen.written = written.or(seen.written);
        (read, seen)
    });
    let status = child.wait()?;
    let wall = started.elapsed();
    let (out, err) = read?;
    ensure!(
        status.success(),
        "{name} ended with {status}: {}",
        String::from_utf8_lossy(&err).trim()
    );
    Ok(Ended {
        cost: Cost {
            wall,
            processor: cost::since(children(), processor),
            waited: seen.waited.map(|threads| threads.into_values().sum()),
            written: seen.written,
        },
        peak_bytes: seen.peak_bytes,
        out,
    })
}

/// Processor time of the processes that have been waited for.
fn children() -> Option<Duration> {
    Some(proc::processor_times()?.children)
}

/// Standard output and standard error, each until nobody has it open any more.
fn read_to_the_end(child: &mut Child) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        let reading = scope.spawn(|| stderr.map(|mut stderr| stderr.read_to_end(&mut err)));
        if let Some(mut stdout) = stdout {
            stdout.read_to_end(&mut out)?;
        }
        // A thread that panicked has read less of what is shown to people only.
        if let Ok(Some(read)) = reading.join() {
            read?;
        }
        anyhow::Ok(())
    })?;
    Ok((out, err))
}

/// What was seen of a process while it ran.
#[derive(Default)]
struct Seen {
    waited: Option<Waited>,
    peak_bytes: Option<u64>,
    written: Option<u64>,
}

#[derive(Default)]
struct Watch {
    end: AtomicBool,
}

impl Watch {
    fn until_told(&self, process: &str) -> Seen {
        let mut seen = Seen::default();
        loop {
            let end = self.end.load(Ordering::Relaxed);
            seen.look(process);
            if end {
                return seen;
            }
            thread::park_timeout(BETWEEN_LOOKS);
        }
    }
}

impl Seen {
    /// All that is counted only grows, so the last look at a thread is what counts.
    fn look(&mut self, process: &str) {
        if let Some(now) = proc::waited(process) {
            let threads = self.waited.get_or_insert_with(BTreeMap::new);
            threads.extend(now);
        }
        self.peak_bytes = proc::peak_memory(process).or(self.peak_bytes);
        self.written = proc::written(process).or(self.written);
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_process_is_measured_from_its_start_to_its_end() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        let script = format!(
            "sleep 0.1; head -c 100000 /dev/zero > {}; echo done",
            file.display()
        );
        let ended = run(&mut shell(&script)).unwrap();
        assert_eq!(ended.out, b"done\n");
        assert!(ended.cost.wall >= Duration::from_millis(100));
        assert!(ended.cost.processor.is_some() && ended.cost.waited.is_some());
        assert!(ended.peak_bytes.unwrap() > 0);
        assert!(ended.cost.written.unwrap() >= 5, "the line alone has five");
    }

    #[test]
    fn a_process_that_fails_is_told_with_what_it_said() {
        let said = run(&mut shell("echo 'no such tenant' >&2; exit 3"))
            .err()
            .unwrap()
            .to_string();
        assert!(said.contains("no such tenant"), "{said}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let said = run(&mut Command::new("no-such-program")).err().unwrap();
        assert_eq!(said.to_string(), "no-such-program cannot be started");
    }
}
