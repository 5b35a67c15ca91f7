"""Where enriched records go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Sink(Protocol):
    """Takes finished lines in order."""

    def write(self, lines: Sequence[bytes]) -> None:
        """Take the lines, without line breaks.

        Raises:
            BadInput: they cannot be written; says where and what to do.
        """
        ...

    def flush(self) -> None:
        """Return when everything written so far is out of this process."""
        ...
