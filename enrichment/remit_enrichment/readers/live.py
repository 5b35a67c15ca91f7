"""Read a stream as it comes: nothing waits for what may never follow."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from remit_enrichment import scan
from remit_enrichment.document import MAX_RECORD, trim
from remit_enrichment.readers.files import as_document, may_go_on, opens_a_value
from remit_enrichment.readers.lines import BLOCK, Blocks, lines
from remit_enrichment.readers.record import Chunk, Record, records_of

WAIT = 0.2
"""Seconds between two looks at whether the run shall end."""
LEFT = 1024 * 1024
"""Bytes that are still taken from a pipe when the run shall end: as much as a pipe can hold."""

Idle = Callable[[], None]
"""Called before a wait: hand on what is finished."""
Stopped = Callable[[], bool]
"""Whether the operator has asked the run to end."""


class Pipe:
    """A descriptor that is read as soon as it has something, and that is at its end when the run shall end."""

    def __init__(self, descriptor: int, idle: Idle, stopped: Stopped) -> None:
        self._descriptor, self._idle, self._stopped = descriptor, idle, stopped
        self._rest = LEFT

    def read(self, size: int = BLOCK) -> bytes:
        """Return what is there, at most `size` bytes; nothing at the end."""
        if not self._ready(0):
            self._idle()
            while not self._stopped() and not self._ready(WAIT):
                pass
        if not self._stopped():
            return os.read(self._descriptor, size)
        # Whoever wrote into the pipe may be gone already, and what stands in it is nowhere else.
        if self._rest <= 0 or not self._ready(0):
            return b""
        data = os.read(self._descriptor, self._rest)
        self._rest -= len(data)
        return data

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._descriptor], [], [], seconds)[0])


def read_pipe(descriptor: int, name: str, idle: Idle, stopped: Stopped) -> Iterator[Record]:
    """Yield the records of a pipe as they come."""
    blocks = Blocks(cast(BinaryIO, Pipe(descriptor, idle, stopped)))
    last = Chunk(b"", 0, 0, 0, 1)
    for last in held_first(lines(blocks)):
        yield from records_of(last, name)
    if blocks.trouble and not stopped():
        end = Chunk(b"", last.end_line, last.end, last.end, last.end_line, closed=False, kind="trouble")
        yield Record({}, {}, b"", name, end, problem=blocks.trouble)


def held_first(stream: Iterator[Chunk], *, ended: Callable[[], bool] = lambda: True) -> Iterator[Chunk]:
    """Yield lines, the first one held while it may be the beginning of a document, for at most MAX_RECORD bytes.

    `ended` says, when the stream has no more, whether none will come; else an incomplete document is not yielded.
    """
    first = next((chunk for chunk in stream if trim(chunk.raw) or chunk.sha256), None)
    if first is None:
        return
    if not opens_a_value(first):
        yield first
        yield from stream
        return
    held = [first]
    size = len(first.raw)
    depth = scan.depth_after(first.raw)
    check = 2
    for chunk in stream:
        held.append(chunk)
        size += len(chunk.raw) + 1
        depth = None if depth is None or chunk.sha256 else scan.depth_after(chunk.raw, depth)
        if depth is None or depth <= 0 or size > MAX_RECORD:
            break
        if len(held) == check:  # a broken first line must not hold back the good ones behind it
            check *= 2
            if not may_go_on(_joined(held)):
                break
    else:
        if not ended():
            return
    whole = as_document(_joined(held), first) if depth == 0 else None
    if whole is None:
        yield from held
    else:
        yield whole
    yield from stream


def _joined(held: list[Chunk]) -> bytes:
    return b"".join(chunk.raw + (b"\n" if chunk.closed else b"") for chunk in held)
