//! A component from a file, and what an operator asks of it before any of its code runs.
//!
//! The order is that of trust: the bytes are read to a bound, then the signature over them is checked, and only then
//! are they looked into: by the reader of their sections, by the engine, and last by running them.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use connector_contract::Description;
use connector_runtime::{Connector, Runtime};
use inspection::Inspection;
use packaging::{Beyond, PermissionManifest, SIGNATURE_SUFFIX, Stamped};
use signatures::{PublicKey, Signature};

use super::wrong_usage::WrongUsage;

/// The most bytes that a component may have; this one has a fortieth of it.
pub(super) const LARGEST_COMPONENT: u64 = 64 << 20;

/// The most bytes of what lies beside a component: a signature, a key, a manifest.
const LARGEST_COMPANION: u64 = 1 << 20;

/// What is asked of a component from a file.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct AdmissionArguments {
    /// Take the component only if the owner of this public key (PEM) signed it: the signature lies beside it, with
    /// .sig behind its name
    #[arg(long, value_name = "KEY")]
    require_signature: Option<PathBuf>,
    /// Take the component only if it asks for no more than this permission manifest, which is that of the version
    /// that was approved
    #[arg(long, value_name = "MANIFEST")]
    allow: Option<PathBuf>,
}

/// A component from a file that is what was asked of it, as far as that can be seen without running it.
pub(super) struct ComponentFile {
    path: PathBuf,
    pub(super) bytes: Vec<u8>,
    /// What it says of itself.
    pub(super) stamped: Stamped,
    /// The fingerprint of the key that signed it, where one was asked for.
    pub(super) signed_by: Option<String>,
}

impl AdmissionArguments {
    /// Whether anything is asked.
    pub(super) fn are_given(&self) -> bool {
        self.require_signature.is_some() || self.allow.is_some()
    }

    /// Whether an approved manifest says what may be asked for.
    pub(super) fn allows_by_manifest(&self) -> bool {
        self.allow.is_some()
    }

    /// The same of a component that is plugged into another one: whose signature it has.
    pub(super) fn of_parts(&self) -> Self {
        Self {
            allow: None,
            ..self.clone()
        }
    }

    /// The key that has to have signed.
    pub(super) fn key(&self) -> Result<Option<PublicKey>, WrongUsage> {
        self.require_signature
            .as_deref()
            .map(public_key)
            .transpose()
    }

    /// Reads a component, and refuses one that is not what is asked.
    pub(super) fn read(&self, path: &Path) -> anyhow::Result<ComponentFile> {
        // What is wrong with the operator's own files is told first.
        let (key, allowed) = (self.key()?, self.allowed()?);
        let bytes = read_bounded(path, LARGEST_COMPONENT)?;
        let signed_by = match key {
            Some(key) => {
                check_signature(path, &bytes, &key)?;
                Some(key.fingerprint())
            }
            None => None,
        };
        // Whatever is no component, the engine says better.
        let stamped = match packaging::read(&bytes) {
            Err(packaging::NotReadable::NotAComponent(_)) => Stamped::default(),
            read => read.map_err(|error| named(path, &error))?,
        };
        let file = ComponentFile {
            path: path.to_owned(),
            bytes,
            stamped,
            signed_by,
        };
        if let Some(allowed) = &allowed {
            file.check_allowed(allowed)?;
        }
        Ok(file)
    }

    fn allowed(&self) -> Result<Option<PermissionManifest>, WrongUsage> {
        let Some(path) = &self.allow else {
            return Ok(None);
        };
        let bytes = read_bounded(path, LARGEST_COMPANION)?;
        let manifest = PermissionManifest::read(&bytes);
        manifest.map(Some).map_err(|error| {
            WrongUsage(format!(
                "--allow {}: this is no permission manifest: {error}",
                path.display()
            ))
        })
    }
}

impl ComponentFile {
    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Compiles it, and refuses one that imports what its manifest does not say.
    pub(super) fn load(&self, runtime: &Runtime) -> anyhow::Result<Connector> {
        let connector = runtime
            .load(&self.bytes)
            .map_err(|error| anyhow::Error::from(error).context(self.path.display().to_string()))?;
        if let Some(manifest) = &self.stamped.manifest {
            self.refuse_untold(&manifest.untold_imports(connector.imports()))?;
        }
        Ok(connector)
    }

    /// Refuses one that says more of itself than its manifest does.
    pub(super) fn check_description(
        &self,
        connector: &Connector,
        description: &Description,
    ) -> anyhow::Result<()> {
        let Some(manifest) = &self.stamped.manifest else {
            return Ok(());
        };
        let inspection = Inspection::of(&[], connector.imports(), connector.exports());
        self.refuse_untold(&manifest.untold(&inspection, description))
    }

    fn check_allowed(&self, allowed: &PermissionManifest) -> anyhow::Result<()> {
        let Some(manifest) = &self.stamped.manifest else {
            anyhow::bail!(
                "{}: it does not say what it asks for, and only what is approved is allowed; give a file that \
                 `package` made",
                self.path.display()
            );
        };
        let beyond = manifest.beyond(allowed);
        anyhow::ensure!(
            beyond.is_empty(),
            "{}: it asks for more than is allowed: {}",
            self.path.display(),
            listed(&beyond)
        );
        Ok(())
    }

    fn refuse_untold(&self, untold: &[Beyond]) -> anyhow::Result<()> {
        anyhow::ensure!(
            untold.is_empty(),
            "{}: its permission manifest does not tell the truth: {}",
            self.path.display(),
            listed(untold)
        );
        Ok(())
    }
}

fn listed(beyond: &[Beyond]) -> String {
    let sentences: Vec<_> = beyond.iter().map(ToString::to_string).collect();
    sentences.join("; ")
}

fn named(path: &Path, error: &dyn std::fmt::Display) -> anyhow::Error {
    anyhow::anyhow!("{}: {error}", path.display())
}

/// A public key in a file.
pub(super) fn public_key(path: &Path) -> Result<PublicKey, WrongUsage> {
    let pem = read_bounded(path, LARGEST_COMPANION)?;
    PublicKey::read(&pem)
        .map_err(|error| WrongUsage(format!("--require-signature {}: {error}", path.display())))
}

/// Where the signature of a file is.
pub(super) fn signature_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SIGNATURE_SUFFIX);
    PathBuf::from(name)
}

fn check_signature(path: &Path, bytes: &[u8], key: &PublicKey) -> anyhow::Result<()> {
    let beside = signature_of(path);
    anyhow::ensure!(
        beside.exists(),
        "{} is not signed: there is no {}, and --require-signature asks for it",
        path.display(),
        beside.display()
    );
    let text = read_bounded(&beside, LARGEST_COMPANION)?;
    let signature = String::from_utf8_lossy(&text).parse::<Signature>();
    let signature = signature.map_err(|error| named(&beside, &error))?;
    key.verify(bytes, &signature).map_err(|error| {
        anyhow::anyhow!(
            "{}: {error}; the key is {}",
            path.display(),
            key.fingerprint()
        )
    })
}

/// Reads a file to a bound.
pub(super) fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, WrongUsage> {
    let refused = |why: String| WrongUsage(format!("{} cannot be read: {why}", path.display()));
    let failed = |error: io::Error| refused(error.to_string());
    // A pipe would be waited for, and a device has no end.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(refused("it is no file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(refused(format!("it has more than {} MiB", most >> 20)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_or_is_too_large_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, [0; 1025]).unwrap();
        assert_eq!(read_bounded(&file, 1025).unwrap().len(), 1025);
        let error = read_bounded(&file, 1024).unwrap_err();
        assert!(error.to_string().contains("it has more than"), "{error}");
        let error = read_bounded(folder.path(), 1).unwrap_err();
        assert!(error.to_string().ends_with("it is no file"), "{error}");
    }

    #[test]
    fn a_signature_lies_beside_its_file() {
        let path = Path::new("folder/connector.wasm");
        assert_eq!(signature_of(path), Path::new("folder/connector.wasm.sig"));
    }
}
