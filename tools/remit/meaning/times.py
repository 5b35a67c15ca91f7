"""Parts of a time, in UTC."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from remit.content import Scalar
from remit_enrichment.times import read_time

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_PARTS: Mapping[str, Callable[[datetime], int]] = {
    "minute": lambda moment: moment.minute,
    "hour": lambda moment: moment.hour,
    "day": lambda moment: moment.day,
    "week": lambda moment: moment.isocalendar().week,
    "month": lambda moment: moment.month,
    "year": lambda moment: moment.year,
}


def part_of(name: str, value: Scalar) -> int | None:
    """Return a part of a time (`week` is the ISO week), None where the value does not read as a time."""
    ms = read_time(value)
    if ms is None:
        return None
    try:
        return _PARTS[name](_EPOCH + timedelta(milliseconds=ms))
    except OverflowError:
        return None
