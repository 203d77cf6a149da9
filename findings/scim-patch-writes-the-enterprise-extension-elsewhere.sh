#!/usr/bin/env bash
# scim-patch takes the last part of the enterprise extension's name for an attribute, and writes
# beside the extension.
#
# Versions: scim-patch 0.8.3 (npm).
# Expected: a patch without a path whose value holds the object
#   "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User" sets attributes of that extension.
#   With a path, "...:2.0:User:costCenter", the library does just this.
# What happens: the name is cut at its last colon. The value lands in a new attribute
#   "urn:...:enterprise:2.0" beside the real one, under "User"; the department that should have
#   changed stays. No error.
# Why it matters: department, manager and employee number live in this extension. A connector that
#   sends it as a whole object gets a success, reads the old department back next time, and sends it
#   again, for ever.
# Date seen: 2026-11-27
# Output seen:
#   with a path:    department Service; new attributes: none
#   as an object:   department Sales; new attributes: urn:ietf:params:scim:schemas:extension:enterprise:2.0 = {"User":{"department":"Service"}}
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

npm install --silent --no-audit --no-fund --prefix "$tmp" scim-patch@0.8.3 >/dev/null || could_not_install

cat > "$tmp/check.mjs" <<'JS'
import { scimPatch } from 'scim-patch';

const extension = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const person = () => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', extension],
  id: '7', userName: 'ana', meta: { resourceType: 'User' }, [extension]: { department: 'Sales' },
});
const patch = operation => {
  const before = Object.keys(person());
  const after = scimPatch(person(), [operation]);
  const added = Object.entries(after).filter(([name]) => !before.includes(name))
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return `department ${after[extension].department}; new attributes: ${added.join(', ') || 'none'}`;
};
const byPath = patch({ op: 'replace', path: `${extension}:department`, value: 'Service' });
const asObject = patch({ op: 'replace', value: { [extension]: { department: 'Service' } } });
console.log('with a path:   ', byPath);
console.log('as an object:  ', asObject);
if (byPath !== 'department Service; new attributes: none'
  || asObject !== `department Sales; new attributes: ${extension.replace(':User', '')} = {"User":{"department":"Service"}}`) {
  console.error('Changed: the enterprise extension is patched in another way now.');
  process.exit(1);
}
JS
node "$tmp/check.mjs"
