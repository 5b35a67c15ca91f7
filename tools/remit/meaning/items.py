"""One item: the tests that a single value of the document must pass."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence

from remit.content import Item, Scalar
from remit.content.modifiers import ORDER, PLACING
from remit.meaning.patterns import Pattern, Wildcard, parse, text_matcher
from remit.meaning.values import fold, is_number, text_of
from remit.targets import Refused

ValueTest = Callable[[Scalar], bool]

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le,
}  # fmt: skip
_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_UNDERSTOOD = PLACING | ORDER | {"cased", "all", "neq", "exists"}


def value_tests(item: Item, placeholders: Mapping[str, Sequence[Scalar]]) -> tuple[ValueTest, ...]:
    """Return one test for each value of the item, nulls left out (absence is no property of a value)."""
    for name in item.modifiers:
        if name not in _UNDERSTOOD:
            raise Refused(f"modifier `{name}`", str(item.place), "its meaning is not settled yet", "use another one")
    return tuple(_test(item, value) for value in item.values if value is not None)


def _test(item: Item, value: Scalar) -> ValueTest:
    for name in ORDER.intersection(item.modifiers):
        assert isinstance(value, (int, float))  # noqa: S101 - the loader has seen to it
        return _order_test(_COMPARE[name], value)
    if item.field is None:
        modifiers = item.modifiers if PLACING.intersection(item.modifiers) else (*item.modifiers, "contains")
        return _text_test(_placed(parse(text_of(value)), modifiers), modifiers)
    if isinstance(value, str):
        return _text_test(_placed(parse(value), item.modifiers), item.modifiers)
    if isinstance(value, bool):
        return lambda found: found is value or (isinstance(found, str) and fold(found) == text_of(value))
    assert value is not None  # noqa: S101 - nulls are left out by the caller
    return _number_test(value)


def _placed(pattern: Pattern, modifiers: tuple[str, ...]) -> Pattern:
    before = () if "startswith" in modifiers or not PLACING.intersection(modifiers) else (Wildcard.MANY,)
    after = () if "endswith" in modifiers or not PLACING.intersection(modifiers) else (Wildcard.MANY,)
    return (*before, *pattern, *after)


def _text_test(pattern: Pattern, modifiers: tuple[str, ...]) -> ValueTest:
    if "cased" in modifiers:
        cased = text_matcher(pattern)
        return lambda found: cased(text_of(found))
    fits = text_matcher(tuple(fold(part) if isinstance(part, str) else part for part in pattern))
    return lambda found: fits(fold(text_of(found)))


def _number_test(value: float) -> ValueTest:
    """Numbers compare as numbers (7 = 7.0), against text by their canonical text (`7` is "7" and not "07")."""
    text = text_of(value)
    return lambda found: found == value if is_number(found) else isinstance(found, str) and found == text


def _order_test(compare: Callable[[float, float], bool], bound: float) -> ValueTest:
    def test(found: Scalar) -> bool:
        number = _number_of(found)
        return number is not None and compare(number, bound)

    return test


def _number_of(found: Scalar) -> float | None:
    """Return a number, or a text that is a JSON number, as a number."""
    if isinstance(found, str):
        if not _JSON_NUMBER.fullmatch(found) or len(found) > 400:
            return None
        number = float(found)
        return number if number not in (float("inf"), float("-inf")) else None
    return found if isinstance(found, (int, float)) and not isinstance(found, bool) else None
