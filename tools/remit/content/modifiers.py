"""Which modifiers there are, in which combinations, and which values they take."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from itertools import pairwise

from remit.content.tree import Scalar

_ALIASES = {"ignorecase": "i", "multiline": "m", "dotall": "s", "utf16le": "wide"}

PLACING = frozenset({"contains", "startswith", "endswith"})
"""Where in the text the value stands."""
ENCODING = frozenset({"base64", "base64offset", "wide", "utf16", "utf16be", "windash", "expand"})
"""They turn a value into other values before anything is compared."""
ORDER = frozenset({"gt", "gte", "lt", "lte"})
TIME_PARTS = frozenset({"minute", "hour", "day", "week", "month", "year"})
FLAGS = frozenset({"i", "m", "s"})
NEEDING_A_FIELD = frozenset({"exists", "fieldref"})
_EVERYWHERE = frozenset({"all", "neq"})

_TEXT = PLACING | ENCODING | {"cased"} | _EVERYWHERE
_FAMILIES: dict[str, frozenset[str]] = {
    # What decides how an item compares -> what it may be combined with.
    "re": FLAGS | _EVERYWHERE,
    "cidr": _EVERYWHERE,
    "exists": frozenset(),
    "fieldref": PLACING | _EVERYWHERE,
    **dict.fromkeys(TIME_PARTS, ORDER | {"neq"}),
    **dict.fromkeys(ORDER, TIME_PARTS | {"neq"}),
}
KNOWN = frozenset(_FAMILIES) | _TEXT | FLAGS
_BYTES = frozenset({"base64", "base64offset"})
_WIDE = frozenset({"wide", "utf16", "utf16be"})

Complaint = tuple[str, str]
"""What is wrong, and what to do about it."""


def split(key: str) -> tuple[str, tuple[str, ...]]:
    """Return field and canonical modifiers of a detection key; the field of a keyword item is empty."""
    field, *modifiers = key.split("|")
    return field, tuple(_ALIASES.get(name, name) for name in modifiers)


def complaint_about_chain(modifiers: tuple[str, ...]) -> Complaint | None:
    """Say what is wrong with this combination, if anything."""
    if unknown := [name for name in modifiers if name not in KNOWN]:
        return f"unknown modifier `{unknown[0]}`", f"known are {', '.join(sorted(KNOWN))}"
    if len(set(modifiers)) < len(modifiers):
        return "a modifier stands twice", "keep one of them"
    if len(PLACING.intersection(modifiers)) > 1:
        return "only one of contains, startswith, endswith can hold", "use two items, or wildcards"
    leading = next((name for name in modifiers if name in _FAMILIES), None)
    allowed = _TEXT if leading is None else _FAMILIES[leading] | {leading}
    for name in modifiers:
        if name not in allowed:
            if name in FLAGS:
                return f"`{name}` is a flag of regular expressions", "write it after `re`"
            return f"`{name}` cannot be combined with `{leading}`", "write two items"
    return _order(modifiers)


def _order(modifiers: tuple[str, ...]) -> Complaint | None:
    if len(ORDER.intersection(modifiers)) > 1 or len(TIME_PARTS.intersection(modifiers)) > 1:
        return "two comparisons in one item", "write two items"
    if FLAGS.intersection(modifiers) and modifiers[0] != "re":
        return "flags stand before `re`", "write them after it"
    if _BYTES.issubset(modifiers) or len(_WIDE.intersection(modifiers)) > 1:
        return "two encodings of one kind", "write two items"
    encoded = max((at for at, name in enumerate(modifiers) if name in _BYTES | _WIDE), default=-1)
    placed = min((at for at, name in enumerate(modifiers) if name in PLACING), default=len(modifiers))
    if encoded > placed:
        return "an encoding after contains, startswith or endswith", "encode first: `base64offset|contains`"
    for first, second in pairwise(modifiers):
        if first in _BYTES and second in _WIDE:
            return "UTF-16 after base64", "write `wide|base64`"
    return None


def complaint_about_values(modifiers: tuple[str, ...], values: tuple[Scalar, ...]) -> Complaint | None:
    """Say what is wrong with the values under these modifiers, if anything."""
    if "exists" in modifiers:
        return (
            None if len(values) == 1 and isinstance(values[0], bool) else ("`exists` takes true or false", "write one")
        )
    for value in values:
        if complaint := _check_for(modifiers)(value):
            return complaint
    return None


def _check_for(modifiers: tuple[str, ...]) -> Callable[[Scalar], Complaint | None]:
    if "re" in modifiers:
        return _regex
    if "cidr" in modifiers:
        return _network
    if any(name in ORDER or name in TIME_PARTS for name in modifiers):
        return _number
    if any(name not in _EVERYWHERE for name in modifiers):
        return _text
    return lambda value: None


def _text(value: Scalar) -> Complaint | None:
    return None if isinstance(value, str) else ("this modifier takes text", f"quote it: '{_yaml(value)}'")


def _number(value: Scalar) -> Complaint | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return None
    return "this modifier takes a number", "write a number without quotes"


def _regex(value: Scalar) -> Complaint | None:
    if not isinstance(value, str):
        return _text(value)
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        return f"no regular expression: {error}", "mend it"
    return None


def _network(value: Scalar) -> Complaint | None:
    if not isinstance(value, str):
        return _text(value)
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        return f"no network: {error}", "write it as 10.0.0.0/8 or 2001:db8::/32, without host bits"
    return None


def _yaml(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else "null" if value is None else str(value)
