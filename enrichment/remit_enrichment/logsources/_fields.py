"""Read fields of decoded events leniently: a wrong type is an unknown value and a noted path, never a crash.

Each function takes the object, the key, the list that collects the paths of wrong types, and `at`, the path of the
object with its final dot. Null and the empty string count as absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

NOTHING: Mapping[str, Any] = {}


def text(parent: Mapping[str, Any], key: str, errors: list[str], at: str = "") -> str | None:
    """Text of a field that vendors always write as text."""
    value = parent.get(key)
    if type(value) is str:
        return value or None
    if value is not None:
        errors.append(at + key)
    return None


def reference(parent: Mapping[str, Any], key: str, errors: list[str], at: str = "") -> str | None:
    """Text of a field that may name a task: a number counts as its own text."""
    value = parent.get(key)
    if type(value) is int or type(value) is float:
        return str(value)
    return text(parent, key, errors, at)


def flag(parent: Mapping[str, Any], key: str, errors: list[str], at: str = "") -> bool | None:
    """Boolean, also written as the text `true` or `false`."""
    value = parent.get(key)
    if value is True or value == "true":
        return True
    if value is False or value == "false":
        return False
    if value is not None and value != "":
        errors.append(at + key)
    return None


def mapping(parent: Mapping[str, Any], key: str, errors: list[str], at: str = "") -> Mapping[str, Any]:
    """Object at `key`, an empty one where it is absent or something else."""
    value = parent.get(key)
    if type(value) is dict:
        return value
    if value is not None:
        errors.append(at + key)
    return NOTHING


def items(parent: Mapping[str, Any], key: str, errors: list[str], at: str = "") -> list[Any]:
    """List at `key`, an empty one where it is absent or something else."""
    value = parent.get(key)
    if type(value) is list:
        return value
    if value is not None:
        errors.append(at + key)
    return []


def values(parent: Any, path: tuple[str, ...]) -> Iterator[str]:
    """Every non-empty text at a path, through any lists on the way; other types are passed over."""
    if type(parent) is list:
        for item in parent:
            yield from values(item, path)
    elif not path:
        if type(parent) is str and parent:
            yield parent
    elif type(parent) is dict and path[0] in parent:
        yield from values(parent[path[0]], path[1:])
