//! Files of this machine that hold people's data: their owner's alone, and where it matters one
//! holder's at a time.
//!
//! ```
//! use std::time::Duration;
//!
//! # let directory = tempfile::tempdir()?;
//! let data = directory.path().join("data");
//! local_files::create_directory(&data)?;
//!
//! let held = local_files::hold(&data.join("lock"), Duration::ZERO)?;
//! assert!(local_files::hold(&data.join("lock"), Duration::ZERO).is_err());
//! # drop(held);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod flush;
mod lock;
mod private;

pub use flush::{SharedFlush, Write};
pub use lock::{Held, NotHeld, held_by, hold};
pub use private::{create_directory, create_file};
