"""Read detections and their condition."""

from __future__ import annotations

import yaml

from remit.content.condition import OPERATORS, ConditionError, parse_condition
from remit.content.expression import And, Expression, Item, Or
from remit.content.modifiers import NEEDING_A_FIELD, complaint_about_chain, complaint_about_values, split
from remit.content.places import Place
from remit.content.tree import Entry, Tree

Logic = tuple[dict[str, Expression], Expression, Place]
"""Detections by name, the condition over them, and where it stands."""


def read_detection(tree: Tree, node: yaml.Node, beside: frozenset[str] = frozenset()) -> Logic | None:
    """Read a `detection` block; keys of `beside` are something else's. None where the condition cannot be read."""
    entries = tree.entries(node, "`detection`")
    detections: dict[str, Expression] = {}
    condition: Entry | None = None
    for entry in entries:
        if entry.key == "condition":
            condition = entry
        elif entry.key in beside:
            continue
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
    names = [entry.key for entry in entries if entry.key not in ("condition", "timeframe", *beside)]
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
