"""Read registry and feed files into plain objects that know their place; nothing is converted here.

YAML is read from its events: duplicate keys, anchors, aliases and tags are refused, and bare text keeps every character
(a time stays as it was written). JSON lines refuse duplicate keys too.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from remit_enrichment.registry.keys import LISTS
from remit_enrichment.registry.places import Entry, Place, Refuse
from remit_enrichment.registry.problems import Problem, shown
from remit_enrichment.registry.yaml_tree import NotYaml, Tree, read_tree


def read_yaml(path: Path, refuse: Refuse) -> Iterator[Entry]:
    """Yield the objects of a YAML file's lists."""
    name = str(path)
    text = _text(path.read_bytes(), name, refuse)
    if text is None:
        return
    try:
        tree = read_tree(text, lambda line, code, what, todo: refuse(Problem(name, line, code, what, todo)))
    except NotYaml as error:
        refuse(Problem(name, error.line, "not_yaml", f"not YAML: {error.why}", "correct it here"))
        return
    if tree.value is None:
        return
    if type(tree.value) is not dict:
        lists = ", ".join(LISTS)
        refuse(Problem(name, 1, "wrong_type", "the file is no mapping of lists", f"begin with one of: {lists}"))
        return
    for key, items in tree.value.items():
        yield from _list_entries(name, key, items, tree, refuse)


def _list_entries(name: str, key: str, items: Any, tree: Tree, refuse: Refuse) -> Iterator[Entry]:
    line = tree.lines[(key,)]
    if key not in LISTS:
        refuse(Problem(name, line, "unknown_key", f"unknown list {shown(key)}", f"known here: {', '.join(LISTS)}"))
    elif type(items) is not list:
        refuse(Problem(name, line, "wrong_type", f"{key} is not a list", "write one object after each `- `"))
    elif not items and key in ("registrars", "channels"):
        # "Nobody may" and "no rule" are opposites, and an empty list could be read as either.
        refuse(Problem(name, line, "wrong_value", f"{key} is empty", "leave the key out, or list who may"))
    else:
        for index, item in enumerate(items):
            path = (key, index)
            if type(item) is dict:
                yield Entry(LISTS[key], item, Place(name, tree.lines[path], tree.lines, path))
            else:
                what = f"{key}[{index}] is not an object"
                refuse(Problem(name, tree.lines[path], "wrong_type", what, "write its keys below `- `"))


def read_jsonl(path: Path, types: tuple[str, ...], elsewhere: str, refuse: Refuse) -> Iterator[Entry]:
    """Yield the object of each line; `type` must be one of `types`, `elsewhere` says where others belong."""
    name = str(path)
    decoder = _JsonLines(name, refuse)
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            if number == 1:
                raw = raw.removeprefix(codecs.BOM_UTF8)
            if not raw.strip():
                continue
            value = decoder.object(raw, number)
            if value is None:
                continue
            kind = value.pop("type", None)
            if type(kind) is str and kind in types:
                yield Entry(kind, value, Place(name, number))
            else:
                what = "type is missing" if kind is None else f"type {shown(kind)} does not belong here"
                refuse(Problem(name, number, "wrong_type", what, f"use one of: {', '.join(types)}{elsewhere}"))


class _JsonLines:
    """A decoder of lines that notices repeated keys."""

    def __init__(self, name: str, refuse: Refuse) -> None:
        self._name, self._refuse = name, refuse
        self._repeated: list[str] = []
        self._decode = json.JSONDecoder(object_pairs_hook=self._unique, parse_constant=_no_constant).decode

    def _unique(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            keys = [key for key, _ in pairs]
            self._repeated.extend(sorted({key for key in keys if keys.count(key) > 1}))
        return found

    def object(self, raw: bytes, line: int) -> dict[str, Any] | None:
        """Return the object of one line; None after a refusal."""
        self._repeated.clear()
        try:
            text = raw.decode()
            value = self._decode(text)
            if "\\u" in text:
                json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is no text
        except UnicodeDecodeError as error:
            self._no(line, "not_json", f"not UTF-8 at byte {error.start}", "save it as UTF-8")
        except UnicodeEncodeError:
            self._no(line, "not_json", "half of a surrogate pair", "write the character itself")
        except (ValueError, RecursionError) as error:
            why = error.msg if isinstance(error, json.JSONDecodeError) else "a number or depth that cannot be read"
            self._no(line, "not_json", f"not JSON: {why}", "write one whole object a line")
        else:
            for key in self._repeated:
                self._no(line, "duplicate_key", f"key {shown(key)} stands twice", "keep one of them")
            if type(value) is dict:
                return None if self._repeated else value
            self._no(line, "wrong_type", "the line is no object", "write one whole object a line")
        return None

    def _no(self, line: int, code: str, what: str, todo: str) -> None:
        self._refuse(Problem(self._name, line, code, what, todo))


def _no_constant(name: str) -> NoReturn:
    raise json.JSONDecodeError(f"{name} is no number", name, 0)


def _text(raw: bytes, name: str, refuse: Refuse) -> str | None:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        refuse(Problem(name, line, "not_yaml", f"not UTF-8 at byte {error.start}", "save it as UTF-8"))
        return None
