// The import `secrets`: files that only their owner can read, and a log of which was given when.

import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Secrets } from './contract.js';

/** Whether a secret can have that name: one that could lead elsewhere cannot. */
export function isSecretName(name: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name);
}

/** Keeps a secret in the place of the one that had its name. */
export function keepSecret(folder: string, name: string, value: string): void {
  const file = secretFile(folder, name);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // A new file, whose name no secret can have: nobody else has it open, whatever the rights of the former one.
  const made = join(dirname(file), `.${randomUUID()}`);
  try {
    const opened = openSync(made, 'wx', 0o600);
    try {
      writeFileSync(opened, value);
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    renameSync(made, file);
  } catch (error) {
    rmSync(made, { force: true });
    throw error;
  }
}

function secretFile(folder: string, name: string): string {
  return join(folder, 'secrets', name);
}

class SecretFailure extends Error {
  constructor(readonly payload: Secrets.SecretError) {
    super(payload.tag);
  }
}

class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }
}

/** Secrets that are kept here, and before them those that are offered with a document and not kept yet. */
export function secrets(folder: string, offered: ReadonlyMap<string, string>): typeof Secrets {
  return {
    // The class has no constructor for the component, and one for this host.
    Secret: Secret as unknown as typeof Secrets.Secret,
    get: (name) => {
      const value = offered.get(name)?.trim() ?? read(folder, name);
      // Before it is given: what cannot be noted is not given.
      note(folder, name);
      return new Secret(value) as unknown as Secrets.Secret;
    },
  };
}

function read(folder: string, name: string): string {
  if (!isSecretName(name)) {
    throw new SecretFailure({ tag: 'not-found' });
  }
  try {
    return readFileSync(secretFile(folder, name), 'utf8').trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new SecretFailure(code === 'ENOENT' ? { tag: 'not-found' } : { tag: 'unavailable', val: code ?? 'unreadable' });
  }
}

function note(folder: string, secret: string): void {
  const line = JSON.stringify({ at: new Date().toISOString(), process: process.pid, given: secret });
  try {
    appendFileSync(join(folder, 'audit.jsonl'), `${line}\n`, { mode: 0o600 });
  } catch {
    throw new SecretFailure({ tag: 'unavailable', val: 'the audit log cannot be written' });
  }
}
