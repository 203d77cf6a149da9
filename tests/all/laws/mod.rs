//! The laws of the connector, each with the tests that would notice if it no longer held.

mod breakers;
mod evidence;
mod identity;
mod plan_is_true;
mod second_run;
