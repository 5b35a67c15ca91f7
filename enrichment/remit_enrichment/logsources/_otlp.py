"""OTLP/JSON values and attributes, and what agents' spans and log records have in common.

OpenTelemetry protocol, "JSON Protobuf Encoding": a value is an object with one member that names its type, 64-bit
integers are text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from remit_enrichment.activity import Claim

MAX_DEPTH = 100
TASK_PATHS = ("attributes.nhi.task.id", "resource.attributes.nhi.task.id")
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_TASK = "nhi.task.id"
_LOG_RECORD = ("timeUnixNano", "observedTimeUnixNano", "severityNumber", "body")


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


def unix_time(written: Any) -> int | None:
    """Milliseconds of a `...TimeUnixNano`; zero means unknown, as the protocol says."""
    try:
        nanoseconds = _integer(written)
    except Unreadable:
        return None
    return nanoseconds // 1_000_000 if nanoseconds > 0 else None


def own(holder: Mapping[str, Any], key: str) -> Any:
    """A member that must be an object, an empty one where it is not."""
    inner = holder.get(key)
    return inner if type(inner) is dict else {}


def is_log_record(document: Mapping[str, Any]) -> bool:
    """Say whether a record has what only log records have: a time of its own, a severity or a body."""
    return any(key in document for key in _LOG_RECORD)


# --- attributes of agents ---------------------------------------------------------------------------------------------


def text(facts: Mapping[str, Any], name: str, errors: list[str]) -> str | None:
    """Text of an attribute; an empty one counts as absent."""
    found = facts.get(name)
    if type(found) is str:
        return found or None
    if found is not None:
        errors.append(f"attributes.{name}")
    return None


def reference(found: Any) -> str | None:
    """What may name a task or be bound to one: text, or a number as its own text."""
    if type(found) is int or type(found) is float:
        return _compact(found)
    return found if type(found) is str and found else None


def task_claims(record: Mapping[str, Any], resource: Mapping[str, Any]) -> tuple[Claim, ...]:
    """The task that the record names, else the one that its resource does (`TASK_PATHS`)."""
    own_path, resource_path = TASK_PATHS
    path, found = (own_path, record[_TASK]) if _TASK in record else (resource_path, resource.get(_TASK))
    named = reference(found)
    return (Claim(named, "attribute", path),) if named else ()


def arguments(
    facts: Mapping[str, Any], name: str, errors: list[str], *, cut: int | None = None
) -> tuple[str, ...] | None:
    """`<argument>=<value>` for every argument; which of them are resources is for charter, task and registry to say.

    An argument whose value is in doubt is its bare name, which no `<argument>=<glob>` allows: a key stands twice, or
    the value has at least `cut` characters, from where on it may have been shortened.
    """
    given = facts.get(name)
    if given is None:
        return None
    try:
        named = json_object(given) if type(given) is str else given
    except Unreadable:
        named = None
    if not isinstance(named, dict):
        errors.append(f"attributes.{name}")
        return None
    found: list[str] = []
    for argument, value_of in named.items():
        long = cut is not None and len(_shown(value_of)) >= cut
        if long or isinstance(named, Repeated) or _doubtful(value_of):
            found.append(argument)
            continue
        elements = value_of if type(value_of) is list else [value_of]
        found += [f"{argument}={_shown(element)}" for element in elements if element is not None]
    return tuple(dict.fromkeys(found)) or None


def _doubtful(given: Any) -> bool:
    if isinstance(given, Repeated):
        return True
    inner = given.values() if isinstance(given, dict) else given if isinstance(given, list) else ()
    return any(_doubtful(item) for item in inner)


def _shown(given: Any) -> str:
    return given if type(given) is str else _compact(given)


def _compact(given: Any) -> str:
    return json.dumps(given, ensure_ascii=False, separators=(",", ":"))
