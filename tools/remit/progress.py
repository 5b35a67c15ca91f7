"""How far a run over files has come, for somebody who watches it in a terminal."""

from __future__ import annotations

import sys
import time

EVERY = 0.3
"""Seconds between two changes of the line."""


class Progress:
    """One line on standard error that is written over; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._started = self._told = time.monotonic()
        self._shown = sys.stderr.isatty()

    def tell(self, done: int, total: int, records: int) -> None:
        """Show how far it is. `done` and `total` are bytes as they lie on disk."""
        now = time.monotonic()
        if self._shown and now - self._told >= EVERY:
            self._told = now
            sys.stderr.write(f"\r\x1b[K{progress_line(done, total, records, now - self._started)}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def progress_line(done: int, total: int, records: int, seconds: float) -> str:
    """Return share, records, rate and the time that is left."""
    line = f"{records:,} records, {records / seconds:,.0f} a second" if seconds > 0 else f"{records:,} records"
    if not 0 < done <= total:
        return line
    left = round(seconds * (total - done) / done)
    return f"{done / total:4.0%}  {line}, {left // 3600}:{left // 60 % 60:02d}:{left % 60:02d} left"
