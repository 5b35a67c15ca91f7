"""The types of the registry's keys: each reads one value strictly or reports what is wrong with it.

A reader never converts silently: a number where text belongs is refused, because YAML may already have changed it.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import sys
import zoneinfo
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from remit_enrichment import globs
from remit_enrichment.registry import times
from remit_enrichment.registry.problems import shown

MAX_NAME = 2048
"""Characters of an id or any other text of one line; as long as an ARN may be."""

Path = tuple[str | int, ...]
"""Where in an object a value stands: `("allow", "actions", 0)`."""
Report = Callable[[Path, str, str, str], None]
"""Takes path, code, what is wrong and what to do."""
Read = Callable[[Any, Path, Report], Any]
"""Returns the value as the model holds it, None for none; what it returns after a report is thrown away."""


class Type(Struct, frozen=True):
    """One type: its name in the documentation and its reader."""

    label: str
    read: Read
    null: bool = True
    """Whether null means that the key is absent."""
    record: Record | None = None
    """The keys of a nested object, or of each object of a list."""


class Unclear(Struct, frozen=True):
    """Bare YAML text that YAML 1.1 and 1.2 read differently, or that a reader changes."""

    text: str
    reading: str


class Key(Struct, frozen=True):
    """One key of an object."""

    name: str
    type: Type
    about: str
    required: bool = False


class Record:
    """An object: its keys, and how the values make the model's object."""

    def __init__(self, keys: tuple[Key, ...], make: Callable[[dict[str, Any], Path, Report], Any]) -> None:
        self.keys, self.make = keys, make
        self.required = tuple(key for key in keys if key.required)
        self._readers = {key.name: (key.type.read, key.type.null) for key in keys}

    def read(self, value: dict[str, Any], path: Path, report: Report) -> Any:
        """Read every key of an object, report all that is wrong, and make the model's object of the rest."""
        fields: dict[str, Any] = {}
        for name, item in value.items():
            reader = self._readers.get(name)
            if reader is None:
                report((*path, name), "unknown_key", f"unknown key {shown(name)}", _known(name, self._readers))
            elif item is not None or not reader[1]:
                found = reader[0](item, (*path, name), report)
                if found is not None:
                    fields[name] = found
        whole = True
        for key in self.required:
            whole = whole and key.name in fields
            if value.get(key.name) is None:
                report(path, "missing_key", f"{path_text((*path, key.name))} is missing", f"add it: {key.about}")
        return self.make(fields, path, report) if whole else None


def path_text(path: Path) -> str:
    """Return a path as people write it: `allow.actions[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def list_of(item: Type, *, null: bool = True) -> Type:
    """Return the type of a list of one type; `null=False` where null could be read as "everything" or as "nothing"."""

    def read(value: Any, path: Path, report: Report) -> tuple[Any, ...]:
        if type(value) is not list:
            if value is None:
                report(path, "wrong_type", f"{path_text(path)} is empty", "write [] for nothing, or leave the key out")
            else:
                report(
                    path, "wrong_type", f"{path_text(path)}: {_seen(value)}, not a list", "write it as a list: [...]"
                )
            return ()
        return tuple([item.read(one, (*path, index), report) for index, one in enumerate(value)])

    return Type(f"list of {item.label}", read, null, item.record)


def record_of(record: Record, label: str, *, null: bool = True) -> Type:
    """Return the type of a nested object."""

    def read(value: Any, path: Path, report: Report) -> Any:
        if type(value) is not dict:
            keys = ", ".join(key.name for key in record.keys)
            report(path, "wrong_type", f"{path_text(path)}: {_seen(value)}, not an object", f"write its keys: {keys}")
            return None
        # Empty says the same as absent, so it must not change the registry's hash either.
        return record.read(value, path, report) if value or record.required else None

    return Type(label, read, null, record)


def one_of(*words: str) -> Type:
    """Return the type of a closed vocabulary."""
    allowed = {word: word for word in words}

    def read(value: Any, path: Path, report: Report) -> Any:
        if type(value) is not str or value not in allowed:
            seen = f"{shown(value)} is not known" if type(value) is str else _seen(value)
            report(path, "wrong_value", f"{path_text(path)}: {seen}", f"use one of: {', '.join(words)}")
            return None
        return allowed[value]  # the one object for each word: the encoder leaves a default out by identity

    return Type(" / ".join(words), read)


_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _text(value: Any, path: Path, report: Report) -> Any:
    if type(value) is not str:
        report(path, "wrong_type", f"{path_text(path)}: {_seen(value)}, not text", "quote it")
    elif not value:
        report(path, "wrong_value", f"{path_text(path)} is empty text", "leave the key out if nothing is known")
    return value


def _name(value: Any, path: Path, report: Report) -> Any:
    if type(value) is str and 0 < len(value) <= MAX_NAME and (value.isprintable() or not _CONTROL.search(value)):
        return sys.intern(value)  # ids, owners and charters repeat: a large registry takes half the memory
    if type(value) is str and value:
        long = len(value) > MAX_NAME
        what = f"has more than {MAX_NAME} characters" if long else "has a control character"
        report(
            path, "wrong_value", f"{path_text(path)}: {shown(value)} {what}", "shorten it" if long else "take it out"
        )
        return value
    return _text(value, path, report)


_IDENTITY = re.compile(r"[a-z][a-z0-9_]*:[a-z][a-z0-9_]*:.+")


def _identity_id(value: Any, path: Path, report: Report) -> Any:
    name = _name(value, path, report)
    if type(name) is str and name and not _IDENTITY.fullmatch(name):
        todo = "write platform:type:native id, like aws:role:arn:aws:iam::111122223333:role/name"
        report(path, "wrong_value", f"{path_text(path)}: {shown(value)} is no id of an identity", todo)
    return name


def _flag(value: Any, path: Path, report: Report) -> Any:
    if type(value) is not bool:
        report(path, "wrong_type", f"{path_text(path)}: {_seen(value)}", "write true or false, without quotes")
    return value


def _count(value: Any, path: Path, report: Report) -> Any:
    if type(value) is not int or not 0 <= value <= 2**53:
        report(path, "wrong_type", f"{path_text(path)}: {_seen(value)}", "write a whole number from 0, without quotes")
    return value


def _time_reader(convert: Callable[[str], int]) -> Read:
    def read(value: Any, path: Path, report: Report) -> Any:
        if type(value) is not str:
            report(
                path,
                "wrong_type",
                f"{path_text(path)}: {_seen(value)}, not a time",
                "write it like 2026-01-31T09:00:00Z",
            )
            return None
        try:
            return convert(value)
        except times.NoTime as error:
            report(path, "wrong_time", f"{path_text(path)}: {shown(value)} {error.args[0]}", error.args[1])
            return None

    return read


def _written_time(value: Any, path: Path, report: Report) -> tuple[int | None, int]:
    moment = TIME.read(value, path, report)
    return moment, times.step(value) if type(value) is str else 1


def _glob(value: Any, path: Path, report: Report) -> Any:
    if type(value) is not str:
        return _text(value, path, report)
    wrong = globs.problem(value)
    if wrong:
        report(
            path,
            "wrong_glob",
            f"{path_text(path)}: {shown(value)}: {wrong}",
            "write `*` for any text, `?` for one character",
        )
    return value


def _network(value: Any, path: Path, report: Report) -> Any:
    if type(_name(value, path, report)) is str and value:
        try:
            ipaddress.ip_network(value)
        except ValueError as error:
            host_bits = "has host bits set" in str(error)
            what = "has bits beyond its length" if host_bits else "is no network"
            report(path, "wrong_value", f"{path_text(path)}: {shown(value)} {what}", "write it like 10.0.0.0/8")
    return value


_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def _clock(value: Any, path: Path, report: Report) -> Any:
    if type(value) is not str or not _CLOCK.fullmatch(value):
        report(path, "wrong_value", f"{path_text(path)}: {_seen(value)}", 'write hours and minutes in quotes: "07:00"')
    return value


def _zone(value: Any, path: Path, report: Report) -> Any:
    if type(_name(value, path, report)) is str and value and not _zone_exists(value):
        report(
            path,
            "wrong_value",
            f"{path_text(path)}: {shown(value)} is no time zone",
            "name one like Europe/Berlin or UTC",
        )
    return value


@cache
def _zone_exists(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _names_or_text(value: Any, path: Path, report: Report) -> Any:
    return NAMES.read(value, path, report) if type(value) is list else _text(value, path, report)


TEXT = Type("text", _text)
NAME = Type("one-line text", _name)
IDENTITY_ID = Type("platform:type:native id", _identity_id)
FLAG = Type("true / false", _flag)
COUNT = Type("whole number from 0", _count)
TIME = Type("time with zone", _time_reader(times.read_time))
DAY = Type("time with zone, or a day (00:00 UTC)", _time_reader(times.read_day))
WRITTEN_TIME = Type("time with zone", _written_time)
"""A time with the resolution in which it was written, as a pair."""
GLOB = Type("glob", _glob)
NETWORK = Type("network", _network)
CLOCK = Type("HH:MM", _clock)
ZONE = Type("name of a time zone", _zone)
NAMES = list_of(NAME)
NAMES_OR_TEXT = Type("list of text, or a digest", _names_or_text)


def _seen(value: Any) -> str:
    if isinstance(value, Unclear):
        return f"bare {shown(value.text)} reads as {value.reading} in YAML"
    words: Mapping[type, str] = {dict: "an object", list: "a list", bool: "a truth value", type(None): "null"}
    kind = words.get(type(value))
    return kind if kind and type(value) is not bool else f"{shown(value)} is {kind or _kind(value)}"


def _kind(value: Any) -> str:
    return "text" if isinstance(value, str) else "a number"


def _known(name: str, keys: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name, keys, n=1)
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(keys)}"
