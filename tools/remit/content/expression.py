"""The logic of a rule: items, and references to named detections, joined by and, or, not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct

from remit.content.places import Place
from remit.content.tree import Scalar


class Item(Struct, frozen=True):
    """One line of a detection: `field|modifier: values`."""

    field: str | None
    """None: keywords, which may stand in any value of the event."""
    modifiers: tuple[str, ...]
    """Canonical names (`i` for `ignorecase`), in the order written."""
    values: tuple[Scalar, ...]
    """At least one, with the type that YAML gives it."""
    key: str
    """As written, modifiers included."""
    place: Place


class Ref(Struct, frozen=True):
    """A detection by its name. Conditions have them, `Rule.expression` has none."""

    name: str


class And(Struct, frozen=True):
    args: tuple[Expression, ...]


class Or(Struct, frozen=True):
    args: tuple[Expression, ...]


class Not(Struct, frozen=True):
    arg: Expression


Expression: TypeAlias = Item | Ref | And | Or | Not


def leaves(expression: Expression) -> Iterator[Item | Ref]:
    """Every item and reference, from left to right."""
    match expression:
        case Item() | Ref():
            yield expression
        case Not(arg):
            yield from leaves(arg)
        case And(args) | Or(args):
            for arg in args:
                yield from leaves(arg)


def resolve(expression: Expression, detections: Mapping[str, Expression]) -> Expression:
    """Replace every reference by its detection."""
    match expression:
        case Ref(name):
            return detections[name]
        case Item():
            return expression
        case Not(arg):
            return Not(resolve(arg, detections))
        case And(args):
            return And(tuple(resolve(arg, detections) for arg in args))
        case Or(args):
            return Or(tuple(resolve(arg, detections) for arg in args))
