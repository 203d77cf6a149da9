//! What Linux says of processes under `/proc`: see proc_pid_stat(5), proc_pid_io(5) and
//! <https://docs.kernel.org/scheduler/sched-stats.html>. Other systems say nothing, and nothing is made of that.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A tick of the times in `stat`: USER_HZ is 100 wherever Linux runs.
const TICK: Duration = Duration::from_millis(10);

/// For how long each thread of a process waited for a processor, by the thread's id.
pub(crate) type Waited = BTreeMap<u32, Duration>;

/// Processor time, in the program and in the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProcessorTimes {
    /// Of all threads of the process, those that have ended included.
    pub(crate) own: Duration,
    /// Of the processes that it started and waited for, with those that they waited for.
    pub(crate) children: Duration,
}

/// The times of this process.
pub(crate) fn processor_times() -> Option<ProcessorTimes> {
    times(&read("self", "stat")?)
}

/// For how long the threads of a process have waited; those that have ended are not among them.
pub(crate) fn waited(process: &str) -> Option<Waited> {
    let threads = fs::read_dir(Path::new("/proc").join(process).join("task")).ok()?;
    let of_thread = |thread: fs::DirEntry| {
        let id: u32 = thread.file_name().to_str()?.parse().ok()?;
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        Some((id, run_delay(&text)?))
    };
    // One that ends meanwhile is left out.
    let waited: Waited = threads.flatten().filter_map(of_thread).collect();
    (!waited.is_empty()).then_some(waited)
}

/// Bytes that a process gave the system to write, wherever to.
pub(crate) fn written(process: &str) -> Option<u64> {
    counter(&read(process, "io")?, "wchar:")
}

/// The most resident memory that a process has had, in bytes.
pub(crate) fn peak_memory(process: &str) -> Option<u64> {
    peak(&read(process, "status")?)
}

fn read(process: &str, file: &str) -> Option<String> {
    fs::read_to_string(Path::new("/proc").join(process).join(file)).ok()
}

/// The second field is the program's name, in brackets, and may have spaces in it.
fn times(stat: &str) -> Option<ProcessorTimes> {
    let (_, rest) = stat.rsplit_once(") ")?;
    // From the third field on; user and system time are the 14th and 15th, the children's follow.
    let mut ticks = rest.split_ascii_whitespace().skip(11);
    let mut next = || ticks.next()?.parse::<u32>().ok();
    let own = next()?.checked_add(next()?)?;
    let children = next()?.checked_add(next()?)?;
    Some(ProcessorTimes {
        own: TICK * own,
        children: TICK * children,
    })
}

/// The second of the three numbers: nanoseconds in which the thread could run and did not.
fn run_delay(schedstat: &str) -> Option<Duration> {
    let nanoseconds = schedstat.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

fn counter(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().parse().ok()
}

fn peak(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_behind_a_name_with_spaces_and_brackets() {
        let stat = "17 (a) b) S 1 17 17 0 -1 4194560 95 0 0 0 120 30 7 3 20 0 8 0 77 1 1";
        let expected = ProcessorTimes {
            own: Duration::from_millis(1_500),
            children: Duration::from_millis(100),
        };
        assert_eq!(times(stat), Some(expected));
        assert_eq!(times("17 (a) S 1 17"), None);
        assert_eq!(times(""), None);
    }

    #[test]
    fn the_wait_of_a_thread_is_the_second_number() {
        let waited = run_delay("60918 1500000000 12\n");
        assert_eq!(waited, Some(Duration::from_millis(1_500)));
        assert_eq!(run_delay("60918"), None);
    }

    #[test]
    fn bytes_written_are_those_given_to_the_system() {
        let io = "rchar: 1\nwchar: 4096\nsyscr: 2\nsyscw: 3\nread_bytes: 4\nwrite_bytes: 5\n";
        assert_eq!(counter(io, "wchar:"), Some(4096));
        assert_eq!(counter("rchar: 1\n", "wchar:"), None);
    }

    #[test]
    fn the_peak_is_read_in_bytes_and_nothing_is_made_of_what_does_not_say() {
        let status = "VmPeak:\t  9999 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 77 kB\n";
        assert_eq!(peak(status), Some(1234 * 1024));
        assert_eq!(peak("VmRSS:\t 77 kB\n"), None);
    }

    #[test]
    fn a_process_that_is_not_there_says_nothing() {
        assert_eq!(waited("no-process"), None);
        assert_eq!(written("no-process"), None);
        assert_eq!(peak_memory("no-process"), None);
    }
}
