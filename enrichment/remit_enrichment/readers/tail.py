"""One growing file: what is new in it, and how far it was read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import BinaryIO

from remit_enrichment import scan
from remit_enrichment.document import BLANKS, trim
from remit_enrichment.readers.files import read_blocks
from remit_enrichment.readers.lines import BLOCK, GZIP_MAGIC, lines
from remit_enrichment.readers.live import held_first
from remit_enrichment.readers.position import BEGIN, MARK, Position, after, begun, first_bytes, holds, marked, stamp
from remit_enrichment.readers.record import Chunk, Record, records_of

SETTLED = 1.0
"""Seconds without a change after which a complete last line needs no line break and a packed file is whole."""
RETIRE = 5.0
"""Seconds without a change after which a rotated file is closed: its writer may take a while to open the new one."""


class Tail:
    """A file that is read as it grows. It stays the same file when rotation gives it another name."""

    def __init__(self, stream: BinaryIO, path: str, key: str, position: Position, *, rotated: bool) -> None:
        """`rotated`: its writer will open another file next."""
        self.path, self.key, self.rotated = path, key, rotated
        self.moved = True
        """Whether the position was not yet committed."""
        self.ended = False
        """Whether nothing more will come: it is rotated and has not changed for a while."""
        self._stream = stream
        status = os.fstat(stream.fileno())
        self.inode = status.st_ino
        stream.seek(0)
        self._packed = self._stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        self._head = b""
        self._position = position
        self._current: Record | None = None
        self._size = -1
        self._tried: tuple[int, bool, bool] | None = None
        self._checked: tuple[int, int, int] | None = None
        self._replaced = False
        self._changed = time.monotonic() - max(0.0, time.time() - status.st_mtime)

    @property
    def position(self) -> Position:
        """The place behind the last record that was yielded."""
        if self._current is not None:
            position = after(self._current)
            if len(self._head) < min(MARK, position.offset):
                self._head = first_bytes(self._stream)
            self._position = marked(position, self._current.chunk, self._head)
            self._current = None
        return self._position

    def mark(self) -> None:
        """Give a file that was not read yet the marks by which it is known again."""
        if not self._position.head_size:
            self._head = first_bytes(self._stream)
            self._position = begun(self._position, self._head, self.stamp())

    @property
    def quiet(self) -> float:
        """Seconds since it grew last."""
        return time.monotonic() - self._changed

    @property
    def is_replaced(self) -> bool:
        """Whether it was emptied, and maybe filled again, since it was read."""
        now = self.stamp()
        if now != self._checked and not self._packed:
            self._checked = now
            self._replaced = now[1] < self.position.offset or not holds(self._stream, self.position)
        return self._replaced

    def restart(self) -> None:
        """Begin again: the file was emptied."""
        self._current, self._position, self._head, self._size, self.moved = None, BEGIN, b"", -1, True
        self._tried, self._checked, self._replaced = None, None, False

    def stamp(self) -> tuple[int, int, int]:
        """Return what changes when the file changes."""
        return stamp(self._stream.fileno())

    def read(self) -> Iterator[Record]:
        """Yield what is new; a line without a line break only once it is sure to be whole."""
        size = os.fstat(self._stream.fileno()).st_size
        if size != self._size:
            if self._size >= 0:
                self._changed = time.monotonic()
            self._size = size
        settled, final = self.quiet > SETTLED, self.rotated and self.quiet > RETIRE
        trial = (size, settled, final)
        if trial == self._tried:
            return
        self._tried = trial
        if self._packed:
            if settled:
                self._stream.seek(0)
                yield from self._taken(read_blocks(self._stream, self.path, self.position))
        elif size > self.position.offset:
            yield from self._taken(self._grown(final=final, settled=settled))
        self.ended = final

    def close(self) -> None:
        self._stream.close()

    def _taken(self, records: Iterator[Record]) -> Iterator[Record]:
        for record in records:
            self._current, self.moved = record, True
            yield record

    def _grown(self, *, final: bool, settled: bool) -> Iterator[Record]:
        start = self.position
        self._stream.seek(start.offset)
        found: Iterator[Chunk] = lines(iter(lambda: self._stream.read(BLOCK), b""), start.offset, start.line)
        if start.offset == 0 or start.record:
            found = held_first(found, ended=lambda: final)
        for chunk in found:
            if not chunk.closed and chunk.kind == "line" and not final and not (settled and _is_complete(chunk.raw)):
                return
            for record in records_of(chunk, self.path):
                if chunk.offset != start.offset or record.record >= start.record:
                    yield record


def _is_complete(raw: bytes) -> bool:
    body = trim(raw)
    return body[:1] in (b"{", b"[") and scan.value_end(body, 0) == len(body.rstrip(BLANKS))
