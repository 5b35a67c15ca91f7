"""Times as log sources write them."""

from __future__ import annotations

import pytest

from remit_enrichment.logsources._times import iso_time, java_time


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-04-12T09:00:00Z", (1775984400000, 1000)),
        ("2026-04-12T11:00:00+02:00", (1775984400000, 1000)),
        ("2026-04-12T09:00:00", (1775984400000, 1000)),
        ("2026-04-12 09:00:00", (1775984400000, 1000)),
        ("2026-04-12T09:00:00.125Z", (1775984400125, 1)),
        ("2026-04-12T09:00:00.123456789Z", (1775984400123, 1)),
        ("1969-12-31T23:59:59.999Z", (-1, 1)),
    ],
)
def test_iso_times_are_read_in_utc_with_their_resolution(written: str, read: tuple[int, int]) -> None:
    assert iso_time(written) == read


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "2026-04-12",
     "2026-W01-1", "20260412T090000Z", "2026-13-12T09:00:00Z", "2026-04-12T09:00Z",
     "٢٠٢٦-04-12T09:00:00Z", "2026-04-12T09:00:00Z\n"],
)  # fmt: skip
def test_what_is_no_full_time_is_not_guessed(written: str) -> None:
    assert iso_time(written) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Oct 2, 2019, 11:12:29 PM", 1570057949000),
        ("Mar 23, 2016, 12:39:57 AM", 1458693597000),
        ("Jul 18, 2014 4:07:39\u202fPM", 1405699659000),
        ("Foo 18, 2014, 4:07:39 PM", None),
        ("Feb 31, 2014, 4:07:39 PM", None),
    ],
)
def test_times_inside_of_aws_parameters(written: str, read: int | None) -> None:
    assert java_time(written) == read
