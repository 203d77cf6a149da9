//! How often a disk was flushed.
//!
//! Linux counts no flushes of a process, but those of a disk, whoever asked for them: field 16 of
//! `/sys/block/DISK/stat` (<https://docs.kernel.org/block/stat.html>). On a quiet machine they are ours.

use std::fs;
use std::path::{Path, PathBuf};

/// The disk that a file is on.
pub(super) struct Disk {
    counters: PathBuf,
}

impl Disk {
    /// That of an existing file or directory; `None` where it is on none, as in memory.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let (major, minor) = device(path)?;
        let device = Path::new("/sys/dev/block").join(format!("{major}:{minor}"));
        let device = fs::canonicalize(device).ok()?;
        // Flushes are counted for the whole disk, not for a part of it.
        let disk = if device.join("partition").exists() {
            device.parent()?
        } else {
            &device
        };
        Some(Self {
            counters: disk.join("stat"),
        })
    }

    /// How often it was flushed since the machine started.
    pub(super) fn flushes(&self) -> Option<u64> {
        flushes(&fs::read_to_string(&self.counters).ok()?)
    }
}

/// The numbers of a file's device, as Linux takes them from its 64 bits (makedev(3)).
#[cfg(target_os = "linux")]
fn device(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let device = fs::metadata(path).ok()?.dev();
    let major = ((device >> 8) & 0xfff) | ((device >> 32) & !0xfff);
    let minor = (device & 0xff) | ((device >> 12) & !0xff);
    Some((major, minor))
}

#[cfg(not(target_os = "linux"))]
fn device(_: &Path) -> Option<(u64, u64)> {
    None
}

fn flushes(stat: &str) -> Option<u64> {
    stat.split_ascii_whitespace().nth(15)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flushes_are_the_sixteenth_number_where_the_system_counts_them() {
        let stat = " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 77 17\n";
        assert_eq!(flushes(stat), Some(77));
        assert_eq!(flushes("1 2 3 4 5 6 7 8 9 10 11\n"), None);
    }

    #[test]
    fn a_file_that_is_not_there_is_on_no_disk() {
        assert!(Disk::of(Path::new("/no/such/file")).is_none());
    }
}
