"""Comparisons that only ES|QL can make: two fields with each other, and parts of a time.

Every expression ends in `COALESCE(…, false)`: ES|QL is three-valued, a rule is not. Run on 8.19 against the oracle.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from sigma.types import SigmaCompareExpression, SigmaFieldReference, SigmaTimestampPart, SigmaType, TimestampPart

from remit.targets.elastic.fields import Field, Unsayable
from remit.targets.elastic.terms import Term
from remit.targets.elastic.text import esql_string

_SEPARATOR = "\ue000"
"""A private character, which stands between the values of a field where they are looked through as one text."""
_RESERVED = frozenset(
    "and as asc by desc dissect drop enrich eval false first from grok in info is keep last like limit lookup match"
    " metadata mv_expand not null nulls on or rename rlike row show sort stats true where with".split()
)
ISO_TIME = r"/[0-9]{4}\-[0-9]{2}\-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+\-][0-9]{2}:[0-9]{2})?/"


EPOCH = "([1000000000 TO 10000000000} OR [1000000000000 TO 10000000000000})"
"""Numbers of 10 digits are seconds, of 13 milliseconds."""


class Native(Struct, frozen=True):
    """An expression of ES|QL, with what else must hold of the document."""

    alternatives: tuple[tuple[Term | None, str], ...]
    """Any of them; each where its guard, in `query_string` syntax, holds too."""
    names: tuple[tuple[Field, str], ...]
    """The columns that it reads, each with its field."""
    condition: str | None = None
    """What must hold for it to be exact."""


def is_native(value: SigmaType) -> bool:
    """Whether `query_string` has no way to make this comparison."""
    if isinstance(value, SigmaCompareExpression):
        return isinstance(value.number, SigmaTimestampPart)
    return isinstance(value, (SigmaFieldReference, SigmaTimestampPart))


def column(name: str) -> str:
    """Return a column name, each part quoted that is more than a plain word."""
    return ".".join(
        part
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", part) and part.lower() not in _RESERVED
        else f"`{part.replace('`', '``')}`"
        for part in name.split(".")
    )


def referring(field: Field, other: Field, value: SigmaFieldReference, name: str) -> Native:
    """Return the comparison of a field with another; `name` is what the rule calls that one.

    Raises `Unsayable`."""
    if field.folded is None or other.folded is None:
        raise Unsayable("fieldref", "the fields are not indexed in lower case")
    names: tuple[tuple[Field, str], ...] = ((field, field.folded), (other, other.folded))
    mine, theirs = column(field.folded), column(other.folded)
    if value.starts_with or value.ends_with:
        return Native(((None, _holding(mine, theirs, value)),), names, f"`{name}` has one value")
    equal = [_common(mine, theirs)]
    if field.number and other.number:
        # 7 and 7.0 are one number and two texts.
        equal.append(_common(f"MV_DEDUPE({column(field.number)})", f"MV_DEDUPE({column(other.number)})"))
        names += ((field, field.number), (other, other.number))
    return Native(tuple((None, expression) for expression in equal), names)


def _common(one: str, other: str) -> str:
    """Two columns of distinct values have one in common: together they have fewer than one after the other."""
    return f"COALESCE(MV_COUNT(MV_DEDUPE(MV_APPEND({one}, {other}))) < MV_COUNT({one}) + MV_COUNT({other}), false)"


def _holding(mine: str, theirs: str, value: SigmaFieldReference) -> str:
    """Some value of one column begins with, ends with or holds the value of the other."""
    mark = esql_string(_SEPARATOR)
    all_of_mine = f"CONCAT({mark}, MV_CONCAT({mine}, {mark}), {mark})"
    sought = [f"MV_MIN({theirs})"]
    if not value.ends_with:
        sought.insert(0, mark)
    if not value.starts_with:
        sought.append(mark)
    text = sought[0] if len(sought) == 1 else f"CONCAT({', '.join(sought)})"
    return f"COALESCE(LOCATE({all_of_mine}, {text}) > 0, false)"


_Compare = SigmaCompareExpression.CompareOperators
_OPERATORS: dict[Any, Callable[[int, float], bool]] = {
    _Compare.LT: operator.lt,
    _Compare.LTE: operator.le,
    _Compare.GT: operator.gt,
    _Compare.GTE: operator.ge,
}
_SIGNS: dict[Any, str] = {_Compare.LT: "<", _Compare.LTE: "<=", _Compare.GT: ">", _Compare.GTE: ">="}
_TEXTUAL = {
    # How the printed time goes on before and behind the part: `2026-11-01T23:10:00.000Z`.
    TimestampPart.MONTH: (range(1, 13), ".*-({})-..T.*"),
    TimestampPart.DAY: (range(1, 32), ".*-({})T.*"),
    TimestampPart.HOUR: (range(24), ".*T({}):.*"),
    TimestampPart.MINUTE: (range(60), ".*T..:({}):.*"),
}
"""Parts of two digits: all their values, and the pattern that a time with one of them fits."""


def time_part(field: Field, value: SigmaType, name: str) -> Native:
    """Return the comparison of a part of a time, in UTC; `name` is what the rule calls the field.

    Raises `Unsayable`."""
    if field.date is None:
        raise Unsayable("time part", "the field is not indexed as a time")
    order = value.op if isinstance(value, SigmaCompareExpression) else None
    part = value.number if isinstance(value, SigmaCompareExpression) else value
    assert isinstance(part, SigmaTimestampPart)  # noqa: S101 - the caller has asked `is_native`
    names: tuple[tuple[Field, str], ...] = ((field, field.date),)
    # A number, or a date without a time of day, would be read as a time too.
    guard = Term(field.text, ISO_TIME) if field.text else None
    ways: list[tuple[Term | None, str]] = [(guard, _part(column(field.date), part, order))]
    one_value = part.timestamp_part is TimestampPart.WEEK
    if field.number and not field.iso:
        number = column(field.number)
        milliseconds = f"MV_MIN({number}) * CASE(MV_MIN({number}) < 10000000000, 1000, 1)"
        ways.append((Term(field.number, EPOCH), _part(f"TO_DATETIME(TO_LONG({milliseconds}))", part, order)))
        names += ((field, field.number),)
        one_value = True
    return Native(tuple(ways), names, f"`{name}` has one value" if one_value else None)


def _part(date: str, part: SigmaTimestampPart, order: Any) -> str:
    if part.timestamp_part in _TEXTUAL:
        return _of_digits(f"TO_STRING({date})", part, order)
    if part.timestamp_part is TimestampPart.YEAR:
        return _of_year(date, part, order)
    # The week of its Thursday: that is the ISO week.
    week = f'DATE_EXTRACT("aligned_week_of_year", DATE_TRUNC(1 week, MV_MIN({date})) + 3 days)'
    return f"COALESCE({week} {_SIGNS.get(order, '==')} {part}, false)"


def _of_digits(printed: str, part: SigmaTimestampPart, order: Any) -> str:
    """The part stands in the printed time, which several times of a list share."""
    values, pattern = _TEXTUAL[part.timestamp_part]
    holds = operator.eq if order is None else _OPERATORS[order]
    wanted = [f"{number:02}" for number in values if holds(number, part.number)]
    if not wanted:
        return "false"
    return f'COALESCE(MV_CONCAT({printed}, "|") RLIKE {esql_string(pattern.format("|".join(wanted)))}, false)'


def _of_year(date: str, part: SigmaTimestampPart, order: Any) -> str:
    if order is None:
        years = f'MV_CONCAT(TO_STRING({date}), "|")'
        return f"COALESCE({years} RLIKE {esql_string(f'(.*[|])?{part}-.*')}, false)"
    nearest = f"MV_MIN({date})" if order in (_Compare.LT, _Compare.LTE) else f"MV_MAX({date})"
    return f'COALESCE(DATE_EXTRACT("year", {nearest}) {_SIGNS[order]} {part}, false)'
