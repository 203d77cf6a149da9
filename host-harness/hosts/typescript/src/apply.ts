// Making, updating, linking and taking away: each change is checked whole before its first write, so that one
// that is refused or in conflict has had no effect.

import { conflict, isAt, Page, refused } from './commit.js';
import type { Change, Create, FieldWrite, LinkContact, Membership, Outcome, Removal, Update } from './contract.js';
import { asValues, type Held, written } from './contacts.js';
import { EMAIL, refusedActivity, refusedBase, refusedLists, refusedObjectId, refusedWrites } from './fields.js';
import { byName, type Moved, NOTHING, type Replaced } from './journal.js';
import { ordered } from './lists.js';
import { revert } from './revert.js';
import { listKey } from './spelling.js';
import { whole } from './whole.js';

export function perform(page: Page, change: Change): Outcome {
  switch (change.tag) {
    case 'create':
      return create(page, change.val);
    case 'update':
      return update(page, change.val);
    case 'link':
      return link(page, change.val);
    case 'remove':
      return remove(page, change.val);
    case 'revert':
      return revert(page, change.val);
  }
}

function create(page: Page, change: Create): Outcome {
  const refusal = refusedObjectId(change.objectId) ?? refusedLists(change.lists)
    ?? refusedBase(change.base) ?? refusedWrites(change.fields);
  if (refusal !== undefined) {
    return refused(refusal);
  }
  if (page.contacts.isLinked(change.objectId)) {
    return conflict('linked');
  }
  const contact = page.contacts.insert(null, 1, change.active, asValues(change.fields));
  page.contacts.link(contact, change.objectId, asValues(change.base));
  for (const list of change.lists) {
    page.lists.join(contact, list, change.objectId);
  }
  const fields = byName(change.fields.map(({ name, value }): Moved => [name, null, value]));
  return page.done({
    objectId: change.objectId,
    contact,
    version: 1,
    effect: 'create',
    reason: change.reason,
    replaced: { fields, joins: ordered(change.lists.map((list) => list.name)), leaves: [] },
  });
}

function update(page: Page, change: Update): Outcome {
  const refusal = refusedWrites(change.writes) ?? refusedLists(change.membership.join)
    ?? refusedBase(change.base ?? []) ?? refusedActivity(change.active);
  if (refusal !== undefined) {
    return refused(refusal);
  }
  const before = linked(page, change);
  if ('tag' in before) {
    return before;
  }
  const active = before.active || change.active === true;
  const version = page.contacts.update(before, active, written(before.fields, change.writes));
  const replaced = image(before, active, change.writes, change.membership);
  if (change.base !== undefined) {
    page.contacts.rebase(before.id, asValues(change.base));
    replaced.base = before.link && Object.fromEntries(before.link.base);
  }
  if (change.directory.length > 0) {
    replaced.given = change.directory;
  }
  move(page, before.id, change.objectId, change.membership);
  return page.done({
    objectId: change.objectId,
    contact: before.id,
    version,
    effect: active === before.active ? 'update' : 'reactivate',
    reason: change.reason,
    replaced,
  });
}

function link(page: Page, change: LinkContact): Outcome {
  const refusal = refusedObjectId(change.objectId) ?? refusedWrites(change.writes)
    ?? refusedLists(change.membership.join) ?? refusedBase(change.base) ?? refusedActivity(change.active);
  if (refusal !== undefined) {
    return refused(refusal);
  }
  const before = page.held(change.contact);
  if (before === undefined) {
    return conflict('gone');
  }
  if (before.link !== undefined || page.contacts.isLinked(change.objectId)) {
    return conflict('linked');
  }
  if (!isAt(before, change.contact)) {
    return conflict('version');
  }
  const active = before.active || change.active === true;
  const version = page.contacts.update(before, active, written(before.fields, change.writes));
  page.contacts.link(before.id, change.objectId, asValues(change.base));
  move(page, before.id, change.objectId, change.membership);
  const replaced = { ...image(before, active, change.writes, change.membership), former: before.former };
  return page.done({
    objectId: change.objectId,
    contact: before.id,
    version,
    effect: 'link',
    reason: change.reason,
    replaced,
  });
}

function remove(page: Page, change: Removal): Outcome {
  const before = linked(page, change);
  if ('tag' in before) {
    return before;
  }
  const done = {
    objectId: change.objectId,
    contact: before.id,
    version: before.version + 1,
    effect: change.kind,
    reason: change.reason,
    evidence: change.evidence,
  };
  const replaced: Replaced = { ...NOTHING, leaves: before.lists };
  if (change.kind === 'delete') {
    const lost = byName(Array.from(before.fields, ([name, value]): Moved => [name, value, null]));
    const outcome = page.done({
      ...done,
      replaced: { ...replaced, fields: lost, whole: whole(page, before) },
      address: before.fields.get(EMAIL),
    });
    page.contacts.delete(before.id);
    return outcome;
  }
  const active = before.active && change.kind === 'unlink';
  if (active !== before.active) {
    replaced.active = before.active;
  }
  page.contacts.update(before, active, before.fields);
  if (change.kind === 'unlink') {
    replaced.base = before.link && Object.fromEntries(before.link.base);
    page.contacts.unlink(before.id, change.objectId);
  }
  page.lists.leaveAll(before.id);
  return page.done({ ...done, replaced });
}

/** The contact of a change that is only right while the contact is linked to the user. */
function linked(page: Page, change: Update | Removal): Held | Outcome {
  const held = page.held(change.contact);
  if (held === undefined) {
    return conflict('gone');
  }
  if (held.link !== undefined && held.link.objectId !== change.objectId) {
    return conflict('linked');
  }
  // One that has lost its link has been written since the change was decided.
  return held.link !== undefined && isAt(held, change.contact) ? held : conflict('version');
}

/** Leaves before it joins: a list that is named in both is one that the contact is to be on. */
function move(page: Page, contact: number, user: string, membership: Membership): void {
  for (const name of membership.leave) {
    page.lists.leave(contact, name);
  }
  for (const list of membership.join) {
    page.lists.join(contact, list, user);
  }
}

/** What an update or a link replaces. */
function image(before: Held, active: boolean, writes: FieldWrite[], membership: Membership): Replaced {
  const moved = writes
    .map(({ name, value }): Moved => [name, before.fields.get(name) ?? null, value ?? null])
    .filter(([, former, value]) => former !== value);
  const on = new Set(before.lists.map(listKey));
  const joined = new Set(membership.join.map((list) => listKey(list.name)));
  return {
    fields: byName(moved),
    joins: membership.join.map((list) => list.name).filter((name) => !on.has(listKey(name))),
    leaves: membership.leave.filter((name) => on.has(listKey(name)) && !joined.has(listKey(name))),
    active: active === before.active ? undefined : before.active,
  };
}
