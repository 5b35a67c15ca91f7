from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit_enrichment.registry.times import NoTime, read_day, read_time, step


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:01z", 1000),
        ("1970-01-01 01:00:00 +01:00", 0),
        ("1970-01-01T00:00Z", 0),
        ("1970-01-01T00:00:00.1234567Z", 123),
        ("1970-01-01T00:00:00.5Z", 500),
        ("1969-12-31T23:59:59.999Z", -1),
        ("1970-01-01T05:30:00+0530", 0),
        ("1969-12-31T19:00:00-05", 0),
    ],
)
def test_a_time_with_a_zone_is_read(text: str, milliseconds: int) -> None:
    assert read_time(text) == milliseconds


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-01-31T09:00:00", "has no zone"),
        ("2026-01-31", "is a day without a time"),
        ("2026-02-30T00:00:00Z", "does not exist"),
        ("2026-01-31T24:00:00Z", "does not exist"),
        ("2026-01-31T23:59:60Z", "does not exist"),
        ("2026-01-31T09:00:00+25:00", "does not exist"),
        ("tomorrow", "is no time"),
        ("1767225600", "is no time"),
        ("2026-1-31T09:00:00Z", "is no time"),
        ("2026-01-31T09:00:00Z ", "is no time"),
        ("٢٠٢٦-01-31T09:00:00Z", "is no time"),
    ],
)
def test_anything_else_says_why_not(text: str, why: str) -> None:
    with pytest.raises(NoTime) as refusal:
        read_time(text)

    assert refusal.value.args[0] == why


def test_a_day_is_its_first_moment_in_utc() -> None:
    assert read_day("1970-01-02") == 86_400_000
    assert read_day("1970-01-01T00:00:01Z") == 1000
    with pytest.raises(NoTime, match="does not exist"):
        read_day("2026-02-30")


@given(st.datetimes(timezones=st.builds(lambda m: timezone(timedelta(minutes=m)), st.integers(-840, 840))))
def test_every_time_that_python_writes_is_read_to_the_millisecond(moment: datetime) -> None:
    if moment.astimezone(UTC).year in range(2, 9999):
        assert read_time(moment.isoformat()) == (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def test_a_time_in_whole_seconds_has_their_resolution() -> None:
    assert step("2026-01-31T09:00:00Z") == 1000
    assert step("2026-01-31T09:00:00.000Z") == 1
