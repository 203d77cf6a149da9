//! The contract's types as a destination exports them, generated from `wit/`, where each is documented.
//!
//! They are plain values and the same natively and in a component: what the kit works with is what a component
//! gives away, and nothing is converted in between.

#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    reason = "generated from wit/, where every item is documented"
)]
#![allow(clippy::allow_attributes_without_reason, reason = "generated code")]

wit_bindgen::generate!({
    path: "../../../wit",
    inline: "
        package contact-sync:destination-kit;

        world store {
            export contact-sync:connector/contact-store@0.2.0;
            export contact-sync:connector/state@0.2.0;
            export contact-sync:connector/target@0.2.0;
        }
    ",
    generate_all,
    pub_export_macro: true,
    default_bindings_module: "destination_kit::contract",
    additional_derives: [PartialEq, Eq],
});

pub use contact_sync::connector::types::{
    AttributeChange, Change, CodeDescription, CodeKind, Contact, ContactList, Create, Effect,
    EffectOnContact, Evidence, Failure as ServiceFailure, Field, FieldChange, FieldWrite,
    GivenValue, JournalEntry, JournalNumber, Link, LinkContact, Membership, Noted, Precondition,
    Problem, Removal, RemovalKind, Reversal, StoreError, Update, Who,
};
pub use exports::contact_sync::connector::contact_store::{
    Applied, Commit, Conflict, Contingency, Description, Edits, EditsSince, Expected,
    FieldDescription, FieldKind, FieldRole, Limits, LinkNumber, Mark, Marked, Marking, Missing,
    Note, Outcome, Query, Refusal, RoundInfo, SameContact, Sightings, StateWrite, Statistics,
};
pub use exports::contact_sync::connector::state::{Entry, Found};
pub use exports::contact_sync::connector::target::{
    Caveat, Description as TargetDescription, Server as NeededServer,
};
