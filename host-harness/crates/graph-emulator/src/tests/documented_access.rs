//! The documented exchanges on subscriptions and tokens; how they are told is [`super::documented`]'s.

use super::documented;
use super::*;

/// The permissions of whoever does not state others.
const ROLES: [&str; 1] = ["User.Read.All"];

#[test]
fn a_subscription_lives_as_documented() {
    documented::hold(Tenant::of_three(), &ROLES, "subscriptions/life.json");
}

#[test]
fn tokens_and_their_refusals_are_as_documented() {
    documented::hold(Tenant::of_three(), &ROLES, "sign-in/tokens.json");
}
