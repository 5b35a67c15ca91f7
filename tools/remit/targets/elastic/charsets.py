"""Sets of characters as ranges of code points: what a step of a regular expression accepts, and its Lucene spelling."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeAlias

from remit.targets.elastic.text import regex_class, spellings
from remit.targets.regex import Category, Char, Dot, Set

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Inclusive, sorted, not touching."""

LAST = sys.maxunicode
EVERYTHING: Ranges = ((0, LAST),)
_NAMED = {"d": "09", "w": "09AZ__az", "s": "\t\r  "}
"""Pairs of first and last: digits, word characters, white space, all of ASCII."""


def accepted(node: Char | Dot | Category | Set, flags: frozenset[str]) -> Ranges:
    """Return the characters that one step of an expression takes under `i`, `m` and `s`."""
    match node:
        case Char(text):
            return union((ord(c), ord(c)) for c in (spellings(text) if "i" in flags else text))
        case Dot():
            return EVERYTHING if "s" in flags else complement(union([(10, 10)]))
        case Category(letter):
            return _category(letter)
        case Set(members, negated):
            found = union(pair for member in members for pair in _member(member, "i" in flags))
            return complement(found) if negated else found


def _category(letter: str) -> Ranges:
    ends = _NAMED[letter.lower()]
    named = union((ord(first), ord(last)) for first, last in zip(ends[::2], ends[1::2], strict=True))
    return named if letter.islower() else complement(named)


def _member(member: Category | tuple[str, str], ignore_case: bool) -> Iterable[tuple[int, int]]:
    if isinstance(member, Category):
        return _category(member.letter)
    first, last = member
    if not ignore_case:
        return [(ord(first), ord(last))]
    if first != last and not last.isascii():
        raise ValueError("a range of letters beyond ASCII, without case")
    return [(ord(c), ord(c)) for number in range(ord(first), ord(last) + 1) for c in spellings(chr(number))]


def union(pairs: Iterable[tuple[int, int]]) -> Ranges:
    found: list[tuple[int, int]] = []
    for first, last in sorted(pairs):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def complement(ranges: Ranges) -> Ranges:
    edges = [-1, *(edge for pair in ranges for edge in pair), LAST + 1]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return tuple((before + 1, after - 1) for before, after in pairs if before + 1 <= after - 1)


def spelled(ranges: Ranges) -> str:
    """Return the ranges as a Lucene regular expression for one character."""
    if ranges == EVERYTHING:
        return "."
    other = complement(ranges)
    if len(other) < len(ranges) or (len(other) == len(ranges) and ranges[-1][1] == LAST):
        return f"[^{_inside(other)}]"
    (first, last), *more = ranges
    return regex_class((chr(first),)) if not more and first == last else f"[{_inside(ranges)}]"


def _inside(ranges: Ranges) -> str:
    return "".join(
        "".join(regex_class((chr(c),)) for c in range(first, last + 1))
        if last - first < 3
        else f"{regex_class((chr(first),))}-{regex_class((chr(last),))}"
        for first, last in ranges
    )
