// Plans: maps from directory user to decision. One is in the making; the last ten are kept under their digest.

import type { EffectOnContact, Evidence, PlanSink } from './contract.js';
import type { Database } from './database.js';
import { answering, limit, refuse } from './failure.js';
import { MAX_BATCH } from './fields.js';
import { asChange, type Moved } from './journal.js';
import { spelt } from './lists.js';
import { listKey } from './spelling.js';

const KEPT = 10;

interface Row {
  object_id: string;
  effect: EffectOnContact['effect'];
  reason: string;
  contact: string | null;
  version: number | null;
  detail: string;
}

interface Detail {
  fields: Moved[];
  joins: string[];
  leaves: string[];
  evidence?: Evidence;
  directory?: Moved[];
}

/** Begins a plan, before `plan` or `plan-undo` is called; one that was not finished is forgotten. */
export function begin(database: Database): void {
  database.write(() => {
    forget(database, 'digest IS NULL');
    database.run('INSERT INTO plans DEFAULT VALUES');
  });
}

/** Keeps the plan in the making under its digest. */
export function keep(database: Database, digest: string, summary: string): void {
  database.write(() => {
    forget(database, 'digest = ?', digest);
    database.run('UPDATE plans SET digest = ?, summary = ? WHERE id = ?', digest, summary, inTheMaking(database));
    forget(database, 'id NOT IN (SELECT id FROM plans ORDER BY id DESC LIMIT ?)', KEPT);
  });
}

/** What was told of a plan that is kept. */
export function kept(database: Database, digest: string): string | undefined {
  return database.one<{ summary: string }>('SELECT summary FROM plans WHERE digest = ?', digest)?.summary;
}

/** The import `plan-sink`. */
export function planSink(database: Database): typeof PlanSink {
  const read = (plan: string | undefined, condition: string, ...values: unknown[]) => {
    const id = numberOf(database, plan);
    const rows = database.all<Row>(
      `SELECT * FROM plan_entries WHERE plan = ? AND effect NOT IN ('unchanged', 'skip') AND ${condition}`, id, ...values,
    );
    return rows.map((row) => told(database, id, row));
  };
  return {
    put: (entries) => answering(() => database.write(() => {
      limit(entries.length, MAX_BATCH);
      const plan = inTheMaking(database);
      for (const { contact, version, directory, what } of entries) {
        noteLists(database, plan, what);
        const detail: Detail = {
          fields: what.fields.map(({ field, before, after }) => [field, before ?? null, after ?? null]),
          joins: what.joins,
          leaves: what.leaves,
          ...(what.evidence && { evidence: what.evidence }),
          ...(directory.length > 0 && {
            directory: directory.map(({ attribute, before, after }): Moved => [attribute, before ?? null, after ?? null]),
          }),
        };
        database.run(
          'INSERT OR REPLACE INTO plan_entries (plan, object_id, effect, reason, contact, version, detail) VALUES (?, ?, ?, ?, ?, ?, ?)',
          plan, what.objectId, what.effect, what.reason, contact ?? null, version === undefined ? null : Number(version),
          JSON.stringify(detail),
        );
      }
    })),
    claimed: (contacts) => answering(() => {
      limit(contacts.length, MAX_BATCH);
      const rows = database.all<{ contact: string; object_id: string }>(
        `SELECT contact, object_id FROM plan_entries WHERE plan = ? AND effect = 'link'
           AND contact IN (SELECT value FROM json_each(?))`,
        inTheMaking(database), JSON.stringify(contacts),
      );
      return rows.map(({ contact, object_id }) => ({ contact, objectId: object_id }));
    }),
    changes: (plan, after, most) => answering(() =>
      read(plan, 'object_id > ? ORDER BY object_id LIMIT ?', after ?? '', Math.min(most, MAX_BATCH))),
    entries: (plan, users) => answering(() => {
      limit(users.length, MAX_BATCH);
      return read(plan, 'object_id IN (SELECT value FROM json_each(?))', JSON.stringify(users));
    }),
    count: () => answering(() => {
      const rows = database.all<{ effect: Row['effect']; reason: string; entries: number }>(
        'SELECT effect, reason, count(*) AS entries FROM plan_entries WHERE plan = ? GROUP BY effect, reason',
        inTheMaking(database),
      );
      return rows.map((row) => ({ ...row, entries: BigInt(row.entries) }));
    }),
  };
}

function told(database: Database, plan: number, row: Row) {
  const { fields, joins, leaves, evidence, directory = [] } = JSON.parse(row.detail) as Detail;
  return {
    ...(row.contact !== null && { contact: row.contact }),
    ...(row.version !== null && { version: BigInt(row.version) }),
    directory: directory.map(([attribute, before, after]) => ({
      attribute,
      ...(before !== null && { before }),
      ...(after !== null && { after }),
    })),
    what: {
      objectId: row.object_id,
      effect: row.effect,
      reason: row.reason,
      ...(evidence && { evidence }),
      fields: fields.map(asChange),
      joins: spelt(database, joins, plan),
      leaves: spelt(database, leaves, plan),
    },
  };
}

/** Keeps how the smallest user of those who would join a list spells it. */
function noteLists(database: Database, plan: number, what: EffectOnContact): void {
  for (const name of what.joins) {
    database.run(
      `INSERT INTO plan_lists (plan, key, name, named_by) VALUES (?, ?, ?, ?) ON CONFLICT (plan, key) DO UPDATE
         SET name = excluded.name, named_by = excluded.named_by WHERE excluded.named_by < named_by`,
      plan, listKey(name), name, what.objectId,
    );
  }
}

/** The plan that is kept under a digest, or the one in the making; 0, which no plan has, where there is none. */
function numberOf(database: Database, digest: string | undefined): number {
  const row = database.one<{ id: number | null }>('SELECT max(id) AS id FROM plans WHERE digest IS ?', digest ?? null);
  return row?.id ?? 0;
}

function inTheMaking(database: Database): number {
  return numberOf(database, undefined) || refuse('no plan is in the making');
}

function forget(database: Database, condition: string, ...values: unknown[]): void {
  for (const { id } of database.all<{ id: number }>(`SELECT id FROM plans WHERE ${condition}`, ...values)) {
    database.run('DELETE FROM plan_entries WHERE plan = ?', id);
    database.run('DELETE FROM plan_lists WHERE plan = ?', id);
    database.run('DELETE FROM plans WHERE id = ?', id);
  }
}
