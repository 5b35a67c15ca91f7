"""OTLP/JSON values and attributes.

OpenTelemetry protocol, "JSON Protobuf Encoding": a value is an object with one member that names its type, 64-bit
integers are text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 100
_INTEGER = re.compile(r"-?[0-9]{1,19}")


class Unreadable(ValueError):
    """A value that is no OTLP value, or a text that is no JSON object."""


class Repeated(dict[str, Any]):
    """An object in which a key stands twice: nobody can say which value the tool got."""


def attributes(holder: Any, at: str, errors: list[str]) -> dict[str, Any]:
    """Attributes of a span or resource by name; of a repeated name the last counts, and its path is noted."""
    found: dict[str, Any] = {}
    listed = holder.get("attributes") if type(holder) is dict else None
    if listed is not None and type(listed) is not list:
        errors.append(at)
        return found
    for index, entry in enumerate(listed or ()):
        name = entry.get("key") if type(entry) is dict else None
        if type(name) is not str:
            errors.append(f"{at}.{index}")
            continue
        if name in found:
            errors.append(f"{at}.{index}")
        try:
            found[name] = value(entry.get("value"))
        except Unreadable:
            errors.append(f"{at}.{index}")
    return found


def value(wrapped: Any, depth: int = 0) -> Any:
    """The plain value of an OTLP `AnyValue`; an empty one is None."""
    if wrapped is None or wrapped == {}:
        return None
    if type(wrapped) is not dict or len(wrapped) != 1 or depth > MAX_DEPTH:
        raise Unreadable
    kind, inner = next(iter(wrapped.items()))
    if kind == "stringValue" or kind == "bytesValue":
        return _typed(inner, str)
    if kind == "boolValue":
        return _typed(inner, bool)
    if kind == "intValue":
        return _integer(inner)
    if kind == "doubleValue":
        return float(inner) if type(inner) is int else _typed(inner, float)
    if kind == "arrayValue":
        return [value(item, depth + 1) for item in _members(inner)]
    if kind == "kvlistValue":
        return _object(inner, depth)
    raise Unreadable


def json_object(text: str) -> dict[str, Any]:
    """Parse a JSON object that travels as text; a repeated key makes it (or the object inside of it) `Repeated`."""
    try:
        parsed = json.loads(text, object_pairs_hook=_pairs, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(parsed, dict):
        raise Unreadable
    return parsed


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else Repeated(plain)


def _refuse(constant: str) -> Any:
    raise Unreadable


def _object(inner: Any, depth: int) -> dict[str, Any]:
    pairs = []
    for entry in _members(inner):
        if type(entry) is not dict or type(entry.get("key")) is not str:
            raise Unreadable
        pairs.append((entry["key"], value(entry.get("value"), depth + 1)))
    return _pairs(pairs)


def _members(inner: Any) -> list[Any]:
    members = inner.get("values", []) if type(inner) is dict else None
    if type(members) is not list:
        raise Unreadable
    return members


def _typed(inner: Any, kind: type) -> Any:
    if type(inner) is not kind:
        raise Unreadable
    return inner


def _integer(inner: Any) -> int:
    if type(inner) is int:
        return inner
    if type(inner) is str and _INTEGER.fullmatch(inner):
        return int(inner)
    raise Unreadable


def span_time(written: Any) -> int | None:
    """Milliseconds of `startTimeUnixNano`; zero means unknown, as the protocol says."""
    try:
        nanoseconds = _integer(written)
    except Unreadable:
        return None
    return nanoseconds // 1_000_000 if nanoseconds > 0 else None


def own(holder: Mapping[str, Any], key: str) -> Any:
    """A member that must be an object, an empty one where it is not."""
    inner = holder.get(key)
    return inner if type(inner) is dict else {}
