//! Bindings generated from the contract's interfaces that a guest of any kind imports; WASI comes from a
//! crate of its own.

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
        package contact-sync:guest-kit;

        world kit {
            import contact-sync:connector/secrets@0.2.0;
            import contact-sync:connector/signing@0.2.0;
            import contact-sync:connector/token-cache@0.2.0;
            import contact-sync:connector/run-control@0.2.0;
        }
    ",
    generate_all,
});
