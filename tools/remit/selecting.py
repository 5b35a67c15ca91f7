"""Which of the loaded rules are compiled, and with which of a site's values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product, zip_longest

import msgspec
from msgspec import Struct

from remit.content import And, Content, Correlation, Expression, Item, Not, Or, Rule, Scalar
from remit.content.header import LEVELS
from remit.meaning.values import text_of

Values = Mapping[str, Sequence[Scalar]]
"""What placeholders stand for at a site."""

_PLACEHOLDER = re.compile(r"%([^%\s]+)%")


class Selection(Struct, frozen=True, kw_only=True):
    """Which rules are wanted; what is empty wants all."""

    level: str | None = None
    """This one or above."""
    statuses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """Any of them."""
    logsource: str | None = None
    """`product`, `product/service`, or a category."""

    def wants(self, rule: Rule | Correlation) -> bool:
        return (
            (self.level is None or LEVELS.index(rule.level) >= LEVELS.index(self.level))
            and (not self.statuses or rule.status in self.statuses)
            and (not self.tags or not set(self.tags).isdisjoint(rule.tags))
            and (self.logsource is None or self.logsource in _logsources(rule))
        )


def _logsources(rule: Rule | Correlation) -> set[str]:
    """A correlation is about the log sources of all its rules."""
    if isinstance(rule, Correlation):
        return {name for base in rule.bases for name in _logsources(base)}
    source = rule.logsource
    names = [source.product, source.category, f"{source.product}/{source.service}"]
    return {name for name in names if name}


def selected(content: Content, selection: Selection, values: Values) -> list[Rule | Correlation]:
    """Return what alerts by itself and is wanted, with a site's values in place of placeholders.

    A rule that serves only correlations (`generate: false`) is part of their queries and has none of its own."""
    generating = {base.id for each in content.correlations if each.generate for base in each.bases}
    serving = {base.id for each in content.correlations for base in each.bases} - generating
    everything: list[Rule | Correlation] = [*content.rules, *content.correlations]
    return [with_values(each, values) for each in everything if each.id not in serving and selection.wants(each)]


def with_values(rule: Rule | Correlation, values: Values) -> Rule | Correlation:
    """Return a rule with values in place of its placeholders. One that has none stays, and a target refuses it."""
    if not values:
        return rule
    if isinstance(rule, Correlation):
        return msgspec.structs.replace(rule, bases=tuple(with_values(base, values) for base in rule.bases))
    detections = {name: _replaced(part, values) for name, part in rule.detections.items()}
    return msgspec.structs.replace(rule, detections=detections)


def _replaced(part: Expression, values: Values) -> Expression:
    match part:
        case Item():
            return _item(part, values)
        case And(args):
            return And(tuple(_replaced(arg, values) for arg in args))
        case Or(args):
            return Or(tuple(_replaced(arg, values) for arg in args))
        case Not(arg):
            return Not(_replaced(arg, values))
        case _:
            return part


def _item(item: Item, values: Values) -> Item:
    # Under `all` the values of one placeholder are still alternatives, which no plain list of values can say.
    known = all(name in values for value in item.values for name in _PLACEHOLDER.findall(str(value)))
    if "expand" not in item.modifiers or "all" in item.modifiers or not known:
        return item
    return msgspec.structs.replace(
        item,
        values=tuple(text for value in item.values for text in _alternatives(str(value), values)),
        modifiers=tuple(name for name in item.modifiers if name != "expand"),
        key="|".join(part for part in item.key.split("|") if part != "expand"),
    )


def _alternatives(value: str, values: Values) -> list[str]:
    pieces = _PLACEHOLDER.split(value)
    options = [[_escaped(each) for each in values[name]] for name in pieces[1::2]]
    return [
        "".join(text for pair in zip_longest(pieces[::2], choice, fillvalue="") for text in pair)
        for choice in product(*options)
    ]


def _escaped(value: Scalar) -> str:
    """A site's values are plain texts: no character in them stands for others."""
    return re.sub(r"[\\*?]", r"\\\g<0>", text_of(value))
