"""What reads as a time where no log source says so."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)


def read_time(value: Any) -> int | None:
    """Return milliseconds since 1970 UTC; None where the value is no time.

    Readable are RFC 3339 with `T` and seconds (without a zone it is UTC), a number of 10 digits (seconds) and one of 13
    (milliseconds).
    """
    if isinstance(value, str):
        if _RFC3339.fullmatch(value) is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MILLISECOND
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if 10**9 <= value < 10**10:
        return int(value * 1000)
    return int(value) if 10**12 <= value < 10**13 else None
