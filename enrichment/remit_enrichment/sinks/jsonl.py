"""Write lines to a file or to a stream such as standard output."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import BinaryIO

from remit_enrichment.errors import BadInput


class JsonLines:
    """A sink of one line a record on a stream that somebody else opened."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name = stream, name

    def write(self, lines: Sequence[bytes]) -> None:
        if lines:
            self._write(b"\n".join(lines) + b"\n")

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise cannot_write(self._name, error) from error

    def _write(self, data: bytes) -> None:
        try:
            self._stream.write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise cannot_write(self._name, error) from error


class LinesFile:
    """A file of lines that can be cut back to where a checkpoint was."""

    def __init__(self, path: str, length: int = 0, *, mode: int = 0o666) -> None:
        """Open the file, create it where it is missing, and cut it to `length` bytes. `mode`: who may read it.

        Raises:
            BadInput: it cannot be opened, or is shorter than it was.
        """
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, mode)
            if mode == 0o600:
                os.fchmod(self._file, mode)
            self.regular = os.path.isfile(path)
            held = os.fstat(self._file).st_size
            if self.regular and held < length:
                os.close(self._file)
                what = f"has {held} bytes, but {length} were written and committed"
                raise BadInput(what, where=path, todo="put it back, or move it away to start a new one")
            if self.regular and held > length:
                os.ftruncate(self._file, length)
            if self.regular:
                os.lseek(self._file, length, os.SEEK_SET)
        except OSError as error:
            raise cannot_write(path, error) from error
        self.length = length
        """Bytes written, those of earlier runs included."""

    def write(self, lines: Sequence[bytes]) -> None:
        if not lines:
            return
        data = memoryview(b"\n".join(lines) + b"\n")
        self.length += len(data)
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def flush(self) -> None:
        """Nothing waits in this process."""

    def sync(self) -> None:
        """Return when everything written is on disk."""
        if not self.regular:
            return
        try:
            os.fsync(self._file)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def close(self) -> None:
        os.close(self._file)


def cannot_write(name: str, error: OSError) -> BadInput:
    """Return the error of a full disk or a missing permission, with what to do."""
    todo = "make room or give permission, then run the same command again"
    return BadInput(f"cannot be written ({error.strerror})", where=name, todo=todo)
