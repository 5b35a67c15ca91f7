"""Writing text into Elastic's two query languages so that it comes back as it was meant.

`query_string` syntax: Elasticsearch reference, "Query string query" (reserved characters, regular expressions). ES|QL:
"ES|QL basic syntax" (string literals). What the pages leave open was run on 8.19.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TypeAlias

from sigma.types import SpecialChars

from remit.meaning.values import fold

Part: TypeAlias = str | SpecialChars
"""A piece of a Sigma value: literal text or a wildcard."""

_FOLDED_ALIKE = {
    "i": "\u0130",
    "k": "\u212a",
    "\u00e5": "\u212b",
    "\u03b8": "\u03f4",
    "\u03c9": "\u2126",
    "\u00df": "\u1e9e",
}
"""Letters whose lower case is the key although the key's upper case is another letter."""

_QUERY_STRING = re.compile(r'([+\-=&|><!(){}\[\]^"~*?:\\/\s])')
_OPERATORS = frozenset({"AND", "OR", "NOT", "TO"})
_REGEX = frozenset('.?+*|{}[]()"\\#@&<>~^$-/')
_ESQL = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@cache
def spellings(character: str) -> tuple[str, ...]:
    """Return every character that folds like this one, sorted."""
    lower = fold(character)
    candidates = {lower, lower.upper(), lower.title(), _FOLDED_ALIKE.get(lower, lower)}
    return tuple(sorted(c for c in candidates if len(c) == 1 and fold(c) == lower))


def caseless(text: str) -> bool:
    """Whether no other spelling folds to the same text."""
    return all(len(spellings(c)) == 1 for c in text)


def lucene_name(field: str) -> str:
    """Return a field name as `query_string` reads it."""
    escaped = _QUERY_STRING.sub(r"\\\1", field)
    return f"\\{escaped}" if escaped in _OPERATORS else escaped


def lucene_phrase(text: str) -> str:
    """Return a whole value: in quotes nothing but the quote and the backslash means anything."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def lucene_pattern(parts: Sequence[Part]) -> str:
    """Return a whole value with wildcards, which stand outside quotes."""
    return "".join(_QUERY_STRING.sub(r"\\\1", p) if isinstance(p, str) else _WILDCARDS[p] for p in parts)


def lucene_regex(parts: Sequence[Part], *, ignore_case: bool, ascii_only: bool = False, many: str = ".*") -> str:
    """Return a whole value with wildcards as a regular expression, a class a letter where case is ignored.

    A dot is any character, a newline too. `many` stands for `*`. Values are `ascii_only` where other letters that fold
    alike need not be looked for."""
    wildcards = {SpecialChars.WILDCARD_MULTI: many, SpecialChars.WILDCARD_SINGLE: "."}

    def spelled(text: str) -> str:
        if not ignore_case:
            return "".join(regex_class((c,)) for c in text)
        return "".join(regex_class(x for x in spellings(c) if x.isascii() or not ascii_only or x == c) for c in text)

    return "".join(spelled(part) if isinstance(part, str) else wildcards[part] for part in parts)


_WILDCARDS = {SpecialChars.WILDCARD_MULTI: "*", SpecialChars.WILDCARD_SINGLE: "?"}


def regex_class(characters: Iterable[str]) -> str:
    """Return a regular expression for any one of the characters."""
    escaped = [f"\\{c}" if c in _REGEX else c for c in characters]
    return escaped[0] if len(escaped) == 1 else f"[{''.join(escaped)}]"


def esql_string(text: str) -> str:
    """Return an ES|QL string literal. In three quotes everything stands for itself, but no line may end there; in one
    there are escapes for five characters, the others have none and need none."""
    if ('"' in text or "\\" in text) and not any(c in text for c in "\n\r") and '"""' not in text:
        return f'"""{text}"""'
    return '"' + "".join(_ESQL.get(c, c) for c in text) + '"'
