//! Components plugged into each other, so that they are one file.
//!
//! A component that imports an interface (the **socket**) is given another one's export of it (the **plug**). What
//! comes out imports what is left, and exports what the socket exports, and beside it what plugs export that nobody
//! imports. Plugs are plugged into each other where one needs another; each is there once, and all who import what it
//! exports share it. Nothing is passed over in silence: an export that does not fit the import of its name is an error,
//! where `wac plug` leaves the import as it is.
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
use wac_graph::types::{ItemKind, Package, Types, are_semver_compatible};
use wac_graph::{CompositionGraph, EncodeOptions, InstantiationArgumentError, NodeId, PackageId};

/// A component, with what it imports and exports.
#[derive(Clone, Debug)]
pub struct Part {
    name: String,
    bytes: Vec<u8>,
    imports: BTreeSet<String>,
    exports: BTreeSet<String>,
    /// Those of the exports that have types and nothing else.
    vocabulary: BTreeSet<String>,
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
            vocabulary: world
                .exports
                .iter()
                .filter(|(_, export)| has_types_alone(&types, **export))
                .map(|(name, _)| name.clone())
                .collect(),
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

/// Whether an interface has types and no function.
fn has_types_alone(types: &Types, item: ItemKind) -> bool {
    let ItemKind::Instance(interface) = item else {
        return false;
    };
    let mut items = types[interface].exports.values();
    items.all(|item| matches!(item, ItemKind::Type(_)))
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
    let parts: Vec<&Part> = [socket].into_iter().chain(plugs).collect();
    for part in &parts {
        no_circle(part, &parts, &mut Vec::new())?;
    }
    put_together(&parts)
}

/// Whether a part needs itself in the end.
fn no_circle<'p>(
    part: &'p Part,
    parts: &[&'p Part],
    above: &mut Vec<&'p Part>,
) -> Result<(), CompositionError> {
    if above.iter().any(|other| std::ptr::eq(*other, part)) {
        return Err(CompositionError::Circle(part.name.clone()));
    }
    above.push(part);
    for plug in parts.iter().filter(|plug| part.needs(plug)) {
        no_circle(plug, parts, above)?;
    }
    above.pop();
    Ok(())
}

/// One instance of each part, the socket first: whoever imports what a part exports is given that of this one instance.
fn put_together(parts: &[&Part]) -> Result<Part, CompositionError> {
    let mut graph = CompositionGraph::new();
    let mut instances: Vec<(&Part, NodeId)> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let package = registered(&mut graph, number, part)?;
        instances.push((part, graph.instantiate(package)));
    }
    let mut exported: Vec<(&str, NodeId)> = Vec::new();
    for (place, (plug, instance)) in instances.iter().enumerate() {
        for export in &plug.exports {
            let given = graph
                .alias_instance_export(*instance, export)
                .map_err(failed)?;
            let mut is_given = false;
            for (part, whole) in &instances {
                if let Some(import) = part.import_for(export) {
                    graph
                        .set_instantiation_argument(*whole, import, given)
                        .map_err(|error| misfit(error, plug, part, export))?;
                    is_given = true;
                }
            }
            // What the socket exports is exported in any case, and of the others what nobody imports.
            let is_socket = place == 0;
            let is_told = exported.iter().any(|(told, _)| told == export);
            if plug.vocabulary.contains(export) && is_given {
                // What is exported below is made of these types: it must be possible to name them.
                exported.insert(0, (export, given));
            } else if is_socket || !(is_given || is_told) {
                exported.push((export, given));
            }
        }
    }
    for (export, node) in exported {
        graph.export(node, export).map_err(failed)?;
    }
    let bytes = graph.encode(EncodeOptions::default()).map_err(failed)?;
    let name = parts.first().map_or("", |socket| &socket.name);
    Part::new(name, bytes)
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

fn failed(error: impl std::error::Error) -> CompositionError {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    CompositionError::Failed(text)
}
