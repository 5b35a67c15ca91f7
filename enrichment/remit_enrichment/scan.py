"""Find where JSON values begin and end in bytes, by brackets and strings alone.

Nothing is validated here: each record found is decoded on its own afterwards, so one broken record of a container does
not take the others with it. Valid JSON is always split rightly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]"]', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,:{}\[\]\"]+")
_BLANKS = re.compile(rb"[ \t\r\n]*")
OPENERS, CLOSERS = b"{[", b"}]"


class NotJson(ValueError):
    """The bytes are not shaped like the JSON value that was asked for."""


class Member(NamedTuple):
    """One `"key": value` of an object, as offsets into its bytes."""

    key: str
    start: int
    value: int
    end: int


def depth_after(raw: bytes, depth: int = 0) -> int | None:
    """Return how many brackets are open after `raw`, None where a string is: no line break can stand in one."""
    for token in _TOKEN.finditer(raw):
        text = token[0]
        if text in OPENERS:
            depth += 1
        elif text in CLOSERS:
            depth -= 1
        elif text == b'"':
            return None
    return depth


def value_end(raw: bytes, start: int) -> int:
    """Return the offset behind the value that begins at `start`, -1 where it does not end."""
    first = raw[start : start + 1]
    if first in (b"{", b"["):
        depth = 0
        for token in _TOKEN.finditer(raw, start):
            text = token[0]
            if text in OPENERS:
                depth += 1
            elif text in CLOSERS:
                depth -= 1
                if depth == 0:
                    return token.end()
            elif text == b'"':
                return -1
        return -1
    found = (STRING if first == b'"' else _SCALAR).match(raw, start)
    return found.end() if found else -1


def members(raw: bytes) -> Iterator[Member]:
    """Yield the members of an object, repeated keys included.

    Raises:
        NotJson: it is no object, or does not end where the bytes end.
    """
    at = _past(raw, 0, b"{")
    if raw[at : at + 1] == b"}":
        _ends(raw, at + 1)
        return
    while True:
        key = STRING.match(raw, at)
        if key is None:
            raise NotJson(f"no key at byte {at}")
        value = _past(raw, _skip(raw, key.end()), b":")
        end = value_end(raw, value)
        if end < 0:
            raise NotJson(f"no value at byte {value}")
        yield Member(_text(key[0]), at, value, end)
        at = _skip(raw, end)
        if raw[at : at + 1] == b"}":
            _ends(raw, at + 1)
            return
        at = _past(raw, at, b",")


def elements(raw: bytes) -> Iterator[bytes]:
    """Yield the bytes of each element of an array.

    Raises:
        NotJson: it is no array, or does not end where the bytes end.
    """
    at = _past(raw, 0, b"[")
    if raw[at : at + 1] == b"]":
        _ends(raw, at + 1)
        return
    while True:
        end = value_end(raw, at)
        if end < 0:
            raise NotJson(f"no value at byte {at}")
        yield bytes(raw[at:end])
        at = _skip(raw, end)
        if raw[at : at + 1] == b"]":
            _ends(raw, at + 1)
            return
        at = _past(raw, at, b",")


def _skip(raw: bytes, at: int) -> int:
    found = _BLANKS.match(raw, at)
    return found.end() if found else at


def _past(raw: bytes, at: int, expected: bytes) -> int:
    at = _skip(raw, at)
    if raw[at : at + 1] != expected:
        raise NotJson(f"no {expected.decode()} at byte {at}")
    return _skip(raw, at + 1)


def _ends(raw: bytes, at: int) -> None:
    if _skip(raw, at) != len(raw):
        raise NotJson(f"more than one value, from byte {at}")


def _text(key: bytes) -> str:
    try:
        return str(json.loads(key))
    except ValueError:
        return key.decode("utf-8", "replace")
