//! Metadata and manifest in the file of a component: custom sections behind it, which change nothing of what it does.

use wasm_encoder::{ComponentNameSection, ComponentSection as _, CustomSection};
use wasmparser::{ComponentName, CustomSectionReader, Encoding, KnownCustom, Parser, Payload};

use crate::manifest::{InvalidManifest, PermissionManifest};
use crate::metadata::Metadata;

/// The section with the manifest: JSON, as it lies beside the component.
const MANIFEST: &str = "contact-sync:permissions";

/// The component with metadata and manifest behind it. It begins with the component as it was, byte for byte.
#[must_use]
pub fn stamp(component: &[u8], metadata: &Metadata, manifest: &PermissionManifest) -> Vec<u8> {
    let mut stamped = component.to_vec();
    if let Some(name) = &metadata.name {
        let mut names = ComponentNameSection::new();
        names.component(name);
        names.append_to_component(&mut stamped);
    }
    for (section, _, value) in metadata.told() {
        custom(section, value.as_bytes()).append_to_component(&mut stamped);
    }
    custom(MANIFEST, &manifest.compact()).append_to_component(&mut stamped);
    stamped
}

fn custom<'s>(name: &'s str, data: &'s [u8]) -> CustomSection<'s> {
    CustomSection {
        name: name.into(),
        data: data.into(),
    }
}

/// What a file says of itself without being run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamped {
    /// About it.
    pub metadata: Metadata,
    /// What it asks for; nothing where it was never packaged.
    pub manifest: Option<PermissionManifest>,
    /// Bytes of the sections that say all this.
    pub bytes: usize,
}

/// Why a file does not say what it is.
#[derive(Debug, thiserror::Error)]
pub enum NotReadable {
    /// No component.
    #[error("this is not a WebAssembly component: {0}")]
    NotAComponent(String),
    /// A manifest that is none.
    #[error("its permission manifest cannot be read: {0}")]
    Manifest(#[from] InvalidManifest),
    /// Two manifests, of which two readers may take two.
    #[error("it has more than one permission manifest")]
    TwoManifests,
}

/// Reads what a component says of itself. Nothing of it is run, and nothing but the heads of its sections is looked
/// at beside these.
///
/// # Errors
///
/// See [`NotReadable`].
pub fn read(component: &[u8]) -> Result<Stamped, NotReadable> {
    let damaged =
        |error: wasmparser::BinaryReaderError| NotReadable::NotAComponent(error.to_string());
    let mut told = Stamped::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(damaged)? {
            Payload::Version { encoding, .. } if depth == 0 && encoding == Encoding::Module => {
                return Err(NotReadable::NotAComponent("it is a module".to_owned()));
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            // What is inside belongs to something that is linked into it.
            Payload::CustomSection(section) if depth == 0 => told.take(&section)?,
            _ => {}
        }
    }
    Ok(told)
}

impl Stamped {
    fn take(&mut self, section: &CustomSectionReader<'_>) -> Result<(), NotReadable> {
        if let KnownCustom::ComponentName(names) = section.as_known() {
            for name in names {
                if let Ok(ComponentName::Component { name, .. }) = name {
                    self.metadata.name = Some(name.to_owned());
                    self.bytes += section.data().len();
                }
            }
        } else if section.name() == MANIFEST {
            if self.manifest.is_some() {
                return Err(NotReadable::TwoManifests);
            }
            self.manifest = Some(PermissionManifest::read(section.data())?);
            self.bytes += section.data().len();
        } else if let Some(field) = self.metadata.field(section.name()) {
            *field = Some(String::from_utf8_lossy(section.data()).into_owned());
            self.bytes += section.data().len();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::tests::manifest;

    /// A component with nothing in it.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    fn metadata() -> Metadata {
        Metadata {
            name: Some("A connector".to_owned()),
            version: Some("0.1.0".to_owned()),
            licenses: Some("MIT".to_owned()),
            ..Metadata::default()
        }
    }

    #[test]
    fn what_is_stamped_on_a_component_is_read_without_running_it() {
        let stamped = stamp(EMPTY, &metadata(), &manifest());
        assert!(stamped.starts_with(EMPTY));
        let told = read(&stamped).unwrap();
        assert_eq!(told.metadata, metadata());
        assert_eq!(told.manifest, Some(manifest()));
        assert!(told.bytes > 500 && told.bytes < stamped.len());
        assert_eq!(read(EMPTY).unwrap(), Stamped::default());
    }

    #[test]
    fn what_a_part_says_is_not_said_by_the_whole() {
        let part = stamp(EMPTY, &metadata(), &manifest());
        let mut whole = wasm_encoder::Component::new();
        whole.section(&wasm_encoder::RawSection {
            id: wasm_encoder::ComponentSectionId::Component.into(),
            data: &part,
        });
        assert_eq!(read(&whole.finish()).unwrap(), Stamped::default());
    }

    #[test]
    fn a_file_with_two_manifests_or_a_damaged_one_is_refused() {
        let twice = stamp(
            &stamp(EMPTY, &metadata(), &manifest()),
            &metadata(),
            &manifest(),
        );
        assert!(matches!(read(&twice), Err(NotReadable::TwoManifests)));
        let mut damaged = EMPTY.to_vec();
        custom(MANIFEST, b"{}").append_to_component(&mut damaged);
        assert!(matches!(read(&damaged), Err(NotReadable::Manifest(_))));
        assert!(read(b"\0asm\x01\0\0\0").is_err());
        assert!(read(&twice[..twice.len() - 1]).is_err());
    }
}
