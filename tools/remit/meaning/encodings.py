"""Modifiers that turn a value into other values before anything is compared: `wide`, `base64`, `windash`, `expand`."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from itertools import product

from remit.content import Scalar
from remit.meaning.patterns import Pattern, Wildcard, literal
from remit.meaning.values import text_of

DASHES = ("-", "/", "\u2013", "\u2014", "\u2015")
_DASH = re.compile(r"\B[-/]\b")
_MOST_DASHES = 4
_WIDE = {"wide": "utf-16-le", "utf16": "utf-16", "utf16be": "utf-16-be"}
_PLACEHOLDER = re.compile(r"%([^%\s]+)%")


class NoValue(Exception):
    """`args`: the construct, why it has no meaning, what to do."""


def alternatives(
    pattern: Pattern, modifiers: Sequence[str], placeholders: Mapping[str, Sequence[Scalar]]
) -> list[Pattern]:
    """Return the patterns that a value stands for; any of them may match."""
    patterns = [pattern]
    if "expand" in modifiers:
        patterns = [each for before in patterns for each in _expand(before, placeholders)]
    if "windash" in modifiers:
        patterns = [each for before in patterns for each in _windash(before)]
    if {"base64", "base64offset", *_WIDE}.intersection(modifiers):
        return [(text,) for before in patterns for text in _encoded(before, modifiers)]
    return patterns


def _expand(pattern: Pattern, placeholders: Mapping[str, Sequence[Scalar]]) -> list[Pattern]:
    options: list[list[Pattern]] = []
    for part in pattern:
        if isinstance(part, Wildcard):
            options.append([(part,)])
            continue
        at = 0
        for found in _PLACEHOLDER.finditer(part):
            if found[1] not in placeholders:
                raise NoValue(
                    f"placeholder `%{found[1]}%`", "no value is given for it", "say it in site.yml, under expand"
                )
            options.append([(part[at : found.start()],)])
            options.append([(text_of(value),) for value in placeholders[found[1]]])
            at = found.end()
        options.append([(part[at:],)])
    return [tuple(part for piece in choice for part in piece if part != "") for choice in product(*options)]


def _windash(pattern: Pattern) -> list[Pattern]:
    """Let every dash before a word be any of the dashes that Windows programs take for one."""
    pieces: list[tuple[str | Wildcard, ...]] = []
    for part in pattern:
        if isinstance(part, Wildcard):
            pieces.append((part,))
            continue
        at = 0
        for found in _DASH.finditer(part):
            pieces += [(part[at : found.start()],), DASHES]
            at = found.end()
        pieces.append((part[at:],))
    if sum(piece is DASHES for piece in pieces) > _MOST_DASHES:
        raise NoValue("modifier `windash`", f"more than {_MOST_DASHES} dashes", "look for a shorter text")
    return [tuple(part for part in choice if part != "") for choice in product(*pieces)]


def _encoded(pattern: Pattern, modifiers: Sequence[str]) -> list[str]:
    text = literal(pattern)
    if text is None:
        raise NoValue("a wildcard under an encoding", "it cannot be encoded", "look for the text without it (contains)")
    codec = next((_WIDE[name] for name in modifiers if name in _WIDE), "utf-8")
    raw = text.encode(codec)
    if "base64" in modifiers:
        return [b64encode(raw).decode()]
    if "base64offset" in modifiers:
        return [_at_offset(raw, offset) for offset in range(3)]
    try:
        return [raw.decode()]
    except UnicodeDecodeError:
        raise NoValue("UTF-16 without base64", "the bytes are no text", "add base64offset|contains") from None


def _at_offset(raw: bytes, offset: int) -> str:
    """Return the base64 digits that depend on these bytes alone where `offset` others stand before them."""
    encoded = b64encode(b"\0" * offset + raw).decode()
    start = (0, 2, 3)[offset]
    end = (None, -3, -2)[(offset + len(raw)) % 3]
    return encoded[start:end]
