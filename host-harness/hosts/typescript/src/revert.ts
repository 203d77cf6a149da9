// Taking changes back: the journal's entries of one contact, newest first, undone together. What the contact is
// to be is worked out before the first write.

import { conflict, isAt, type Page, refused } from './commit.js';
import type { Effect, Outcome, Reversal } from './contract.js';
import { type Held, numberOf, type Values, values, written } from './contacts.js';
import { EMAIL, refusedWrites } from './fields.js';
import { byName, type Moved, NOTHING, type Replaced, type Whole } from './journal.js';
import { activityBefore, entriesOf, listsAfter, listsBefore, type Undone } from './undone.js';
import { restoreOthers, whole } from './whole.js';

/** The contact as it is to be. */
interface Target {
  /** `false` where the changes made it. */
  exists: boolean;
  active: boolean;
  /** Of its link, where it is to be linked. */
  base: Values | undefined;
  former: string | undefined;
}

export function revert(page: Page, change: Reversal): Outcome {
  if (change.evidence.tag !== 'undone') {
    return refused({ code: 'needs-undone' });
  }
  const undone = entriesOf(page, change);
  const newest = undone?.[0];
  if (undone === undefined || newest === undefined) {
    return refused({ code: 'unknown-entry' });
  }
  if (!change.writes.every(({ name }) => undone.some((entry) => wrote(entry, name)))) {
    return refused({ code: 'not-journaled' });
  }
  const refusal = refusedWrites(change.writes);
  if (refusal !== undefined) {
    return refused(refusal);
  }
  const current = page.held(change.contact);
  if (newest.effect === 'delete') {
    const kept = newest.replaced.whole;
    if (current !== undefined || BigInt(newest.version) !== change.contact.version || kept === undefined) {
      return conflict('version');
    }
    return makeAgain(page, change, undone, newest, kept);
  }
  if (current === undefined) {
    return conflict('gone');
  }
  return isAt(current, change.contact) ? putBack(page, change, undone, newest, current) : conflict('version');
}

function putBack(page: Page, change: Reversal, undone: Undone[], newest: Undone, before: Held): Outcome {
  if (before.link !== undefined && before.link.objectId !== change.objectId) {
    return conflict('linked');
  }
  const wasLinked = before.link !== undefined;
  const untouched = newest.version === before.version;
  // Where somebody took the link away since, the contact is not this user's any more.
  const leftUnlinked = newest.replaced.leavesUnlinked === true;
  if (newest.effect !== 'unlink' && !untouched && wasLinked === leftUnlinked) {
    return conflict('linked');
  }
  const target: Target = {
    exists: true,
    active: activityBefore(undone, before.active),
    base: before.link && new Map(before.link.base),
    former: before.former,
  };
  const restored = untouched ? undefined : change.writes.map((write) => write.name);
  undone.forEach((entry) => goBehind(target, entry, restored));
  agree(target, change);
  if (!target.exists) {
    return unmake(page, change, before);
  }
  const isLinked = target.base !== undefined;
  if (isLinked && !wasLinked && page.contacts.hasAnother(change.objectId, before.id)) {
    return conflict('linked');
  }
  const lists = listsAfter(page, undone, before, { untouched, active: target.active, linked: isLinked });
  const replaced: Replaced = {
    fields: byName(change.writes.map(({ name, value }): Moved => [name, before.fields.get(name) ?? null, value ?? null])),
    joins: lists.filter((name) => !before.lists.includes(name)),
    leaves: before.lists.filter((name) => !lists.includes(name)),
    active: target.active === before.active ? undefined : before.active,
    base: before.link && Object.fromEntries(before.link.base),
    former: before.former,
    leavesUnlinked: !isLinked && !wasLinked,
  };
  const version = page.contacts.update(before, target.active, written(before.fields, change.writes));
  if (target.base !== undefined && wasLinked) {
    page.contacts.rebase(before.id, target.base);
  } else if (target.base !== undefined) {
    page.contacts.link(before.id, change.objectId, target.base);
  } else {
    if (wasLinked) {
      page.contacts.unlink(before.id, change.objectId);
    }
    page.contacts.restoreFormer(before.id, target.former);
  }
  replaced.leaves.forEach((name) => page.lists.leave(before.id, name));
  replaced.joins.forEach((name) => page.lists.join(before.id, { name, description: '' }, change.objectId));
  const effect = isLinked === wasLinked ? byActivity(before.active, target.active) : isLinked ? 'link' : 'unlink';
  return entered(page, change, before.id, version, effect, replaced);
}

/** Deletes what the changes made. */
function unmake(page: Page, change: Reversal, before: Held): Outcome {
  const fields = byName(Array.from(before.fields, ([name, value]): Moved => [name, value, null]));
  const replaced = { ...NOTHING, fields, leaves: before.lists, whole: whole(page, before) };
  const address = before.fields.get(EMAIL);
  const outcome = entered(page, change, before.id, before.version + 1, 'delete', replaced, address);
  page.contacts.delete(before.id);
  return outcome;
}

/** Makes what the changes deleted, under its old id and with a version that it never had. */
function makeAgain(page: Page, change: Reversal, undone: Undone[], newest: Undone, kept: Whole): Outcome {
  const older = undone.slice(1);
  const own = kept.links.find((link) => link.source === page.source);
  const target: Target = {
    exists: true,
    active: activityBefore(older, kept.active),
    base: own && values(own.base),
    former: kept.formers.find((former) => former.source === page.source)?.object_id,
  };
  older.forEach((entry) => goBehind(target, entry, undefined));
  if (!target.exists) {
    // Made and deleted by the same run: nothing is to be there, and nothing is.
    return conflict('gone');
  }
  const contact = numberOf(change.contact.contact);
  const others = kept.links.filter((link) => link.source !== page.source);
  if (page.contacts.hasAnother(change.objectId, contact)
    || others.some((link) => page.contacts.hasAnother(link.object_id, contact, link.source))) {
    return conflict('linked');
  }
  const fields = written(new Map(Object.entries(kept.fields)), change.writes);
  const version = newest.version + 1;
  page.contacts.insert(contact, version, target.active, fields);
  if (target.base !== undefined) {
    page.contacts.link(contact, change.objectId, target.base);
  } else {
    page.contacts.restoreFormer(contact, target.former);
  }
  restoreOthers(page, contact, kept);
  const joins = listsBefore(undone);
  joins.forEach((name) => page.lists.join(contact, { name, description: '' }, change.objectId));
  const made = byName(Array.from(fields, ([name, value]): Moved => [name, null, value]));
  const replaced = { fields: made, joins, leaves: [], leavesUnlinked: target.base === undefined };
  return entered(page, change, contact, version, 'create', replaced);
}

/** Goes back behind one change: the base for the restored fields, or as a whole where nothing was written since. */
function goBehind(target: Target, { effect, replaced }: Undone, restored: string[] | undefined): void {
  const base = replaced.base && new Map(Object.entries(replaced.base));
  if (effect === 'create') {
    target.exists = false;
  } else if (effect === 'link') {
    target.base = undefined;
    target.former = replaced.former;
  } else if (effect === 'unlink') {
    target.base = base ?? new Map();
  } else if (target.base === undefined) {
    // A reversal that found no link, and left none.
    target.former = replaced.former;
  } else if (base !== undefined && restored === undefined) {
    target.base = base;
  } else if (base !== undefined) {
    const writes = restored?.map((name) => ({ name, value: base.get(name) })) ?? [];
    target.base = written(target.base, writes.map(({ name, value }) => (value === undefined ? { name } : { name, value })));
  }
}

/** Of what the directory was given back, the base is what both sides hold. */
function agree(target: Target, change: Reversal): void {
  for (const { field, change: { after }, answered } of change.directory) {
    if (answered && target.base !== undefined) {
      target.base = written(target.base, [after === undefined ? { name: field } : { name: field, value: after }]);
    }
  }
}

function entered(
  page: Page, change: Reversal, contact: number, version: number, effect: Effect, replaced: Replaced, address?: string,
): Outcome {
  const removes = effect === 'unlink' || effect === 'deactivate' || effect === 'delete';
  const evidence = removes ? change.evidence : undefined;
  const { objectId, reason, directory } = change;
  const told = directory.length > 0 ? { ...replaced, given: directory } : replaced;
  return page.done({ objectId, contact, version, effect, reason, evidence, replaced: told, address });
}

function byActivity(before: boolean, after: boolean): Effect {
  return before === after ? 'update' : after ? 'reactivate' : 'deactivate';
}

/** Whether a change wrote a field, deleted a contact that held it, or came with what the directory was given of it. */
function wrote({ replaced }: Undone, name: string): boolean {
  return replaced.fields.some(([field]) => field === name) || (replaced.given ?? []).some(({ field }) => field === name);
}
