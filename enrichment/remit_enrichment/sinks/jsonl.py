"""Write lines to a file or to standard output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from remit_enrichment.errors import BadInput


class JsonLines:
    """A sink of one line a record."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name = stream, name

    def write(self, lines: Sequence[bytes]) -> None:
        if not lines:
            return
        try:
            self._stream.write(b"\n".join(lines))
            self._stream.write(b"\n")
        except BrokenPipeError:
            raise
        except OSError as error:
            raise cannot_write(self._name, error) from error

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise cannot_write(self._name, error) from error


def cannot_write(name: str, error: OSError) -> BadInput:
    """Return the error of a full disk or a missing permission, with what to do."""
    todo = "make room or give permission, then run the same command again"
    return BadInput(f"cannot be written ({error.strerror})", where=name, todo=todo)
