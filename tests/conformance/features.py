"""The conformance features: small rules with events and the answers that the specification gives.

The answers were decided from the Sigma specification and docs/meaning.md before any engine was asked. `single/*.yml`
holds them as an author would write them: the detection as YAML text, one event a line as JSON text.
"""

from __future__ import annotations

import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from remit.content import Correlation, Problem, Rule, Scalar, load_content, read_rules
from remit.meaning.sequences import Event
from remit_enrichment.document import decode

FOLDER = Path(__file__).parent / "single"
_KEYS = {"name", "why", "detection", "events", "expect", "refused", "placeholders"}


class Feature(Struct, frozen=True, kw_only=True):
    """One small rule and what it means for some events."""

    name: str
    source: str
    """The whole rule, as YAML text."""
    events: tuple[dict[str, Any], ...]
    expect: tuple[int, ...]
    """Numbers of the events that match, from 0."""
    refused: str | None = None
    """Part of the message by which loader or oracle refuse the rule."""
    placeholders: Mapping[str, list[Scalar]] = {}

    @property
    def id(self) -> str:
        """A UUID of its own, the same in every run."""
        return f"00000000-0000-4000-8000-{int.from_bytes(self.name.encode()) % 16**12:012x}"

    def load(self) -> tuple[list[Rule], list[Problem]]:
        return read_rules(self.source.encode(), f"{self.name}.yml")

    def rule(self) -> Rule:
        """The rule of a feature that is not refused."""
        [rule], problems = self.load()
        assert not problems, problems
        return rule


@cache
def features() -> tuple[Feature, ...]:
    """Every single-event feature."""
    found = [
        _feature(entry) for file in sorted(FOLDER.glob("*.yml")) for entry in yaml.safe_load(file.read_text("utf-8"))
    ]
    return (*found, *_long())


def _feature(entry: Mapping[str, Any]) -> Feature:
    assert entry.keys() <= _KEYS, entry.keys() - _KEYS
    name = entry["name"]
    return Feature(
        name=name,
        source=_source(name, entry["detection"]),
        events=tuple(decode(line.encode()) for line in entry["events"].splitlines()),
        expect=tuple(entry["expect"]),
        refused=entry.get("refused"),
        placeholders=entry.get("placeholders", {}),
    )


def _source(name: str, detection: str) -> str:
    return f"title: '{name}'\nlogsource:\n  product: test\ndetection:\n{textwrap.indent(detection, '  ')}"


def _long() -> Iterator[Feature]:
    """Lists of 1,500 values: some engines limit clauses, some cut."""
    events: tuple[dict[str, Any], ...] = (
        {"x": "user-00007"}, {"x": "USER-01499"}, {"x": "user-01500"}, {"x": "00007"}, {"x": "path/user-00007/x"}, {},
    )  # fmt: skip
    for name, form, expect in (("long_in", "user-{:05}", (0, 1)), ("long_wild", "*user-{:05}*", (0, 1, 4))):
        values = "\n".join(f"    - '{form.format(number)}'" for number in range(1500))
        detection = f"s:\n  x:\n{values}\ncondition: s\n"
        yield Feature(name=name, source=_source(name, detection), events=events, expect=expect)


# --- correlations -----------------------------------------------------------------------------------------------------

START = 1_793_448_000_000
"""The moment of `t: 0`, in milliseconds: 2026-10-31T12:00:00Z."""


class Sequence(Struct, frozen=True, kw_only=True):
    """A correlation with its rules, and what it means for some events."""

    name: str
    source: str
    """Rules and correlations, as YAML documents; the last one is meant."""
    events: tuple[Event, ...]
    """With their times; `t` stays in the document."""
    expect: tuple[tuple[tuple[str, ...], int], ...]
    """Key and close of every firing, in order of close and key."""
    refused: str | None = None

    def correlation(self) -> Correlation:
        """The correlation, with what it refers to."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{self.name}.yml"
            file.write_text(self.source, "utf-8")
            return load_content([file]).correlations[-1]

    def first_closes(self) -> set[tuple[tuple[str, ...], int]]:
        """Key and first close: what every engine can be asked for."""
        return set({key: close for key, close in reversed(self.expect)}.items())


@cache
def sequences() -> tuple[Sequence, ...]:
    """Every correlation feature."""
    files = sorted((FOLDER.parent / "correlations").glob("*.yml"))
    return tuple(_sequence(entry) for file in files for entry in yaml.safe_load(file.read_text("utf-8")))


def _sequence(entry: Mapping[str, Any]) -> Sequence:
    assert entry.keys() <= {"name", "why", "content", "events", "expect", "refused"}, entry.keys()
    documents = [decode(line.encode()) for line in entry["events"].splitlines()]
    return Sequence(
        name=entry["name"],
        source=entry["content"],
        events=tuple(Event(_moment(document["t"]), document) for document in documents),
        expect=tuple((tuple(key), _moment(close)) for key, close in entry["expect"]),
        refused=entry.get("refused"),
    )


def _moment(minutes: float) -> int:
    return START + round(minutes * 60_000)
