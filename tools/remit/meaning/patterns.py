"""Texts with wildcards: `*` any text, `?` one code point, `\\` before one of them or itself takes its meaning."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import TypeAlias


class Wildcard(Enum):
    MANY = "*"
    ONE = "?"


Pattern: TypeAlias = tuple[str | Wildcard, ...]
"""Literal texts and wildcards."""

_ESCAPABLE = "*?\\"


def parse(text: str) -> Pattern:
    """Return the pattern that a Sigma value spells. A backslash before any other character is a backslash."""
    parts: list[str | Wildcard] = []
    literal = ""
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1 : at + 2] and text[at + 1] in _ESCAPABLE:
            literal += text[at + 1]
            at += 1
        elif char in "*?":
            parts += [literal, Wildcard(char)] if literal else [Wildcard(char)]
            literal = ""
        else:
            literal += char
        at += 1
    return (*parts, literal) if literal else tuple(parts)


def literal(pattern: Pattern) -> str | None:
    """Return the text of a pattern without wildcards, None where it has one."""
    texts = [part for part in pattern if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(pattern) else None


def text_matcher(pattern: Pattern) -> Callable[[str], bool]:
    """Return the test whether a whole text fits.

    The pieces between `*` are looked for one after the other, each as far left as it fits: linear, where a regular
    expression of several `.*` could be made to backtrack by whoever writes the log.
    """
    pieces: list[list[str | Wildcard]] = [[]]
    for part in pattern:
        if part is Wildcard.MANY:
            pieces.append([])
        else:
            pieces[-1].append(part)
    if len(pieces) == 1 and (whole := literal(pattern)) is not None:
        return lambda text: text == whole
    head, *middle = [_piece(piece) for piece in pieces]
    if not middle:
        return lambda text: head.fullmatch(text) is not None
    *between, tail = middle
    tail_length = sum(len(part) if isinstance(part, str) else 1 for part in pieces[-1])

    def fits(text: str) -> bool:
        start = head.match(text)
        at = start.end() if start else -1
        for piece in between:
            found = piece.search(text, at) if at >= 0 else None
            at = found.end() if found else -1
        return 0 <= at <= len(text) - tail_length and tail.match(text, len(text) - tail_length) is not None

    return fits


def _piece(parts: list[str | Wildcard]) -> re.Pattern[str]:
    return re.compile("".join("." if part is Wildcard.ONE else re.escape(str(part)) for part in parts), re.DOTALL)
