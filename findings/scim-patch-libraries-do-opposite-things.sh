#!/usr/bin/env bash
# "Replace the name with this given name": two SCIM libraries drop the family name in opposite
# spellings of the one request, and a third in neither.
#
# Versions: scim-patch 0.8.3, scimmy 1.3.5 (npm), scim2-models 0.12.3 (PyPI).
# Expected: {"op": "replace", "path": "name", "value": {...}} and the same without a path and with
#   the value under "name" are one thing said twice; RFC 7644 (3.5.2.3) leaves sub-attributes that
#   are not mentioned as they are.
# What happens: scim-patch keeps the family name with the path and drops it without; SCIMMY drops it
#   with the path and keeps it without; scim2-models keeps it both times. The answers are successes.
# Why it matters: there is no whole-object spelling that is safe for every server. A connector that
#   writes to SCIM has to name the sub-attribute itself (path "name.givenName"), which all three do
#   alike.
# Date seen: 2026-11-27
# Output seen (what is left of the name Ana Roa after the given name Bo):
#   scim-patch:   with path Bo Roa; without Bo -; by sub-attribute Bo Roa
#   scimmy:       with path Bo -; without Bo Roa; by sub-attribute Bo Roa
#   scim2-models: with path Bo Roa; without Bo Roa; by sub-attribute Bo Roa
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check scim2-models==0.12.3 || could_not_install
npm install --silent --no-audit --no-fund --prefix "$tmp" scim-patch@0.8.3 scimmy@1.3.5 >/dev/null || could_not_install

cat > "$tmp/ask.json" <<'JSON'
{
  "person": {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "id": "7", "userName": "ana", "name": { "givenName": "Ana", "familyName": "Roa" }
  },
  "operations": {
    "with path": { "op": "replace", "path": "name", "value": { "givenName": "Bo" } },
    "without": { "op": "replace", "value": { "name": { "givenName": "Bo" } } },
    "by sub-attribute": { "op": "replace", "path": "name.givenName", "value": "Bo" }
  }
}
JSON

cat > "$tmp/two.mjs" <<'JS'
import { readFileSync } from 'node:fs';
import { scimPatch } from 'scim-patch';
import SCIMMY from 'scimmy';
const { person, operations } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const name = ({ givenName, familyName }) => `${givenName ?? '-'} ${familyName ?? '-'}`;
const copy = () => structuredClone({ ...person, meta: { resourceType: 'User' } });
const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
const show = async (library, patch) => {
  const lines = [];
  for (const [title, operation] of Object.entries(operations)) {
    lines.push(`${title} ${name((await patch(operation)).name)}`);
  }
  console.log(library, lines.join('; '));
};
await show('scim-patch:  ', operation => scimPatch(copy(), [operation]));
await show('scimmy:      ', async operation => {
  let patched;
  await new SCIMMY.Messages.PatchOp({ schemas, Operations: [operation] })
    .apply(new SCIMMY.Schemas.User(copy(), 'in'), result => (patched = result));
  return patched;
});
JS

cat > "$tmp/check.py" <<'PY'
import json, subprocess, sys
from scim2_models import PatchOp, User

folder = sys.argv[1]
with open(f"{folder}/ask.json") as file:
    ask = json.load(file)

def patched(operation):
    person = User.model_validate(ask["person"])
    PatchOp[User].model_validate({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation],
    }).patch(person)
    return f"{person.name.given_name or '-'} {person.name.family_name or '-'}"

both = subprocess.run(["node", f"{folder}/two.mjs", f"{folder}/ask.json"],
                      check=True, capture_output=True, text=True).stdout
third = "; ".join(f"{title} {patched(operation)}" for title, operation in ask["operations"].items())
seen = both + f"scim2-models: {third}\n"
print(seen, end="")
if seen != """\
scim-patch:   with path Bo Roa; without Bo -; by sub-attribute Bo Roa
scimmy:       with path Bo -; without Bo Roa; by sub-attribute Bo Roa
scim2-models: with path Bo Roa; without Bo Roa; by sub-attribute Bo Roa
""":
    sys.exit("Changed: one of the libraries replaces a name in another way now.")
PY
"$tmp/venv/bin/python" "$tmp/check.py" "$tmp"
