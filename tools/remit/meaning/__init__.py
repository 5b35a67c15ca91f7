"""What a Sigma rule means: the specification that hunt and every target are compared with.

Written to be read, not to be fast. Where Sigma leaves a question open, docs/meaning.md decides it. What is not said
here is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from remit.content import And, Expression, Item, Not, Or, Ref, Rule
from remit.meaning.fieldref import referring
from remit.meaning.items import Placeholders, ValueTest, value_tests
from remit.meaning.values import path_of, present, scalars_at, scalars_in

Document = Mapping[str, Any]
Matcher = Callable[[Document], bool]


def matcher(rule: Rule, placeholders: Placeholders | None = None) -> Matcher:
    """Return the function that says whether one decoded document matches.

    Raises:
        remit.targets.Refused: the rule uses something that has no meaning here.
    """
    return _expression(rule.expression, placeholders or {})


def _expression(expression: Expression, placeholders: Placeholders) -> Matcher:
    match expression:
        case Item():
            return item_matcher(expression, placeholders)
        case Not(arg):
            inner = _expression(arg, placeholders)
            return lambda document: not inner(document)
        case And(args):
            all_of = [_expression(arg, placeholders) for arg in args]
            return lambda document: all(holds(document) for holds in all_of)
        case Or(args):
            any_of = [_expression(arg, placeholders) for arg in args]
            return lambda document: any(holds(document) for holds in any_of)
        case Ref(name):
            raise AssertionError(f"unresolved reference to {name}")


def item_matcher(item: Item, placeholders: Placeholders) -> Matcher:
    """Return the function that says whether one item holds in a document."""
    if "neq" in item.modifiers:
        equal = _equal(item, placeholders)
        return lambda document: not equal(document)
    return _equal(item, placeholders)


def _equal(item: Item, placeholders: Placeholders) -> Matcher:
    if item.field is None:
        return _holds(value_tests(item, placeholders), "all" in item.modifiers, scalars_in)
    path = path_of(item.field)
    if "exists" in item.modifiers:
        return lambda document: present(document, path) is item.values[0]
    if "fieldref" in item.modifiers:
        return referring(item)
    holds = _holds(
        value_tests(item, placeholders), "all" in item.modifiers, lambda document: scalars_at(document, path)
    )
    if None in item.values and "all" in item.modifiers:
        return lambda document: not present(document, path) and holds(document)
    if None in item.values:
        return lambda document: not present(document, path) or holds(document)
    return holds


def _holds(tests: Sequence[ValueTest], all_of_them: bool, values: Callable[[Document], Any]) -> Matcher:
    """Any value of the document may satisfy a test; any test, or with `all` every test, must be satisfied."""
    join = all if all_of_them else any

    def holds(document: Document) -> bool:
        found = list(values(document))
        return join(any(test(value) for value in found) for test in tests)

    return holds
