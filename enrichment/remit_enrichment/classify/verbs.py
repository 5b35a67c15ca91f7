"""The last resort: the class that the verb of a name suggests."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_DELETING = ("delete", "remove", "drop", "destroy")
_API_VERBS = {
    "list": "discovery",
    "describe": "discovery",
    **dict.fromkeys(("get", "head", "read", "search", "check", "query", "scan", "lookup", "view"), "read"),
    **dict.fromkeys((*_DELETING, "terminate", "purge"), "delete"),
}
_TOOL_VERBS = {
    **dict.fromkeys(("list", "get", "read", "search", "check", "describe"), "read"),
    **dict.fromkeys(_DELETING, "delete"),
}


def class_by_verb(name: str) -> str:
    """Class of an API operation: `write` unless its first word is a known verb of reading or removing."""
    return _API_VERBS.get(_first_word(name), "write")


def tool_class_by_verb(name: str) -> str:
    """Class of a tool, by the verbs that the registry's documentation promises."""
    return _TOOL_VERBS.get(_first_word(name), "write")


def _first_word(name: str) -> str:
    word = _WORDS.search(name.rpartition(":")[2].rpartition("/")[2])
    return word[0].lower() if word else ""
