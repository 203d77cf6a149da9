//! What the contract promises of a host, by name.
//!
//! A name stays what it is: hosts name them to waive one, and keep reports. What a check does is in the module
//! that tries it; here is what it is about.

/// When a promise is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// In each call: it writes nothing.
    Always,
    /// In `plan`.
    Plan,
    /// In `sync`.
    Sync,
    /// In a `sync` of its own, because it needs somebody outside of the component: the document's `scenario`.
    Scenario,
}

/// Something that a host promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// Stable, in kebab case.
    pub name: &'static str,
    /// The item of `wit/` that promises it.
    pub item: &'static str,
    /// What is promised, in a sentence.
    pub text: &'static str,
    /// When it is tried.
    pub when: When,
}

/// The promise of a name.
pub fn by_name(name: &str) -> Option<&'static Promise> {
    ALL.iter().find(|promise| promise.name == name)
}

const fn promise(
    when: When,
    name: &'static str,
    item: &'static str,
    text: &'static str,
) -> Promise {
    Promise {
        name,
        item,
        text,
        when,
    }
}

use When::{Always, Plan, Scenario, Sync};

/// Every promise that is tried.
#[rustfmt::skip]
pub const ALL: &[Promise] = &[
    promise(Always, "describe-fields", "contact-store.description.fields", "Fields have names of their own, and exactly one has the role `email`."),
    promise(Always, "describe-max-batch", "contact-store.description.max-batch", "At least 1,000 are taken at once."),
    promise(Always, "describe-stays", "contact-store.description", "The description stays the same during a call."),
    promise(Always, "secret-value", "secrets.secret.reveal", "The secret that the document names is given, and is the one that was meant."),
    promise(Always, "secret-unknown", "secrets.secret-error.not-found", "Of a secret that nobody has set the host says `not-found`."),
    promise(Always, "signing-unknown", "signing.signing-error.not-found", "Of a key that is not there the host says `not-found`."),
    promise(Always, "signing-certificate", "signing.certificate", "The thumbprints are those of the certificate that the chain begins with, and it is valid for a time."),
    promise(Always, "signing-signature", "signing.signer.sign", "A signature is as long as the RSA key, and salted: two of the same message differ."),
    promise(Always, "token-kept", "token-cache.put", "A token that was put is given back as it was, for no longer than it is good, or not at all."),
    promise(Always, "token-own-use", "token-cache.get", "A token is given for the use for which it was put, and for no other."),
    promise(Always, "token-forgotten", "token-cache.put", "A token that is good for 0 ms is forgotten."),
    promise(Always, "token-expired", "token-cache.get", "A token is not given any more once its time is over."),
    promise(Always, "consent-given", "consent.endpoint", "A root that the document names, and this host allows, may be used."),
    promise(Always, "consent-foreign", "consent.endpoint", "A root that this host does not allow may not be used."),
    promise(Always, "notification-address", "notification-target.address", "The address for notifications is absolute and has https, or is on this machine, or there is none."),
    promise(Always, "clock", "wasi:clocks/wall-clock", "The wall clock tells today's time, and goes on."),
    promise(Always, "http-answer", "wasi:http/outgoing-handler", "A server that the host allows answers: status, header and body arrive as they were sent."),
    promise(Always, "http-body", "wasi:http/outgoing-handler", "A body of many writes arrives whole."),
    promise(Always, "http-redirect", "wasi:http/outgoing-handler", "A redirect arrives as it is, and is not followed."),
    promise(Always, "http-denied", "wasi:http error-code.HTTP-request-denied", "A server that nobody allowed is not reached, though it is there: the request is denied."),
    promise(Always, "http-denied-name", "wasi:http error-code.HTTP-request-denied", "A host name that nobody allowed is denied without asking who it is."),
    promise(Always, "http-silence", "world contact-connector, Time", "While a server is silent, the component's own clock ends its wait."),
    promise(Always, "http-side-by-side", "world contact-connector, Requests", "Eight requests are under way at a time, some are given up, and the others are answered."),
    promise(Sync, "progress", "run-control.report-progress", "A call that nobody wants to end goes on."),
    promise(Sync, "create", "types.create", "A new contact is linked from the start, and holds the fields, the base and the activity that it was given."),
    promise(Sync, "field-not-named", "contact-store", "A field that is not named in a write is never touched."),
    promise(Sync, "field-emptied", "types.field-write.value", "A write without a value empties the field."),
    promise(Sync, "base-replaced", "types.update.base", "A base that is given replaces the whole of it; where none is given it stays."),
    promise(Sync, "version-changes", "types.contact.version", "Each write gives a version that was never there, and its outcome tells it."),
    promise(Sync, "conflict-version", "contact-store.conflict.version", "A change that was decided on another version is a conflict, and has no effect."),
    promise(Sync, "conflict-gone", "contact-store.conflict.gone", "A change of a contact that is not there is the conflict `gone`."),
    promise(Sync, "conflict-linked", "contact-store.conflict.linked", "Who is linked already, or linked to another one, is the conflict `linked`."),
    promise(Sync, "conflict-order", "contact-store.conflict", "Where several conflicts hold, the first of `gone`, `linked` and `version` is told."),
    promise(Sync, "link", "types.link-contact", "A link ties the contact and writes in the same step."),
    promise(Sync, "changes-in-order", "contact-store.apply", "Changes are performed in order, see each other, and have an outcome each, in order."),
    promise(Sync, "refused-alone", "contact-store.apply", "A change that is refused has no effect, and stops no other one."),
    promise(Sync, "refusal-named", "contact-store.refusal", "A refusal has a code that the contract or the store describes, names the field, and never the value."),
    promise(Sync, "length-in-scalars", "contact-store.field-description.max-length", "The longest value is told in Unicode scalar values: so many are taken, one more is not."),
    promise(Sync, "custom-field", "contact-store.description.custom-fields", "A field that is not described is made on first use, or refused, as the description says."),
    promise(Sync, "reactivated", "types.update.active", "An update makes an inactive contact active, and is told as `reactivate`."),
    promise(Sync, "membership", "types.membership", "Lists are joined and left, and told by name."),
    promise(Sync, "membership-idle", "types.membership", "Joining a list one is on, or leaving one that one is not on, is no error."),
    promise(Sync, "list-one-name", "types.contact-list", "Names of lists are compared without regard to case, to what is not seen, and to the length of white space."),
    promise(Sync, "list-spelling", "types.contact-list", "A new list is spelt as in the change with the smallest object id of the run."),
    promise(Sync, "list-spelling-kept", "types.contact-list", "A list that is there keeps its spelling."),
    promise(Sync, "unlink", "types.removal-kind.unlink", "Unlinking takes the link and the connector's lists, and leaves the contact."),
    promise(Sync, "deactivate", "types.removal-kind.deactivate", "Deactivating keeps contact and link, and takes the connector's lists."),
    promise(Sync, "delete", "types.removal-kind.delete", "Deleting takes the contact with its link."),
    promise(Sync, "id-not-reused", "types.contact-id", "The id of a contact that was deleted is never given again."),
    promise(Sync, "removal-conflict", "types.removal", "A removal that was decided on another version is a conflict, and has no effect."),
    promise(Sync, "former", "types.contact.former", "A contact that was unlinked tells whose it was, is found by that id, and is no former one once it is linked."),
    promise(Sync, "atomic", "contact-store.description.atomic", "A commit that fails leaves nothing of itself, state included."),
    promise(Sync, "contingency", "contact-store.contingency", "A contingency is written exactly where its change is not applied, and takes the place of the state beside it."),
    promise(Sync, "apply-batch", "contact-store.description.max-batch", "More changes than that are `batch-too-large`, with the limit."),
    promise(Sync, "lookup-batch", "contact-store.description.max-batch", "As many as that are looked up at once, and one more is `batch-too-large`, with the limit."),
    promise(Sync, "state-batch", "contact-store.description.max-batch", "`state.get-many` takes as many keys as that, and not one more."),
    promise(Sync, "batch-not-counted", "contact-store.description.max-batch", "Settled users and state of a commit are not counted."),
    promise(Sync, "lookup-once", "contact-store.query", "A contact is returned once, however many criteria it meets."),
    promise(Sync, "lookup-fields", "contact-store.query.fields", "Only the fields that were asked for come back."),
    promise(Sync, "lookup-source", "types.contact.link", "Links and lists of another source are not told."),
    promise(Sync, "lookup-unknown", "contact-store.lookup", "What is not there is left out, whatever it is called."),
    promise(Sync, "lookup-case", "contact-store.query.match-keys", "Addresses are compared without regard to case in any script, and stored as given."),
    promise(Sync, "lookup-not-seen", "contact-store.query.match-keys", "Addresses are compared without regard to characters that are not seen, and to white space around them."),
    promise(Sync, "lookup-domain", "contact-store.query.match-keys", "An internationalised domain is the same decoded or not, composed or not."),
    promise(Sync, "object-id-opaque", "types.object-id", "An id that is no UUID stays as it is, and is compared byte for byte."),
    promise(Sync, "journal-entries", "contact-store, The journal", "Every change that was applied is in the journal, with what it replaced, and no other one."),
    promise(Sync, "journal-order", "contact-store.journal", "The last changes come newest first, at most so many, with numbers that count up."),
    promise(Sync, "journal-who", "contact-store.journal", "The changes to somebody are found by user, by contact and by address, also once they are gone."),
    promise(Sync, "journal-evidence", "types.effect-on-contact.evidence", "Evidence is kept exactly where the effect is a removal."),
    promise(Sync, "journal-given", "types.update.directory", "What the directory was given is kept with its change, value by value, and the contact stays as it is."),
    promise(Sync, "run-journal", "contact-store.run-journal", "What one run did comes by object id, newest first for each, page by page."),
    promise(Sync, "revert-update", "types.reversal", "An update is taken back: fields, base and lists are as before it."),
    promise(Sync, "revert-create", "types.reversal", "What a run made is deleted by its reversal, with the evidence `undone`."),
    promise(Sync, "revert-delete", "types.reversal", "What a run deleted is made again: the same id, every field, the link, and a version that was never there."),
    promise(Sync, "revert-given", "types.reversal.directory", "A field of which the directory was given something goes back, its base is what the directory was given back, and the journal keeps that."),
    promise(Sync, "revert-conflict", "types.reversal", "A reversal that was decided on another version is a conflict, and has no effect."),
    promise(Sync, "note-found", "contact-store.notes", "A note is found by user, by contact and by address, and a newer one of the user takes its place."),
    promise(Sync, "note-since", "types.noted.since-ms", "A note keeps its moment and its run as long as the reason is the same."),
    promise(Sync, "note-settled", "contact-store.commit.settled", "A note that no longer holds is forgotten."),
    promise(Sync, "round-known-links", "contact-store.round-info.known-links", "A round tells how many links there were when it was opened."),
    promise(Sync, "round-unseen", "contact-store.unseen", "Links that no sighting of the round names are told in order of the object id, with the fields asked for."),
    promise(Sync, "round-page", "contact-store.unseen", "They come after `after`, at most `limit` of them."),
    promise(Sync, "round-new-link", "contact-store.unseen", "A link that is younger than the round is not among them, also one that was made anew."),
    promise(Sync, "round-resumed", "contact-store.open-round", "A round that is resumed goes on, also in another call."),
    promise(Sync, "round-anew", "contact-store.open-round", "A round that is not resumed starts anew."),
    promise(Sync, "round-not-open", "contact-store.unseen", "Of a round that is not open `unseen` is refused, and so are its sightings."),
    promise(Sync, "round-closed", "contact-store.close-round", "Closing a round that is not open is no error."),
    promise(Sync, "edit-told", "contact-store.changed-since", "Whoever's contact others wrote since the token is told, also where this source wrote it after them."),
    promise(Sync, "edit-gone", "contact-store.changed-since", "Whoever's contact others deleted since the token is told."),
    promise(Sync, "edit-parts", "contact-store.edits", "At most as many are told at a time as were asked for, and part by part everybody."),
    promise(Sync, "edit-token", "contact-store.edits-since.token-lost", "A token that the store never gave is told to be lost."),
    promise(Sync, "unlinked-only", "contact-store.unlinked", "Contacts that are nobody's are told, and neither those that are linked or were unlinked nor inactive ones nor those without an address."),
    promise(Sync, "unlinked-page", "contact-store.unlinked", "They come after the contact that was told last, at most as many as were asked for, each once."),
    promise(Sync, "mark-stale", "contact-store.same", "Nobody is named whose contact was written since it was marked: fields, lists, activity, notes, link."),
    promise(Sync, "mark-other", "contact-store.same", "Nobody is named who has another mark, or none."),
    promise(Sync, "mark-not-applied", "contact-store.marked", "A change that is not applied gives no mark."),
    promise(Sync, "mark-no-write", "contact-store.marking", "A mark is no write: version and journal stay."),
    promise(Sync, "mark-link", "contact-store.sightings.links", "A link that `same` told counts as seen."),
    promise(Sync, "statistics", "contact-store.get-statistics", "The numbers follow the writes within a few seconds."),
    promise(Sync, "state-value", "state.get", "A value comes back byte for byte, also an empty one."),
    promise(Sync, "state-deleted", "contact-store.state-write.value", "An entry is deleted, and deleting what is not there is no error."),
    promise(Sync, "state-many", "state.get-many", "Of many keys those that are there come back."),
    promise(Sync, "state-list", "state.list", "Entries of a prefix come in byte order of the key."),
    promise(Sync, "state-page", "state.list", "They come after the key `after`, at most `limit` of them."),
    promise(Sync, "state-mebibyte", "contact-store.state-write.value", "A value may have a mebibyte."),
    promise(Sync, "eight-mebibytes", "world contact-connector, Budgets", "One import takes eight mebibytes, and one answers as much."),
    promise(Sync, "many-handles", "world contact-connector, Budgets", "Four thousand handles are open at once."),
    promise(Sync, "plan-kept", "plan-sink", "A plan that succeeded is kept under its digest, with its entries."),
    promise(Sync, "plan-unknown", "plan-sink.changes", "Of a plan that is not kept there is no entry."),
    promise(Sync, "next-call", "state", "What a call committed is there in the next one."),
    promise(Sync, "tidied", "contact-store.apply", "All that was made here is taken away again, many at once."),
    promise(Plan, "plan-empty", "plan-sink", "A plan begins empty."),
    promise(Plan, "plan-put", "plan-sink.put", "An entry comes back as it was put."),
    promise(Plan, "plan-replaced", "plan-sink.put", "A later entry of a user takes the place of the earlier one."),
    promise(Plan, "plan-order", "plan-sink.changes", "Changes come in byte order of the object id."),
    promise(Plan, "plan-page", "plan-sink.changes", "They come after `after`, at most `limit` of them."),
    promise(Plan, "plan-changing", "plan-sink.changes", "What is unchanged or skipped is not among them."),
    promise(Plan, "plan-entries", "plan-sink.entries", "Of some users their entries come, and no other."),
    promise(Plan, "plan-claimed", "plan-sink.claimed", "A contact is claimed by the entry that would link it, and by no other."),
    promise(Plan, "plan-count", "plan-sink.count", "Entries are counted by effect and reason."),
    promise(Plan, "plan-lists", "types.contact-list", "A plan spells a list as the sync will: as the smallest object id has it."),
    promise(Plan, "plan-batch", "contact-store.description.max-batch", "More entries, users or contacts than that are `batch-too-large`."),
    promise(Scenario, "stop", "run-control.directive.stop", "Where the host wants a call to end, it says `stop` at the next report of progress."),
    promise(Scenario, "lease-lost", "contact-store, One at a time", "Who has lost the lease gets `lease-lost` for every write, and reads on."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_promise_has_a_name_of_its_own_in_kebab_case() {
        let names: BTreeSet<_> = ALL.iter().map(|promise| promise.name).collect();
        assert_eq!(names.len(), ALL.len());
        let kebab = |name: &str| {
            name.split('-')
                .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        };
        assert!(names.iter().all(|name| kebab(name)), "{names:?}");
    }

    #[test]
    fn each_promise_is_a_sentence() {
        for promise in ALL {
            assert!(promise.text.ends_with('.'), "{}", promise.name);
            assert!(!promise.item.is_empty(), "{}", promise.name);
        }
    }

    #[test]
    fn a_promise_is_found_by_its_name() {
        assert_eq!(by_name("atomic").map(|it| it.when), Some(When::Sync));
        assert_eq!(by_name("atom"), None);
    }
}
