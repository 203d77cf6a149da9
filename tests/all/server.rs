//! The administrator's side, without a browser: real HTTP, a real database, the real component.

mod api;
mod at_once;
mod audit;
mod bad_input;
mod blocked;
mod certificates;
mod confirming;
mod conflicts;
mod consent;
#[cfg(unix)]
mod crash;
mod destination;
mod events;
mod fairness;
#[cfg(unix)]
mod few_files;
mod forms;
mod groups;
mod kept_tokens;
mod members;
mod not_synced;
mod notifications;
mod older_data;
mod operations;
mod platform;
mod presets;
mod process;
mod schedules;
mod secrets;
mod setup;
mod snapshots;
mod transactions;
mod trouble;
mod undo;
mod visit;
mod workspaces;
