// What a workspace promises around the calls of a component.

import assert from 'node:assert/strict';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Database } from '../src/database.js';
import { Lease } from '../src/lease.js';
import { keepSecret, secrets } from '../src/secrets.js';
import { Workspace } from '../src/workspace.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'contact-sync-host-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('a disk that does not have everything yet because of others is told as unavailable', async () => {
  const database = new Database(folder, 100);
  const reader = new Database(folder);
  reader.run('BEGIN');
  reader.all('SELECT * FROM contacts');
  database.run("INSERT INTO state (key, value) VALUES ('key', x'00')");
  await assert.rejects(() => database.flush(), (error: { payload: { tag: string } }) => error.payload.tag === 'unavailable');
  reader.run('COMMIT');
  await database.flush();
  reader.close();
  database.close();
});

test('why a call failed is told also where nothing more can be written', async () => {
  const workspace = new Workspace(folder, { allowLoopback: false });
  const call = () => workspace.call('{}', () => {
    workspace.database.close();
    throw new Error('the first error');
  });
  await assert.rejects(workspace.alone('sync', call), /the first error/);
});

test('a run that rests between two slices keeps its lease, and hears where it lost it', async () => {
  const workspace = new Workspace(folder, { allowLoopback: false });
  const { database } = workspace;
  await workspace.alone('sync', async () => {
    database.run('UPDATE lease SET expires_at_ms = 0');
    await workspace.rest(0);
    const row = database.one<{ expires_at_ms: number }>('SELECT expires_at_ms FROM lease');
    assert((row?.expires_at_ms ?? 0) > Date.now());
    database.run('UPDATE lease SET token = token + 1');
    await assert.rejects(workspace.rest(0), /lease-lost/);
  });
  database.close();
});

test('a run is at work while somebody holds a lease for it', () => {
  const database = new Database(folder);
  const now = Date.now();
  for (const [task, isRunning] of [['plan', false], ['sync', true], ['connect', false], ['undo', true]] as const) {
    const lease = Lease.acquire(database, task, now);
    assert.equal(Lease.isRunning(database, now), isRunning, task);
    assert.equal(Lease.isRunning(database, now + 61_000), false, 'an expired lease is nobody\'s');
    lease.release(database);
    assert.equal(Lease.isRunning(database, now), false);
  }
  database.close();
});

test('a secret is kept in a new file that its owner alone can read', () => {
  const kept = join(folder, 'secrets', 'name');
  mkdirSync(join(folder, 'secrets'));
  writeFileSync(kept, 'former');
  chmodSync(kept, 0o644);
  const former = openSync(kept, 'r');
  keepSecret(folder, 'name', 'new');
  assert.equal(readFileSync(former, 'utf8'), 'former', 'whoever had the former file open reads the new secret');
  closeSync(former);
  assert.equal(readFileSync(kept, 'utf8'), 'new');
  if (process.platform !== 'win32') {
    assert.equal(statSync(kept).mode & 0o777, 0o600);
  }
  assert.deepEqual(readdirSync(join(folder, 'secrets')), ['name']);
});

test('a secret that is offered comes before the one that is kept, and only names of secrets are read', () => {
  keepSecret(folder, 'name', '\ufeffkept\r\n');
  const read = (name: string, offered: Array<[string, string]> = []) => secrets(folder, new Map(offered)).get(name).reveal();
  assert.equal(read('name'), 'kept');
  assert.equal(read('name', [['name', 'offered\n']]), 'offered');
  for (const name of ['../audit.jsonl', '.name', 'unknown']) {
    assert.throws(() => read(name), (error: { payload: { tag: string } }) => error.payload.tag === 'not-found');
  }
});
