// What a contact of this platform can hold, and what is refused before anything of its change is written.

import { readFileSync } from 'node:fs';
import type { ContactList, Description, Field, FieldWrite, Refusal } from './contract.js';
import { listKey } from './spelling.js';

interface Described {
  name: string;
  label: string;
  kind: 'text' | 'email' | 'phone';
  maxLength: number;
  role?: Exclude<NonNullable<Description['fields'][number]['role']>['tag'], 'other'>;
}

const DESCRIPTION = JSON.parse(readFileSync(new URL('../../../description.json', import.meta.url), 'utf8')) as {
  fields: Described[];
  maxBatch: number;
  limits: { customFieldLabel: number; customFieldValue: number; listName: number };
  codes: Record<string, string>;
};
const FIELDS = new Map(DESCRIPTION.fields.map((field) => [field.name, field]));

/** The field by which an unlinked contact is found. */
export const EMAIL = 'email';

/** Most of anything in one call. */
export const MAX_BATCH = DESCRIPTION.maxBatch;

/** The contract's `describe`. */
export function description(): Description {
  return {
    fields: DESCRIPTION.fields.map(({ name, label, kind, maxLength, role }) => ({
      name,
      label,
      kind: { tag: kind },
      mandatory: false,
      maxLength,
      ...(role === undefined ? {} : { role: { tag: role } }),
    })),
    customFields: true,
    atomic: true,
    maxBatch: MAX_BATCH,
    journal: true,
    marks: false,
    edits: true,
    unlinked: true,
    limits: DESCRIPTION.limits,
    codes: Object.entries(DESCRIPTION.codes).map(([code, label]) => ({ code, kind: 'refusal', label })),
  };
}

/** The first reason not to write these values. */
export function refusedWrites(writes: Array<FieldWrite | Field>): Refusal | undefined {
  const named = new Set<string>();
  for (const { name, value } of writes) {
    const code = named.has(name) ? 'repeated-field' : refusedValue(name, value);
    if (code === 'invalid-field-name') {
      return { code };
    }
    if (code !== undefined) {
      return { field: name, code };
    }
    named.add(name);
  }
  return undefined;
}

/** A base is the directory's data and follows its rules, but an empty text is no value. */
export function refusedBase(base: Field[]): Refusal | undefined {
  const empty = base.find((field) => field.value === '');
  return empty && { field: empty.name, code: 'empty-value' };
}

export function refusedObjectId(objectId: string): Refusal | undefined {
  const length = Buffer.byteLength(objectId);
  return length === 0 || length > 128 ? { code: 'invalid-object-id' } : undefined;
}

export function refusedLists(lists: ContactList[]): Refusal | undefined {
  const invalid = ({ name }: ContactList) => listKey(name) === '' || isLonger(name, DESCRIPTION.limits.listName);
  return lists.some(invalid) ? { code: 'invalid-list' } : undefined;
}

/** Making a contact inactive takes something away, so it needs a removal with its evidence. */
export function refusedActivity(active: boolean | undefined): Refusal | undefined {
  return active === false ? { code: 'needs-removal' } : undefined;
}

function refusedValue(name: string, value: string | undefined): string | undefined {
  if (value === '') {
    return 'empty-value';
  }
  const field = FIELDS.get(name);
  if (field === undefined && (name.trim() === '' || isLonger(name, DESCRIPTION.limits.customFieldLabel))) {
    return 'invalid-field-name';
  }
  if (value === undefined) {
    return undefined;
  }
  if (isLonger(value, field?.maxLength ?? DESCRIPTION.limits.customFieldValue)) {
    return 'too-long';
  }
  return field?.kind === 'email' && !isAddress(value) ? 'invalid-email' : undefined;
}

/** Lengths are told in Unicode scalar values, of which a text has at most as many as UTF-16 units. */
function isLonger(text: string, most: number): boolean {
  return text.length > most && [...text].length > most;
}

/** Keeps out what cannot be an address; the directory has judged the rest already. */
function isAddress(text: string): boolean {
  return /^[^\s\p{Cc}]+@[^\s\p{Cc}@.]+(\.[^\s\p{Cc}@.]+)*$/u.test(text.trim());
}
