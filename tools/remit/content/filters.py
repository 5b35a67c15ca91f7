"""Read filters: exceptions of a site, kept apart from the rules."""

from __future__ import annotations

from typing import Any

import msgspec
import yaml

from remit.content.detection import read_detection
from remit.content.expression import And, Expression, Not, Or, Ref
from remit.content.rule import Filter, LogSource, Rule
from remit.content.tree import Tree

FILTER_KEYS = frozenset({"filter", "logsource"})
_BESIDE = frozenset({"rules"})


def read_filter(tree: Tree, node: yaml.Node, logsource: LogSource, header: dict[str, Any]) -> Filter | None:
    """Read a `filter` block; None where its condition cannot be read."""
    nodes = {entry.key: entry.node for entry in tree.entries(node, "`filter`")}
    if "rules" not in nodes:
        tree.wrong(node, "the filter does not say for which rules it is", "list them under `rules`, or write `any`")
        return None
    logic = read_detection(tree, node, _BESIDE)
    if logic is None:
        return None
    detections, condition, place = logic
    return Filter(
        **header,
        logsource=logsource,
        refs=_refs(tree, nodes["rules"]),
        detections=detections,
        condition=condition,
        condition_place=place,
    )


def _refs(tree: Tree, node: yaml.Node) -> tuple[str, ...] | None:
    if isinstance(node, yaml.ScalarNode):
        text = tree.text(node, "`rules`")
        return None if text == "any" else (text,)
    found = tree.texts(node, "`rules`")
    if not found:
        tree.wrong(node, "the filter names no rule", "list ids or names, or write `any`")
    return found


def covers(filter_: Filter, rule: Rule) -> bool:
    """Say whether a filter is for a rule: named, or any is meant, and of the filter's log source or a narrower one."""
    named = filter_.refs is None or rule.id in filter_.refs or (rule.name is not None and rule.name in filter_.refs)
    parts = [
        (getattr(filter_.logsource, name), getattr(rule.logsource, name)) for name in ("category", "product", "service")
    ]
    return named and all(asked is None or asked == own for asked, own in parts)


def filtered(rule: Rule, filters: list[Filter]) -> Rule:
    """Return the rule with the conditions of its filters added: both must hold, so a filter says `not selection`."""
    for number, filter_ in enumerate(each for each in filters if covers(each, rule)):
        names = {name: f"filter {number} {name}" for name in filter_.detections}
        rule = msgspec.structs.replace(
            rule,
            detections=rule.detections | {names[name]: found for name, found in filter_.detections.items()},
            condition=And((rule.condition, _renamed(filter_.condition, names))),
        )
    return rule


def _renamed(expression: Expression, names: dict[str, str]) -> Expression:
    match expression:
        case Ref(name):
            return Ref(names[name])
        case Not(arg):
            return Not(_renamed(arg, names))
        case And(args):
            return And(tuple(_renamed(arg, names) for arg in args))
        case Or(args):
            return Or(tuple(_renamed(arg, names) for arg in args))
        case _:
            return expression
