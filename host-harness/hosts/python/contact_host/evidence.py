"""Evidence as it stands in a column: JSON with `tag` and `val`."""

import json

from .boundary import Variant


def to_text(evidence: Variant | None) -> str | None:
    if evidence is None:
        return None
    held = {"tag": evidence.tag}
    if evidence.payload is not None:
        held["val"] = evidence.payload
    return json.dumps(held, ensure_ascii=False)


def from_text(text: str | None) -> Variant | None:
    if text is None:
        return None
    held = json.loads(text)
    return Variant(held["tag"], held.get("val"))
