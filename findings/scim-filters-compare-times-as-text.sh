#!/usr/bin/env bash
# A SCIM filter for "changed since" misses what changed within the same second, and what another
# time zone wrote.
#
# Versions: scim2-parse-filter 0.2.10, scim-query-filter-parser 2.0.4; for comparison scimmy 1.3.5
#   (npm).
# Expected: gt on a dateTime compares points in time (RFC 7644, 3.4.2.2: chronological order).
#   12:00:00.500Z is after 12:00:00Z; 14:00:00+02:00 is not after 12:30:00Z.
# What happens: two of the three compare the characters. "." comes before "Z", so that half a second
#   after noon is before noon, for ge as well; and an offset is not counted at all. scimmy parses
#   both sides and is right.
# Why it matters: a connector that remembers the time of its last run without a fraction, and asks a
#   server whose times have one, is never told of changes in that second. It gets other changes, so
#   that nothing looks wrong.
# Date seen: 2026-11-28
# Output seen:
#   meta.lastModified gt "2026-03-01T12:00:00Z"
#     scim2-parse-filter: second, zone; scim-query-filter-parser: second, zone; scimmy: half, second
#   meta.lastModified ge "2026-03-01T12:00:00Z"
#     scim2-parse-filter: second, zone; scim-query-filter-parser: second, zone; scimmy: half, second, zone
#   meta.lastModified gt "2026-03-01T12:30:00Z"
#     scim2-parse-filter: zone; scim-query-filter-parser: zone; scimmy: nothing
#   meta.lastModified gt "2026-02-28T00:00:00Z"
#     scim2-parse-filter: half, second, zone; scim-query-filter-parser: half, second, zone; scimmy: half, second, zone
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

npm install --silent --no-audit --no-fund --prefix "$tmp" \
  scim2-parse-filter@0.2.10 scim-query-filter-parser@2.0.4 scimmy@1.3.5 >/dev/null || could_not_install

cat > "$tmp/check.mjs" <<'JS'
import { filter, parse } from 'scim2-parse-filter';
import { compileFilter } from 'scim-query-filter-parser';
import SCIMMY from 'scimmy';

const changes = [
  { id: 'half', meta: { lastModified: '2026-03-01T12:00:00.500Z' } },
  { id: 'second', meta: { lastModified: '2026-03-01T12:00:01Z' } },
  { id: 'zone', meta: { lastModified: '2026-03-01T14:00:00+02:00' } },
];
const ids = found => found.map(change => change.id).join(', ') || 'nothing';
const cases = [
  ['meta.lastModified gt "2026-03-01T12:00:00Z"', 'second, zone', 'second, zone', 'half, second'],
  ['meta.lastModified ge "2026-03-01T12:00:00Z"', 'second, zone', 'second, zone', 'half, second, zone'],
  ['meta.lastModified gt "2026-03-01T12:30:00Z"', 'zone', 'zone', 'nothing'],
  ['meta.lastModified gt "2026-02-28T00:00:00Z"', ...Array(3).fill('half, second, zone')],
];
let changed = 0;
for (const [text, ...expected] of cases) {
  const found = [ids(changes.filter(filter(parse(text)))), ids(changes.filter(compileFilter(text))),
    ids(new SCIMMY.Types.Filter(text).match(changes))];
  console.log(text);
  console.log(`  scim2-parse-filter: ${found[0]}; scim-query-filter-parser: ${found[1]}; scimmy: ${found[2]}`);
  if (found.join('|') !== expected.join('|')) {
    console.error('Changed: one of the three compares times in another way now.');
    changed = 1;
  }
}
process.exit(changed);
JS
node "$tmp/check.mjs"
