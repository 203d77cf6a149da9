//! The contract's types as this component exports them, generated from `wit/`, where each is documented. Plain values,
//! the same natively, so that plans are tested without a component.

#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    dead_code,
    reason = "generated from wit/, where every item is documented; natively, nothing is exported"
)]
#![allow(clippy::allow_attributes_without_reason, reason = "generated code")]

wit_bindgen::generate!({
    path: "../../../wit",
    inline: "
        package contact-sync:plain-host;

        world plain-host {
            import contact-sync:connector/ledger@0.2.0;
            export contact-sync:connector/secrets@0.2.0;
            export contact-sync:connector/signing@0.2.0;
            export contact-sync:connector/token-cache@0.2.0;
            export contact-sync:connector/run-control@0.2.0;
            export contact-sync:connector/plan-sink@0.2.0;
            export contact-sync:connector/consent@0.2.0;
            export contact-sync:connector/notification-target@0.2.0;
            export contact-sync:connector/target-settings@0.2.0;
        }
    ",
    generate_all,
    additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
});
