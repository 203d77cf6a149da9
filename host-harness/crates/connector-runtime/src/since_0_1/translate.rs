//! Types of contract 0.1 as those of today, and back. A record whose fields stayed is named with them, so that
//! the compiler sees what is left out.

use connector_contract as new;

/// The names of contract 0.1, as today's crate has its own.
pub(super) mod old {
    use super::super::bindings::contact_sync::connector as imports;
    use super::super::bindings::exports::contact_sync::connector as exports;

    pub(in super::super) use exports::connector::{
        Approval, ApprovedOutcome, Attribute, Block, Check, CheckStatus, ConfigurationReport,
        Counts, DataQuality, Description, EffectCount, Endpoint, Ledger, LedgerEntry, MappingRow,
        Overview, Permission, PlanSummary, ReasonCount, ReportRequest, ReportStatus, Run, RunError,
        RunMode, RunStatus, RunWarning, Sample, Slice, SliceEnd, SyncRequest, SyncResult,
    };
    pub(in super::super) use exports::trust::{
        Explanation, FieldStory, LinkStory, Origin, UndoRequest,
    };
    pub(in super::super) use imports::contact_store::{
        Applied, Commit, Conflict, Contingency, Description as StoreDescription, FieldDescription,
        FieldKind, FieldRole, JournalEntry, Missing, Note, Noted, Outcome, Query, Refusal,
        RoundInfo, Sightings, StateWrite, Statistics, StoreError,
    };
    pub(in super::super) use imports::plan_sink::{Claim, Entry as PlanEntry, Tally};
    pub(in super::super) use imports::run_control::{Directive, Level, Phase, Progress};
    pub(in super::super) use imports::secrets::SecretError;
    pub(in super::super) use imports::state::Entry as StateEntry;
    pub(in super::super) use imports::types::{
        Change, Contact, ContactList, Create, Effect, Error, Evidence, Failure, Field, FieldChange,
        FieldWrite, Link, LinkContact, Membership, Precondition, Problem, Removal, RemovalKind,
        Reversal, Throttled, Update, Who,
    };
}

/// A value of one version as the same of the other.
pub(in super::super) trait Translate<T> {
    fn translate(self) -> T;
}

macro_rules! same {
    ($($kind:ty),*) => { $(
        impl Translate<$kind> for $kind {
            fn translate(self) -> $kind {
                self
            }
        }
    )* };
}

same!((), bool, u8, u16, u32, u64, String);

impl<A: Translate<B>, B> Translate<Option<B>> for Option<A> {
    fn translate(self) -> Option<B> {
        self.map(Translate::translate)
    }
}

impl<A: Translate<B>, B> Translate<Vec<B>> for Vec<A> {
    fn translate(self) -> Vec<B> {
        self.into_iter().map(Translate::translate).collect()
    }
}

impl<A: Translate<C>, B: Translate<D>, C, D> Translate<Result<C, D>> for Result<A, B> {
    fn translate(self) -> Result<C, D> {
        self.map(Translate::translate).map_err(Translate::translate)
    }
}

/// A record with the same fields in both versions.
macro_rules! record {
    ($from:ident => $to:ident, $name:ident { $($field:ident),* $(,)? }) => {
        impl Translate<$to::$name> for $from::$name {
            fn translate(self) -> $to::$name {
                $to::$name { $($field: self.$field.translate()),* }
            }
        }
    };
    (both $name:ident { $($field:ident),* $(,)? }) => {
        record!(old => new, $name { $($field),* });
        record!(new => old, $name { $($field),* });
    };
}

/// A variant, or an enumeration, with the same cases in both versions.
macro_rules! variant {
    ($from:ident => $to:ident, $name:ident { $($plain:ident),* ; $($case:ident),* }) => {
        impl Translate<$to::$name> for $from::$name {
            fn translate(self) -> $to::$name {
                match self {
                    $(Self::$plain => $to::$name::$plain,)*
                    $(Self::$case(inner) => $to::$name::$case(inner.translate()),)*
                }
            }
        }
    };
    (both $name:ident { $($plain:ident),* ; $($case:ident),* }) => {
        variant!(old => new, $name { $($plain),* ; $($case),* });
        variant!(new => old, $name { $($plain),* ; $($case),* });
    };
}

// What both sides give and take.
record!(both Field { name, value });
record!(both FieldChange { field, before, after });
variant!(old => new, Effect { Create, Update, Link, Reactivate, Unlink, Deactivate, Delete, Unchanged, Skip ; });
impl Translate<old::Effect> for new::Effect {
    fn translate(self) -> old::Effect {
        match self {
            Self::Create => old::Effect::Create,
            Self::Update => old::Effect::Update,
            Self::Link => old::Effect::Link,
            Self::Reactivate => old::Effect::Reactivate,
            Self::Unlink => old::Effect::Unlink,
            Self::Deactivate => old::Effect::Deactivate,
            Self::Delete => old::Effect::Delete,
            Self::Unchanged => old::Effect::Unchanged,
            // A component of then invites nobody: to it the entry is of somebody who leads to no change.
            Self::Invite | Self::Skip => old::Effect::Skip,
        }
    }
}
variant!(both Evidence {
    DeletedSoft, DeletedPermanently, FoundInDeletedItems, NotFoundAnywhere, AccountDisabled ;
    LeftScope, Undone, Other
});
variant!(both RunMode { Incremental, Full ; });
variant!(both Who { ; User, Contact, Address });
record!(both Noted { object_id, contact, reason, run, since_ms });

// What a component asks of its host.
record!(old => new, FieldWrite { name, value });
record!(old => new, ContactList { name, description });
record!(old => new, Membership { join, leave });
record!(old => new, Precondition { contact, version });
record!(old => new, Create { object_id, fields, base, active, lists, reason });
record!(old => new, LinkContact { contact, object_id, writes, base, membership, active, reason });
variant!(old => new, RemovalKind { Unlink, Deactivate, Delete ; });
record!(old => new, Removal { contact, object_id, kind, evidence, reason });
variant!(old => new, Change { ; Create, Update, Link, Remove, Revert });
record!(old => new, Query { source, object_ids, match_keys, contacts, fields });
record!(old => new, StateWrite { key, value });
record!(old => new, Contingency { changes, key_prefix, value });
record!(old => new, Note { object_id, address, contact, reason });
variant!(old => new, Level { Debug, Info, Warn, Error ; });
variant!(old => new, Phase { Connecting, Reading, Verifying, Removing, Finishing ; });

impl Translate<new::Progress> for old::Progress {
    fn translate(self) -> new::Progress {
        new::Progress {
            phase: self.phase.translate(),
            done: self.done,
            total: self.total,
            remaining_ms: None,
        }
    }
}

impl Translate<new::Sightings> for old::Sightings {
    fn translate(self) -> new::Sightings {
        new::Sightings {
            round: self.round,
            object_ids: self.object_ids,
            links: Vec::new(),
        }
    }
}

/// Contract 0.1 knows no marks: what its commits write takes those away that contacts have.
impl Translate<new::Commit> for old::Commit {
    fn translate(self) -> new::Commit {
        new::Commit {
            source: self.source,
            run: self.run,
            changes: self.changes.translate(),
            otherwise: self.otherwise.translate(),
            notes: self.notes.translate(),
            settled: self.settled,
            sightings: self.sightings.translate(),
            marks: Vec::new(),
            state: self.state.translate(),
        }
    }
}

/// A component of then only reads its directory, and its entries of the journal say nothing of what that was given.
impl Translate<new::Update> for old::Update {
    fn translate(self) -> new::Update {
        new::Update {
            contact: self.contact.translate(),
            object_id: self.object_id,
            writes: self.writes.translate(),
            base: self.base.translate(),
            membership: self.membership.translate(),
            active: self.active,
            directory: Vec::new(),
            reason: self.reason,
        }
    }
}

impl Translate<new::Reversal> for old::Reversal {
    fn translate(self) -> new::Reversal {
        new::Reversal {
            contact: self.contact.translate(),
            object_id: self.object_id,
            entries: self
                .entries
                .into_iter()
                .map(|number| new::JournalNumber { number })
                .collect(),
            writes: self.writes.translate(),
            directory: Vec::new(),
            evidence: self.evidence.translate(),
            reason: self.reason,
        }
    }
}

impl Translate<new::PlanEntry> for old::PlanEntry {
    fn translate(self) -> new::PlanEntry {
        new::PlanEntry {
            contact: self.contact,
            version: self.version,
            // A component of then only reads its directory.
            directory: Vec::new(),
            what: new::EffectOnContact {
                object_id: self.object_id,
                effect: self.effect.translate(),
                reason: self.reason,
                evidence: self.evidence.translate(),
                fields: self.fields.translate(),
                joins: self.joins,
                leaves: self.leaves,
            },
        }
    }
}

// What a host answers.
variant!(new => old, FieldKind { Text, Email, Phone, Boolean, Date ; Other });
variant!(new => old, FieldRole { Email, GivenName, FamilyName, DisplayName, Phone, Company, Group ; Other });
record!(new => old, FieldDescription { name, label, kind, mandatory, max_length, role });
record!(new => old, StoreDescription { fields, custom_fields, atomic, max_batch, journal });
variant!(new => old, StoreError { AccessDenied ; Unavailable, BatchTooLarge, Damaged, LeaseLost, Other });
record!(new => old, Link { object_id, base });
record!(new => old, Contact { id, version, active, fields, link, former, lists });
record!(new => old, Applied { contact, version });
variant!(new => old, Conflict { Version, Gone, Linked ; });
record!(new => old, Refusal { field, code });
variant!(new => old, Outcome { ; Applied, Conflict, Refused, Other });
record!(new => old, RoundInfo { known_links });
record!(new => old, Missing { field, contacts });
record!(new => old, Statistics { active, linked, missing, incomplete });
record!(new => old, StateEntry { key, value });
record!(new => old, Claim { contact, object_id });
record!(new => old, Tally { effect, reason, entries });
variant!(new => old, SecretError { NotFound, AccessDenied ; Unavailable, Other });
variant!(new => old, Directive { GoOn, Stop ; });

impl Translate<old::JournalEntry> for new::JournalEntry {
    fn translate(self) -> old::JournalEntry {
        let what = self.what;
        old::JournalEntry {
            number: self.number.number,
            run: self.run,
            at_ms: self.at_ms,
            object_id: what.object_id,
            contact: self.contact,
            effect: what.effect.translate(),
            reason: what.reason,
            evidence: what.evidence.translate(),
            fields: what.fields.translate(),
            joins: what.joins,
            leaves: what.leaves,
            version: self.version,
        }
    }
}

impl Translate<old::PlanEntry> for new::PlanEntry {
    fn translate(self) -> old::PlanEntry {
        let what = self.what;
        old::PlanEntry {
            object_id: what.object_id,
            contact: self.contact,
            effect: what.effect.translate(),
            reason: what.reason,
            fields: what.fields.translate(),
            joins: what.joins,
            leaves: what.leaves,
            evidence: what.evidence.translate(),
            version: self.version,
        }
    }
}

// What a host asks of a component.
record!(new => old, Slice { max_pages, max_ms });
record!(new => old, SyncRequest { mode, trigger, slice, approval });
record!(new => old, ReportRequest { running });
record!(new => old, UndoRequest { run, approved, trigger, slice });

impl Translate<old::Approval> for new::Approval {
    fn translate(self) -> old::Approval {
        match self {
            Self::Plan(digest) => old::Approval::Plan(digest),
            Self::Block(digest) => old::Approval::Taking(digest),
        }
    }
}

// What a component answers.
record!(old => new, Problem { pointer, message });
record!(old => new, Failure { code, message, advice, status, request_id });
record!(old => new, Throttled { failure, retry_after_ms });
variant!(old => new, Error {
    Stopped ;
    InvalidConfiguration, Unauthorized, Forbidden, Throttled, Upstream, Network, Store, Secret, Internal, Other
});
record!(old => new, Attribute { name, label, kind, refused });
record!(old => new, Permission { name, why, optional });
record!(old => new, Endpoint { cloud, host, why });
variant!(old => new, CheckStatus { Passed, Warning, Failed, NotTried ; });
record!(old => new, Check { name, status, message, advice, code });
record!(old => new, MappingRow { attribute, field, label, mandatory });
record!(old => new, Sample { attribute, value });
record!(old => new, EffectCount { effect, count });
record!(old => new, ReasonCount { reason, count });
record!(old => new, RunWarning { field, message, count });
record!(old => new, RunError { code, message, count });
record!(old => new, Block { breaker, message, cause, digest });
variant!(old => new, RunStatus { Running, Succeeded, Warnings, Failed, Blocked, Stopped, Incomplete ; });
record!(old => new, Counts { processed, created, updated, unchanged, skipped, removed, failed });
record!(old => new, ApprovedOutcome { digest, changes, performed });
variant!(old => new, SliceEnd { Finished ; More });
record!(old => new, SyncResult { end, run });
variant!(old => new, ReportStatus { NeverRun, Syncing, Succeeded, Warnings, Failed, Blocked, Incomplete ; });
record!(old => new, LedgerEntry { object_id, code, field, tries, given_up, first_ms, last_ms });
record!(old => new, Ledger { waiting, given_up, entries });
record!(old => new, DataQuality { attribute, label, missing });
variant!(old => new, Origin { Directory, Local, Host, Nobody ; });
record!(old => new, LinkStory { at_ms, run, reason });
record!(old => new, Explanation {
    object_id, contact, active, lists, link, fields, note, ledger, journal, summary
});

/// Contract 0.1 has no word for what an administrator has to see to.
impl Translate<new::Overview> for old::Overview {
    fn translate(self) -> new::Overview {
        new::Overview {
            status: self.status.translate(),
            explanation: self.explanation,
            last_success_ms: self.last_success_ms,
            active_records: self.active_records,
            mapped_attributes: self.mapped_attributes,
            schedule: self.schedule,
            data_insights: self.data_insights,
            history: self.history.translate(),
            data_quality: self.data_quality.translate(),
            mappings: self.mappings.translate(),
            ledger: self.ledger.translate(),
            warnings: Vec::new(),
        }
    }
}

/// A component of then knows of the directory what it wrote last.
impl Translate<new::FieldStory> for old::FieldStory {
    fn translate(self) -> new::FieldStory {
        new::FieldStory {
            field: self.field,
            label: self.label,
            attribute: self.attribute,
            value: self.value,
            directory: self.base.clone(),
            base: self.base,
            origin: self.origin.translate(),
            kept_by: self.kept_by,
            run: self.run,
        }
    }
}

/// A component of then gives the directory nothing, and does not tell which run an undo takes back.
impl Translate<new::Run> for old::Run {
    fn translate(self) -> new::Run {
        new::Run {
            id: self.id,
            mode: self.mode.translate(),
            trigger: self.trigger,
            status: self.status.translate(),
            started_at_ms: self.started_at_ms,
            finished_at_ms: self.finished_at_ms,
            counts: self.counts.translate(),
            skips: self.skips.translate(),
            requests: self.requests,
            throttled_ms: self.throttled_ms,
            warnings: self.warnings.translate(),
            errors: self.errors.translate(),
            block: self.block.translate(),
            approved: self.approved.translate(),
            given: 0,
            undoes: None,
        }
    }
}

impl Translate<new::PlanSummary> for old::PlanSummary {
    fn translate(self) -> new::PlanSummary {
        new::PlanSummary {
            digest: self.digest,
            mode: self.mode.translate(),
            counts: self.counts.translate(),
            skips: self.skips.translate(),
            warnings: self.warnings.translate(),
            requests: self.requests,
            blocks: self.blocks.translate(),
            given: 0,
        }
    }
}

impl Translate<new::JournalEntry> for old::JournalEntry {
    fn translate(self) -> new::JournalEntry {
        new::JournalEntry {
            number: new::JournalNumber {
                number: self.number,
            },
            run: self.run,
            at_ms: self.at_ms,
            contact: self.contact,
            version: self.version,
            what: new::EffectOnContact {
                object_id: self.object_id,
                effect: self.effect.translate(),
                reason: self.reason,
                evidence: self.evidence.translate(),
                fields: self.fields.translate(),
                joins: self.joins,
                leaves: self.leaves,
            },
            directory: Vec::new(),
        }
    }
}

impl Translate<new::Description> for old::Description {
    fn translate(self) -> new::Description {
        new::Description {
            name: self.name,
            version: self.version,
            configuration_schema: self.configuration_schema,
            attributes: self.attributes.translate(),
            permissions: self.permissions.translate(),
            endpoints: self.endpoints.translate(),
            codes: Vec::new(),
        }
    }
}

impl Translate<new::ConfigurationReport> for old::ConfigurationReport {
    fn translate(self) -> new::ConfigurationReport {
        new::ConfigurationReport {
            ready: self.ready,
            tenant_name: self.tenant_name,
            tenant_id: self.tenant_id,
            checks: self.checks.translate(),
            mappings: self.mappings.translate(),
            fingerprint: self.fingerprint,
            schedule: self.schedule,
            warnings: self.warnings,
            in_force: self.in_force,
            samples: self.samples.translate(),
            hosts: Vec::new(),
        }
    }
}
