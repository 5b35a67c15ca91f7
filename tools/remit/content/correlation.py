"""Read correlations."""

from __future__ import annotations

import re
from typing import Any, cast, get_args

import yaml

from remit.content.condition import ConditionError, parse_condition
from remit.content.expression import And, Expression, Ref
from remit.content.rule import Correlation, CorrelationType, Threshold
from remit.content.tree import Tree

CORRELATION_KEYS = frozenset({"correlation"})
_KEYS = frozenset({"type", "rules", "group-by", "timespan", "aliases", "condition", "generate"})
TYPES = get_args(CorrelationType)
TEMPORAL = frozenset({"temporal", "temporal_ordered"})
VALUES = frozenset({"value_count", "value_sum", "value_avg", "value_percentile", "value_median"})
BOUNDS = ("gt", "gte", "lt", "lte", "eq", "neq")
_UNITS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_TIMESPAN = re.compile(r"([1-9][0-9]*)([a-zA-Z]+)")


def read_correlation(tree: Tree, node: yaml.Node, header: dict[str, Any]) -> Correlation | None:
    """Read a `correlation` block. None where something in it is missing or wrong, which is then told."""
    nodes = tree.mapping(node, "`correlation`", _KEYS)
    for key in ("type", "timespan"):
        if key not in nodes:
            tree.wrong(node, f"`correlation` has no `{key}`", "add it")
    kind = tree.text(nodes["type"], "`type`") if "type" in nodes else ""
    if kind and kind not in TYPES:
        tree.wrong(nodes["type"], f"`{kind}` is no type of correlation", f"write one of {', '.join(TYPES)}")
    timespan = _timespan(tree, nodes["timespan"]) if "timespan" in nodes else 0
    refs = _one_or_more(tree, nodes["rules"], "`rules`") if "rules" in nodes else ()
    condition = _condition(tree, node, nodes.get("condition"), kind, refs)
    if not refs and isinstance(condition, (Ref, And)) and "rules" not in nodes:
        refs = names_in(condition)
    if not refs or condition is None or kind not in TYPES:
        if not refs:
            tree.wrong(nodes.get("rules", node), "the correlation names no rule", "list ids or names under `rules`")
        return None
    if len(set(refs)) < len(refs):
        tree.wrong(nodes["rules"], "a rule is listed twice", "list it once")
    group_by = _one_or_more(tree, nodes["group-by"], "`group-by`") if "group-by" in nodes else ()
    return Correlation(
        **header,
        type=cast(CorrelationType, kind),
        refs=refs,
        group_by=group_by,
        timespan=timespan,
        aliases=_aliases(tree, nodes["aliases"], refs) if "aliases" in nodes else {},
        condition=condition,
        condition_place=tree.place(nodes.get("condition", node)),
        generate=_generate(tree, nodes.get("generate")),
    )


def names_in(expression: Expression) -> tuple[str, ...]:
    """Return the names that a condition refers to, in the order of their first use."""
    from remit.content.expression import leaves

    return tuple(dict.fromkeys(leaf.name for leaf in leaves(expression) if isinstance(leaf, Ref)))


def _one_or_more(tree: Tree, node: yaml.Node, what: str) -> tuple[str, ...]:
    return tree.texts(node, what) if isinstance(node, yaml.SequenceNode) else (tree.text(node, what),)


def _timespan(tree: Tree, node: yaml.Node) -> int:
    text = tree.text(node, "`timespan`")
    found = _TIMESPAN.fullmatch(text)
    if found is None:
        tree.wrong(node, f"`{text}` is no span of time", "write 30s, 10m, 1h or 1d")
        return 0
    if found[2] not in _UNITS:
        tree.wrong(node, f"CORR_UNITS: `{found[2]}` has no fixed length or is no unit", "write it in s, m, h or d")
        return 0
    return int(found[1]) * _UNITS[found[2]]


def _generate(tree: Tree, node: yaml.Node | None) -> bool:
    value = False if node is None else tree.scalar(node, "`generate`")
    if not isinstance(value, bool) and node is not None:
        tree.wrong(node, "`generate` is neither true nor false", "write one")
    return value is True


def _aliases(tree: Tree, node: yaml.Node, refs: tuple[str, ...]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for alias in tree.entries(node, "`aliases`"):
        fields = {
            entry.key: tree.text(entry.node, f"alias `{alias.key}`")
            for entry in tree.entries(alias.node, f"alias `{alias.key}`", frozenset(refs))
        }
        if missing := [ref for ref in refs if ref not in fields]:
            tree.wrong(
                alias.place, f"alias `{alias.key}` says nothing for {', '.join(missing)}", "name its field there"
            )
        found[alias.key] = fields
    return found


def _condition(
    tree: Tree, block: yaml.Node, node: yaml.Node | None, kind: str, refs: tuple[str, ...]
) -> Threshold | Expression | None:
    if node is None:
        if kind in TEMPORAL:
            return Threshold((("gte", len(refs)),))
        tree.wrong(block, "`correlation` has no `condition`", "add one, such as `gte: 10`")
        return None
    if isinstance(node, yaml.ScalarNode):
        return _logic(tree, node, kind, refs)
    return _threshold(tree, node, kind)


def _logic(tree: Tree, node: yaml.ScalarNode, kind: str, refs: tuple[str, ...]) -> Expression | None:
    if kind not in TEMPORAL:
        tree.wrong(node, f"`{kind}` counts, so its condition is a number", "write it as `gte: 10`")
        return None
    names = refs or tuple(dict.fromkeys(re.findall(r"[^\s()]+", str(node.value))))
    try:
        logic = parse_condition(tree.text(node, "`condition`"), names)
    except ConditionError as error:
        tree.wrong(node, f"condition: {error.args[0]}", error.args[1])
        return None
    if unused := [ref for ref in refs if ref not in names_in(logic)]:
        tree.wrong(node, f"the condition does not use {', '.join(unused)}", "use it or remove it from `rules`")
    return logic


def _threshold(tree: Tree, node: yaml.Node, kind: str) -> Threshold:
    nodes = tree.mapping(node, "`condition`", frozenset({*BOUNDS, "field", "percentile"}))
    bounds = tuple((name, _number(tree, nodes[name], name)) for name in BOUNDS if name in nodes)
    fields = _one_or_more(tree, nodes["field"], "`field`") if "field" in nodes else ()
    percentile = _number(tree, nodes["percentile"], "percentile") if "percentile" in nodes else None
    if not bounds:
        tree.wrong(node, "the condition has no bound", f"write one of {', '.join(BOUNDS)}")
    if len(bounds) > 1 and not _is_range([name for name, _ in bounds]):
        tree.wrong(node, "two bounds that are no range", "write one of gt, gte with one of lt, lte")
    if kind in VALUES and not fields:
        tree.wrong(node, f"`{kind}` needs the field whose values it is about", "add `field`")
    if fields and kind not in VALUES:
        tree.wrong(nodes["field"], f"`{kind}` has no field", "remove it, or use value_count")
    if len(fields) > 1 and kind != "value_count":
        tree.wrong(nodes["field"], f"`{kind}` is about one field", "name one")
    if (kind == "value_percentile") != (percentile is not None):
        tree.wrong(node, "`percentile` belongs to value_percentile, and it needs one", "mend the type or the condition")
    if percentile is not None and not 0 <= percentile <= 100:
        tree.wrong(nodes["percentile"], "no percentile", "write a number from 0 to 100")
    return Threshold(bounds, fields, percentile)


def _is_range(names: list[str]) -> bool:
    return len(names) == 2 and names[0] in ("gt", "gte") and names[1] in ("lt", "lte")


def _number(tree: Tree, node: yaml.Node, name: str) -> float:
    value = tree.scalar(node, f"`{name}`")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    tree.wrong(node, f"`{name}` is no number", "write a number without quotes")
    return 0
