from __future__ import annotations

import io
import sys

import pytest

from remit.progress import Progress, progress_line


@pytest.mark.parametrize(
    ("done", "total", "records", "seconds", "line"),
    [
        (50, 200, 1000, 10.0, " 25%  1,000 records, 100 a second, 0:00:30 left"),
        (1, 7200, 5, 1.0, "  0%  5 records, 5 a second, 1:59:59 left"),
        (200, 200, 9, 3.0, "100%  9 records, 3 a second, 0:00:00 left"),
        (0, 200, 0, 1.0, "0 records, 0 a second"),
        (300, 200, 9, 1.0, "9 records, 9 a second"),
        (0, 0, 0, 0.0, "0 records"),
    ],
)
def test_it_says_share_rate_and_time_left(done: int, total: int, records: int, seconds: float, line: str) -> None:
    assert progress_line(done, total, records, seconds) == line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "shown"), [(Terminal(), True), (io.StringIO(), False)])
def test_only_a_terminal_sees_it(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, shown: bool) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr("remit.progress.EVERY", 0.0)

    progress = Progress()
    progress.tell(1, 2, 3)
    progress.clear()

    assert bool(stream.getvalue()) is shown
