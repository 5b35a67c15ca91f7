"""Read what describes a rule, a correlation or a filter and does not decide what it matches."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any, cast, get_args

import yaml

from remit.alerts import AlertKind
from remit.content.rule import Custom, Enrichment, Frameworks, LogSource, Requires, Schedule
from remit.content.tree import Tree

NEWEST_SIGMA = (2, 1)
"""The newest version of the Sigma specification that we read."""

LEVELS = ("informational", "low", "medium", "high", "critical")
STATUSES = ("stable", "test", "experimental", "deprecated", "unsupported")

_TEXT_KEYS = frozenset({"title", "id", "name", "status", "description", "license", "author", "level", "taxonomy"})
_DATE_KEYS = frozenset({"date", "modified"})
_LIST_KEYS = frozenset({"references", "tags", "fields", "falsepositives", "scope"})
_IGNORED_KEYS = frozenset({"regression_tests_path", "simulation"})
"""SigmaHQ's own house-keeping; it says nothing about what a rule matches."""
HEADER_KEYS = _TEXT_KEYS | _DATE_KEYS | _LIST_KEYS | _IGNORED_KEYS | {"related", "sigma-version", "custom"}
_NAMESPACE = uuid.UUID("6b1f0f5c-7a53-5c0e-9d2a-2f3f5b9d1f57")
_DURATION = re.compile(r"[1-9][0-9]*[smhd]")


def read_header(tree: Tree, root: yaml.MappingNode, nodes: dict[str, yaml.Node]) -> dict[str, Any]:
    """Return the members of `Header`, by name."""
    header = _header(tree, nodes)
    custom, custom_source = _custom(tree, nodes.get("custom"))
    header.setdefault("id", str(uuid.uuid5(_NAMESPACE, f"{tree.file}\n{header.get('title')}")))
    header.setdefault("level", "medium")
    header.setdefault("status", None)
    return header | {"file": tree.file, "place": tree.place(root), "custom": custom, "custom_source": custom_source}


def newer_sigma(tree: Tree, root: yaml.MappingNode) -> yaml.ScalarNode | None:
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


def read_logsource(tree: Tree, node: yaml.Node) -> LogSource:
    known = frozenset({"category", "product", "service", "definition"})
    found = {entry.key: tree.text(entry.node, f"`{entry.key}`") for entry in tree.entries(node, "`logsource`", known)}
    if not found.keys() - {"definition"} and isinstance(node, yaml.MappingNode):
        tree.wrong(node, "the log source names neither category, product nor service", "name one")
    return LogSource(**found)


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
