"""Read fields of decoded events leniently: a wrong type is an unknown value and a noted path, never a crash.

`typed` reads the fixed part of an event at once. The other functions read single members of free objects (parameters):
they take the object, the key, the list that collects the paths of wrong types, and `at`, the path of the object with
its final dot. Null and the empty string count as absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args

import msgspec

Shape = TypeVar("Shape", bound=msgspec.Struct)
MAX_NOTED = 16
NOTHING: Mapping[str, Any] = {}


def typed(document: Mapping[str, Any], shape: type[Shape], errors: list[str]) -> Shape:
    """The members of a document that a Struct declares; those of a wrong type are left out and their paths noted."""
    try:
        return msgspec.convert(document, shape)
    except msgspec.ValidationError:
        return msgspec.convert(_mended(document, shape, errors, ""), shape)


def _mended(document: Mapping[str, Any], shape: type[msgspec.Struct], errors: list[str], at: str) -> dict[str, Any]:
    mended: dict[str, Any] = {}
    for field in msgspec.structs.fields(shape):
        value = document.get(field.encode_name)
        try:
            mended[field.encode_name] = msgspec.convert(value, field.type)
        except msgspec.ValidationError:
            path = at + field.encode_name
            inner = next((kind for kind in get_args(field.type) if issubclass(kind, msgspec.Struct)), None)
            if inner is not None and isinstance(value, Mapping):
                mended[field.encode_name] = _mended(value, inner, errors, f"{path}.")
            else:
                errors.append(path)
    return mended


def noted(errors: list[str]) -> tuple[str, ...]:
    """Each path once, and no more than a reader of the tags can use."""
    return tuple(dict.fromkeys(errors))[:MAX_NOTED] if errors else ()


def truth(value: bool | str | None, path: str, errors: list[str]) -> bool | None:
    """A flag that some exports write as the text `true` or `false`."""
    if value is None or type(value) is bool:
        return value
    if value == "true" or value == "false":
        return value == "true"
    if value:
        errors.append(path)
    return None


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
