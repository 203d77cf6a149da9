#!/usr/bin/env bash
# scim2-filter-parser gives "and" and "or" no precedence: a SCIM filter means something else than
# its author wrote.
#
# Versions: scim2-filter-parser 0.7.0 (PyPI); for comparison scimmy 1.3.5 (npm).
# Expected: RFC 7644 (3.4.2.2) ranks "and" above "or", so
#   userName eq "ana" or externalId eq "7" and active eq true
#   finds ana whether or not she is active.
# What happens: the condition is read from left to right, (... or ...) and ...; the inactive ana is
#   not found. With brackets written out both readings come out right. SCIMMY, given the
#   same filter and the same two people, finds her.
# Why it matters: "is there somebody already?" is asked with such filters before a person is
#   created. Here it says no, and the next request makes a second one or fails on the user name.
# Date seen: 2026-11-27
# Output seen:
#   scim2-filter-parser: ((user_name = ana) OR (external_id = 7)) AND (active = TRUE)
#   with brackets:       (user_name = ana) OR ((external_id = 7) AND (active = TRUE))
#   scimmy finds:        ana
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check scim2-filter-parser==0.7.0 || could_not_install
npm install --silent --no-audit --no-fund --prefix "$tmp" scimmy@1.3.5 >/dev/null || could_not_install

cat > "$tmp/other.mjs" <<'JS'
import SCIMMY from 'scimmy';
const people = [
  { userName: 'ana', externalId: '5', active: false },
  { userName: 'bo', externalId: '7', active: false },
];
console.log(new SCIMMY.Types.Filter(process.argv[2]).match(people).map(person => person.userName).join(', '));
JS

cat > "$tmp/check.py" <<'PY'
import subprocess, sys
from scim2_filter_parser.queries import SQLQuery

columns = {
    ("userName", None, None): "user_name",
    ("externalId", None, None): "external_id",
    ("active", None, None): "active",
}

def condition(text):
    query = SQLQuery(text, "people", columns)
    return query.where_sql.format(**query.params_dict).replace("UPPER(user_name) = UPPER(ana)", "user_name = ana")

plain = 'userName eq "ana" or externalId eq "7" and active eq true'
meant = 'userName eq "ana" or (externalId eq "7" and active eq true)'
found = subprocess.run(["node", sys.argv[1], plain], check=True, capture_output=True, text=True).stdout.strip()
seen = (condition(plain), condition(meant), found)
print("scim2-filter-parser:", seen[0])
print("with brackets:      ", seen[1])
print("scimmy finds:       ", seen[2])
if seen != ("((user_name = ana) OR (external_id = 7)) AND (active = TRUE)",
            "(user_name = ana) OR ((external_id = 7) AND (active = TRUE))", "ana"):
    sys.exit("Changed: one of the two reads 'or' and 'and' in another way now.")
PY
"$tmp/venv/bin/python" "$tmp/check.py" "$tmp/other.mjs"
