"""Read the times that log sources write, without locale and without guessing a zone other than UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,](\d{1,9}))?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
_MONTHS = {
    name: number
    for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)
}  # fmt: skip
_JAVA = re.compile(
    r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d\d):(\d\d)[ \u202f\u00a0]([AP])M(?: (?:UTC|GMT))?", re.ASCII
)


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def iso_time(value: str) -> tuple[int, int] | None:
    """(milliseconds, resolution in milliseconds) of an ISO 8601 date and time with seconds; no zone means UTC."""
    match = _ISO.fullmatch(value)
    if match is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return milliseconds(moment), 1 if match[1] else 1000


def java_time(value: str) -> int | None:
    """Milliseconds of `Oct 2, 2019, 11:12:29 PM`, in which AWS writes times inside of parameters (UTC)."""
    match = _JAVA.fullmatch(value)
    if match is None or match[1] not in _MONTHS:
        return None
    hour = int(match[4]) % 12 + (12 if match[7] == "P" else 0)
    try:
        moment = datetime(
            int(match[3]), _MONTHS[match[1]], int(match[2]), hour, int(match[5]), int(match[6]), tzinfo=UTC
        )
    except ValueError:
        return None
    return milliseconds(moment)
