//! The administrator's side, without a browser: real HTTP, a real database, the real component.

mod api;
mod at_once;
mod audit;
mod bad_input;
mod blocked;
mod consent;
#[cfg(unix)]
mod crash;
mod events;
mod fairness;
#[cfg(unix)]
mod few_files;
mod forms;
mod operations;
mod process;
mod schedules;
mod secrets;
mod setup;
mod visit;
mod workspaces;
