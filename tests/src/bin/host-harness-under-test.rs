//! The `host-harness` binary as the tests of the commands start it: cargo names a test only the
//! binaries of its own package.

use std::process::ExitCode;

fn main() -> ExitCode {
    host_harness::cli::main()
}
