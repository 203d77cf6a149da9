// What the store promises, without a component: what goes wrong, and what is taken back.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { contactStore } from '../src/contact-store.js';
import type { Change, Commit, Contact, ContactStore, Create, Outcome, Removal, Reversal, Update } from '../src/contract.js';
import { Database } from '../src/database.js';
import { Lease, LeaseHeld } from '../src/lease.js';
import { begin, keep, planSink } from '../src/plan-sink.js';
import { listKey, matchKey } from '../src/spelling.js';
import { state } from '../src/state.js';
import { tokenCache } from '../src/token-cache.js';

const SOURCE = 'entra:test';
const FIELDS = ['first_name', 'email', 'company', 'Shoe size'];

let folder: string;
let database: Database;
let store: typeof ContactStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'contact-sync-host-'));
  database = new Database(folder);
  store = contactStore(database);
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const nothing = { otherwise: [], notes: [], settled: [], marks: [], state: [] };
const commit = (changes: Change[], run = 'run'): Commit => ({ source: SOURCE, run, changes, ...nothing });
const apply = (...changes: Change[]) => store.apply(commit(changes));
const fields = (values: Record<string, string>) => Object.entries(values).map(([name, value]) => ({ name, value }));
const lists = (...names: string[]) => names.map((name) => ({ name, description: '' }));

function create(objectId: string, values: Record<string, string> = {}, on: string[] = []): { tag: 'create'; val: Create } {
  const val = { objectId, fields: fields(values), base: fields(values), active: true, lists: lists(...on), reason: 'new-user' };
  return { tag: 'create', val };
}

function update(contact: Contact, writes: Update['writes'], more: Partial<Update> = {}): Change {
  const membership = { join: [], leave: [] };
  const objectId = contact.link?.objectId ?? 'nobody';
  return { tag: 'update', val: { contact: at(contact), objectId, writes, membership, directory: [], reason: 'changed', ...more } };
}

function link(contact: Contact, objectId: string): Change {
  const membership = { join: [], leave: [] };
  return { tag: 'link', val: { contact: at(contact), objectId, writes: [], base: [], membership, reason: 'matched-by-address' } };
}

function remove(contact: Contact, kind: Removal['kind']): Change {
  const objectId = contact.link?.objectId ?? 'nobody';
  return { tag: 'remove', val: { contact: at(contact), objectId, kind, evidence: { tag: 'deleted-soft' }, reason: 'gone' } };
}

const at = (contact: Contact) => ({ contact: contact.id, version: contact.version });

function find(query: Partial<Parameters<typeof ContactStore.lookup>[0]>): Contact[] {
  return store.lookup({ source: SOURCE, objectIds: [], matchKeys: [], contacts: [], fields: FIELDS, ...query });
}

function of(objectId: string): Contact {
  const [contact] = find({ objectIds: [objectId] });
  assert(contact);
  return contact;
}

function created(objectId: string, values: Record<string, string> = {}, on: string[] = []): Contact {
  assert.deepEqual(words(apply(create(objectId, values, on))), ['applied']);
  return of(objectId);
}

function words(outcomes: Outcome[]): string[] {
  return outcomes.map((outcome) => {
    switch (outcome.tag) {
      case 'conflict':
        return outcome.val;
      case 'refused':
        return outcome.val.code;
      default:
        return outcome.tag;
    }
  });
}

/** Takes back all that a run did, as a connector decides it where nothing was edited since. */
function undo(run: string, as: string): string[] {
  const reversals = new Map<string, Reversal>();
  for (const entry of store.runJournal(SOURCE, run, undefined, 99)) {
    const now = find({ contacts: [entry.contact] })[0];
    const reversal = reversals.get(entry.contact) ?? {
      contact: { contact: entry.contact, version: now?.version ?? entry.version },
      objectId: entry.what.objectId,
      entries: [],
      writes: [],
      directory: [],
      evidence: { tag: 'undone', val: run },
      reason: 'undone',
    };
    reversals.set(entry.contact, reversal);
    reversal.entries.push(entry.number);
    if (entry.what.effect !== 'create' && entry.what.effect !== 'delete') {
      const writes = entry.what.fields.map(({ field, before }) => ({ name: field, ...(before !== undefined && { value: before }) }));
      reversal.writes = [...reversal.writes.filter(({ name }) => !writes.some((write) => write.name === name)), ...writes];
    }
  }
  return words(store.apply(commit([...reversals.values()].map((val) => ({ tag: 'revert', val })), as)));
}

/** Everything of all contacts but their versions. */
function everything() {
  const rows = database.all<{ id: number }>('SELECT id FROM contacts ORDER BY id');
  return find({ contacts: rows.map((row) => String(row.id)) })
    .map(({ version: _, fields, ...rest }) => ({ ...rest, fields: fields.sort((a, b) => a.name.localeCompare(b.name)) }));
}

/** Who is told since a token, and where it goes on. */
function edits(token: string | undefined, limit = 10) {
  const told = store.changedSince(SOURCE, token, limit);
  assert.equal(told.tag, 'edits');
  return told.tag === 'edits' ? told.val : { users: [], next: '' };
}

test('whoever others write is told, also after an own write', () => {
  ['user-1', 'user-2', 'user-3'].forEach((user) => created(user, { company: 'A' }));
  const begin = edits(undefined).next;
  assert.deepEqual(edits(begin).users, []);
  const other = (change: Change) => store.apply({ ...commit([change]), source: 'entra:other' });
  database.run('UPDATE contacts SET version = version + 1 WHERE id = ?', Number(of('user-1').id));
  apply(update(of('user-1'), [{ name: 'company', value: 'B' }]), update(of('user-2'), [{ name: 'company', value: 'B' }]));
  assert.deepEqual(words(other(link(of('user-3'), 'theirs'))), ['applied']);
  const first = edits(begin, 1);
  const second = edits(first.next, 1);
  assert.deepEqual([...first.users, ...second.users], ['user-1', 'user-3']);
  assert.deepEqual(edits(second.next).users, []);
  const [theirs] = find({ source: 'entra:other', objectIds: ['theirs'] });
  assert(theirs);
  assert.deepEqual(words(other(remove(theirs, 'delete'))), ['applied']);
  assert.deepEqual(edits(second.next).users, ['user-3']);
  for (const token of ['', '-1', '1'.repeat(16), 'no token']) {
    assert.equal(store.changedSince(SOURCE, token, 9).tag, 'token-lost');
  }
});

test('contacts that are nobody\'s are told, and no others', () => {
  const nobodys = (after?: string, limit = 10) => store.unlinked(SOURCE, after, limit, FIELDS).map(({ id }) => id);
  const other = (change: Change) => store.apply({ ...commit([change]), source: 'entra:other' });
  ['a', 'b', 'c'].forEach((user) => other(create(user, { email: `${user}@x.org` })));
  other(create('d', { company: 'without an address' }));
  created('linked', { email: 'linked@x.org' });
  apply(remove(created('former', { email: 'former@x.org' }), 'unlink'));
  apply(remove(created('inactive', { email: 'inactive@x.org' }), 'deactivate'));
  const all = nobodys();
  assert.equal(all.length, 3);
  const first = nobodys(undefined, 2);
  assert.deepEqual([...first, ...nobodys(first[1], 2)], all);
  assert.deepEqual(nobodys(all[2]), []);
});

test('conflicts are told apart', () => {
  const linked = created('user-1', { email: 'a@x.org' });
  const unlinked = created('user-2');
  apply(remove(unlinked, 'unlink'));
  const [free] = find({ contacts: [unlinked.id] });
  assert(free);
  assert.equal(free.former, 'user-2');
  const outcomes = apply(
    create('user-1'),
    link(linked, 'user-3'),
    link(free, 'user-1'),
    update({ ...linked, link: { objectId: 'user-3', base: [] } }, []),
    link({ ...free, id: '4711' }, 'user-3'),
    link({ ...free, id: 'no id of this store' }, 'user-3'),
    link({ ...free, version: 2n ** 64n - 1n }, 'user-3'),
    update(unlinked, []),
  );
  assert.deepEqual(words(outcomes), ['linked', 'linked', 'linked', 'linked', 'gone', 'gone', 'version', 'version']);
});

test('a change that was decided on an older version has no effect', () => {
  const contact = created('user-1', { company: 'A' });
  assert.deepEqual(words(apply(update(contact, [{ name: 'company', value: 'Mine' }]))), ['applied']);
  const stale = update(contact, [{ name: 'company', value: 'B' }], { membership: { join: lists('L'), leave: [] } });
  assert.deepEqual(words(apply(stale)), ['version']);
  assert.deepEqual(of('user-1').fields, fields({ company: 'Mine' }));
  assert.deepEqual(of('user-1').lists, []);
});

test('what is refused stops no other, and names the field and never the value', () => {
  const outcomes = apply(
    create('user-1', { email: 'no address' }),
    create('user-2', { first_name: 'x'.repeat(65) }),
    create('', {}),
    create('user-3', { company: '' }),
    create('user-4', { company: 'A' }, [' ']),
    create('user-5', { company: 'A' }),
  );
  assert.deepEqual(words(outcomes), ['invalid-email', 'too-long', 'invalid-object-id', 'empty-value', 'invalid-list', 'applied']);
  assert.deepEqual(outcomes[0], { tag: 'refused', val: { field: 'email', code: 'invalid-email' } });
});

test('a commit that fails leaves nothing of itself', () => {
  const page = commit([create('user-1')]);
  const bytes = new Uint8Array(1);
  const fails = (more: Partial<Commit>) => assert.throws(
    () => store.apply({ ...page, ...more, state: [{ key: 'cursor', value: bytes }, ...(more.state ?? [])] }),
    (error: { payload: { tag: string } }) => error.payload.tag === 'other',
  );
  fails({ state: [{ key: 'k'.repeat(257), value: bytes }] });
  fails({ sightings: { round: 'never opened', objectIds: [], links: [] } });
  fails({ otherwise: [{ changes: new Uint32Array([1]), keyPrefix: 'ledger/', value: bytes }] });
  fails({ source: '' });
  assert.deepEqual(find({ objectIds: ['user-1'] }), []);
  assert.deepEqual(state(database).get('cursor'), { tag: 'absent' });
});

test('state is written for changes that were not applied, in place of what else was written', () => {
  const value = (text: string) => new TextEncoder().encode(text);
  store.apply({
    ...commit([create('user-1', { email: 'no address' }), create('user-2')]),
    otherwise: [{ changes: new Uint32Array([0, 1]), keyPrefix: 'ledger/', value: value('otherwise') }],
    state: ['ledger/user-1', 'ledger/user-2'].map((key) => ({ key, value: value('state') })),
  });
  const kept = state(database).list('ledger/', undefined, 9);
  assert.deepEqual(kept.map((entry) => Buffer.from(entry.value).toString()), ['otherwise', 'state']);
});

test('a round sees its own links: known, read by nobody, and not made anew', () => {
  for (const user of ['d', 'b', 'a', 'c']) {
    created(user);
  }
  assert.equal(store.openRound(SOURCE, 'round', false).knownLinks, 4n);
  created('e');
  store.apply({ ...commit([remove(of('d'), 'unlink')]), sightings: { round: 'round', objectIds: ['b', 'nobody'], links: [] } });
  const unseen = (after?: string) => store.unseen(SOURCE, 'round', after, 9, []).map((contact) => contact.link?.objectId);
  assert.deepEqual(unseen(), ['a', 'c']);
  assert.deepEqual(unseen('a'), ['c']);
  assert.equal(store.openRound(SOURCE, 'round', true).knownLinks, 4n);
  store.closeRound(SOURCE, 'round');
  store.closeRound(SOURCE, 'round');
  assert.throws(() => store.unseen(SOURCE, 'round', undefined, 9, []));
});

test('a list is spelt as the change with the smallest object id of its run has it', () => {
  created('user-2', {}, ['SALES']);
  created('user-1', {}, ['Sales']);
  store.apply(commit([create('user-0', {}, ['sales'])], 'later'));
  assert.deepEqual(['user-0', 'user-1', 'user-2'].map((user) => of(user).lists), [['Sales'], ['Sales'], ['Sales']]);
  assert.deepEqual(store.journal(SOURCE, { tag: 'user', val: 'user-2' }, 1)[0]?.what.joins, ['Sales']);
});

test('spellings of one address, and of one list, are one', () => {
  for (const spelling of ['KIM@BÜCHER.EXAMPLE', ' kim@xn--bcher-kva.example', 'k\u200bim@bu\u0308cher.example']) {
    assert.equal(matchKey(spelling), 'kim@bücher.example');
  }
  assert.notEqual(matchKey('ılk@x.org'), matchKey('ilk@x.org'));
  assert.equal(matchKey('ΟΔΥΣΣΕΥΣ@x.org'), matchKey('οδυσσευς@x.org'));
  assert.equal(listKey(' Sa\u00adles \t EMEA'), 'sales emea');
});

test('a note keeps its run as long as the reason is the same, and is found by the address', () => {
  const note = (run: string, reason: string) =>
    store.apply({ ...commit([], run), notes: [{ objectId: 'user-1', address: ' Jane@Example.org ', reason }] });
  note('r1', 'out-of-scope');
  note('r2', 'out-of-scope');
  assert.equal(store.notes(SOURCE, { tag: 'address', val: 'jane@example.ORG' })[0]?.run, 'r1');
  note('r3', 'no-address');
  assert.equal(store.notes(SOURCE, { tag: 'user', val: 'user-1' })[0]?.run, 'r3');
  store.apply({ ...commit([]), settled: ['user-1'] });
  assert.deepEqual(store.notes(SOURCE, { tag: 'user', val: 'user-1' }), []);
});

test('what a run did is taken back, and the taking back, too', () => {
  const made = created('user-1', { email: 'a@x.org', company: 'A', 'Shoe size': '42' }, ['Ours']);
  const second = created('user-2', { email: 'b@x.org' }, ['Ours']);
  const third = created('user-3', { email: 'c@x.org' });
  const before = everything();
  const writes = [{ name: 'company', value: 'B' }, { name: 'Shoe size' }];
  const membership = { join: lists('New'), leave: ['Ours'] };
  const base = fields({ email: 'a@x.org', company: 'B' });
  store.apply(commit([
    update(made, writes, { base, membership }),
    remove(second, 'delete'),
    remove(third, 'unlink'),
    create('user-4', { email: 'd@x.org' }, ['New']),
  ], 'r1'));
  const done = everything();
  assert.notDeepEqual(done, before);
  for (const [run, as, expected] of [['r1', 'undo', before], ['undo', 'redo', done], ['redo', 'again', before]] as const) {
    assert.deepEqual(undo(run, as), ['applied', 'applied', 'applied', 'applied'], as);
    assert.deepEqual(everything(), expected, as);
  }
  const effects = store.runJournal(SOURCE, 'undo', undefined, 9).map((entry) => entry.what.effect);
  assert.deepEqual(effects, ['update', 'create', 'link', 'delete']);
});

test('a deleted contact does not come back over another one of its user', () => {
  const contact = created('user-1', { company: 'A' });
  store.apply(commit([remove(contact, 'delete')], 'r1'));
  const replacement = created('user-1');
  assert.notEqual(replacement.id, contact.id);
  assert.deepEqual(undo('r1', 'undo'), ['linked']);
  apply(remove(replacement, 'delete'));
  assert.deepEqual(undo('r1', 'undo'), ['applied']);
  assert.deepEqual(undo('r1', 'undo'), ['version']);
});

test('a plan is a map from user to decision, and the last ten are kept', () => {
  const sink = planSink(database);
  assert.throws(() => sink.count());
  const entry = (objectId: string, effect: 'create' | 'skip') =>
    ({ directory: [], what: { objectId, effect, reason: 'because', fields: [], joins: ['Sales'], leaves: [] } });
  for (let plan = 0; plan <= 10; plan += 1) {
    begin(database);
    sink.put([entry('a', 'create'), entry('b', 'create')]);
    sink.put([entry('b', 'skip')]);
    keep(database, `digest-${plan}`, '{}');
  }
  const changes = (plan: string) => sink.changes(plan, undefined, 9).map(({ what }) => what.objectId);
  assert.deepEqual(changes('digest-10'), ['a']);
  assert.deepEqual(changes('digest-1'), ['a']);
  assert.deepEqual(changes('digest-0'), []);
});

test('a lease that somebody else holds is refused with who it is, and who lost it writes nothing', () => {
  const lease = Lease.acquire(database, 'sync', 1_000);
  database.hold(lease);
  created('user-1');
  const other = new Database(folder);
  assert.throws(() => Lease.acquire(other, 'plan', 1_000), (error) => error instanceof LeaseHeld && /`sync`/.test(error.message));
  Lease.acquire(other, 'plan', Date.now() + 61_000);
  assert.throws(() => apply(create('user-2')), (error: { payload: { tag: string; val: string } }) =>
    error.payload.tag === 'lease-lost' && error.payload.val.includes('`plan`'));
  assert.deepEqual(find({ objectIds: ['user-2'] }), []);
  lease.release(database);
  const third = new Database(folder);
  assert.throws(() => Lease.acquire(third, 'sync'), LeaseHeld, 'a stale holder gives back nothing');
  third.close();
  other.close();
});

test('what was committed is there after the process is gone', () => {
  created('user-1', { company: 'A' });
  const again = new Database(folder);
  assert.equal(contactStore(again).lookup({
    source: SOURCE, objectIds: ['user-1'], matchKeys: [], contacts: [], fields: [],
  }).length, 1);
  again.close();
});

test('a token is given back while it is good, and no more than eight are kept', () => {
  const tokens = tokenCache();
  for (let use = 0; use <= 8; use += 1) {
    tokens.put(`use ${use}`, { value: 'token', goodForMs: 60_000n });
  }
  assert.equal(tokens.get('use 0'), undefined);
  assert.equal(tokens.get('use 8')?.value, 'token');
  tokens.put('use 8', { value: 'token', goodForMs: 0n });
  assert.equal(tokens.get('use 8'), undefined);
});
