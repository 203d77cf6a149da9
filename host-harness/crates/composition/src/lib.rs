//! Components plugged into each other, so that they are one file.
//!
//! A component that imports an interface (the **socket**) is given another one's export of it (the **plug**). What
//! comes out imports what is left, and exports what the socket exports, and beside it what plugs export that nobody
//! imports. Plugs are plugged into each other where one needs another, and nothing is passed over in silence: an export
//! that does not fit the import of its name is an error, where `wac plug` leaves the import as it is.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use composition::Part;
//!
//! let connector = Part::new("the connector", std::fs::read("entra_connector.wasm")?)?;
//! let destination = Part::new("the destination", std::fs::read("destination_messagemedia.wasm")?)?;
//! let whole = composition::plugged(&connector, &[destination])?;
//! std::fs::write("connector-with-destination.wasm", whole.bytes())?;
//! # Ok(())
//! # }
//! ```

use std::collections::BTreeSet;

use thiserror::Error;
use wac_graph::types::{Package, Types, are_semver_compatible};
use wac_graph::{CompositionGraph, EncodeOptions, InstantiationArgumentError, NodeId, PackageId};

/// A component, with what it imports and exports.
#[derive(Clone, Debug)]
pub struct Part {
    name: String,
    bytes: Vec<u8>,
    imports: BTreeSet<String>,
    exports: BTreeSet<String>,
}

/// Why there is no whole.
#[derive(Debug, Error)]
pub enum CompositionError {
    /// These bytes are none.
    #[error("{name} is not a component: {reason}")]
    NotAComponent {
        /// The part.
        name: String,
        /// As the decoder says it.
        reason: String,
    },
    /// Nobody imports what a part exports.
    #[error(
        "nothing of the other parts imports what {0} exports; leave it out, or name the part that needs it"
    )]
    Superfluous(String),
    /// An interface of one name is not the same on both sides.
    #[error(
        "{plug} exports {interface}, and not as {socket} imports it ({reason}); build both for one version of the \
         contract"
    )]
    DoesNotFit {
        /// The part that exports it.
        plug: String,
        /// The part that imports it.
        socket: String,
        /// Its name.
        interface: String,
        /// What is not the same.
        reason: String,
    },
    /// Two parts export what one imports.
    #[error("{one} and {other} both export {interface}; leave one of them out")]
    Twice {
        /// A part.
        one: String,
        /// Another one.
        other: String,
        /// What both export.
        interface: String,
    },
    /// The parts need each other in a circle.
    #[error("{0} needs a part that needs it")]
    Circle(String),
    /// The library could not do it.
    #[error("the parts cannot be put together: {0}")]
    Failed(String),
}

impl Part {
    /// A component of this name, by which errors tell it.
    ///
    /// # Errors
    ///
    /// Where the bytes are no component.
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> Result<Self, CompositionError> {
        let name = name.into();
        let mut types = Types::default();
        let package = Package::from_bytes(&package_name(0), None, bytes.clone(), &mut types)
            .map_err(|error| CompositionError::NotAComponent {
                name: name.clone(),
                reason: format!("{error:#}"),
            })?;
        let world = &types[package.ty()];
        Ok(Self {
            imports: world.imports.keys().cloned().collect(),
            exports: world.exports.keys().cloned().collect(),
            name,
            bytes,
        })
    }

    /// The component.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Names of the interfaces that it imports.
    #[must_use]
    pub fn imports(&self) -> &BTreeSet<String> {
        &self.imports
    }

    /// Names of the interfaces that it exports.
    #[must_use]
    pub fn exports(&self) -> &BTreeSet<String> {
        &self.exports
    }

    /// The import that an export of another part is for: of this very name, or of a compatible version.
    fn import_for(&self, export: &str) -> Option<&str> {
        let exactly = self.imports.get(export);
        let compatible = || {
            let mut imports = self.imports.iter();
            imports.find(|import| are_semver_compatible(export, import))
        };
        exactly.or_else(compatible).map(String::as_str)
    }

    fn needs(&self, plug: &Self) -> bool {
        let mut exports = plug.exports.iter();
        exports.any(|export| self.import_for(export).is_some())
    }
}

/// Names under which the library knows parts; nobody else sees them.
fn package_name(number: usize) -> String {
    format!("part:number{number}")
}

/// The socket with all plugs in it: each where somebody imports what it exports, the socket or another plug.
///
/// # Errors
///
/// Where a plug is of no use, or does not fit.
pub fn plugged(socket: &Part, plugs: &[Part]) -> Result<Part, CompositionError> {
    for (place, plug) in plugs.iter().enumerate() {
        if !plugs.iter().chain([socket]).any(|part| part.needs(plug)) {
            return Err(CompositionError::Superfluous(plug.name.clone()));
        }
        for other in plugs.iter().skip(place + 1) {
            if let Some(interface) = plug.exports.intersection(&other.exports).next() {
                return Err(CompositionError::Twice {
                    one: plug.name.clone(),
                    other: other.name.clone(),
                    interface: interface.clone(),
                });
            }
        }
    }
    whole(socket, plugs, &mut Vec::new())
}

/// A part with those of the plugs in it that it needs, each of which has got its own.
fn whole<'p>(
    part: &'p Part,
    plugs: &'p [Part],
    above: &mut Vec<&'p str>,
) -> Result<Part, CompositionError> {
    if above.contains(&part.name.as_str()) {
        return Err(CompositionError::Circle(part.name.clone()));
    }
    above.push(&part.name);
    let needed = plugs.iter().filter(|plug| part.needs(plug));
    let needed = needed
        .map(|plug| whole(plug, plugs, above))
        .collect::<Result<Vec<_>, _>>()?;
    above.pop();
    if needed.is_empty() {
        return Ok(part.clone());
    }
    put_together(part, &needed)
}

fn put_together(socket: &Part, plugs: &[Part]) -> Result<Part, CompositionError> {
    let mut graph = CompositionGraph::new();
    let package = registered(&mut graph, 0, socket)?;
    let whole = graph.instantiate(package);
    let mut exported: Vec<(&str, NodeId)> = Vec::new();
    for (number, plug) in (1..).zip(plugs) {
        let package = registered(&mut graph, number, plug)?;
        let instance = graph.instantiate(package);
        for export in &plug.exports {
            let given = graph
                .alias_instance_export(instance, export)
                .map_err(failed)?;
            match socket.import_for(export) {
                Some(import) => graph
                    .set_instantiation_argument(whole, import, given)
                    .map_err(|error| misfit(error, plug, socket, export))?,
                None => exported.push((export, given)),
            }
        }
    }
    exported.retain(|(export, _)| !socket.exports.contains(*export));
    for export in &socket.exports {
        let told = graph.alias_instance_export(whole, export).map_err(failed)?;
        exported.push((export, told));
    }
    for (export, node) in exported {
        graph.export(node, export).map_err(failed)?;
    }
    let bytes = graph.encode(EncodeOptions::default()).map_err(failed)?;
    Part::new(socket.name.clone(), bytes)
}

fn registered(
    graph: &mut CompositionGraph,
    number: usize,
    part: &Part,
) -> Result<PackageId, CompositionError> {
    let name = package_name(number);
    let package = Package::from_bytes(&name, None, part.bytes.clone(), graph.types_mut());
    let package = package.map_err(|error| CompositionError::NotAComponent {
        name: part.name.clone(),
        reason: format!("{error:#}"),
    })?;
    graph.register_package(package).map_err(failed)
}

fn misfit(
    error: InstantiationArgumentError,
    plug: &Part,
    socket: &Part,
    interface: &str,
) -> CompositionError {
    match error {
        InstantiationArgumentError::ArgumentTypeMismatch { source, .. } => {
            CompositionError::DoesNotFit {
                plug: plug.name.clone(),
                socket: socket.name.clone(),
                interface: interface.to_owned(),
                reason: format!("{source:#}"),
            }
        }
        other => failed(other),
    }
}

fn failed(error: impl std::fmt::Display) -> CompositionError {
    CompositionError::Failed(error.to_string())
}
