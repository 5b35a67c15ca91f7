"""What stands in a document under a name, and what its text is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remit.content import Scalar

Path = tuple[str, ...]


def path_of(field: str) -> Path:
    """Return the steps of a field name. `{}` is how some tools write a list and says nothing here."""
    return tuple(field.replace("{}", "").split("."))


def scalars_at(document: Any, path: Path) -> Iterator[Scalar]:
    """Yield every scalar at a path; lists are looked through, nulls and objects are none.

    A literal key `a.b` and the path a -> b are the same field, so every way to read the dots is tried.
    """
    for value in _at(document, path):
        yield from _flat(value)


def present(document: Any, path: Path) -> bool:
    """Say whether there is at least one scalar other than null at or beneath the path."""
    return any(True for value in _at(document, path) for _ in scalars_in(value))


def scalars_in(value: Any) -> Iterator[Scalar]:
    """Yield every scalar other than null in a value, however deep. Key names are none."""
    if isinstance(value, dict):
        for child in value.values():
            yield from scalars_in(child)
    elif isinstance(value, list):
        for child in value:
            yield from scalars_in(child)
    elif value is not None:
        yield value


def _at(value: Any, path: Path) -> Iterator[Any]:
    if not path:
        yield value
    elif isinstance(value, list):
        for child in value:
            yield from _at(child, path)
    elif isinstance(value, dict):
        for length in range(1, len(path) + 1):
            key = ".".join(path[:length])
            if key in value:
                yield from _at(value[key], path[length:])


def _flat(value: Any) -> Iterator[Scalar]:
    if isinstance(value, list):
        for child in value:
            yield from _flat(child)
    elif value is not None and not isinstance(value, dict):
        yield value


def is_scalar(value: Any) -> bool:
    return value is not None and not isinstance(value, (dict, list))


def is_number(value: Scalar) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def text_of(value: Scalar) -> str:
    """Return the canonical JSON text of a scalar (RFC 8785: 7.0 is `7`); a text is its own."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _decimal(value)
    return "null" if value is None else str(value)


def _decimal(value: float) -> str:
    """Write a double as ECMAScript does: the shortest digits, exponents only from 1e21 on and below 1e-6."""
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    if "e" not in text:
        return text
    digits, exponent = text.split("e")
    power = int(exponent)
    if power >= -6 and power < 0:
        sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
        return f"{sign}0.{'0' * (-power - 1)}{digits.replace('.', '')}"
    return f"{digits}e{'+' if power > 0 else '-'}{abs(power)}"


def fold(text: str) -> str:
    """Return the text in simple lower case, code point by code point.

    `str.lower` is not that: it turns one code point (İ) into two and looks at the neighbors of a sigma.
    """
    return text.lower() if text.isascii() else "".join("i" if char == "İ" else char.lower() for char in text)
