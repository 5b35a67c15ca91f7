"""The last resort: the class that the verb of a name suggests."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_VERBS = {
    "list": "discovery",
    "describe": "discovery",
    "get": "read",
    "head": "read",
    "read": "read",
    "search": "read",
    "check": "read",
    "query": "read",
    "scan": "read",
    "lookup": "read",
    "view": "read",
    "delete": "delete",
    "terminate": "delete",
    "remove": "delete",
    "drop": "delete",
    "destroy": "delete",
    "purge": "delete",
}


def class_by_verb(name: str) -> str:
    """`write` unless the first word behind the last `:` or `/` is a known verb of reading or removing."""
    word = _WORDS.search(name.rpartition(":")[2].rpartition("/")[2])
    return _VERBS.get(word[0].lower(), "write") if word else "write"
