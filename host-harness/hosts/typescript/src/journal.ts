// The journal: every change that was applied, with what it replaced.

import { numberOf } from './contacts.js';
import type { Effect, Evidence, GivenValue, JournalEntry, Who } from './contract.js';
import type { Database } from './database.js';
import { compared, spelt } from './lists.js';
import { matchKey } from './spelling.js';

/** A field that was written: its name, what it held, what it holds since. */
export type Moved = [name: string, before: string | null, after: string | null];

/** All of a contact that was deleted, with what other connections know of it. */
export interface Whole {
  active: boolean;
  fields: Record<string, string>;
  links: Array<{ source: string; object_id: string; base: string }>;
  formers: Array<{ source: string; object_id: string }>;
  memberships: Array<{ source: string; list: number }>;
}

/** What a change replaced. */
export interface Replaced {
  fields: Moved[];
  joins: string[];
  leaves: string[];
  /** Whether the contact was active, where that changed. */
  active?: boolean | undefined;
  /** The base of the link that there was. */
  base?: Record<string, string> | undefined;
  /** Whose the contact was, where it had no link. */
  former?: string | undefined;
  /** It has no link afterwards, and the effect does not tell. */
  leavesUnlinked?: boolean | undefined;
  whole?: Whole | undefined;
  /** What the directory was given with it; entries of before have none. */
  given?: GivenValue[] | undefined;
}

export const NOTHING: Replaced = { fields: [], joins: [], leaves: [] };

export interface Entry {
  number: number;
  source: string;
  run: string | null;
  at_ms: number;
  object_id: string;
  contact: number;
  effect: Effect;
  reason: string;
  evidence: string | null;
  version: number;
  replaced: string;
}

/** An entry on its way into the journal. */
export interface Done {
  objectId: string;
  contact: number;
  version: number;
  effect: Effect;
  reason: string;
  evidence?: Evidence | undefined;
  replaced: Replaced;
  /** Of a contact that is deleted. */
  address?: string | undefined;
}

/** In byte order of the name. */
export function byName(moved: Moved[]): Moved[] {
  return [...moved].sort(([one], [other]) => compared(one, other));
}

export function enter(database: Database, source: string, run: string | undefined, atMs: number, done: Done): void {
  database.run(
    `INSERT INTO journal (source, run, at_ms, object_id, contact, effect, reason, evidence, version, replaced, match_key)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    source, run ?? null, atMs, done.objectId, done.contact, done.effect, done.reason,
    done.evidence === undefined ? null : JSON.stringify(done.evidence), done.version, JSON.stringify(done.replaced),
    done.address === undefined ? null : matchKey(done.address),
  );
}

/** What one run did to each of the next users, newest first for each. */
export function ofRun(database: Database, source: string, run: string, after: string, limit: number): JournalEntry[] {
  const entries = database.all<Entry>(
    `SELECT * FROM journal WHERE run = ?1 AND source = ?2 AND object_id IN
       (SELECT DISTINCT object_id FROM journal WHERE run = ?1 AND source = ?2 AND object_id > ?3 ORDER BY object_id LIMIT ?4)
     ORDER BY object_id, number DESC`,
    run, source, after, limit,
  );
  return entries.map((entry) => told(database, entry));
}

/** The last changes to somebody, newest first. */
export function about(database: Database, source: string, who: Who, limit: number): JournalEntry[] {
  const [condition, value] = conditionOf(who);
  const entries = database.all<Entry>(
    `SELECT * FROM journal WHERE source = ?1 AND ${condition} ORDER BY number DESC LIMIT ?3`,
    source, value, limit,
  );
  return entries.map((entry) => told(database, entry));
}

function conditionOf(who: Who): [string, string | number] {
  switch (who.tag) {
    case 'user':
      return ['object_id = ?2', who.val];
    case 'contact':
      return ['contact = ?2', numberOf(who.val)];
    case 'address':
      return [
        `contact IN (SELECT id FROM contacts WHERE match_key = ?2
           UNION SELECT contact FROM journal WHERE match_key = ?2)`,
        matchKey(who.val),
      ];
  }
}

function told(database: Database, entry: Entry): JournalEntry {
  const replaced = JSON.parse(entry.replaced) as Replaced;
  return {
    number: { number: BigInt(entry.number) },
    ...(entry.run !== null && { run: entry.run }),
    atMs: BigInt(entry.at_ms),
    contact: String(entry.contact),
    version: BigInt(entry.version),
    what: {
      objectId: entry.object_id,
      effect: entry.effect,
      reason: entry.reason,
      ...(entry.evidence !== null && { evidence: JSON.parse(entry.evidence) as Evidence }),
      fields: replaced.fields.map(asChange),
      joins: spelt(database, replaced.joins),
      leaves: spelt(database, replaced.leaves),
    },
    directory: replaced.given ?? [],
  };
}

export function asChange([field, before, after]: Moved) {
  return { field, ...(before !== null && { before }), ...(after !== null && { after }) };
}
