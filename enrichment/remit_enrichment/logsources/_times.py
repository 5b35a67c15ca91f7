"""Times that log sources write, with their resolution; no locale, no zone but UTC guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from remit_enrichment.times import read_time

_MONTHS = {name: n for n, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)}
_JAVA = re.compile(
    r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d\d):(\d\d)[ \u202f\u00a0]([AP])M(?: (?:UTC|GMT))?", re.ASCII
)


def iso_time(value: str) -> tuple[int, int] | None:
    """(milliseconds, resolution in milliseconds) of an RFC 3339 time, also with the blank that data lakes write."""
    if value[10:11] == " ":
        value = f"{value[:10]}T{value[11:]}"
    time = read_time(value)
    return None if time is None else (time, 1 if "." in value else 1000)


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
    return round(moment.timestamp()) * 1000
