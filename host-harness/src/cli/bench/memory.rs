//! The memory of this process, as the operating system counts it.

/// The most resident memory this process has had, in bytes; `None` where the system does not say
/// (it does on Linux: `VmHWM` in proc_pid_status(5)).
pub(super) fn peak_of_this_process() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    peak(&status)
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
    fn the_peak_is_read_in_bytes_and_nothing_is_made_of_what_does_not_say() {
        let status = "VmPeak:\t  9999 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 77 kB\n";
        assert_eq!(peak(status), Some(1234 * 1024));
        assert_eq!(peak("VmRSS:\t 77 kB\n"), None);
    }
}
