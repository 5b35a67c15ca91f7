"""Read rule files strictly: whatever could mean something else than it says is refused, all of it at once."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast, get_args

import yaml

from remit.alerts import AlertKind
from remit.content.condition import OPERATORS, ConditionError, parse_condition
from remit.content.expression import And, Expression, Item, Or
from remit.content.modifiers import NEEDING_A_FIELD, complaint_about_chain, complaint_about_values, split
from remit.content.places import ContentError, Place, Problem
from remit.content.root import content_root, files_of
from remit.content.rule import Custom, Enrichment, Frameworks, LogSource, Requires, Rule, Schedule
from remit.content.tree import Entry, Tree

NEWEST_SIGMA = (2, 1)
"""The newest version of the Sigma specification that we read."""

LEVELS = ("informational", "low", "medium", "high", "critical")
STATUSES = ("stable", "test", "experimental", "deprecated", "unsupported")

_TEXT_KEYS = frozenset({"title", "id", "name", "status", "description", "license", "author", "level", "taxonomy"})
_DATE_KEYS = frozenset({"date", "modified"})
_LIST_KEYS = frozenset({"references", "tags", "fields", "falsepositives", "scope"})
_IGNORED_KEYS = frozenset({"regression_tests_path", "simulation"})
"""SigmaHQ's own house-keeping; it says nothing about what a rule matches."""
_RULE_KEYS = (
    _TEXT_KEYS
    | _DATE_KEYS
    | _LIST_KEYS
    | _IGNORED_KEYS
    | {"related", "sigma-version", "logsource", "detection", "custom"}
)
_NAMESPACE = uuid.UUID("6b1f0f5c-7a53-5c0e-9d2a-2f3f5b9d1f57")
_DURATION = re.compile(r"[1-9][0-9]*[smhd]")


def load_rules(paths: Iterable[Path] = ()) -> list[Rule]:
    """Load rules from files and folders, ordered by file; without a path, the ones that come with Remit.

    Raises:
        ContentError: every problem of every file, each with file:line:column.
    """
    rules: list[Rule] = []
    problems: list[Problem] = []
    for path, file in files_of(paths or (content_root() / "rules",)):
        loaded, wrong = read_rules(path.read_bytes(), file)
        rules += loaded
        problems += wrong
    problems += _doubles(rules)
    if problems:
        raise ContentError(problems)
    return rules


def read_rules(raw: bytes, file: str) -> tuple[list[Rule], list[Problem]]:
    """Read one file's bytes; the rules are of use only when there is no problem."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [Problem(Place(file, raw.count(b"\n", 0, error.start) + 1, 1), "not UTF-8", "save it as UTF-8")]
    tree = Tree(file)
    rules = [rule for root in tree.documents(text) if (rule := _rule(tree, root))]
    if not rules and not tree.problems:
        tree.wrong(Place(file, 1, 1), "no rule in this file", "write one, or remove the file")
    return rules, tree.problems


def _doubles(rules: list[Rule]) -> Iterator[Problem]:
    first: dict[str, Rule] = {}
    for rule in rules:
        if (known := first.setdefault(rule.id, rule)) is not rule:
            yield Problem(rule.place, f"id {rule.id} is already taken at {known.place}", "give each rule its own id")


def _rule(tree: Tree, root: yaml.Node) -> Rule | None:
    before = len(tree.problems)
    place = tree.place(root)
    if isinstance(root, yaml.MappingNode) and (version := _newer_sigma(tree, root)):
        tree.wrong(version, f"sigma-version {version.value} is newer than {'.'.join(map(str, NEWEST_SIGMA))}",
                   "update Remit, or write the rule for that version")  # fmt: skip
        return None
    nodes = tree.mapping(root, "the rule", _RULE_KEYS)
    for key in ("title", "logsource", "detection"):
        if key not in nodes and isinstance(root, yaml.MappingNode):
            tree.wrong(place, f"the rule has no `{key}`", "add it")
    header = _header(tree, nodes)
    logsource = _logsource(tree, nodes["logsource"]) if "logsource" in nodes else None
    logic = _detection(tree, nodes["detection"]) if "detection" in nodes else None
    custom, custom_source = _custom(tree, nodes.get("custom"))
    if len(tree.problems) > before or logsource is None or logic is None:
        return None
    header.setdefault("id", str(uuid.uuid5(_NAMESPACE, f"{tree.file}\n{header['title']}")))
    header.setdefault("level", "medium")
    header.setdefault("status", None)
    detections, condition, condition_place = logic
    return Rule(
        **header, file=tree.file, place=place, logsource=logsource, custom=custom, custom_source=custom_source,
        detections=detections, condition=condition, condition_place=condition_place,
    )  # fmt: skip


def _newer_sigma(tree: Tree, root: yaml.MappingNode) -> yaml.ScalarNode | None:
    for key, value in root.value:
        if isinstance(key, yaml.ScalarNode) and key.value == "sigma-version" and isinstance(value, yaml.ScalarNode):
            if not re.fullmatch(r"[0-9]+(\.[0-9]+)*", value.value):
                tree.wrong(value, f"`{value.value}` is no version", "write 2.1")
            elif tuple(map(int, value.value.split(".")))[: len(NEWEST_SIGMA)] > NEWEST_SIGMA:
                return value
    return None


def _header(tree: Tree, nodes: dict[str, yaml.Node]) -> dict[str, Any]:
    """Read everything that describes the rule and does not decide what it matches."""
    header: dict[str, Any] = {}
    for key, node in nodes.items():
        if key in _TEXT_KEYS:
            header[key] = tree.text(node, f"`{key}`").strip()
        elif key in _DATE_KEYS:
            header[key] = tree.text(node, f"`{key}`")
            _check_date(tree, node, header[key])
        elif key in _LIST_KEYS:
            header[key] = tree.texts(node, f"`{key}`")
    _check_choice(tree, nodes.get("level"), LEVELS, header)
    _check_choice(tree, nodes.get("status"), STATUSES, header)
    if (at := nodes.get("id")) and not _is_uuid(header["id"]):
        tree.wrong(at, f"`{header['id']}` is no UUID", "write a fresh one (`python -m uuid`)")
    if (at := nodes.get("title")) and len(header["title"]) > 256:
        tree.wrong(at, "the title has more than 256 characters", "shorten it")
    for tag, node in zip(header.get("tags", ()), _children(nodes.get("tags")), strict=False):
        if not re.fullmatch(r"[a-z0-9_-]+\.\S+", tag):
            tree.wrong(node, f"tag `{tag}` has no namespace", "write it as attack.t1098")
    if at := nodes.get("related"):
        header["related"] = tuple(_related(tree, child) for child in tree.sequence(at, "`related`"))
    return header


def _children(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _check_date(tree: Tree, node: yaml.Node, text: str) -> None:
    try:
        if len(text) == 10:
            date.fromisoformat(text)
            return
    except ValueError:
        pass
    tree.wrong(node, f"`{text}` is no date", "write 2026-01-31")


def _check_choice(tree: Tree, node: yaml.Node | None, choices: tuple[str, ...], header: dict[str, Any]) -> None:
    if node is not None and isinstance(node, yaml.ScalarNode) and node.value not in choices:
        tree.wrong(node, f"`{node.value}` is not one of them", f"write {', '.join(choices)}")


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _related(tree: Tree, node: yaml.Node) -> dict[str, str]:
    known = frozenset({"id", "type"})
    return {entry.key: tree.text(entry.node, "`related`") for entry in tree.entries(node, "`related`", known)}


def _logsource(tree: Tree, node: yaml.Node) -> LogSource:
    known = frozenset({"category", "product", "service", "definition"})
    found = {entry.key: tree.text(entry.node, f"`{entry.key}`") for entry in tree.entries(node, "`logsource`", known)}
    if not found.keys() - {"definition"} and isinstance(node, yaml.MappingNode):
        tree.wrong(node, "the log source names neither category, product nor service", "name one")
    return LogSource(**found)


def _detection(tree: Tree, node: yaml.Node) -> tuple[dict[str, Expression], Expression, Place] | None:
    entries = tree.entries(node, "`detection`")
    detections: dict[str, Expression] = {}
    condition: Entry | None = None
    for entry in entries:
        if entry.key == "condition":
            condition = entry
        elif entry.key == "timeframe":
            tree.wrong(entry.place, "`timeframe` is no longer part of Sigma", "write a correlation rule")
        elif entry.key in OPERATORS:
            tree.wrong(entry.place, f"a detection is called `{entry.key}`, which is an operator", "rename it")
        elif (detection := _named(tree, entry)) is not None:
            detections[entry.key] = detection
    if condition is None:
        if isinstance(node, yaml.MappingNode):
            tree.wrong(node, "`detection` has no `condition`", "add one")
        return None
    # A name whose detection is wrong is still known, so that one mistake is one message.
    names = [entry.key for entry in entries if entry.key not in ("condition", "timeframe")]
    parsed = _condition(tree, condition.node, names)
    return None if parsed is None else (detections, parsed, tree.place(condition.node))


def _condition(tree: Tree, node: yaml.Node, names: list[str]) -> Expression | None:
    children = tree.sequence(node, "`condition`") if isinstance(node, yaml.SequenceNode) else [node]
    parsed: list[Expression] = []
    for child in children:
        if not (text := tree.text(child, "`condition`")):
            return None
        try:
            parsed.append(parse_condition(text, names))
        except ConditionError as error:
            tree.wrong(child, f"condition: {error.args[0]}", error.args[1])
            return None
    if not parsed:
        tree.wrong(node, "`condition` is empty", "write one")
        return None
    return parsed[0] if len(parsed) == 1 else Or(tuple(parsed))


def _named(tree: Tree, entry: Entry) -> Expression | None:
    return _definition(tree, entry.node, entry.place, f"`{entry.key}`")


def _definition(tree: Tree, node: yaml.Node, place: Place, what: str) -> Expression | None:
    """Read a mapping (all of its items), a list of mappings (any of them), or keywords."""
    if isinstance(node, yaml.MappingNode):
        return _all_of(tree, node, what)
    if isinstance(node, yaml.ScalarNode):
        return _keywords(tree, [node], place)
    children = list(node.value)
    if not children:
        tree.wrong(node, f"{what} is empty", "remove it, or say what to look for")
        return None
    if all(isinstance(child, yaml.ScalarNode) for child in children):
        return _keywords(tree, children, place)
    args = [_definition(tree, child, tree.place(child), what) for child in children]
    found = tuple(arg for arg in args if arg is not None)
    if len(found) < len(args):
        return None
    return found[0] if len(found) == 1 else Or(found)


def _all_of(tree: Tree, node: yaml.Node, what: str) -> Expression | None:
    entries = tree.entries(node, what)
    if not entries:
        tree.wrong(node, f"{what} is empty", "remove it, or say what to look for")
        return None
    items = tuple(_item(tree, entry) for entry in entries)
    return items[0] if len(items) == 1 else And(items)


def _keywords(tree: Tree, nodes: list[yaml.Node], place: Place) -> Item:
    values = tuple(tree.scalar(node, "a keyword") for node in nodes)
    if None in values:
        tree.wrong(place, "null as a keyword", "bind it to a field, or remove it")
    return Item(None, (), values, "", place)


def _item(tree: Tree, entry: Entry) -> Item:
    field, modifiers = split(entry.key)
    what = f"`{entry.key}`"
    nodes = tree.sequence(entry.node, what) if isinstance(entry.node, yaml.SequenceNode) else [entry.node]
    values = tuple(tree.scalar(node, what) for node in nodes)
    if not field and not modifiers:
        tree.wrong(entry.place, "a field without a name", "name it, or write keywords as a list")
    if not field and NEEDING_A_FIELD.intersection(modifiers):
        tree.wrong(entry.place, f"{what} needs a field", "write it before the modifier")
    if not values:
        tree.wrong(entry.node, f"{what} has no value", "write at least one")
    if complaint := complaint_about_chain(modifiers):
        tree.wrong(entry.place, f"{what}: {complaint[0]}", complaint[1])
    elif complaint := complaint_about_values(modifiers, values):
        tree.wrong(entry.node, f"{what}: {complaint[0]}", complaint[1])
    return Item(field or None, modifiers, values, entry.key, entry.place)


def _custom(tree: Tree, node: yaml.Node | None) -> tuple[Custom, dict[str, Any]]:
    if node is None:
        return Custom(), {}
    before = len(tree.problems)
    nodes = tree.mapping(node, "`custom`", frozenset(Custom.__struct_fields__))
    found: dict[str, Any] = {}
    for key, child in nodes.items():
        reader = _CUSTOM.get(key)
        found[key] = reader(tree, child) if reader else tree.texts(child, f"`{key}`")
    if len(tree.problems) > before:
        return Custom(), {}
    return Custom(**found), cast(dict[str, Any], tree.plain(node, "`custom`"))


def _alert(tree: Tree, node: yaml.Node) -> AlertKind:
    return cast(AlertKind, _choice(tree, node, "alert", get_args(AlertKind)))


def _choice(tree: Tree, node: yaml.Node, key: str, choices: tuple[str, ...]) -> str:
    text = tree.text(node, f"`{key}`")
    if text and text not in choices:
        tree.wrong(node, f"`{key}` is `{text}`", f"write one of {', '.join(choices)}")
    return text


def _requires(tree: Tree, node: yaml.Node) -> Requires:
    nodes = tree.mapping(node, "`requires`", frozenset(Requires.__struct_fields__))
    enrichment = (
        _choice(tree, nodes["enrichment"], "enrichment", get_args(Enrichment)) if "enrichment" in nodes else "none"
    )
    telemetry = tree.text(nodes["telemetry"], "`telemetry`") if "telemetry" in nodes else ""
    return Requires(enrichment=cast(Enrichment, enrichment), telemetry=telemetry)


def _risk_score(tree: Tree, node: yaml.Node) -> int:
    value = tree.scalar(node, "`risk_score`")
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100:
        return value
    tree.wrong(node, "`risk_score` is no whole number from 0 to 100", "write one")
    return 0


def _schedule(tree: Tree, node: yaml.Node) -> Schedule:
    found = {}
    for entry in tree.entries(node, "`schedule`", frozenset(Schedule.__struct_fields__)):
        found[entry.key] = tree.text(entry.node, f"`{entry.key}`")
        if found[entry.key] and not _DURATION.fullmatch(found[entry.key]):
            tree.wrong(entry.node, f"`{found[entry.key]}` is no duration", "write 5m, 1h, 2d")
    return Schedule(**found)


def _frameworks(tree: Tree, node: yaml.Node) -> Frameworks:
    known = frozenset(Frameworks.__struct_fields__)
    entries = tree.entries(node, "`frameworks`", known)
    return Frameworks(**{entry.key: tree.texts(entry.node, f"`{entry.key}`") for entry in entries})


_CUSTOM: dict[str, Callable[[Tree, yaml.Node], Any]] = {
    "alert": _alert,
    "requires": _requires,
    "risk_score": _risk_score,
    "schedule": _schedule,
    "frameworks": _frameworks,
}
"""Readers of the keys of `custom` that are not a list of texts."""
