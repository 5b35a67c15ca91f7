"""A correlation on its way to a query: its rules compiled, its columns found, its schedule said."""

from __future__ import annotations

import re
from pathlib import Path

from remit.content import Correlation, Rule, Threshold
from remit.meaning.correlation import check
from remit.targets import Query
from remit.targets.elastic.fields import Field, Unsayable
from remit.targets.elastic.native import column
from remit.targets.elastic.search import Search
from remit.targets.elastic.windows import Member, query, refusal

_UNITS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
ACCEPTED_LAG = 5 * _UNITS["m"]
"""How late an event may arrive and still be counted."""


def compile_correlation(
    correlation: Correlation, pipeline: str | Path, index: str | None, language: str | None, folder: Path
) -> Query:
    """Return the ES|QL query of a correlation.

    Raises `Refused` and `BadInput`."""
    check(correlation)
    if language == "lucene":
        raise refusal(correlation, "CORR_TARGET", "query_string counts nothing; ES|QL does")
    lookback = _lookback(correlation)
    searches = [_search(correlation, at, pipeline, index, folder) for at in range(len(correlation.refs))]
    members = [_member(correlation, search) for search in searches]
    read = ",".join(dict.fromkeys(search.index for search in searches))
    text = query(correlation, members, read, searches[0].source.time)
    conditions = dict.fromkeys(condition for search in searches for condition in search.lucene.conditions)
    reads = {found for search in searches for found in (*search.lucene.reads, *search.source.time_reads)}
    return Query(
        query=text,
        language="esql",
        index=read,
        pipeline=searches[0].source.name,
        proof="conditional",
        conditions=(*conditions, lookback),
        reads=tuple(sorted(reads)),
    )


def _search(correlation: Correlation, at: int, pipeline: str | Path, index: str | None, folder: Path) -> Search:
    ref, base = correlation.refs[at], correlation.bases[at]
    if not isinstance(base, Rule):
        raise refusal(correlation, "CORR_NESTED", "the time of an alert is not the time of an event")
    counted = correlation.condition.fields if isinstance(correlation.condition, Threshold) else ()
    names = [correlation.aliases.get(name, {}).get(ref, name) for name in (*correlation.group_by, *counted)]
    return Search(base, pipeline, index, folder, names)


def _member(correlation: Correlation, search: Search) -> Member:
    try:
        columns = [_column(search, field) for field in search.fields()]
    except Unsayable as error:
        raise refusal(correlation, "CORR_KEY_TYPE", f"{error.construct}: {error.why}") from None
    keys = len(correlation.group_by)
    return Member(condition=search.condition(), keys=tuple(columns[:keys]), values=tuple(columns[keys:]))


def _column(search: Search, field: Field) -> str:
    """Return a column of the field's canonical text."""
    name = field.text or field.address or field.number or field.boolean
    if name is None or field.type == "flattened" or field.is_object:
        kind = "object" if field.is_object else field.type
        raise Unsayable(f"a field of type {kind}", "ES|QL has no column of its text")
    search.lucene.note([(field, name)], [])
    return column(name) if field.text else f"TO_STRING({column(name)})"


def _lookback(correlation: Correlation) -> str:
    """Say what a scheduled run must read, or refuse a schedule that reads less."""
    schedule = correlation.custom.schedule
    needed = correlation.timespan + _milliseconds(schedule.interval) + ACCEPTED_LAG
    said = correlation.custom_source.get("schedule", {}).get("lookback")
    if said is not None and _milliseconds(str(said)) < needed:
        why = f"its schedule reads {said} back and needs {_spelled(needed)} to see every window whole"
        raise refusal(correlation, "CORR_LOOKBACK", why)
    return (
        f"each run reads the last {_spelled(needed)}: the span of {_spelled(correlation.timespan)}, the interval of"
        f" {schedule.interval}, and {_spelled(ACCEPTED_LAG)} for events that arrive late"
    )


def _milliseconds(duration: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]*)([smhd])", duration)
    assert found is not None, duration  # noqa: S101 - the loader has seen to it
    return int(found[1]) * _UNITS[found[2]]


def _spelled(milliseconds: int) -> str:
    unit = next(unit for unit in ("d", "h", "m", "s") if milliseconds % _UNITS[unit] == 0)
    return f"{milliseconds // _UNITS[unit]}{unit}"
