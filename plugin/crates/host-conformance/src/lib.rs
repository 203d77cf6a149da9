//! A component that a host loads in the connector's place, to find out whether the host is right.
//!
//! It exports what a connector exports, so that a host runs it with the code that runs the connector:
//! `configure`, `plan`, `sync` with that plan's approval, `report`. Inside, it does to the host's imports what a
//! connector does, and what only a wrong host would get wrong, and reports each promise of `wit/` by name.
//!
//! * `host-promises` is the list, and the report: a crate of its own, for whoever runs this component, too.
//! * [`document`] is what a host tells the component by way of the configuration document.
//! * The other modules try. Each check makes contacts of its own, so that none depends on another one, and a
//!   check that ends its call costs no other one its turn: the next call goes on behind it.
//!
//! What it makes, it takes away again: contacts, links, notes, rounds, state. The journal, names of lists and the
//! plan stay with the host, because the contract has no way to delete them. So it wants a workspace of its own,
//! and refuses one in which a connector has been at work.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod bench;
mod bindings;
mod component;
mod control;
pub mod document;
mod limits;
mod network;
mod outputs;
mod plans;
mod run;
mod sandbox;
mod secrets;
mod signing;
mod state;
mod store;
mod tidy;
mod tokens;
