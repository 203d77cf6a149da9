//! The keys of `sync` that say what becomes of contacts.

use sync_core::settings::{Agents, Conflict, Disabled, Existing, OrgContacts, Policies, Removing};

use super::located::Object;
use super::problem::Findings;

pub(super) const EXISTING: &[(&str, Existing)] =
    &[("skip", Existing::Skip), ("link", Existing::Link)];

pub(super) const CONFLICT: &[(&str, Conflict)] = &[
    ("source-wins", Conflict::SourceWins),
    ("keep-local", Conflict::KeepLocal),
    ("merge", Conflict::Merge),
];

pub(super) const REMOVING: &[(&str, Removing)] = &[
    ("keep", Removing::Keep),
    ("unlink", Removing::Unlink),
    ("deactivate", Removing::Deactivate),
    ("delete", Removing::Delete),
];

pub(super) const DISABLED: &[(&str, Disabled)] = &[
    ("ignore", Disabled::Ignore),
    ("not-created", Disabled::NotCreated),
    ("deactivate", Disabled::Deactivate),
    ("leaves-scope", Disabled::LeavesScope),
];

pub(super) const AGENTS: &[(&str, Agents)] =
    &[("skip", Agents::Skip), ("include", Agents::Include)];

pub(super) const ORG_CONTACTS: &[(&str, OrgContacts)] = &[
    ("skip", OrgContacts::Skip),
    ("include", OrgContacts::Include),
];

/// The preset's policies with what the document says instead.
pub(super) fn read(sync: &Object<'_>, preset: Policies, findings: &mut Findings) -> Policies {
    let mut choice = Chooser { sync, findings };
    let policies = Policies {
        existing: choice.of("existing", EXISTING, preset.existing),
        update: preset.update,
        conflict: choice.of("conflict", CONFLICT, preset.conflict),
        removed: choice.of("removed", REMOVING, preset.removed),
        left_scope: choice.of("leftScope", REMOVING, preset.left_scope),
        disabled: choice.of("disabled", DISABLED, preset.disabled),
        agents: choice.of("agents", AGENTS, preset.agents),
    };
    let update = sync
        .get("update")
        .and_then(|place| place.boolean(findings))
        .unwrap_or(policies.update);
    let policies = Policies { update, ..policies };
    if sync.get("conflict").is_some() && !policies.update && policies.existing == Existing::Skip {
        findings.warn(
            "`sync.conflict` has no effect: contacts that exist are neither linked nor updated.",
        );
    }
    policies
}

struct Chooser<'a, 'd> {
    sync: &'a Object<'d>,
    findings: &'a mut Findings,
}

impl Chooser<'_, '_> {
    fn of<T: Copy>(&mut self, key: &str, choices: &[(&'static str, T)], preset: T) -> T {
        self.sync
            .get(key)
            .and_then(|place| place.choice(choices, self.findings))
            .unwrap_or(preset)
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    /// The fingerprint is made of the names that serde gives.
    fn agree<T: Serialize>(choices: &[(&str, T)]) {
        for (word, value) in choices {
            assert_eq!(serde_json::json!(value), *word);
        }
    }

    #[test]
    fn a_policy_reads_and_prints_under_one_name() {
        agree(EXISTING);
        agree(CONFLICT);
        agree(REMOVING);
        agree(DISABLED);
        agree(AGENTS);
        agree(ORG_CONTACTS);
    }
}
