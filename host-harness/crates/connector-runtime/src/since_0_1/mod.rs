//! Contract 0.1, for components that were built for it.
//!
//! The platform's traits speak the newest contract alone. Here are the bindings of the older one, the
//! translation of each of its types, and its imports, each of which hands on to the import of today. What
//! 0.2 added, an older component neither asks for nor tells: its codes come without a description, and its
//! document without the hosts that it needs.

pub(super) mod bindings {
    wasmtime::component::bindgen!({
        path: "wit-0.1",
        world: "guest",
        imports: { default: async | trappable },
        exports: { default: async },
        with: {
            "contact-sync:connector/secrets.secret": connector_contract::imports::SecretHandle,
        },
    });
}
mod imports;
pub(super) mod translate;

pub(super) use imports::add_to_linker;
