"""One item: the tests that a single value of the document must pass."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence

from remit.content import Item, Scalar
from remit.content.modifiers import FLAGS, ORDER, PLACING, TIME_PARTS
from remit.meaning.encodings import NoValue, alternatives
from remit.meaning.networks import network_test
from remit.meaning.patterns import Pattern, Wildcard, parse, text_matcher
from remit.meaning.regex import Unsupported, searcher
from remit.meaning.times import part_of
from remit.meaning.values import fold, is_number, text_of
from remit.targets import Refused

ValueTest = Callable[[Scalar], bool]
Placeholders = Mapping[str, Sequence[Scalar]]
"""What a site says that `%name%` stands for."""

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le,
}  # fmt: skip
_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def value_tests(item: Item, placeholders: Placeholders) -> tuple[ValueTest, ...]:
    """Return one test for each value of the item, nulls left out (absence is no property of a value).

    Raises:
        Refused: a value has no settled meaning.
    """
    try:
        return tuple(_test(item, value, placeholders) for value in item.values if value is not None)
    except NoValue as error:
        construct, why, way_out = error.args
        raise Refused(construct, str(item.place), why, way_out) from None
    except Unsupported as error:
        raise Refused(
            f"regular expression of `{item.key}`", str(item.place), str(error), "write it without, or as several items"
        ) from None


def _test(item: Item, value: Scalar, placeholders: Placeholders) -> ValueTest:
    modifiers = item.modifiers
    compare = next((_COMPARE[name] for name in modifiers if name in ORDER), None)
    part = next((name for name in modifiers if name in TIME_PARTS), None)
    if part is not None:
        return _time_test(part, compare or operator.eq, _as_number(value))
    if compare is not None:
        return _order_test(compare, _as_number(value))
    if "re" in modifiers:
        found_in = searcher(text_of(value), FLAGS.intersection(modifiers))
        return lambda found: found_in(text_of(found))
    if "cidr" in modifiers:
        within = network_test(text_of(value))
        return lambda found: isinstance(found, str) and within(found)
    if item.field is None:
        if not PLACING.intersection(modifiers):
            modifiers = (*modifiers, "contains")
        return _text_test(parse(text_of(value)), modifiers, placeholders)
    if isinstance(value, str):
        return _text_test(parse(value), modifiers, placeholders)
    if isinstance(value, bool):
        return lambda found: found is value or (isinstance(found, str) and fold(found) == text_of(value))
    return _number_test(_as_number(value))


def _as_number(value: Scalar) -> float:
    assert isinstance(value, (int, float))  # noqa: S101 - the loader has seen to it
    return value


def _text_test(pattern: Pattern, modifiers: tuple[str, ...], placeholders: Placeholders) -> ValueTest:
    patterns = [placed(each, modifiers) for each in alternatives(pattern, modifiers, placeholders)]
    if "cased" in modifiers:
        cased = [text_matcher(each) for each in patterns]
        return lambda found: any(fits(text_of(found)) for fits in cased)
    folded = [text_matcher(tuple(fold(part) if isinstance(part, str) else part for part in each)) for each in patterns]
    return lambda found: any(fits(fold(text_of(found))) for fits in folded)


def placed(pattern: Pattern, modifiers: Sequence[str]) -> Pattern:
    """Return the pattern with the wildcards that contains, startswith and endswith stand for."""
    before = (Wildcard.MANY,) if "contains" in modifiers or "endswith" in modifiers else ()
    after = (Wildcard.MANY,) if "contains" in modifiers or "startswith" in modifiers else ()
    return (*before, *pattern, *after)


def _number_test(value: float) -> ValueTest:
    """Numbers compare as numbers (7 = 7.0), against text by their canonical text (`7` is "7" and not "07")."""
    text = text_of(value)
    return lambda found: found == value if is_number(found) else isinstance(found, str) and found == text


def _order_test(compare: Callable[[float, float], bool], bound: float) -> ValueTest:
    def test(found: Scalar) -> bool:
        number = number_of(found)
        return number is not None and compare(number, bound)

    return test


def number_of(found: Scalar) -> float | None:
    """Return a number, or a text that is a JSON number, as a number."""
    if isinstance(found, str):
        if len(found) > 400 or not _JSON_NUMBER.fullmatch(found):
            return None
        number = float(found)
        return number if number not in (float("inf"), float("-inf")) else None
    return found if isinstance(found, (int, float)) and not isinstance(found, bool) else None


def _time_test(part: str, compare: Callable[[float, float], bool], bound: float) -> ValueTest:
    def test(found: Scalar) -> bool:
        number = part_of(part, found)
        return number is not None and compare(number, bound)

    return test
