"""YAML as a tree of plain values with the line of each, and without the parts of YAML that change or hide content."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml
from msgspec import Struct

from remit_enrichment.registry.problems import shown
from remit_enrichment.registry.reading import Path, Unclear

MAX_DEPTH = 50
Refuse = Callable[[int, str, str, str], None]
"""Takes line, code, what is wrong and what to do."""


class NotYaml(Exception):
    """Text that cannot be read on."""

    def __init__(self, line: int, why: str) -> None:
        self.line, self.why = line, why
        super().__init__(why)


class Tree(Struct, frozen=True):
    value: Any
    """dict, list, str, int, bool, None, `Unclear`."""
    lines: dict[Path, int]
    """Line of every value by its path; of a key's value it is the line of the key."""


def read_tree(text: str, refuse: Refuse) -> Tree:
    """Read one document.

    Duplicate keys, keys that are no text, anchors, aliases, tags and a second document are reported and left out.

    Raises:
        NotYaml: the text is no YAML, or nested too deeply.
    """
    reader = _Reader(_events(text), refuse)
    try:
        return Tree(reader.document(), reader.lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        why = " ".join(part for part in (error.context, error.problem) if part)
        line = mark.line + 1 if mark else 1
        raise NotYaml(min(line, text.count("\n") + 1), why) from None
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise NotYaml(line, "a character that YAML does not allow") from None


def _events(text: str) -> Iterator[yaml.Event]:
    # The parser in C is ten times as fast; without it the one in Python gives the same events.
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=loader)
    return events


class _Reader:
    def __init__(self, events: Iterator[yaml.Event], refuse: Refuse) -> None:
        self._events, self._refuse = events, refuse
        self.lines: dict[Path, int] = {}

    def document(self) -> Any:
        value, documents = None, 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    self._refuse(_line(event), "second_document", "a second document", "use one file for each")
            elif isinstance(event, yaml.NodeEvent):
                found = self._value(event, ())
                value = found if documents == 1 else value
        return value

    def _value(self, event: yaml.Event, path: Path) -> Any:
        self.lines.setdefault(path, _line(event))
        if len(path) > MAX_DEPTH:
            raise NotYaml(_line(event), f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            self._refuse(_line(event), "alias", f"alias *{event.anchor}", "write the value itself")
            return None
        if getattr(event, "anchor", None):
            self._refuse(_line(event), "alias", f"anchor &{event.anchor}", "take it out")  # type: ignore[attr-defined]
        if getattr(event, "tag", None):
            self._refuse(_line(event), "tag", f"tag {shown(event.tag)}", "take it out")  # type: ignore[attr-defined]
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        assert isinstance(event, yaml.ScalarEvent)  # noqa: S101 - the parser has no other node
        return event.value if event.style else _bare(event.value)

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in self._until(yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._value(event, (*path, ""))
                self._value(next(self._events), (*path, ""))
                self._refuse(_line(event), "wrong_type", "a key that is no text", "write a plain word before the colon")
                continue
            key = event.value
            if key in found:
                self._refuse(_line(event), "duplicate_key", f"key {shown(key)} stands twice", "keep one of them")
            self.lines[(*path, key)] = _line(event)
            found[key] = self._value(next(self._events), (*path, key))
        return found

    def _sequence(self, path: Path) -> list[Any]:
        return [self._value(event, (*path, index)) for index, event in enumerate(self._until(yaml.SequenceEndEvent))]

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        while not isinstance(event := next(self._events), end):
            yield event


_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)", re.ASCII)
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_READINGS = {"int": "a number", "float": "a number", "bool": "a truth value"}


def _bare(text: str) -> Any:
    """Return what unquoted text means where YAML 1.1 and 1.2 agree on it and nothing is lost; `Unclear` elsewhere."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _WHOLE.fullmatch(text) and len(text) <= 16:
        return int(text)
    resolvers: Any = yaml.SafeLoader.yaml_implicit_resolvers.get(text[0], [])
    for tag, regex in resolvers:
        reading = _READINGS.get(tag.rpartition(":")[2])
        if reading and regex.match(text):
            return Unclear(text, reading)
    return text


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.line + 1 if mark else 1
