"""What a contact of this platform can hold, and what is refused before anything of its change is written."""

import json
import re
from pathlib import Path

from .boundary import Record, Variant, record
from .spelling import list_key

DESCRIPTION = json.loads((Path(__file__).parents[2] / "description.json").read_text("utf-8"))
FIELDS = {field["name"]: field for field in DESCRIPTION["fields"]}
LIMITS = DESCRIPTION["limits"]

EMAIL = "email"
"""The field by which an unlinked contact is found."""

MAX_BATCH = DESCRIPTION["maxBatch"]
"""Most of anything in one call."""


def description() -> Record:
    """The contract's `describe`."""
    return record({
        "fields": [described(field) for field in DESCRIPTION["fields"]],
        "custom-fields": True,
        "atomic": True,
        "max-batch": MAX_BATCH,
        "journal": True,
        "marks": False,
        "edits": True,
        "unlinked": True,
        "limits": record({
            "custom-fields": None,
            "custom-field-label": LIMITS["customFieldLabel"],
            "custom-field-value": LIMITS["customFieldValue"],
            "list-name": LIMITS["listName"],
        }),
        "codes": [
            record({"code": code, "kind": "refusal", "label": label, "advice": None})
            for code, label in DESCRIPTION["codes"].items()
        ],
    })


def described(field: dict) -> Record:
    return record({
        "name": field["name"],
        "label": field["label"],
        "kind": Variant(field["kind"]),
        "mandatory": False,
        "max-length": field["maxLength"],
        "role": Variant(field["role"]) if "role" in field else None,
    })


def refusal(code: str, field: str | None = None) -> Record:
    return record({"field": field, "code": code})


def refused_writes(writes: list) -> Record | None:
    """The first reason not to write these values."""
    named = set()
    for write in writes:
        code = "repeated-field" if write.name in named else refused_value(write.name, write.value)
        if code == "invalid-field-name":
            return refusal(code)
        if code is not None:
            return refusal(code, write.name)
        named.add(write.name)
    return None


def refused_base(base: list) -> Record | None:
    """A base is the directory's data and follows its rules, but an empty text is no value."""
    return next((refusal("empty-value", field.name) for field in base if field.value == ""), None)


def refused_object_id(object_id: str) -> Record | None:
    return None if 0 < len(object_id.encode()) <= 128 else refusal("invalid-object-id")


def refused_lists(lists: list) -> Record | None:
    invalid = any(not list_key(each.name) or len(each.name) > LIMITS["listName"] for each in lists)
    return refusal("invalid-list") if invalid else None


def refused_activity(active: bool | None) -> Record | None:
    """Making a contact inactive takes something away, so it needs a removal with its evidence."""
    return refusal("needs-removal") if active is False else None


def refused_value(name: str, value: str | None) -> str | None:
    if value == "":
        return "empty-value"
    field = FIELDS.get(name)
    if field is None and (not name.strip() or len(name) > LIMITS["customFieldLabel"]):
        return "invalid-field-name"
    if value is None:
        return None
    if len(value) > (field["maxLength"] if field else LIMITS["customFieldValue"]):
        return "too-long"
    if field and field["kind"] == "email" and not is_address(value):
        return "invalid-email"
    return None


def is_address(text: str) -> bool:
    """Keeps out what cannot be an address; the directory has judged the rest already."""
    return re.fullmatch(r"[^\s\x00-\x1f\x7f-\x9f]+@[^\s\x00-\x1f\x7f-\x9f@.]+(\.[^\s\x00-\x1f\x7f-\x9f@.]+)*", text.strip()) is not None
