#!/usr/bin/env bash
# The type of a text in a directory extension attribute depends on what somebody typed into it.
#
# Versions: msgraph-sdk 1.65.0, microsoft-kiota-serialization-json 1.16.0 (PyPI).
# Expected: a JSON string of a property that the SDK has no model for arrives as that string.
# What happens: in additional_data a string shaped like a UUID becomes a UUID object and loses its
#   capitals, and one that is a calendar date becomes a datetime at midnight. "2024-02-30" is no
#   day of the calendar and stays a string, so one attribute has two types in one page of people.
# Why it matters: directory extensions hold badge numbers, keys of other systems and dates as text.
#   A connector that stores, compares or matches by them sees a changed value, and json.dumps fails
#   for some people only.
# Date seen: 2026-11-27
# Output seen:
#   0F8FAD5B-D9CB-469F-A165-70867728950E -> UUID 0f8fad5b-d9cb-469f-a165-70867728950e
#   2024-02-28 -> datetime 2024-02-28 00:00:00
#   2024-02-30 -> str 2024-02-30
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  msgraph-sdk==1.65.0 microsoft-kiota-abstractions==1.16.0 \
  microsoft-kiota-serialization-json==1.16.0 || could_not_install

"$tmp/venv/bin/python" - <<'PY'
import json, sys
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from msgraph.generated.models.user_collection_response import UserCollectionResponse

typed = ["0F8FAD5B-D9CB-469F-A165-70867728950E", "2024-02-28", "2024-02-30"]
page = json.dumps({"value": [{"id": str(n), "extension_x_badge": text} for n, text in enumerate(typed)]})
node = JsonParseNodeFactory().get_root_parse_node("application/json", page.encode())
people = node.get_object_value(UserCollectionResponse).value

seen = []
for text, person in zip(typed, people):
    value = person.additional_data["extension_x_badge"]
    seen.append(f"{type(value).__name__} {value}")
    print(text, "->", seen[-1])
if seen != ["UUID 0f8fad5b-d9cb-469f-a165-70867728950e", "datetime 2024-02-28 00:00:00", "str 2024-02-30"]:
    sys.exit("Changed: the reader types the texts of extension attributes in another way now.")
PY
