"""The conformance features: small rules with events and the answers that the specification gives.

The answers were decided from the Sigma specification and docs/meaning.md before any engine was asked. `features/*.yml`
holds them as an author would write them: the detection as YAML text, one event a line as JSON text.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from remit.content import Problem, Rule, Scalar, read_rules
from remit_enrichment.document import decode

FOLDER = Path(__file__).parent / "features"
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
    return f"title: {name}\nlogsource:\n  product: test\ndetection:\n{textwrap.indent(detection, '  ')}"


def _long() -> Iterator[Feature]:
    """Lists of 1,500 values: some engines limit clauses, some cut."""
    events: tuple[dict[str, Any], ...] = (
        {"x": "user-00007"}, {"x": "USER-01499"}, {"x": "user-01500"}, {"x": "00007"}, {"x": "path/user-00007/x"}, {},
    )  # fmt: skip
    for name, form, expect in (("long_in", "user-{:05}", (0, 1)), ("long_wild", "*user-{:05}*", (0, 1, 4))):
        values = "\n".join(f"    - '{form.format(number)}'" for number in range(1500))
        detection = f"s:\n  x:\n{values}\ncondition: s\n"
        yield Feature(name=name, source=_source(name, detection), events=events, expect=expect)
