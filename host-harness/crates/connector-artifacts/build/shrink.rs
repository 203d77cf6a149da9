//! A linked component in fewer bytes, which does the same.
//!
//! `strip` is for the module inside: the names of the component around it stay, 15 kB that only a
//! disassembler reads. And the linker leaves functions that are the same byte for byte.

#[path = "functions.rs"]
mod functions;

use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode, ReencodeComponent, component_utils};
use wasm_encoder::{Component, ModuleSection};
use wasmparser::{CustomSectionReader, KnownCustom, Parser};

/// The bytes are no component.
pub(crate) type Error = reencode::Error<Infallible>;

/// The component without the names of its parts, and with every function once in each of its modules.
pub(crate) fn shrunk(component: &[u8]) -> Result<Vec<u8>, Error> {
    let mut written = Component::new();
    Shrink.parse_component(&mut written, Parser::new(0), component)?;
    Ok(written.finish())
}

struct Shrink;

impl Reencode for Shrink {
    type Error = Infallible;
}

impl ReencodeComponent for Shrink {
    fn parse_component_custom_section(
        &mut self,
        component: &mut Component,
        section: CustomSectionReader<'_>,
    ) -> Result<(), Error> {
        match section.as_known() {
            KnownCustom::ComponentName(_) => Ok(()),
            _ => component_utils::parse_component_custom_section(self, component, section),
        }
    }

    fn parse_component_submodule(
        &mut self,
        component: &mut Component,
        _: Parser,
        module: &[u8],
    ) -> Result<(), Error> {
        let module = functions::folded(module)?;
        component.section(&ModuleSection(&module));
        Ok(())
    }
}
