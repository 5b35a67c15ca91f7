"""What Splunk extracts from a JSON event at search time, as its documentation describes it.

props.conf, KV_MODE = json, and the `spath` command: a member of an object is `a.b`, an element of an array `a{}`; a
field with several values is multivalue; the text of a scalar is that of the JSON. An object or array without scalars
gives no field. A null gives the text "null" (a probe of `remit` asks the server whether it does).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


class _Text(str):
    """The text of a JSON number."""


def fields(event: bytes) -> dict[str, list[str]]:
    """Return every field of an event with its values."""
    document = json.loads(event, parse_int=_Text, parse_float=_Text, parse_constant=_Text)
    found: dict[str, list[str]] = {}
    for name, text in _walk("", document):
        found.setdefault(name, []).append(text)
    return found


def _walk(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _walk(f"{name}.{key}" if name else key, child)
    elif isinstance(value, list):
        for child in value:
            yield from _walk(f"{name}{{}}", child)
    elif value is None:
        yield name, "null"
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    else:
        yield name, str(value)


def at_path(event: str, path: str) -> list[str]:
    """json_extract: the value at a path as JSON text, a text without its quotes; none for a null, or for no value."""
    found = _at(json.loads(event), path.split("."))
    if found is None:
        return []
    return [found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)]


def _at(value: Any, path: list[str]) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    inner = value.get(step.removesuffix("{}")) if isinstance(value, dict) else None
    if not step.endswith("{}"):
        return _at(inner, rest)
    if not isinstance(inner, list):
        return None
    return [found for child in inner if (found := _at(child, rest)) is not None]


def array_to_mv(array: str) -> list[str]:
    """json_array_to_mv: the elements of a JSON array, texts without their quotes."""
    return [found if isinstance(found, str) else json.dumps(found) for found in json.loads(array)]
