"""Times as the registry writes them (RFC 3339, always with a zone), read into milliseconds since 1970-01-01 UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt]|[ \t]+)(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?"
    r"[ \t]*(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?",
    re.ASCII,
)
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NoTime(ValueError):
    """Text that is no time; `args[0]` says why, `args[1]` what to write."""


@lru_cache(maxsize=65536)
def read_time(text: str) -> int:
    """Return the time in milliseconds; digits beyond them are cut.

    Raises:
        NoTime: no such time exists, it has no zone, or it is a day without a time.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        if _DAY.fullmatch(text):
            raise NoTime("is a day without a time", f"write {text}T00:00:00Z if that is meant")
        raise NoTime("is no time", "write it like 2026-01-31T09:00:00Z")
    year, month, day, hour, minute, second, fraction, zulu, sign, zone_hours, zone_minutes = match.groups()
    if not (zulu or sign):
        raise NoTime("has no zone", "end it with Z or an offset like +01:00")
    try:
        offset = timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
        zone = timezone(-offset if sign == "-" else offset)
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=zone)
    except ValueError:
        raise NoTime("does not exist", "check day, hour and offset") from None
    return (moment - _EPOCH) // timedelta(milliseconds=1) + int((fraction or "0")[:3].ljust(3, "0"))


@lru_cache(maxsize=65536)
def read_day(text: str) -> int:
    """Return the time, or 00:00 UTC of a day that is written alone.

    Raises:
        NoTime: as `read_time`.
    """
    match = _DAY.fullmatch(text)
    if match is None:
        return read_time(text)
    try:
        return (date(*map(int, match.groups())) - _EPOCH.date()).days * 86_400_000
    except ValueError:
        raise NoTime("does not exist", "check month and day") from None


def step(text: str) -> int:
    """Return the resolution in milliseconds in which a readable time was written: 1000 without a fraction, else 1."""
    return 1 if "." in text else 1000
