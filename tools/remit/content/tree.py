"""Strict YAML: every value with its place, nothing changed silently.

PyYAML composes the nodes; the rules that it lacks are here: no duplicate keys, no aliases or merge keys, and no scalar
whose meaning depends on who reads it (`0123`, `12:30`, `1_000`, `0x1F`, `yes`, `1.10`, an integer beyond 2^53).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import yaml
from msgspec import Struct

from remit.content.places import Place, Problem

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

Scalar: TypeAlias = str | int | float | bool | None
"""A value as YAML says it."""

_CORE = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_READ_DIFFERENTLY = re.compile(r"0o[0-7]+|[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+|[-+]?0[0-9_]+")
"""Plain scalars that YAML 1.2 takes for a number and YAML 1.1 for text: so is 089, for it is no octal number."""
_LARGEST = 2**53
_SCALARS = frozenset({"str", "int", "float", "bool", "null", "timestamp", "merge", "value"})
"""What plain scalars may resolve to; the last three are refused or text where they stand."""


class Entry(Struct, frozen=True):
    """One key of a mapping with its value node."""

    key: str
    place: Place
    node: yaml.Node


class Tree:
    """Reads one file's nodes and collects what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def documents(self, text: str) -> list[yaml.Node]:
        """Return the root node of each document; none where the file is not YAML or uses aliases."""
        try:
            # compose_all reads nodes only and constructs no objects
            roots = [node for node in yaml.compose_all(text, Loader=_Loader) if node is not None]
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Place(self.file, mark.line + 1, mark.column + 1) if mark else Place(self.file, 1, 1)
            self.problems.append(Problem(place, f"not YAML: {error.problem or error.context}", "mend the syntax"))
            return []
        except yaml.YAMLError as error:
            self.problems.append(Problem(Place(self.file, 1, 1), f"not YAML: {error}", "mend the syntax"))
            return []
        return [root for root in roots if self._plain_tree(root)]

    def place(self, node: yaml.Node) -> Place:
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def wrong(self, at: yaml.Node | Place, what: str, todo: str) -> None:
        self.problems.append(Problem(at if isinstance(at, Place) else self.place(at), what, todo))

    def entries(self, node: yaml.Node, what: str, known: frozenset[str] | None = None) -> list[Entry]:
        """Return the keys of a mapping in file order; keys outside `known` are reported and left out."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"{what} is {_kind(node)}, not a mapping", "write it as `key: value` lines")
            return []
        found: dict[str, Entry] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key is None:
                continue
            if key in found:
                self.wrong(
                    key_node, f"duplicate key `{key}` (first on line {found[key].place.line})", "keep one of them"
                )
            elif known is not None and key not in known:
                self.wrong(key_node, f"unknown key `{key}` in {what}", f"known are {', '.join(sorted(known))}")
            else:
                found[key] = Entry(key, self.place(key_node), value_node)
        return list(found.values())

    def mapping(self, node: yaml.Node, what: str, known: frozenset[str] | None = None) -> dict[str, yaml.Node]:
        return {entry.key: entry.node for entry in self.entries(node, what, known)}

    def sequence(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self.wrong(node, f"{what} is {_kind(node)}, not a list", "write each entry on a line of its own after `- `")
        return []

    def text(self, node: yaml.Node, what: str) -> str:
        """Return a scalar's text as it is written (dates, versions, ids: no conversion can change it)."""
        if isinstance(node, yaml.ScalarNode) and node.tag != f"{_CORE}null" and node.value.strip():
            return str(node.value)
        self.wrong(node, f"{what} is {_kind(node)}, not a text", "write a text")
        return ""

    def texts(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        return tuple(self.text(child, f"an entry of {what}") for child in self.sequence(node, what))

    def scalar(self, node: yaml.Node, what: str) -> Scalar:
        """Return a scalar with its YAML type; what would be changed silently is reported."""
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(node, f"{what} is {_kind(node)}, not a single value", "write one value")
            return ""
        value = str(node.value)
        if not _plain(node):
            return value
        match node.tag.removeprefix(_CORE):
            case "str":
                return self._plain_text(node)
            case "null":
                return None
            case "bool":
                if value.lower() in ("true", "false"):
                    return value.lower() == "true"
            case "int":
                if _INTEGER.fullmatch(value) and abs(int(value)) <= _LARGEST:
                    return int(value)
            case "float":
                if _DECIMAL.fullmatch(value) and repr(float(value)) == value:
                    return float(value)
            case _:
                pass
        self.wrong(node, f"unquoted `{value}` in {what} is read differently by different tools", _quote(value))
        return value

    def _plain_text(self, node: yaml.ScalarNode) -> str:
        if _READ_DIFFERENTLY.fullmatch(node.value):
            self.wrong(
                node, f"unquoted `{node.value}` is a number to some tools and a text to others", _quote(node.value)
            )
        return str(node.value)

    def plain(self, node: yaml.Node, what: str) -> Any:
        """Return a free-form value as plain Python data."""
        if isinstance(node, yaml.MappingNode):
            return {entry.key: self.plain(entry.node, what) for entry in self.entries(node, what)}
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(child, what) for child in node.value]
        return self.scalar(node, what)

    def _key(self, node: yaml.Node) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(node, f"a key is {_kind(node)}", "write a text as key")
        elif _plain(node) and node.tag != f"{_CORE}str":
            self.wrong(node, f"unquoted key `{node.value}` is no text to YAML", _quote(node.value))
        else:
            return str(node.value)
        return None

    def _plain_tree(self, root: yaml.Node) -> bool:
        """Say whether the tree is one, and its values are what they look like."""
        before = len(self.problems)
        for node in _walk(root):
            if id(node) in self._seen:
                self.wrong(node, "an alias (`*name`) repeats this part elsewhere", "write it out where it is used")
                return False
            self._seen.add(id(node))
            if not _looks_as_it_is(node):
                self.wrong(
                    node, f"the tag {node.tag.removeprefix(_CORE)} makes another value of it", "write it plainly"
                )
        return len(self.problems) == before


def _walk(root: yaml.Node) -> Iterator[yaml.Node]:
    """Every node, a shared one as often as it is used; the caller stops at the first one that it has seen."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, yaml.SequenceNode):
            stack.extend(reversed(node.value))
        elif isinstance(node, yaml.MappingNode):
            for key, value in reversed(node.value):
                stack += [value, key]


def _plain(node: yaml.ScalarNode) -> bool:
    return not node.style  # libyaml says "", the Python parser None


def _looks_as_it_is(node: yaml.Node) -> bool:
    kind = node.tag.removeprefix(_CORE)
    if isinstance(node, yaml.ScalarNode):
        return kind in _SCALARS if _plain(node) else kind == "str"
    return kind == ("map" if isinstance(node, yaml.MappingNode) else "seq")


def _quote(value: str) -> str:
    return f"quote it: '{value}', or write the number plainly"


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return "empty" if node.tag == f"{_CORE}null" or not node.value.strip() else "a single value"
