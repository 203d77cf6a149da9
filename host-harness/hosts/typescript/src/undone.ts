// What a run did to a contact, as its reversal needs it: the entries, and where they leave activity and lists.

import type { Page } from './commit.js';
import { type Held, numberOf } from './contacts.js';
import type { Effect, Reversal } from './contract.js';
import type { Entry, Replaced } from './journal.js';
import { ordered, spelt } from './lists.js';

/** An entry of the journal that is taken back. */
export interface Undone {
  number: number;
  effect: Effect;
  version: number;
  replaced: Replaced;
}

/** The entries, newest first; none unless they are all that one run did to this contact of this user. */
export function entriesOf(page: Page, change: Reversal): Undone[] | undefined {
  const newest = page.database.one<Entry>('SELECT * FROM journal WHERE number = ?', Number(change.entries[0]?.number ?? 0));
  if (newest === undefined) {
    return undefined;
  }
  const entries = page.database.all<Entry>(
    'SELECT * FROM journal WHERE contact = ? AND source = ? AND run IS ? ORDER BY number DESC',
    numberOf(change.contact.contact), page.source, newest.run,
  );
  const isAll = entries.length === change.entries.length && entries.every((entry, place) =>
    BigInt(entry.number) === change.entries[place]?.number && entry.object_id === change.objectId);
  return isAll ? entries.map((entry) => undone(page, entry)) : undefined;
}

function undone(page: Page, { number, effect, version, replaced }: Entry): Undone {
  const before = JSON.parse(replaced) as Replaced;
  return {
    number,
    effect,
    version,
    replaced: {
      ...before,
      joins: spelt(page.database, before.joins),
      leaves: spelt(page.database, before.leaves),
    },
  };
}

/** Whether the contact is to be active, given whether it is: as the changes left it, it goes back. */
export function activityBefore(undone: Undone[], now: boolean): boolean {
  const touched = undone.flatMap(({ replaced }) => (replaced.active === undefined ? [] : [replaced.active]));
  const [newest] = touched;
  // A change that tells what it replaced has made the opposite of it.
  return newest === undefined || now === newest ? now : touched[touched.length - 1] ?? now;
}

/** The lists that the contact was on before, as far as the changes tell. */
export function listsBefore(undone: Undone[]): string[] {
  return ordered([...moved(undone)].filter(([, [before]]) => before).map(([list]) => list));
}

/** The lists that a contact is to be on: those of before, unless somebody changed them since. */
export function listsAfter(
  page: Page, undone: Undone[], now: Held, is: { untouched: boolean; active: boolean; linked: boolean },
): string[] {
  if ((now.active && !is.active) || (now.link !== undefined && !is.linked)) {
    return [];
  }
  const moves = moved(undone);
  const isAsLeft = [...moves].every(([list, [, after]]) => now.lists.includes(list) === after);
  if (!isAsLeft || movedSince(page, undone, now)) {
    return now.lists;
  }
  const lists = new Set(now.lists);
  for (const [list, [before]] of moves) {
    if (before) {
      lists.add(list);
    } else {
      lists.delete(list);
    }
  }
  const mayJoin = is.untouched || (is.active && is.linked) || [...lists].every((list) => now.lists.includes(list));
  return mayJoin ? ordered(lists) : now.lists;
}

/** Whether later changes come to other lists than the contact was left on. */
function movedSince(page: Page, undone: Undone[], now: Held): boolean {
  const later = page.database.all<Entry>(
    'SELECT * FROM journal WHERE contact = ? AND source = ? AND number > ? ORDER BY number DESC',
    now.id, page.source, undone[0]?.number ?? 0,
  );
  const then = new Set(now.lists);
  for (const entry of later) {
    const { joins, leaves } = JSON.parse(entry.replaced) as Replaced;
    spelt(page.database, joins).forEach((list) => then.delete(list));
    spelt(page.database, leaves).forEach((list) => then.add(list));
  }
  return then.size !== now.lists.length || !now.lists.every((list) => then.has(list));
}

/** Each list that the changes moved: whether the contact was on it before them, and after them. */
function moved(undone: Undone[]): Map<string, [before: boolean, after: boolean]> {
  const moved = new Map<string, [boolean, boolean]>();
  for (const { replaced } of [...undone].reverse()) {
    const moves = [...replaced.leaves.map((list) => [list, false] as const), ...replaced.joins.map((list) => [list, true] as const)];
    for (const [list, on] of moves) {
      moved.set(list, [moved.get(list)?.[0] ?? !on, on]);
    }
  }
  return moved;
}
