//! The laws of the connector, each with the tests that would notice if it no longer held.

mod absence;
mod approved_plan;
mod breakers;
mod counts;
mod evidence;
mod fingerprint;
mod identity;
mod kill_points;
mod ledger;
mod memory;
mod own_fields;
mod plan_is_true;
mod privacy;
mod resumption;
mod same_plan;
mod second_run;
mod spelling;
