#!/usr/bin/env bash
# In the Python SDK for Microsoft Graph a property that was emptied cannot be told from one that
# did not change.
#
# Versions: msgraph-sdk 1.65.0, microsoft-kiota-serialization-json 1.16.0,
#   microsoft-kiota-abstractions 1.16.0 (PyPI).
# Expected: a delta answer names only what changed, and an emptied property comes as null. The
#   model should let a reader see "mail": null, if not in the attribute, then in the backing store
#   that exists to keep track of values.
# What happens: the JSON reader skips every null of a property that it knows before the model hears
#   of it. The two answers give the same attribute, the same backing store and the same list of
#   values. Only properties that the SDK does not know keep their null, in additional_data.
# Why it matters: a connector built on these models never clears a phone number or an address that
#   was removed in the directory, or clears all that a delta answer does not mention.
# Date seen: 2026-11-27
# Output seen:
#   mail null:   mail None, known to the store True, additional data {'extension_x_desk': None}
#   mail absent: mail None, known to the store True, additional data {}
#   stores equal apart from additional data: True
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  msgraph-sdk==1.65.0 microsoft-kiota-abstractions==1.16.0 \
  microsoft-kiota-serialization-json==1.16.0 || could_not_install

"$tmp/venv/bin/python" - <<'PY'
import sys
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from msgraph.generated.users.delta.delta_get_response import DeltaGetResponse

def read(person):
    answer = b'{"value": [%s]}' % person
    node = JsonParseNodeFactory().get_root_parse_node("application/json", answer)
    return node.get_object_value(DeltaGetResponse).value[0]

emptied = read(b'{"id": "7", "mail": null, "extension_x_desk": null}')
untouched = read(b'{"id": "7"}')

def store(person):
    return dict(pair for pair in person.backing_store.enumerate_())

def line(person):
    return (f"mail {person.mail}, known to the store {'mail' in store(person)}, "
            f"additional data {person.additional_data}")

def without_additional(person):
    return {k: v for k, v in store(person).items() if k != "additional_data"}

equal = without_additional(emptied) == without_additional(untouched)
print("mail null:  ", line(emptied))
print("mail absent:", line(untouched))
print("stores equal apart from additional data:", equal)
if not equal:
    sys.exit("Changed: the model now tells an emptied property from an absent one.")
if emptied.additional_data != {"extension_x_desk": None}:
    sys.exit("Changed: an unknown property no longer keeps its null.")
PY
