//! The laws of the connector, each with the tests that would notice if it no longer held.

mod identity;
mod plan_is_true;
mod second_run;
