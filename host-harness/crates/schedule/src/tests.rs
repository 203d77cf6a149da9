//! When runs are due.

mod daylight_saving;
mod next_run;
mod scheduler;
