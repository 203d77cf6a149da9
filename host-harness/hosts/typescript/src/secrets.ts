// The import `secrets`: files that only their owner can read, and a log of which was given when.

import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Secrets } from './contract.js';

/** Where a secret of that name is kept; none where the name could lead elsewhere. */
export function secretFile(folder: string, name: string): string | undefined {
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name) ? join(folder, 'secrets', name) : undefined;
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

export function secrets(folder: string): typeof Secrets {
  return {
    // The class has no constructor for the component, and one for this host.
    Secret: Secret as unknown as typeof Secrets.Secret,
    get: (name) => {
      const value = read(folder, name);
      // Before it is given: what cannot be noted is not given.
      note(folder, name);
      return new Secret(value) as unknown as Secrets.Secret;
    },
  };
}

function read(folder: string, name: string): string {
  const file = secretFile(folder, name);
  if (file === undefined) {
    throw new SecretFailure({ tag: 'not-found' });
  }
  try {
    return readFileSync(file, 'utf8').trim();
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
