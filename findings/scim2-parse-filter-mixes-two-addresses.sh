#!/usr/bin/env bash
# emails[type eq "work" and primary eq true] finds a person whose work address is not primary, if
# another address of theirs is.
#
# Versions: scim2-parse-filter 0.2.10; for comparison scim-query-filter-parser 2.0.4 and scimmy
#   1.3.5 (npm).
# Expected: square brackets are there to bind conditions to one and the same value: RFC 7644, 3.4.2.2
#   gives them for this. Without brackets the two conditions may be met by different values.
# What happens: scim2-parse-filter lets each condition inside the brackets look at all values, so
#   that the filter with brackets means the one without; and "not" inside the brackets speaks of all
#   values at once. With one address a person, as in most tests, nothing of it shows.
# Why it matters: a connector that looks a person up by the work address of one user is given
#   somebody whose private address it is, and links or changes the wrong contact.
# Date seen: 2026-11-28
# Output seen:
#   emails[type eq "work" and primary eq true]
#     scim2-parse-filter: ana, bo; scim-query-filter-parser: bo; scimmy: bo
#   emails[type eq "work" and value eq "ana@home.test"]
#     scim2-parse-filter: ana; scim-query-filter-parser: nobody; scimmy: nobody
#   emails[primary eq true and not (type eq "work")]
#     scim2-parse-filter: nobody; scim-query-filter-parser: no "not"; scimmy: ana
#   emails[type eq "home"]
#     scim2-parse-filter: ana; scim-query-filter-parser: ana; scimmy: ana
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

const people = [
  { userName: 'ana', emails: [
    { type: 'work', primary: false, value: 'ana@contoso.test' },
    { type: 'home', primary: true, value: 'ana@home.test' },
  ] },
  { userName: 'bo', emails: [{ type: 'work', primary: true, value: 'bo@contoso.test' }] },
];
const names = found => found.map(person => person.userName).join(', ') || 'nobody';
const other = text => {
  try {
    return names(people.filter(compileFilter(text)));
  } catch (error) {
    if (error.message !== 'Failed to parse!') throw error;
    return 'no "not"';
  }
};
const cases = [
  ['emails[type eq "work" and primary eq true]', 'ana, bo', 'bo', 'bo'],
  ['emails[type eq "work" and value eq "ana@home.test"]', 'ana', 'nobody', 'nobody'],
  ['emails[primary eq true and not (type eq "work")]', 'nobody', 'no "not"', 'ana'],
  ['emails[type eq "home"]', 'ana', 'ana', 'ana'],
];
let changed = 0;
for (const [text, ...expected] of cases) {
  const found = [names(people.filter(filter(parse(text)))), other(text),
    names(new SCIMMY.Types.Filter(text).match(people))];
  console.log(text);
  console.log(`  scim2-parse-filter: ${found[0]}; scim-query-filter-parser: ${found[1]}; scimmy: ${found[2]}`);
  if (found.join('|') !== expected.join('|')) {
    console.error('Changed: one of the three reads this filter in another way now.');
    changed = 1;
  }
}
process.exit(changed);
JS
node "$tmp/check.mjs"
