//! A program that is an emulator: it says where it listens, and serves until it is interrupted.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

/// Why it ended otherwise than by being interrupted.
#[derive(Debug, thiserror::Error)]
pub enum ServingError {
    /// Where it listens could not be said.
    #[error("where the emulator listens cannot be printed")]
    Output(#[source] io::Error),
    /// The system does not tell of interruptions.
    #[error("Ctrl-C cannot be waited for")]
    Signal(#[source] io::Error),
}

/// Waits until the process is interrupted, after `tell` has said on `out` where the emulator listens.
///
/// # Errors
///
/// Where that could not be said, or the process cannot hear of its end.
pub async fn until_interrupted(
    out: &mut (dyn Write + Send),
    tell: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> Result<(), ServingError> {
    match tell(out).and_then(|()| out.flush()) {
        // Nobody reads, as behind `head`: it serves all the same.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        told => told.map_err(ServingError::Output)?,
    }
    tokio::signal::ctrl_c().await.map_err(ServingError::Signal)
}

/// How such a process ends, with the causes of an error on standard error.
pub fn exit_code(ended: Result<(), impl Error>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprint!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprint!(": {error}");
                cause = error.source();
            }
            eprintln!();
            ExitCode::FAILURE
        }
    }
}
