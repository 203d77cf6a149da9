// The import `contact-store`: the contacts of one workspace.

import { perform } from './apply.js';
import { Page } from './commit.js';
import { Contacts, numberOf, told } from './contacts.js';
import type { Change, Commit, ContactStore, Outcome, Query, StateWrite, Statistics } from './contract.js';
import type { Database } from './database.js';
import * as edits from './edits.js';
import { answering, limit, refuse } from './failure.js';
import { description, MAX_BATCH } from './fields.js';
import * as journal from './journal.js';
import * as notes from './notes.js';
import * as rounds from './rounds.js';
import { matchKey } from './spelling.js';
import * as state from './state.js';

export function contactStore(database: Database): typeof ContactStore {
  const most = (asked: number) => Math.min(asked, MAX_BATCH);
  return {
    describe: description,
    lookup: (query) => answering(() => lookup(database, query)),
    // The store keeps no marks and says so; whoever asks all the same is told of nobody.
    same: () => [],
    changedSince: (source, token, asked) => answering(() => edits.since(database, source, token, most(asked))),
    unlinked: (source, after, asked, fields) =>
      answering(() => unlinked(database, source, after, most(asked), fields)),
    apply: (commit) => answering(() => apply(database, commit)),
    openRound: (source, round, resume) => answering(() => rounds.openRound(database, source, round, resume)),
    unseen: (source, round, after, asked, fields) =>
      answering(() => rounds.unseen(database, source, round, after ?? '', most(asked), fields)),
    closeRound: (source, round) => answering(() => rounds.closeRound(database, source, round)),
    runJournal: (source, run, after, asked) =>
      answering(() => journal.ofRun(database, source, run, after ?? '', most(asked))),
    journal: (source, who, asked) => answering(() => journal.about(database, source, who, most(asked))),
    notes: (source, who) => answering(() => notes.about(database, source, who)),
    getStatistics: (source, fields) => answering(() => statistics(database, source, fields)),
  };
}

function lookup(database: Database, query: Query) {
  limit(query.objectIds.length + query.matchKeys.length + query.contacts.length, MAX_BATCH);
  const ids = database.all<{ id: number }>(
    `SELECT l.contact AS id FROM json_each(?2) asked CROSS JOIN links l ON l.source = ?1 AND l.object_id = asked.value
     UNION SELECT f.contact FROM json_each(?2) asked CROSS JOIN former_links f ON f.source = ?1 AND f.object_id = asked.value
     UNION SELECT c.id FROM json_each(?3) asked CROSS JOIN contacts c ON c.match_key = asked.value
     UNION SELECT value FROM json_each(?4)`,
    query.source, JSON.stringify(query.objectIds), JSON.stringify(query.matchKeys.map(matchKey)),
    JSON.stringify(query.contacts.map(numberOf)),
  );
  const held = new Contacts(database, query.source).read(ids.map((row) => row.id));
  return held.map((contact) => told(contact, query.fields));
}

/** Contacts that are nobody's, by their ids. What is no id of this store comes before all of them. */
function unlinked(database: Database, source: string, after: string | undefined, limit: number, fields: string[]) {
  const ids = database.all<{ id: number }>(
    `SELECT id FROM contacts c WHERE id > ? AND active AND match_key IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM links l WHERE l.contact = c.id AND l.source = ?)
       AND NOT EXISTS (SELECT 1 FROM former_links f WHERE f.contact = c.id AND f.source = ?)
     ORDER BY id LIMIT ?`,
    after === undefined ? 0 : numberOf(after), source, source, limit,
  );
  const held = new Contacts(database, source).read(ids.map((row) => row.id));
  return held.map((contact) => told(contact, fields));
}

/** One commit: everything that one page leads to, or nothing of it. */
function apply(database: Database, commit: Commit): Outcome[] {
  limit(commit.changes.length, MAX_BATCH);
  if (commit.source === '') {
    refuse('a commit names no source');
  }
  const otherwise = contingencies(commit);
  [...commit.state, ...otherwise.map(({ write }) => write)].forEach(({ key, value }) => state.accept(key, value));
  return database.write(() => edits.inTheNameOf(database, commit.source, () => {
    const page = new Page(database, commit.source, commit.run);
    const outcomes = commit.changes.map((change) => perform(page, change));
    notes.write(database, commit.source, commit.run, commit.notes, commit.settled);
    if (commit.sightings !== undefined) {
      rounds.see(database, commit.source, commit.sightings);
    }
    const met = otherwise.filter(({ change }) => outcomes[change]?.tag !== 'applied');
    state.write(database, [...commit.state, ...met.map(({ write }) => write)]);
    return outcomes;
  }));
}

/** What is to be written for which change, where it is not applied. */
function contingencies(commit: Commit): Array<{ change: number; write: StateWrite }> {
  return commit.otherwise.flatMap(({ changes, keyPrefix, value }) => Array.from(changes, (change) => {
    const key = keyPrefix + objectId(commit.changes[change] ?? refuse('a contingency names a change that is not there'));
    return { change, write: { key, value } };
  }));
}

function objectId(change: Change): string {
  return change.val.objectId;
}

function statistics(database: Database, source: string, fields: string[]): Statistics {
  const rows = database.all<{ active: number; fields: string }>(
    'SELECT c.active, c.fields FROM links l CROSS JOIN contacts c ON c.id = l.contact WHERE l.source = ?', source,
  );
  const active = rows.filter((row) => row.active === 1).map((row) => JSON.parse(row.fields) as Record<string, string>);
  const lacking = (field: string) => active.filter((held) => !Object.hasOwn(held, field)).length;
  return {
    active: BigInt(active.length),
    linked: BigInt(rows.length),
    missing: fields.map((field) => ({ field, contacts: BigInt(lacking(field)) })),
    incomplete: BigInt(active.filter((held) => fields.some((field) => !Object.hasOwn(held, field))).length),
  };
}
