//! Which components are let in: the interfaces that one may import, and the one it must export.

use super::error::RuntimeError;

/// The interface by which a connector is known, without its version.
const CONNECTOR: &str = "contact-sync:connector/connector";

/// The interface by which a connector is told of changes, which it need not have.
const NOTIFY: &str = "contact-sync:connector/notify";

/// The interface by which a connector lets people decide about conflicts, which it need not have.
const CONFLICTS: &str = "contact-sync:connector/conflicts";

/// The interface by which a destination in it tells what it is.
const TARGET: &str = "contact-sync:connector/target";

/// The versions of the contract that this host speaks. Versions of a line are compatible: 0.2.1 is as 0.2.0.
const KNOWN: &str = "0.2 and 0.1";

/// A line of compatible versions of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// As components were first built, see [`since_0_1`](super::since_0_1).
    V0_1,
    /// Today's.
    V0_2,
}

impl Line {
    fn of(version: &str) -> Option<Self> {
        [Self::V0_2, Self::V0_1]
            .into_iter()
            .find(|line| is_of_line(version, line.prefix()))
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::V0_1 => "0.1",
            Self::V0_2 => "0.2",
        }
    }
}

/// What a component may import, without versions.
///
/// Files and sockets stand here although there are none: a language's runtime imports them whether
/// its program uses them or not. They are empty and closed.
const GRANTED: &[&str] = &[
    "contact-sync:connector/consent",
    "contact-sync:connector/contact-store",
    "contact-sync:connector/ledger",
    "contact-sync:connector/notification-target",
    "contact-sync:connector/plan-sink",
    "contact-sync:connector/run-control",
    "contact-sync:connector/secrets",
    "contact-sync:connector/signing",
    "contact-sync:connector/state",
    "contact-sync:connector/target-settings",
    "contact-sync:connector/token-cache",
    "contact-sync:connector/types",
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
];

/// Judges a component by the names of its imports and exports, and says which contract it was built for.
pub(super) fn admit(imports: &[String], exports: &[String]) -> Result<Line, RuntimeError> {
    let line = line_of(exports)?;
    match imports.iter().find(|import| !is_granted(import, line)) {
        Some(import) => Err(RuntimeError::RefusedImport {
            import: import.clone(),
        }),
        None => Ok(line),
    }
}

/// What a component that was let in has beside what each has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extras {
    /// It can be told of changes.
    pub(super) is_notified: bool,
    /// It lets people decide about conflicts.
    pub(super) asks: bool,
    /// A destination is in it.
    pub(super) has_target: bool,
}

impl Extras {
    pub(super) fn of(exports: &[String]) -> Self {
        let has = |name| exports.iter().any(|export| split(export).0 == name);
        Self {
            is_notified: has(NOTIFY),
            asks: has(CONFLICTS),
            has_target: has_target(exports),
        }
    }
}

/// Whether a component that was let in has a destination in it.
pub(super) fn has_target(exports: &[String]) -> bool {
    exports.iter().any(|export| split(export).0 == TARGET)
}

fn line_of(exports: &[String]) -> Result<Line, RuntimeError> {
    let mut found = exports
        .iter()
        .map(|export| split(export))
        .filter(|(name, _)| *name == CONNECTOR);
    let Some((_, version)) = found.next() else {
        return Err(RuntimeError::NotAConnector {
            expected: CONNECTOR,
            found: match exports {
                [] => "none".to_owned(),
                exports => exports.join(", "),
            },
        });
    };
    Line::of(version).ok_or_else(|| RuntimeError::WrongVersion {
        known: KNOWN,
        found: version.to_owned(),
    })
}

fn is_granted(import: &str, line: Line) -> bool {
    let (name, version) = split(import);
    let line = if name.starts_with("wasi:") {
        "0.2"
    } else {
        line.prefix()
    };
    GRANTED.contains(&name) && is_of_line(version, line)
}

/// Name and version of `package:name/interface@version`.
fn split(interface: &str) -> (&str, &str) {
    interface.split_once('@').unwrap_or((interface, ""))
}

/// Whether `version` is `line` and a patch number: a release, not a draft.
fn is_of_line(version: &str, line: &str) -> bool {
    let patch = version
        .strip_prefix(line)
        .and_then(|rest| rest.strip_prefix('.'));
    patch.is_some_and(|patch| !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(imports: &[&str], exports: &[&str]) -> Result<Line, RuntimeError> {
        let owned = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        admit(&owned(imports), &owned(exports))
    }

    const EXPORT: &str = "contact-sync:connector/connector@0.2.0";

    #[test]
    fn a_connector_of_a_known_contract_is_let_in_whatever_its_patch_version() {
        for (version, line) in [
            ("0.2.0", Line::V0_2),
            ("0.2.12", Line::V0_2),
            ("0.1.0", Line::V0_1),
        ] {
            let export = format!("contact-sync:connector/connector@{version}");
            let import = format!("contact-sync:connector/state@{version}");
            let judged = judge(&["wasi:io/poll@0.2.2", &import], &[&export]);
            assert_eq!(judged.unwrap(), line);
        }
    }

    #[test]
    fn another_contract_version_is_refused_and_all_versions_are_named() {
        for version in ["0.3.0", "0.20.0", "1.0.0", "0.2.0-draft"] {
            let export = format!("contact-sync:connector/connector@{version}");
            let message = judge(&[], &[&export]).unwrap_err().to_string();
            assert!(message.contains("knows 0.2 and 0.1"), "{message}");
            assert!(message.contains(version), "{message}");
        }
    }

    #[test]
    fn a_component_without_the_connector_is_refused_with_what_it_exports() {
        let error = judge(&[], &["wasi:cli/run@0.2.6"]).unwrap_err();
        assert!(matches!(error, RuntimeError::NotAConnector { .. }));
        assert!(error.to_string().contains("wasi:cli/run@0.2.6"));
        let error = judge(&[], &[]).unwrap_err();
        assert!(
            error.to_string().ends_with("its exports are: none"),
            "{error}"
        );
    }

    #[test]
    fn an_import_that_is_not_granted_is_named() {
        for import in [
            "wasi:http/incoming-handler@0.2.0",
            "wasi:keyvalue/store@0.2.0-draft",
            "wasi:io/poll@0.3.0",
            "wasi:io/poll@0.2.0-rc-2023",
            "evil:corp/exfiltrate@0.1.0",
            "contact-sync:connector/state@0.1.0",
            "logger",
        ] {
            let error = judge(&["wasi:io/poll@0.2.6", import], &[EXPORT]).unwrap_err();
            assert!(error.to_string().contains(import), "{error}");
        }
    }
}
