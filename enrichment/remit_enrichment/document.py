"""What counts as an event: the one function by which enrichment, oracle and hunt decode a record.

A second parser might choose another of two repeated keys, and an agent could hide behind the difference.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import msgspec

from remit_enrichment.errors import Quarantine

MAX_RECORD = 4 * 1024 * 1024
"""Bytes of one record."""
MAX_DEPTH = 100
"""Levels of nesting, the record's own braces included."""

BLANKS = b" \t\r\n"
BOM = b"\xef\xbb\xbf"

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # the decoder has joined the pairs
_fast = msgspec.json.Decoder().decode


def decode(raw: bytes) -> dict[str, Any]:
    """Decode one record.

    The last of a repeated key wins, lone surrogates read as U+FFFD, a number beyond the range of a double (or an
    integer of more than 4,300 digits) reads as its text.

    Raises:
        Quarantine: the record is not UTF-8, not JSON, no object, too large or nested too deeply; the reason says which.
    """
    if len(raw) > MAX_RECORD:
        raw = trim(raw)
        if len(raw) > MAX_RECORD:
            raise Quarantine(f"the record has {len(raw)} bytes, more than {MAX_RECORD}")
    try:
        document = _fast(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        document = _slow(raw)
    if type(document) is not dict:
        raise Quarantine(f"a JSON {_kind(document)}, not an object")
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _deeper_than(document, MAX_DEPTH):
        raise Quarantine(_TOO_DEEP)
    return document


def trim(raw: bytes) -> bytes:
    """Return the record without leading blanks and byte order mark and without a final line break."""
    raw = raw.lstrip(BLANKS)
    if raw.startswith(BOM):
        raw = raw[len(BOM) :].lstrip(BLANKS)
    return raw.rstrip(b"\r\n")


_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"


def _slow(raw: bytes) -> Any:
    """Read what the fast decoder refuses: byte order marks, lone surrogates, numbers out of range."""
    try:
        text = trim(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Quarantine(f"not UTF-8: byte 0x{error.object[error.start]:02x} at offset {error.start}") from None
    if not text:
        raise Quarantine("empty")
    try:
        document = json.loads(text, parse_int=_integer, parse_float=_float, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise Quarantine(_why(error, text)) from None
    except RecursionError:
        raise Quarantine(_TOO_DEEP) from None
    # Only an escape can spell a lone surrogate here, for the text came from valid UTF-8.
    if "\\u" in text and not _deeper_than(document, MAX_DEPTH):
        document = _without_lone_surrogates(document)
    return document


def _why(error: json.JSONDecodeError, text: str) -> str:
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return f"not JSON: ends early, at character {len(text)}"
    if error.msg == "Extra data" and text[error.pos] in "{[":
        todo = "write one value a line (files without a last line break run together under cat and zcat)"
        return f"two JSON values on one line, the second at character {error.pos}; {todo}"
    return f"not JSON: {error.msg} (character {error.pos})"


def _integer(digits: str) -> int | str:
    try:
        return int(digits)
    except ValueError:  # beyond the interpreter's limit of digits
        return digits


def _float(digits: str) -> float | str:
    number = float(digits)
    return digits if number in (float("inf"), float("-inf")) else number


def _refuse_constant(name: str) -> NoReturn:
    raise Quarantine(f"not JSON: {name} is no number")


def _without_lone_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_without_lone_surrogates(k): _without_lone_surrogates(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_lone_surrogates(v) for v in value]
    return value


def _deeper_than(document: Any, limit: int) -> bool:
    """Say whether containers nest deeper than `limit`; iterative, for the document may be built to exhaust a stack."""
    level = [document]
    for _ in range(limit):
        level = [child for value in level for child in _children(value) if isinstance(child, (dict, list))]
        if not level:
            return False
    return True


def _children(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    return {list: "array", str: "string", bool: "boolean"}.get(type(value), "number")
