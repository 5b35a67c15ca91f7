"""The index template that our queries stand on: the paths that they read, and no document refused for its shape.

Run on 8.19: with `subobjects: false` a nested document and a dotted one index alike, whatever else stands at the path.
A list of objects is skipped whole unless its own path is mapped, so every ancestor of a path is mapped too, as a name
without an index.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

LONGEST_TERM = 8191
"""Characters: of four bytes each they are just below Lucene's limit for a term, which would reject the document."""

SUB_FIELDS: dict[str, dict[str, Any]] = {
    "lc": {"type": "keyword", "normalizer": "lowercase", "ignore_above": LONGEST_TERM},
    "num": {"type": "double", "coerce": False},
    "coerced": {"type": "double"},
    "ip": {"type": "ip"},
    "date": {"type": "date", "format": "strict_date_optional_time"},
}
_ANCESTOR = {"type": "keyword", "index": False, "doc_values": False}


def index_template(patterns: Iterable[str], reads: Iterable[tuple[str, str]]) -> str:
    """Return a composable index template as JSON text.

    `reads` are pairs of a path and the sub-field that is asked ("" for the value itself)."""
    wanted: dict[str, set[str]] = {}
    for path, sub_field in reads:
        wanted.setdefault(path, set()).add(sub_field)
    ancestors = {".".join(parts[:k]) for parts in (p.split(".") for p in wanted) for k in range(1, len(parts))}
    properties = {path: _ANCESTOR for path in ancestors - set(wanted)}
    properties |= {path: _property(subs - {""}) for path, subs in wanted.items()}
    body = {
        "index_patterns": sorted(set(patterns)),
        "template": {
            # A value that is no number, address or time is then only not one, and the document is still indexed.
            "settings": {"index.mapping.ignore_malformed": True},
            "mappings": {
                "subobjects": False,
                "dynamic": False,
                "date_detection": False,
                "properties": dict(sorted(properties.items())),
            },
        },
    }
    return json.dumps(body, indent=2) + "\n"


def _property(sub_fields: set[str]) -> dict[str, Any]:
    if "time" in sub_fields:
        return {"type": "date"}
    found: dict[str, Any] = {"type": "keyword", "ignore_above": LONGEST_TERM}
    if sub_fields:
        found["fields"] = {name: SUB_FIELDS[name] for name in sorted(sub_fields)}
    return found
